"""How ecrfs ends: by signal, by unmount, also with requests in flight; nothing is left."""

import errno
import os
import pathlib
import signal
import threading

import pytest

from ecr_server.client import ACCOUNT

from . import kernel
from .checks import errno_of, read, run, until
from .kernel import mounts, until_waiting
from .mount import option_text

ENDS = {
    "SIGTERM": lambda fs: fs.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda fs: fs.process.send_signal(signal.SIGINT),
    "umount": lambda fs: run("umount", fs.point),
    "fusermount3 -u": lambda fs: run("fusermount3", "-u", fs.point),
}
SIGNALS = [signal.SIGTERM, signal.SIGINT]
# What one gets who waits for a daemon that ends, or asks for more of it.
ENDED = [os.strerror(number) for number in (errno.EIO, errno.ECONNABORTED, errno.ENOTCONN)]
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="umount(8) is for root")


@pytest.fixture(params=[pytest.param(end, marks=needs_root if name == "umount" else []) for name, end in ENDS.items()],
                ids=ENDS)
def end(request):
    return request.param


def test_ends_cleanly_when_nothing_was_done(mount, end):
    fs = mount()
    end(fs)
    fs.check_end()


def test_ends_cleanly_after_work(server, mount, end):
    fs = mount()
    run("grep", "-r", "schemaVersion", fs.root / "team")
    assert errno_of(os.stat, fs.root / "team/no-such-tag") == "ENOENT"
    end(fs)
    fs.check_end()
    assert os.listdir(fs.point) == []
    server.wait(connections_open=0)


def test_ends_cleanly_after_errors(server, mount, end):
    fs = mount(max_attempts=1)
    for action in ("html", "garbage", "close", "empty"):
        server.config(faults=[{"action": action}])
        assert errno_of(os.listdir, fs.root) is not None
        assert errno_of(fs.read, "team", "v1") is not None
    end(fs)
    fs.check_end()


@pytest.mark.parametrize("operation", ["BatchGetImage", "DescribeImages", "DescribeRepositories"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_ends_at_once_with_requests_in_flight(server, mount, number, operation):
    fs = mount(timeout="1h", read_timeout="1h")
    server.fault("hold", operation=operation)
    readers = [fs.start("cat", fs.manifest("team/app", f"v{n}")) for n in range(1, 9)]
    server.wait(held=1)
    until_waiting(readers)
    fs.process.send_signal(number)
    assert fs.process.wait(10) == 0
    for reader in readers:
        data, complaint = reader.communicate(timeout=10)
        assert reader.returncode == 1 and data == b"" and complaint
    fs.check_end()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_all_of_many_reads_in_flight_are_answered(server, mount, number):
    """Within 2 s, the mount is gone and each reader has its errno."""
    server.seed(repository="big/one", tags=64)
    fs = mount(timeout="1h", read_timeout="1h", readahead="off")
    os.listdir(fs.root / "big/one")
    server.fault("hold", operation="BatchGetImage")
    failures = []
    readers = [threading.Thread(target=lambda n=n: failures.append(errno_of(read, fs.manifest("big/one", f"t{n:06}"))))
               for n in range(64)]
    for reader in readers:
        reader.start()
    until(lambda: sum(map(kernel.sleeps_in_fuse, pathlib.Path("/proc/self/task").iterdir())) == 64, "all readers wait")
    fs.process.send_signal(number)
    assert fs.process.wait(2) == 0
    assert str(fs.point) not in mounts()
    for reader in readers:
        reader.join(10)
    # Who waited has EIO; the others are for whom a request comes while the daemon ends.
    assert len(failures) == 64 and "EIO" in failures
    assert set(failures) <= {"EIO", "ECONNABORTED", "ENOTCONN"}
    assert fs.log_lines(str(fs.point), "ends: ", signal.strsignal(number))
    fs.check_end()


def held_at_all_stages(server, fs):
    """Programs that wait for a second page of tags, for a page of repositories, for a name, for bytes and a size."""
    server.config(page_size=5)
    os.listdir(fs.root / "big/read")
    server.fault("hold", operation="DescribeImages", repository="big/paged", after=1)
    server.fault("hold", operation="BatchGetImage")
    server.fault("hold", operation="DescribeImages", repository="big/named")
    waiting = {
        "a page of tags": fs.start("ls", fs.root / "big/paged"),
        "a page of tags, too": fs.start("find", fs.root / "big/paged"),
        "a name": fs.start("stat", fs.root / "big/named:t000001"),
        "bytes": fs.start("cat", fs.manifest("big/read", "t000001")),
        "a size": fs.start("stat", fs.manifest("big/read", "t000002")),
    }
    server.wait(held=3)
    server.fault("hold", operation="DescribeRepositories")
    waiting["a repository"] = fs.start("stat", fs.root / "never/seen")
    until_waiting(waiting.values())
    return waiting


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_whatever_waits_is_answered(server, mount, how):
    """With an error: no listing is short without one, no file empty, no name absent."""
    for name in ("paged", "named", "read"):
        server.seed(repository=f"big/{name}", tags=20)
    fs = mount(timeout="1h", read_timeout="1h", readahead="off", ttl="0")
    waiting = held_at_all_stages(server, fs)
    fs.process.send_signal(signal.Signals[how])
    assert fs.process.wait(2 if how == "SIGTERM" else 20) == (0 if how == "SIGTERM" else -signal.SIGKILL)
    for what, process in waiting.items():
        out, complaint = process.communicate(timeout=10)
        assert process.returncode != 0 and any(text in complaint.decode() for text in ENDED), (what, complaint)
        assert out == b"" or "page" in what, (what, out)
    if how == "SIGTERM":
        fs.check_end()
        return
    server.clear_faults()
    assert errno_of(os.listdir, fs.point) == "ENOTCONN"
    mount.all.remove(fs)
    fs.clean_up()
    again = mount()
    assert len(os.listdir(again.root / "big/paged")) == 20
    assert again.read("big/read", "t000001") == server.manifest("big/read", tag="t000001")


def test_ends_at_once_while_retrying(server, mount):
    fs = mount(max_attempts=20, timeout="1h")
    server.fault("html")
    reader = fs.start("cat", fs.manifest("team", "v1"))
    server.wait(calls={"DescribeRepositories": 2})
    fs.process.send_signal(signal.SIGTERM)
    assert fs.process.wait(10) == 0
    assert reader.wait(10) == 1
    fs.check_end()


def test_lazy_unmount_lets_a_reader_finish(server, mount):
    fs = mount()
    server.fault("hold", operation="BatchGetImage")
    reader = fs.start("cat", fs.manifest("team", "v1"))
    server.wait(held=1)
    run("fusermount3", "-u", "-z", fs.point)
    assert str(fs.point) not in mounts()
    assert fs.process.poll() is None
    server.clear_faults()
    data, _ = reader.communicate(timeout=10)
    assert data == server.manifest("team", tag="v1")
    fs.check_end()


def test_unmount_of_a_busy_mount_is_refused_and_harmless(server, mount):
    fs = mount()
    with open(fs.manifest("team", "v1"), "rb"):
        run("fusermount3", "-u", fs.point, code=1)
        assert fs.read("team", "v2") == server.manifest("team", tag="v2")


def test_has_no_children_and_few_threads_and_descriptors(mount):
    fs = mount()
    run("grep", "-r", "schemaVersion", fs.root / "team")
    tasks = list(pathlib.Path(f"/proc/{fs.pid}/task").iterdir())
    assert [(task / "children").read_text() for task in tasks] == [""] * len(tasks)
    assert len(tasks) < 32
    assert len(os.listdir(f"/proc/{fs.pid}/fd")) < 64


def test_mounts_again_at_the_same_place(server, mount):
    for _ in range(3):
        point = mount.new_point()
        for _ in range(2):
            run_once(mount, point)
    assert server.calls("BatchGetImage") == 0


def run_once(mount, point):
    started = mount.run("-o", option_text(mount.default_options()), ACCOUNT, point)
    assert started.returncode == 0, started.stderr
    assert os.listdir(point) == [ACCOUNT]
    run("fusermount3", "-u", point)
    assert os.listdir(point) == []
    until(lambda: not mount.daemons(), "the daemon is gone")


def test_ends_although_a_file_that_it_reads_hangs(mount, tmp_path):
    """As a home directory on a dead server does."""
    fifo = tmp_path / "credentials"
    os.mkfifo(fifo)
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(fifo), "AWS_CONFIG_FILE": "/dev/null"}, timeout="300ms")
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    assert os.listdir(fs.point) == [ACCOUNT]
    fs.stop()


def test_readers_are_answered_although_a_file_hangs(mount, tmp_path):
    fifo = tmp_path / "credentials"
    os.mkfifo(fifo)
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(fifo), "AWS_CONFIG_FILE": "/dev/null"}, timeout="1h")
    readers = [fs.start("cat", fs.manifest("team/app", f"v{n}")) for n in range(1, 9)]
    until_waiting(readers)
    fs.process.send_signal(signal.SIGTERM)
    assert fs.process.wait(2) == 0
    for reader in readers:
        assert reader.wait(10) == 1
    fs.check_end()
