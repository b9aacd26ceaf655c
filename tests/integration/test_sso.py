"""Credentials of those who logged in with the AWS CLI: IAM Identity Center, and the sign-in of `aws login`."""

import hashlib
import json
import os
import stat
import subprocess
import threading

import pytest

from .checks import errno_of, until
from .fake_portal import LOGIN_SESSION, FakePortal, config, log_in, utc


@pytest.fixture
def portal(server):
    with FakePortal(server) as running:
        yield running


@pytest.fixture
def home(mount):
    (mount.home / ".aws").mkdir()
    (mount.home / ".aws/config").write_text(config())
    return mount.home


def used_keys(server):
    return {call["access_key"] for call in server.log()}


def saved(path):
    return json.loads(path.read_text())


@pytest.mark.parametrize("form", ["session", "old"])
def test_a_token_gets_credentials(server, mount, home, portal, form):
    (home / ".aws/config").write_text(config(form))
    log_in(home, form=form)
    fs = mount(environment=portal.environment, log_level="debug")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert used_keys(server) == set(portal.keys.access_keys)
    request, = portal.requests
    assert request.path == "/federation/credentials?role_name=Read%20Only&account_id=123456789012"
    assert fs.log_lines("AWS credentials from sso")
    assert not any(word in fs.log for word in ("access-0", "refresh-0", "client-secret", "secret/of+", "token/of+"))


def test_any_number_of_readers_ask_once(server, mount, home, portal):
    log_in(home)
    fs = mount(environment=portal.environment)
    portal.hold()
    errors = []
    readers = [threading.Thread(target=lambda: errors.append(errno_of(os.listdir, fs.root))) for _ in range(8)]
    for reader in readers:
        reader.start()
    until(lambda: portal.waiting, "the portal is asked")
    os.listdir(fs.point)  # needs nobody
    portal.release()
    for reader in readers:
        reader.join()
    assert errors == [None] * 8
    assert len(portal.requests) == 1


def test_a_token_that_ends_soon_is_renewed_for_all(server, mount, home, portal):
    path = log_in(home, left_s=60)
    fs = mount(environment=portal.environment)
    os.listdir(fs.root)
    until(lambda: saved(path)["accessToken"] == "access-1", "the file is written")
    assert portal.asked("/federation/credentials")[0].headers["x-amz-sso_bearer_token"] == "access-1"
    assert saved(path)["refreshToken"] == "refresh-1" and saved(path)["startUrl"].startswith("https://")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_botocore_reads_what_was_written_back(mount, home, portal):
    path = log_in(home, left_s=60)
    fs = mount(environment=portal.environment)
    os.listdir(fs.root)
    until(lambda: saved(path)["accessToken"] == "access-1", "the file is written")
    script = ("import botocore.session, botocore.tokens\n"
              "token = botocore.tokens.SSOTokenProvider(botocore.session.Session()).load_token()\n"
              "print(token.get_frozen_token().token)\n")
    read = subprocess.run(["/usr/bin/python3", "-c", script], env=mount.environment({}), capture_output=True, text=True,
                          timeout=60)
    assert read.stdout == "access-1\n", read.stderr


def test_credentials_are_renewed_under_load(server, mount, home, portal):
    portal.keys.lifetime_s = 4
    log_in(home)
    fs = mount(environment=portal.environment, ttl=0)

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return len(portal.keys.made) > 2
    until(read_on, "the credentials are renewed", 30)
    assert {outcome for of_one in server.stats()["outcomes"].values() for outcome in of_one} == {"ok"}


def test_logging_in_heals_the_mount(server, mount, home, portal):
    fs = mount(environment=portal.environment)
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("run `aws sso login --profile default`")
    log_in(home, left_s=-10, refreshToken=None)
    until(lambda: errno_of(os.listdir, fs.root) == "EKEYEXPIRED", "the expired token is seen")
    log_in(home)
    until(lambda: errno_of(os.listdir, fs.root) is None, "the new token is used")


def test_a_token_that_was_revoked(mount, home, portal):
    portal.tokens = {}
    log_in(home)
    fs = mount(environment=portal.environment)
    assert errno_of(os.listdir, fs.root) == "EKEYEXPIRED"
    assert fs.log_lines("HTTP 401", "Session token not found or invalid", "run `aws sso login --profile default`")


def test_a_role_that_is_not_assigned(mount, home, portal):
    (home / ".aws/config").write_text(config().replace("Read Only", "Admin"))
    log_in(home)
    fs = mount(environment=portal.environment)
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("role Admin of account 123456789012", "No access", "sso_role_name of profile default")


def test_the_portal_is_not_there(mount, home, portal):
    log_in(home)
    fs = mount(environment={**portal.environment, "AWS_ENDPOINT_URL_SSO": "http://127.0.0.1:1"})
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"


def test_a_role_whose_source_is_logged_in(server, mount, home, portal):
    (home / ".aws/config").write_text(config().replace("[default]", "[profile base]") + (
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = base\n"))
    log_in(home)
    fs = mount(environment={**portal.environment, "AWS_ENDPOINT_URL_STS": server.endpoint})
    os.listdir(fs.root)
    assert [call["access_key"] for call in server.log("AssumeRole")] == portal.keys.access_keys


def sign_in(home, left_s):
    """Leaves credentials in the cache, as `aws login` does. Answers the path."""
    (home / ".aws/config").write_text(f"[default]\nlogin_session = {LOGIN_SESSION}\nregion = us-east-1\n")
    path = home / ".aws/login/cache" / (hashlib.sha256(LOGIN_SESSION.encode()).hexdigest() + ".json")
    path.parent.mkdir(parents=True)
    key = subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"], capture_output=True,
                         text=True, check=True).stdout
    path.write_text(json.dumps({
        "accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "old", "sessionToken": "old",
                        "accountId": "123456789012", "expiresAt": utc(left_s)},
        "refreshToken": "refresh-0", "clientId": "client", "dpopKey": key}))
    return path


def test_a_sign_in_is_renewed(server, mount, home, portal):
    path = sign_in(home, left_s=60)
    fs = mount(environment=portal.environment)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert used_keys(server) == set(portal.keys.access_keys)
    request, = portal.asked("/v1/token")
    assert request.headers["dpop"].count(".") == 2
    until(lambda: saved(path)["refreshToken"] == "refresh-1", "the file is written")
    assert saved(path)["accessToken"]["accessKeyId"] in portal.keys.access_keys
    assert "PRIVATE KEY" not in fs.log and "refresh-" not in fs.log


def test_a_sign_in_that_is_over(mount, home, portal):
    sign_in(home, left_s=-60)
    portal.refusals["/v1/token"] = 400, {"error": "TOKEN_EXPIRED", "message": "the session is over"}
    fs = mount(environment=portal.environment)
    assert errno_of(os.listdir, fs.root) == "EKEYEXPIRED"
    assert fs.log_lines("the session is over", "run `aws login --profile default`")
