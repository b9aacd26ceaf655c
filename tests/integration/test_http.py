"""HTTP as the server sees it: kept connections, resumed TLS sessions, gzip, and answers that are too large."""

import json
import os

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, EcrServer

from .checks import calls, errno_of, run, wait_quiet
from .kernel import until_waiting
from .mount import Mounts, is_sanitized

ONE_BY_ONE = {"ttl": "1h", "readahead": "off"}  # a call for each manifest
MANIFESTS, CONNECTIONS = 300, 8  # the default of max_connections
REPOSITORY, TAGS = "team/app", ("v1", "v2", "v3", "v4")  # of different digests


@pytest.fixture
def tls_server(request, certificate):
    """A server over TLS, of the version that the test names."""
    cert, key = certificate
    with EcrServer(tls_cert=cert, tls_key=key, tls_version=request.param) as running:
        yield running


@pytest.fixture
def tls_mount(tls_server, certificate, tmp_path):
    """A mount of that server, which knows its certificate from the environment."""
    mounts = Mounts(tmp_path, tls_server.endpoint)
    try:
        yield mounts(**ONE_BY_ONE, environment={
            "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_CA_BUNDLE": str(certificate[0])})
    finally:
        mounts.close()


both_versions = pytest.mark.parametrize("tls_server", ["1.2", "1.3"], indirect=True)
tls_1_3 = pytest.mark.parametrize("tls_server", ["1.3"], indirect=True)


def assert_grep_keeps_connections(server, fs):
    server.seed(repository="big/one", tags=MANIFESTS)
    found = run("grep", "-r", "-l", "schemaVersion", "--include=manifest.json", fs.root / "big/one")
    assert len(found.splitlines()) == MANIFESTS
    assert sum(calls(server).values()) > MANIFESTS
    assert server.stats()["connections_accepted"] <= CONNECTIONS


def test_a_cold_grep_keeps_its_connections(server, mount):
    assert_grep_keeps_connections(server, mount(**ONE_BY_ONE))


@tls_1_3
def test_a_cold_grep_keeps_its_connections_over_tls(tls_server, tls_mount):
    assert_grep_keeps_connections(tls_server, tls_mount)


@pytest.mark.parametrize("politely", [True, False], ids=["closed", "reset"])
def test_idle_connections_may_be_closed_by_the_server(server, mount, politely):
    fs = mount(**ONE_BY_ONE, max_attempts=1)
    for tag in TAGS:
        before = fs.log
        assert fs.read(REPOSITORY, tag) == server.manifest(REPOSITORY, tag=tag)
        assert "BatchGetImage" not in fs.log.removeprefix(before)
        wait_quiet(server)
        server.close_connections(politely)
        server.wait(connections_open=0)
    assert all(set(outcomes) == {"ok"} for outcomes in server.stats()["outcomes"].values())


def assert_reset_is_survived(server, fs):
    server.fault("hold", operation="BatchGetImage", times=4)
    readers = {}
    for number, tag in enumerate(TAGS, 1):
        readers[tag] = fs.start("cat", fs.manifest(REPOSITORY, tag))
        server.wait(held=number)
    server.close_connections()
    for tag, reader in readers.items():
        assert reader.communicate(timeout=30)[0] == server.manifest(REPOSITORY, tag=tag)
    assert server.stats()["outcomes"]["BatchGetImage"]["abandoned"] == 4


def test_calls_whose_connection_is_reset_are_sent_again(server, mount):
    assert_reset_is_survived(server, mount(**ONE_BY_ONE))


@tls_1_3
def test_calls_whose_connection_is_reset_are_sent_again_over_tls(tls_server, tls_mount):
    assert_reset_is_survived(tls_server, tls_mount)


@both_versions
def test_a_second_connection_resumes_the_session_of_the_first(tls_server, tls_mount):
    os.listdir(tls_mount.root / REPOSITORY)
    wait_quiet(tls_server)
    before = tls_server.stats()
    tls_server.fault("hold", operation="BatchGetImage")
    for number, tag in enumerate(TAGS, 1):  # each call that is held keeps its connection
        tls_mount.start("cat", tls_mount.manifest(REPOSITORY, tag))
        tls_server.wait(held=number)
    after = tls_server.stats()
    made = after["connections_accepted"] - before["connections_accepted"]
    assert made == len(TAGS) - before["connections_open"]
    assert after["tls_resumed"] - before["tls_resumed"] == made
    tls_server.clear_faults()


@both_versions
def test_a_session_outlives_its_connection(tls_server, tls_mount):
    os.listdir(tls_mount.root / REPOSITORY)
    wait_quiet(tls_server)
    for tag in TAGS:
        before = tls_server.stats()
        tls_server.close_connections(politely=True)
        tls_server.wait(connections_open=0)
        assert tls_mount.read(REPOSITORY, tag) == tls_server.manifest(REPOSITORY, tag=tag)
        wait_quiet(tls_server)
        after = tls_server.stats()
        assert after["connections_accepted"] - before["connections_accepted"] == 1
        assert after["tls_resumed"] - before["tls_resumed"] == 1


def test_gzip_is_accepted_and_read(server, mount):
    server.config(gzip=True)
    fs = mount(**ONE_BY_ONE)
    for repository, tags in server.tree()[ACCOUNT].items():
        if repository not in ("cold/storage", "empty/repo"):
            for tag in tags:
                assert fs.read(repository, tag) == server.manifest(repository, tag=tag)
    answers = server.log("BatchGetImage")
    assert all(call["headers"]["accept-encoding"] == "gzip" for call in server.log())
    server.config(gzip=False)
    plain = mount(**ONE_BY_ONE)
    assert plain.read("odd/formats", "forty-layers") == fs.read("odd/formats", "forty-layers")
    uncompressed = server.log("BatchGetImage", last=1)[0]
    compressed = next(call for call in answers if call["body"] == uncompressed["body"])
    assert compressed["response_bytes"] < uncompressed["response_bytes"] / 2


def test_a_gzip_bomb_is_not_unpacked(server, mount):
    fs = mount(**ONE_BY_ONE)
    os.listdir(fs.root / REPOSITORY)
    before, log = fs.resident_bytes(), fs.log
    server.fault("gzip", operation="BatchGetImage", mb=200)
    assert errno_of(fs.read, REPOSITORY, "v1") == "EPROTO"
    assert "BatchGetImage" in fs.new_line(log)
    assert is_sanitized() or fs.resident_bytes() - before < 100 * 1024 * 1024  # half of what the bomb has
    server.clear_faults()
    assert fs.read(REPOSITORY, "v1") == server.manifest(REPOSITORY, tag="v1")


def test_wrong_bytes_do_not_pass_for_being_compressed(server, mount):
    server.config(gzip=True)
    server.fault("wrong_digest", operation="BatchGetImage")
    assert errno_of(mount(**ONE_BY_ONE).read, REPOSITORY, "v1") == "EBADMSG"


def test_an_answer_that_is_too_large_is_not_read_to_its_end(server, mount):
    fs = mount(**ONE_BY_ONE)
    os.listdir(fs.root / REPOSITORY)
    wait_quiet(server)
    server.fault("oversize", operation="BatchGetImage", mb=4096)
    assert errno_of(fs.read, REPOSITORY, "v1") == "EPROTO"
    server.wait(answers_unread=1, in_flight=0)
    assert server.stats()["calls"]["BatchGetImage"] == 1
    server.clear_faults()
    assert fs.read(REPOSITORY, "v1") == server.manifest(REPOSITORY, tag="v1")


def test_no_call_asks_whether_its_body_may_come(server, mount):
    server.seed(repository="big/one", tags=40)
    fs = mount(**ONE_BY_ONE, max_connections=1)
    tags = os.listdir(fs.root / "big/one")
    server.fault("hold", operation="BatchGetImage", times=1)
    readers = [fs.start("cat", fs.manifest("big/one", tag)) for tag in tags]
    until_waiting(readers, timeout_s=30)
    server.release()
    assert [reader.wait(30) for reader in readers] == [0] * len(tags)
    assert max(len(json.dumps(call["body"])) for call in server.log("BatchGetImage")) > 2000
    assert not [call for call in server.log() if "expect" in call["headers"]]
