"""What the kernel is given before it asks: who reads image after image has fewer requests, and the same bytes."""

import hashlib
import os
import subprocess
import time

import pytest

from .checks import metrics, read, run
from .kernel import drop_caches

REPOSITORY = "team/many"
COUNT = 200
FILES = ("manifest.json", "digest", "image.json")
LOOKS, OFFERS = 8, 64  # fs/habit.h
LOOKED_AT = sum(i % (LOOKS + OFFERS) < LOOKS for i in range(COUNT))
PAUSE_S = 0.1  # other tests lose what is dropped, too
GREP = ("grep", "-rF", "no such text anywhere", ".")


@pytest.fixture
def fs(server, mount):
    """All of a repository is in memory, and nothing of it in the kernel."""
    server.seed(repository=REPOSITORY, tags=COUNT)
    mounted = mount(ttl="1h")
    run(*GREP, cwd=mounted.root / REPOSITORY, code=1)
    drop_caches()
    return mounted


def given(fs):
    return metrics(fs)["ecrfs_fuse_stored_files_total"]


def hashes(root):
    return {path.relative_to(root): hashlib.sha256(path.read_bytes()).digest() for path in root.rglob("*")
            if path.is_file()}


def test_who_reads_all_files_has_a_request_for_few_of_them(fs, fuse_requests):
    before, counting = given(fs), fuse_requests(fs)
    run(*GREP, cwd=fs.root / REPOSITORY, code=1)
    reads = counting.count()["READ"]
    # A pause of the machine may make a walk look like two.
    assert len(FILES) * LOOKED_AT <= reads <= len(FILES) * (LOOKED_AT + 2 * LOOKS)
    assert given(fs) - before >= len(FILES) * (COUNT - LOOKED_AT - 2 * LOOKS)


def test_what_it_does_not_read_is_not_given(fs, fuse_requests):
    before, counting = given(fs), fuse_requests(fs)
    run("grep", "-rF", "--include=digest", "nothing like it", ".", cwd=fs.root / REPOSITORY, code=1)
    assert LOOKED_AT <= counting.count()["READ"] <= LOOKED_AT + 2 * LOOKS
    assert COUNT - LOOKED_AT - 2 * LOOKS <= given(fs) - before <= COUNT - LOOKED_AT


@pytest.mark.parametrize("command", [("find", ".", "-size", "+1k"), ("ls", "-lR"), ("du", "-a", "--apparent-size")],
                         ids=lambda command: command[0])
def test_who_reads_no_files_is_given_none(fs, command):
    before = given(fs)
    run(*command, cwd=fs.root / REPOSITORY)
    assert given(fs) == before


def test_who_reads_files_before_the_end_of_their_directory_is_given_none(fs):
    """With one thread, rg reads each file when it comes to its name."""
    before = given(fs)
    run("rg", "-uu", "-j1", "no such text anywhere", cwd=fs.root / REPOSITORY, code=1)
    assert given(fs) == before


def test_a_single_image_is_no_habit(fs):
    before = given(fs)
    for tag in sorted(os.listdir(fs.root / REPOSITORY))[:50]:
        run("grep", "-rF", "sha256", ".", cwd=fs.root / REPOSITORY / tag)
    assert given(fs) == before


def test_the_bytes_are_the_same(fs):
    """Read one by one, then by a walk that is given most of them."""
    root = fs.root / REPOSITORY
    expected = {}
    for tag in os.listdir(root):
        for name in FILES:
            expected[root / tag / name] = read(root / tag / name)
    drop_caches()
    before = given(fs)
    with subprocess.Popen(["tar", "cf", "-", "."], cwd=root, stdout=subprocess.PIPE) as tar:
        run_tar = subprocess.run(["tar", "xf", "-", "-C", fs.point.parent], stdin=tar.stdout, timeout=60)
    assert run_tar.returncode == tar.returncode == 0
    assert given(fs) > before
    for path, data in expected.items():
        assert read(path) == data, path  # from the page cache now
        assert read(fs.point.parent / path.relative_to(root)) == data, path


def test_an_image_that_changes_is_shown_as_it_is_now(server, mount):
    """What was given for a tag is of the image that it was: a tag that has moved has other files."""
    server.seed(repository=REPOSITORY, tags=COUNT)
    fs = mount(ttl="0")
    root = fs.root / REPOSITORY
    for _ in range(2):
        drop_caches()
        run(*GREP, cwd=root, code=1)
    names = sorted(os.listdir(root))
    moved = dict(zip(names[100:110], names[:10]))
    digests = {name: read(root / name / "digest") for name in names}
    for tag, other in moved.items():
        server.retag(REPOSITORY, tag, digests[other].decode().strip())
    run(*GREP, cwd=root, code=1)
    for tag, other in moved.items():
        assert read(root / tag / "digest") == digests[other] != digests[tag]
        assert read(root / tag / "manifest.json") == server.manifest(REPOSITORY, tag=tag)


def test_readers_walkers_and_dropped_caches_meet(fs):
    """The same pages are read, given and dropped at once: nobody hangs, and nobody sees another byte."""
    root = fs.root / REPOSITORY
    expected = hashes(root)
    script = "for i in 1 2 3 4 5 6; do cat */manifest.json */image.json */digest | sha256sum; done"
    before = given(fs)
    walkers = [fs.start("bash", "-c", f"cd {root}; for i in 1 2 3 4 5 6; do grep -rFq 'no such text' .; done")
               for _ in range(4)]
    readers = [fs.start("bash", "-c", f"cd {root}; {script}") for _ in range(4)]
    while any(process.poll() is None for process in walkers + readers):
        drop_caches()
        time.sleep(PAUSE_S)
    sums = {line for process in readers for line in process.communicate(timeout=10)[0].splitlines()}
    assert len(sums) == 1
    assert all(process.communicate(timeout=10)[1] == b"" for process in walkers)
    assert given(fs) > before
    assert hashes(root) == expected
