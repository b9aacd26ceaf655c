"""Too few file descriptors, too little memory: an error of those requests, and of nothing else."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import signal

import pytest

from ecr_server.client import ACCESS_KEY, SECRET_KEY

from .checks import errno_of, read, until
from .kernel import until_waiting
from .mount import is_sanitized

WORKERS = 4
READ = {"x86_64": 0, "aarch64": 63}.get(os.uname().machine)  # the number of read(2)
THREADS = 10  # the main one, 4 workers, the loop and its disk pool of 4
BIG = json.dumps({"text": "x" * ((4 << 20) - 16)})
not_sanitized = pytest.mark.skipif(is_sanitized(), reason="sanitizers need address space")


@contextlib.contextmanager
def limited(fs, what, value):
    """The daemon with this limit of resources, which it gets back at the end."""
    before = resource.prlimit(fs.pid, what)
    resource.prlimit(fs.pid, what, (value, before[1]))
    try:
        yield
    finally:
        resource.prlimit(fs.pid, what, before)


def no_descriptors(fs):
    """No new one can be had: 0, 1 and 2 are taken."""
    return limited(fs, resource.RLIMIT_NOFILE, 3)


def waiting_workers(fs):
    """Threads in read(2) of /dev/fuse: they have made room for a request."""
    device = {number for number in os.listdir(f"/proc/{fs.pid}/fd")
              if os.readlink(f"/proc/{fs.pid}/fd/{number}") == "/dev/fuse"}
    calls = [path.read_text().split() for path in pathlib.Path(f"/proc/{fs.pid}/task").glob("*/syscall")]
    return sum(call[0] == str(READ) and f"{int(call[1], 16)}" in device for call in calls if len(call) > 1)


def address_space(fs, more):
    """So many bytes more than it has."""
    until(lambda: waiting_workers(fs) == WORKERS, "all workers have begun")
    status = pathlib.Path(f"/proc/{fs.pid}/status").read_text()
    return limited(fs, resource.RLIMIT_AS, int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) * 1024 + more)


def descriptors(fs, more):
    """So many more than it has."""
    return limited(fs, resource.RLIMIT_NOFILE, len(os.listdir(f"/proc/{fs.pid}/fd")) + more)


def many_things(server, fs):
    """The errors of many operations at once, {what: set of errnos}; a wrong byte is one more."""
    chance = random.Random(3)

    def once(number):
        repository, tag = f"bulk/r{chance.randrange(6):04}", f"t{chance.randrange(50):06}"
        what = ("list", "read", "look up", "describe")[number % 4]
        return what, errno_of({
            "list": lambda: os.listdir(fs.root / repository),
            "read": lambda: check_manifest(server, fs, repository, tag),
            "look up": lambda: os.stat(fs.root / repository / f"never{number}"),
            "describe": lambda: read(fs.tag(repository, tag) / "image.json"),
        }[what])
    errors = {}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for what, error in pool.map(once, range(400)):
            errors.setdefault(what, set()).add(error)
    return errors


def check_manifest(server, fs, repository, tag):
    assert read(fs.manifest(repository, tag)) == server.manifest(repository, tag=tag)


def check_all_is_well(server, fs):
    until(lambda: errno_of(os.listdir, fs.root) is None, "it works again")
    for number in range(6):
        assert len(os.listdir(fs.root / f"bulk/r{number:04}")) == 50
        check_manifest(server, fs, f"bulk/r{number:04}", "t000007")


@pytest.fixture
def busy(server, mount):
    """A mount that remembers nothing, of six repositories."""
    server.seed(repositories=6, tags=50)
    fs = mount(ttl="0", negative_ttl="0", digest_ttl="0", stale_ttl="0", cache_size="1M", max_attempts=1)
    start_all_workers(fs)
    return fs


def start_all_workers(fs):
    """By questions that need no server. A daemon that lacks memory for its workers at the start ends."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        def ask():
            return list(pool.map(lambda _: os.stat(fs.point / ".ecrfs/status"), range(80)))
        until(lambda: ask() and len(os.listdir(f"/proc/{fs.pid}/task")) == THREADS, "all threads are there")
        ask()  # the last one has its buffer by then


@pytest.mark.parametrize("more", [0, 1, 3])
def test_few_descriptors_for_many_things_at_once(server, busy, more):
    with descriptors(busy, more):
        errors = many_things(server, busy)
        assert set().union(*errors.values()) <= {None, "ENFILE", "ENOENT"}
        assert "ENOENT" not in errors["list"] | errors["read"] | errors["describe"]
        assert None not in errors["look up"]
        assert "ENFILE" in errors["read"] or more
    check_all_is_well(server, busy)


@not_sanitized
@pytest.mark.parametrize("more_kib", [0, 128, 512, 1024])
def test_little_memory_for_many_things_at_once(server, busy, more_kib):
    """From the first request on: also what libraries do at their first use fails that request only."""
    with address_space(busy, more_kib << 10):
        errors = many_things(server, busy)
        # libcurl does not tell when it had no memory for an address.
        assert set().union(*errors.values()) <= {None, "ENOMEM", "ENOENT", "EHOSTUNREACH"}
        assert "ENOENT" not in errors["list"] | errors["read"] | errors["describe"]
        assert None not in errors["look up"]
        assert "ENOMEM" in errors["read"] or more_kib
    assert busy.process.poll() is None
    check_all_is_well(server, busy)


def test_no_descriptor_for_a_connection(server, mount):
    fs = mount(ttl="0", stale_ttl="0")
    assert "team" in os.listdir(fs.root)  # the AWS files are read
    server.close_connections(politely=True)
    server.reset()
    with no_descriptors(fs):
        for path in (fs.root, fs.manifest("team", "v1")):
            assert errno_of(os.listdir if path == fs.root else read, path) == "ENFILE"
        assert os.listdir(fs.point) and fs.process.poll() is None
        assert "out of file descriptors" in fs.log
    assert server.calls() == 0
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert "team" in os.listdir(fs.root)


def test_no_descriptor_for_another_connection_is_no_matter_to_those_that_are_there(server, mount):
    fs = mount()
    fs.read("team", "v1")
    with no_descriptors(fs):
        assert fs.read("team", "v2") == server.manifest("team", tag="v2")


def test_no_descriptor_to_look_a_name_up(mount):
    fs = mount(endpoint_url="http://localhost.invalid:1", max_attempts=1)
    with no_descriptors(fs):
        assert errno_of(os.listdir, fs.root) == "ENFILE"
    assert errno_of(os.listdir, fs.root) == "EHOSTUNREACH"


def test_no_descriptor_for_the_credentials(mount):
    aws = mount.home / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text(
        f"[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n")
    fs = mount(environment={})
    with no_descriptors(fs):
        assert errno_of(os.listdir, fs.root) == "ENFILE"
    assert "team" in until(lambda: errno_of(os.listdir, fs.root) is None and os.listdir(fs.root), "it works again")


def test_a_harmless_signal_ends_nobody_while_there_are_no_descriptors(server, mount):
    fs = mount(timeout="1h", read_timeout="1h")
    server.fault("hold", operation="BatchGetImage")
    reader = fs.start("cat", fs.manifest("team", "v1"))
    server.wait(held=1)
    until_waiting([reader])
    with no_descriptors(fs):
        reader.send_signal(signal.SIGWINCH)
        os.listdir(fs.point)
        server.clear_faults()
        data, _ = reader.communicate(timeout=10)
    assert data == server.manifest("team", tag="v1")


@not_sanitized
def test_no_memory_for_a_large_manifest(server, mount):
    server.push("odd/big", tag="big", manifest=BIG)
    server.push("odd/big", tag="small", manifest="{}")
    fs = mount(readahead="off")
    assert read(fs.manifest("odd/big", "small")) == b"{}"
    with address_space(fs, 1 << 20):
        assert errno_of(read, fs.manifest("odd/big", "big")) == "ENOMEM"
        assert fs.read("team", "v1") == server.manifest("team", tag="v1")
        assert fs.read("team/app", "v2") == server.manifest("team/app", tag="v2")
    assert read(fs.manifest("odd/big", "big")) == BIG.encode()
    assert fs.process.poll() is None


@not_sanitized
def test_no_memory_at_all(server, mount):
    """Whatever fails, nothing aborts: also what the first requests make, threads among it."""
    aws = mount.home / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text(
        f"[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n")
    server.seed(repository="big/one", tags=2000)
    fs = mount(environment={})
    with address_space(fs, 0):
        for _ in range(3):
            for path in (fs.root, fs.root / "big/one", fs.root / "team"):
                assert errno_of(os.listdir, path) in (None, "ENOMEM")
            assert errno_of(read, fs.manifest("team", "v1")) in (None, "ENOMEM")
    assert fs.process.poll() is None
    until(lambda: errno_of(os.listdir, fs.root) is None, "credentials are looked for again")
    assert len(os.listdir(fs.root / "big/one")) == 2000
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
