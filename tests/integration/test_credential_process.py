"""Credentials from a program: what it gets, what it may do, and how it ends."""

import json
import os
import pathlib
import signal

import pytest

from ecr_server.client import ACCESS_KEY, SECRET_KEY

from . import kernel
from .checks import errno_of, until
from .mount import option_text

KEYS = {"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}


@pytest.fixture
def program(mount):
    """A function that has the profile run a shell script with these lines; `answer` is what it should print."""
    (mount.home / ".aws").mkdir()
    path = mount.home / "give keys"

    def write(*lines, prefix=""):
        (mount.home / "answer").write_text(json.dumps(KEYS))
        path.write_text("\n".join(["#!/bin/sh", f"cd '{mount.home}'", "echo run >> runs", *lines]) + "\n")
        path.chmod(0o755)
        (mount.home / ".aws/config").write_text(f"[default]\ncredential_process = {prefix}'{path}' \"an argument\"\n")
        return mount.home
    return write


def runs(home):
    """How often it was started."""
    path = home / "runs"
    return len(path.read_text().splitlines()) if path.exists() else 0


def is_running(pid):
    """Whether it is there, and no zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    """Pids of its children, zombies included."""
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]


def test_what_it_prints_is_used(server, mount, program):
    home = program('[ "$1" = "an argument" ] && cat answer')
    fs = mount(environment={}, log_level="debug")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    os.listdir(fs.root)
    assert runs(home) == 1  # keys without an end are kept
    assert fs.log_lines("AWS credentials from custom-process")
    assert SECRET_KEY not in fs.log
    until(lambda: not children(fs.pid), "it is reaped")


def test_it_has_nothing_of_the_daemon(mount, program):
    home = program("ls -l /proc/self/fd > fds", "cat > input", "grep -E 'Sig(Blk|Ign)' /proc/self/status > signals",
                   "cat answer")
    fs = mount(environment={})
    os.listdir(fs.root)
    fds = (home / "fds").read_text()
    assert "/dev/fuse" not in fds and "socket:" not in fds and "eventpoll" not in fds
    assert len([line for line in fds.splitlines() if "->" in line]) == 4  # and the one that ls opens
    assert (home / "input").read_text() == ""
    # glibc ignores two signals of its own, 32 and 33, in what it spawns.
    assert [int(line.split()[1], 16) & 0x7fffffff for line in (home / "signals").read_text().splitlines()] == [0, 0]


def test_it_is_run_again_before_the_credentials_end(server, mount, program):
    home = program("""e=$(date -u -d '+4 seconds' +%Y-%m-%dT%H:%M:%SZ)""",
                   """sed "s/}/, \\"Expiration\\": \\"$e\\"}/" answer""")
    fs = mount(environment={}, ttl=0)

    def read_on():
        assert errno_of(os.listdir, fs.root) is None
        return runs(home) > 2
    until(read_on, "it is run again", 30)
    assert {outcome for of_one in server.stats()["outcomes"].values() for outcome in of_one} == {"ok"}


def test_what_it_says_when_it_fails_is_in_the_log(mount, program):
    program("printf 'please\\tlog in\\n' >&2", "exit 3")
    fs = mount(environment={})
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("credential_process of profile default failed with exit code 3: please?log in; run it")


def test_it_works_as_soon_as_the_program_does(mount, program):
    program("exit 1")
    fs = mount(environment={})
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    program("cat answer")
    until(lambda: errno_of(os.listdir, fs.root) is None, "the keys are used")


def test_one_that_reads_the_mount_does_not_hang_it(mount, program):
    home = program("ls $(cat point)/* > listing 2> errors", "cat answer")
    fs = mount(environment={}, timeout="1s")
    (home / "point").write_text(str(fs.point))
    # It waits for the program, which waits for it, until one of the two gives up.
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    until(lambda: errno_of(os.listdir, fs.root) is None, "the keys are used")
    assert "timed out" in (home / "errors").read_text()
    assert runs(home) == 1


def test_one_that_is_in_the_mount_does_not_hang_it(mount, program):
    home = program("cat answer")
    fs = mount(environment={}, timeout="1s")
    (home / ".aws/config").write_text(f"[default]\ncredential_process = {fs.root}/team/v1/manifest.json\n")
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    until(lambda: fs.log_lines("credential_process of profile default cannot be run"), "it cannot be run")
    program("cat answer")
    until(lambda: errno_of(os.listdir, fs.root) is None, "the keys are used")


def test_nobody_waits_for_one_that_hangs(mount, program):
    home = program("echo $$ > pid", "exec sleep 1000")
    fs = mount(environment={}, timeout="1s")
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    os.listdir(fs.point)
    pid = int((home / "pid").read_text())
    assert is_running(pid) and runs(home) == 1
    fs.stop()
    until(lambda: not is_running(pid), "it ends with the mount")


def test_a_reader_can_be_killed_while_it_runs(mount, program):
    home = program("exec sleep 1000")
    fs = mount(environment={}, timeout="1h")
    reader = fs.start("ls", fs.root)
    until(lambda: runs(home), "it runs")
    reader.send_signal(signal.SIGKILL)
    assert reader.wait(timeout=20) == -signal.SIGKILL


def test_in_the_background_it_runs_in_the_root_directory(mount, program):
    home = program("pwd > directory", "cat answer")
    path = home / "give keys"
    path.write_text(path.read_text().replace(f"cd '{home}'", "").replace("directory", f"{home}/directory").replace(
        "cat answer", f"cat {home}/answer").replace(">> runs", f">> {home}/runs"))
    point = mount.new_point()
    done = mount.run("-o", option_text(mount.default_options()), "123456789012", point, environment={})
    assert done.returncode == 0, done.stderr
    assert os.listdir(point / "123456789012")
    assert (home / "directory").read_text() == "/\n"


def test_it_works_where_the_daemon_was_told_to_ignore_its_children(mount, program):
    program("cat answer")
    point = mount.new_point()
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        mount.run("-o", option_text(mount.default_options()), "123456789012", point, environment={})
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert os.listdir(point / "123456789012")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_as_the_user_of_the_mount_and_can_become_nobody_else(mount, program):
    home = program("id -u > user", "grep NoNewPrivs /proc/self/status >> user", "cat answer")
    for path in [home, *home.parents]:
        if os.stat(path).st_uid == 0 and path != pathlib.Path("/"):
            path.chmod(path.stat().st_mode | 0o755)
    home.chmod(0o777)
    (home / ".aws").chmod(0o755)
    fs = mount(environment={"HOME": str(home)}, setuid="nobody", allow_other=True, **{"env.HOME": str(home)})
    os.listdir(fs.root)
    user, privileges = (home / "user").read_text().splitlines()
    assert int(user) != 0 and privileges.split() == ["NoNewPrivs:", "1"]
    fs.process.terminate()
    fs.process.wait(timeout=20)
    until(lambda: str(fs.point) not in kernel.mounts(), "its keeper has unmounted it")
