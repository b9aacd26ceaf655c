"""The operations of the local ECR server, seen through botocore's own client."""

import hashlib
import json
import os
import shutil
import subprocess

import pytest

from ecr_server.client import ACCOUNT, EcrServer
from ecr_server.referee import refused

SAMPLE_DIGEST = "sha256:4a1c6567c38904384ebc64e35b7eeddd8451110c299e3368d2210066487d97e5"


def sha256(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_sample_is_byte_exact(ecr):
    answer = ecr.batch_get_image(repositoryName="cluster-autoscaler", imageIds=[{"imageTag": "v1.13.6"}])
    image = answer["images"][0]
    assert len(image["imageManifest"].encode()) == 1159
    assert sha256(image["imageManifest"]) == image["imageId"]["imageDigest"] == SAMPLE_DIGEST
    assert image["imageId"]["imageTag"] == "v1.13.6" and image["registryId"] == ACCOUNT
    assert answer["failures"] == []


def test_every_digest_is_the_hash_of_the_bytes(server, ecr):
    for repository in ecr.describe_repositories()["repositories"]:
        name = repository["repositoryName"]
        status = {} if name == "cold/storage" else {"filter": {"imageStatus": "ANY"}}
        digests = {it["imageDigest"] for it in ecr.list_images(repositoryName=name, **status)["imageIds"]}
        if not digests:
            continue
        ids = [{"imageDigest": digest} for digest in digests]
        images = ecr.batch_get_image(repositoryName=name, imageIds=ids)["images"]
        assert {sha256(it["imageManifest"]) for it in images} == digests
        for image in images:
            raw = server.manifest(name, digest=image["imageId"]["imageDigest"])
            assert raw == image["imageManifest"].encode()


def test_same_seed_gives_same_digests():
    with EcrServer(preset="mixed") as one, EcrServer(preset="mixed") as two:
        assert one.tree() == two.tree()


def test_describe_repositories_by_name_and_pages(server, ecr):
    server.seed(repositories=250, tags=1, prefix="many")
    first = ecr.describe_repositories()
    assert len(first["repositories"]) == 100 and "nextToken" in first
    pages = list(ecr.get_paginator("describe_repositories").paginate())
    names = [it["repositoryName"] for page in pages for it in page["repositories"]]
    assert len(names) == len(set(names)) and len(names) > 250 and "nextToken" not in pages[-1]
    one = ecr.describe_repositories(repositoryNames=["release/mostly-immutable"])["repositories"][0]
    assert one["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert one["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "latest*"}]
    assert one["repositoryUri"] == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/release/mostly-immutable"


def test_one_missing_repository_fails_the_call(ecr):
    code, message = refused(ecr.describe_repositories, repositoryNames=["team", "no/such"])
    assert code == "RepositoryNotFoundException"
    assert message == f"The repository with name 'no/such' does not exist in the registry with id '{ACCOUNT}'"
    for call, params in ((ecr.list_images, {}), (ecr.describe_images, {}),
                         (ecr.batch_get_image, {"imageIds": [{"imageTag": "v1"}]})):
        assert refused(call, repositoryName="no/such", **params)[0] == "RepositoryNotFoundException"


def test_paging_excludes_ids(ecr):
    for call, params in (
            (ecr.describe_repositories, {"repositoryNames": ["team"], "maxResults": 5}),
            (ecr.describe_images, {"repositoryName": "team", "imageIds": [{"imageTag": "v1"}], "maxResults": 5}),
            (ecr.describe_images, {"repositoryName": "team", "imageIds": [{"imageTag": "v1"}], "nextToken": "x"})):
        assert refused(call, **params)[0] == "InvalidParameterException"


def test_list_images_has_one_entry_per_tag(ecr):
    ids = ecr.list_images(repositoryName="team/app")["imageIds"]
    tags = [it.get("imageTag") for it in ids]
    assert sorted(filter(None, tags)) == ["stable"] + [f"v{n}" for n in range(1, 9)]
    assert tags.count(None) == 1
    digest_of = {it.get("imageTag"): it["imageDigest"] for it in ids}
    assert digest_of["stable"] == digest_of["v6"]


def test_tag_status_filter(ecr):
    def count(call, member, status):
        return len(call(repositoryName="team/app", filter={"tagStatus": status})[member])
    assert [count(ecr.list_images, "imageIds", s) for s in ("TAGGED", "UNTAGGED", "ANY")] == [9, 1, 10]
    assert [count(ecr.describe_images, "imageDetails", s) for s in ("TAGGED", "UNTAGGED", "ANY")] == [8, 1, 9]


def test_archived_images(ecr, server):
    def tags(**params):
        return [it["imageTag"] for it in ecr.list_images(repositoryName="cold/storage", **params)["imageIds"]]
    assert tags() == ["warm"]
    assert tags(filter={"imageStatus": "ARCHIVED"}) == ["frozen"]
    assert sorted(tags(filter={"imageStatus": "ANY"})) == ["frozen", "warm"]
    described = ecr.describe_images(repositoryName="cold/storage", imageIds=[{"imageTag": "frozen"}])
    assert described["imageDetails"][0]["imageStatus"] == "ARCHIVED"
    assert "lastArchivedAt" in described["imageDetails"][0]
    answer = ecr.batch_get_image(repositoryName="cold/storage", imageIds=[{"imageTag": "frozen"}])
    assert answer["images"] == [] and answer["failures"][0]["failureCode"] == "ImageInaccessible"
    server.archive("cold/storage", tag="frozen", restore=True)
    assert sorted(tags()) == ["frozen", "warm"]


def test_describe_images_details(server, ecr):
    details = ecr.describe_images(repositoryName="tools/multiarch")["imageDetails"]
    index = next(it for it in details if "latest" in it.get("imageTags", []))
    children = [it for it in details if "imageTags" not in it]
    assert sorted(index["imageTags"]) == ["1", "1.0", "latest"]
    assert index["imageManifestMediaType"] == "application/vnd.oci.image.index.v1+json"
    assert index["imageSizeInBytes"] == max(it["imageSizeInBytes"] for it in children if it["imageSizeInBytes"] < 10**6)
    assert len(children) == 7
    pushed = {it["digest"]: it["pushed_at"] for it in server.images(repository="tools/multiarch")}
    assert all(it["imagePushedAt"].timestamp() == pushed[it["imageDigest"]] for it in details)


def test_one_missing_image_fails_describe_images(ecr):
    code, message = refused(
        ecr.describe_images, repositoryName="team", imageIds=[{"imageTag": "v1"}, {"imageTag": "none"}])
    assert code == "ImageNotFoundException"
    assert message == (
        "The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository "
        f"with name 'team' in the registry with id '{ACCOUNT}'")


def test_pages_are_complete_and_survive_changes(server, ecr):
    server.seed(repository="paged", tags=1000, digests=300, untagged=20)
    first = ecr.list_images(repositoryName="paged", maxResults=400)
    assert len(first["imageIds"]) == 400
    for entry in first["imageIds"][:50]:
        if "imageTag" in entry:
            server.delete_tag("paged", entry["imageTag"])
    server.push("paged", tag="new")
    ids = [(it["imageDigest"], it.get("imageTag")) for it in first["imageIds"]]
    token = first["nextToken"]
    while token:
        page = ecr.list_images(repositoryName="paged", maxResults=400, nextToken=token)
        ids += [(it["imageDigest"], it.get("imageTag")) for it in page["imageIds"]]
        token = page.get("nextToken")
    tags = [tag for _digest, tag in ids if tag]
    assert len(tags) == len(set(tags)) and set(tags) == {f"t{n:06d}" for n in range(1000)} | {"new"}
    assert len({digest for digest, _tag in ids}) == 321


def test_page_size_cap_and_empty_pages(server, ecr):
    server.seed(repository="paged", tags=30)
    server.config(page_size=7, empty_page_every=3)
    tokens, tags, token = [], [], None
    while True:
        more = {"nextToken": token} if token else {}
        page = ecr.describe_images(repositoryName="paged", maxResults=1000, **more)
        tags += [tag for it in page["imageDetails"] for tag in it["imageTags"]]
        token = page.get("nextToken")
        if not token:
            break
        tokens.append(token)
    assert len(tags) == len(set(tags)) == 30 and len(tokens) == len(set(tokens)) > 4


def test_bad_tokens_are_refused(ecr):
    assert refused(ecr.list_images, repositoryName="team", nextToken="made-up")[0] == "InvalidParameterException"
    token = ecr.list_images(repositoryName="team", maxResults=1)["nextToken"]
    for params in ({"repositoryName": "team/app"}, {"repositoryName": "team", "filter": {"tagStatus": "TAGGED"}}):
        assert refused(ecr.list_images, nextToken=token, **params)[0] == "InvalidParameterException"


@pytest.mark.parametrize("operation, params, text", [
    ("list_images", {"repositoryName": "team", "maxResults": 1001}, "less than or equal to 1000"),
    ("list_images", {"repositoryName": "team", "maxResults": 0}, "greater than or equal to 1"),
    ("list_images", {"repositoryName": "Team"}, "regular expression"),
    ("list_images", {"repositoryName": "team..app"}, "regular expression"),
    ("list_images", {"repositoryName": "a"}, "greater than or equal to 2"),
    ("list_images", {"repositoryName": "team", "registryId": "12345"}, "regular expression"),
    ("list_images", {"repositoryName": "team", "filter": {"tagStatus": "SOME"}}, "enum"),
    ("list_images", {}, "must not be null"),
    ("batch_get_image", {"repositoryName": "team", "imageIds": []}, "greater than or equal to 1"),
    ("batch_get_image", {"repositoryName": "team", "imageIds": [{"imageTag": str(n)} for n in range(101)]},
     "less than or equal to 100"),
    ("batch_get_image", {"repositoryName": "team", "imageIds": [{"imageTag": "x" * 301}]}, "to 300"),
    ("describe_images", {"repositoryName": "team", "imageIds": [{"imageDigest": "nope"}]}, "regular expression"),
    ("list_image_referrers", {"repositoryName": "team", "subjectId": {"imageDigest": SAMPLE_DIGEST},
                              "maxResults": 51}, "to 50"),
])
def test_limits(client, operation, params, text):
    code, message = refused(getattr(client(validate=False), operation), **params)
    assert code == "InvalidParameterException" and text in message


def test_unknown_members_and_wrong_types(server, client):
    # The client would refuse these itself, so it is given a model that allows them.
    loose = client(validate=False)
    shape = loose.meta.service_model.operation_model("ListImages").input_shape
    shape.members["colour"] = shape.members["repositoryName"]
    assert refused(loose.list_images, repositoryName="team", colour="red")[0] == "SerializationException"
    server.config(unknown_members="ignore")
    assert loose.list_images(repositoryName="team", colour="red")["imageIds"]
    assert refused(loose.list_images, repositoryName="team", maxResults="5")[0] == "SerializationException"


def test_older_model(server, ecr):
    server.config(model_version="2022")
    code, _message = refused(ecr.list_images, repositoryName="team", filter={"imageStatus": "ANY"})
    assert code == "SerializationException"
    assert "imageStatus" not in ecr.describe_images(repositoryName="team")["imageDetails"][0]
    code, _message = refused(
        ecr.list_image_referrers, repositoryName="team", subjectId={"imageDigest": SAMPLE_DIGEST})
    assert code == "UnknownOperationException"


def test_batch_get_image_failures(server, ecr):
    digests = server.tree()[ACCOUNT]["team"]
    answer = ecr.batch_get_image(repositoryName="team", imageIds=[
        {"imageTag": "v1"}, {"imageTag": "none"}, {"imageTag": "not valid"}, {"imageDigest": "nonsense"}, {},
        {"imageTag": "v1", "imageDigest": digests["v2"]}, {"imageDigest": "sha256:" + "0" * 64},
        {"imageTag": "v2", "imageDigest": digests["v2"]}])
    assert [it["failureCode"] for it in answer["failures"]] == [
        "ImageNotFound", "InvalidImageTag", "InvalidImageDigest", "MissingDigestAndTag",
        "ImageTagDoesNotMatchDigest", "ImageNotFound"]
    assert answer["failures"][0]["imageId"] == {"imageTag": "none"}
    assert [it["imageId"]["imageTag"] for it in answer["images"]] == ["v2", "v1"]


def test_by_tag_reads_are_converted_and_by_digest_never(server, ecr):
    def read(repository, image_id, *accepted):
        answer = ecr.batch_get_image(
            repositoryName=repository, imageIds=[image_id], acceptedMediaTypes=list(accepted))
        if not answer["images"]:
            return answer["failures"][0]["failureCode"], False
        image = answer["images"][0]
        return image["imageManifestMediaType"], sha256(image["imageManifest"]) == image["imageId"]["imageDigest"]
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    oci = "application/vnd.oci.image.manifest.v1+json"
    old = "application/vnd.docker.distribution.manifest.v1+json"
    assert read("team", {"imageTag": "v1"}, docker, oci, old) == (docker, True)
    assert read("team", {"imageTag": "v1"}, oci) == (oci, False)
    assert read("team", {"imageTag": "v1"}, old) == (old, False)
    assert read("team", {"imageTag": "app"}, docker) == (docker, False)
    assert read("team", {"imageTag": "app"}, old) == (old, False)
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    assert read("team", {"imageDigest": digest}, old) == (docker, True)
    assert read("team", {"imageDigest": digest, "imageTag": "v1"}, old) == (docker, True)
    assert read("tools/multiarch", {"imageTag": "1"}, docker) == ("ImageNotFound", False)
    server.config(unmatched_type="stored")
    assert read("tools/multiarch", {"imageTag": "1"}, docker) == ("application/vnd.oci.image.index.v1+json", True)


def test_only_batch_get_image_is_a_pull(server, ecr):
    def pulled():
        detail = ecr.describe_images(repositoryName="team", imageIds=[{"imageTag": "v1"}])["imageDetails"][0]
        return detail.get("lastRecordedPullTime")
    ecr.list_images(repositoryName="team")
    ecr.describe_images(repositoryName="team")
    assert pulled() is None
    ecr.batch_get_image(repositoryName="team", imageIds=[{"imageDigest": server.tree()[ACCOUNT]["team"]["v1"]}])
    first = pulled()
    assert first is not None
    ecr.batch_get_image(repositoryName="team", imageIds=[{"imageTag": "v1"}])
    assert pulled() == first  # ECR moves it in steps of a day
    server.config(pull_granularity_s=0)
    ecr.batch_get_image(repositoryName="team", imageIds=[{"imageTag": "v1"}])
    assert pulled() > first


def test_accounts_and_regions(server, client):
    ecr = client()
    ours, theirs = server.tree()[ACCOUNT]["team/app"], server.tree()["123456789012"]["team/app"]
    answer = ecr.list_images(repositoryName="team/app", registryId="123456789012")
    assert {it["imageDigest"] for it in answer["imageIds"]} == set(theirs.values()) != set(ours.values())
    server.config(credentials=[{"access_key": "AKIDOTHER", "secret_key": "s", "account": "123456789012"}])
    assert client("AKIDOTHER", "s").list_images(repositoryName="team/app")["imageIds"] == answer["imageIds"]
    server.push("team/app", tag="v1", kind="oci", region="eu-west-1")
    assert len(client(region="eu-west-1").list_images(repositoryName="team/app")["imageIds"]) == 1
    assert len(ecr.list_images(repositoryName="team/app")["imageIds"]) == 10


def test_referrers(server, ecr):
    digest = server.tree()[ACCOUNT]["tools/multiarch"]["latest"]
    found = ecr.list_image_referrers(repositoryName="tools/multiarch", subjectId={"imageDigest": digest})["referrers"]
    assert len(found) == 1 and found[0]["artifactType"] == "application/vnd.dev.cosign.artifact.sig.v1+json"
    none = ecr.list_image_referrers(
        repositoryName="tools/multiarch", subjectId={"imageDigest": digest}, filter={"artifactTypes": ["other"]})
    assert none["referrers"] == []


def test_policies_registry_token_and_scan(ecr):
    assert json.loads(ecr.get_repository_policy(repositoryName="team")["policyText"])["Version"] == "2012-10-17"
    assert "rules" in ecr.get_lifecycle_policy(repositoryName="team")["lifecyclePolicyText"]
    assert refused(ecr.get_repository_policy, repositoryName="team/app")[0] == "RepositoryPolicyNotFoundException"
    assert refused(ecr.get_lifecycle_policy, repositoryName="team/app")[0] == "LifecyclePolicyNotFoundException"
    assert ecr.describe_registry()["registryId"] == ACCOUNT
    assert ecr.get_authorization_token()["authorizationData"][0]["proxyEndpoint"].startswith("https://" + ACCOUNT)
    scan = refused(ecr.describe_image_scan_findings, repositoryName="team", imageId={"imageTag": "v1"})
    assert scan[0] == "ScanNotFoundException"
    assert refused(ecr.delete_repository, repositoryName="team")[0] == "UnknownOperationException"


def test_config_blobs(server, ecr):
    for repository, tag in (("team", "v1"), ("charts/web", "1.0.0")):
        config = json.loads(server.manifest(repository, tag=tag))["config"]
        layer = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[config["digest"]])
        assert layer["layers"] == [{
            "layerDigest": config["digest"], "layerAvailability": "AVAILABLE", "layerSize": config["size"],
            "mediaType": config["mediaType"]}]
        assert ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=config["digest"])["downloadUrl"]
    missing = "sha256:" + "0" * 64
    check = ecr.batch_check_layer_availability(repositoryName="team", layerDigests=[missing, "bad"])
    assert check["layers"] == [{"layerDigest": missing, "layerAvailability": "UNAVAILABLE"}]
    assert check["failures"][0]["failureCode"] == "InvalidLayerDigest"
    assert refused(ecr.get_download_url_for_layer, repositoryName="team", layerDigest=missing)[0] == "LayersNotFoundException"


@pytest.mark.skipif(not shutil.which("aws", path="/usr/bin"), reason="the AWS CLI (Debian: awscli) is not installed")
def test_aws_cli(server):
    command = ["/usr/bin/aws", "ecr", "batch-get-image", "--endpoint-url", server.endpoint,
               "--repository-name", "cluster-autoscaler", "--image-ids", "imageTag=v1.13.6",
               "--query", "images[0].imageManifest", "--output", "text"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": os.devnull, **server.environment()}
    output = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout
    assert output.endswith(b"\n")  # the CLI adds one
    assert "sha256:" + hashlib.sha256(output[:-1]).hexdigest() == SAMPLE_DIGEST
