"""Credentials of a container's role: ECS, EKS Pod Identity."""

import os
import subprocess
import sys

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, read, until
from .fake_container import FakeContainer

SECRET_WORDS = ("secret/of+", "token/of+", "pod-token")


@pytest.fixture
def container(server):
    with FakeContainer(server) as running:
        yield running


def used_keys(server):
    return {call["access_key"] for call in server.log()}


def outcomes(server):
    return {outcome for of_one in server.stats()["outcomes"].values() for outcome in of_one}


def test_nothing_but_the_url(server, mount, container):
    fs = mount(environment=container.environment, log_level="debug")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert used_keys(server) == set(container.keys.access_keys)
    assert len(container.requests) == 1
    assert fs.log_lines("AWS credentials from container-role")
    assert not any(word in fs.log for word in SECRET_WORDS)


def test_the_token_of_a_file_is_read_for_each_question(server, mount, container, tmp_path):
    """kubelet replaces it."""
    container.keys.lifetime_s = 4
    container.token = "pod-token-1"
    path = tmp_path / "token"
    path.write_text(container.token)
    fs = mount(environment={**container.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token-of-old",
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)}, ttl=0)
    os.listdir(fs.root)
    container.token = "pod-token-2"
    path.write_text(container.token)

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return len(container.keys.made) > 1
    until(read_on, "the credentials are renewed")
    assert {request.headers["authorization"] for request in container.requests} == {"pod-token-1", "pod-token-2"}
    assert outcomes(server) == {"ok"}


def test_a_wrong_token_is_an_error_that_says_why(mount, container, server):
    container.token = "pod-token-1"
    fs = mount(environment={**container.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token-2"})
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("container's endpoint", "HTTP 401, InvalidToken: this is not the token of the pod")
    assert not fs.log_lines("iam-role")
    assert server.calls() == 0


def test_another_host_is_not_asked_in_the_clear(mount, server):
    fs = mount(environment={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://ecrfs.invalid/v1",
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token"})
    assert errno_of(os.listdir, fs.root) == "EIO"
    assert fs.log_lines("not allowed to ecrfs.invalid; use https")
    assert "pod-token" not in fs.log
    assert server.calls() == 0


def test_an_endpoint_that_hangs(mount, container):
    """Three attempts of 2 s end before the 15 s that a request may take."""
    container.hold()
    fs = mount(environment=container.environment)
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    assert len(container.requests) == 3
    assert fs.log_lines("is the agent that gives the container its role running?")
    container.release()
    until(lambda: errno_of(os.listdir, fs.root) is None, "the mount works once the agent does", timeout_s=30)


def test_credentials_of_seconds_never_fail_a_read(server, mount, container):
    container.keys.lifetime_s = 3
    fs = mount(environment=container.environment, ttl=0)

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return len(container.keys.made) > 3
    until(read_on, "the credentials are renewed thrice", timeout_s=30)
    calls(server)
    assert outcomes(server) == {"ok"}
    assert set(container.keys.access_keys[:3]) <= used_keys(server) <= set(container.keys.access_keys)


def test_nobody_waits_while_credentials_are_renewed(server, mount, container):
    container.keys.lifetime_s = 12
    fs = mount(environment=container.environment, ttl=0)
    os.listdir(fs.root)
    container.hold()

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return container.waiting
    until(read_on, "the renewal is under way", timeout_s=30)
    before = calls(server)
    assert errno_of(read, fs.manifest("team", "v1")) is None
    assert container.waiting == 1
    assert calls(server) != before
    assert used_keys(server) == {container.keys.access_keys[0]}
    container.release()


def test_a_role_may_start_from_it(server, mount, container):
    (mount.home / ".aws").mkdir()
    (mount.home / ".aws/config").write_text(f"[profile reader]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/reader\n"
                                            "credential_source = EcsContainer\n")
    fs = mount(environment={**container.environment, "AWS_ENDPOINT_URL_STS": server.endpoint}, profile="reader")
    os.listdir(fs.root)
    assert [call["access_key"] for call in server.log("AssumeRole")] == container.keys.access_keys
    assert container.keys.access_keys[0] not in {call["access_key"] for call in server.log("DescribeRepositories")}


def test_botocore_finds_the_same(server, mount, container):
    environment = mount.environment({**container.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token-1"})
    container.token = "pod-token-1"
    program = ("import botocore.session as s; c = s.get_session().get_credentials(); "
               "print(c.method, c.access_key, c.secret_key, c.token)")
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    method, *keys = done.stdout.split()
    assert method == "container-role"
    assert keys == list(container.keys.made[0][0].values())
    fs = mount(environment={**container.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod-token-1"})
    os.listdir(fs.root)
    assert used_keys(server) == {keys[0]}
    first, second = container.requests
    names = ("accept", "authorization")
    assert [first.headers[name] for name in names] == [second.headers[name] for name in names]
