"""Fewer permissions than one thinks: what works without each of them, and what a denial never does."""

import os
import time

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, pulls, read, run, until, wait_quiet
from .expected import FILES, readable_images, tree, tree_of
from .test_references import FORMS, place

OTHER = "123456789012"


def asked_by_tag(server):
    """Every id of BatchGetImage that names a tag."""
    return [image_id["imageTag"] for call in server.log("BatchGetImage") for image_id in call["body"]["imageIds"]
            if "imageTag" in image_id]


@pytest.mark.parametrize("repository, tag", [
    ("cluster-autoscaler", "v1.13.6"), ("team", "v1"), ("team", "app"), ("team/app", "v3"),
    ("team/app/deep/nested/name", "only"), ("tools/multiarch", "latest"), ("odd/formats", "schema1"),
    ("charts/web", "1.0.0")])
def test_pull_only_reads_a_manifest_by_its_path(server, pull_only, repository, tag):
    for _ in range(2):
        assert pull_only.read(repository, tag) == server.manifest(repository, tag=tag)
        assert os.stat(pull_only.manifest(repository, tag)).st_size == len(server.manifest(repository, tag=tag))
    assert asked_by_tag(server) == [tag]
    assert server.stats()["per_id"]["BatchGetImage"] == {f"{ACCOUNT}/{repository}:{tag}": 1}
    body, = [call["body"] for call in server.log("BatchGetImage")]
    assert len(body["acceptedMediaTypes"]) >= 6 and body["registryId"] == ACCOUNT


@pytest.mark.parametrize("form", FORMS)
def test_pull_only_reads_a_manifest_by_each_form(server, pull_only, form):
    digest = server.tree()[ACCOUNT]["team/app"]["v3"]
    path = place(pull_only, form, "team/app", "v3", digest) / "manifest.json"
    assert read(path) == server.manifest("team/app", tag="v3")
    assert pulls(server) == 1
    assert asked_by_tag(server) == (["v3"] if "tag" in form else [])


def test_pull_only_lists_nothing(server, pull_only):
    for path in ("", "team", "team/app", "no-such", "team/app/.digests"):
        assert errno_of(os.listdir, pull_only.root / path) == "EACCES", path
    run("ls", pull_only.root, code=2)
    assert os.listdir(pull_only.point) == [ACCOUNT]
    wait_quiet(server)
    assert server.calls("BatchGetImage") == 0


@pytest.mark.parametrize("path", [
    "team/nope/manifest.json", "nope/v1/manifest.json", "nope/nope/v1/manifest.json", "team:nope/manifest.json",
    f"team@sha256:{'0' * 64}/manifest.json", f"team/sha256:{'0' * 64}/manifest.json"])
def test_pull_only_tells_what_is_absent(server, pull_only, path):
    assert errno_of(read, pull_only.root / path) == "ENOENT"
    assert len(asked_by_tag(server)) <= 1


def test_pull_only_pulls_what_is_read_and_nothing_else(server, pull_only):
    """A pull-through cache imports what is pulled by tag: a lookup must never do that."""
    for path in ("ecr-public/nginx", "ecr-public/nginx/latest", "team/app", "team/v1", "team:v1", "team/app/v1/x/y"):
        errno_of(os.stat, pull_only.root / path)
        errno_of(os.listdir, pull_only.root / path)
    wait_quiet(server)
    assert server.calls("BatchGetImage") == 0


def test_pull_only_does_not_cost_more_and_more(server, pull_only):
    """Tag, and repository of that name, are asked for and denied; once the listing, in place of a fourth tag."""
    pull_only.read("team/app", "v1")
    forget_calls(server)
    for n in range(2, 9):
        pull_only.read("team/app", f"v{n}")
    cost = calls(server)
    assert cost["BatchGetImage"] == 7
    assert sum(cost.values()) <= 3 * 7 + 2


def test_with_all_permissions_nothing_is_pulled_by_tag(server, mount):
    fs = mount(max_attempts=1)
    for path in ("nope", "nope/nope", "team/nope", "team:nope"):
        errno_of(os.stat, fs.root / path)
        errno_of(read, fs.root / path / "manifest.json")
    for image in readable_images(server):
        fs.read(image.repository, image.tag)
        for form in FORMS:
            read(place(fs, form, *image) / "manifest.json")
    server.push("charts/web", tag="fresh")
    fs.read("charts/web", "fresh")
    assert server.calls("BatchGetImage") and asked_by_tag(server) == []


@pytest.fixture
def undescribed(server, mount):
    server.config(deny=[{"action": "ecr:DescribeImages"}])
    return mount(ttl="1h")


def test_listings_work_without_describe_images(server, undescribed):
    fs = undescribed
    assert tree_of(fs.root) == tree(server)
    for image in server.images(account=ACCOUNT, repository="scratch/untagged"):
        assert image["digest"] in os.listdir(fs.root / "scratch/untagged/.digests")
    assert pulls(server) == 0
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)
        assert read(fs.tag(image.repository, image.tag) / "digest").decode() == f"{image.digest}\n"
    assert asked_by_tag(server) == []


def test_names_are_looked_up_in_the_list_without_describe_images(server, undescribed):
    """Not by pulling them: who may list need not pull by tag, which might import the image."""
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    for name in ("v1", f"sha256:{digest[7:]}"):
        assert read(undescribed.root / "team" / name / "manifest.json") == server.manifest("team", tag="v1")
    for path in ("team/none", "team:none", f"team/sha256:{'0' * 64}", "none/v1"):
        assert errno_of(os.stat, undescribed.root / path) == "ENOENT", path
        assert errno_of(read, undescribed.root / path / "manifest.json") == "ENOENT", path
    assert asked_by_tag(server) == []


def test_attributes_without_describe_images(server, undescribed):
    """What is not known is not invented: a time is 0 or that of the mount, other attributes are absent."""
    fs, digest = undescribed, server.tree()[ACCOUNT]["team"]["v2"]
    os.listdir(fs.root / "team")
    directory = fs.tag("team", "v2")
    found = os.stat(directory)
    assert found.st_mtime == 0 or time.time() - 600 < found.st_mtime <= time.time()
    assert found.st_size == 0
    assert os.getxattr(directory, "user.ecr.digest").decode() == digest
    if "user.ecr.tags" in os.listxattr(directory):
        assert sorted(os.getxattr(directory, "user.ecr.tags").decode().split(",")) == ["latest", "v2"]
    for name in ("media_type", "artifact_type", "pushed_at", "pulled_at", "size", "status"):
        assert errno_of(os.getxattr, directory, f"user.ecr.{name}") == "ENODATA", name
    assert set(os.listxattr(directory)) <= {"user.ecr.digest", "user.ecr.tags"}
    assert set(os.listdir(directory)) == FILES


def test_denied_descriptions_are_noted_in_the_log_and_in_the_status(undescribed):
    fs = undescribed
    os.listdir(fs.root / "team")
    assert len(fs.log_lines("DescribeImages", "team")) == 1
    assert b"DescribeImages" in read(fs.point / ".ecrfs/status")


def test_one_file_needs_no_other_permission_than_its_own(server, mount):
    """By tag as a last resort: images may be neither described nor listed in this repository."""
    server.config(deny=[{"action": "ecr:DescribeImages"}, {"action": "ecr:ListImages"}])
    fs = mount(max_attempts=1)
    assert fs.read("team/app", "v3") == server.manifest("team/app", tag="v3")
    assert asked_by_tag(server) == ["v3"]
    assert errno_of(os.listdir, fs.root / "charts/web") == "EACCES"
    assert "team" in os.listdir(fs.root)


def test_foreign_registry_that_cannot_be_listed_can_be_entered(server, mount):
    server.fault("error", code="AccessDeniedException", operation="DescribeRepositories", account=OTHER)
    for registry in (OTHER, ACCOUNT):
        fs = mount(registry, max_attempts=1, negative_ttl="1h")
        theirs = fs.point / OTHER
        assert read(theirs / "team/app/v1/manifest.json") == server.manifest("team/app", tag="v1", account=OTHER)
        assert read(theirs / "team/app:theirs/digest").startswith(b"sha256:")
        assert set(os.listdir(theirs / "team/app")) >= {"v1", "theirs"}
        assert errno_of(os.listdir, theirs) == "EACCES"
        assert errno_of(os.stat, theirs / "team/app/nope/manifest.json") == "ENOENT"
    assert asked_by_tag(server) == []
    assert tree_of(fs.root) == tree(server)


# Bytes need ecr:BatchGetImage; the tag is found by DescribeImages, or where that is denied by ListImages.
@pytest.mark.parametrize("action, denied", [
    ("ecr:*", "EACCES"), ("ecr:Describe*", None), ("ecr:BatchGetImage", "EACCES"), ("ecr:List*", None)])
@pytest.mark.parametrize("first", ["team/app", "team"])
def test_one_denied_repository_does_not_disturb_others(server, mount, action, denied, first):
    server.config(deny=[{"action": action, "repository": "team/app"}])
    fs = mount(max_attempts=1)
    for repository in (first, "team/app", "team"):
        for tag in ("v1", "v2"):
            found = errno_of(fs.read, repository, tag)
            assert found == (denied if repository == "team/app" else None), (repository, tag)
    for image in readable_images(server):
        if image.repository != "team/app":
            assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)
    assert set(os.listdir(fs.root)) == tree(server)[""]
    assert set(os.listdir(fs.root / "team")) == tree(server)["team"]


def test_a_permission_that_is_granted_is_noticed(server, mount):
    server.config(policy="PullOnly")
    fs = mount(max_attempts=1, negative_ttl="200ms")
    assert errno_of(os.listdir, fs.root) == "EACCES"
    server.config(policy="ReadOnly")
    until(lambda: errno_of(tree_of, fs.root) is None, "the registry can be listed")
    assert tree_of(fs.root) == tree(server)


def test_a_permission_that_is_taken_away_is_noticed(server, mount):
    fs = mount(max_attempts=1, ttl="200ms", negative_ttl="200ms")
    assert tree_of(fs.root) == tree(server)
    server.config(policy="PullOnly")
    until(lambda: errno_of(os.listdir, fs.root) == "EACCES", "the listing of the registry is denied")
    until(lambda: errno_of(os.listdir, fs.root / "release/immutable") == "EACCES", "and that of the repository")
    assert fs.read("team/app", "v3") == server.manifest("team/app", tag="v3")
    calls(server)
