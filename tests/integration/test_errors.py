"""Failures in the log, connections that break, and servers that hang. fault_matrix.py has the errno of each failure."""

import os
import time

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, read, run, until, wait_quiet
from .expected import tree, tree_of

PASSING = {"max_attempts": 1, "negative_ttl": "100ms"}


def test_wrong_bytes_are_never_shown(server, mount):
    fs = mount(**PASSING)
    server.fault("wrong_digest")
    for _ in range(3):
        assert run("cat", fs.manifest("team", "v1"), code=1) == b""
    assert errno_of(os.stat, fs.manifest("team", "v1")) == "EBADMSG"


@pytest.mark.parametrize("style", ["plain", "prefixed", "suffixed", "header"])
def test_spellings_of_error_codes(server, mount, style):
    server.config(error_style=style, deny=[{"action": "ecr:BatchGetImage"}])
    fs = mount(**PASSING)
    assert errno_of(fs.read, "team", "v1") == "EACCES"
    line, = fs.log_lines("BatchGetImage", "AccessDeniedException", "is not authorized to perform")
    assert server.log("BatchGetImage")[0]["request_id"] in line


def test_absence_is_not_logged_as_an_error(mount):
    fs = mount()
    os.stat(fs.manifest("team", "v1"))
    before = fs.log
    for path in ("no-such/repository", "team/no-such-tag", "team/v1/nothing", "UPPER"):
        assert errno_of(os.stat, fs.root / path) == "ENOENT"
    assert fs.log == before


def test_absence_is_logged_for_debugging(mount):
    fs = mount(log_level="debug")
    assert errno_of(os.stat, fs.tag("team", "No-Such-Tag")) == "ENOENT"
    until(lambda: fs.log_lines("No-Such-Tag"), "a line in the log")


def test_connections_reset_in_the_middle_of_a_call(server, mount):
    fs = mount()
    os.listdir(fs.root / "team")
    server.fault("hold", operation="BatchGetImage", times=1)
    reader = fs.start("cat", fs.manifest("team", "v1"))
    server.wait(held=1)
    server.close_connections()
    data, complaint = reader.communicate(timeout=10)
    assert (reader.returncode, data, complaint) == (0, server.manifest("team", tag="v1"), b"")
    assert server.calls("BatchGetImage") == 2


def test_connections_closed_while_idle(server, mount):
    fs = mount(max_attempts=1)
    os.listdir(fs.root / "team")
    server.close_connections()
    server.wait(connections_open=0)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


@pytest.mark.parametrize("operation", ["BatchGetImage", "DescribeImages", "DescribeRepositories"])
def test_hanging_server_is_a_timeout(server, mount, operation):
    fs = mount(timeout="1s")
    server.fault("hold", operation=operation)
    started = time.monotonic()
    assert errno_of(fs.read, "team", "v1") == "ETIMEDOUT"
    assert errno_of(os.stat, fs.manifest("team", "v1")) == "ETIMEDOUT"
    if operation == "DescribeImages":
        assert errno_of(os.listdir, fs.root / "team") == "ETIMEDOUT"
    if operation == "DescribeRepositories":
        assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    assert time.monotonic() - started < 10
    assert os.listdir(fs.point) == [ACCOUNT]
    server.clear_faults()
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert tree_of(fs.root) == tree(server)


def test_a_read_that_fails_is_one_question(server, mount):
    """The kernel asks twice: ahead, and then for the page that did not come."""
    fs = mount(timeout="2s", max_attempts=1)
    failing, hanging = (fs.tag("team", tag) / "config.json" for tag in ("v1", "v2"))
    os.stat(failing)
    os.stat(hanging)
    server.fault("html", operation="GetDownloadUrlForLayer", status=404)
    assert errno_of(read, failing) == "EIO"
    assert server.calls("GetDownloadUrlForLayer") == 1
    server.clear_faults()
    server.fault("hold", operation="GetDownloadUrlForLayer")
    started = time.monotonic()
    assert errno_of(read, hanging) == "ETIMEDOUT"
    assert time.monotonic() - started < 4
    server.clear_faults()
    assert read(failing) and read(hanging)


def test_answer_that_comes_after_the_timeout_is_kept(server, mount):
    """The deadline belongs to the waiter; the fetch lives on and is not made twice."""
    fs = mount(timeout="1s", ttl="1h")
    os.listdir(fs.root / "team")
    server.fault("hold", operation="BatchGetImage")
    assert errno_of(fs.read, "team", "v1") == "ETIMEDOUT"
    server.clear_faults()
    wait_quiet(server)
    assert read(fs.manifest("team", "v1")) == server.manifest("team", tag="v1")
    assert server.calls("BatchGetImage") == 1
