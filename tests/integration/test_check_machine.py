"""ecrfs --check: what a mount needs of the machine: FUSE, the mount point, updatedb, rights."""

import os
import pathlib
import shlex
import shutil
import signal
import tempfile

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from .checked import CREDENTIALS, MACHINE, WELL
from .kernel import mounts
from .mount import ECRFS, KEYS, option_text


def test_a_mount_point_that_is_free(check, mount):
    point = mount.new_point()
    found = check(ACCOUNT, point)
    assert (found.code, found.of("mountpoint")["result"]) == (WELL, "ok")
    assert found.of("mountpoint")["mountpoint"] == str(point)
    assert str(point) not in mounts()
    assert check(f"{point}/").of("credentials")["result"] == "ok"


def test_a_mount_point_in_use(server, check, mount):
    fs = mount()
    found = check(ACCOUNT, fs.point)
    assert (found.code, found.failures()) == (MACHINE, ["mountpoint"])
    assert f"umount {fs.point}" in found.of("mountpoint")["remedy"]
    assert "team" in os.listdir(fs.root)


def test_a_mount_that_does_not_answer(check, mount):
    fs = mount()
    os.kill(fs.pid, signal.SIGSTOP)
    try:
        found = check(ACCOUNT, fs.point)
    finally:
        os.kill(fs.pid, signal.SIGCONT)
    assert (found.code, found.failures()) == (MACHINE, ["mountpoint"])
    assert "does not answer" in found.of("mountpoint")["message"]


def test_a_dead_mount_is_left_alone(check, mount):
    point = mount.new_point()
    done = mount.run("-o", option_text(mount.default_options()), ACCOUNT, point)
    assert done.returncode == 0, done.stderr
    for pid in mount.daemons():
        os.kill(pid, signal.SIGKILL)
    found = check(ACCOUNT, point)
    assert (found.code, found.failures()) == (MACHINE, ["mountpoint"])
    assert "daemon is gone" in found.of("mountpoint")["message"] and "mount again" in found.of("mountpoint")["remedy"]
    assert str(point) in mounts()


@pytest.mark.parametrize("name", ["none", "file"])
def test_a_mount_point_that_is_none(check, tmp_path, name):
    (tmp_path / "file").write_text("")
    found = check(ACCOUNT, tmp_path / name)
    assert (found.code, found.failures()) == (MACHINE, ["mountpoint"])
    assert found.of("mountpoint")["remedy"]


def test_a_mount_point_of_any_bytes_is_json(check, tmp_path):
    found = check(ACCOUNT, f"{tmp_path}/a\"\\\n\x01")
    assert found.code == MACHINE
    assert '/a"\\\n\x01: No such file' in found.of("mountpoint")["message"]


def within(script):
    """A command that runs another one in a mount namespace of its own, after a script."""
    return ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh"]


@pytest.mark.parametrize("content, result", [('PRUNEFS="NFS fuse.ecrfs"\n', "ok"), ('PRUNEFS="NFS"\n', "warning")])
def test_updatedb(check, tmp_path, content, result):
    if not os.path.exists("/etc/updatedb.conf"):
        pytest.skip("there is no file to hide behind another one")
    (tmp_path / "updatedb.conf").write_text(content)
    own = shlex.quote(str(tmp_path / "updatedb.conf"))
    found = check(prefix=within(f"mount --bind {own} /etc/updatedb.conf"))
    assert (found.code, found.of("updatedb")["result"]) == (WELL, result)
    assert ("PRUNEFS" in found.of("updatedb").get("remedy", "")) == (result == "warning")


def test_no_device(check):
    found = check(prefix=within("mount -t tmpfs none /dev"))
    assert (found.code, found.failures()) == (MACHINE, ["fuse"])
    assert "modprobe fuse" in found.of("fuse")["remedy"] and "--device /dev/fuse" in found.of("fuse")["remedy"]


@pytest.fixture
def as_nobody():
    """A prefix that runs a copy of the program as nobody, with a /dev/fuse of the usual mode."""
    directory = pathlib.Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    shutil.copy(ECRFS, directory / "ecrfs")
    own_device = "mount -t tmpfs none /dev && mknod -m 666 /dev/fuse c 10 229 && shift"
    nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
    yield lambda script: ["unshare", "-m", "sh", "-c", f'{own_device} && {script} && exec {nobody} "$0" "$@"',
                          directory / "ecrfs"]
    shutil.rmtree(directory)


@pytest.mark.parametrize("script, options, words", [
    ("true", {}, None),
    ("true", {"allow_other": True}, "user_allow_other"),
    ("mount --bind /bin/true /usr/bin/fusermount3", {}, "package fuse3"),
], ids=["fusermount3", "allow_other", "not set-user-ID"])
def test_without_root(check, as_nobody, script, options, words):
    found = check(prefix=as_nobody(script), **options)
    assert (found.code, found.failures()) == ((MACHINE, ["fuse"]) if words else (WELL, []))
    assert not words or words in found.of("fuse")["remedy"]


def test_root_of_a_container(check):
    found = check(prefix=["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"])
    assert (found.code, found.failures()) == (MACHINE, ["fuse"])
    assert "SYS_ADMIN" in found.of("fuse")["remedy"]


def test_as_another_user(check, tmp_path):
    """Their files are read, with their rights."""
    found = check(setuid="nobody", environment={**KEYS, "AWS_PROFILE": "x"})
    assert found.code == WELL
    path = tmp_path / "credentials"
    path.write_text(f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
    path.chmod(0o600)
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(path)}
    assert check(environment=environment).code == WELL
    found = check(setuid="nobody", environment=environment)
    assert (found.code, found.failures()) == (CREDENTIALS, ["credentials"])
    assert "ermission denied" in found.of("credentials")["why"]
