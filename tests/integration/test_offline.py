"""An endpoint that cannot be reached: found out once, answered for at once, and noticed when it is back."""

import concurrent.futures
import contextlib
import os
import re
import select
import socket
import threading
import time

import pytest

from ecr_server.client import EcrServer

from .checks import errno_of, free_port, metrics, read, run, until
from .expected import tree, tree_of

SHORT = {"ttl": "200ms", "negative_ttl": "200ms"}
AT_ONCE_S = 5  # for 40 operations, with time for a busy machine: an attempt and its retries take a second each


@contextlib.contextmanager
def black_hole():
    """A socket that takes connections and never answers: (its endpoint, a function that counts connections)."""
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        taken = []

        def connections():
            while select.select([listener], [], [], 0)[0]:
                taken.append(held.enter_context(listener.accept()[0]))
            return len(taken)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", connections


def total(found, name):
    return sum(value for key, value in found.items() if key.startswith(f"{name}{{"))


def attempts(fs):
    """How many attempts all calls have made that have ended: `not_sent` have made none."""
    found = metrics(fs)
    return (total(found, "ecrfs_api_calls_total") + total(found, "ecrfs_api_retries_total")
            - total(found, "ecrfs_api_not_sent_total"))


def status(fs):
    """The lines of the status about endpoints that are offline."""
    return re.findall(r"^offline +(.*)$", read(fs.point / ".ecrfs/status").decode(), re.M)


def is_up(fs, host):
    return metrics(fs).get(f'ecrfs_endpoint_up{{endpoint="{host}"}}')


def wait_offline(fs):
    until(lambda: errno_of(os.stat, fs.root / "never") and status(fs), "it is offline")


@pytest.fixture
def host():
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def own(host):
    """A server of this test alone, which it may stop and start."""
    server = EcrServer(port=int(host.split(":")[1])).start()
    yield server
    server.stop()


def test_a_server_that_goes_and_comes_back(mount, own, host):
    own.delete_image("cold/storage", tag="frozen")
    fs = mount(endpoint_url=own.endpoint, **SHORT)
    run("grep", "-r", "schemaVersion", fs.root)
    expected = tree(own)
    assert status(fs) == [] and is_up(fs, host) == 1

    own.stop()
    wait_offline(fs)
    line, = status(fs)
    assert re.fullmatch(host + r" since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: connection refused", line)
    assert is_up(fs, host) == 0
    made = attempts(fs)
    started = time.monotonic()
    for number in range(20):
        assert errno_of(os.stat, fs.root / f"team/never{number}") == "ECONNREFUSED"
        assert errno_of(os.stat, fs.root / f"never{number}") == "ECONNREFUSED"
    assert time.monotonic() - started < AT_ONCE_S
    assert tree_of(fs.root) == expected
    assert attempts(fs) == made

    own.start()
    until(lambda: is_up(fs, host) == 1, "it has recovered", timeout_s=60)
    assert status(fs) == []
    own.push("team/new", tag="v9")
    until(lambda: errno_of(fs.read, "team/new", "v9") is None, "what is new is seen")
    until(lambda: errno_of(os.stat, fs.root / "team/never1") == "ENOENT", "absence is known again")
    offline, = fs.log_lines("is offline: 3 attempts in a row failed (connection refused)")
    recovered, = fs.log_lines("has recovered")
    assert host in offline and host in recovered
    assert set(own.stats()["calls"]) <= {"(none)", "DescribeRepositories", "DescribeImages", "BatchGetImage"}


def test_it_is_said_once_each_time_however_many_read(mount, own):
    """Twice it goes and comes back, under 32 readers who ask without end."""
    fs = mount(endpoint_url=own.endpoint, max_attempts=1, ttl="0", negative_ttl="0")
    os.listdir(fs.root)
    ended = threading.Event()

    def ask(number):
        while not ended.is_set():
            errno_of(os.stat, fs.root / f"team/never{number}")
            errno_of(os.listdir, fs.root / "team/app")
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        try:
            done = [pool.submit(ask, number) for number in range(32)]
            for times in (1, 2):
                own.stop()
                until(lambda: status(fs), "it is offline", timeout_s=20)
                own.start()
                until(lambda: not status(fs), "it has recovered", timeout_s=60)
                assert len(fs.log_lines("is offline: ")) == len(fs.log_lines("has recovered")) == times
        finally:
            ended.set()
    assert [task.result() for task in done] == [None] * 32


def test_nothing_is_probed_without_need(mount, own):
    fs = mount(endpoint_url=own.endpoint, ttl="1h")
    tree_of(fs.root)
    assert "(none)" not in own.stats()["calls"]


def test_a_mount_made_before_its_server(mount, host):
    """The first call makes its attempts, all later ones make none; then it works without anybody's help."""
    fs = mount(endpoint_url=f"http://{host}", **SHORT)
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    wait_offline(fs)
    made = attempts(fs)
    assert 3 <= made <= 6
    for _ in range(20):
        assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    assert attempts(fs) == made
    with EcrServer(port=int(host.split(":")[1])):
        until(lambda: is_up(fs, host) == 1, "it is there", timeout_s=60)
        assert "team" in os.listdir(fs.root)
    assert len(fs.log_lines("is offline: ")) == len(fs.log_lines("has recovered")) == 1


def test_a_black_hole(mount):
    with black_hole() as (endpoint, connections):
        fs = mount(endpoint_url=endpoint, connect_timeout="200ms", read_timeout="200ms", **SHORT)
        assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
        wait_offline(fs)
        made = attempts(fs)
        assert connections() >= 3
        started = time.monotonic()
        for number in range(40):
            assert errno_of(os.stat, fs.root / f"never{number}") == "ETIMEDOUT"
        assert time.monotonic() - started < AT_ONCE_S
        assert attempts(fs) == made
        before = connections()
        until(lambda: connections() > before, "it is probed")
        assert len(fs.log_lines("is offline: 3 attempts in a row failed (timed out)")) == 1
        assert not fs.log_lines("has recovered")


def test_another_endpoint_is_not_concerned(server, mount, host):
    dead = mount(endpoint_url=f"http://{host}", **SHORT)
    alive = mount(**SHORT)
    wait_offline(dead)
    assert tree_of(alive.root) == tree(server)
    assert status(alive) == []
    assert is_up(alive, f"127.0.0.1:{server.port}") == 1


@pytest.mark.parametrize("fault", [
    {"action": "error", "code": "ThrottlingException", "message": "Rate exceeded"},
    {"action": "error", "code": "AccessDeniedException", "message": "no"},
    {"action": "html", "status": 503},
    {"action": "close"},
], ids=["throttled", "denied", "failing", "closing"])
def test_who_answers_is_not_offline(server, mount, fault):
    fs = mount(max_attempts=2, **SHORT)
    server.fault(**fault)
    for number in range(10):
        assert errno_of(os.listdir, fs.root / f"never{number}/{number}") not in (None, "ECONNREFUSED", "ETIMEDOUT")
    assert status(fs) == [] and is_up(fs, f"127.0.0.1:{server.port}") == 1
    assert total(metrics(fs), "ecrfs_api_not_sent_total") == 0
    assert not fs.log_lines("offline")
