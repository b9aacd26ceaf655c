"""platforms/ of an index or manifest list: links to its children, whichever path led there."""

import json
import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, pulls, read
from .test_references import FORMS, place

LINKS = {
    "latest": {"linux-amd64": "amd64", "linux-arm64-v8": "arm64", "linux-arm-v7": "arm"},
    "2.0-docker": {"linux-amd64": "amd64", "linux-arm64-v8": "arm64", "linux-arm-v7": "arm"},
}


@pytest.fixture(params=[None, "platforms"])
def fs(mount, request):
    return mount(ttl="1h", show=request.param)


def children(server, tag):
    """{architecture: digest} of an index."""
    entries = json.loads(server.manifest("tools/multiarch", tag=tag))["manifests"]
    return {entry["platform"]["architecture"]: entry["digest"] for entry in entries}


@pytest.mark.parametrize("tag", LINKS)
@pytest.mark.parametrize("form", FORMS)
def test_links_lead_to_the_children(server, fs, form, tag):
    digest = server.tree()[ACCOUNT]["tools/multiarch"][tag]
    platforms = place(fs, form, "tools/multiarch", tag, digest) / "platforms"
    assert set(os.listdir(platforms)) == set(LINKS[tag])  # the attestation is left out
    for name, architecture in LINKS[tag].items():
        child = children(server, tag)[architecture]
        link = platforms / name
        assert stat.S_ISLNK(os.lstat(link).st_mode)
        assert os.lstat(link).st_size == len(os.readlink(link))
        assert not os.readlink(link).startswith("/")
        assert stat.S_ISDIR(os.stat(link).st_mode)
        assert read(link / "digest").decode() == f"{child}\n"
        assert read(link / "manifest.json") == server.manifest("tools/multiarch", digest=child)
        assert os.path.realpath(link) == str(fs.root / "tools/multiarch" / child)
    assert errno_of(os.lstat, platforms / "linux-s390x") == "ENOENT"
    assert errno_of(os.lstat, platforms / "unknown-unknown") == "ENOENT"


def test_listing_the_platforms_costs_one_pull_of_the_index(server, fs):
    os.listdir(fs.root / "tools/multiarch")
    os.listdir(fs.tag("tools/multiarch", "latest"))
    forget_calls(server)
    platforms = fs.tag("tools/multiarch", "latest") / "platforms"
    assert os.listdir(platforms)
    assert calls(server) == {"BatchGetImage": 1} and pulls(server) == 1
    for name in os.listdir(platforms):
        os.readlink(platforms / name)
    read(fs.manifest("tools/multiarch", "latest"))
    assert calls(server) == {"BatchGetImage": 1}


def test_looking_at_the_directory_itself_pulls_nothing(server, fs):
    os.listdir(fs.root / "tools/multiarch")
    forget_calls(server)
    assert stat.S_ISDIR(os.stat(fs.tag("tools/multiarch", "latest") / "platforms").st_mode)
    assert calls(server) == {}


@pytest.mark.parametrize("repository, tag", [("team", "v1"), ("team/app", "v3"), ("charts/web", "1.0.0")])
def test_a_plain_image_has_no_platforms(server, fs, repository, tag):
    assert errno_of(os.stat, fs.tag(repository, tag) / "platforms") == "ENOENT"
    assert "platforms" not in os.listdir(fs.tag(repository, tag))
    assert pulls(server) == 0


def test_platforms_of_a_merged_directory(server, fs):
    """Tag `multiarch` of `tools` is an index, and `tools/multiarch` is a repository."""
    server.push("tools", tag="multiarch", kind="multi_arch")
    platforms = fs.root / "tools/multiarch/platforms"
    assert set(os.listdir(platforms)) == set(LINKS["latest"])
    for name in os.listdir(platforms):
        child = read(platforms / name / "digest").decode().strip()
        assert read(platforms / name / "manifest.json") == server.manifest("tools", digest=child)


def test_a_platform_of_an_index_that_was_away_is_found_again(server, mount):
    """What ECR does not have now is not absent for ever."""
    fs = mount(ttl="1h", negative_ttl="0")
    child = server.push("odd/index", kind="oci")
    document = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
            {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": child, "size": 1,
             "platform": {"os": "linux", "architecture": "amd64"}}]})
    digest = server.push("odd/index", tag="away", manifest=document)
    platforms = fs.tag("odd/index", "away") / "platforms"
    assert stat.S_ISDIR(os.stat(platforms).st_mode)
    server.delete_image("odd/index", digest=digest)
    assert errno_of(os.lstat, platforms / "linux-amd64") == "ENOENT"
    server.push("odd/index", tag="away", manifest=document)
    assert stat.S_ISLNK(os.lstat(platforms / "linux-amd64").st_mode)


HOSTILE = {
    "slash": {"os": "../..", "architecture": "amd64"}, "empty": {"os": "", "architecture": ""},
    "no platform": None, "numbers": {"os": 1, "architecture": 2}, "nul": {"os": "a\0b", "architecture": "c"},
    "long": {"os": "x" * 300, "architecture": "amd64"}, "list": [1, 2], "dot": {"os": ".", "architecture": "."},
}


@pytest.mark.parametrize("platform", HOSTILE.values(), ids=HOSTILE)
def test_a_child_with_a_strange_platform_is_left_out_or_harmless(server, fs, platform):
    good = server.push("odd/index", kind="oci")
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": good, "size": 1}
    document = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {**entry, "platform": platform}, {**entry, "platform": {"os": "linux", "architecture": "amd64"}}, 7, None, {}]}
    server.push("odd/index", tag="strange", manifest=json.dumps(document))
    platforms = fs.tag("odd/index", "strange") / "platforms"
    names = os.listdir(platforms)
    assert "linux-amd64" in names and len(names) <= 2
    assert read(platforms / "linux-amd64/digest").decode() == f"{good}\n"


@pytest.mark.parametrize("manifest", [
    "[" * 10_000 + "]" * 10_000, '{"manifests": ' + "[" * 10_000 + "]" * 10_000 + "}", "no json", '{"manifests": {}}',
    '{"schemaVersion": 2, "manifests": []}',
], ids=["nested", "nested manifests", "no json", "object", "empty"])
def test_an_index_that_is_none_has_no_links(server, fs, manifest):
    server.push("odd/index", tag="strange", manifest=manifest, media_type="application/vnd.oci.image.index.v1+json")
    platforms = fs.tag("odd/index", "strange") / "platforms"
    assert errno_of(os.listdir, platforms) in (None, "ENOENT", "EPROTO", "EIO")
    assert not os.path.isdir(platforms) or errno_of(os.listdir, platforms) or os.listdir(platforms) == []
    assert read(fs.manifest("odd/index", "strange")) == manifest.encode()
