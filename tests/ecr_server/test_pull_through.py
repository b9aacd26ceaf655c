"""Pull-through cache rules: a read by tag imports, and nothing else does."""

import json

import pytest

from ecr_server import model
from ecr_server.client import ACCOUNT
from ecr_server.referee import HTTP, post, refused

NGINX = "ecr-public/nginx"
ABSENT = "sha256:" + "0" * 64


@pytest.fixture
def upstream(server):
    """{tag: digest} of the one repository that the upstream has."""
    server.config(pull_through_rules={"ecr-public": "public.ecr.aws"})
    for tag in ("1.26", "1.27"):
        server.push(NGINX, tag=tag, upstream=True)
    server.push(NGINX, tag="index", kind="multi_arch", upstream=True)
    return server.tree(upstream=True)[ACCOUNT][NGINX]


def read(ecr, tag, repository=NGINX, **params):
    """BatchGetImage by tag."""
    return ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}], **params)


def read_ids(ecr, *image_ids):
    return ecr.batch_get_image(repositoryName=NGINX, imageIds=list(image_ids))


def name_of(tag, repository=NGINX, account=ACCOUNT):
    return f"{account}/{repository}:{tag}"


def test_what_is_not_imported_does_not_exist(server, ecr, upstream):
    image_id = {"imageDigest": upstream["1.27"]}
    names = [it["repositoryName"] for it in ecr.describe_repositories()["repositories"]]
    assert names and not [name for name in names if name.startswith("ecr-public")]
    for call, params in (
            (ecr.describe_repositories, {"repositoryNames": [NGINX]}),
            (ecr.list_images, {"repositoryName": NGINX}),
            (ecr.describe_images, {"repositoryName": NGINX}),
            (ecr.describe_images, {"repositoryName": NGINX, "imageIds": [{"imageTag": "1.27"}]}),
            (ecr.describe_images, {"repositoryName": NGINX, "imageIds": [image_id]}),
            (ecr.batch_get_image, {"repositoryName": NGINX, "imageIds": [image_id]})):
        assert refused(call, **params)[0] == "RepositoryNotFoundException"
    assert server.stats()["imports"] == {} and NGINX not in server.tree()[ACCOUNT]


def test_a_read_by_tag_imports_repository_and_image(server, ecr, upstream):
    answer = read(ecr, "1.27")
    image, = answer["images"]
    assert answer["failures"] == [] and image["imageId"] == {"imageTag": "1.27", "imageDigest": upstream["1.27"]}
    assert image["imageManifest"].encode() == server.manifest(NGINX, tag="1.27", upstream=True)
    assert server.stats()["imports"] == {name_of("1.27"): 1}
    assert server.stats()["manifests_served"] == {f"{ACCOUNT}/{NGINX}@{upstream['1.27']}": 1}
    assert ecr.describe_repositories(repositoryNames=[NGINX])["repositories"]
    assert ecr.list_images(repositoryName=NGINX)["imageIds"] == [image["imageId"]]
    assert ecr.describe_images(repositoryName=NGINX)["imageDetails"][0]["imageTags"] == ["1.27"]
    assert read_ids(ecr, {"imageDigest": upstream["1.27"]})["images"][0]["imageManifest"] == image["imageManifest"]


def test_each_tag_is_imported_once(server, ecr, upstream):
    for _ in range(2):
        assert len(read_ids(ecr, {"imageTag": "1.26"}, {"imageTag": "1.27"}, {"imageTag": "1.27"})["images"]) == 3
    assert server.stats()["imports"] == {name_of("1.26"): 1, name_of("1.27"): 1}
    server.reset()
    assert server.stats()["imports"] == {}


def test_a_digest_imports_nothing_into_a_repository_that_is_there(server, ecr, upstream):
    read(ecr, "1.26")
    answer = read_ids(ecr, {"imageDigest": upstream["1.27"]})
    assert answer["images"] == [] and answer["failures"][0]["failureCode"] == "ImageNotFound"
    for image_id in ({"imageTag": "1.27"}, {"imageDigest": upstream["1.27"]}):
        code, _message = refused(ecr.describe_images, repositoryName=NGINX, imageIds=[image_id])
        assert code == "ImageNotFoundException"
    assert server.stats()["imports"] == {name_of("1.26"): 1}


def test_a_tag_beside_a_digest_imports(server, ecr, upstream):
    assert read_ids(ecr, {"imageTag": "1.27", "imageDigest": upstream["1.27"]})["images"]
    answer = read_ids(ecr, {"imageTag": "1.26", "imageDigest": ABSENT})
    assert answer["failures"][0]["failureCode"] == "ImageTagDoesNotMatchDigest"
    assert server.stats()["imports"] == {name_of("1.26"): 1, name_of("1.27"): 1}


def test_what_the_upstream_has_not_is_not_found(server, ecr, upstream):
    for repository in (NGINX, "ecr-public/none"):
        assert refused(read, ecr=ecr, tag="none", repository=repository)[0] == "RepositoryNotFoundException"
    read(ecr, "1.27")
    assert read(ecr, "none")["failures"][0]["failureCode"] == "ImageNotFound"
    assert server.stats()["imports"] == {name_of("1.27"): 1}


@pytest.mark.parametrize("repository", [
    "ecr-publicity/nginx", "ecr-public", "ecr-publi/nginx", "other/ecr-public/nginx"])
def test_only_below_a_prefix(server, ecr, upstream, repository):
    server.push(repository, tag="1.27", upstream=True)
    assert refused(read, ecr=ecr, tag="1.27", repository=repository)[0] == "RepositoryNotFoundException"
    server.config(pull_through_rules={})
    assert refused(read, ecr=ecr, tag="1.27")[0] == "RepositoryNotFoundException"
    assert server.stats()["imports"] == {}


def test_an_index_is_imported_with_its_children(server, ecr, upstream):
    config = json.loads(server.manifest(NGINX, tag="1.27", upstream=True))["config"]["digest"]
    index = json.loads(read(ecr, "index")["images"][0]["imageManifest"])
    digests = {it["imageDigest"] for it in ecr.describe_images(repositoryName=NGINX)["imageDetails"]}
    assert digests == {upstream["index"]} | {entry["digest"] for entry in index["manifests"]}
    assert server.stats()["imports"] == {name_of("index"): 1}
    child = json.loads(server.manifest(NGINX, digest=index["manifests"][0]["digest"]))["config"]["digest"]
    assert HTTP.request("GET", ecr.get_download_url_for_layer(
        repositoryName=NGINX, layerDigest=child)["downloadUrl"]).status == 200
    assert refused(ecr.get_download_url_for_layer, repositoryName=NGINX, layerDigest=config)[0] == (
        "LayersNotFoundException")


def test_what_is_imported_stays_when_the_upstream_moves(server, ecr, upstream):
    before = read(ecr, "1.27")["images"][0]["imageManifest"]
    server.retag(NGINX, "1.27", upstream["1.26"], upstream=True)
    assert read(ecr, "1.27")["images"][0]["imageManifest"] == before
    server.delete_tag(NGINX, "1.27")
    server.delete_image(NGINX, tag="1.26", upstream=True)
    assert read(ecr, "1.27")["failures"][0]["failureCode"] == "ImageNotFound"
    server.delete_repository(NGINX)
    assert read(ecr, "index")["images"] and server.stats()["imports"] == {name_of("1.27"): 1, name_of("index"): 1}


def test_who_may_import(server, ecr, upstream):
    server.config(policy="ReadOnly")
    code, message = refused(read, ecr=ecr, tag="1.27")
    assert code == "AccessDeniedException" and "ecr:BatchImportUpstreamImage on resource" in message
    assert server.stats()["imports"] == {}
    server.config(policy="PullOnly")
    assert read(ecr, "1.27")["images"] and server.stats()["imports"] == {name_of("1.27"): 1}
    server.config(policy="ReadOnly")
    assert read(ecr, "1.27")["images"]
    server.config(policy=None, deny=[{"action": "ecr:BatchImportUpstreamImage", "repository": NGINX}])
    assert refused(read, ecr=ecr, tag="1.26")[0] == "AccessDeniedException"


def test_upstream_content_of_another_account_and_region(server, client, upstream):
    other = "123456789012"
    server.push(NGINX, tag="theirs", account=other, region="eu-west-1", upstream=True)
    params = {"repository": NGINX, "tag": "theirs", "registryId": other}
    assert refused(read, ecr=client(), **params)[0] == "RepositoryNotFoundException"
    assert read(client(region="eu-west-1"), **params)["images"]
    server.wait(imports={name_of("theirs", account=other): 1})
    assert refused(client().list_images, repositoryName=NGINX, registryId=other)[0] == "RepositoryNotFoundException"


def test_an_answer_in_place_of_the_read_imports_nothing(server, ecr, upstream):
    server.fault("error", code="ServerException", times=1)
    assert refused(read, ecr=ecr, tag="1.27")[0] == "ServerException"
    assert server.stats()["imports"] == {}


def test_rules_are_described(ecr, server, upstream):
    rules = {"ecr-public": "public.ecr.aws", "quay": "quay.io"}
    server.config(pull_through_rules=rules)
    described = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert {it["ecrRepositoryPrefix"]: it["upstreamRegistryUrl"] for it in described} == rules
    one = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["quay"])["pullThroughCacheRules"]
    assert one == [{"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io", "registryId": ACCOUNT}]
    code, _message = refused(ecr.describe_pull_through_cache_rules, ecrRepositoryPrefixes=["quay", "none"])
    assert code == "PullThroughCacheRuleNotFoundException"
    answer = json.loads(post(server, "DescribePullThroughCacheRules", {}).data)
    assert not model.response_faults("DescribePullThroughCacheRules", answer)


def test_upstream_content_is_cleared_with_the_rest(server, upstream):
    server.seed(clear=True, preset="sample")
    assert server.tree(upstream=True) == {}
