"""Every failure has its errno and one line in the log, and passes when the server recovers."""

import os
import time

import pytest

from ecr_server.client import ACCOUNT

from .checks import api_error, errno_of, free_port, read, run, until, wait_quiet
from .expected import tree, tree_of


# What BatchGetImage answers -> errnos that say so (one, where the table of errors leaves no choice).
PULL_FAULTS = {
    "HTTP 500 html": ({"action": "html", "status": 500}, "EIO"),
    "HTTP 503 html": ({"action": "html", "status": 503}, "EIO"),
    "HTTP 403 html": ({"action": "html", "status": 403}, "EACCES EIO EPROTO"),
    "HTTP 429 html": ({"action": "html", "status": 429}, "EBUSY"),
    "HTTP 200 html": ({"action": "html", "status": 200}, "EPROTO"),
    "ServerException": (api_error("ServerException"), "EIO"),
    "InternalFailure": (api_error("InternalFailure"), "EIO"),
    "unknown code": (api_error("StrangeException"), "EIO"),
    "ThrottlingException": (api_error("ThrottlingException"), "EBUSY"),
    "TooManyRequestsException": (api_error("TooManyRequestsException"), "EBUSY"),
    "LimitExceededException": (api_error("LimitExceededException"), "EBUSY"),
    "empty 200": ({"action": "empty"}, "EPROTO"),
    "garbage": ({"action": "garbage"}, "EPROTO"),
    "not even HTTP": ({"action": "raw", "bytes": "\x00\xff\r\n\r\n"}, "EPROTO EIO"),
    "truncated": ({"action": "truncate"}, "EPROTO"),
    "short of Content-Length": ({"action": "content_length", "add": 10}, "EPROTO"),
    "closed before": ({"action": "close"}, "EIO EPROTO"),
    "closed after the head": ({"action": "close", "when": "after_headers"}, "EPROTO EIO"),
    "oversized": ({"action": "oversize", "mb": 64}, "EPROTO"),
    "images is null": ({"action": "merge", "members": {"images": None}}, "EPROTO"),
    "images is a number": ({"action": "merge", "members": {"images": 7}}, "EPROTO"),
    "image without a manifest": ({"action": "merge", "members": {"images": [{"imageId": {}}]}}, "EPROTO"),
    "id left out": ({"action": "drop_id"}, "EPROTO EIO"),
    "ImageNotFound": ({"action": "failure"}, "ENOENT"),
    "ImageInaccessible": ({"action": "failure", "code": "ImageInaccessible"}, "ENODATA EACCES"),
    "UpstreamAccessDenied": ({"action": "failure", "code": "UpstreamAccessDenied"}, "EACCES"),
    "unknown failure": ({"action": "failure", "code": "Strange"}, "EIO"),
    "wrong digest": ({"action": "wrong_digest"}, "EBADMSG"),
    "other bytes": ({"action": "wrong_digest", "manifest": "{}"}, "EBADMSG"),
    "no bytes": ({"action": "wrong_digest", "manifest": ""}, "EBADMSG EPROTO"),
    "converted": ({"action": "convert"}, "EBADMSG"),
    "AccessDeniedException": (api_error("AccessDeniedException"), "EACCES"),
    "UnrecognizedClientException": (api_error("UnrecognizedClientException"), "EKEYREJECTED"),
    "InvalidSignatureException": (api_error("InvalidSignatureException"), "EKEYREJECTED"),
    "ExpiredTokenException": (api_error("ExpiredTokenException"), "EKEYEXPIRED"),
    "RepositoryNotFoundException": (api_error("RepositoryNotFoundException"), "ENOENT"),
}
HARMLESS = {
    "an image nobody asked for": {"action": "extra_id"},
    "chunked": {"action": "chunked"},
    "delayed": {"action": "delay", "ms": 50},
    "trickled": {"action": "trickle", "bytes_per_s": 20000},
    "closed after a good answer": {"action": "close", "when": "after"},
}
# Faults after which there is no whole answer, so perhaps no request id.
INCOMPLETE = ("raw", "close", "truncate", "content_length", "oversize")
PASSING = {"max_attempts": 1, "negative_ttl": "100ms"}


@pytest.mark.parametrize("fault, errnos", PULL_FAULTS.values(), ids=PULL_FAULTS)
def test_failed_pull(server, mount, fault, errnos):
    fs = mount(**PASSING)
    os.listdir(fs.root / "team")
    wait_quiet(server)
    before = fs.log
    server.fault(operation="BatchGetImage", **fault)
    found = errno_of(fs.read, "team", "v1")
    assert found in errnos.split()
    if found != "ENOENT":  # which is no accident
        line = fs.new_line(before)
        assert "BatchGetImage" in line and "team" in line and fault.get("code", "") in line
        if fault["action"] not in INCOMPLETE:
            assert server.log("BatchGetImage")[-1]["request_id"] in line
    assert set(os.listdir(fs.root / "team")) == {"v1", "v2", "latest", "app"}
    server.clear_faults()
    expected = server.manifest("team", tag="v1")
    if found in ("ENOENT", "EACCES"):
        until(lambda: errno_of(fs.read, "team", "v1") is None, "the absence or refusal is forgotten")
    assert fs.read("team", "v1") == expected


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS)
def test_harmless_oddities(server, mount, fault):
    fs = mount(**PASSING)
    server.fault(**fault, **({"operation": "BatchGetImage"} if fault["action"] in ("extra_id", "trickle") else {}))
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


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


@pytest.mark.parametrize("fault", [{"action": "html"}, {"action": "close"}, api_error("ThrottlingException")],
                         ids=lambda fault: fault["action"])
def test_a_failure_that_passes_is_retried(server, mount, fault):
    fs = mount()
    os.listdir(fs.root / "team")
    server.fault(operation="BatchGetImage", times=1, **fault)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert server.calls("BatchGetImage") == 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "RepositoryNotFoundException"])
def test_a_refusal_is_not_retried(server, mount, code):
    fs = mount()
    os.listdir(fs.root / "team")
    server.fault(operation="BatchGetImage", **api_error(code))
    assert errno_of(fs.read, "team", "v1") in ("EACCES", "ENOENT")
    assert server.calls("BatchGetImage") == 1


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


def test_connection_refused(mount):
    fs = mount(endpoint_url=f"http://127.0.0.1:{free_port()}", **PASSING)
    assert os.listdir(fs.point) == [ACCOUNT]
    for operation in (lambda: os.listdir(fs.root), lambda: os.stat(fs.root / "team"), lambda: fs.read("team", "v1")):
        assert errno_of(operation) == "ECONNREFUSED"
    assert fs.log_lines("Describe")


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
