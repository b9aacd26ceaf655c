"""Fixtures: one server and one mount for all stories of a test."""

import contextlib

import pytest

from ecr_server.client import EcrServer
from integration.conftest import pytest_sessionstart  # noqa: F401  there must be a program to test

from .stage import Stage


@contextlib.contextmanager
def staged(directory, **times):
    with EcrServer(preset="sample", verify=False) as server:
        with contextlib.closing(Stage(directory, server, **times)) as stage:
            yield stage


@pytest.fixture(scope="session")
def current(tmp_path_factory):
    """A mount that asks for every answer."""
    with staged(tmp_path_factory.mktemp("current")) as stage:
        yield stage


@pytest.fixture(scope="session")
def soon(tmp_path_factory):
    """A mount that believes its answers for a while."""
    with staged(tmp_path_factory.mktemp("soon"), ttl_s=0.05, patience_s=2) as stage:
        yield stage
