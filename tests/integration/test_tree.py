"""The tree: registries, repositories, tags, manifest.json; what is there and what is not."""

import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, forget_calls, listings, pulls, read, wait_quiet
from .expected import FILES, tree, tree_of

OTHER_ACCOUNT = "123456789012"


def test_root_shows_the_registry_without_a_call(server, mount):
    fs = mount()
    assert os.listdir(fs.point) == [ACCOUNT]
    assert stat.S_ISDIR(os.stat(fs.root).st_mode)
    os.statvfs(fs.point)
    assert server.calls() == 0


def test_whole_tree_agrees_with_the_server(server, mount):
    fs = mount()
    assert tree_of(fs.root) == tree(server)
    assert tree_of(fs.root) == tree(server)  # and again, from the caches
    assert pulls(server) == 0


def test_two_registries_are_two_directories(server, mount):
    fs = mount(f"{ACCOUNT},{OTHER_ACCOUNT}")
    assert sorted(os.listdir(fs.point)) == [ACCOUNT, OTHER_ACCOUNT]
    assert tree_of(fs.point / OTHER_ACCOUNT) == tree(server, OTHER_ACCOUNT)
    theirs = fs.point / OTHER_ACCOUNT / "team/app/v1/manifest.json"
    assert read(theirs) == server.manifest("team/app", tag="v1", account=OTHER_ACCOUNT)
    assert fs.read("team/app", "v1") == server.manifest("team/app", tag="v1")


def test_default_registry_is_the_callers_own(server, mount):
    fs = mount("default")
    assert os.listdir(fs.point) == ["default"]
    assert tree_of(fs.root) == tree(server)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_types_modes_and_owner(mount):
    fs = mount()
    manifest = fs.manifest("team/app", "v3")
    for directory in (fs.point, *list(manifest.relative_to(fs.point).parents)[:-1]):
        found = os.stat(fs.point / directory)
        assert stat.filemode(found.st_mode) == "dr-xr-xr-x", directory
        assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid()), directory
    found = os.stat(manifest)
    assert stat.filemode(found.st_mode) == "-r--r--r--"
    assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())
    assert found.st_nlink >= 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root may look into what belongs to somebody else")
def test_owner_and_modes_can_be_chosen(mount):
    fs = mount(uid=12, gid=34, umask="027")
    for path, mode in ((fs.root, "dr-xr-x---"), (fs.manifest("team", "v1"), "-r--r-----")):
        found = os.stat(path)
        assert (found.st_uid, found.st_gid, stat.filemode(found.st_mode)) == (12, 34, mode)


@pytest.mark.parametrize("path", ["", "../.ecrfs", "team/app", "team/app/v1", "team/v1", "tools/multiarch/latest",
                                  "tools/multiarch", "tools/multiarch/.digests", "team/.untagged"])
def test_inode_numbers_of_a_listing_are_those_of_stat(mount, path):
    fs = mount(show="digests:untagged:platforms")
    with os.scandir(fs.root / path) as entries:
        listed = {entry.name: entry.inode() for entry in entries}
    assert listed == {name: os.lstat(fs.root / path / name).st_ino for name in listed}
    assert len(set(listed.values())) == len(listed)


def test_all_pages_of_a_long_tag_listing(server, mount):
    server.seed(repository="many/tags", tags=2500)
    fs = mount()
    assert set(os.listdir(fs.root / "many/tags")) == {f"t{n:06d}" for n in range(2500)}
    wait_quiet(server)
    pages = listings(server)
    assert [page["maxResults"] for page in pages] == [1000, 1000, 1000]
    assert [page["filter"] for page in pages] == [{"tagStatus": "TAGGED", "imageStatus": "ANY"}] * 3
    assert pulls(server) == 0


def test_all_pages_of_a_long_repository_listing(server, mount):
    server.seed(repositories=1200, tags=1, prefix="many")
    fs = mount()
    assert set(os.listdir(fs.root / "many")) == {f"r{n:04d}" for n in range(1200)}
    assert set(os.listdir(fs.root)) == tree(server)[""]
    wait_quiet(server)
    assert len(listings(server, "DescribeRepositories")) == 2  # 1,000 a page, and fetched once


def test_short_and_empty_pages(server, mount):
    server.config(page_size=2, empty_page_every=2)
    fs = mount()
    assert tree_of(fs.root) == tree(server)


def test_tag_beside_a_repository_of_the_same_name(server, mount):
    """Tag `app` of `team`, and repository `team/app`."""
    fs = mount()
    assert read(fs.root / "team/app/manifest.json") == server.manifest("team", tag="app")
    assert read(fs.root / "team/app/v1/manifest.json") == server.manifest("team/app", tag="v1")
    deep = "team/app/deep/nested/name"
    assert read(fs.root / deep / "only/manifest.json") == server.manifest(deep, tag="only")
    assert set(os.listdir(fs.root / "team/app")) == tree(server)["team/app"]


@pytest.mark.parametrize("listed_first", [True, False])
def test_awkward_tags(server, mount, listed_first):
    """Tags that look like files of ours, or like nothing else."""
    fs = mount()
    tags = server.tree()[ACCOUNT]["names/awkward"]
    if listed_first:
        assert set(os.listdir(fs.root / "names/awkward")) == set(tags)
    for tag in tags:
        assert set(os.listdir(fs.tag("names/awkward", tag))) == FILES
        assert fs.read("names/awkward", tag) == server.manifest("names/awkward", tag=tag), tag


def test_empty_repository_and_untagged_images_are_empty_directories(mount):
    fs = mount()
    assert os.listdir(fs.root / "empty/repo") == os.listdir(fs.root / "scratch/untagged") == []


@pytest.mark.parametrize("listed_first", [True, False])
@pytest.mark.parametrize("path", [
    "no-such-repository", "no-such/repository", "no-such/repository/v1/manifest.json", "team/no-such-tag",
    "team/no-such-tag/manifest.json", "team/app/deep/other", "team/app/v1/nothing", "names/v1",
    "empty/repo/latest", "scratch/untagged/v1",
])
def test_unknown_names(mount, path, listed_first):
    fs = mount()
    if listed_first:
        tree_of(fs.root)
    assert errno_of(os.stat, fs.root / path) == "ENOENT"
    assert errno_of(os.listdir, fs.root / path) == "ENOENT"


def test_unknown_registries(server, mount):
    fs = mount()
    assert errno_of(os.stat, fs.point / "not-a-registry") == "ENOENT"
    assert errno_of(os.stat, fs.point / "12345") == "ENOENT"
    assert server.calls() == 0
    assert errno_of(os.stat, fs.point / "999999999999/team/v1/manifest.json") == "ENOENT"


def test_a_manifest_is_not_a_directory(mount):
    fs = mount()
    assert errno_of(os.listdir, fs.manifest("team", "v1")) == "ENOTDIR"
    assert errno_of(os.stat, fs.manifest("team", "v1") / "x") == "ENOTDIR"


def test_names_that_ecr_refuses_cost_no_call(server, mount):
    fs = mount()
    os.listdir(fs.root / "team")
    os.listdir(fs.tag("team", "v1"))
    forget_calls(server)
    impossible = ("Team", "_x", "-x", "a b", "a+b", "a%2fb", "a..b", "a-", "ümlaut", "new\nline", ".hidden", "...")
    for name in impossible:
        assert errno_of(os.stat, fs.root / name) == "ENOENT", name
    for name in ("-x", "a b", "a+b", "a%2fb", "ümlaut", "new\nline", ".hidden", "..."):
        assert errno_of(os.stat, fs.root / "team" / name) == "ENOENT", name
    for name in ("-x", "a b", ".hidden"):
        assert errno_of(os.stat, fs.tag("team", "v1") / name) == "ENOENT", name
    assert errno_of(os.stat, os.fsencode(fs.root) + b"/team/\xff\xfe") == "ENOENT"
    assert server.calls() == 0


@pytest.mark.parametrize("length", [256, 1000, 4000])
@pytest.mark.parametrize("directory", ["", "team", "team/v1", "names"])
def test_too_long_names_cost_no_call(server, mount, directory, length):
    fs = mount()
    os.stat(fs.root / directory)
    forget_calls(server)
    at = os.open(fs.root / directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        assert errno_of(lambda: os.stat("x" * length, dir_fd=at)) == "ENAMETOOLONG"
    finally:
        os.close(at)
    assert server.calls() == 0


def test_hostile_names_from_the_server_are_left_out(server, mount):
    server.push("names/hostile", tags=["ok", "..", ".", "", "a/b", "../up", ".hidden", "new\nline", "nul\0", "x" * 300])
    for repository in ("..", "../up", "bad//name", "bad/../name", "/absolute", "bad/", ".hidden/name", ""):
        server.push(repository, tag="v1")
    fs = mount()
    assert os.listdir(fs.root / "names/hostile") == ["ok"]
    assert fs.read("names/hostile", "ok") == server.manifest("names/hostile", tag="ok")
    harmless = {"cluster-autoscaler", "team", "tools", "charts", "names", "odd", "release", "scratch", "empty", "cold"}
    assert set(os.listdir(fs.root)) == harmless
