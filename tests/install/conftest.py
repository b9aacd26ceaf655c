"""Fixtures: the usage text and its options; a server and mounts, as in tests/integration."""

import re
import subprocess

import pytest

# There must be a program to test, and something to mount.
from integration.conftest import mount, process, pytest_sessionstart, server  # noqa: F401
from integration.mount import ECRFS


@pytest.fixture(scope="session")
def usage_text():
    return subprocess.run([ECRFS, "--help"], capture_output=True, check=True, text=True).stdout


@pytest.fixture(scope="session")
def usage_options(usage_text):
    """Names of the options of -o, without values."""
    groups = re.findall(r"^    ([a-z][^ ,\n]*(?:, [^ ,\n]+)*)", usage_text, re.M)
    return [re.sub(r"=.*|NAME=VALUE|ACCOUNT=NAME", "", word) for group in groups for word in group.split(", ")]
