"""botocore as the referee: a process that reads questions, one JSON line each, and writes what botocore resolves.

A question has the whole environment and the options. The endpoint and the region are those of a call that is signed and
would be sent.
"""

import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys

import botocore
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.loaders
import botocore.session
import botocore.tokens

from . import portal, sts

VERSION = tuple(int(part) for part in botocore.__version__.split(".")[:2])

TOP = str(pathlib.Path(__file__).resolve().parents[__name__.count(".")])

KINDS = {
    "ProfileNotFound": "no such profile",
    "ConfigParseError": "bad file",
    "PartialCredentialsError": "half a key",
    "NoRegionError": "no region",
    "InvalidRegionError": "bad region",
    "EndpointProviderError": "no such endpoint",
    "EndpointResolutionError": "no such endpoint",
}


def digest(text):
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest() if text else None


def kind(error, otherwise="failed"):
    names = [cls.__name__ for cls in type(error).__mro__]
    return {"error": next((KINDS[name] for name in names if name in KINDS), otherwise), "text": f"{names[0]}: {error}"}


def find_credentials(session):
    def answer_role(request, **_):
        body = request.body if isinstance(request.body, str) else request.body.decode()
        headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
        status, text = sts.answer(body, headers)
        return botocore.awsrequest.AWSResponse(request.url, status, {}, Body(text.encode()))

    session.register("before-send.sts", answer_role)
    try:
        credentials = session.get_credentials()
        if not credentials:
            return {"error": "none"}
        frozen = credentials.get_frozen_credentials()
    except Exception as error:  # odd files make it fall over in many ways
        return kind(error)
    return {"id": frozen.access_key, "secret": digest(frozen.secret_key), "token": digest(frozen.token)}


class Body(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def answer_as_portal(request, **_):
    """What a call to IAM Identity Center gets, which is not sent."""
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    status, document, error = portal.answer(request.url, headers, request.body)
    return botocore.awsrequest.AWSResponse(
        request.url, status, {"x-amzn-ErrorType": error} if error else {}, Body(json.dumps(document).encode()))


# A call of each service.
CALLS = {
    "ecr": ("describe_registry", {}),
    "sts": ("get_caller_identity", {}),
    "sso": ("list_accounts", {"accessToken": "t"}),
    "sso-oidc": ("create_token", {"clientId": "c", "clientSecret": "s", "grantType": "g"}),
}


def find_place(session, options, service="ecr"):
    operation, arguments = CALLS[service]
    sent = []

    def answer(request, **_):
        sent.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, Body(b"{}"))

    try:
        session.get_auth_token = lambda **_: None  # for other services; it may fail where credentials do
        client = session.create_client(
            service, region_name=options.get("region"), endpoint_url=options.get("endpoint_url"),
            aws_access_key_id="AKIDPLACE", aws_secret_access_key="secret", config=botocore.config.Config(
                use_fips_endpoint=options.get("use_fips_endpoint"),
                use_dualstack_endpoint=options.get("use_dualstack_endpoint")))
        client.meta.events.register(f"before-send.{service}", answer)
        getattr(client, operation)(**arguments)
    except Exception as error:  # odd files make it fall over in many ways; and the answer is none
        if service != "ecr" and sent:
            return {"endpoint": sent[0].url}
        return kind(error, "bad URL" if isinstance(error, ValueError) else "failed")
    if service != "ecr":
        return {"endpoint": sent[0].url}
    return {"region": sent[0].headers["Authorization"].decode().split("/")[2], "endpoint": sent[0].url}


def serve():
    loader = botocore.loaders.create_loader()
    for line in sys.stdin:
        question = json.loads(line)
        os.environ.clear()
        os.environ.update(question["variables"])
        options = question["options"]
        session = botocore.session.Session(profile=options.get("profile"))
        for cls in botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider:
            cls._SSO_TOKEN_CACHE_DIR = os.path.expanduser("~/.aws/sso/cache")  # not of the time of the import
        session.register_component("data_loader", loader)
        if question["about"] == "credentials":
            session.register("before-send.sso", answer_as_portal)
            session.register("before-send.sso-oidc", answer_as_portal)
            answer = find_credentials(session)
        else:
            answer = find_place(session, options, question["about"].replace("place", "ecr"))
        print(json.dumps(answer), flush=True)


class Referee:
    """The process, from the side of who asks."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONPATH": TOP})

    def send(self, about, variables, options):
        question = {"about": about, "variables": variables, "options": options}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=60) == 0


if __name__ == "__main__":
    serve()
