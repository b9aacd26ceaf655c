"""Proxies: calls of AWS go through them, what gives a host or container its credentials is asked directly."""

import os

import pytest

from .fake_container import FakeContainer
from .fake_imds import FakeImds
from .fake_proxy import FakeProxy
from .mount import KEYS


@pytest.fixture(params=[FakeContainer, FakeImds], ids=["container", "imds"])
def giver(request, server):
    with request.param(server) as running:
        yield running


@pytest.fixture
def proxy():
    with FakeProxy() as running:
        yield running


def address(url):
    return url.removeprefix("http://")


def test_calls_go_through_the_proxy_and_metadata_do_not(server, mount, giver, proxy):
    fs = mount(environment={**giver.environment, **proxy.environment})
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert proxy.hosts() == {address(server.endpoint)}
    assert len(proxy.requests) == server.calls() > 0
    assert len(giver.requests) >= 1


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_hosts_without_a_proxy(server, mount, giver, proxy, name):
    fs = mount(environment={**giver.environment, **proxy.environment, name: "127.0.0.1"})
    assert "team" in os.listdir(fs.root)
    assert proxy.requests == []
    assert server.calls() > 0


def test_downloads_go_through_the_proxy_as_well(server, mount, proxy):
    fs = mount(environment={**KEYS, **proxy.environment})
    assert (fs.tag("team", "v1") / "config.json").read_bytes()
    hosts = proxy.hosts()
    assert address(server.endpoint) in hosts and len(hosts) == 2  # that of blobs is another one
    assert server.stats()["blob_headers"] == {} and sum(server.stats()["blob_downloads"].values()) == 1
