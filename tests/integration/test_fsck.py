"""ecrfs --fsck: everything in a cache directory is looked at, and what is damaged is removed."""

import os
import pty
import random
import shutil
import subprocess

import pytest

from .checks import forget_calls
from .mount import ECRFS
from .stored import REPOSITORY, blobs, expected, fill, pull_calls, read_all, store
from .test_store_damage import DAMAGE, SIZES_DAMAGE

COUNT = 50
WELL, SYSTEM, REPAIRED, DAMAGED = 0, 2, 3, 4


@pytest.fixture
def folder(server, mount, tmp_path):
    """With COUNT manifests in it."""
    folder = tmp_path / "cache"
    server.seed(repository=REPOSITORY, tags=COUNT)
    fill(server, mount, folder)
    return folder


def fsck(mount, folder, code, *options):
    """The lines that it prints."""
    done = mount.run("--fsck", *options, folder)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout.splitlines() if code != SYSTEM else done.stderr.splitlines()


def test_all_is_well(mount, folder):
    blobs_line, sizes_line, listings_line = fsck(mount, folder, WELL)
    assert blobs_line == f"blobs    {COUNT} good, {sum(path.stat().st_size for path in blobs(folder))} bytes"
    assert sizes_line.startswith("sizes ") and "damaged" not in sizes_line
    assert listings_line.startswith("listings ") and "damaged" not in listings_line and " 0 good" not in listings_line


def test_each_damage_of_a_blob_is_found_and_removed(server, mount, folder):
    harmed = random.Random(4).sample(blobs(folder), len(DAMAGE))
    for path, damage in zip(harmed, DAMAGE.values()):
        damage(path)
    too_large = harmed[list(DAMAGE).index("too large")]  # which may be of another tool
    line = fsck(mount, folder, REPAIRED)[0]
    assert line.startswith(f"blobs    {COUNT - len(DAMAGE)} good, ")
    assert f"; {len(DAMAGE) - 1} damaged, removed or repaired" in line and too_large.exists()
    assert not any(path.exists() or path.is_symlink() for path in harmed if path != too_large)
    fsck(mount, folder, WELL)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)


@pytest.mark.parametrize("damage", SIZES_DAMAGE)
def test_each_damage_of_sizes_is_found_and_repaired(mount, folder, damage):
    SIZES_DAMAGE[damage](next((folder / "sizes").iterdir()))
    line = fsck(mount, folder, WELL if damage == "empty" else REPAIRED)[1]
    assert (", removed or repaired" in line) == (damage != "empty")
    fsck(mount, folder, WELL)


LISTING_DAMAGE = {
    "torn": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "flipped": lambda path: path.write_bytes(b"E" + bytes([path.read_bytes()[1] ^ 4]) + path.read_bytes()[2:]),
    "of another": lambda path: path.rename(path.with_name(path.name.translate(str.maketrans("0123", "1230")))),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", LISTING_DAMAGE)
def test_each_damage_of_a_listing_is_found_and_removed(mount, folder, damage):
    path = next(path for path in (folder / "listings").iterdir() if path.name.endswith("-t"))
    LISTING_DAMAGE[damage](path)
    assert "; 1 damaged, removed or repaired" in fsck(mount, folder, REPAIRED)[2]
    assert not path.exists()
    fsck(mount, folder, WELL)


def test_what_cannot_be_removed_is_said(mount, folder):
    path = blobs(folder)[0]
    path.unlink()
    path.mkdir()
    (path / "file").write_bytes(b"")
    assert "1 damaged, which could not be removed" in fsck(mount, folder, DAMAGED)[0]


def test_what_is_missing_is_made_again(mount, folder):
    (folder / "oci-layout").unlink()
    shutil.rmtree(folder / "sizes")
    assert fsck(mount, folder, REPAIRED)[0] == "missing  sizes, oci-layout; made again"
    fsck(mount, folder, WELL)


def test_files_of_others_are_left_alone(mount, folder):
    (folder / "blobs/sha256/README").write_text("mine\n")
    assert "1 not of ecrfs, left alone" in fsck(mount, folder, WELL)[0]
    assert (folder / "blobs/sha256/README").exists()


def test_directories_that_are_none_of_ours(mount, tmp_path):
    assert "No such file" in fsck(mount, tmp_path / "nowhere", SYSTEM)[0]
    assert not (tmp_path / "nowhere").exists()
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o700)
    assert "no cache_dir" in fsck(mount, empty, SYSTEM)[0]
    assert os.listdir(empty) == []
    empty.chmod(0o777)
    assert "other users can write" in fsck(mount, empty, SYSTEM)[0]


@pytest.mark.parametrize("arguments", [["--fsck"], ["--fsck", "a", "b"], ["--fsck", "--check", "a"]])
def test_wrong_usage(mount, arguments):
    done = mount.run(*arguments)
    assert done.returncode == 1 and "ecrfs --fsck DIR" in done.stderr


def test_on_a_terminal_there_is_a_bar(mount, folder):
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run([ECRFS, "--fsck", folder], stdin=subprocess.DEVNULL, stdout=theirs, timeout=60,
                              env=mount.environment({}))
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == WELL
    assert f"] {COUNT} of {COUNT}" in shown and "#" * 40 in shown


def test_it_may_run_while_mounts_work(server, mount, folder):
    forget_calls(server)
    fs = mount(cache_dir=folder, ttl="1h")
    for _ in range(3):
        fsck(mount, folder, WELL)
        assert read_all(fs) == expected(server)
    assert pull_calls(server) == 0 and store(fs)["damaged"] == 0


def test_old_leftovers_are_removed(mount, folder):
    (folder / "tmp/old").write_bytes(b"")
    os.utime(folder / "tmp/old", (1_000_000_000, 1_000_000_000))
    fsck(mount, folder, WELL)
    assert os.listdir(folder / "tmp") == []
