"""Old answers rather than none: what is served past its TTL, while ECR is slow, throttles or cannot be reached."""

import contextlib
import os
import time
import urllib.error

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import errno_of, metrics, read, run, until
from .expected import tree, tree_of

SHORT = "200ms"
UNREACHABLE = {
    "slow": {"action": "hold"},
    "throttling": {"action": "error", "code": "ThrottlingException", "message": "Rate exceeded"},
    "failing": {"action": "error", "code": "ServerException", "message": "try later"},
    "closing": {"action": "close"},
}
# What ECR is asked for, each by a question of its own. `held` is a descriptor of a manifest.
ANSWERS = {
    "repositories": lambda fs, held: sorted(os.listdir(fs.root)),
    "tags": lambda fs, held: sorted(os.listdir(fs.root / "team/app")),
    "a listed tag": lambda fs, held: read(fs.tag("team", "v1") / "digest"),
    "a tag by name": lambda fs, held: read(fs.root / "charts/web:1.0.0/digest"),
    "bytes": lambda fs, held: unbuffered(held),
}


def unbuffered(descriptor):
    """The bytes of an open file, without what the kernel has of them."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return os.pread(descriptor, 1 << 20, 0)


class Held:
    """A mount that has given each of the answers, and has an open manifest; and its server."""

    def __init__(self, server, fs):
        self.server, self.fs = server, fs
        os.listdir(fs.root / "team")
        self._descriptor = os.open(fs.manifest("team", "v1"), os.O_RDONLY | os.O_CLOEXEC)
        self.before = {name: self.get(name) for name in ANSWERS}

    def get(self, name):
        return ANSWERS[name](self.fs, self._descriptor)

    def asked(self):
        """How many calls have begun at the server or, where it is gone, have failed."""
        with contextlib.suppress(urllib.error.URLError):
            return self.server.calls()
        return sum(value for name, value in metrics(self.fs).items() if name.startswith("ecrfs_api_calls_total"))

    def close(self):
        os.close(self._descriptor)


@pytest.fixture
def held(mount):
    """A function that makes one, on a server of its own."""
    with contextlib.ExitStack() as stack:
        def make(**options):
            server = stack.enter_context(EcrServer())
            fs = mount(**{"endpoint_url": server.endpoint, "ttl": SHORT, "negative_ttl": SHORT, "digest_ttl": SHORT,
                          "stale_after": "300ms", "max_attempts": 1, "readahead": "off", **options})
            return stack.enter_context(contextlib.closing(Held(server, fs)))
        yield make


CAUSES = {
    "slow": (lambda server: server.fault("hold"), "ETIMEDOUT"),
    "throttling": (lambda server: server.fault(**UNREACHABLE["throttling"]), "EBUSY"),
    "gone": (lambda server: server.stop(), "ECONNREFUSED"),
}


@pytest.mark.parametrize("begin, _", CAUSES.values(), ids=CAUSES)
def test_each_kind_of_answer_is_served(held, begin, _):
    """No refresh is awaited for longer than `stale_after`: one that is slow takes the minute of `timeout`."""
    world = held(timeout="1m", read_timeout="1m")
    begin(world.server)
    started = time.monotonic()
    for name, expected in world.before.items():
        asked = world.asked()

        def asked_in_vain():
            assert world.get(name) == expected, name
            return world.asked() > asked
        until(asked_in_vain, f"ECR is asked for {name} again")
        assert world.get(name) == expected, name
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("begin, errno", CAUSES.values(), ids=CAUSES)
def test_no_kind_of_answer_is_served_after_stale_ttl(held, begin, errno):
    world = held(stale_ttl="1ms", timeout="600ms", read_timeout="1m")
    begin(world.server)
    for name in ANSWERS:
        until(lambda name=name: errno_of(world.get, name) == errno, f"{name} is too old")
        assert errno_of(world.get, name) == errno, name


def test_news_that_come_within_stale_after_are_awaited(held):
    world = held(stale_after="30s", timeout="1m")
    world.server.config(latency_ms=300)
    world.server.retag("team", "v1", world.server.tree()[ACCOUNT]["team"]["v2"])
    world.server.push("team/app", tag="new")
    time.sleep(0.3)  # longer than the TTL
    assert world.get("a listed tag") == read(world.fs.tag("team", "v2") / "digest") != world.before["a listed tag"]
    assert "new" in world.get("tags")


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
    for path in ("team/never", "never", "never/seen", "team/app:never", "charts/web/manifest.json", "charts/web/digest",
                 "charts/platforms", "charts/manifest.json"):
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


REFUSALS = {"denied": "AccessDeniedException", "rejected": "UnrecognizedClientException"}


@pytest.mark.parametrize("name", ["repositories", "tags", "bytes"])
@pytest.mark.parametrize("code", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_ends_what_is_served(held, code, name):
    """The old answer is served while ECR throttles; once it has refused, never again, however little it says then."""
    world = held()
    world.server.fault(**UNREACHABLE["throttling"])
    time.sleep(0.3)  # longer than the TTL
    assert world.get(name) == world.before[name]
    world.server.clear_faults()
    world.server.fault("error", code=code, message="no", status=400)
    until(lambda: errno_of(world.get, name) in ("EACCES", "EKEYREJECTED"), "it is refused")
    world.server.clear_faults()
    world.server.fault(**UNREACHABLE["throttling"])
    until(lambda: errno_of(world.get, name) == "EBUSY", "the refusal is too old", timeout_s=20)


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
