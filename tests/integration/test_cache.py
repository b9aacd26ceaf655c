"""Fetched once: what is cached by digest, for how many readers, and with how little memory."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, forget_calls, pulls, run
from .expected import FILES, readable_images, tree, tree_of
from .kernel import drop_caches, until_waiting

READERS = 64


def test_two_tags_of_one_digest_cost_one_pull(server, mount):
    fs = mount()
    assert fs.read("team", "v2") == fs.read("team", "latest") == server.manifest("team", tag="v2")
    assert os.stat(fs.manifest("team", "latest")).st_size == len(server.manifest("team", tag="v2"))
    assert pulls(server) == 1


def test_same_digest_in_another_repository_is_not_taken_for_granted(server, mount):
    """Cached bytes prove the content, not that the caller may read it there."""
    for repository in ("team/twin", "secret/twin"):
        digest = server.push(repository, tag="v1", manifest=server.manifest("team", tag="v1").decode())
        assert digest == server.tree()[ACCOUNT]["team"]["v1"]
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "secret/*"}])
    fs = mount()
    assert fs.read("team", "v1") == fs.read("team/twin", "v1")
    assert errno_of(fs.read, "secret/twin", "v1") == "EACCES"


@pytest.mark.parametrize("warm", ["nothing", "the listing", "the size"])
def test_many_readers_of_one_cold_manifest_cost_one_pull(server, mount, warm):
    """64 processes, all of them waiting at the same time."""
    fs = mount()
    if warm == "the listing":
        os.listdir(fs.root / "team")
    if warm == "the size":
        os.stat(fs.manifest("team", "latest"))  # the same image: its bytes are there too
        server.reset()
    server.fault("hold", operation="BatchGetImage")
    readers = [fs.start("cat", fs.manifest("team", "v2")) for _ in range(READERS)]
    if warm != "the size":
        server.wait(held=1)
        until_waiting(readers, timeout_s=30)
        server.release()
    expected = server.manifest("team", tag="v2")
    for reader in readers:
        data, complaint = reader.communicate(timeout=30)
        assert (reader.returncode, data, complaint) == (0, expected, b"")
    assert pulls(server) == server.calls("BatchGetImage") == (0 if warm == "the size" else 1)


def test_many_readers_share_one_failure_and_the_next_asks_again(server, mount):
    fs = mount(max_attempts=1)
    os.listdir(fs.root / "team")
    server.config(faults=[{"action": "hold", "operation": "BatchGetImage"},
                          {"action": "html", "operation": "BatchGetImage"}])
    readers = [fs.start("cat", fs.manifest("team", "v1")) for _ in range(READERS)]
    server.wait(held=1)
    until_waiting(readers, timeout_s=30)
    server.release()
    for reader in readers:
        _data, complaint = reader.communicate(timeout=30)
        assert reader.returncode == 1 and b"Input/output error" in complaint
    assert pulls(server) == 1
    server.clear_faults()
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_many_lookups_of_one_cold_tag_cost_one_question(server, mount):
    fs = mount()
    os.stat(fs.root / "team")
    forget_calls(server)
    server.fault("hold", operation="DescribeImages")
    readers = [fs.start("stat", fs.tag("team", "v1")) for _ in range(READERS)]
    server.wait(held=1)
    until_waiting(readers, timeout_s=30)
    server.clear_faults()
    assert [reader.wait(30) for reader in readers] == [0] * READERS
    assert server.calls("DescribeImages") == 1


@pytest.mark.parametrize("command", [["grep", "-rl", "schemaVersion"], ["rg", "-uuul", "schemaVersion"]],
                         ids=lambda command: command[0])
def test_search_over_shared_digests_fetches_each_once(server, mount, command):
    server.seed(repository="big/one", tags=1000, digests=300)
    fs = mount()
    found = run(*command, fs.root / "big/one").splitlines()
    assert len(found) == 1000
    per_id = server.stats()["per_id"]["BatchGetImage"]
    assert set(per_id) == {f"{ACCOUNT}/big/one@{digest}" for digest in server.tree()[ACCOUNT]["big/one"].values()}
    assert len(per_id) == pulls(server) == 300
    forget_calls(server)
    assert len(run(*command, fs.root / "big/one").splitlines()) == 1000
    assert server.calls() == 0


def test_second_pass_costs_no_call_when_the_kernel_forgot(server, mount):
    server.delete_image("cold/storage", tag="frozen")
    fs = mount(ttl="1h")
    run("grep", "-r", "schemaVersion", fs.root)
    forget_calls(server)
    drop_caches()
    run("grep", "-r", "schemaVersion", fs.root)
    assert tree_of(fs.root) == tree(server)
    assert server.calls() == 0


SMALL = {
    "every ttl 0": {"ttl": "0", "digest_ttl": "0", "negative_ttl": "0"},
    "cache of one byte": {"cache_size": 1},
    "both": {"ttl": "0", "digest_ttl": "0", "negative_ttl": "0", "cache_size": 1},
    "listings 0": {"ttl": "0"},
    "bytes 0": {"digest_ttl": "0"},
}


@pytest.fixture(params=SMALL.values(), ids=SMALL)
def forgetful(server, mount, request):
    """A mount that can keep next to nothing."""
    server.delete_image("cold/storage", tag="frozen")
    server.seed(repository="big/one", tags=120, digests=40)
    return mount(max_attempts=1, **request.param)


def test_forgetful_mount_shows_everything(server, forgetful):
    assert tree_of(forgetful.root) == tree(server)
    assert errno_of(os.stat, forgetful.root / "team/no-such-tag") == "ENOENT"
    for image in readable_images(server):
        if image.repository != "big/one":
            assert forgetful.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)
    found = run("grep", "-rl", "schemaVersion", forgetful.root).splitlines()
    assert len(found) == len(readable_images(server))


def test_forgetful_mount_with_parallel_readers(server, forgetful):
    path = forgetful.root / "big/one"
    expected = b"".join(server.manifest("big/one", tag=f"t{n:06d}") for n in range(120))
    out = run("bash", "-c", f"ls {path} | xargs -P 16 -I TAG cat {path}/TAG/manifest.json")
    assert len(out) == len(expected)
    script = f"for n in 1 2 3; do cat {path}/*/manifest.json; done"
    assert run("bash", "-c", script) == expected * 3


def test_forgetful_mount_reads_again_what_the_kernel_forgot(server, forgetful):
    with open(forgetful.manifest("team", "v1"), "rb", buffering=0) as manifest:
        for _ in range(3):
            assert os.pread(manifest.fileno(), 1 << 20, 0) == server.manifest("team", tag="v1")
            assert set(os.listdir(forgetful.tag("team", "v1"))) == FILES
            drop_caches()


@pytest.mark.parametrize("fault", ["html", "close", "error"])
def test_forgetful_mount_with_a_failing_server_answers_each_operation_once(server, forgetful, fault):
    server.fault(fault)
    for operation in (lambda: os.listdir(forgetful.root), lambda: os.stat(forgetful.root / "team"),
                      lambda: os.listdir(forgetful.root / "team"), lambda: forgetful.read("team", "v1"),
                      lambda: os.stat(forgetful.manifest("team/app", "v1"))):
        assert errno_of(operation) in ("EIO", "EPROTO")
    assert os.listdir(forgetful.point) == [ACCOUNT]
    server.clear_faults()
    assert forgetful.read("team", "v1") == server.manifest("team", tag="v1")
    assert tree_of(forgetful.root) == tree(server)
