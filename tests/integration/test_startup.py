"""How ecrfs starts: it detaches only when the mount is usable, and says why when it cannot."""

import ctypes
import os
import subprocess

import pytest

from ecr_server.client import ACCOUNT

from .checks import run, until
from .kernel import mounts
from .mount import ECRFS, KEYS, option_text

PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture
def adopt():
    """Make this process the parent of daemons that detach, so that their exit codes can be seen."""
    prctl = ctypes.CDLL(None).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1) == 0

    def exit_code(pid):
        until(lambda: has_ended(pid), "the daemon ends")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    yield exit_code
    prctl(PR_SET_CHILD_SUBREAPER, 0)


def has_ended(pid):
    """Whether a child can be waited for, without doing so."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@pytest.fixture
def point(mount):
    return mount.new_point()


@pytest.fixture
def usual(mount):
    return option_text(mount.default_options())


def test_returns_only_when_the_mount_is_usable(server, mount, point, usual, adopt):
    started = mount.run("-o", usual, ACCOUNT, point)
    assert point.joinpath(ACCOUNT, "team/v1/manifest.json").stat().st_size == len(server.manifest("team", tag="v1"))
    assert (started.returncode, started.stdout) == (0, "")
    pid, = mount.daemons()
    assert os.getsid(pid) != os.getsid(0)
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    for number in (0, 1, 2):
        assert os.readlink(f"/proc/{pid}/fd/{number}") == "/dev/null"
    run("fusermount3", "-u", point)
    assert adopt(pid) == 0
    assert mount.mounted() == mount.daemons() == []


def test_mounting_needs_no_server(mount, point):
    assert mount.run("-o", "region=us-east-1,endpoint_url=http://127.0.0.1:1", ACCOUNT, point).returncode == 0
    assert os.listdir(point) == [ACCOUNT]


def test_how_the_mount_looks(mount, point, usual):
    assert mount.run("-o", usual, ACCOUNT, point).returncode == 0
    shown = run("findmnt", "-rn", "-o", "FSTYPE,SOURCE", "--mountpoint", point).decode().split()
    assert shown == ["fuse.ecrfs", ACCOUNT]
    assert {"ro", "nosuid", "nodev", "default_permissions"} <= mounts()[str(point)].options


def test_source_is_the_argument_as_given(mount, point, usual):
    registries = f"{ACCOUNT},123456789012"
    assert mount.run("-o", usual, registries, point).returncode == 0
    assert mounts()[str(point)].source == registries


def test_registry_may_be_left_out(mount, point, usual):
    assert mount.run("-o", usual, point).returncode == 0
    assert os.listdir(point) == ["default"]
    assert (point / "default/team/v1/manifest.json").stat().st_size > 0


def test_relative_mount_point(mount, point, usual):
    assert mount.run("-o", usual, ACCOUNT, point.name, cwd=point.parent).returncode == 0
    assert os.listdir(point) == [ACCOUNT]


def test_mount_point_with_odd_characters(mount, usual, point):
    odd = point / "a b,c\\d"
    odd.mkdir()
    assert mount.run("-o", usual, ACCOUNT, odd).returncode == 0
    assert os.listdir(odd) == [ACCOUNT]


def test_options_may_stand_anywhere_and_be_repeated(mount, point, usual):
    assert mount.run(ACCOUNT, point, "-o", usual, "-o", "ttl=5m,,negative_ttl=1s").returncode == 0
    assert os.listdir(point) == [ACCOUNT]


@pytest.mark.parametrize("duration", ["0", "250ms", "30s", "5m", "2h", "7d"])
def test_durations(mount, point, usual, duration):
    options = option_text({name: duration for name in ("ttl", "digest_ttl", "negative_ttl")})
    assert mount.run("-o", f"{usual},{options}", ACCOUNT, point).returncode == 0
    assert os.listdir(point) == [ACCOUNT]


def test_log_file(server, mount, point, usual, tmp_path):
    log = tmp_path / "ecrfs.log"
    assert mount.run("-o", f"{usual},log_file={log},max_attempts=1", ACCOUNT, point).returncode == 0
    server.fault("html", operation="BatchGetImage")
    run("cat", point / ACCOUNT / "team/v1/manifest.json", code=1)
    until(lambda: "BatchGetImage" in log.read_text(), "the failed call in the log")


USAGE = {
    "unknown option": (["-o", "nonsense=1"], "nonsense"),
    "unknown flag": (["--nonsense"], "nonsense"),
    "not a duration": (["-o", "ttl=abc"], "ttl"),
    "negative duration": (["-o", "ttl=-1s"], "ttl"),
    "unknown unit": (["-o", "ttl=5x"], "ttl"),
    "huge duration": (["-o", "ttl=99999999999999999999s"], "ttl"),
    "empty duration": (["-o", "timeout="], "timeout"),
    "option without its value": (["-o", "timeout"], "timeout"),
    "not a size": (["-o", "cache_size=much"], "cache_size"),
    "not a number": (["-o", "max_attempts=many"], "max_attempts"),
    "no attempts": (["-o", "max_attempts=0"], "max_attempts"),
    "unknown log level": (["-o", "log_level=loud"], "log_level"),
    "not a mask": (["-o", "umask=9"], "umask"),
    "not an address": (["-o", "endpoint_url=ftp://127.0.0.1"], "endpoint_url"),
}


def complaint_of(mount, code, *arguments):
    """The one line with which ecrfs refuses; nothing of it may be left."""
    done = mount.run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    line, = done.stderr.splitlines()
    assert mount.mounted() == mount.daemons() == []
    return line


@pytest.mark.parametrize("flags", [[], ["-f"]], ids=["background", "foreground"])
@pytest.mark.parametrize("arguments, culprit", USAGE.values(), ids=USAGE)
def test_wrong_usage(mount, point, usual, arguments, culprit, flags):
    assert culprit in complaint_of(mount, 1, *flags, "-o", usual, *arguments, ACCOUNT, point)


@pytest.mark.parametrize("registry", [
    "12345", "Not_A_Registry", "example.com", "0123456789101", "a b", f"{ACCOUNT},nonsense"])
def test_wrong_registry(mount, point, usual, registry):
    assert registry.rpartition(",")[2] in complaint_of(mount, 1, "-o", usual, registry, point)


def test_wrong_number_of_arguments(mount, point, usual):
    complaint_of(mount, 1)
    complaint_of(mount, 1, "-o", usual)
    complaint_of(mount, 1, "-o", usual, ACCOUNT, "123456789012", point)


@pytest.mark.parametrize("flags", [[], ["-f"]], ids=["background", "foreground"])
def test_no_such_mount_point(mount, point, usual, flags):
    missing = point / "missing"
    assert "missing" in complaint_of(mount, 32, *flags, "-o", usual, ACCOUNT, missing)
    file = point / "file"
    file.write_text("")
    assert "file" in complaint_of(mount, 32, *flags, "-o", usual, ACCOUNT, file)


def test_log_file_that_cannot_be_written(mount, point, usual):
    assert "log" in complaint_of(mount, 2, "-o", f"{usual},log_file={point}/no/such/log", ACCOUNT, point)


def test_help_and_version(mount):
    for flag in ("--help", "-h"):
        shown = mount.run(flag)
        assert shown.returncode == 0 and shown.stderr == ""
        for word in ("ecrfs", "REGISTRY", "MOUNTPOINT", "region", "endpoint_url", "ttl", "profile", "log_file"):
            assert word in shown.stdout, word
    for flag in ("--version", "-V"):
        shown = mount.run(flag)
        assert shown.returncode == 0 and shown.stdout.startswith("ecrfs ") and len(shown.stdout.splitlines()) == 1


def test_output_of_a_background_mount_can_be_piped(mount, point, usual):
    """The daemon keeps no end of the pipes that it was started with."""
    script = '"$0" "$@" | cat; exit ${PIPESTATUS[0]}'
    subprocess.run(["bash", "-c", script, ECRFS, "-o", usual, ACCOUNT, point], check=True, timeout=20,
                   env=mount.environment(KEYS))
    assert os.listdir(point) == [ACCOUNT]
