"""Users without privileges: who mounts, for whom root mounts, who may look; and the keeper that unmounts."""

import os
import pathlib
import signal

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from .checks import until
from .mount import KEYS
from .namespace import GROUP, HOME, NAME, OTHER_GROUP, POINT, USER

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="a mount namespace, and a user, are made by root")
MANIFEST = f"{ACCOUNT}/team/v1/manifest.json"
THEIRS = f"{HOME}/mnt"


@pytest.fixture
def options(server):
    return f"region=us-east-1,endpoint_url={server.endpoint},max_attempts=1"


@pytest.fixture
def credentials(inside):
    """In the home directory of the user, who alone may read them."""
    folder = inside.path(f"{HOME}/.aws")
    folder.mkdir(exist_ok=True)
    file = folder / "credentials"
    file.write_text(f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
    for place in (folder, file):
        os.chown(place, USER, GROUP)
        place.chmod(0o700)
    yield file
    file.unlink()


def status(pid):
    """{name: value} of /proc/<pid>/status."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines)


def daemon_with_keeper(inside):
    """(daemon, keeper): the keeper is the daemon's child."""
    first, second = inside.daemons()
    daemon, keeper = (first, second) if status(second)["PPid"] == str(first) else (second, first)
    assert status(keeper)["PPid"] == str(daemon)
    return daemon, keeper


def until_nothing_is_left(inside):
    until(lambda: not inside.daemons() and not inside.mounted(), "neither mount nor process is left")


def test_a_user_mounts_and_unmounts(server, inside, options, credentials):
    assert inside.run("ecrfs", "-o", options, ACCOUNT, THEIRS, user=True, HOME=HOME) == ""
    assert inside.mounted()[THEIRS].options >= {"ro", "nosuid", "nodev", f"user_id={USER}", f"group_id={GROUP}"}
    assert inside.run("cat", f"{THEIRS}/{MANIFEST}", user=True).encode() == server.manifest("team", tag="v1")
    assert inside.run("stat", "-c", "%u %g %a", f"{THEIRS}/{MANIFEST}", user=True) == f"{USER} {GROUP} 444\n"
    assert "Permission denied" in inside.run("ls", THEIRS, code=2)
    inside.run("fusermount3", "-u", THEIRS, user=True)
    until_nothing_is_left(inside)


def test_a_user_may_mount_what_fstab_says(server, inside, options, credentials):
    inside.fstab.write_text(f"{ACCOUNT} {THEIRS} ecrfs {options},user,noauto 0 0\n")
    assert inside.run("mount", THEIRS, user=True) == ""
    assert inside.run("cat", f"{THEIRS}/{MANIFEST}", user=True).encode() == server.manifest("team", tag="v1")
    assert "noexec" in inside.mounted()[THEIRS].options
    inside.run("umount", THEIRS, user=True)
    until_nothing_is_left(inside)


def test_a_user_may_not_mount_where_others_write(inside, options):
    for point in ("/root", POINT):
        complaint = inside.run("ecrfs", "-o", options, ACCOUNT, point, code=32, user=True, **KEYS)
        assert f"could not mount {ACCOUNT} at {point}" in complaint
    assert inside.mounted() == {}


def test_allow_other_of_a_user_needs_fuse_conf(server, inside, options):
    command = ["ecrfs", "-o", f"{options},allow_other", ACCOUNT, THEIRS]
    assert "user_allow_other" in inside.run(*command, code=32, user=True, **KEYS)
    assert inside.mounted() == {}
    inside.fuse_conf.write_text("user_allow_other\n")
    assert inside.run(*command, user=True, **KEYS) == ""
    assert inside.run("cat", f"{THEIRS}/{MANIFEST}").encode() == server.manifest("team", tag="v1")


def test_allow_other_of_root(server, inside, options):
    inside.run("ecrfs", "-o", options, ACCOUNT, POINT, **KEYS)
    assert "Permission denied" in inside.run("ls", POINT, code=2, user=True)
    inside.run("umount", POINT)
    inside.run("ecrfs", "-o", f"{options},allow_other", ACCOUNT, POINT, **KEYS)
    assert inside.run("cat", f"{POINT}/{MANIFEST}", user=True).encode() == server.manifest("team", tag="v1")


def test_owner_and_modes_decide_who_reads(inside, options):
    more = f"allow_other,uid=1,gid={OTHER_GROUP},umask=027"
    inside.run("ecrfs", "-o", f"{options},{more}", ACCOUNT, POINT, **KEYS)
    assert inside.run("stat", "-c", "%u %g %a", f"{POINT}/{MANIFEST}") == f"1 {OTHER_GROUP} 440\n"
    assert inside.run("stat", "-c", "%u %g %a", POINT) == f"1 {OTHER_GROUP} 550\n"
    assert inside.run("ls", POINT, user=True) == f"{ACCOUNT}\n"
    inside.run("umount", POINT)
    inside.run("ecrfs", "-o", f"{options},{more},gid=1", ACCOUNT, POINT, **KEYS)
    assert "Permission denied" in inside.run("ls", POINT, code=2, user=True)


def test_setuid_gives_up_everything_of_root(server, inside, options, credentials):
    """The credentials are those of the user, found without HOME and read with the user's rights."""
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},allow_other,setuid={NAME}", ACCOUNT, POINT)
    daemon, keeper = daemon_with_keeper(inside)
    found = status(daemon)
    assert found["Uid"].split() == [str(USER)] * 4
    assert found["Gid"].split() == [str(GROUP)] * 4
    assert set(found["Groups"].split()) == {str(GROUP), str(OTHER_GROUP)}
    for thread in os.listdir(f"/proc/{daemon}/task"):
        found = status(f"{daemon}/task/{thread}")
        assert found["Uid"].split() == [str(USER)] * 4
        assert [int(found[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [0] * 4
        assert found["NoNewPrivs"] == "1"
    assert status(keeper)["Uid"].split() == ["0"] * 4
    assert inside.path(f"{POINT}/{MANIFEST}").read_bytes() == server.manifest("team", tag="v1")
    assert inside.run("cat", f"{POINT}/{MANIFEST}", user=True).encode() == server.manifest("team", tag="v1")
    assert inside.run("stat", "-c", "%U %G", f"{POINT}/{MANIFEST}") == f"{NAME} {NAME}\n"


def test_setuid_by_number(inside, options):
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},setuid=64999", ACCOUNT, POINT, **KEYS)
    found = status(daemon_with_keeper(inside)[0])
    assert found["Uid"].split() == found["Gid"].split() == ["64999"] * 4
    assert found["Groups"].strip() == ""


def test_setuid_and_the_log_of_root(inside, options):
    """It is opened before the privileges are given up."""
    log = inside.own / "log"
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},log_file={log},setuid={NAME}", ACCOUNT, POINT, **KEYS)
    until(lambda: "is mounted read-only" in log.read_text(), "the daemon logs")
    assert log.stat().st_uid == 0


def test_setuid_is_for_root(inside, options):
    complaint = inside.run("ecrfs", "-o", f"{options},setuid={NAME}", ACCOUNT, THEIRS, code=1, user=True, **KEYS)
    assert "only root" in complaint


@pytest.mark.parametrize("more", ["auto_unmount", f"setuid={NAME}"])
@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "SIGKILL", "umount"])
def test_neither_mount_nor_keeper_is_left(server, inside, options, end, more):
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},{more}", ACCOUNT, POINT, **KEYS)
    daemon, _ = daemon_with_keeper(inside)
    assert inside.path(f"{POINT}/{MANIFEST}").read_bytes() == server.manifest("team", tag="v1")
    if end == "umount":
        inside.run("umount", POINT)
    else:
        os.kill(daemon, getattr(signal, end))
    until_nothing_is_left(inside)


def test_the_keeper_of_a_user_unmounts(inside, options):
    """Through fusermount3."""
    inside.run("ecrfs", "-o", f"{options},auto_unmount", ACCOUNT, THEIRS, user=True, **KEYS)
    os.kill(daemon_with_keeper(inside)[0], signal.SIGKILL)
    until_nothing_is_left(inside)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_the_keeper_stays_when_all_are_told_to_end(inside, options, number):
    """As systemd does it: the daemon may take its time, and be killed in the end."""
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},setuid={NAME}", ACCOUNT, POINT, **KEYS)
    daemon, keeper = daemon_with_keeper(inside)
    os.kill(daemon, signal.SIGSTOP)
    os.kill(keeper, number)
    os.kill(daemon, number)
    assert inside.daemons() == sorted([daemon, keeper])
    os.kill(daemon, signal.SIGKILL)
    until_nothing_is_left(inside)


def test_the_keeper_unmounts_its_own_mount_only(inside, options):
    """What was mounted there since the daemon was killed stays: here the keeper comes late."""
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},auto_unmount", ACCOUNT, POINT, **KEYS)
    daemon, keeper = daemon_with_keeper(inside)
    os.kill(keeper, signal.SIGSTOP)
    os.kill(daemon, signal.SIGKILL)
    until(lambda: inside.daemons() == [keeper], "the daemon is gone")
    assert "unmounted" in inside.run("ecrfs", "-o", options, ACCOUNT, POINT, **KEYS)
    os.kill(keeper, signal.SIGCONT)
    until(lambda: keeper not in inside.daemons(), "the keeper has ended", timeout_s=20)
    assert len(inside.daemons()) == 1 and list(inside.mounted()) == [POINT]


def test_the_keeper_holds_nothing_of_the_daemon(inside, options):
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},auto_unmount", ACCOUNT, POINT, **KEYS)
    _, keeper = daemon_with_keeper(inside)
    held = [os.readlink(file) for file in pathlib.Path(f"/proc/{keeper}/fd").iterdir()]
    assert sorted(held)[:3] == ["/dev/null"] * 3
    assert all(name.startswith("pipe:") for name in sorted(held)[3:]) and len(held) == 4
