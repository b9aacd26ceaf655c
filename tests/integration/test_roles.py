"""Roles: by source profiles and by a token in a file; their refresh under load, in trouble, and after a refusal."""

import os
import threading

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from .checks import errno_of, until
from .mount import KEYS, option_text

ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
TOKEN = "eyJhbGciOiJub25lIn0.e30.TOPSECRET"
SOURCE = f"[profile source]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
READER = f"[profile reader]\nrole_arn = {ROLE}reader\nsource_profile = source\n"


@pytest.fixture
def sts(server):
    """The variables of a mount that asks this STS."""
    return {"AWS_ENDPOINT_URL_STS": server.endpoint}


@pytest.fixture
def config(mount):
    """A function that writes the config file."""
    (mount.home / ".aws").mkdir()
    return (mount.home / ".aws/config").write_text


@pytest.fixture
def token(tmp_path, sts):
    """The token file of a web identity; its variables are in `sts`."""
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    sts |= {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": ROLE + "pod"}
    return path


def list_all(fs):
    return sorted(os.listdir(fs.root))


def role_calls(server):
    """(operation, who signed it, role) of the calls that assumed roles."""
    return [(call["operation"], call["access_key"], call["body"]["RoleArn"].rpartition("/")[2])
            for call in server.log() if call["operation"].startswith("AssumeRole")]


def used_keys(server):
    """The keys with which ECR was called, in the order of their first use."""
    return list(dict.fromkeys(call["access_key"] for call in server.log() if "RoleArn" not in (call["body"] or {})))


@pytest.mark.parametrize("form", ["asked", "xml"])
def test_a_role_is_assumed_with_the_keys_of_its_source_profile(server, mount, sts, config, form):
    server.config(sts_format=form)
    config(SOURCE + READER + "external_id = a/b c\nduration_seconds = 900\n")
    fs = mount(environment=sts, profile="reader")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    list_all(fs)
    assert role_calls(server) == [("AssumeRole", ACCESS_KEY, "reader")]
    body = server.log("AssumeRole")[0]["body"]
    assert (body["ExternalId"], body["DurationSeconds"]) == ("a/b c", "900")
    assert body["RoleSessionName"].startswith(f"ecrfs-{fs.pid}-")
    key, = used_keys(server)
    assert key.startswith("ASIA")


def test_roles_are_chained(server, mount, sts, config):
    config(SOURCE + READER + f"[profile audit]\nrole_arn = {ROLE}audit\nsource_profile = reader\n")
    fs = mount(environment={**sts, "AWS_PROFILE": "audit"})
    list_all(fs)
    (_, first, reader), (_, second, audit) = role_calls(server)
    assert (first, reader, audit) == (ACCESS_KEY, "reader", "audit") and second.startswith("ASIA")
    assert used_keys(server)[0] not in (first, second)


def test_a_role_of_the_environment(server, mount, sts, config):
    config(f"[profile reader]\nrole_arn = {ROLE}reader\ncredential_source = Environment\n")
    fs = mount(environment={**sts, **KEYS}, profile="reader")
    list_all(fs)
    assert role_calls(server) == [("AssumeRole", ACCESS_KEY, "reader")]


def test_a_web_identity_is_enough(server, mount, sts, token):
    fs = mount(environment=sts, log_level="debug")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert role_calls(server) == [("AssumeRoleWithWebIdentity", None, "pod")]
    assert server.log("AssumeRoleWithWebIdentity")[0]["body"]["WebIdentityToken"] == TOKEN
    assert "TOPSECRET" not in fs.log and "token/" not in fs.log


def test_a_relative_token_file_is_that_of_the_start(server, mount, sts, token, tmp_path):
    """The daemon works in /."""
    point = mount.new_point()
    done = mount.run("-o", option_text(mount.default_options()), ACCOUNT, point, cwd=tmp_path,
                     environment={**sts, "AWS_WEB_IDENTITY_TOKEN_FILE": token.name})
    assert done.returncode == 0, done.stderr
    assert "team" in os.listdir(point / ACCOUNT)


def test_short_sessions_are_refreshed_while_many_read(server, mount, sts, token):
    """Nobody sees an error, one refresh serves all, and the token file is read each time."""
    server.config(sts_lifetime_s=4)
    fs = mount(environment=sts, ttl="0", negative_ttl="0")
    errors, finished = [], threading.Event()

    def scan():
        while not finished.is_set():
            errors.extend(filter(None, [errno_of(list_all, fs), errno_of(os.stat, fs.root / "team/v1")]))
    threads = [threading.Thread(target=scan) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        server.wait(calls={"AssumeRoleWithWebIdentity": 2}, timeout_s=30)
        token.write_text("another.token")
        server.wait(calls={"AssumeRoleWithWebIdentity": 4}, timeout_s=30)
    finally:
        finished.set()
        for thread in threads:
            thread.join()
    assert errors == []
    tokens = [call["body"]["WebIdentityToken"] for call in server.log("AssumeRoleWithWebIdentity")]
    assert tokens[0] == TOKEN and tokens[-1] == "another.token"
    used, assumed = used_keys(server), len(tokens)
    assert assumed - 1 <= len(used) <= assumed
    assert {call["outcome"] for call in server.log()} == {"ok"}


def test_a_failed_refresh_takes_nothing_away(server, mount, sts, token):
    server.config(sts_lifetime_s=16)
    fs = mount(environment=sts, ttl="0", max_attempts=1)
    list_all(fs)
    server.config(sts_errors={"AssumeRoleWithWebIdentity": "InternalFailure"}, sts_lifetime_s=None)

    def refresh_failed():
        assert errno_of(list_all, fs) is None
        return server.calls("AssumeRoleWithWebIdentity") >= 2
    until(refresh_failed, "a refresh in the last quarter", timeout_s=30)
    assert errno_of(list_all, fs) is None
    until(lambda: fs.log_lines("could not be renewed", "until they expire"), "a line in the log")
    server.config(sts_errors={})


def test_works_as_soon_as_the_role_can_be_assumed(server, mount, sts, token):
    token.unlink()
    fs = mount(environment=sts)
    assert errno_of(list_all, fs) == "ENOKEY"
    assert fs.log_lines("cannot read the token file", "AWS_WEB_IDENTITY_TOKEN_FILE")
    token.write_text(TOKEN)
    until(lambda: errno_of(list_all, fs) is None, "the token is found")


@pytest.mark.parametrize("code, errno, words", [
    ("AccessDenied", "EACCES", "sts:AssumeRole for the role"),
    ("ExpiredToken", "EKEYEXPIRED", "renew the credentials that the role is assumed with"),
    ("RegionDisabledException", "EIO", "activate STS for the region"),
])
def test_refusals_say_what_to_do(server, mount, sts, config, code, errno, words):
    server.config(sts_errors={"AssumeRole": code})
    config(SOURCE + READER)
    fs = mount(environment=sts, profile="reader")
    assert errno_of(list_all, fs) == errno
    assert fs.log_lines(f"AssumeRole of {ROLE}reader", code, words)
    assert server.calls("DescribeRepositories") == 0


def test_expired_in_the_eyes_of_ecr(server, mount, sts, config):
    """One forced refresh and one more try; the reader sees nothing of it."""
    config(SOURCE + READER)
    fs = mount(environment=sts, profile="reader", ttl="0")
    list_all(fs)
    old, = used_keys(server)
    server.expire_credential(old)
    assert errno_of(list_all, fs) is None
    assert len(role_calls(server)) == 2
    assert len(server.log("DescribeRepositories")) == 3
    assert [call["outcome"] for call in server.log("DescribeRepositories")] == ["ok", "ExpiredTokenException", "ok"]


@pytest.mark.parametrize("text, words", [
    (f"[profile reader]\nrole_arn = {ROLE}r\n", "neither source_profile nor credential_source"),
    (f"[profile reader]\nrole_arn = {ROLE}r\nsource_profile = reader\n", "leads in a circle"),
    (SOURCE + READER + "mfa_serial = arn\n", "mfa_serial, which a mount cannot ask a code for"),
])
def test_roles_that_cannot_be_assumed(server, mount, sts, config, text, words):
    config(text)
    fs = mount(environment=sts, profile="reader")
    assert errno_of(list_all, fs) == "ENOKEY"
    assert fs.log_lines("no AWS credentials", words)
    assert server.calls() == 0
