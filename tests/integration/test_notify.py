"""sd_notify(3): what a service manager is told, and that nobody is when none listens."""

import socket

import pytest

from ecr_server.client import ACCOUNT

from .mount import ECRFS, KEYS


@pytest.fixture
def manager(tmp_path):
    """(address, function that waits for the next message)"""
    if b"libsystemd.so" not in ECRFS.read_bytes():
        pytest.skip("this build has no libsystemd")
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(10)
        yield address, lambda: listener.recv(4096).decode().splitlines()


def test_ready_when_it_is_mounted_and_stopping_before_it_is_not(mount, manager):
    address, message = manager
    fs = mount(environment={**KEYS, "NOTIFY_SOCKET": address})
    assert message() == ["READY=1", f"STATUS={ACCOUNT} is mounted read-only at {fs.point}"]
    fs.stop()
    assert message() == ["STOPPING=1", "STATUS=Unmounting"]


def test_a_manager_that_is_gone_is_no_reason_to_fail(server, mount, tmp_path, manager):
    fs = mount(environment={**KEYS, "NOTIFY_SOCKET": f"{tmp_path}/nobody"})
    assert fs.log_lines("service manager cannot be told")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
