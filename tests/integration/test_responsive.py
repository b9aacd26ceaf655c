"""Never hangs: what the daemon holds is served, and readers can be killed, while the server is silent."""

import os
import signal
import subprocess
import sys
import time

import pytest

from .checks import read, run, wait_quiet
from .expected import FILES
from .kernel import drop_caches, until_waiting, waits_for_fuse
from .mount import is_sanitized

READERS = 64
PROBES = 3


@pytest.fixture
def fs(server, mount):
    """A mount that holds `team/v1`: names, size and bytes."""
    server.seed(repository="slow/images", tags=READERS)
    fs = mount(ttl="1h", timeout="5m", read_timeout="5m")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    os.listdir(fs.root / "team")
    os.listdir(fs.root / "slow/images")
    return fs


@pytest.fixture
def readers(server, fs):
    """64 processes, each of which waits for a manifest that the server does not hand out."""
    server.fault("hold", operation="BatchGetImage")
    readers = [fs.start("cat", fs.manifest("slow/images", f"t{n:06d}")) for n in range(READERS)]
    server.wait(held=1)
    until_waiting(readers, timeout_s=30)
    return readers


def probe(requests, wanted, function):
    """Run it when the kernel has forgotten everything, and prove that it asked the daemon."""
    for _ in range(PROBES):
        drop_caches()
        requests.clear()
        function()
        assert requests.count()[wanted] >= 1, "the probe did not reach the daemon"


def test_held_names_answer_while_reads_hang(server, fs, readers, fuse_requests):
    requests = fuse_requests(fs)
    manifest, expected = fs.manifest("team", "v1"), server.manifest("team", tag="v1")

    def cat():
        assert read(manifest) == expected
    calls = server.calls()
    probe(requests, "LOOKUP", lambda: os.stat(manifest))
    probe(requests, "READ", cat)
    probe(requests, "LOOKUP", lambda: os.listdir(fs.root / "team"))
    assert server.calls() == calls
    assert all(waits_for_fuse(reader) for reader in readers), "the readers were waiting all the time"
    server.clear_faults()
    for number, reader in enumerate(readers):
        data, _ = reader.communicate(timeout=30)
        assert data == server.manifest("slow/images", tag=f"t{number:06d}")


def test_neighbours_of_hanging_files_answer(fs, readers):
    """In the very repository and the very directories whose manifests hang."""
    drop_caches()
    assert len(run("ls", fs.root / "slow/images", timeout_s=5).splitlines()) == READERS
    assert set(run("ls", fs.tag("slow/images", "t000000"), timeout_s=5).decode().split()) == FILES
    run("find", fs.root / "slow", "-name", "manifest.json", timeout_s=5)
    run("df", fs.point, timeout_s=5)
    assert all(waits_for_fuse(reader) for reader in readers)


def test_a_repository_whose_calls_hang_does_not_hold_up_others(server, mount):
    server.seed(repository="slow/images", tags=4)
    fs = mount(ttl="1h", timeout="5m", read_timeout="5m", max_connections=3, readahead="off")
    tags = os.listdir(fs.root / "slow/images")
    server.fault("hold", repository="slow/*")
    hanging = []
    for number, tag in enumerate(tags, 1):
        hanging.append(fs.start("cat", fs.manifest("slow/images", tag)))
        server.wait(held=min(number, 3))  # the last one has no call
    until_waiting(hanging)
    for repository, tag in (("team", "v1"), ("charts/web", "1.0.0"), ("team/app", "v1")):
        assert fs.read(repository, tag) == server.manifest(repository, tag=tag)
        run("ls", fs.root / repository, timeout_s=5)
    assert server.stats()["held"] == 3 and all(map(waits_for_fuse, hanging))
    server.clear_faults()
    for tag, reader in zip(tags, hanging):
        assert reader.communicate(timeout=10)[0] == server.manifest("slow/images", tag=tag)


def test_lookups_in_one_directory_do_not_wait_for_each_other(server, fs):
    server.fault("hold", operation="DescribeImages", id="pending")
    waiting = fs.start("stat", fs.tag("team", "pending"))
    server.wait(held=1)
    until_waiting([waiting])
    drop_caches()
    run("stat", fs.tag("team", "v2"), timeout_s=5)
    run("ls", fs.root / "team", timeout_s=5)
    run("cat", fs.manifest("team", "v1"), timeout_s=5)
    server.push("team", tag="other")
    run("stat", fs.tag("team", "other"), timeout_s=5)
    assert waiting.poll() is None
    server.clear_faults()
    assert waiting.wait(10) == 1


def kill(process, number=signal.SIGKILL):
    """It ends though the server still holds what it waits for. `scripts/bench` measures how soon."""
    process.send_signal(number)
    assert process.wait(20) == -number


def test_each_waiting_reader_can_be_killed_at_once(server, fs, readers):
    for reader in readers:
        kill(reader)
    server.clear_faults()
    assert fs.read("slow/images", "t000000") == server.manifest("slow/images", tag="t000000")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
                         ids=lambda number: number.name)
def test_second_reader_of_one_name_can_be_killed_at_once(server, fs, number):
    server.fault("hold", operation="BatchGetImage")
    first, second, third = [fs.start("cat", fs.manifest("team", "v2")) for _ in range(3)]
    server.wait(held=1)
    until_waiting([first, second, third])
    kill(second, number)
    assert waits_for_fuse(first) and waits_for_fuse(third)
    kill(first, number)
    server.clear_faults()
    data, _ = third.communicate(timeout=10)
    assert data == server.manifest("team", tag="v2")
    assert server.calls("BatchGetImage") == 2, "one for `team/v1`, one for all three readers"


# libc itself: Python's own open and read would try again after EINTR.
SIGNALLED_READER = """if True:
    import ctypes, os, signal, sys
    signals = []
    signal.signal(signal.SIGURG, lambda *_: signals.append(1))
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.open(os.fsencode(sys.argv[1]), os.O_RDONLY)
    buffer = ctypes.create_string_buffer(1 << 20)
    got = libc.read(descriptor, buffer, len(buffer)) if descriptor >= 0 else -1
    if got < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    os.write(1, buffer.raw[:got])
    sys.exit(0 if signals else "no signal came")
"""


def test_harmless_signals_fail_no_read(server, fs):
    """As Go programs send themselves all the time."""
    server.fault("hold", operation="BatchGetImage")
    reader = fs.start(sys.executable, "-c", SIGNALLED_READER, fs.manifest("team", "v2"))
    server.wait(held=1)
    until_waiting([reader])
    for _ in range(100):
        reader.send_signal(signal.SIGURG)
        time.sleep(0.015)  # the daemon looks again every 50 ms
        assert reader.poll() is None
    server.clear_faults()
    data, complaint = reader.communicate(timeout=10)
    assert (reader.returncode, complaint) == (0, b"")
    assert data == server.manifest("team", tag="v2")


def test_killed_reader_does_not_cancel_the_fetch_of_another(server, fs):
    server.fault("hold", operation="BatchGetImage")
    killed = fs.start("cat", fs.manifest("team", "v2"))
    server.wait(held=1)
    until_waiting([killed])
    kill(killed)
    other = fs.start("cat", fs.manifest("team", "latest"))
    until_waiting([other])
    server.clear_faults()
    data, _ = other.communicate(timeout=10)
    assert data == server.manifest("team", tag="v2")
    assert server.calls("BatchGetImage") == 2, "one for `team/v1`, one for both readers"


def test_what_a_killed_reader_had_asked_for_is_kept(server, fs):
    """Nobody waits for it any more when it comes."""
    server.fault("hold", operation="BatchGetImage")
    killed = fs.start("cat", fs.manifest("team", "v2"))
    server.wait(held=1)
    until_waiting([killed])
    kill(killed, signal.SIGINT)
    server.clear_faults()
    wait_quiet(server)
    server.fault("hold", operation="BatchGetImage")
    assert run("cat", fs.manifest("team", "v2"), timeout_s=20) == server.manifest("team", tag="v2")
    assert server.calls("BatchGetImage") == 2, "one for `team/v1`, one for the reader that was killed"


@pytest.mark.skipif(is_sanitized(), reason="sanitizers need memory of their own")
def test_idle_memory(mount):
    fs = mount()
    assert fs.resident_bytes() < 16 << 20
    subprocess.run(["ls", "-R", fs.root], stdout=subprocess.DEVNULL, check=True)
    fs.read("team", "v1")
    assert fs.resident_bytes() < 16 << 20
