"""Fixtures: one server and mounts of it, for as long as the soak takes."""

import os

import pytest

from ecr_server.client import EcrServer
from integration.conftest import pytest_runtest_makereport, pytest_sessionstart  # noqa: F401  a program; its log
from integration.mount import Mounts

MINUTES = float(os.environ.get("ECRFS_SOAK_MINUTES") or 60)


@pytest.fixture
def server():
    with EcrServer(preset="sample") as running:
        yield running


@pytest.fixture
def mount(server, tmp_path):
    mounts = Mounts(tmp_path, server.endpoint, limit_s=MINUTES * 60 + 900)
    yield mounts
    mounts.close()
