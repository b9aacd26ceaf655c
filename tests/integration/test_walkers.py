"""Programs that go through directory after directory get full calls at once; whoever chooses an image does not."""

import os
import random
import subprocess
import sys
import time

import pytest

from ecr_server.client import ACCOUNT

from .checks import listings, run, wait_quiet
from .walks import FULL, assert_each_once, asked_ids, batches, listed_order

ONE = "big/one"
COUNT = 1000
WALKS = {
    "grep -r": "grep -rqF nowhere . ; true",
    "find -size": "find . -name manifest.json -size +1k",
    "ls -lR": "ls -lR",
    "du": "du -a --apparent-size",
    "tar": "tar cf - . | cat",
}
A_WHILE_S = 1  # more than a program takes from a name to its directory


@pytest.fixture
def one(server):
    server.seed(repository=ONE, tags=COUNT)
    return server


def python(directory, script):
    run(sys.executable, "-c", f"import os, time\n{script}", cwd=directory)


@pytest.mark.parametrize("script", WALKS.values(), ids=WALKS)
def test_a_walk_takes_as_few_calls_as_can_be(one, mount, script):
    one.config(latency_ms=20)
    fs = mount(ttl="1h")
    run("bash", "-c", script, cwd=fs.root / ONE)
    assert_each_once(one, COUNT)
    assert batches(one) == [FULL] * (COUNT // FULL)


def test_threads_walk_together(one, mount):
    """rg reads while the listing arrives, and one thread takes what another has found."""
    one.config(latency_ms=20, page_size=200)
    fs = mount(ttl="1h")
    run("rg", "-uulF", "-j4", "schemaVersion", ".", cwd=fs.root / ONE)
    assert_each_once(one, COUNT)
    assert len(batches(one)) <= COUNT // FULL + 5


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_that_begin_in_several_repositories(server, mount, threads):
    """rg puts aside what one thread has begun with, and reads first what another has found later."""
    server.seed(prefix="many", repositories=6, tags=FULL)
    server.config(latency_ms=50)
    fs = mount(ttl="1h")
    run("bash", "-c", f"rg -uulF -j{threads} schemaVersion . | cat", cwd=fs.root / "many")
    assert_each_once(server, 6 * FULL)
    assert len(batches(server)) <= 6 + 5


@pytest.mark.parametrize("script", ["grep -rq nowhere {0} {1}; true", "diff -rq {0} {1}; true", "tar cf - {1} {0} | cat",
                                    "find {0} {1} -size +1k", "cat {0}/*/manifest.json {1}/*/manifest.json"])
def test_two_repositories_that_it_was_told_are_read_and_no_other(server, mount, script):
    server.seed(prefix="many", repositories=10, tags=FULL)
    server.config(latency_ms=20)
    fs = mount(ttl="1h")
    names = sorted(os.listdir(fs.root / "many"))[3:5]
    run("bash", "-c", script.format(*names), cwd=fs.root / "many")
    wait_quiet(server)
    assert_each_once(server, 2 * FULL)
    assert len(listings(server)) == 2


def test_who_came_from_above_goes_on_after_the_second(server, mount):
    """The next repositories are listed while it waits for what is in that one."""
    server.seed(prefix="many", repositories=10, tags=FULL)
    fs = mount(ttl="1h")
    second = [name for name in server.tree()[ACCOUNT] if name.startswith("many/")][1]
    server.fault("hold", operation="BatchGetImage", repository=second)
    reader = fs.start("grep", "-rq", "nowhere", fs.root / "many")
    server.wait(calls={"DescribeImages": 4})
    server.clear_faults()
    reader.communicate(timeout=30)
    assert_each_once(server, 10 * FULL)


@pytest.mark.parametrize(("processes", "more"), [(1, 2), (8, 7)])
def test_what_find_has_found_is_read_by_others(one, mount, processes, more):
    """The first is fetched alone, or with the first of the others; then it is known that they read on."""
    one.config(latency_ms=100)
    fs = mount(ttl="1h")
    run("bash", "-c", f"find . -name manifest.json -print0 | xargs -0 -n 50 -P {processes} cat | cat >/dev/null",
        cwd=fs.root / ONE)
    assert_each_once(one, COUNT)
    sizes = batches(one)
    assert len(sizes) <= COUNT // FULL + more, sizes


@pytest.mark.parametrize("processes", [1, 8])
def test_few_of_what_find_has_found(one, mount, processes):
    one.config(latency_ms=20)
    fs = mount(ttl="1h")
    run("bash", "-c", f"find . -name manifest.json | awk 'NR % 40 == 0' | xargs -n 1 -P {processes} cat >/dev/null",
        cwd=fs.root / ONE)
    assert_each_once(one, len(asked_ids(one)))
    assert COUNT // 40 <= len(asked_ids(one)) <= COUNT // 40 + 2 * FULL


def test_neighbours_that_many_processes_read(one, mount):
    """Nobody went through the images: some neighbours are read, from two or three places on, and no more is known."""
    one.config(latency_ms=100)
    fs = mount(ttl="1h")
    names = " ".join(listed_order(fs.root / ONE)[300:310])
    run("bash", "-c", f"for name in {names}; do cat $name/manifest.json >/dev/null & done; wait", cwd=fs.root / ONE)
    assert_each_once(one, len(asked_ids(one)))
    assert len(asked_ids(one)) <= 10 + 3 * FULL


def test_one_who_stops_early_has_little_fetched(one, mount):
    one.config(latency_ms=20)
    fs = mount(ttl="1h")
    with subprocess.Popen(["grep", "-rlF", "schemaVersion", "."], cwd=fs.root / ONE, stdout=subprocess.PIPE) as grep:
        assert grep.stdout.read(1)
        grep.stdout.close()
    assert max(batches(one)) == FULL
    assert sum(asked_ids(one).values()) <= COUNT // 2 + FULL


@pytest.mark.parametrize("script", [
    "ls -l {0}/{1}",
    "ls -lR {0}/{1} {0}/{2}",
    "ls {0}; ls -l {0}/{1}; cat {0}/{2}/manifest.json",
    "ls -R {0}; ls -l {0}/{1}",
    "diff -r {0}/{1} {0}/{2}; true",
], ids=lambda script: script.replace("{0}/", ""))
def test_the_directory_of_an_image_is_no_walk(one, mount, script):
    fs = mount(ttl="1h")
    chosen = random.Random(5).sample(listed_order(fs.root / ONE), 2)
    run("bash", "-c", script.format(ONE, *chosen), cwd=fs.root)
    assert_each_once(one, len(asked_ids(one)))
    assert set(batches(one)) == {1}


def test_a_person_who_browses_is_on_no_walk(one, mount):
    """As a file manager does: one process lists, and shows what is chosen, with sizes."""
    fs = mount(ttl="1h")
    names = os.listdir(fs.root / ONE)
    chosen = names[0], names[500], names[-1]
    for name in chosen:
        time.sleep(A_WHILE_S)
        python(fs.root / ONE, f"os.listdir('.')\ntime.sleep({A_WHILE_S})\n"
                              f"[entry.stat() for entry in os.scandir({name!r})]")
    assert batches(one) == [1] * 3


def test_a_program_that_picks_is_on_no_walk(one, mount):
    """It lists the repository, and reads some manifests without looking into their directories."""
    fs = mount(ttl="1h")
    python(fs.root / ONE, "import random\nfor name in random.Random(3).sample(sorted(os.listdir('.')), 5):\n"
                          "    open(name + '/manifest.json').read()")
    assert_each_once(one, 5)
