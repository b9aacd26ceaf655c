"""Fixtures: a machine for each file, and the registry within it, which is there when asked for."""

import os
import pathlib

import pytest

from ecr_server.client import ACCESS_KEY, SECRET_KEY, EcrServer
from integration.conftest import pytest_sessionstart  # noqa: F401  there must be a program to test

from .machine import CannotBoot, Machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORT = 8080
ENVIRONMENT = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{PORT}", "AWS_EC2_METADATA_DISABLED": "true"}
CREDENTIALS = f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
FILES = {
    "/etc/systemd/system.conf.d/aws.conf":
        "[Manager]\nDefaultEnvironment=" + " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items()) + "\n",
    "/root/.aws/credentials": CREDENTIALS,
}


@pytest.fixture(scope="module")
def machine(request, tmp_path_factory):
    """Booted with the files of FILES, and those that the test file calls FILES."""
    if os.getuid() != 0:
        pytest.skip("namespaces for systemd are made by root")
    if not os.path.exists("/lib/systemd/systemd"):
        pytest.skip("systemd is not installed")
    try:
        booted = Machine(tmp_path_factory.mktemp("machine"), {**FILES, **getattr(request.module, "FILES", {})})
    except CannotBoot as reason:
        pytest.skip(f"systemd cannot be booted in namespaces here: {reason}")
    with booted:
        yield booted


@pytest.fixture
def registry(machine):
    """The local ECR server, which only the machine can reach; gone when the test ends."""
    with EcrServer(preset="mixed", port=PORT, within=machine.command(kinds=["--net"])) as server:
        yield server


def example(name):
    """The text of a file that is installed as an example."""
    return (ROOT / name).read_text()
