"""mount(8), umount(8), fstab: ecrfs installed, in a mount namespace of its own, and what these programs ask of it."""

import os
import shutil
import signal
import socket

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, EcrServer

from .checks import errno_of, read, until
from .mount import KEYS, ROOT
from .namespace import POINT, ROOT_HOME, Namespace

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="a mount namespace is made by root")
BOTH = f"{ACCOUNT},123456789012"
# All that mount(8), fstab and systemd know and no filesystem needs.
WORDS = ("defaults,noauto,nofail,_netdev,user,users,nouser,owner,group,comment=word,x-systemd.automount,"
         "x-systemd.idle-timeout=2s,X-mount.mkdir,x-gvfs-show,context=system_u:object_r:x_t,relatime,noatime,exec,dev,suid,sync,silent")


@pytest.fixture
def options(server):
    return f"region=us-east-1,endpoint_url={server.endpoint},max_attempts=1,env.AWS_EC2_METADATA_DISABLED=true"


@pytest.fixture
def fstab(inside, options):
    """A function that writes the one line of fstab."""
    def write(source=ACCOUNT, point=POINT, kind="ecrfs", more="defaults"):
        inside.fstab.write_text(f"{source} {point} {kind} {options},{more} 0 0\n")
    return write


def manifest(inside, registry=ACCOUNT, point=POINT):
    return read(inside.path(f"{point}/{registry}/team/v1/manifest.json"))


def test_mount_by_type(server, inside, options):
    for kind in ("ecrfs", "fuse.ecrfs"):
        assert inside.run("mount", "-t", kind, "-o", options, ACCOUNT, POINT, **KEYS) == ""
        assert manifest(inside) == server.manifest("team", tag="v1")
        assert list(inside.mounted()) == [POINT]
        assert inside.run("umount", POINT) == ""
        until(lambda: not inside.daemons(), "the daemon has ended")
        assert inside.mounted() == {}


def test_how_it_looks(inside, options):
    inside.run("mount", "-t", "ecrfs", "-o", options, BOTH, POINT, **KEYS)
    assert inside.run("findmnt", "-rn", "-o", "SOURCE,FSTYPE", POINT).split() == [BOTH, "fuse.ecrfs"]
    line, = [line for line in inside.run("cat", "/proc/self/mounts").splitlines() if f" {POINT} " in line]
    source, _, kind, shown, _, _ = line.split()
    assert (source, kind) == (BOTH, "fuse.ecrfs")
    assert set(shown.split(",")) == {"ro", "nosuid", "nodev", "relatime", "user_id=0", "group_id=0",
                                     "default_permissions"}


def test_secrets_are_seen_nowhere(inside, options):
    """Neither among the mounts, nor on the daemon's command line, nor in what mount(8) remembers."""
    inside.run("mount", "-t", "ecrfs", "-o", f"{options},x-for-utab", ACCOUNT, POINT, **KEYS)
    daemon, = inside.daemons()
    shown = "".join(inside.path(file).read_text() for file in (
        f"/proc/{daemon}/mounts", f"/proc/{daemon}/mountinfo", f"/proc/{daemon}/cmdline", "/run/mount/utab"))
    assert POINT in shown and SECRET_KEY not in shown and ACCESS_KEY not in shown


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_a_secret_in_an_option_is_refused(inside, options, name):
    complaint = inside.run("mount", "-t", "ecrfs", "-o", f"{options},env.{name}=hidden", ACCOUNT, POINT, code=1)
    assert name in complaint and "hidden" not in complaint
    assert inside.mounted() == {}


@pytest.mark.parametrize("kind", ["ecrfs", "fuse.ecrfs"])
@pytest.mark.parametrize("source", [ACCOUNT, BOTH, f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"])
def test_mount_a_twice_mounts_once(inside, fstab, source, kind):
    fstab(source=source, kind=kind)
    for _ in range(2):
        assert inside.run("mount", "-a", **KEYS) == ""
        assert [info.source for info in inside.mounted().values()] == [source]
        assert inside.run("findmnt", "-rno", "TARGET", "-t", "fuse.ecrfs").split() == [POINT]
    assert len(inside.daemons()) == 1


def test_mount_a_of_another_fstab(inside, fstab):
    fstab()
    other = inside.own / "other-fstab"
    other.write_text(inside.fstab.read_text())
    inside.fstab.write_text("")
    inside.run("mount", "-a", "-T", other, **KEYS)
    assert list(inside.mounted()) == [POINT]


def test_noauto_is_left_to_mount_by_name(inside, fstab):
    fstab(more="noauto")
    inside.run("mount", "-a", **KEYS)
    assert inside.mounted() == {}
    inside.run("mount", POINT, **KEYS)
    assert list(inside.mounted()) == [POINT]


def test_all_words_of_others_are_accepted(server, inside, fstab):
    fstab(more=WORDS)
    assert inside.run("mount", POINT, **KEYS) == ""
    assert manifest(inside) == server.manifest("team", tag="v1")


# What mount(8) itself takes out: the label where there is no SELinux, which leaves an empty option.
@pytest.mark.parametrize("word", [word for word in WORDS.split(",") if not word.startswith("context=")] + [""])
def test_each_word_of_others_is_accepted(inside, options, word):
    assert inside.run("/sbin/mount.ecrfs", ACCOUNT, POINT, "-n", "-v", "-o", f"rw,{options},{word},", **KEYS) == ""
    assert list(inside.mounted()) == [POINT]


def test_mount_point_and_source_are_unescaped(server, inside, fstab):
    odd = "/mnt/a b"
    inside.path(odd).mkdir()
    fstab(point=odd.replace(" ", "\\040"), source=BOTH.replace(",", "\\054"))
    inside.run("mount", "-a", **KEYS)
    assert {point: info.source for point, info in inside.mounted().items()} == {odd: BOTH}
    assert manifest(inside, point=odd) == server.manifest("team", tag="v1")
    fstab(source="not\\040one", more="noauto")
    assert "'not one' is not a registry" in inside.run("mount", POINT, code=1)


def test_umount_all_of_the_type(inside, options):
    for point in (POINT, "/mnt/second"):
        inside.path(point).mkdir(exist_ok=True)
        inside.run("mount", "-t", "ecrfs", "-o", options, ACCOUNT, point, **KEYS)
    assert len(inside.mounted()) == 2
    inside.run("umount", "-a", "-t", "fuse.ecrfs")
    assert inside.mounted() == {}
    until(lambda: not inside.daemons(), "both daemons have ended")


def test_umount_of_what_is_in_use_is_refused(server, inside, options):
    inside.run("mount", "-t", "ecrfs", "-o", options, ACCOUNT, POINT, **KEYS)
    with open(inside.path(f"{POINT}/{ACCOUNT}/team/v1/manifest.json"), "rb"):
        assert "busy" in inside.run("umount", POINT, code=32)
        assert manifest(inside) == server.manifest("team", tag="v1")


@pytest.mark.parametrize("more", ["remount", "remount,ro", "remount,ttl=1s", "remount,rw"])
def test_remount_is_refused_and_changes_nothing(server, inside, options, more):
    inside.run("mount", "-t", "ecrfs", "-o", options, ACCOUNT, POINT, **KEYS)
    daemons, complaint = inside.daemons(), inside.run("mount", "-o", more, POINT, code=32)
    assert POINT in complaint and "cannot be remounted" in complaint
    assert inside.daemons() == daemons and len(inside.mounted()) == 1
    assert manifest(inside) == server.manifest("team", tag="v1")


def test_a_fake_mount_checks_its_options_and_mounts_nothing(inside, options):
    assert inside.run("mount", "-f", "-t", "ecrfs", "-o", options, ACCOUNT, POINT) == ""
    assert "timeout" in inside.run("mount", "-f", "-t", "ecrfs", "-o", f"{options},timeout=x", ACCOUNT, POINT, code=1)
    assert inside.mounted() == {} and inside.daemons() == []


def test_the_examples_for_fstab(inside):
    example = ROOT / "systemd/fstab"
    points = [line.split()[1] for line in example.read_text().splitlines() if not line.startswith("#")]
    assert len(points) == 3
    for point in points:
        assert inside.run("mount", "-f", "-T", example, point) == ""


def test_without_the_helper_mount_says_so(inside, options):
    assert "unknown filesystem type" in inside.run("mount", "-i", "-t", "ecrfs", "-o", options, ACCOUNT, POINT, code=32)


def test_rw_becomes_ro(inside, options):
    """mount(8) passes rw whenever nobody says ro, so only ecrfs by its own name can tell, and says it."""
    for kind in ("ecrfs", "fuse.ecrfs"):
        assert inside.run("mount", "-t", kind, "-o", f"rw,{options}", ACCOUNT, POINT, **KEYS) == ""
        assert "ro" in inside.mounted()[POINT].options
        inside.run("umount", POINT)
    assert inside.run("ecrfs", "-o", f"rw,{options}", ACCOUNT, POINT, **KEYS) == (
        "ecrfs: rw is not possible: the mount is read-only\n")
    assert "ro" in inside.mounted()[POINT].options
    assert errno_of(inside.path(f"{POINT}/{ACCOUNT}/new").mkdir) == "EROFS"


@pytest.mark.parametrize("wrong, right", [
    ("timout=5s", "timeout"), ("regoin=us-east-1", "region"), ("alow_other", "allow_other"), ("profil=x", "profile"),
    ("no_pull", "nopull"), ("set_uid=root", "setuid")])
@pytest.mark.parametrize("kind", ["ecrfs", "fuse.ecrfs"])
def test_a_misspelt_option_is_named_with_the_right_one(inside, options, kind, wrong, right):
    complaint = inside.run("mount", "-t", kind, "-o", f"{options},{wrong}", ACCOUNT, POINT, code=1)
    assert f"'{wrong}'" in complaint and f"is {right} meant?" in complaint
    assert inside.mounted() == {}


def test_mount_s_lets_unknown_options_pass(inside, options):
    assert "sunshine" in inside.run("mount", "-s", "-t", "ecrfs", "-o", f"{options},sunshine", ACCOUNT, POINT, **KEYS)
    assert list(inside.mounted()) == [POINT]


@pytest.mark.parametrize("source, point, more, code, reason", [
    (ACCOUNT, POINT, "ttl=often", 1, "ttl=often is not valid"),
    ("nonsense", POINT, "ttl=5s", 1, "'nonsense' is not a registry"),
    (ACCOUNT, POINT, "setuid=nobody-knows", 1, "there is no such user"),
    (ACCOUNT, POINT, "log_file=/no/such/log", 2, "cannot write the log /no/such/log"),
], ids=["option", "source", "user", "log"])
def test_exit_codes_of_mount_and_their_reasons(inside, fstab, options, source, point, more, code, reason):
    complaint = inside.run("mount", "-t", "ecrfs", "-o", f"{options},{more}", source, point, code=code)
    assert reason in complaint
    fstab(source, point, more=more)
    assert reason in inside.run("mount", point, code=code)
    # mount -a has codes of its own: 32 when all failed.
    assert reason in inside.run("mount", "-a", code=32)
    assert inside.mounted() == {} and inside.daemons() == []


def test_exit_code_of_a_mount_that_is_there_already(inside, options):
    inside.run("/sbin/mount.ecrfs", ACCOUNT, POINT, "-o", options, **KEYS)
    assert "is mounted there" in inside.run("/sbin/mount.ecrfs", ACCOUNT, POINT, "-o", options, code=32)
    assert "No such file" in inside.run("/sbin/mount.ecrfs", ACCOUNT, "/mnt/none", "-o", options, code=32)
    assert len(inside.daemons()) == 1


def test_exit_code_without_dev_fuse(inside, options):
    script = 'rm /dev/fuse; mount -t ecrfs -o "$1" "$2" "$3"; code=$?; mknod -m 666 /dev/fuse c 10 229; exit $code'
    complaint = inside.run("sh", "-c", script, "sh", options, ACCOUNT, POINT, code=32)
    assert "fuse" in complaint and POINT in complaint


@pytest.fixture
def syslog(inside):
    """A function that waits for a line with some words that syslog gets in there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        place = inside.path("/dev/log")
        listener.bind(str(place))
        listener.settimeout(10)

        def next_with(*words):
            while True:
                line = listener.recv(8192).decode()
                if all(word in line for word in words):
                    return line
        yield next_with
        place.unlink()


def test_messages_go_to_syslog_once_it_is_detached(server, inside, options, syslog):
    assert inside.run("mount", "-t", "ecrfs", "-o", options, ACCOUNT, POINT, **KEYS) == ""
    assert "ecrfs[" in syslog("is mounted read-only at", POINT)
    server.fault("error", operation="BatchGetImage", code="AccessDeniedException", message="not for you")
    assert errno_of(manifest, inside) == "EACCES"
    assert "not for you" in syslog("BatchGetImage", "denied")
    os.kill(*inside.daemons(), signal.SIGTERM)
    syslog("ends: Terminated")


def section(key, secret):
    return f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


@pytest.fixture
def home(inside):
    """Where root is at home in there: mount(8) passes no HOME on."""
    folder = inside.path(f"{ROOT_HOME}/.aws")
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(inside.path(ROOT_HOME))


@pytest.mark.parametrize("more", [
    "auto", f"env.HOME={ROOT_HOME}", f"env.AWS_SHARED_CREDENTIALS_FILE={ROOT_HOME}/.aws/credentials"],
    ids=["passwd", "env.HOME", "env.AWS_SHARED_CREDENTIALS_FILE"])
def test_credentials_may_appear_later(server, inside, fstab, home, more):
    fstab(more=more)
    assert inside.run("mount", "-a", HOME="/nonexistent") == ""
    assert errno_of(manifest, inside) == "ENOKEY"
    assert server.calls() == 0
    (home / "credentials").write_text(section(ACCESS_KEY, SECRET_KEY))
    until(lambda: errno_of(manifest, inside) is None, "the credentials are found")
    assert manifest(inside) == server.manifest("team", tag="v1")


def test_the_network_may_appear_later(tmp_path):
    """A network namespace of its own, in which not even the loopback device is up."""
    with Namespace(tmp_path, net=True) as inside:
        options = "region=us-east-1,endpoint_url=http://127.0.0.1:8080,max_attempts=1"
        assert inside.run("mount", "-t", "ecrfs", "-o", options, ACCOUNT, POINT, **KEYS) == ""
        assert errno_of(manifest, inside) == "EHOSTUNREACH"
        inside.run("ip", "link", "set", "lo", "up")
        until(lambda: errno_of(manifest, inside) == "ECONNREFUSED", "the host can be reached")
        with EcrServer(port=8080, within=inside.command(kinds=["--net"])):
            until(lambda: errno_of(manifest, inside) is None, "the registry can be reached")
            assert len(manifest(inside)) > 0
            inside.run("umount", POINT)
