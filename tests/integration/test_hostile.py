"""A hostile server: what is odd is skipped, bounded or an errno, never a crash, hang, wrong byte or failed neighbour."""

import hashlib
import json
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, read, until

FIRST, SECOND = ("sha256:" + digit * 64 for digit in "ab")
OCI = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def fs(mount):
    return mount(ttl="1h", negative_ttl="100ms", max_attempts=1)


@pytest.fixture
def still_works(server, fs):
    """Afterwards everything else is as it was."""
    yield
    server.config(faults=[])
    for repository, tag in (("team", "v2"), ("team/app", "v1")):
        until(lambda: errno_of(fs.read, repository, tag) is None, "a neighbour can be read")
        assert fs.read(repository, tag) == server.manifest(repository, tag=tag)
    until(lambda: {"v1", "v2"} <= set(os.listdir(fs.root / "team/app")), "a neighbour can be listed")
    assert fs.process.poll() is None


def answer(server, operation, body, **conditions):
    """Let the server say exactly these bytes (or this text, or object), as JSON and with HTTP 200."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    body = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    server.fault("raw", operation=operation, bytes=(head.encode() + body).decode("latin-1"), **conditions)


def detail(tags, digest=FIRST, **more):
    return {"registryId": ACCOUNT, "repositoryName": "odd/names", "imageDigest": digest, "imageTags": tags,
            "imageSizeInBytes": 5, "imagePushedAt": 1.7e9, "imageManifestMediaType": OCI, **more}


HOSTILE = ["a/b", "/", "..", ".", "../../etc", "", "nul\0", "\0", "new\nline", "\r", "x" * 256, "x" * 300, ".hidden",
           ".digests", ".ecrfs", "a:b", "a@b", "sha256:" + "0" * 64, "-x", "ümlaut", "\u2028", "blank ", "\x7f", "a\\b",
           "*", "\ud800"]
# "a/b" is a good one.
HOSTILE_REPOSITORIES = [*HOSTILE[1:], "UPPER", "a//b", "a/", "/a", "a/../b", "a/./b", "x/" * 200 + "x", "a" * 257]


@pytest.mark.parametrize("listed_by", ["DescribeImages", "ListImages"])
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_tags_that_are_no_names_are_left_out(server, fs, still_works, name, listed_by):
    server.push("odd/names", tag="v1")
    if listed_by == "DescribeImages":
        answer(server, listed_by, {"imageDetails": [
            detail([name, "good"]), detail([name], SECOND), detail(["other"], SECOND)]}, repository="odd/names")
    else:
        server.fault("error", code="AccessDeniedException", operation="DescribeImages", repository="odd/names")
        ids = [{"imageDigest": FIRST, "imageTag": tag} for tag in (name, "good", "other")]
        answer(server, listed_by, {"imageIds": ids})
    assert set(os.listdir(fs.root / "odd/names")) == {"good", "other"}
    assert os.stat(fs.tag("odd/names", "good"))


@pytest.mark.parametrize("name", HOSTILE_REPOSITORIES, ids=ascii)
def test_repositories_that_have_no_names_are_left_out(server, fs, still_works, name):
    names = ("team", name, "team/app", name, "other")
    answer(server, "DescribeRepositories", {"repositories": [{"repositoryName": repository} for repository in names]})
    assert set(os.listdir(fs.root)) == {"team", "other"}


@pytest.mark.parametrize("operation", ["DescribeImages", "DescribeRepositories"])
def test_invalid_utf8_is_no_name(server, fs, still_works, operation):
    body = json.dumps({"imageDetails": [detail(["good", "bad"])],
                       "repositories": [{"repositoryName": name} for name in ("bad", "good")]})
    answer(server, operation, body.encode().replace(b'"bad"', b'"\xff\xfe\x80"'))
    path = fs.root / "odd/formats" if operation == "DescribeImages" else fs.root
    assert errno_of(os.listdir, path) == "EPROTO" or os.listdir(path) == ["good"]


NOT_LISTINGS = {
    "list": [], "number": 7, "null": None, "text": "text", "empty object": {}, "member is null": {"imageDetails": None},
    "member is a number": {"imageDetails": 7}, "entries are no objects": {"imageDetails": [1, None, "x", []]},
    "entry without a digest": {"imageDetails": [{"imageTags": ["v1"]}]},
    "digest is a number": {"imageDetails": [{"imageDigest": 7, "imageTags": ["v1"]}]},
    "digest is none": {"imageDetails": [{"imageDigest": "sha256:xyz", "imageTags": ["v1"]}]},
    "tags are no list": {"imageDetails": [detail("v1")]}, "tags are numbers": {"imageDetails": [detail([1, None, {}])]},
    "token is a number": {"imageDetails": [], "nextToken": 7}, "token is empty": {"imageDetails": [], "nextToken": ""},
}


@pytest.mark.parametrize("body", NOT_LISTINGS.values(), ids=NOT_LISTINGS)
def test_a_listing_that_is_none(server, fs, still_works, body):
    answer(server, "DescribeImages", body, repository="odd/formats")
    assert errno_of(os.listdir, fs.root / "odd/formats") == "EPROTO" or os.listdir(fs.root / "odd/formats") == []
    assert server.calls("DescribeImages") < 10


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("depth", [400, 990, 1001, 10_000, 1_000_000])
def test_nested_answer(server, fs, still_works, depth):
    text = json.dumps({"imageDetails": [detail(["good"])], "x": "NEST"}).replace('"NEST"', nested(depth))
    answer(server, "DescribeImages", text, repository="odd/formats")
    assert errno_of(os.listdir, fs.root / "odd/formats") == "EPROTO" or os.listdir(fs.root / "odd/formats") == ["good"]


def test_nested_manifest_is_read_as_it_is(server, fs, still_works):
    server.push("odd/nested", tag="v1", manifest=nested(10_000))
    assert fs.read("odd/nested", "v1") == nested(10_000).encode()


@pytest.mark.parametrize("number", [
    "1e400", "-1e400", "1e308", "-1", "-1e300", "99999999999999999999999999", "9223372036854775808", "0.5", "1" * 400,
    "null", '"1"', "true", "[]", "1.5e-400"])
def test_numbers_out_of_range(server, fs, still_works, number):
    good = json.dumps(detail(["good"], SECOND))
    odd = detail(["odd"], imageSizeInBytes="N", imagePushedAt="N", lastRecordedPullTime="N")
    text = json.dumps(odd).replace('"N"', number)
    answer(server, "DescribeImages", f'{{"imageDetails":[{text},{good}]}}', repository="odd/formats")
    assert set(os.listdir(fs.root / "odd/formats")) == {"odd", "good"}
    found = os.stat(fs.tag("odd/formats", "odd"))
    assert found.st_size >= 0 and found.st_mtime >= 0 and found.st_atime >= 0
    assert json.loads(read(fs.tag("odd/formats", "odd") / "image.json"))["imageDigest"] == FIRST
    assert os.listxattr(fs.tag("odd/formats", "odd"))
    neighbour = os.stat(fs.tag("odd/formats", "good"))
    assert (neighbour.st_size, neighbour.st_mtime) == (5, 1.7e9)


def test_duplicate_names_are_shown_once(server, fs, still_works):
    answer(server, "DescribeImages", {"imageDetails": [
        detail(["a", "a", "b"]), detail(["a", "c"], SECOND), detail(["a", "b"])]}, repository="odd/formats")
    answer(server, "DescribeRepositories", {"repositories": [{"repositoryName": name} for name in (
        "odd/formats", "team", "odd/formats", "team/app", "team", "team/app")]})
    assert sorted(os.listdir(fs.root)) == ["odd", "team"]
    assert sorted(os.listdir(fs.root / "odd/formats")) == ["a", "b", "c"]
    assert os.listdir(fs.root / "team").count("app") == 1
    assert read(fs.tag("odd/formats", "b") / "digest").decode() == f"{FIRST}\n"
    assert read(fs.tag("odd/formats", "a") / "digest").decode() in (f"{FIRST}\n", f"{SECOND}\n")


@pytest.mark.parametrize("path, operation", [
    ("", "DescribeRepositories"), ("team/app", "DescribeImages"), ("team/app/.digests", "DescribeImages")])
def test_page_token_that_repeats(server, fs, still_works, path, operation):
    server.config(page_size=1)
    server.fault("same_token", operation=operation)
    assert errno_of(os.listdir, fs.root / path) in ("EPROTO", "EIO")
    assert server.calls(operation) < 20


def test_empty_pages_that_go_on(server, fs):
    server.seed(repository="single", tags=60)
    server.seed(prefix="many", repositories=60, tags=1)
    server.config(page_size=1)
    for operation, member in (("DescribeRepositories", "repositories"), ("DescribeImages", "imageDetails")):
        server.fault("merge", operation=operation, times=40, members={member: []})
    assert 20 <= len(os.listdir(fs.root / "many")) < 60
    assert len(os.listdir(fs.root / "single")) == 20
    assert fs.read("team", "v2") == server.manifest("team", tag="v2")


def test_empty_pages_without_end(server, mount):
    fs = mount(max_attempts=1, timeout="30s")
    server.seed(repository="big/one", tags=3000)
    server.config(page_size=1)
    server.fault("merge", operation="DescribeImages", repository="big/one", members={"imageDetails": []})
    assert errno_of(os.listdir, fs.root / "big/one") == "EPROTO"
    assert server.calls("DescribeImages") < 1500
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


@pytest.mark.parametrize("size", [4 << 20, (4 << 20) + 1])
def test_biggest_manifest_and_one_above(server, fs, still_works, size):
    digest = server.push("odd/big", tag="big", manifest='{"x":"' + "é" * ((size - 8) // 2) + "x" * (size % 2) + '"}')
    server.push("odd/big", tag="small")
    manifest = server.manifest("odd/big", tag="big")
    assert len(manifest) == size
    found = errno_of(fs.read, "odd/big", "big")
    assert found == (None if size == 4 << 20 else "EPROTO")
    if found is None:
        assert "sha256:" + hashlib.sha256(fs.read("odd/big", "big")).hexdigest() == digest
        assert os.stat(fs.manifest("odd/big", "big")).st_size == size
    assert fs.read("odd/big", "small") == server.manifest("odd/big", tag="small")
    calls(server)
