"""PutImage, seen through botocore's own client."""

import json

import pytest

from ecr_server.client import ACCOUNT
from ecr_server.documents import OCI_MANIFEST
from ecr_server.referee import refused


@pytest.fixture
def put(ecr):
    """A function that puts a manifest under a tag into a repository."""
    def call(repository, manifest, tag, **more):
        text = manifest if isinstance(manifest, str) else manifest.decode()
        return ecr.put_image(repositoryName=repository, imageManifest=text, imageTag=tag, **more)["image"]
    return call


@pytest.fixture
def refuse(ecr):
    """A function that gives the error code and the message of a PutImage that must fail."""
    def call(repository, manifest, tag, **more):
        return refused(ecr.put_image, repositoryName=repository, imageManifest=manifest.decode(), imageTag=tag, **more)
    return call


def test_an_image_gets_another_tag(server, put):
    before = server.tree()[ACCOUNT]["team"]
    image = put("team", server.manifest("team", tag="v1"), "prod")
    assert image["imageId"] == {"imageDigest": before["v1"], "imageTag": "prod"}
    assert image["imageManifest"].encode() == server.manifest("team", tag="v1")
    assert server.tree()[ACCOUNT]["team"] == {**before, "prod": before["v1"]}


def test_a_tag_moves_and_the_push_time_stays(server, put):
    pushed = {image["digest"]: image["pushed_at"] for image in server.images(account=ACCOUNT, repository="team")}
    put("team", server.manifest("team", tag="v1"), "latest")
    assert server.tree()[ACCOUNT]["team"]["latest"] == server.tree()[ACCOUNT]["team"]["v1"]
    after = {image["digest"]: image["pushed_at"] for image in server.images(account=ACCOUNT, repository="team")}
    assert after == pushed


def test_another_manifest_of_known_layers_is_another_image(server, put):
    manifest = json.dumps(json.loads(server.manifest("team", tag="v1")), indent=1)
    digest = put("team", manifest, "new")["imageId"]["imageDigest"]
    assert server.manifest("team", tag="new").decode() == manifest
    assert digest == server.tree()[ACCOUNT]["team"]["new"]


def test_it_is_no_pull(server, put):
    put("team", server.manifest("team", tag="v1"), "prod")
    assert server.stats()["manifests_served"] == {}
    assert {image["pulled_at"] for image in server.images(account=ACCOUNT, repository="team")} == {None}


def test_the_same_tag_again_is_refused(server, refuse):
    manifest, digest = server.manifest("team", tag="v1"), server.tree()[ACCOUNT]["team"]["v1"]
    assert refuse("team", manifest, "v1") == (
        "ImageAlreadyExistsException",
        f"Image with digest '{digest}' and tag 'v1' already exists in the repository with name 'team' in registry "
        f"with id '{ACCOUNT}'")


def test_a_tag_that_is_promised_not_to_move_stays(server, put, refuse):
    first, last = (server.manifest("release/immutable", tag=tag) for tag in ("2026.0", "2026.2"))
    assert refuse("release/immutable", first, "2026.2") == (
        "ImageTagAlreadyExistsException",
        "The image tag '2026.2' already exists in the 'release/immutable' repository and cannot be overwritten "
        "because the repository is immutable.")
    put("release/immutable", last, "2026.3")
    other = server.push("release/mostly-immutable", tag="2.0")
    manifest = server.manifest("release/mostly-immutable", digest=other)
    assert refuse("release/mostly-immutable", manifest, "1.0")[0] == "ImageTagAlreadyExistsException"
    put("release/mostly-immutable", manifest, "latest")
    assert server.tree()[ACCOUNT]["release/mostly-immutable"]["latest"] == other


def test_what_it_refers_to_must_be_there(server, refuse):
    assert refuse("team", server.manifest("cluster-autoscaler", tag="v1.13.6"), "x")[0] == "LayersNotFoundException"
    index = server.manifest("tools/multiarch", tag="latest")
    assert refuse("team", index, "x")[0] == "ReferencedImagesNotFoundException"


def test_a_manifest_without_media_type_needs_one_beside_it(server, put, refuse):
    chart = server.manifest("charts/web", tag="1.0.0")
    assert refuse("charts/web", chart, "x")[0] == "InvalidParameterException"
    assert put("charts/web", chart, "x", imageManifestMediaType=OCI_MANIFEST)["imageManifestMediaType"] == OCI_MANIFEST
    assert refuse("team", server.manifest("team", tag="v1"), "x", imageManifestMediaType=OCI_MANIFEST)[0] == (
        "InvalidParameterException")


def test_wrong_parameters(server, refuse):
    manifest = server.manifest("team", tag="v1")
    assert refuse("team", b"{", "x")[0] == "InvalidParameterException"
    assert refuse("team", manifest, "a/b")[0] == "InvalidParameterException"
    assert refuse("no/such", manifest, "x")[0] == "RepositoryNotFoundException"
    other = server.tree()[ACCOUNT]["team"]["v2"]
    assert refuse("team", manifest, "x", imageDigest=other)[0] == "ImageDigestDoesNotMatchException"


def test_who_may_only_read_may_not_put(server, refuse):
    server.config(policy="ReadOnly")
    assert refuse("team", server.manifest("team", tag="v1"), "x")[0] == "AccessDeniedException"
