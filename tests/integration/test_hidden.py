"""What is not listed, or says more than manifest.json: .digests, .untagged, digest, image.json, platforms."""

import datetime
import json
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, forget_calls, pulls, read, run, until
from .expected import FILES, images
from .mount import option_text

OTHER_NAMES = {".digests", ".untagged", "platforms"}


@pytest.fixture
def fs(mount):
    return mount(ttl="1h")


def digests(server, repository, tagged=(True, False)):
    return {image["digest"] for image in server.images(account=ACCOUNT, repository=repository)
            if bool(image["tags"]) in tagged}


@pytest.mark.parametrize("repository", [
    "team/app", "scratch/untagged", "tools/multiarch", "empty/repo", "cold/storage"])
def test_directories_of_digests(server, fs, repository):
    for name, tagged in ((".digests", (True, False)), (".untagged", (False,))):
        directory = fs.root / repository / name
        expected = digests(server, repository, tagged)
        assert set(os.listdir(directory)) == expected
        for digest in expected:
            assert set(os.listdir(directory / digest)) == FILES
            assert read(directory / digest / "digest").decode() == f"{digest}\n"
    assert pulls(server) == 0


def test_all_pages_of_a_long_listing_of_digests(server, fs):
    server.seed(repository="big/one", tags=1500, untagged=1000)
    assert set(os.listdir(fs.root / "big/one/.digests")) == digests(server, "big/one")
    assert set(os.listdir(fs.root / "big/one/.untagged")) == digests(server, "big/one", (False,))
    assert pulls(server) == 0


def test_untagged_image_is_read(server, fs):
    digest, *_ = digests(server, "team/app", (False,))
    data = read(fs.root / "team/app/.untagged" / digest / "manifest.json")
    assert data == server.manifest("team/app", digest=digest)
    assert os.path.samefile(fs.root / "team/app/.untagged" / digest / "digest",
                            fs.root / "team/app/.digests" / digest / "digest")


SHOW = {
    None: set(), "digests": {".digests"}, "untagged": {".untagged"}, "platforms": {"platforms"},
    "digests:untagged": {".digests", ".untagged"}, "untagged:platforms:digests": OTHER_NAMES,
}


@pytest.mark.parametrize("show, expected", SHOW.items(), ids=str)
def test_show_lists_what_is_hidden_else(mount, show, expected):
    fs = mount(show=show)

    def shown(path):
        return set(os.listdir(fs.root / path)) & OTHER_NAMES
    for repository in ("team/app", "empty/repo", "tools/multiarch"):
        assert shown(repository) == expected - {"platforms"}
    assert shown("tools/multiarch/latest") == shown("tools/multiarch/2.0-docker") == expected & {"platforms"}
    for path in ("", "tools", "team/app/v1"):
        assert shown(path) == set()
    for path in ("team/app/.digests", "team/app/.untagged", "tools/multiarch/latest/platforms"):
        assert os.listdir(fs.root / path)


@pytest.mark.parametrize("show", ["platforms", "digests:untagged:platforms"])
def test_listing_what_is_shown_pulls_nothing(server, mount, show):
    fs = mount(show=show)
    run("ls", "-l", fs.root / "tools/multiarch")
    run("ls", fs.root / "tools/multiarch/latest")
    assert "BatchGetImage" not in calls(server)


@pytest.mark.parametrize("show", ["nothing", "digests:nothing", ":", "DIGESTS"])
def test_show_of_something_unknown_is_refused(mount, show):
    point = mount.new_point()
    refused = mount.run("-o", option_text({**mount.default_options(), "show": show}), ACCOUNT, point)
    assert refused.returncode == 1
    assert "show" in refused.stderr
    assert mount.mounted() == mount.daemons() == []


def test_digest_is_exact_and_pulls_nothing(server, fs):
    for image in images(server):
        file = fs.tag(image.repository, image.tag) / "digest"
        assert read(file).decode() == f"{image.digest}\n"
        assert os.stat(file).st_size == 72
    assert pulls(server) == 0


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def assert_agrees(record, image):
    """image.json has the names of DescribeImages, and its values."""
    assert record.pop("imageDigest") == image["digest"]
    assert sorted(record.pop("imageTags", [])) == sorted(image["tags"])
    assert record.pop("imageSizeInBytes", 0) == image["size"]
    assert abs(seconds(record.pop("imagePushedAt")) - image["pushed_at"]) < 1e-3
    assert record.pop("imageManifestMediaType") == image["media_type"]
    assert record.pop("artifactMediaType", None) == image["artifact_type"]
    assert record.pop("imageStatus") == image["status"]
    pulled = record.pop("lastRecordedPullTime", None)
    assert (pulled is None) == (image["pulled_at"] is None)
    assert pulled is None or abs(seconds(pulled) - image["pulled_at"]) < 1e-3
    assert set(record) <= {"registryId", "repositoryName", "subjectManifestDigest"}


def test_image_json_agrees_with_the_server(server, fs):
    server.seed(repository="big/one", tags=30, digests=10)
    for image in server.images(account=ACCOUNT):
        path = fs.root / image["repository"] / ".digests" / image["digest"] / "image.json"
        text = read(path).decode()
        assert os.stat(path).st_size == len(text.encode())
        assert text.endswith("}\n") and text.count("\n") > 5  # pretty
        assert_agrees(json.loads(text), image)
    assert pulls(server) == 0


def test_image_json_costs_no_call_of_its_own(server, fs):
    os.stat(fs.root / "team/app")
    forget_calls(server)
    read(fs.tag("team/app", "v1") / "image.json")
    assert calls(server) == {"DescribeImages": 1}
    os.listdir(fs.root / "team/app")
    forget_calls(server)
    for n in range(1, 9):
        read(fs.tag("team/app", f"v{n}") / "image.json")
    assert calls(server) == {}


def test_image_json_changes_when_a_tag_is_added(server, mount):
    fs = mount(ttl="300ms")
    path, digest = fs.tag("team", "v1") / "image.json", server.tree()[ACCOUNT]["team"]["v1"]
    before = read(path)
    with open(path, "rb", buffering=0) as held:
        server.retag("team", "a-tag-added-later", digest)
        until(lambda: read(path) != before, "another text")
        after = read(path)
        assert json.loads(before)["imageTags"] == ["v1"]
        assert sorted(json.loads(after)["imageTags"]) == ["a-tag-added-later", "v1"]
        assert os.stat(path).st_size == len(after)
        assert held.read() == before and os.fstat(held.fileno()).st_size == len(before)
    assert pulls(server) == 0
