"""`nopull`: whoever looks, however hard, is never recorded as pulling."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, read, run


@pytest.fixture
def fs(server, mount):
    server.create_repository("team/app")
    for tag in ("v1", "v2", "latest"):
        server.push("team/app", tag=tag)
    return mount(nopull=True, show="digests:untagged:platforms")


def test_all_but_the_bytes_is_there(server, fs):
    assert sorted(os.listdir(fs.root / "team/app/v1")) == ["digest", "image.json", "manifest.json"]
    assert read(fs.root / "team/app/v1/digest").decode().strip() in server.tree(account=ACCOUNT)[ACCOUNT][
        "team/app"].values()
    assert b"imageDigest" in read(fs.root / "team/app/v1/image.json")
    assert (fs.root / "team/app/v1").stat().st_size > 0
    assert "BatchGetImage" not in calls(server)


@pytest.mark.parametrize("path", ["team/app/v1/manifest.json", "team/app:v1/manifest.json"])
def test_bytes_and_sizes_are_not_permitted(server, fs, path):
    assert errno_of(read, fs.root / path) == "EPERM"
    assert errno_of(os.stat, fs.root / path) == "EPERM"
    assert "BatchGetImage" not in calls(server)


def test_a_grep_over_all_of_it_fetches_nothing(server, fs):
    run("bash", "-c", "grep -r nowhere . ; find . -size +1k; ls -lR; tar cf - . | cat; true", cwd=fs.root)
    assert "BatchGetImage" not in calls(server)


def test_a_tag_is_not_pulled_for_want_of_other_permissions(server, mount):
    server.push("team/app", tag="v1")
    server.config(deny=[{"action": "ecr:Describe*"}, {"action": "ecr:List*"}])
    fs = mount(nopull=True)
    assert errno_of(read, fs.root / "team/app/v1/manifest.json") == "EPERM"
    assert "BatchGetImage" not in calls(server)
