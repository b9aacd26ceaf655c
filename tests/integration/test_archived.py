"""What ECR has lately: archived images, filters that an endpoint does not know, codes and types that nobody foresaw."""

import base64
import json
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, pulls, read, run
from .expected import FILES, readable_images, tree, tree_of

SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"


@pytest.fixture
def fs(mount):
    return mount(ttl="1h", max_attempts=1)


@pytest.mark.parametrize("code", ["ImageInaccessible", "ImageNotFound"])
@pytest.mark.parametrize("listed_first", [True, False])
def test_archived_image_lacks_nothing_but_its_manifest(server, fs, listed_first, code):
    server.config(archived_failure_code=code)
    frozen = fs.tag("cold/storage", "frozen")
    if listed_first:
        assert set(os.listdir(fs.root / "cold/storage")) == {"frozen", "warm"}
    image, = [image for image in server.images(account=ACCOUNT, repository="cold/storage") if "frozen" in image["tags"]]
    assert set(os.listdir(frozen)) == FILES
    assert read(frozen / "digest").decode() == f"{image['digest']}\n"
    assert json.loads(read(frozen / "image.json"))["imageStatus"] == "ARCHIVED"
    assert os.getxattr(frozen, "user.ecr.status") == b"ARCHIVED"
    assert os.stat(frozen).st_mtime == image["pushed_at"] and os.stat(frozen).st_size == image["size"]
    assert errno_of(read, frozen / "manifest.json") == "ENODATA"
    assert errno_of(os.stat, frozen / "manifest.json") == "ENODATA"
    assert fs.read("cold/storage", "warm") == server.manifest("cold/storage", tag="warm")


def test_archived_images_are_among_the_digests(server, fs):
    digest = server.tree()[ACCOUNT]["cold/storage"]["frozen"]
    assert digest in os.listdir(fs.root / "cold/storage/.digests")
    for path in ("cold/storage:frozen", *(f"cold/storage{form}{digest}" for form in ("/.digests/", "@", "/"))):
        assert read(fs.root / path / "digest").decode() == f"{digest}\n"
        assert errno_of(read, fs.root / path / "manifest.json") == "ENODATA"


def test_search_passes_by_archived_images(fs):
    out = run("grep", "-rl", "schemaVersion", fs.root / "cold", code=2).decode().split()
    assert out == [str(fs.manifest("cold/storage", "warm"))]


def test_archived_and_restored_while_mounted(server, mount):
    fs = mount(ttl="0", negative_ttl="0", max_attempts=1)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    server.archive("team", tag="v2")
    assert errno_of(fs.read, "team", "v2") == "ENODATA"
    server.archive("team", tag="v2", restore=True)
    assert fs.read("team", "v2") == server.manifest("team", tag="v2")


@pytest.mark.parametrize("unknown", ["reject", "ignore"])
def test_endpoint_that_does_not_know_image_status(server, mount, unknown):
    """An older endpoint: it is asked once with the filter, and then without. It still lists what it has."""
    server.config(model_version="2022", unknown_members=unknown)
    fs = mount(ttl="1h", max_attempts=1)
    assert tree_of(fs.root) == tree(server)
    calls(server)
    listings = [call for call in server.log("DescribeImages") if "imageIds" not in call["body"]]
    refused = [call for call in listings if call["outcome"] != "ok"]
    assert len(refused) == (1 if unknown == "reject" else 0)
    repositories = [call["body"]["repositoryName"] for call in listings if call["outcome"] == "ok"]
    assert sorted(repositories) == sorted(server.tree()[ACCOUNT])
    if refused:
        assert all("imageStatus" not in call["body"]["filter"] for call in listings[listings.index(refused[0]) + 1:])
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)


def test_unknown_fields_statuses_and_types_are_survived(server, fs):
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    server.fault("merge", operation="DescribeImages", repository="team", members={
        "somethingNew": {"a": [1, None, True]}, "imageDetails": [{
            "imageDigest": digest, "imageTags": ["v1"], "imageStatus": "FROZEN_SOLID", "imageSizeInBytes": 5,
            "imagePushedAt": 1.7e9, "imageManifestMediaType": "application/vnd.never.seen+json", "newMember": [{}],
            "imageScanStatus": None, "registryId": 7, "artifactMediaType": None}]})
    server.fault("merge", operation="DescribeRepositories", members={"somethingNew": [{"b": {}}]})
    assert os.listdir(fs.root / "team") and "v1" in os.listdir(fs.root / "team")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    record = json.loads(read(fs.tag("team", "v1") / "image.json"))
    assert (record["imageDigest"], record["imageSizeInBytes"]) == (digest, 5)
    assert record["imageManifestMediaType"] == "application/vnd.never.seen+json"
    assert record.get("imageStatus") not in ("ACTIVE", "ARCHIVED", "ACTIVATING")  # which it is not
    assert os.stat(fs.tag("team", "v1")).st_mtime == 1.7e9


@pytest.mark.parametrize("code, errno", [
    ("ImageInaccessible", "ENODATA"), ("ImageNotFound", "ENOENT"), ("KmsError", "EACCES"),
    ("UpstreamAccessDenied", "EACCES"), ("UpstreamTooManyRequests", "EBUSY"), ("UpstreamUnavailable", "EIO"),
    ("ImageReferencedByManifestList", "EIO"), ("SomethingNew", "EIO"), ("", "EIO")])
def test_failure_codes_concern_their_image_only(server, fs, code, errno):
    digests = server.tree()[ACCOUNT]["team/app"]
    os.listdir(fs.root / "team/app")
    server.fault("failure", operation="BatchGetImage", id=digests["v3"], code=code, reason="a reason")
    readers = [fs.start("cat", fs.manifest("team/app", f"v{n}")) for n in (1, 2, 4, 5)]
    assert errno_of(fs.read, "team/app", "v3") == errno
    for number, reader in zip((1, 2, 4, 5), readers):
        assert reader.communicate(timeout=10) == (server.manifest("team/app", tag=f"v{number}"), b"")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_schema1(name):
    """(payload, signed text) as docker/libtrust writes them: signatures stand before the end of the payload."""
    head = json.dumps({"schemaVersion": 1, "name": name, "tag": "v1", "fsLayers": [], "history": []}, indent=3)[:-2]
    tail = "\n}"
    protected = json.dumps({"formatLength": len(head), "formatTail": base64url(tail.encode()), "time": "2015-01-01"})
    signature = {"header": {"alg": "ES256", "jwk": {}}, "signature": base64url(b"s" * 64),
                 "protected": base64url(protected.encode())}
    signatures = json.dumps([signature], indent=3)
    return head + tail, f'{head},\n   "signatures": {signatures}{tail}'


@pytest.fixture
def schema1(server):
    """An image whose digest is that of the payload, while ECR hands out the signed text."""
    payload, signed = signed_schema1("old/signed")
    digest = server.push("old/signed", tag="v1", manifest=payload, media_type=SIGNED)
    server.fault("wrong_digest", operation="BatchGetImage", repository="old/signed", id=digest, manifest=signed)
    return signed.encode()


def test_signed_schema1_manifest_is_shown_as_it_is(server, fs, schema1):
    assert fs.read("old/signed", "v1") == schema1
    assert os.stat(fs.manifest("old/signed", "v1")).st_size == len(schema1)
    assert pulls(server) == 1


def test_signed_schema1_manifest_whose_bytes_have_the_digest(server, fs):
    signed = signed_schema1("old/plain")[1]
    server.push("old/plain", tag="v1", manifest=signed)
    assert fs.read("old/plain", "v1") == signed.encode()


TAMPERED = {
    "another payload": lambda text: text.replace("old/signed", "old/forged"),
    "no signatures": lambda text: text.partition(',\n   "signatures"')[0] + "\n} ",
    "length beyond the text": lambda text: reprotect(text, formatLength=1 << 40),
    "negative length": lambda text: reprotect(text, formatLength=-5),
    "length that is no number": lambda text: reprotect(text, formatLength="12"),
    "another tail": lambda text: reprotect(text, formatTail=base64url(b'{"a":1}')),
    "no base64": lambda text: reprotect(text, formatTail="\u00fc!"),
    "nothing protected": lambda text: text.replace('"protected"', '"unprotected"'),
    "signatures is a number": lambda text: text.partition('"signatures"')[0] + '"signatures": 7\n}',
}


def reprotect(text, **changes):
    document = json.loads(text)
    old = document["signatures"][0]["protected"]
    fields = json.loads(base64.urlsafe_b64decode(old + "=" * (-len(old) % 4)))
    return text.replace(old, base64url(json.dumps({**fields, **changes}).encode()))


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_tampered_schema1_manifest_is_not_shown(server, fs, tamper):
    payload, signed = signed_schema1("old/signed")
    assert tamper(signed) != signed
    digest = server.push("old/signed", tag="v1", manifest=payload, media_type=SIGNED)
    server.fault("wrong_digest", operation="BatchGetImage", id=digest, manifest=tamper(signed))
    assert errno_of(fs.read, "old/signed", "v1") == "EBADMSG"
    assert errno_of(os.stat, fs.manifest("old/signed", "v1")) == "EBADMSG"
    assert tree_of(fs.root) == tree(server)
