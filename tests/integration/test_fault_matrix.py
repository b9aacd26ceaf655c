"""Every fault of fault_matrix.py: its errno, in time, after so many attempts; and all is right when it is over."""

import concurrent.futures
import os
import re
import time

import pytest

from ecr_server import model

from .checks import errno_of, metrics, read, until
from .fault_matrix import ADDRESSES, BLOB, CERTIFICATES, CODES, IMAGES, MATRIX, OK, UNREACHED, errnos
from .fault_stage import IMPATIENT, TIMEOUT_S, Certificates, Meeting, Stage
from .raw_tcp import RawTcp

OFFLINE_AFTER = 3  # attempts in a row that reach nobody


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def ports(request, server, certificates):
    """The ports before the server and before its blob host; over TLS for faults of certificates."""
    tls = certificates.contexts["good"] if request.node.callspec.params["name"] in CERTIFICATES else None
    with RawTcp(server.port, tls) as api_port, RawTcp(server.blob_port, tls) as blob_port:
        yield api_port, blob_port


@pytest.fixture
def stage(server, ports, mount, certificates):
    return Stage(server, ports, mount, certificates)


def at_once(meetings):
    with concurrent.futures.ThreadPoolExecutor(len(meetings)) as pool:
        return list(pool.map(lambda meeting: meeting.go(), meetings))


def attempts(meeting, name):
    """Each attempt at a blob has an address of its own."""
    if name in UNREACHED:
        assert meeting.calls() == 0
        return meeting.sent()
    assert meeting.operation != BLOB or meeting.calls() == meeting.sent()
    return meeting.calls()


def check_log(meeting, server, name, errno, count):
    """A failure is in the log, with the number of attempts, and with the request where it is ECR's own; the host of
    a blob is, and never its address."""
    assert not re.search("X-Amz|prod-starport", meeting.fs.log)
    lines = meeting.new_lines()
    if errno in (OK, "ENOENT"):
        assert not lines
        return
    assert lines
    assert [int(found[1]) for line in lines if (found := re.search(r"after (\d+) attempt", line))] in ([], [count])
    assert meeting.operation != BLOB or "from 127.0.0.1:" in lines[0]
    if name in {*CODES, *IMAGES, *ADDRESSES}:
        assert any(call["request_id"] in lines[0] for call in server.log())


def check_offline(meetings, row, name):
    """After three attempts, whoever asked: not one more is made."""
    for meeting in meetings:
        if meeting.operation == BLOB:
            assert meeting.go().errno == row.blob
            assert "\noffline" not in read(meeting.fs.point / ".ecrfs/status").decode()
    meetings = [meeting for meeting in meetings if meeting.operation != BLOB]
    while min(attempts(meeting, name) for meeting in meetings) < OFFLINE_AFTER:
        at_once(meetings)
    for outcome in at_once(meetings) if row.offline else []:
        assert outcome.errno == row.read
    for meeting in meetings:
        status = read(meeting.fs.point / ".ecrfs/status").decode()
        assert ("\noffline" in status) == row.offline, status
        assert not row.offline or attempts(meeting, name) == OFFLINE_AFTER


def check_recovery(meeting):
    """The same question has the right answer: at once, but for refusals and absences, which are remembered for
    negative_ttl, and endpoints that were offline, which are probed."""
    until(lambda: meeting.go().errno is None, f"{meeting.operation} works again")
    assert meeting.go().data == meeting.expected
    assert meeting.fs.process.poll() is None
    until(lambda: meeting.descriptors() <= meeting.descriptors_before, "all descriptors are closed")


@pytest.mark.parametrize("name", MATRIX)
def test_fault(stage, name):
    row = MATRIX[name]
    expected = errnos(row)
    options = IMPATIENT if "ETIMEDOUT" in expected.values() else {}
    meetings = [Meeting(stage, operation, options) for operation in expected]
    row.make(stage, expected)
    stage.server.reset()
    for meeting, outcome in zip(meetings, at_once(meetings)):
        errno = expected[meeting.operation]
        assert outcome.errno == errno
        assert outcome.seconds < TIMEOUT_S
        assert outcome.data == (meeting.expected if errno is OK else None)
        assert attempts(meeting, name) == row.attempts
        check_log(meeting, stage.server, name, errno, row.attempts)
    assert all(rule["applied"] for rule in stage.server.faults())
    if row.offline is not None:
        check_offline(meetings, row, name)
    stage.clear()
    for meeting in meetings:
        check_recovery(meeting)
    assert stage.server.stats()["blob_headers"] == {}


def test_every_failure_code_of_the_model_is_in_the_table():
    assert set(model.service_description()["shapes"]["ImageFailureCode"]["enum"]) <= set(IMAGES)


def test_a_name_that_does_not_resolve(mount):
    """It cannot be made to resolve, so nothing is right afterwards."""
    fs = mount(endpoint_url="http://no-such-host.invalid", timeout=f"{TIMEOUT_S}s", max_attempts=2)
    started = time.monotonic()
    for path in (fs.root, fs.root / "team", fs.manifest("team", "v1"), fs.root):
        assert errno_of(os.listdir, path) == "EHOSTUNREACH"
    assert time.monotonic() - started < 2 * TIMEOUT_S
    assert fs.log_lines("is offline: 3 attempts in a row failed (host not reachable)")
    assert any(value for name, value in metrics(fs).items() if name.startswith("ecrfs_api_not_sent_total"))
    assert fs.process.poll() is None


def test_what_a_mount_is_told_about_certificates(server, mount, certificates):
    """With the right ca_bundle it reads; with a wrong one or none it does not; with no_verify_ssl it reads whatever
    the certificate is."""
    expected = server.manifest("team", tag="v1")
    for kind in ("good", "unknown", "elsewhere", "expired"):
        with RawTcp(server.port, certificates.contexts[kind]) as port:
            endpoint = {"endpoint_url": port.endpoint, "max_attempts": 1}
            assert mount(no_verify_ssl=True, **endpoint).read("team", "v1") == expected
            bundles = {certificates.files[kind], certificates.files["good"], certificates.files["unknown"], None}
            for bundle in bundles:
                fs = mount(ca_bundle=bundle, **endpoint)
                if bundle == certificates.files[kind] and kind in ("good", "unknown"):
                    assert fs.read("team", "v1") == expected
                else:
                    assert errno_of(fs.read, "team", "v1") == "EPROTO"
                    assert fs.log_lines("certificate")
