"""Tags that their repository promises not to move are asked for less often; whatever is newer overrides that."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, read, until, wait_quiet

# Of the tags `latest-1` and `v1`: those that are asked for again after ttl.
MOVING = {
    ("MUTABLE", None): {"latest-1", "v1"},
    ("IMMUTABLE", None): set(),
    ("IMMUTABLE_WITH_EXCLUSION", "latest*"): {"latest-1"},
    ("IMMUTABLE_WITH_EXCLUSION", "*1"): {"latest-1", "v1"},
    ("MUTABLE_WITH_EXCLUSION", "latest*"): {"v1"},
    ("MUTABLE_WITH_EXCLUSION", "l*t-?"): {"latest-1", "v1"},  # only * is a wildcard
    ("SOMETHING_NEW", None): {"latest-1", "v1"},
}


def repository_of(server, mutability, pattern):
    filters = [{"filterType": "WILDCARD", "filter": pattern}] if pattern else []
    server.create_repository("promised", mutability=mutability, exclusion_filters=filters)
    return {tag: server.push("promised", tag=tag) for tag in ("latest-1", "v1")}


def times_asked(server, tag, repository="promised"):
    return server.stats()["per_id"].get("DescribeImages", {}).get(f"{ACCOUNT}/{repository}:{tag}", 0)


@pytest.mark.parametrize("mutability, pattern", MOVING, ids=str)
def test_which_tags_are_asked_for_again_by_name(server, mount, mutability, pattern):
    repository_of(server, mutability, pattern)
    server.create_repository("other")
    server.push("other", tag="moving")
    fs = mount(ttl="700ms")
    os.listdir(fs.root)  # tells what each repository promises

    def look():
        for path in ("promised/latest-1", "promised/v1", "other/moving"):
            os.stat(fs.root / path / "digest")
        return times_asked(server, "moving", "other") >= 2
    until(look, "what may move is asked for again")
    look()
    wait_quiet(server)
    moving = MOVING[mutability, pattern]
    for tag in ("latest-1", "v1"):
        assert times_asked(server, tag) >= 1
        assert (times_asked(server, tag) > 1) == (tag in moving), tag


def test_no_promise_with_immutable_ttl_0(server, mount):
    repository_of(server, "IMMUTABLE", None)
    fs = mount(ttl="300ms", immutable_ttl="0")
    os.listdir(fs.root)

    def asked_again():
        os.stat(fs.tag("promised", "v1"))
        return times_asked(server, "v1") > 1
    until(asked_again, "it is asked for again")


def test_a_newer_listing_overrides_the_promise(server, mount):
    """IMMUTABLE tags can be deleted, and pushed again."""
    digests = repository_of(server, "IMMUTABLE", None)
    fs = mount(ttl="300ms", immutable_ttl="forever", negative_ttl="300ms")
    os.listdir(fs.root)
    assert read(fs.tag("promised", "v1") / "digest").decode() == digests["v1"] + "\n"
    server.delete_tag("promised", "v1")
    server.retag("promised", "v1", digests["latest-1"])
    server.delete_tag("promised", "latest-1")

    def overridden():
        os.listdir(fs.root / "promised")
        return read(fs.tag("promised", "v1") / "digest").decode() == digests["latest-1"] + "\n"
    until(overridden, "what the listing says")
    until(lambda: errno_of(os.stat, fs.tag("promised", "latest-1")) == "ENOENT", "the deleted tag is gone")


def test_without_a_listing_it_is_asked_for_again_after_ten_times_ttl(server, mount):
    digests = repository_of(server, "IMMUTABLE", None)
    fs = mount(ttl="100ms", immutable_ttl="forever")
    os.listdir(fs.root)
    assert read(fs.tag("promised", "v1") / "digest").decode() == digests["v1"] + "\n"
    server.retag("promised", "v1", digests["latest-1"])
    moved = f"{digests['latest-1']}\n".encode()
    until(lambda: read(fs.tag("promised", "v1") / "digest") == moved, "it has moved all the same")
    wait_quiet(server)
    asked = [call["body"] for call in server.log("DescribeImages") if call["body"]["repositoryName"] == "promised"]
    assert all("imageIds" in body for body in asked)
