"""What is at the mount point already: dead mounts are cleared, a living one refuses another."""

import contextlib
import ctypes
import os
import pathlib
import select
import signal
import subprocess

import pytest

from ecr_server.client import ACCOUNT

from . import kernel
from .checks import errno_of, run
from .mount import ECRFS, KEYS, option_text

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="this is for root")


@pytest.fixture
def start(mount):
    """A function that mounts in the background, with one command, and returns what that has said."""
    def run_ecrfs(point, code=0, registry=ACCOUNT):
        done = mount.run("-o", option_text(mount.default_options()), registry, point)
        assert done.returncode == code, done.stderr
        return done.stderr.splitlines()
    return run_ecrfs


@pytest.fixture
def tmpfs(mount):
    """A function that mounts one at a mount point; whatever is there is unmounted at the end."""
    points = []

    def mount_tmpfs(point):
        points.append(point)
        run("mount", "-t", "tmpfs", "tmpfs", point)
    yield mount_tmpfs
    for point in points:
        # A daemon that loses its mount clears what is dead beneath it, maybe sooner than this does.
        for _ in range(count(point)):
            subprocess.run(["umount", "-l", point], capture_output=True, timeout=30)
        assert count(point) == 0


def is_ecrfs(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text() == "ecrfs\n"
    except OSError:
        return False


def kill(mount):
    """What kill -9 leaves: all daemons of the test are gone, their mounts are not."""
    for pid in filter(is_ecrfs, mount.daemons()):
        descriptor = os.pidfd_open(pid)
        try:
            os.kill(pid, signal.SIGKILL)
            assert select.select([descriptor], [], [], 10)[0], f"{pid} does not die"
        finally:
            os.close(descriptor)


def count(point):
    """How many filesystems are mounted there, one above the other."""
    return [line.split()[4] for line in open("/proc/self/mountinfo")].count(str(point))


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("slash", ["", "/"], ids=["plain", "slash"])
def test_one_command_serves_again_after_kill_9(server, mount, start, slash):
    point = mount.new_point()
    start(point)
    kill(mount)
    assert errno_of(os.listdir, point) == "ENOTCONN"
    line, = start(f"{point}{slash}")
    assert "unmounted" in line and ACCOUNT in line and str(point) in line
    assert count(point) == 1
    assert (point / ACCOUNT / "team/v1/manifest.json").read_bytes() == server.manifest("team", tag="v1")


def test_restarts_while_the_killed_daemon_is_still_dying(mount, start):
    point = mount.new_point()
    start(point)
    for _ in range(5):
        os.kill(next(filter(is_ecrfs, mount.daemons())), signal.SIGKILL)
        start(point)
        assert os.listdir(point) == [ACCOUNT]
        assert count(point) == 1


def test_kill_9_with_readers_and_a_working_directory_inside(server, mount, start):
    point = mount.new_point()
    start(point)
    server.fault("hold", operation="BatchGetImage")
    directory = os.open(point / ACCOUNT, os.O_RDONLY)
    reader = subprocess.Popen(["cat", point / ACCOUNT / "team/v1/manifest.json"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        server.wait(held=1)
        kill(mount)
        assert reader.communicate(timeout=10)[0] == b"" and reader.returncode == 1
        server.clear_faults()
        start(point)
        assert errno_of(os.listdir, directory) == "ENOTCONN"
        assert (point / ACCOUNT / "team/v1/manifest.json").read_bytes() == server.manifest("team", tag="v1")
    finally:
        reader.kill()
        reader.wait()
        os.close(directory)


@needs_root
def test_all_dead_mounts_are_cleared_one_above_the_other(mount, start):
    point, places = mount.new_point(), [mount.new_point() for _ in range(3)]
    for place in places:
        start(place)
    kill(mount)
    for place in places:
        run("mount", "--move", place, point)
    assert count(point) == 3
    assert len(start(point)) == 3
    assert count(point) == 1
    assert os.listdir(point) == [ACCOUNT]


def test_mount_point_with_odd_characters(mount, start):
    odd = mount.new_point() / "a b\\c\td#é"
    odd.mkdir()
    start(odd)
    kill(mount)
    assert len(start(odd)) == 1
    assert os.listdir(odd) == [ACCOUNT]


def test_a_second_daemon_is_refused(server, mount, start):
    fs = mount()
    line, = start(fs.point, code=32, registry="123456789012")
    assert ACCOUNT in line and f"umount {fs.point}" in line
    assert count(fs.point) == 1
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_of_many_that_start_at_once_one_mounts(mount):
    point = mount.new_point()
    command = ["sh", "-c", 'for n in 1 2 3 4 5 6 7 8; do "$@" 2>/dev/null & pids="$pids $!"; done; '
               'for pid in $pids; do wait $pid; echo $?; done', "sh"]
    done = subprocess.run([*command, ECRFS, "-o", option_text(mount.default_options()), ACCOUNT, point],
                          capture_output=True, text=True, timeout=30, env=mount.environment(KEYS))
    assert sorted(done.stdout.split()) == ["0"] + ["32"] * 7
    assert count(point) == 1


def test_a_daemon_that_is_stopped_is_not_taken_for_dead(server, mount, start):
    fs = mount()
    with stopped(fs.pid):
        line, = start(fs.point, code=32)
        assert "does not answer" in line and f"umount -l {fs.point}" in line
        assert count(fs.point) == 1
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


@needs_root
def test_other_filesystems_at_the_mount_point_are_left_alone(mount, start, tmpfs):
    point = mount.new_point()
    tmpfs(point)
    start(point)
    assert count(point) == 2
    assert os.listdir(point) == [ACCOUNT]


@needs_root
def test_a_dead_mount_of_another_filesystem_is_left_alone(mount, start):
    point = mount.new_point()
    connection = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={connection},rootmode=40000,user_id=0,group_id=0".encode()
    assert ctypes.CDLL(None).mount(b"other", bytes(point), b"fuse.other", 0, options) == 0
    os.close(connection)
    line, = start(point, code=32)
    assert str(point) in line and "another filesystem" in line
    assert count(point) == 1


@needs_root
def test_a_dead_mount_under_another_filesystem_is_left_alone(mount, start, tmpfs):
    point = mount.new_point()
    start(point)
    kill(mount)
    tmpfs(point)
    assert start(point) == []
    assert count(point) == 3


def abort_forced(fs):
    subprocess.run(["umount", "-f", fs.point], capture_output=True, timeout=30)


def abort_by_control(fs, directory):
    run("mount", "-t", "fusectl", "fusectl", directory)
    try:
        (directory / str(fs.info.device) / "abort").write_text("1")
    finally:
        run("umount", directory)


@needs_root
@pytest.mark.parametrize("how", ["umount -f", "fusectl"])
def test_an_aborted_connection_ends_the_daemon_and_leaves_no_mount(server, mount, tmp_path, how):
    fs = mount()
    server.fault("hold", operation="BatchGetImage")
    reader = fs.start("cat", fs.manifest("team", "v1"))
    server.wait(held=1)
    kernel.until_waiting([reader])
    if how == "fusectl":
        control = tmp_path / "control"
        control.mkdir()
        abort_by_control(fs, control)
    else:
        abort_forced(fs)
    data, complaint = reader.communicate(timeout=10)
    assert reader.returncode == 1 and data == b"" and complaint
    fs.check_end()


@needs_root
def test_a_directory_inside_a_living_mount_is_judged_by_itself(mount, start):
    fs = mount()
    assert start(fs.root) == []
    assert os.listdir(fs.root) == [ACCOUNT]
    run("fusermount3", "-u", fs.root)
