"""A cache directory that is unsafe, full, read-only or hangs: said once, and everything else goes on."""

import contextlib
import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from . import kernel
from .checks import errno_of, forget_calls, metrics, read, run, until
from .mount import option_text
from .stalling import StallingDirectory
from .stored import REPOSITORY, blobs, expected, fill, pull_calls, read_all, store, tags, until_written

COUNT = 60
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="this is for root")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def one(server):
    server.seed(repository=REPOSITORY, tags=COUNT)
    return server


@pytest.fixture
def tmpfs(folder):
    """A function that mounts a small filesystem at the cache directory."""
    def mount_tmpfs(size):
        folder.mkdir(mode=0o700)
        run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder)
        return folder
    yield mount_tmpfs
    if os.path.ismount(folder):
        run("umount", "-l", folder)


@pytest.fixture
def stalling(tmp_path):
    """A cache directory that hangs while it is stopped."""
    with StallingDirectory(tmp_path) as directory:
        yield directory


def refused(mount, folder, **options):
    """What is said when a mount with this cache directory is refused."""
    point = mount.new_point()
    options = {**mount.default_options(), "cache_dir": folder, **options}
    done = mount.run("-o", option_text(options), ACCOUNT, point)
    assert done.returncode == 32
    until(lambda: str(point) not in kernel.mounts(), "it is unmounted")  # by the keeper, where there is one
    said, *rest = done.stderr.splitlines()
    assert rest[-1] == f"ecrfs: could not mount {ACCOUNT} at {point}"
    assert said.startswith("ecrfs: cache_dir: ") and str(folder) in said
    return said


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o720])
def test_a_folder_that_others_can_write_to_is_refused(mount, folder, mode):
    folder.mkdir()
    folder.chmod(mode)
    assert f"chmod go-w {folder}" in refused(mount, folder)
    assert os.listdir(folder) == []


@pytest.mark.parametrize("part", ["blobs", "blobs/sha256", "sizes", "tmp"])
def test_a_part_of_it_that_others_can_write_to_is_refused(server, mount, folder, part):
    with mount(cache_dir=folder):
        pass
    (folder / part).chmod(0o777)
    assert f"chmod go-w {folder}/{part}" in refused(mount, folder)


@needs_root
def test_a_folder_of_another_user_is_refused(mount, folder):
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    assert "belongs to user 12345" in refused(mount, folder)


def test_other_things_are_refused(mount, folder, tmp_path):
    assert "make its parent directory" in refused(mount, folder / "a/b")
    folder.write_bytes(b"")
    assert "Not a directory" in refused(mount, folder)
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    (other / "blobs").symlink_to("/tmp")
    assert "blobs" in refused(mount, other)


def test_wrong_sizes_are_refused(mount, folder):
    done = mount.run("-o", f"cache_dir={folder},cache_dir_size=many", ACCOUNT, mount.new_point())
    assert done.returncode == 1 and "cache_dir_size=many" in done.stderr


@needs_root
def test_a_shared_folder_has_its_own_rights(one, mount, folder):
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    folder.chmod(0o2770)
    fill(one, mount, folder, cache_dir_shared=True)
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o2770 if path.is_dir() else 0o660), path
        assert path.stat().st_gid == 12345
    with mount(cache_dir=folder, cache_dir_shared=True, ttl="1h") as fs:
        assert read_all(fs) == expected(one)
    assert pull_calls(one) == 0


@needs_root
def test_sizes_in_a_shared_folder_are_not_believed(one, mount, folder):
    folder.mkdir()
    folder.chmod(0o777)
    fill(one, mount, folder, cache_dir_shared=True)
    for path in blobs(folder):
        path.unlink()
    tag = sorted(tags(one))[0]
    fs = mount(cache_dir=folder, cache_dir_shared=True, readahead="off")
    assert fs.manifest(REPOSITORY, tag).stat().st_size == len(expected(one)[tag])
    assert pull_calls(one) == 1


@needs_root
@pytest.mark.parametrize("user", ["nobody"])
def test_with_setuid_the_folder_is_that_users(server, mount, folder, user):
    assert f"chown {run('id', '-u', user).decode().strip()}" in refused(mount, "/var/ecrfs-tests-nowhere", setuid=user)
    folder.mkdir(mode=0o700)
    os.chown(folder, int(run("id", "-u", user)), 0)
    for parent in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
        parent.chmod(0o755)
    fs = mount(cache_dir=folder, setuid=user)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    until_written(fs, 1)
    kept = [path for path in folder.rglob("*") if path.parent.name != "tmp"]  # where files come and go
    assert {path.stat().st_uid for path in kept} == {int(run("id", "-u", user))}
    run("umount", fs.point)  # which the daemon may not
    fs.check_end()


@needs_root
def test_a_full_disk_is_one_line_in_the_log(one, mount, tmpfs):
    folder = tmpfs("2M")
    fs = mount(cache_dir=folder, ttl="1h")
    with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    assert read_all(fs) == expected(one)
    figures = until(lambda: store(fs) if store(fs)["errors"] else None, "writing has failed")
    assert figures["written"] == 0 and figures["damaged"] == 0
    assert len(fs.log_lines(str(folder), "No space left on device")) == 1
    assert os.listdir(folder / "tmp") == []


@needs_root
def test_some_space_is_left_free(server, mount, tmpfs):
    server.seed(repository=REPOSITORY, tags=1000)
    folder = tmpfs("2M")
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)

    def is_free():
        about = os.statvfs(folder)
        return about.f_bavail >= about.f_blocks // 20
    until(is_free, "a twentieth is free")
    assert store(fs)["evicted"] or store(fs)["skipped"]


@needs_root
def test_a_read_only_folder_is_used(one, mount, tmpfs):
    folder = tmpfs("4M")
    tag = sorted(tags(one))[0]
    fill(one, mount, folder)
    missing = folder / "blobs/sha256" / tags(one)[tag].removeprefix("sha256:")
    missing.unlink()
    run("mount", "-o", "remount,ro", folder)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(one)
    assert pull_calls(one) == 1
    figures = until(lambda: store(fs) if store(fs)["errors"] else None, "writing has failed")
    assert figures["hits"] >= COUNT - 1 and figures["written"] == 0
    assert len(fs.log_lines(str(folder), "Read-only file system")) == 1


@needs_root
def test_an_empty_read_only_folder_is_no_error(one, mount, tmpfs):
    folder = tmpfs("1M")
    run("mount", "-o", "remount,ro", folder)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(one)
    assert len(fs.log_lines(str(folder))) == 1 + fs.log.count("mounted read-only at") - 1


def test_a_folder_that_hangs_is_a_miss(one, mount, stalling):
    folder = stalling.point
    cold = sorted(tags(one))[:3]
    fill(one, mount, folder)
    fs = mount(cache_dir=folder, ttl="1h", readahead="off")
    warm = sorted(tags(one))[-1]
    assert fs.read(REPOSITORY, warm) == expected(one)[warm]
    assert store(fs)["hung"] == 0
    with stalling.stopped():
        reader = fs.start("cat", fs.manifest(REPOSITORY, cold[0]))
        assert fs.read(REPOSITORY, warm) == expected(one)[warm]
        assert os.listdir(fs.root / REPOSITORY)
        assert reader.communicate(timeout=30)[0] == expected(one)[cold[0]]
        until(lambda: store(fs)["hung"] == 1, "it is known to hang")
        assert store(fs)["late"] >= 1
        assert "which does not answer" in read(fs.point / ".ecrfs/status").decode()
        assert pull_calls(one) == 1
        assert fs.read(REPOSITORY, cold[1]) == expected(one)[cold[1]]
        assert pull_calls(one) == 2
    until(lambda: store(fs)["hung"] == 0, "it answers again")
    before = store(fs)["hits"]
    assert fs.read(REPOSITORY, cold[2]) == expected(one)[cold[2]]
    assert store(fs)["hits"] > before and pull_calls(one) == 2


def test_a_mount_begins_and_ends_while_the_folder_hangs(server, mount, stalling):
    folder = stalling.point
    with stalling.stopped():
        fs = mount(cache_dir=folder)
        assert fs.read("team", "v1") == server.manifest("team", tag="v1")
        assert len(fs.log_lines("cache_dir", "does not answer")) == 1
        fs.stop()
    with mount(cache_dir=folder) as fs:
        assert fs.read("team", "v1") == server.manifest("team", tag="v1")
        until_written(fs, 1)


def test_a_folder_in_the_mount_itself_hangs_nobody(server, mount):
    point = mount.new_point()
    options = {**mount.default_options(), "cache_dir": point / "cache"}
    done = mount.run("-o", option_text(options), ACCOUNT, point)
    assert str(point) not in kernel.mounts() if done.returncode else True
    with contextlib.suppress(OSError):
        assert (point / ACCOUNT / "team/v1/manifest.json").read_bytes() == server.manifest("team", tag="v1")
