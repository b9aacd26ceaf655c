"""IAM Identity Center (the portal and its OIDC service) and the sign-in of `aws login`, at one address."""

import hashlib
import json
import time
import urllib.parse

from .local_http import LocalHttp
from .role_keys import RoleKeys

START_URL = "https://d-123.awsapps.com/start"
LOGIN_SESSION = "arn:aws:iam::123456789012:user/me"


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class FakePortal(LocalHttp):
    """`tokens`: those that are accepted. `token_lifetime_s`: of renewed ones. `refusals`: {path: (status, document)}."""

    def __init__(self, server):
        super().__init__()
        self.keys = RoleKeys(server, "PORT")
        self.tokens = {"access-0"}
        self.token_lifetime_s = 3600
        self.n_renewed = 0
        self.refusals = {}

    @property
    def environment(self):
        return {f"AWS_ENDPOINT_URL_{name}": self.url for name in ("SSO", "SSO_OIDC", "SIGNIN")}

    def asked(self, path):
        """The requests for it so far."""
        return [request for request in self.requests if request.path.partition("?")[0] == path]

    def answer(self, request):
        path = request.path.partition("?")[0]
        status, document = self.refusals.get(path) or self._answer(request, path)
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def _answer(self, request, path):
        if (request.method, path) == ("GET", "/federation/credentials"):
            return self._role_credentials(request)
        if (request.method, path) in (("POST", "/token"), ("POST", "/v1/token")):
            return self._renew(request, path)
        return 404, {"message": "no such path"}

    def _role_credentials(self, request):
        query = urllib.parse.parse_qs(request.path.partition("?")[2])
        if request.headers.get("x-amz-sso_bearer_token") not in self.tokens:
            return 401, {"message": "Session token not found or invalid"}
        if query.get("role_name") != ["Read Only"]:
            return 403, {"message": "No access"}
        keys = self.keys()
        return 200, {"roleCredentials": {
            "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"], "sessionToken": keys["Token"],
            "expiration": self.keys.made[-1][1] * 1000}}

    def _renew(self, request, path):
        question = json.loads(request.body)
        if question["refreshToken"] != f"refresh-{self.n_renewed}":
            return 400, {"error": "invalid_grant", "error_description": "it was used"}
        self.n_renewed += 1
        answer = {"refreshToken": f"refresh-{self.n_renewed}", "expiresIn": self.token_lifetime_s}
        if path == "/token":
            token = f"access-{self.n_renewed}"
            self.tokens.add(token)
            return 200, {"accessToken": token, "tokenType": "Bearer", **answer}
        keys = self.keys()
        return 200, {"accessToken": {
            "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["Token"]}, **answer}


def config(form="session"):
    """The config file: the profile `default`, in either form."""
    shared = f"sso_region = us-east-1\nsso_start_url = {START_URL}\n"
    profile = "[default]\nsso_account_id = 123456789012\nsso_role_name = Read Only\n"
    return profile + (f"sso_session = my-sso\n[sso-session my-sso]\n{shared}" if form == "session" else shared)


def log_in(home, left_s=3600, form="session", **members):
    """Leaves a token in the cache, as `aws sso login` does. Answers the path."""
    name = "my-sso" if form == "session" else START_URL
    path = home / ".aws/sso/cache" / (hashlib.sha1(name.encode()).hexdigest() + ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    renewal = {} if form != "session" else {
        "refreshToken": "refresh-0", "clientId": "client", "clientSecret": "client-secret",
        "registrationExpiresAt": utc(86400)}
    path.write_text(json.dumps({"startUrl": START_URL, "region": "us-east-1", "accessToken": "access-0",
                                "expiresAt": utc(left_s), **renewal, **members}))
    return path
