"""One request in ten fails at random, in every way, under eight readers: each byte is right or the errno says why not.

ECRFS_STORM_S is how long, in seconds; ECRFS_STORM_SEED what is chosen: with the default each kind of failure comes
within the first 200 calls.
"""

import collections
import hashlib
import json
import os
import pathlib
import sys
import threading

import pytest

from ecr_server.client import ACCOUNT

from .checks import read, wait_quiet
from .expected import FILES
from .mount import TEST_LIMIT_S, Mounts, is_sanitized

STORM_S = float(os.environ.get("ECRFS_STORM_S", 10))
SEED = int(os.environ.get("ECRFS_STORM_SEED", 1114))
READERS = 8
TIMEOUT_S, SLACK_S = 10, 10
REPOSITORIES, TAGS = 6, 40
READER = pathlib.Path(__file__).with_name("storm_reader.py")
RESETS_PER_S = 3
CALM_S = 1
# Than before the storm. Each failure that leaves something behind would exceed it.
MORE_MEMORY, MORE_DESCRIPTORS = 16 << 20, 16

PULLS = {"operation": "BatchGetImage"}
FAULTS = {
    "server error": {"action": "error", "code": "ServerException"},
    "throttled": {"action": "error", "code": "ThrottlingException"},
    "expired": {"action": "error", "code": "ExpiredTokenException"},
    "503": {"action": "html"},
    "empty": {"action": "empty"},
    "garbage": {"action": "garbage"},
    "closed": {"action": "close"},
    "closed after headers": {"action": "close", "when": "after_headers"},
    "truncated": {"action": "truncate"},
    "wrong length": {"action": "content_length"},
    "broken gzip": {"action": "gzip", "damage": "corrupt"},
    "delayed": {"action": "delay", "ms": 100},
    "wrong digest": {"action": "wrong_digest", **PULLS},
    "left out": {"action": "drop_id", **PULLS},
    "failure": {"action": "failure", "code": "UpstreamUnavailable", **PULLS},
}
# What may come of these, by the table of errors: no absence, no denial.
CLEAN = {"EIO", "EPROTO", "EBUSY", "EBADMSG", "EKEYEXPIRED", "ETIMEDOUT"}


@pytest.fixture
def fs(server, tmp_path):
    """A mount that asks again for what it was asked for before."""
    mounts = Mounts(tmp_path, server.endpoint, TEST_LIMIT_S + STORM_S)
    try:
        yield mounts(ttl="200ms", digest_ttl="0", negative_ttl="0", stale_ttl="0", max_attempts=2,
                     timeout=f"{TIMEOUT_S}s", cache_size="16M")
    finally:
        mounts.close()


@pytest.fixture
def expected(server):
    """As storm_reader.py wants it."""
    server.seed(prefix="storm", repositories=REPOSITORIES, tags=TAGS, digests=TAGS - 5, seed=SEED)
    tree = {name: tags for name, tags in server.tree(account=ACCOUNT)[ACCOUNT].items() if name.startswith("storm/")}
    files = {f"{name}/{tag}/manifest.json": digest.removeprefix("sha256:")
             for name, tags in tree.items() for tag, digest in tags.items()}
    directories = {"storm": sorted(name.removeprefix("storm/") for name in tree),
                   **{name: sorted(tags) for name, tags in tree.items()},
                   **{path.removesuffix("/manifest.json"): sorted(FILES) for path in files}}
    return {"files": files, "directories": directories}


@pytest.fixture
def read_all(fs, expected, tmp_path):
    """A function that runs readers for some seconds; what each of them found."""
    path = tmp_path / "expected.json"
    path.write_text(json.dumps(expected))

    def read(count, seconds):
        readers = [fs.start(sys.executable, READER, fs.root, path, seconds, SEED + n) for n in range(count)]
        found = []
        for reader in readers:
            data, complaint = reader.communicate(timeout=seconds + TIMEOUT_S + SLACK_S)
            assert (reader.returncode, complaint) == (0, b"")
            found.append(json.loads(data))
        return found
    return read


class Resets:
    """Resets all connections now and then."""

    def __init__(self, server):
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._over.wait(1 / RESETS_PER_S):
            self._server.close_connections()

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_exception):
        self._over.set()
        self._thread.join()


def descriptors(fs):
    return len(os.listdir(f"/proc/{fs.pid}/fd"))


def total(counts):
    return sum(map(collections.Counter, counts), collections.Counter())


def begin_storm(server):
    each = 0.1 / len(FAULTS)
    faults = [{**fault, "probability": each, "seed": SEED + n} for n, fault in enumerate(FAULTS.values())]
    server.reset()
    server.config(latency_ms=5, faults=faults)  # so that there are calls to reset


def test_every_byte_is_right_or_a_clean_errno(server, fs, expected, read_all):
    calm = read_all(READERS, CALM_S)
    assert not total(reader["errnos"] for reader in calm) and not any(reader["wrong"] for reader in calm)
    memory, opened = fs.resident_bytes(), descriptors(fs)

    begin_storm(server)
    with Resets(server):
        found = read_all(READERS, STORM_S)
    errnos, right = total(reader["errnos"] for reader in found), sum(reader["right"] for reader in found)
    applied = {name: rule["applied"] for name, rule in zip(FAULTS, server.faults())}
    resets = total(server.stats()["outcomes"].values())["abandoned"]
    print(f"{right} right, {dict(errnos)}, {resets} resets, faults {applied}")
    assert not any(reader["wrong"] for reader in found)
    assert set(errnos) <= CLEAN
    assert {"EPROTO", "EBADMSG"} <= set(errnos) and right > errnos.total()
    assert all(applied.values()) and resets
    assert max(reader["slowest"] for reader in found) < TIMEOUT_S + SLACK_S

    server.config(latency_ms=0)
    server.clear_faults()
    wait_quiet(server)
    assert not fs.log_lines("is offline")
    for path, digest in expected["files"].items():
        assert hashlib.sha256(read(fs.root / path)).hexdigest() == digest
    for path, names in expected["directories"].items():
        assert sorted(os.listdir(fs.root / path)) == names
    after = read_all(READERS, CALM_S)
    assert not total(reader["errnos"] for reader in after) and not any(reader["wrong"] for reader in after)
    assert descriptors(fs) <= opened + MORE_DESCRIPTORS
    assert is_sanitized() or fs.resident_bytes() < memory + MORE_MEMORY
