"""What is held while names change: open files, working directories, directories that gain and lose roles."""

import contextlib
import json
import os
import subprocess

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, pulls, read, until
from .expected import FILES

SHORT = "300ms"


def in_directory(descriptor, *command):
    """Run a command whose working directory is this open one, whatever its name means by now."""
    done = subprocess.run(command, preexec_fn=lambda: os.fchdir(descriptor), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture
def opened():
    """A function that opens a directory until the end of the test."""
    with contextlib.ExitStack() as stack:
        def open_directory(path):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, descriptor)
            return descriptor
        yield open_directory


def test_whoever_sits_in_an_image_keeps_it_when_the_tag_moves(server, mount, opened):
    fs = mount(ttl=SHORT)
    old, new = (server.tree()[ACCOUNT]["team"][tag] for tag in ("v1", "v2"))
    bytes_of = {digest: server.manifest("team", digest=digest) for digest in (old, new)}
    directory = opened(fs.tag("team", "v1"))
    server.retag("team", "v1", new)
    until(lambda: fs.read("team", "v1") == bytes_of[new], "the tag shows its new image")
    assert in_directory(directory, "cat", "digest").decode() == f"{old}\n"
    assert in_directory(directory, "cat", "manifest.json") == bytes_of[old]
    assert set(in_directory(directory, "ls").decode().split()) == FILES
    assert read(fs.tag("team", "v1") / "digest").decode() == f"{new}\n"
    assert os.fstat(directory).st_ino != os.stat(fs.tag("team", "v1")).st_ino


def test_deleted_image_is_kept_by_whoever_has_read_it(server, mount):
    fs = mount(ttl=SHORT, negative_ttl=SHORT)
    data = server.manifest("team", tag="v1")
    with open(fs.manifest("team", "v1"), "rb", buffering=0) as manifest:
        assert manifest.read() == data
        server.delete_image("team", tag="v1")
        until(lambda: errno_of(os.stat, fs.tag("team", "v1")) == "ENOENT", "the tag is gone")
        assert os.pread(manifest.fileno(), 1 << 20, 0) == data


@pytest.mark.parametrize("repository", ["team", "charts/web"])  # with repositories below it, and without
def test_whoever_sits_in_a_repository_sees_its_tags_come_and_go(server, mount, opened, repository):
    fs = mount(ttl=SHORT, negative_ttl=SHORT)
    gone = min(set(server.tree()[ACCOUNT][repository]) - {"app"})
    directory = opened(fs.root / repository)

    def listed():
        return set(in_directory(directory, "ls").decode().split())
    before = listed()
    assert gone in before
    server.delete_tag(repository, gone)
    server.push(repository, tag="brand-new")
    until(lambda: listed() == before - {gone} | {"brand-new"}, "the names that there are now")
    until(lambda: errno_of(lambda: os.stat(gone, dir_fd=directory)) == "ENOENT", "the tag is gone by name")
    assert in_directory(directory, "cat", "brand-new/manifest.json") == server.manifest(repository, tag="brand-new")
    assert os.fstat(directory).st_ino == os.stat(fs.root / repository).st_ino


def test_moved_tag_shows_all_files_of_its_new_image(server, mount):
    fs = mount(ttl=SHORT)
    image = {tag: found for found in server.images(account=ACCOUNT, repository="team") for tag in found["tags"]}
    directory = fs.tag("team", "v1")
    assert os.stat(directory).st_mtime == image["v1"]["pushed_at"]
    server.retag("team", "v1", image["v2"]["digest"])
    until(lambda: read(directory / "digest").decode() == image["v2"]["digest"] + "\n", "the new digest")
    assert os.stat(directory).st_mtime == image["v2"]["pushed_at"]
    assert os.getxattr(directory, "user.ecr.digest").decode() == image["v2"]["digest"]
    assert sorted(json.loads(read(directory / "image.json"))["imageTags"]) == ["latest", "v1", "v2"]
    assert pulls(server) == 0


def test_numbers_of_files_in_a_directory_that_is_more_than_an_image(server, mount):
    """Two manifests never have the same: they would be taken for links to one file. A changed text has the old one."""
    fs = mount(ttl=SHORT)
    directory = fs.tag("team", "app")  # `team/app` is a repository, too
    until(lambda: set(os.listdir(directory)) > FILES, "both roles")

    def numbers(name):
        with os.scandir(directory) as entries:
            listed = next(entry.inode() for entry in entries if entry.name == name)
        return listed, os.stat(directory / name).st_ino
    with open(directory / "manifest.json", "rb") as manifest, open(directory / "image.json", "rb") as image:
        old, text = manifest.read(), image.read()
        held, number = os.fstat(manifest.fileno()).st_ino, os.fstat(image.fileno()).st_ino
        server.retag("team", "app", server.tree()[ACCOUNT]["team"]["v1"])
        until(lambda: read(directory / "manifest.json") != old, "the tag shows its new image")
        until(lambda: read(directory / "image.json") != text, "so does the record")
        new, same = numbers("manifest.json")
        assert new == same != held
        assert numbers("image.json") == (number, number)
        assert os.pread(image.fileno(), 1 << 20, 0) == text


def test_roles_that_come_and_go(server, mount):
    """`team/v1`, a tag, becomes a repository, too, and ceases to be a tag, and then a repository."""
    fs = mount(ttl=SHORT, negative_ttl=SHORT)
    directory = fs.tag("team", "v1")
    assert set(os.listdir(directory)) == FILES
    server.push("team/v1", tag="inner")
    until(lambda: set(os.listdir(directory)) == FILES | {"inner"}, "both roles")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    server.delete_tag("team", "v1")
    until(lambda: set(os.listdir(directory)) == {"inner"}, "a repository only")
    assert fs.read("team/v1", "inner") == server.manifest("team/v1", tag="inner")
    until(lambda: errno_of(os.stat, directory / "manifest.json") == "ENOENT", "the image is gone")
    server.delete_repository("team/v1")
    until(lambda: errno_of(os.stat, directory) == "ENOENT", "nothing is left")


def test_working_directory_keeps_its_image_when_the_tag_moves(server, mount):
    fs = mount(ttl=SHORT)
    old, new = server.manifest("team", tag="v1"), server.manifest("team", tag="v2")
    directory = os.open(fs.tag("team", "v1"), os.O_RDONLY | os.O_DIRECTORY)
    try:
        server.retag("team", "v1", server.tree()[ACCOUNT]["team"]["v2"])
        until(lambda: fs.read("team", "v1") == new, "the tag shows its new image")
        held = os.open("manifest.json", os.O_RDONLY, dir_fd=directory)
        assert os.read(held, 1 << 20) == old
        os.close(held)
    finally:
        os.close(directory)
