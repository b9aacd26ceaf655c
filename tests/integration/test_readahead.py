"""Reading ahead: programs that read manifest after manifest get them in full calls, each once."""

import os
import signal
import subprocess

import pytest

from .checks import calls, forget_calls, listings, read, run
from .walks import (FULL, assert_bytes, assert_calls_are_full, assert_each_once, asked_ids, batches, counted,
                    listed_order, listing_calls, lonely_places, seeded, tags_of)

ONE = "big/one"  # a repository of 1,000 tags
COUNT = 1000
MANY, TAGS = 20, 50  # repositories below bulk/, and tags in each

# Every manifest of a directory is read, or its size. The number: so many calls more than full ones it may take.
READERS = {
    "grep -r": ("grep -rlF schemaVersion .", 4),
    "rg": ("rg -uuulF schemaVersion .", 15),
    "rg -j1": ("rg -uuulF -j1 schemaVersion .", 4),
    "tar": ("tar cf - . | cat >{loose}/all.tar", 4),
    "find -size": ("find . -name manifest.json -size +1k", 4),
    "rsync": ("rsync -a ./ {loose}/copy/", 4),
    "cp": ("cp -r . {loose}/copy", 4),
    "xargs": ("find . -name manifest.json | xargs -P8 -n1 cat", 15),
}
# As above, by a shell, which sorts by name. {level} is one `*/` for each directory between.
SHELLS = {
    "cat of a glob": ("cat {level}*/manifest.json", 4),
    "loop": ("for f in {level}*/manifest.json; do cat $f; done", 4),
    "loop, reversed": ("for f in $(printf '%s\\n' {level}*/manifest.json | sort -r); do cat $f; done", 4),
    "stat of a glob": ("stat -c %s {level}*/manifest.json", 4),
}
LOOKING = {
    "glob": "echo * */* */*/*",
    "find -name": "find . -name manifest.json",
    "find -type": "find . -type f -o -type d",
    "ls -l": "ls -l",
    "ls -R": "ls -R",
    "ls --color": "ls --color=always",
    "test -d": "for d in */; do test -d $d; done",
}


@pytest.fixture
def one(server):
    server.seed(repository=ONE, tags=COUNT)
    return server


@pytest.fixture
def many(server):
    server.seed(repositories=MANY, tags=TAGS)
    return server


def shell(directory, script, code=0):
    return run("bash", "-c", script, cwd=directory, code=code)


@pytest.mark.parametrize("script, more", [*READERS.values(), *SHELLS.values()], ids=[*READERS, *SHELLS])
def test_one_repository(one, mount, loose, script, more):
    fs = mount(ttl="1h")
    shell(fs.root / ONE, script.format(loose=loose, level=""))
    assert_each_once(one, COUNT)
    assert_calls_are_full(one, COUNT, more)
    assert listing_calls(one) <= 2 + 1  # pages; and whether big/one is a tag, too
    assert_bytes(one, fs, ONE)
    assert_each_once(one, COUNT)


@pytest.mark.parametrize("script, more", [*READERS.values(), *SHELLS.values()], ids=[*READERS, *SHELLS])
def test_many_repositories(many, mount, loose, script, more):
    """The first two are fetched by themselves, and what is behind them in full calls, where these go by repository."""
    fs = mount(ttl="1h")
    shell(fs.root / "bulk", script.format(loose=loose, level="*/"))
    assert_each_once(many, MANY * TAGS)
    assert MANY <= len(batches(many)) <= MANY + more
    assert listing_calls(many) <= 1 + MANY + 1
    assert_bytes(many, fs, "bulk/")
    assert_each_once(many, MANY * TAGS)


@pytest.mark.parametrize("script", LOOKING.values(), ids=LOOKING)
@pytest.mark.parametrize("directory", [ONE, "bulk"])
def test_looking_fetches_nothing(server, mount, script, directory):
    server.seed(repository=ONE, tags=200)
    server.seed(repositories=4, tags=50)
    fs = mount(ttl="1h")
    run("bash", "-c", f"{script}; true", cwd=fs.root / directory)
    assert batches(server) == []


def test_sizes_of_three_neighbours_are_a_stream_as_well(one, mount):
    """The pattern of a shell wants the size of each; so does a coloured listing of the directory of one image."""
    fs = mount(ttl="1h")
    os.listdir(fs.root / ONE)
    shell(fs.root / ONE, "ls --color=always t000500")
    assert batches(one) == [1]
    shell(fs.root / ONE, "echo t00050*/manifest.json")
    assert sum(asked_ids(one).values()) <= 10 + FULL
    assert_each_once(one, len(asked_ids(one)))


def test_after_reading_looking_fetches_nothing_more(one, mount):
    fs = mount(ttl="1h")
    for tag in tags_of(one, ONE)[:30]:
        fs.read(ONE, tag)
    forget_calls(one)
    shell(fs.root / ONE, "find . -name manifest.json; ls -R | tail -1; echo */*")
    assert batches(one) == []


def test_cats_here_and_there_fetch_what_they_read(one, mount):
    """No listing was read: there are no neighbours."""
    fs = mount(ttl="1h")
    for tag in lonely_places(tags_of(one, ONE), 5):
        assert fs.read(ONE, tag) == one.manifest(ONE, tag=tag)
    assert_each_once(one, 5)


def test_cats_here_and_there_after_ls(one, mount):
    fs = mount(ttl="1h")
    chosen = lonely_places(listed_order(fs.root / ONE), 5)
    for tag in chosen:
        assert fs.read(ONE, tag) == one.manifest(ONE, tag=tag)
    assert_each_once(one, 5)


@pytest.mark.parametrize("by_name", [False, True])
def test_neighbours_fetch_their_neighbours(one, mount, by_name):
    """Two are ten more; what follows is a hundred more, no matter how many programs it takes."""
    fs = mount(ttl="1h")
    names = listed_order(fs.root / ONE)
    names = sorted(names) if by_name else names
    with counted(one, 1):
        run("cat", fs.manifest(ONE, names[500]))
    with counted(one, 10):
        run("cat", fs.manifest(ONE, names[501]))
    with counted(one, FULL):
        for name in names[502:512]:
            run("cat", fs.manifest(ONE, name))
    assert_each_once(one, len(asked_ids(one)))


def test_who_stops_early_has_fetched_little(one, mount):
    """What is fetched and not read, until a hundred were read: a hundred."""
    fs = mount(ttl="1h")
    for number, name in enumerate(listed_order(fs.root / ONE)[:99], 1):
        assert fs.read(ONE, name) == one.manifest(ONE, tag=name)
        assert sum(asked_ids(one).values()) <= number + FULL


def test_a_closed_pipe_stops_grep(one, mount):
    """As `| head -1` does, but at once: grep dies when it writes its first block of names."""
    fs = mount(ttl="1h")
    reader, writer = os.pipe()
    os.close(reader)
    grep = subprocess.Popen(["grep", "-rlF", "schemaVersion", "."], stdout=writer, cwd=fs.root / ONE)
    os.close(writer)
    assert grep.wait(30) == -signal.SIGPIPE
    read_by_grep = os.sysconf("SC_PAGE_SIZE") // len("./t000000/manifest.json\n") + 1
    assert sum(asked_ids(one).values()) <= read_by_grep + FULL


def test_readahead_off(one, mount):
    fs = mount(ttl="1h", readahead="off")
    names = listed_order(fs.root / ONE)
    for number, name in enumerate(names[:150], 1):
        assert fs.read(ONE, name) == one.manifest(ONE, tag=name)
        assert batches(one) == [1] * number
    assert_each_once(one, 150)


def test_one_connection(one, mount):
    one.config(latency_ms=2)
    fs = mount(ttl="1h", max_connections=1)
    shell(fs.root / ONE, READERS["grep -r"][0])
    assert_each_once(one, COUNT)
    assert_calls_are_full(one, COUNT, 4)
    assert one.stats()["most_in_flight"] <= 2


def test_several_calls_fly_at_a_time(one, mount):
    one.config(latency_ms={"default": 0, "BatchGetImage": 20})
    fs = mount(ttl="1h", max_connections=4)
    shell(fs.root / ONE, READERS["grep -r"][0])
    assert 2 <= one.stats()["most_in_flight"] <= 8
    assert_each_once(one, COUNT)


def test_two_programs_in_two_repositories(server, mount):
    server.seed(repository="big/left", tags=500)
    server.seed(repository="big/right", tags=500)
    fs = mount(ttl="1h")
    readers = [fs.start("grep", "-rlF", "schemaVersion", fs.root / "big" / name) for name in ("left", "right")]
    for reader in readers:
        assert len(reader.communicate(timeout=40)[0].splitlines()) == 500
    assert_each_once(server, 1000)
    assert_calls_are_full(server, 1000, 8)
    assert_bytes(server, fs, "big/")


def test_the_walk_stays_where_it_is(server, mount):
    server.seed(repositories=6, tags=50, prefix="bulk")
    server.seed(repositories=6, tags=50, prefix="other")
    fs = mount(ttl="1h")
    shell(fs.root / "bulk", READERS["grep -r"][0])
    assert_each_once(server, 300)
    assert all("/bulk/" in name for name in asked_ids(server))
    assert {body["repositoryName"] for body in listings(server)} == set(seeded(server, "bulk/"))


def test_untagged_images_and_digests(server, mount):
    server.seed(repository=ONE, tags=200, untagged=200)
    fs = mount(ttl="1h", show="digests:untagged")
    shell(fs.root / ONE / ".untagged", READERS["grep -r"][0])
    assert_each_once(server, 200)
    assert_calls_are_full(server, 200, 4)
    shell(fs.root / ONE / ".digests", READERS["grep -r"][0])
    assert_each_once(server, 400)
    assert calls(server)["BatchGetImage"] <= 12
    for digest in os.listdir(fs.root / ONE / ".untagged"):
        assert read(fs.root / ONE / ".untagged" / digest / "manifest.json") == server.manifest(ONE, digest=digest)
