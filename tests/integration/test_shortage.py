"""Too few file descriptors, too little memory: an error of those requests, and of nothing else."""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal

import pytest

from ecr_server.client import ACCESS_KEY, SECRET_KEY

from .checks import errno_of, read, until
from .kernel import until_waiting
from .mount import is_sanitized

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


def address_space(fs, more):
    """So many bytes more than it has."""
    status = pathlib.Path(f"/proc/{fs.pid}/status").read_text()
    return limited(fs, resource.RLIMIT_AS, int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) * 1024 + more)


def test_no_descriptor_for_a_connection(server, mount):
    fs = mount()
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
