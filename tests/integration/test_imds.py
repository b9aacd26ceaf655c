"""Credentials and region of an EC2 instance, by its metadata service."""

import os
import subprocess
import sys

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, until
from .fake_imds import FakeImds


@pytest.fixture
def imds(server):
    with FakeImds(server) as running:
        yield running


@pytest.fixture
def instance(mount, imds):
    """A function that mounts with nothing but what the instance has."""
    return lambda **options: mount(environment=imds.environment, **{"region": None, **options})


def used(server, what):
    return {call[what] for call in server.log()}


def test_nothing_but_the_instance(server, instance, imds):
    fs = instance(log_level="debug")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert used(server, "access_key") == set(imds.keys.access_keys)
    assert used(server, "region") == {"eu-central-1"}
    assert imds.count("PUT") == 1  # for region, role and credentials
    assert imds.count("GET") == 3
    assert fs.log_lines("AWS credentials from iam-role")
    assert not any(word in fs.log for word in ("secret/of+", "token/of+", "token-1=="))


@pytest.mark.parametrize("how", ["option", "registry", "variable"])
def test_a_region_that_is_known_is_not_asked_for(server, mount, imds, how):
    environment = {**imds.environment, **({"AWS_REGION": "us-west-2"} if how == "variable" else {})}
    registry = "012345678910.dkr.ecr.us-west-2.amazonaws.com" if how == "registry" else "012345678910"
    fs = mount(registry, environment=environment, region="us-west-2" if how == "option" else None)
    os.listdir(fs.root)
    assert used(server, "region") == {"us-west-2"}
    assert not [request for request in imds.requests if "region" in request.path]


def test_a_token_that_imds_has_forgotten(server, instance, imds):
    imds.keys.lifetime_s = 3
    fs = instance(ttl=0)
    os.listdir(fs.root)
    imds.forget_tokens()

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return len(imds.keys.made) > 1
    until(read_on, "the credentials are renewed")
    assert imds.count("PUT") == 2


def test_credentials_of_seconds_never_fail_a_read(server, instance, imds):
    imds.keys.lifetime_s = 3
    fs = instance(ttl=0)

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return len(imds.keys.made) > 3
    until(read_on, "the credentials are renewed thrice", timeout_s=30)
    assert {outcome for of_one in server.stats()["outcomes"].values() for outcome in of_one} == {"ok"}
    assert imds.count("PUT") == 1


def test_without_a_role(instance, imds, server):
    imds.role = None
    fs = instance()
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("no AWS credentials, looked at", "iam-role (the instance has no role)")
    assert server.calls() == 0


def test_a_role_that_cannot_be_assumed(instance, imds):
    imds.failure = {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role app-role"}
    fs = instance()
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("metadata service", "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role app-role")


def test_where_nobody_answers(instance, imds, server):
    """As in a container that the answer to the question for a token does not reach: one second, and not for each
    name. That it does not last until the deadline is seen from the errno."""
    imds.hold()
    fs = instance()
    for name in range(5):
        assert errno_of(os.listdir, fs.root / f"name{name}") == "EIO"
    assert imds.count("PUT") <= 2
    assert imds.count("GET") == 0
    assert fs.log_lines("no AWS region", f"{imds.url}/: nobody answers")
    assert server.calls() == 0


def test_credentials_where_nobody_answers(instance, imds, server):
    imds.hold()
    fs = instance(region="us-east-1")
    for name in range(5):
        assert errno_of(os.listdir, fs.root / f"name{name}") == "ENOKEY"
    assert imds.count("PUT") <= 2
    assert fs.log_lines("no AWS credentials, looked at", f"iam-role ({imds.url}/: nobody answers)")
    imds.release()
    until(lambda: errno_of(os.listdir, fs.root) is None, "the mount works once there are some")


def test_version_1_is_not_spoken(instance, imds):
    imds.has_tokens = False
    fs = instance(region="us-east-1")
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert imds.count("GET") == 0


def test_switched_off(mount, imds):
    fs = mount(environment={**imds.environment, "AWS_EC2_METADATA_DISABLED": "True"}, region=None)
    assert errno_of(os.listdir, fs.root) == "EIO"
    assert imds.requests == []


def test_credentials_that_have_ended_are_used_on(server, instance, imds):
    """EC2 could not renew them, and AWS knows it."""
    imds.keys.lifetime_s = -60
    imds.keys.outlast = True
    fs = instance(ttl=0)
    for _ in range(3):
        os.listdir(fs.root)
    assert len(imds.keys.made) == 1
    assert fs.log_lines("AWS credentials from iam-role have expired", "used on")


def test_an_outage_does_not_stop_the_mount(server, instance, imds):
    imds.keys.lifetime_s = 3
    imds.keys.outlast = True
    fs = instance(ttl=0)
    os.listdir(fs.root)
    imds.hold()

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return fs.log_lines("AWS credentials from iam-role have expired", "used on")
    until(read_on, "the credentials have ended", timeout_s=30)
    assert errno_of(os.listdir, fs.root) is None
    assert used(server, "access_key") == {imds.keys.access_keys[0]}


def test_a_role_may_start_from_it(server, mount, imds):
    (mount.home / ".aws").mkdir()
    (mount.home / ".aws/config").write_text(f"[profile reader]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/reader\n"
                                            "credential_source = Ec2InstanceMetadata\n")
    environment = {**imds.environment, "AWS_ENDPOINT_URL_STS": server.endpoint}
    os.listdir(mount(environment=environment, profile="reader", region=None).root)
    call, = server.log("AssumeRole")
    assert call["access_key"] == imds.keys.access_keys[0]
    assert imds.keys.access_keys[0] not in {call["access_key"] for call in server.log("DescribeRepositories")}


def test_check_names_it(check, imds):
    result = check(environment=imds.environment, region=None)
    assert result.failures() == []
    assert "iam-role" in result.of("credentials")["message"]
    assert "eu-central-1" in result.text


def test_botocore_finds_the_same(server, mount, instance, imds):
    program = ("import botocore.session as s; c = s.get_session().get_credentials().get_frozen_credentials(); "
               "print(c.access_key, c.secret_key, c.token); "
               "from botocore.utils import IMDSRegionProvider as P; print(P(s.get_session()).provide())")
    done = subprocess.run([sys.executable, "-c", program], env=mount.environment(imds.environment),
                          capture_output=True, text=True, check=True)
    *keys, region = done.stdout.split()
    assert keys == list(imds.keys.made[0][0].values())
    os.listdir(instance().root)
    assert used(server, "access_key") == {keys[0]}
    assert used(server, "region") == {region}
