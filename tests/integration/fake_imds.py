"""EC2's instance metadata service, version 2: no token, no answer."""

import json

from .local_http import LocalHttp
from .role_keys import RoleKeys

ROOT = "/latest/meta-data/"
TTL = "x-aws-ec2-metadata-token-ttl-seconds"


class FakeImds(LocalHttp):
    """`role` None: the instance has none. `failure`: the document instead of credentials, with 200."""

    def __init__(self, server):
        super().__init__()
        self.keys = RoleKeys(server, "INST")
        self.role = "app-role"
        self.region = "eu-central-1"
        self.failure = None
        self.has_tokens = True
        self._tokens = {}
        self._n_tokens = 0

    @property
    def environment(self):
        # Else the tests are of machines without.
        return {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url}

    def forget_tokens(self):
        """As after a restart."""
        self._tokens = {}

    def answer(self, request):
        if (request.method, request.path) == ("PUT", "/latest/api/token"):
            return self._give_token(request)
        if request.headers.get("x-aws-ec2-metadata-token") not in self._tokens:
            return 401, {}, b""
        status, text = self._look_up(request.path)
        return status, {"Content-Type": "text/plain"}, text.encode()

    def _give_token(self, request):
        if not self.has_tokens:
            return 404, {}, b""
        ttl = request.headers.get(TTL, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return 400, {}, b""
        self._n_tokens += 1
        token = f"token-{self._n_tokens}=="
        self._tokens[token] = True
        return 200, {TTL: ttl}, token.encode()

    def _look_up(self, path):
        roles = ROOT + "iam/security-credentials/"
        if path == ROOT + "placement/region":
            return 200, self.region
        if path == ROOT + "placement/availability-zone/":
            return 200, self.region + "a"
        if path == roles and self.role:
            return 200, self.role
        if path == roles + str(self.role):
            return 200, json.dumps(self.failure or {"Code": "Success", "Type": "AWS-HMAC", **self.keys()})
        return 404, "<html>404 - Not Found</html>"
