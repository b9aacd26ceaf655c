"""Old answers rather than none: what is served past its TTL, while ECR is slow, throttles or cannot be reached."""

import os

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import errno_of, read, run, until
from .expected import tree, tree_of

SHORT = "200ms"
UNREACHABLE = {
    "slow": {"action": "hold"},
    "throttling": {"action": "error", "code": "ThrottlingException", "message": "Rate exceeded"},
    "failing": {"action": "error", "code": "ServerException", "message": "try later"},
    "closing": {"action": "close"},
}


@pytest.fixture
def warm(server, mount):
    """A mount that has seen everything once, and whose answers are too old soon."""
    server.delete_image("cold/storage", tag="frozen")
    fs = mount(ttl=SHORT, negative_ttl=SHORT, stale_after="300ms", max_attempts=2)
    run("grep", "-r", "schemaVersion", fs.root)
    return fs


def is_old(fs, server):
    """Whether what was known is too old by now: ECR is asked again."""
    server.reset()
    errno_of(os.stat, fs.root / "team/v1")
    return server.calls() > 0


def trouble(server, fs, **fault):
    server.fault(**fault)
    until(lambda: is_old(fs, server), "ECR is asked again")


@pytest.mark.parametrize("kind", UNREACHABLE)
def test_what_was_known_is_served(server, warm, kind):
    expected = tree(server)
    trouble(server, warm, **UNREACHABLE[kind])
    assert tree_of(warm.root) == expected
    assert warm.read("team", "v1") == server.manifest("team", tag="v1")
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    assert read(warm.tag("team", "v1") / "digest").decode() == f"{digest}\n"
    assert digest in read(warm.tag("team", "v1") / "image.json").decode()
    assert server.stats()["outcomes"].get("DescribeImages", {}).get("ok", 0) == 0


@pytest.mark.parametrize("kind", UNREACHABLE)
def test_news_are_seen_when_it_is_over(server, warm, kind):
    trouble(server, warm, **UNREACHABLE[kind])
    new = server.tree()[ACCOUNT]["team"]["v2"]
    server.retag("team", "v1", new)
    server.delete_tag("team/app", "v1")
    os.listdir(warm.root / "team/app")
    server.clear_faults()
    server.release()
    until(lambda: warm.read("team", "v1") == server.manifest("team", digest=new), "the moved tag is seen")
    until(lambda: "v1" not in os.listdir(warm.root / "team/app"), "the deleted tag has gone")


def test_a_server_that_is_gone(mount):
    with EcrServer() as server:
        server.delete_image("cold/storage", tag="frozen")
        fs = mount(ttl=SHORT, negative_ttl=SHORT, endpoint_url=server.endpoint, max_attempts=1)
        run("grep", "-r", "schemaVersion", fs.root)
        expected = tree(server)
        known = {path: read(fs.root / path / "manifest.json") for path in ("team/v1", "team/app/v3")}
    until(lambda: errno_of(os.stat, fs.root / "never") == "ECONNREFUSED", "the server is gone")
    for _ in range(3):
        assert tree_of(fs.root) == expected
        for path, data in known.items():
            assert read(fs.root / path / "manifest.json") == data


def test_an_error_is_no_absence(server, warm):
    """Of a name that was never seen nobody knows, also where a listing does not show it."""
    trouble(server, warm, **UNREACHABLE["throttling"])
    for path in ("team/never", "never", "never/seen", "team/app:never"):
        assert errno_of(os.stat, warm.root / path) == "EBUSY", path


@pytest.mark.parametrize("code, errno", [("AccessDeniedException", "EACCES"), ("UnrecognizedClientException", "EKEYREJECTED")])
def test_a_refusal_is_never_overridden(server, warm, code, errno):
    server.fault("error", code=code, message="no", status=400)
    until(lambda: errno_of(os.listdir, warm.root / "team/app") == errno, "the listing is refused")
    until(lambda: errno_of(read, warm.root / "team/app:v1/manifest.json") == errno, "so are the bytes")
    if code == "AccessDeniedException":  # nobody may check the name any more: it passes for a directory
        assert errno_of(os.stat, warm.root / "team/app:v1") is None
    else:
        until(lambda: errno_of(os.stat, warm.root / "team/app:v1") == errno, "so is a name")


def test_what_is_gone_is_never_shown_again(server, warm):
    server.delete_repository("team/app")
    paths = [warm.root / "team/app/v1", warm.root / "team/app:v1"]
    until(lambda: all(errno_of(os.stat, path) == "ENOENT" for path in paths), "the repository is gone")
    trouble(server, warm, **UNREACHABLE["throttling"])
    for path in paths:
        until(lambda path=path: errno_of(os.stat, path) == "EBUSY", "what ECR said is too old")


@pytest.mark.parametrize("stale_ttl", ["0", "1ms"])
def test_not_for_longer_than_stale_ttl(server, mount, stale_ttl):
    fs = mount(ttl=SHORT, stale_ttl=stale_ttl, max_attempts=1)
    os.listdir(fs.root / "team")
    server.fault(**UNREACHABLE["throttling"])
    until(lambda: errno_of(os.listdir, fs.root / "team") == "EBUSY", "the listing is too old")


def test_credentials_that_expire_and_cannot_be_renewed_count_as_unreachable(server, warm):
    expected = tree(server)
    trouble(server, warm, action="error", code="ExpiredTokenException", message="The security token is expired", status=400)
    assert tree_of(warm.root) == expected
