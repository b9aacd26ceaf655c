"""Several registries in one mount, and the caller's own without its name."""

import hashlib
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, read
from .expected import readable_images, tree, tree_of
from .mount import KEYS

OTHER = "123456789012"
REGIONAL = f"{OTHER}.dkr.ecr.eu-west-1.amazonaws.com"
PLACES = {ACCOUNT: (ACCOUNT, "us-east-1"), OTHER: (OTHER, "us-east-1"), REGIONAL: (OTHER, "eu-west-1")}


@pytest.fixture
def digests(server):
    """{path of a manifest: digest}: 20 tags of the same names in each registry, with other images."""
    found = {}
    for number, (registry, (account, region)) in enumerate(PLACES.items()):
        server.seed(repository="same/name", tags=20, seed=number, account=account, region=region)
        for image in server.images(account=account, repository="same/name"):
            if image["region"] == region:
                found[f"{registry}/same/name/{image['tags'][0]}/manifest.json"] = image["digest"]
    assert len(found) == len(set(found.values())) == 60
    return found


def test_registries_accounts_and_regions_work_at_the_same_time(server, mount, digests):
    fs = mount(",".join(PLACES))
    readers = {path: fs.start("cat", fs.point / path) for path in digests}
    for path, reader in readers.items():
        data, complaint = reader.communicate(timeout=30)
        assert (reader.returncode, complaint) == (0, b"")
        assert "sha256:" + hashlib.sha256(data).hexdigest() == digests[path], path
    assert set(os.listdir(fs.point)) == set(PLACES)
    calls(server)
    asked = {(call["body"]["registryId"], call["region"]) for call in server.log("BatchGetImage")}
    assert asked == set(PLACES.values())


def test_each_registry_has_its_own_names(server, mount, digests):
    server.push("only/regional", tag="v1", account=OTHER, region="eu-west-1")
    fs = mount(",".join(PLACES))
    assert set(os.listdir(fs.point / OTHER)) == {"team", "same"}
    assert set(os.listdir(fs.point / REGIONAL)) == {"team", "same", "only"}
    assert errno_of(os.stat, fs.point / OTHER / "only/regional/v1") == "ENOENT"
    assert errno_of(os.stat, fs.point / ACCOUNT / "team/app/theirs") == "ENOENT"
    assert os.stat(fs.point / REGIONAL / "only/regional/v1")
    assert tree_of(fs.point / ACCOUNT) == tree(server)


def test_one_registry_that_fails_leaves_the_others(server, mount, digests):
    server.config(deny=[{"action": "ecr:*", "account": OTHER}])
    fs = mount(",".join(PLACES))
    assert errno_of(os.listdir, fs.point / OTHER) == "EACCES"
    assert errno_of(read, fs.point / REGIONAL / "same/name/t000000/manifest.json") == "EACCES"
    assert tree_of(fs.root) == tree(server)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


KNOWN = {"the account is in the environment": {**KEYS, "AWS_ACCOUNT_ID": ACCOUNT}, "the account is not known": KEYS}


@pytest.mark.parametrize("environment", KNOWN.values(), ids=KNOWN)
def test_default_is_the_callers_registry(server, mount, environment):
    fs = mount("default", environment=environment)
    assert os.listdir(fs.point) == ["default"]
    os.stat(fs.root)
    assert server.calls() == 0
    assert tree_of(fs.root) == tree(server)
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)
    told = [call["body"].get("registryId") for call in server.log() if "repositoryName" in call["body"]]
    assert told and set(told) == {ACCOUNT}


def test_default_needs_no_further_permission(server, mount):
    """The account id comes from an answer of ECR, which also those who may only pull get."""
    server.config(policy="PullOnly")
    fs = mount("default")
    assert fs.read("team/app", "v3") == server.manifest("team/app", tag="v3")
    assert errno_of(os.listdir, fs.root) == "EACCES"


@pytest.mark.parametrize("other_form", [ACCOUNT, f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"])
@pytest.mark.parametrize("used_before", [True, False])
def test_own_registry_under_its_account_is_a_link_to_default(server, mount, other_form, used_before):
    """An answer of ECR tells the account; where there was none yet, STS does, which needs no permission."""
    server.config(policy="PullOnly")
    fs = mount("default", environment={**KEYS, "AWS_ENDPOINT_URL_STS": server.endpoint})
    if used_before:
        assert errno_of(os.listdir, fs.root) == "EACCES"
        assert read(fs.root / "team/v1/manifest.json") == server.manifest("team", tag="v1")
    assert os.readlink(fs.point / other_form) == "default"
    assert server.calls("GetCallerIdentity") == (0 if used_before else 1)
    assert read(fs.point / other_form / "team/v2/manifest.json") == server.manifest("team", tag="v2")
    assert os.listdir(fs.point) == ["default"]
    assert (fs.point / OTHER).is_dir() and not (fs.point / OTHER).is_symlink()
