"""SIGHUP forgets, SIGUSR1 changes the log level, and both leave the readers in peace."""

import os
import pty
import signal

import pytest

from ecr_server.client import ACCOUNT

from . import kernel
from .checks import calls, errno_of, forget_calls, read, run, until
from .mount import ECRFS, KEYS


def forget(fs):
    before = fs.log.count("is forgotten")
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: fs.log.count("is forgotten") > before, "it has forgotten")


def read_anew(server, fs, path):
    """What is read when ECR is asked, which takes the kernel a moment to do."""
    def is_asked():
        content = read(fs.root / path)
        return content if calls(server) else None
    return until(is_asked, "ECR is asked")


@pytest.fixture
def fs(server, mount):
    server.push("my/app", tag="v1")
    return mount(ttl="1h", digest_ttl="1d")


def test_what_is_cached_is_asked_for_again(server, fs):
    path = "my/app/v1/manifest.json"
    read(fs.root / path)
    forget_calls(server)
    read(fs.root / path)
    assert calls(server) == {}
    forget(fs)
    assert read_anew(server, fs, path) == server.manifest("my/app", tag="v1")
    until(lambda: read(fs.root / path) and "BatchGetImage" in calls(server), "bytes are fetched again")


def test_a_tag_that_moved_is_seen(server, fs):
    path = "my/app/v1/manifest.json"
    old = read(fs.root / path)
    server.push("my/app", tag="v1", content="another")
    assert read(fs.root / path) == old
    forget(fs)
    until(lambda: read(fs.root / path) == server.manifest("my/app", tag="v1") != old, "the new image is there")


def test_listings_are_read_anew(server, fs):
    directory = fs.root / "my/app"
    assert os.listdir(directory) == ["v1"]
    server.push("my/app", tag="v2")
    assert os.listdir(directory) == ["v1"]
    forget(fs)
    until(lambda: sorted(os.listdir(directory)) == ["v1", "v2"], "the new tag is listed")


def test_in_a_directory_where_somebody_stands(server, fs):
    """Its inode stays, and what the kernel remembers of it goes."""
    directory = os.open(fs.root / "my/app", os.O_RDONLY | os.O_DIRECTORY)
    try:
        assert os.listdir(directory) == ["v1"]
        server.push("my/app", tag="v2")
        forget(fs)
        until(lambda: sorted(os.listdir(directory)) == ["v1", "v2"], "the new tag is listed")
    finally:
        os.close(directory)


def test_an_open_file_keeps_its_bytes(server, fs):
    path = fs.root / "my/app/v1/manifest.json"
    with open(path, "rb") as file:
        content = file.read()
        server.push("my/app", tag="v1", content="another")
        forget(fs)
        file.seek(0)
        assert file.read() == content


def test_credentials_are_read_anew(server, mount, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = AKIDEXAMPLE\n"
                    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n")
    fs = mount(ttl="1h", environment={"AWS_SHARED_CREDENTIALS_FILE": str(file)})
    server.push("my/app", tag="v1")
    read(fs.root / "my/app/v1/manifest.json")
    file.write_text("[default]\naws_access_key_id = AKIDUNKNOWN\naws_secret_access_key = no\n")
    forget(fs)
    until(lambda: errno_of(read, fs.root / "my/app/v1/manifest.json") == "EKEYREJECTED",
          "the new keys are used, and refused")


def test_while_readers_wait(server, fs):
    """The kernel holds a directory while a name in it is looked up: that must hold up nobody."""
    server.fault("hold", operation="DescribeImages")
    reader = fs.start("cat", fs.root / "my/app/v9/manifest.json")
    server.wait(held=1)
    for _ in range(3):
        forget(fs)
    server.release()
    server.clear_faults()
    assert reader.wait(20) == 1
    assert read(fs.root / "my/app/v1/manifest.json") == server.manifest("my/app", tag="v1")


def test_the_end_comes_while_the_kernel_is_told(server, fs):
    server.seed(repository="big/one", tags=1000)
    os.listdir(fs.root / "big/one")
    run("find", fs.root / "big/one", "-maxdepth", "1", "-size", "+1")
    forget(fs)
    fs.process.send_signal(signal.SIGTERM)
    assert fs.process.wait(20) == 0


def test_the_log_level_goes_round(server, fs):
    for level in ("debug", "error", "warning", "info"):
        fs.process.send_signal(signal.SIGUSR1)
        until(lambda: f"the log level is {level} now" in fs.log, f"the level {level}")
    assert read(fs.root / "my/app/v1/manifest.json")


def test_on_a_terminal_the_hang_up_ends_it(mount):
    point = mount.new_point()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(ECRFS, [ECRFS, "-f", "-o", "region=us-east-1", ACCOUNT, point], mount.environment(KEYS))
    until(lambda: str(point) in kernel.mounts(), "it is mounted")
    os.close(terminal)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == 0
    assert str(point) not in kernel.mounts()
