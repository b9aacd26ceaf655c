"""One poison image among 100: it fails, and its neighbours in the same calls read fine."""

import json
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, until
from .kernel import until_waiting

COUNT, POISON = 100, "t000042"


@pytest.fixture
def fs(server, mount):
    server.seed(repository="big/one", tags=COUNT)
    fs = mount(ttl="1h", max_connections=1, max_attempts=1, timeout="50s")
    os.listdir(fs.root / "big/one")
    return fs


def read_all_at_once(server, fs, *faults):
    """{tag: (exit code, bytes)}: the first call is held until all others wait, so that they share calls."""
    hold = {"action": "hold", "operation": "BatchGetImage", "times": 1}
    server.config(faults=[hold, *({"operation": "BatchGetImage", **fault} for fault in faults)])
    tags = [f"t{n:06d}" for n in range(COUNT)]
    readers = {tags[0]: fs.start("cat", fs.manifest("big/one", tags[0]))}
    server.wait(held=1)
    for tag in tags[1:]:
        readers[tag] = fs.start("cat", fs.manifest("big/one", tag))
    until_waiting(readers.values(), timeout_s=30)
    server.release()
    found = {}
    for tag, reader in readers.items():
        data, _ = reader.communicate(timeout=50)
        found[tag] = reader.returncode, data
    sizes = [len(call["body"]["imageIds"]) for call in server.log("BatchGetImage")]
    assert max(sizes) > COUNT // 2, "they shared no call"
    return found


def assert_only_the_poison_failed(server, fs, found, errnos):
    for tag, (code, data) in found.items():
        assert (code, data) == ((1, b"") if tag == POISON else (0, server.manifest("big/one", tag=tag))), tag
    assert errno_of(fs.read, "big/one", POISON) in errnos
    server.config(faults=[])
    until(lambda: errno_of(fs.read, "big/one", POISON) is None, "it is good again")
    assert fs.read("big/one", POISON) == server.manifest("big/one", tag=POISON)


FAULTS = {
    "other bytes": ({"action": "wrong_digest", "manifest": "{}"}, "EBADMSG"),
    "a newline more": ({"action": "wrong_digest"}, "EBADMSG"),
    "left out": ({"action": "drop_id"}, "EPROTO EIO"),
    "unknown failure": ({"action": "failure", "code": "Strange"}, "EIO"),
    "denied upstream": ({"action": "failure", "code": "UpstreamAccessDenied"}, "EACCES"),
    "absent": ({"action": "failure"}, "ENOENT"),
    "garbage": ({"action": "garbage"}, "EPROTO"),
    "oversized": ({"action": "oversize", "mb": 33}, "EPROTO"),
    "zeros": ({"action": "wrong_digest", "manifest": "\0" * 100_000}, "EBADMSG EPROTO"),
}
# After these the whole answer is lost, whatever else was in it: asked again in halves.
WHOLE = ("garbage", "oversized")


@pytest.mark.parametrize("name", FAULTS)
def test_one_poison_image_among_many(server, fs, name):
    fault, errnos = FAULTS[name]
    digest = server.tree()[ACCOUNT]["big/one"][POISON]
    found = read_all_at_once(server, fs, {**fault, "id": digest})
    calls = server.calls("BatchGetImage")
    assert_only_the_poison_failed(server, fs, found, errnos.split())
    assert calls <= (2 + 2 * 8 + 4 if name in WHOLE else 5)


def test_manifests_under_each_others_ids(server, fs):
    """Bytes belong to the digest that they have, whatever name they come under."""
    for tag, (code, data) in read_all_at_once(server, fs, {"action": "swap"}).items():
        assert (code, data) == (0, server.manifest("big/one", tag=tag)), tag


def body_of_all(server, manifest):
    """A whole answer as text, with one image's manifest replaced."""
    images = [{"registryId": ACCOUNT, "repositoryName": "big/one", "imageId": {"imageDigest": digest},
               "imageManifest": manifest if tag == POISON else server.manifest("big/one", tag=tag).decode()}
              for tag, digest in server.tree()[ACCOUNT]["big/one"].items()]
    return json.dumps({"images": images, "failures": []})


@pytest.mark.parametrize("manifest", [
    "\ud800", "\udc00 before", "{\ud800\ud800}", "nul \0 in it", "\udfff" * 10], ids=ascii)
def test_lone_surrogate_in_one_manifest_among_many(server, fs, manifest):
    """JSON can write what no UTF-8 has; the parser must not give up the 99 others."""
    found = read_all_at_once(server, fs, {"action": "garbage", "body": body_of_all(server, manifest)})
    assert_only_the_poison_failed(server, fs, found, ["EBADMSG"])
