"""An error is not an absence: listings and lookups that fail, are denied, or end half-way. And writes."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, pulls, run, until
from .expected import readable_images, tree, tree_of

PASSING = {"max_attempts": 1, "negative_ttl": "100ms"}
FAULTS = {
    "HTTP 503 html": ({"action": "html"}, "EIO"),
    "ServerException": ({"action": "error", "code": "ServerException"}, "EIO"),
    "throttled": ({"action": "error", "code": "ThrottlingException"}, "EBUSY"),
    "denied": ({"action": "error", "code": "AccessDeniedException"}, "EACCES"),
    "rejected": ({"action": "error", "code": "UnrecognizedClientException"}, "EKEYREJECTED"),
    "expired": ({"action": "error", "code": "ExpiredTokenException"}, "EKEYEXPIRED"),
    "empty 200": ({"action": "empty"}, "EPROTO"),
    "garbage": ({"action": "garbage"}, "EPROTO"),
    "truncated": ({"action": "truncate"}, "EPROTO"),
    "oversized": ({"action": "oversize", "mb": 64}, "EPROTO"),
    "closed": ({"action": "close"}, "EIO EPROTO"),
}


@pytest.fixture(params=FAULTS.values(), ids=FAULTS)
def fault(request):
    rule, errnos = request.param
    return rule, errnos.split()


def recovers(server, fs, errnos):
    """It shows everything: at once, but for a refusal, which is remembered for negative_ttl."""
    server.clear_faults()
    if "EACCES" in errnos:
        until(lambda: errno_of(tree_of, fs.root) is None, "the refusal is forgotten")
    assert tree_of(fs.root) == tree(server)


def test_everything_fails_and_recovers(server, mount, fault):
    rule, errnos = fault
    fs = mount(**PASSING)
    server.fault(**rule)
    assert errno_of(os.listdir, fs.root) in errnos
    assert errno_of(fs.read, "team", "v1") in errnos
    assert errno_of(os.stat, fs.manifest("no-such", "v1")) in errnos
    assert os.listdir(fs.point) == [ACCOUNT]
    recovers(server, fs, errnos)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert errno_of(os.stat, fs.manifest("no-such", "v1")) == "ENOENT"


def test_listing_that_fails_on_a_later_page_is_not_a_short_listing(server, mount):
    server.config(page_size=2)
    fs = mount(**PASSING)
    os.listdir(fs.root)
    server.fault("html", operation="DescribeImages", after=2)
    assert errno_of(os.listdir, fs.root / "team/app") == "EIO"
    run("ls", fs.root / "team/app", code=2)
    server.clear_faults()
    assert set(os.listdir(fs.root / "team/app")) == tree(server)["team/app"]


def test_denied_listings_are_no_absence(server, mount):
    """AWS's managed policy PullOnly allows neither DescribeRepositories nor DescribeImages."""
    server.config(policy="PullOnly")
    fs = mount(**PASSING)
    for path in (fs.root, fs.root / "team", fs.root / "team/app", fs.root / "no-such-repository"):
        assert errno_of(os.listdir, path) == "EACCES"
    assert errno_of(fs.read, "team", "v1") in (None, "EACCES")


def test_read_only_policy_is_enough(server, mount):
    server.config(policy="ReadOnly")
    fs = mount()
    assert tree_of(fs.root) == tree(server)
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)


def test_one_denied_repository_leaves_the_others(server, mount):
    server.config(deny=[{"action": "ecr:*", "repository": "team/app"}])
    fs = mount(**PASSING)
    assert errno_of(os.listdir, fs.root / "team/app") == "EACCES"
    assert errno_of(fs.read, "team/app", "v1") == "EACCES"
    assert fs.read("team/app/deep/nested/name", "only") == server.manifest("team/app/deep/nested/name", tag="only")
    assert set(os.listdir(fs.root / "team")) == {"v1", "v2", "latest", "app"}


def test_throttled_listings_are_retried_until_they_work(server, mount):
    server.fault("error", code="ThrottlingException", operation="DescribeImages", every=2)
    fs = mount()
    assert tree_of(fs.root / "release") == {"": {"immutable", "mostly-immutable"}, **{
        path.removeprefix("release/"): names for path, names in tree(server).items() if path.startswith("release/")}}


def descriptor_closed(opened):
    os.close(opened)


WRITES = {
    "open for write": lambda at: descriptor_closed(os.open(at.manifest, os.O_WRONLY)),
    "open for read and write": lambda at: descriptor_closed(os.open(at.manifest, os.O_RDWR)),
    "open to append": lambda at: descriptor_closed(os.open(at.manifest, os.O_WRONLY | os.O_APPEND)),
    "open to truncate": lambda at: descriptor_closed(os.open(at.manifest, os.O_RDWR | os.O_TRUNC)),
    "create": lambda at: descriptor_closed(os.open(at.tag / "new", os.O_WRONLY | os.O_CREAT)),
    "create a tag": lambda at: descriptor_closed(os.open(at.tag.parent / "new", os.O_WRONLY | os.O_CREAT)),
    "create in the root": lambda at: descriptor_closed(os.open(at.root / "new", os.O_WRONLY | os.O_CREAT)),
    "truncate": lambda at: os.truncate(at.manifest, 0),
    "mkdir": lambda at: os.mkdir(at.tag.parent / "new"),
    "mkfifo": lambda at: os.mkfifo(at.tag / "new"),
    "symlink": lambda at: os.symlink("target", at.tag / "new"),
    "link": lambda at: os.link(at.manifest, at.tag / "new"),
    "unlink": lambda at: os.unlink(at.manifest),
    "rmdir": lambda at: os.rmdir(at.tag),
    "rename": lambda at: os.rename(at.manifest, at.tag / "new"),
    "rename of a tag": lambda at: os.rename(at.tag, at.tag.parent / "new"),
    "chmod": lambda at: os.chmod(at.manifest, 0o644),
    "chown": lambda at: os.chown(at.manifest, 1, 1),
    "utime": lambda at: os.utime(at.manifest),
    "setxattr": lambda at: os.setxattr(at.manifest, "user.x", b"1"),
    "removexattr": lambda at: os.removexattr(at.manifest, "user.x"),
}


class Place:
    """Where to write."""

    def __init__(self, fs):
        self.root, self.tag, self.manifest = fs.point, fs.tag("team", "v1"), fs.manifest("team", "v1")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("options", [{}, {"rw": True}], ids=["as usual", "mounted rw"])
def test_writes_are_refused(server, mount, write, options):
    fs = mount(**options)
    os.stat(fs.manifest("team", "v1"))
    assert errno_of(write, Place(fs)) == "EROFS"
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert pulls(server) == 1


def test_the_mount_says_that_it_is_read_only(mount):
    fs = mount()
    assert "ro" in fs.info.options
    assert os.statvfs(fs.point).f_flag & os.ST_RDONLY
    for directory in (fs.root, fs.root / "team", fs.tag("team", "v1")):
        assert not os.access(directory, os.W_OK)
