"""HTTP/2, from a proxy before the local ECR server: used where it is offered, and nothing lost when it breaks."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, read, run, until, wait_quiet
from .tls import Http2Proxy

REPOSITORY, TAGS = "team/app", ("v1", "v2", "v3", "v4")  # of different digests


@pytest.fixture
def proxy(server, certificate, tmp_path):
    with Http2Proxy(tmp_path, certificate, server.port) as running:
        yield running


@pytest.fixture
def new_fs(proxy, mount, certificate):
    """A mount through the proxy."""
    return mount(ttl="1h", readahead="off", max_attempts=10, endpoint_url=proxy.endpoint, ca_bundle=certificate[0])


@pytest.fixture
def fs(new_fs):
    """The same; the listing of `REPOSITORY` is there, and so is a connection."""
    os.listdir(new_fs.root / REPOSITORY)
    return new_fs


def answered(server, proxy):
    """What the proxy logged of all requests so far, which have been answered."""
    wait_quiet(server)
    return until(lambda: len(proxy.requests()) >= server.calls() and proxy.requests(), "the requests are logged")


def held_readers(server, fs):
    """{tag: process} that wait for manifests, each for a call of its own, which the server holds."""
    server.fault("hold", operation="BatchGetImage", times=len(TAGS))
    readers = {}
    for number, tag in enumerate(TAGS, 1):
        readers[tag] = fs.start("cat", fs.manifest(REPOSITORY, tag))
        server.wait(held=number)
    return readers


def assert_all_read(server, readers):
    for tag, reader in readers.items():
        assert reader.communicate(timeout=30)[0] == server.manifest(REPOSITORY, tag=tag)


def test_http_2_is_spoken_and_signatures_are_right(server, proxy, fs):
    for repository, tags in server.tree()[ACCOUNT].items():
        for tag in tags:
            if tag != "frozen":
                assert fs.read(repository, tag) == server.manifest(repository, tag=tag)
    assert {request[0] for request in answered(server, proxy)} == {"h2"}
    assert all(call["signature_ok"] for call in server.log())
    assert {call["headers"]["host"] for call in server.log()} == {f"127.0.0.1:{proxy.port}"}


def test_calls_at_the_same_time_share_a_connection(server, proxy, fs):
    before = len(answered(server, proxy))
    readers = held_readers(server, fs)
    assert server.stats()["in_flight"] == len(TAGS)
    server.release()
    assert_all_read(server, readers)
    later = answered(server, proxy)[before:]
    assert len(later) == len(TAGS) and len({port for _protocol, _status, port in later}) == 1


def test_a_cold_grep_keeps_its_connections(server, proxy, new_fs):
    server.seed(repository="big/one", tags=300)
    found = run("grep", "-r", "-l", "schemaVersion", "--include=manifest.json", new_fs.root / "big/one")
    assert len(found.splitlines()) == 300
    assert len({port for _protocol, _status, port in answered(server, proxy)}) <= 8


def test_http_1_1_where_http_2_is_not_offered(server, certificate, tmp_path, mount):
    with Http2Proxy(tmp_path, certificate, server.port, "--npn-list=http/1.1") as proxy:
        fs = mount(endpoint_url=proxy.endpoint, ca_bundle=certificate[0])
        assert fs.read(REPOSITORY, "v1") == server.manifest(REPOSITORY, tag="v1")
        assert {request[0] for request in answered(server, proxy)} == {"http/1.1"}


def test_calls_in_flight_end_well_when_the_server_says_goaway(server, proxy, fs):
    readers = held_readers(server, fs)
    before = fs.log
    proxy.reload()
    assert fs.read("charts/web", "1.0.0") == server.manifest("charts/web", tag="1.0.0")
    server.release()
    assert_all_read(server, readers)
    outcomes = server.stats()["outcomes"]["BatchGetImage"]
    assert outcomes["ok"] == len(TAGS) + 1
    assert fs.log == before


def test_calls_whose_connection_breaks_are_sent_again(server, proxy, fs):
    readers = held_readers(server, fs)
    before = fs.log
    proxy.kill()
    proxy.start()
    assert_all_read(server, readers)
    outcomes = server.stats()["outcomes"]["BatchGetImage"]
    assert outcomes == {"abandoned": len(TAGS), "ok": len(TAGS)}
    assert fs.log == before
    assert {request[0] for request in proxy.requests()} == {"h2"}


def test_a_stream_that_breaks_is_asked_for_again(server, fs):
    server.fault("truncate", operation="BatchGetImage", times=1)
    assert read(fs.manifest(REPOSITORY, "v1")) == server.manifest(REPOSITORY, tag="v1")
    assert server.stats()["calls"]["BatchGetImage"] == 2


def test_an_answer_that_is_too_large_is_not_read_to_its_end(server, fs):
    readers = held_readers(server, fs)
    server.fault("oversize", operation="BatchGetImage", repository="charts/*", mb=4096)
    assert errno_of(fs.read, "charts/web", "1.0.0") == "EPROTO"
    server.wait(answers_unread=1)
    server.release()
    assert_all_read(server, readers)  # whose connection it was
    assert server.stats()["outcomes"]["BatchGetImage"] == {"ok": len(TAGS), "fault:oversize": 1}
