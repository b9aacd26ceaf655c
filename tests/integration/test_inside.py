"""Whoever is in a directory, or has it open, while ECR cannot be reached: nobody looks at its name, which would have the
registry listed."""

import contextlib
import os
import time

import pytest

from .checks import calls, forget_calls, listings, read
from .test_stale import UNREACHABLE

TTL_S = 1
KINDS = {kind: UNREACHABLE[kind] for kind in ("slow", "throttling")}


@pytest.fixture
def start(mount):
    """A function that mounts what is too old after a second."""
    def start(**options):
        return mount(**{"ttl": f"{TTL_S}s", "negative_ttl": f"{TTL_S}s", "stale_after": "300ms", "max_attempts": 1,
                        "timeout": "1m", "read_timeout": "1m", **options})
    return start


@contextlib.contextmanager
def inside(path):
    """A path that leads to the directory without a look at its name, as from a shell that is in it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def trouble(server, **fault):
    """ECR cannot be reached, and all that was told is too old; nobody waits for longer than `stale_after`, which is far
    less than the minute of `timeout`."""
    time.sleep(TTL_S + 0.2)
    server.fault(**fault)
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 30


def names(directory):
    return sorted(os.listdir(directory))


@pytest.mark.parametrize("kind", UNREACHABLE)
def test_the_names_of_a_repository_are_shown(server, start, kind):
    fs = start()
    expected = names(fs.root / "charts/web")
    with inside(fs.root / "charts/web") as here, trouble(server, **UNREACHABLE[kind]):
        for _ in range(3):
            assert names(here) == expected
            time.sleep(0.5)


def test_no_refresh_is_awaited_behind_another(server, start):
    """Of the registry's listing, and then of the tags."""
    fs = start()
    expected = names(fs.root / "charts/web")
    with inside(fs.root / "charts/web") as here, trouble(server, **UNREACHABLE["slow"]):
        server.reset()
        assert names(here) == expected
        server.wait(held=2)


def test_two_listings_are_asked_for(server, start):
    """Whether it is an image of its parent, too, the registry's listing tells."""
    fs = start()
    with inside(fs.root / "charts/web") as here:
        os.listdir(here)
        time.sleep(TTL_S + 0.2)
        forget_calls(server)
        os.listdir(here)
    assert calls(server) == {"DescribeRepositories": 1, "DescribeImages": 1}
    assert [body["repositoryName"] for body in listings(server)] == ["charts/web"]


def test_it_is_no_matter_how_many_pages_the_registry_has(server, start):
    """The first page shows the parent, which is no repository; the others do not come."""
    server.config(page_size=8)
    fs = start()
    expected = names(fs.root / "charts/web")
    os.listdir(fs.root)
    with inside(fs.root / "charts/web") as here:
        time.sleep(TTL_S + 0.2)
        server.fault("hold", operation="DescribeRepositories", after=1)
        server.fault(**UNREACHABLE["throttling"], operation="DescribeImages")
        assert names(here) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_that_no_listing_has_shown(server, start, kind):
    fs = start()
    os.listdir(fs.root)
    server.push("brandnew", tag="v1")
    digest = read(fs.root / "brandnew/v1/digest")
    assert names(fs.root / "brandnew") == ["v1"]
    with inside(fs.root / "brandnew") as here, trouble(server, **KINDS[kind]):
        for _ in range(2):
            assert names(here) == ["v1"]
            assert read(f"{here}/v1/digest") == digest
        assert names(fs.root / "brandnew") == ["v1"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_namespace_that_has_become_a_repository(server, start, kind):
    """And what lies below it an image of it."""
    server.push("svc/app", tag="v1")
    fs = start(ttl="2s")
    os.listdir(fs.root)
    server.push("svc", tag="app")
    server.push("svc", tag="v2")
    assert read(fs.root / "svc/v2/digest")
    with inside(fs.root / "svc/app") as here, inside(fs.root / "svc") as above:
        expected, digest = names(here), read(f"{here}/digest")
        assert {"digest", "v1"} < set(expected) and names(above) == ["app", "v2"]
        time.sleep(1)
        with trouble(server, **KINDS[kind]):
            assert read(f"{here}/digest") == read(fs.root / "svc/app/digest") == digest
            assert names(here) == names(fs.root / "svc/app") == expected
            assert names(above) == names(fs.root / "svc") == ["app", "v2"]


@pytest.mark.parametrize("kind", KINDS)
def test_that_it_is_no_image_of_its_parent_was_told_by_name(server, start, kind):
    """Nobody has listed the tags of the parent."""
    server.push("team/other", tag="v1")
    fs = start()
    assert names(fs.root / "team/other") == ["v1"]
    with inside(fs.root / "team/other") as here, trouble(server, **KINDS[kind]):
        assert names(here) == names(fs.root / "team/other") == ["v1"]


@pytest.mark.parametrize("listed", [True, False], ids=["tags listed", "not"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_the_repository(server, start, kind, listed):
    fs = start()
    os.listdir(fs.root / "team" if listed else fs.root)
    policy = read(fs.root / "team/policy.json")
    with inside(fs.root / "team") as here, trouble(server, **KINDS[kind]):
        assert read(f"{here}/policy.json") == read(fs.root / "team/policy.json") == policy


@pytest.mark.parametrize("kind", KINDS)
def test_its_directories_of_digests(server, start, kind):
    fs = start()
    expected = names(fs.root / "charts/web/.digests")
    with inside(fs.root / "charts/web") as here, trouble(server, **KINDS[kind]):
        assert names(f"{here}/.digests") == names(fs.root / "charts/web/.digests") == expected
        assert names(f"{here}/.untagged") == []


def test_a_file_is_found_while_the_registry_cannot_be_listed(server, start):
    """Whether the directory is an image, its parent is asked at once."""
    fs = start(stale_ttl="0")
    digest = read(fs.root / "team/app/digest")
    with inside(fs.root / "team/app") as here, trouble(server, action="hold", operation="DescribeRepositories"):
        assert read(f"{here}/digest") == digest
