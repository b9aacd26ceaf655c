"""Reading ahead where something is in its way: failures, denials, little memory, other times."""

import errno
import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, run, wait_quiet
from .walks import (FULL, assert_bytes, assert_calls_are_full, assert_each_once, asked_ids, batches, listed_order,
                    tags_of)

ONE = "big/one"


def grep(directory, code=0):
    """The manifests that grep -r could read."""
    return set(run("grep", "-rlF", "schemaVersion", ".", cwd=directory, code=code).decode().split())


def found_all_but(server, found, *bad):
    return found == {f"./{tag}/manifest.json" for tag in tags_of(server, ONE) if tag not in bad}


def test_little_memory(server, mount):
    """Room for 300 manifests of 1,000: in one pass none is fetched twice."""
    server.seed(repository=ONE, tags=1000)
    fs = mount(ttl="1h", cache_size="1M")
    names = listed_order(fs.root / ONE)
    for name in names:
        assert fs.read(ONE, name) == server.manifest(ONE, tag=name)
    assert_each_once(server, 1000)
    assert max(batches(server)) <= FULL


def test_a_listing_larger_than_the_memory(server, mount):
    """What is fetched ahead would go before it is used: so nothing is, after the first calls."""
    server.seed(repository=ONE, tags=8000, digests=400)
    fs = mount(ttl="1h", cache_size="1M")
    for name in listed_order(fs.root / ONE)[:400]:
        assert fs.read(ONE, name) == server.manifest(ONE, tag=name)
    assert sum(asked_ids(server).values()) <= 400 + 2 * FULL


def test_duplicates(server, mount):
    server.seed(repository=ONE, tags=1000, digests=300)
    fs = mount(ttl="1h")
    assert found_all_but(server, grep(fs.root / ONE))
    assert_each_once(server, 300)
    assert_calls_are_full(server, 300, 4)
    assert_bytes(server, fs, ONE)
    assert_each_once(server, 300)


def test_without_ttl(server, mount):
    server.seed(repository=ONE, tags=20)
    fs = mount(ttl="0")
    assert found_all_but(server, grep(fs.root / ONE))
    assert_bytes(server, fs, ONE)


def test_without_any_ttl(server, mount):
    """Each read that reaches ecrfs is a pull: nothing may be fetched for those who may come."""
    server.seed(repository=ONE, tags=30)
    fs = mount(ttl="0", digest_ttl="0", negative_ttl="0")
    names = listed_order(fs.root / ONE)
    for name in names:
        assert fs.read(ONE, name) == server.manifest(ONE, tag=name)
    assert max(asked_ids(server).values()) <= 4


def test_archived_images_are_left_out(server, mount):
    server.seed(repository=ONE, tags=200)
    for tag in ("t000050", "t000100"):
        server.archive(ONE, tag=tag)
    fs = mount(ttl="1h", max_attempts=1)
    tags = server.tree(account=ACCOUNT)[ACCOUNT][ONE]
    for name in listed_order(fs.root / ONE):
        if name != "t000050":
            fs_errno = errno_of(fs.read, ONE, name)
            assert fs_errno == ("ENODATA" if name == "t000100" else None), name
    asked = asked_ids(server)
    assert f"{ACCOUNT}/{ONE}@{tags['t000050']}" not in asked  # nobody wanted it
    assert all(times == 1 for name, times in asked.items() if tags["t000100"] not in name)
    assert_bytes(server, fs, ONE, skip={(ONE, "t000050"), (ONE, "t000100")})


@pytest.mark.parametrize("fault, errors", [
    ({"action": "wrong_digest"}, "EBADMSG"),
    ({"action": "failure", "code": "Strange"}, "EIO"),
    ({"action": "drop_id"}, "EPROTO EIO"),
    ({"action": "garbage"}, "EPROTO"),
], ids=["wrong bytes", "failure", "left out", "garbage"])
def test_poison(server, mount, fault, errors):
    """It fails for its reader alone, who asks again; all others are right."""
    server.seed(repository=ONE, tags=200)
    tag = "t000123"
    digest = server.tree(account=ACCOUNT)[ACCOUNT][ONE][tag]
    server.config(faults=[{"operation": "BatchGetImage", "id": digest, **fault}])
    fs = mount(ttl="1h", max_attempts=1)
    assert found_all_but(server, grep(fs.root / ONE, code=2), tag)
    assert errno_of(fs.read, ONE, tag) in errors.split()
    assert_bytes(server, fs, ONE, skip={(ONE, tag)})
    if fault["action"] != "garbage":  # that is the whole call, which is asked again in halves
        assert sum(asked_ids(server).values()) <= 200 + 8
    server.config(faults=[])
    assert fs.read(ONE, tag) == server.manifest(ONE, tag=tag)


def test_denied(server, mount):
    """Nothing but errors; and no more questions than readers."""
    server.seed(repository=ONE, tags=300)
    server.config(deny=[{"action": "ecr:BatchGetImage"}])
    fs = mount(ttl="1h", negative_ttl="1h", max_attempts=1)
    for name in listed_order(fs.root / ONE):
        assert errno_of(fs.read, ONE, name) == "EACCES"
    wait_quiet(server)
    assert max(asked_ids(server).values()) <= 2
    assert calls(server)["BatchGetImage"] <= 10


def test_a_server_that_fails(server, mount):
    """What is fetched ahead in vain is not fetched ahead again and again."""
    server.seed(repository=ONE, tags=300)
    server.fault("error", operation="BatchGetImage", code="ServerException")
    fs = mount(ttl="1h", max_attempts=1)
    names = listed_order(fs.root / ONE)
    for name in names:
        assert errno_of(fs.read, ONE, name) == "EIO"
    assert calls(server)["BatchGetImage"] <= 2 * 300
    server.clear_faults()
    assert_bytes(server, fs, ONE)


def test_an_image_that_was_deleted_meanwhile(server, mount):
    """It is absent for its reader alone."""
    server.seed(repository=ONE, tags=300)
    fs = mount(ttl="1h")
    names = listed_order(fs.root / ONE)
    manifests = {name: server.manifest(ONE, tag=name) for name in names}
    server.delete_image(ONE, tag=names[150])
    for name in names:
        if name == names[150]:
            with pytest.raises(OSError) as error:
                fs.read(ONE, name)
            assert error.value.errno == errno.ENOENT
        else:
            assert fs.read(ONE, name) == manifests[name], name
    assert_each_once(server, 300)
    assert_calls_are_full(server, 300, 4)


def test_a_repository_that_may_not_be_listed(server, mount):
    """It is in the way of a walk: its own reader is told, all others read on."""
    server.seed(repositories=6, tags=50)
    denied = ("ecr:DescribeImages", "ecr:ListImages")
    server.config(deny=[{"action": action, "repository": "bulk/r0003"} for action in denied])
    fs = mount(ttl="1h", max_attempts=1)
    found = grep(fs.root / "bulk", code=2)
    assert len(found) == 250 and not any("r0003" in name for name in found)
    assert_each_once(server, 250)


def test_names_that_come_and_go_during_a_walk(server, mount):
    """A new listing in the middle, with a tag gone and one more: the others are fetched once."""
    server.seed(repository=ONE, tags=300)
    fs = mount(ttl="0", negative_ttl="0", digest_ttl="1h")
    names = listed_order(fs.root / ONE)
    for name in names[:100]:
        fs.read(ONE, name)
    gone = names[200]
    server.delete_tag(ONE, gone)
    server.push(ONE, tag="new")
    assert set(os.listdir(fs.root / ONE)) == {*names, "new"} - {gone}
    for name in names[100:]:
        if name != gone:
            assert fs.read(ONE, name) == server.manifest(ONE, tag=name)
    assert errno_of(fs.read, ONE, gone) == "ENOENT"
    assert fs.read(ONE, "new") == server.manifest(ONE, tag="new")
    assert set(asked_ids(server).values()) == {1}
