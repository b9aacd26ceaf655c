"""Where docs/SEMANTICS.md draws a line: how many, in which order, for whom, and what is not looked at."""

import json
import os

import pytest

from ecr_server import documents
from ecr_server.client import ACCOUNT

from .checks import errno_of, free_port, read, run, until
from .mount import KEYS

REPOSITORY = "limits/index"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def push_index(server, platforms):
    """An index in which one image stands for each platform."""
    child = server.push(REPOSITORY, kind="oci")
    children = [documents.descriptor(documents.OCI_MANIFEST, child, 1, platform=platform) for platform in platforms]
    server.push(REPOSITORY, tag="all", manifest=json.dumps(documents.index_manifest(documents.OCI_INDEX, children)))


def test_the_second_of_one_platform_has_its_version(server, mount):
    windows = {"os": "windows", "architecture": "amd64"}
    push_index(server, [{**windows, "os.version": "10.0.17763"}, {**windows, "os.version": "10.0.20348"}])
    platforms = mount().tag(REPOSITORY, "all") / "platforms"
    assert sorted(os.listdir(platforms)) == ["windows-amd64", "windows-amd64-10.0.20348"]


def test_of_an_index_512_platforms_are_shown(server, mount):
    push_index(server, [{"os": "linux", "architecture": f"a{number}"} for number in range(600)])
    platforms = mount().tag(REPOSITORY, "all") / "platforms"
    assert sorted(os.listdir(platforms)) == sorted(f"linux-a{number}" for number in range(512))
    assert errno_of(os.lstat, platforms / "linux-a512") == "ENOENT"


def test_4096_registries_that_were_not_named_can_be_entered(server, mount):
    fs = mount()
    for number in range(4096):
        assert os.path.isdir(fs.point / f"{100000000000 + number}")
    assert errno_of(os.stat, fs.point / "200000000000") == "ENOMEM"
    assert os.path.isdir(fs.point / "100000000000")
    assert read(fs.tag("team", "v1") / "digest").decode().startswith("sha256:")


def test_names_of_all_roles_come_in_their_order(server, mount):
    """Files of the image, components of repositories, tags, and what is shown besides."""
    server.push("roles", tag="both")
    server.create_repository("roles/both/below")
    server.push("roles/both", tag="a-tag")
    fs = mount(show="digests:untagged")
    names = [entry.name for entry in os.scandir(fs.root / "roles/both")]
    assert sorted(names[:3]) == ["digest", "image.json", "manifest.json"]
    assert names[3:5] == ["below", "a-tag"]
    assert sorted(names[5:]) == [".digests", ".untagged"]


def test_a_repository_below_a_file_of_ours_is_there_when_the_image_is_not(server, mount):
    server.push("outer", tag="inner")
    server.push("outer/inner/digest/deep", tag="v1")
    fs = mount(ttl="200ms", negative_ttl="200ms")
    deep = fs.root / "outer/inner/digest/deep"
    assert errno_of(os.listdir, deep) == "ENOTDIR"
    server.delete_tag("outer", "inner")
    until(lambda: errno_of(os.listdir, deep) is None, "the repository has a path")
    assert os.listdir(deep) == ["v1"]


@pytest.mark.parametrize("allowed", [False, True])
def test_other_users_need_allow_other(mount, allowed):
    fs = mount(allow_other=True if allowed else None)
    if allowed:
        assert run(*NOBODY, "ls", cwd=fs.point).split() == [ACCOUNT.encode()]
    else:
        run(*NOBODY, "ls", cwd=fs.point, code=2)


def test_forever_is_not_asked_again(server, mount):
    """Beside a mount that asks again at once, so that the time in between is long enough."""
    fs, other = mount(ttl="forever", negative_ttl="forever"), mount(ttl="50ms", negative_ttl="50ms")
    for each in (fs, other):
        assert "new" not in os.listdir(each.root / "team")
        assert errno_of(os.stat, each.tag("team", "new")) == "ENOENT"
    server.push("team", tag="new")
    until(lambda: "new" in os.listdir(other.root / "team"), "the new tag is listed")
    assert "new" not in os.listdir(fs.root / "team")
    assert errno_of(os.stat, fs.tag("team", "new")) == "ENOENT"
