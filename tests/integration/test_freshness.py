"""Names expire, images do not: what is asked again after which time, and what is seen then."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, forget_calls, pulls, read, run, until, wait_quiet
from .expected import tree, tree_of

SHORT, LONG = "300ms", "1h"
LISTING = {"DescribeRepositories", "DescribeImages", "ListImages"}


def shows(fs, server):
    """Whether the mount shows what the server has; a walk may meet the moment of a change."""
    try:
        return tree_of(fs.root) == tree(server)
    except FileNotFoundError:
        return False


def test_after_its_ttl_a_tree_is_listed_again_but_not_fetched_again(server, mount):
    server.delete_image("cold/storage", tag="frozen")
    fs = mount(ttl=SHORT)
    search = ["grep", "-rl", "schemaVersion", fs.root]
    found = run(*search)
    forget_calls(server)
    until(lambda: run(*search) == found and server.calls("DescribeImages") > 0, "listings are asked for again")
    assert set(server.stats()["calls"]) <= LISTING
    assert pulls(server) == 0


def test_within_its_ttl_nothing_is_asked_again(server, mount):
    fs = mount(ttl=LONG)
    before = tree_of(fs.root), fs.read("team", "v1")
    forget_calls(server)
    server.retag("team", "v1", server.tree()[ACCOUNT]["team"]["v2"])
    server.delete_tag("team/app", "v1")
    server.push("brand/new", tag="v1")
    assert (tree_of(fs.root), fs.read("team", "v1")) == before
    assert server.calls() == 0


def test_moved_tag_is_seen_after_ttl(server, mount):
    fs = mount(ttl=SHORT)
    old, new = server.manifest("team", tag="v1"), server.manifest("team", tag="v2")
    with open(fs.manifest("team", "v1"), "rb", buffering=0) as opened:
        assert read(fs.manifest("team", "v1")) == old
        server.retag("team", "v1", server.tree()[ACCOUNT]["team"]["v2"])

        def moved():
            data = fs.read("team", "v1")
            assert data in (old, new)
            return data == new
        until(moved, "the tag shows its new image")
        assert os.stat(fs.manifest("team", "v1")).st_size == len(new)
        assert opened.read() == old, "an open file keeps the image it had"
    assert pulls(server) == 2


def test_deleted_tag_disappears_after_ttl(server, mount):
    fs = mount(ttl=SHORT, negative_ttl=SHORT)
    fs.read("team", "v1")
    assert "v1" in os.listdir(fs.root / "team")
    server.delete_tag("team", "v1")
    until(lambda: errno_of(os.stat, fs.manifest("team", "v1")) == "ENOENT", "the tag is gone by name")
    until(lambda: "v1" not in os.listdir(fs.root / "team"), "the tag is gone from the listing")
    assert set(os.listdir(fs.root / "team")) == {"v2", "latest", "app"}


def test_deleted_image_and_repository_disappear_after_ttl(server, mount):
    fs = mount(ttl=SHORT, negative_ttl=SHORT)
    assert tree_of(fs.root) == tree(server)
    server.delete_image("team", tag="v2")
    server.delete_repository("charts/web")
    until(lambda: shows(fs, server), "the tree without them")
    # The kernel counts a name's last milliseconds from when it read the reply.
    until(lambda: errno_of(os.stat, fs.tag("team", "latest")) == "ENOENT", "the tag of the image")
    until(lambda: errno_of(os.stat, fs.root / "charts") == "ENOENT", "the namespace of the repository")


def test_a_repository_that_is_gone_is_not_shown_as_empty(server, mount):
    """The registry's listing still shows it, and ECR says of its images that there is no such repository."""
    server.create_repository("lately/gone")
    server.create_repository("lately/empty")
    fs = mount(ttl="1h")
    assert sorted(os.listdir(fs.root / "lately")) == ["empty", "gone"]
    server.delete_repository("lately/gone")
    assert errno_of(os.listdir, fs.root / "lately/gone") == "ESTALE"
    assert os.listdir(fs.root / "lately/empty") == []


def test_new_names_are_listed_after_ttl(server, mount):
    fs = mount(ttl=SHORT)
    assert tree_of(fs.root) == tree(server)
    server.push("team", tag="v3")
    server.push("brand/new/repository", tag="v1")
    until(lambda: shows(fs, server), "the tree with them")


def test_what_was_just_pushed_can_be_read_at_once(server, mount):
    """A cached listing is not proof of absence."""
    fs = mount(ttl=LONG, negative_ttl=LONG)
    assert tree_of(fs.root) == tree(server)
    forget_calls(server)
    server.push("team", tag="fresh")
    assert fs.read("team", "fresh") == server.manifest("team", tag="fresh")
    assert server.stats()["calls"] == {"DescribeImages": 1, "BatchGetImage": 1}
    server.push("brand-new", tag="v1")
    assert fs.read("brand-new", "v1") == server.manifest("brand-new", tag="v1")
    server.push("team/app/deep/other", tag="v1")
    assert fs.read("team/app/deep/other", "v1") == server.manifest("team/app/deep/other", tag="v1")


@pytest.mark.parametrize("listed_first", [True, False])
def test_repository_that_was_just_pushed_beside_a_tag_can_be_read_at_once(server, mount, listed_first):
    """Tag `v1` of `team` is known when the repository `team/v1` is made."""
    fs = mount(ttl=LONG, negative_ttl=SHORT)
    if listed_first:
        tree_of(fs.root)
    fs.read("team", "v1")
    wait_quiet(server)
    server.push("team/v1", tag="inner")
    assert fs.read("team/v1", "inner") == server.manifest("team/v1", tag="inner")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


@pytest.mark.parametrize("path", ["no-such-repository", "team/no-such-tag", "team/no-such-tag/manifest.json"])
def test_absence_is_remembered(server, mount, path):
    fs = mount(ttl=LONG, negative_ttl=LONG)
    assert errno_of(os.stat, fs.root / path) == "ENOENT"
    forget_calls(server)
    for _ in range(3):
        assert errno_of(os.stat, fs.root / path) == "ENOENT"
        assert errno_of(os.listdir, fs.root / path) == "ENOENT"
    assert server.calls() == 0


def test_absence_ends_after_its_ttl(server, mount):
    fs = mount(ttl=LONG, negative_ttl=SHORT)
    os.listdir(fs.root / "team")
    for repository, tag in (("team", "later"), ("later", "v1"), ("brand/new/namespace", "v1")):
        path = fs.manifest(repository, tag)
        assert errno_of(os.stat, path) == "ENOENT"
        server.push(repository, tag=tag)
        until(lambda: errno_of(os.stat, path) is None, "the pushed image is there")
        assert read(path) == server.manifest(repository, tag=tag)


def test_many_unknown_names_do_not_cost_a_call_each(server, mount):
    """The fourth question by name in one repository is answered by listing it."""
    fs = mount(ttl=LONG, negative_ttl=LONG)
    os.stat(fs.root / "team")
    forget_calls(server)
    for n in range(20):
        assert errno_of(os.stat, fs.tag("team", f"Unknown-{n}")) == "ENOENT"
    assert server.calls("DescribeImages") <= 4
    assert server.calls("BatchGetImage") == 0


def test_bytes_outlive_the_names(server, mount):
    """Bytes are kept by digest: a tag that comes back to an old image costs no pull."""
    fs = mount(ttl=SHORT)
    digests = server.tree()[ACCOUNT]["team"]
    old, new = server.manifest("team", tag="v1"), server.manifest("team", tag="v2")
    assert fs.read("team", "v1") == old
    for digest, data in ((digests["v2"], new), (digests["v1"], old), (digests["v2"], new)):
        server.retag("team", "v1", digest)
        until(lambda: fs.read("team", "v1") == data, "the tag shows its image")
    assert pulls(server) == 2


def test_bytes_are_fetched_again_after_digest_ttl(server, mount):
    fs = mount(ttl="0", digest_ttl="100ms")
    data = fs.read("team", "v1")

    def fetched_again():
        assert run("dd", "status=none", "iflag=direct", "bs=64k", f"if={fs.manifest('team', 'v1')}") == data
        return pulls(server) > 1
    until(fetched_again, "the bytes are asked for again")
