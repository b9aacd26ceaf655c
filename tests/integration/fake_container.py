"""The endpoint where a container gets the credentials of its role: ECS's, or the agent of EKS Pod Identity."""

import json

from .local_http import LocalHttp
from .role_keys import RoleKeys

PATH = "/v1/credentials"


class FakeContainer(LocalHttp):
    """`token`: who has another one is refused. `refusal`: (status, document) for everybody."""

    def __init__(self, server):
        super().__init__()
        self.keys = RoleKeys(server, "TASK")
        self.token = None
        self.refusal = None

    @property
    def environment(self):
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url + PATH}

    def answer(self, request):
        status, document = self.refusal or self._answer(request)
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def _answer(self, request):
        if (request.method, request.path) != ("GET", PATH):
            return 404, {"code": "NotFound", "message": "no such path"}
        if self.token and request.headers.get("authorization") != self.token:
            return 401, {"code": "InvalidToken", "message": "this is not the token of the pod"}
        return 200, self.keys()
