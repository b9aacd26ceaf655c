"""`ecrfs --refresh PATH`: what is cached there is asked for again, what is elsewhere is not."""

import fcntl
import os
import subprocess

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import calls, errno_of, forget_calls, metrics, pulls, read, run, until
from .mount import ECRFS

REFRESH = 2 << 30 | 8 << 16 | 0xE7 << 8 | 1  # _IOR(0xE7, 1, 8 bytes)
MANIFEST = "manifest.json"


@pytest.fixture
def fs(server, mount):
    server.push("my/app", tag="v1")
    server.push("my/app", tag="v2", content="two")
    server.push("my/other", tag="v1")
    server.push("their/app", tag="v1")
    return mount(ttl="1h", digest_ttl="1d", negative_ttl="1h", readahead="off")


def look(fs, *paths):
    """Read what is there, so that it is cached, and count from zero."""
    for path in paths or ("my/app/v1", "my/app/v2", "my/other/v1", "their/app/v1"):
        read(fs.root / path / MANIFEST)
        read(fs.root / path / "image.json")
    for path in ("", "my", "my/app", "my/other", "their", "their/app"):
        os.listdir(fs.root / path)


@pytest.fixture
def warm(server, fs):
    look(fs)
    forget_calls(server)
    look(fs)
    assert calls(server) == {}
    return fs


@pytest.fixture
def refresh(mount):
    def run_refresh(path, code=0, cwd=None):
        done = mount.run("--refresh", path, cwd=cwd)
        assert done.returncode == code, done
        assert done.stdout == "" and (done.stderr == "") == (code == 0)
        return done.stderr
    return run_refresh


def cost(server, function, *arguments):
    """The calls that it makes."""
    forget_calls(server)
    function(*arguments)
    return calls(server)


def read_all(fs, *paths):
    for path in paths:
        read(fs.root / path / MANIFEST)


@pytest.mark.parametrize("path", ["my/app/v1", "my/app/v1/manifest.json", "my/app/v1/image.json", "my/app/v1/digest",
                                  "my/app/v1/"])
def test_an_image(server, warm, refresh, path):
    assert cost(server, refresh, f"{warm.root}/{path}") == {}
    assert cost(server, read_all, warm, "my/app/v2", "my/other/v1", "their/app/v1") == {}
    assert cost(server, read_all, warm, "my/app/v1") == {"DescribeImages": 1, "BatchGetImage": 1}
    assert cost(server, look, warm) == {}


def test_an_image_that_moved(server, warm, refresh):
    old = warm.read("my/app", "v1")
    server.push("my/app", tag="v1", content="another")
    assert warm.read("my/app", "v1") == old
    refresh(warm.tag("my/app", "v1"))
    assert warm.read("my/app", "v1") == server.manifest("my/app", tag="v1") != old


def test_an_image_as_its_listing_shows_it(server, warm, refresh):
    """Reading the directory that the image is in must not bring back what was forgotten."""
    server.push("my/app", tag="v1", content="another")
    refresh(warm.tag("my/app", "v1"))
    assert sorted(os.listdir(warm.root / "my/app")) == ["v1", "v2"]
    run("ls", "-l", warm.root / "my/app")
    assert warm.read("my/app", "v1") == server.manifest("my/app", tag="v1")


def test_a_repository(server, warm, refresh):
    server.push("my/app", tag="v3")
    server.delete_tag("my/app", "v2")
    assert sorted(os.listdir(warm.root / "my/app")) == ["v1", "v2"]
    assert cost(server, refresh, warm.root / "my/app") == {}
    assert cost(server, read_all, warm, "my/other/v1", "their/app/v1") == {}
    assert cost(server, os.listdir, warm.root / "my/other") == {}
    assert cost(server, os.listdir, warm.root / "their/app") == {}
    assert cost(server, os.listdir, warm.root / "my/app") == {"DescribeRepositories": 1, "DescribeImages": 1}
    assert sorted(os.listdir(warm.root / "my/app")) == ["v1", "v3"]
    assert cost(server, read_all, warm, "my/app/v1") == {"BatchGetImage": 1}


def test_a_repository_is_read_without_being_listed(server, warm, refresh):
    refresh(warm.root / "my/app")
    assert cost(server, read_all, warm, "my/app/v2") == {"DescribeRepositories": 1, "DescribeImages": 1, "BatchGetImage": 1}


def test_a_namespace(server, warm, refresh):
    server.push("my/new", tag="v1")
    assert sorted(os.listdir(warm.root / "my")) == ["app", "other"]
    refresh(warm.root / "my")
    assert cost(server, read_all, warm, "their/app/v1") == {}
    assert cost(server, os.listdir, warm.root / "their") == {}
    assert cost(server, os.listdir, warm.root / "my") == {"DescribeRepositories": 1}
    assert sorted(os.listdir(warm.root / "my")) == ["app", "new", "other"]
    assert cost(server, read_all, warm, "my/other/v1", "my/app/v1") == {"DescribeImages": 2, "BatchGetImage": 2}


@pytest.mark.parametrize("path", ["root", "point"])
def test_a_registry_and_the_mount(server, warm, refresh, path):
    server.push("new/app", tag="v1")
    refresh(getattr(warm, path))
    assert cost(server, os.listdir, warm.root) == {"DescribeRepositories": 1}
    assert "new" in os.listdir(warm.root)
    assert cost(server, read_all, warm, "my/app/v1", "their/app/v1") == {"DescribeImages": 2, "BatchGetImage": 2}


def test_another_registry_stays(server, mount, refresh):
    other = "111122223333"
    server.create_repository("their/app", account=other)
    fs = mount(f"{ACCOUNT},{other}", ttl="1h")
    os.listdir(fs.root), os.listdir(fs.point / other)
    refresh(fs.root)
    assert cost(server, os.listdir, fs.point / other) == {}
    assert cost(server, os.listdir, fs.root) == {"DescribeRepositories": 1}


def test_directories_of_digests(server, warm, refresh):
    directory = warm.root / "my/app/.digests"
    before = os.listdir(directory)
    server.push("my/app", tag="v4", content="four")
    assert os.listdir(directory) == before
    refresh(directory)
    assert len(os.listdir(directory)) == len(before) + 1


def test_a_name_that_there_was_not(server, warm, refresh):
    path = warm.root / "my/app/v9"
    assert errno_of(os.stat, path) == "ENOENT"
    server.push("my/app", tag="v9")
    assert cost(server, errno_of, os.stat, path) == {}
    refresh(warm.root / "my/app")
    assert errno_of(os.stat, path) is None


def test_a_permission_that_was_granted(server, warm, refresh):
    server.config(deny=[{"action": "ecr:DescribeImages", "repository": "my/app"},
                        {"action": "ecr:ListImages", "repository": "my/app"}])
    refresh(warm.root / "my/app")
    assert errno_of(os.listdir, warm.root / "my/app") == "EACCES"
    server.config(deny=[])
    assert cost(server, errno_of, os.listdir, warm.root / "my/app") == {}
    refresh(warm.root / "my/app")
    assert sorted(os.listdir(warm.root / "my/app")) == ["v1", "v2"]


def test_it_pulls_nothing_itself(server, fs, refresh):
    """Also of what nobody has looked at: the command must not ask for the size of a file."""
    refresh(fs.root / "my/app/v1/manifest.json")
    refresh(fs.root / "my/app/v1")
    refresh(fs.root / "my/app")
    assert pulls(server) == 0


def test_relative_paths_and_links(server, warm, refresh, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(warm.root / "my/app")
    for path, cwd in (("my/app", warm.root), ("../app", warm.root / "my/other"), (".", warm.root / "my/app"),
                      ("v1/..", warm.root / "my/app"), (link, None), (f"{link}/v1/../v2/manifest.json", None)):
        refresh(path, cwd=cwd)
        assert cost(server, read_all, warm, "my/app/v2").get("BatchGetImage") == 1, path


def test_the_link_of_a_platform(server, mount, refresh):
    fs = mount(ttl="1h", readahead="off")
    platforms = fs.root / "tools/multiarch/latest/platforms"
    link = platforms / os.listdir(platforms)[0]
    read(link / MANIFEST)
    refresh(link)
    assert cost(server, read, link / MANIFEST) == {"DescribeImages": 1, "BatchGetImage": 1}
    refresh(platforms)
    assert cost(server, os.listdir, platforms) == {"DescribeImages": 1, "BatchGetImage": 1}


def test_an_open_file_keeps_its_bytes(server, warm, refresh):
    path = warm.manifest("my/app", "v1")
    with open(path, "rb") as file:
        content = file.read()
        server.push("my/app", tag="v1", content="another")
        for part in (path.parent, path.parent.parent, warm.root, warm.point):
            refresh(part)
            file.seek(0)
            assert file.read() == content
        assert read(path) == server.manifest("my/app", tag="v1") != content


def test_who_is_inside_stays_there(server, warm, refresh):
    """Whoever has it as working directory, or a directory below."""
    for place in ("my", "my/app", "my/app/v1"):
        directory = os.open(warm.root / place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            before = sorted(os.listdir(directory))
            server.push("my/app", tag=f"new-in-{place.count('/')}")
            for part in (warm.root / "my/app", warm.root / "my", warm.root, warm.point):
                refresh(part)
                assert set(before) <= set(os.listdir(directory))
        finally:
            os.close(directory)
    assert run("pwd", "-P", cwd=warm.root / "my/app").decode().strip() == f"{warm.root}/my/app"


def test_names_in_a_directory_that_is_held(server, warm, refresh):
    """The kernel cannot let go of it; what is in it, and its own name, is asked for all the same."""
    directory = os.open(warm.root / "my/app", os.O_RDONLY | os.O_DIRECTORY)
    try:
        server.push("my/app", tag="v1", content="another")
        refresh(warm.root)
        assert cost(server, os.stat, warm.root / "my/app") == {"DescribeRepositories": 1}
        content = read(f"/proc/self/fd/{directory}/v1/{MANIFEST}")
        assert content == server.manifest("my/app", tag="v1")
    finally:
        os.close(directory)


def test_what_is_no_ecrfs(refresh, tmp_path, fs):
    file = tmp_path / "file"
    file.write_text("")
    for path in (tmp_path, file, "/", "/proc/self/status", "/dev/null"):
        assert refresh(path, code=1) == f"ecrfs: {path} is not in a mount of ecrfs\n"
    assert "no such file or directory" in refresh(tmp_path / "none", code=1)
    assert "give the directory that they are in" in refresh(fs.root / "my/none", code=1)
    assert "takes one path" in refresh("--", code=1)


def test_two_paths_are_refused(mount, fs):
    done = mount.run("--refresh", fs.root / "my", fs.root / "their")
    assert done.returncode == 1 and "takes one path" in done.stderr


def test_own_files_have_nothing_to_forget(server, warm, refresh):
    refresh(warm.point / ".ecrfs")
    refresh(warm.point / ".ecrfs/status")
    assert cost(server, look, warm) == {}


def ask(path, command=REFRESH):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return fcntl.ioctl(descriptor, command, bytes(8))
    finally:
        os.close(descriptor)


def test_the_ioctl(server, warm):
    assert ask(warm.root / "my") == b"ecrfs\0\0\0"
    assert cost(server, os.listdir, warm.root / "my") == {"DescribeRepositories": 1}
    assert errno_of(ask, warm.root / "my", REFRESH + 1) == "ENOTTY"
    assert errno_of(ask, warm.manifest("my/app", "v1")) == "ENOTTY"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_other_users_may_not(server, mount, tmp_path):
    os.chmod(tmp_path, 0o755)
    for directory in tmp_path.parents:
        if directory.stat().st_uid == 0 and str(directory).startswith("/tmp/"):
            os.chmod(directory, 0o755)
    fs = mount(ttl="1h", allow_other=True, uid="4711", readahead="off")
    fs.read("team", "v1")

    def refresh_as(uid):
        return subprocess.run(["setpriv", f"--reuid={uid}", "--regid=99", "--clear-groups", ECRFS, "--refresh",
                               fs.tag("team", "v1")], capture_output=True, text=True)
    done = refresh_as(4712)
    assert done.returncode == 1 and "only root, the user who mounted, and the owner" in done.stderr
    assert cost(server, fs.read, "team", "v1") == {}
    assert refresh_as(4711).returncode == 0
    assert cost(server, fs.read, "team", "v1") == {"DescribeImages": 1, "BatchGetImage": 1}


def test_while_names_are_looked_up(server, warm):
    """The kernel holds that directory: the refresh waits, and nobody elsewhere does."""
    server.fault("hold", operation="DescribeImages")
    reader = warm.start("cat", warm.root / "my/app/v9/manifest.json")
    server.wait(held=1)
    waiting = [warm.start(ECRFS, "--refresh", warm.root / path) for path in ("my/app", "my", "", "my/app")]
    os.stat(warm.root / "their/app/v1/digest")
    until(lambda: metrics(warm)['ecrfs_fuse_requests_total{operation="IOCTL"}'] >= 1, "it was asked")
    assert read(warm.point / ".ecrfs/status")
    server.release()
    server.clear_faults()
    assert reader.wait(20) == 1
    assert [process.wait(20) for process in waiting] == [0] * 4
    assert warm.read("my/app", "v1") == server.manifest("my/app", tag="v1")


def test_nothing_is_shown_that_was_forgotten(mount, refresh):
    """Not even when nobody can be asked any more."""
    with EcrServer() as server:
        fs = mount(endpoint_url=server.endpoint, ttl="1h", readahead="off")
        fs.read("team", "v1"), fs.read("team/app", "v1")
    refresh(fs.root / "team/app")
    assert errno_of(fs.read, "team/app", "v1") == "ECONNREFUSED"
    assert errno_of(fs.read, "team", "v1") is None


def test_the_end_comes_meanwhile(server, warm):
    server.seed(repository="big/one", tags=1000)
    run("find", warm.root / "my", "-maxdepth", "2")
    waiting = [warm.start(ECRFS, "--refresh", warm.root) for _ in range(4)]
    warm.process.terminate()
    assert warm.process.wait(20) == 0
    for process in waiting:
        process.wait(20)
