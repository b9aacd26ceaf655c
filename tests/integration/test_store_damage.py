"""What lies in the cache directory is never believed: damage is a miss, removed, counted, and never a wrong byte."""

import os
import random
import shutil
import socket

import pytest

from .checks import forget_calls, metrics, run, until
from .stored import REPOSITORY, blob, blobs, expected, fill, pull_calls, pulled_digests, read_all, store, tags

COUNT = 30
BYTES = 1000  # of a manifest here; so many are there at least


@pytest.fixture
def folder(server, mount, tmp_path):
    """With COUNT manifests in it."""
    folder = tmp_path / "cache"
    server.seed(repository=REPOSITORY, tags=COUNT)
    fill(server, mount, folder)
    return folder


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def replace(path, make):
    path.unlink()
    make(path)


def make_socket(path):
    """Their paths must be short."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("./s")
        os.rename("./s", path.name)
    finally:
        os.chdir(here)


def make_full_directory(path):
    path.mkdir()
    (path / "file").write_bytes(b"")


DAMAGE = {
    "bit flipped": flip_a_bit,
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "too large": lambda path: os.truncate(path, 1 << 30),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "another manifest": lambda path: shutil.copy(next(p for p in blobs(path.parents[2]) if p != path), path),
    "directory": lambda path: replace(path, os.mkdir),
    "link": lambda path: replace(path, lambda place: (shutil.copy("/etc/hostname", f"{place}.x"),
                                                      place.symlink_to(f"{place}.x"))),
    "dangling link": lambda path: replace(path, lambda place: place.symlink_to("nowhere")),
    "fifo": lambda path: replace(path, os.mkfifo),
    "socket": lambda path: replace(path, make_socket),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_blob_is_removed_and_fetched_again(server, mount, folder, damage):
    digest = tags(server)[sorted(tags(server))[COUNT // 2]]
    DAMAGE[damage](blob(folder, digest))
    with mount(cache_dir=folder, ttl="1h") as fs:
        assert read_all(fs) == expected(server)
        assert pulled_digests(server) == {digest: 1}
        until(lambda: store(fs)["written"] == 1, "it was written again")
        assert store(fs)["damaged"] == 1
    forget_calls(server)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pull_calls(server) == 0 and store(fs)["damaged"] == 0


def test_a_directory_with_something_in_it_is_left_alone(server, mount, folder):
    digest = tags(server)[sorted(tags(server))[0]]
    replace(blob(folder, digest), make_full_directory)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pulled_digests(server) == {digest: 1}
    assert blob(folder, digest).is_dir() and store(fs)["damaged"] >= 1


def test_a_missing_blob_is_fetched_again(server, mount, folder):
    digest = tags(server)[sorted(tags(server))[0]]
    blob(folder, digest).unlink()
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pulled_digests(server) == {digest: 1} and store(fs)["damaged"] == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root can read everything")
def test_a_blob_that_cannot_be_read_is_fetched_again(server, mount, folder):
    digest = tags(server)[sorted(tags(server))[0]]
    blob(folder, digest).chmod(0)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pulled_digests(server) == {digest: 1} and store(fs)["damaged"] == 1


SIZES_DAMAGE = {
    "torn": lambda path: os.truncate(path, path.stat().st_size - 5),
    "bit flipped": flip_a_bit,
    "another size": lambda path: path.write_bytes(path.read_bytes()[:16] + b"\1\0\0\0" + path.read_bytes()[20:]),
    "garbage": lambda path: path.write_bytes(random.Random(1).randbytes(1000)),
    "empty": lambda path: os.truncate(path, 0),
    "link": lambda path: replace(path, lambda place: place.symlink_to("/etc/hostname")),
    "fifo": lambda path: replace(path, os.mkfifo),
    "directory": lambda path: replace(path, os.mkdir),
}


@pytest.mark.parametrize("damage", SIZES_DAMAGE)
def test_damaged_records_of_sizes_cost_pulls_and_nothing_else(server, mount, folder, damage):
    for path in list((folder / "sizes").iterdir()):
        SIZES_DAMAGE[damage](path)
    for path in blobs(folder):
        path.unlink()
    with mount(cache_dir=folder, ttl="1h") as fs:
        sizes = {tag: fs.manifest(REPOSITORY, tag).stat().st_size for tag in tags(server)}
        assert sizes == {tag: len(data) for tag, data in expected(server).items()}
        assert read_all(fs) == expected(server)
        until(lambda: store(fs)["written"] == COUNT, "all is written again")
    forget_calls(server)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pull_calls(server) == 0


def test_all_of_it_as_garbage(server, mount, folder):
    chance = random.Random(2)
    for path in blobs(folder):
        chance.choice(list(DAMAGE.values()))(path)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert metrics(fs)["ecrfs_pulls_total"] == COUNT
    assert not fs.log_lines("wrong bytes")


def test_a_folder_that_is_removed_is_made_again(server, mount, folder):
    fs = mount(cache_dir=folder, ttl="1h")
    shutil.rmtree(folder)
    assert read_all(fs) == expected(server)
    until(lambda: folder.exists() and len(blobs(folder)) == COUNT, "it is there again")


@pytest.mark.parametrize("count", [int(os.environ.get("ECRFS_DAMAGED_OF", 1000))])
def test_of_many_the_damaged_ones_are_fetched_again_and_nothing_else(server, patient_mount, tmp_path, loose, count):
    """One in a hundred, of each kind."""
    mount = patient_mount
    folder, chance = tmp_path / "large", random.Random(3)
    server.seed(repository="big/many", tags=count)
    fill(server, mount, folder, "big/many")
    damaged = chance.sample(blobs(folder), count // 100)
    for path in damaged:
        chance.choice(list(DAMAGE.values()))(path)
    fs = mount(cache_dir=folder, ttl="1h")
    for tag, data in expected(server, "big/many").items():
        (loose / tag).mkdir()
        (loose / tag / "manifest.json").write_bytes(data)
    run("diff", "-r", "-x", "digest", "-x", "image.json", loose, fs.root / "big/many")
    assert pulled_digests(server, "big/many") == {f"sha256:{path.name}": 1 for path in damaged}, store(fs)
