"""Looking is not pulling: which calls each kind of access costs."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, forget_calls, listings, pulls, read, run, wait_quiet

ACCEPTED = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json",
}
LOOKING = {
    "ls -R": "ls -R {root}",
    "ls -l of repositories": "ls -l {root} {root}/team {root}/tools/multiarch",
    "ls of an image": "ls {root}/team/v1",
    "find -type d": "find {root} -type d",
    "find -type f": "find {root} -type f",
    "find -name": "find {root} -name manifest.json",
    "find -maxdepth": "find {root} -mindepth 2 -maxdepth 2",
    "find -path -prune": "find {root} -path '*/team' -prune -o -print",
    "stat of directories": "stat {root} {root}/team {root}/team/v1 {root}/team/app/deep",
    "test -d": "test -d {root}/team/v1 && test -x {root}/team/v1",
    "cd": "cd {root}/team/app/v1 && pwd -P",
    "completion of repositories": "compgen -f {root}/t; compgen -f {root}/team/",
    "completion of tags": "compgen -d {root}/team/v; compgen -f {root}/team/v1/",
    "globs": "echo {root}/*/*",
    "df": "df {point} {root}",
}


@pytest.fixture
def fs(mount):
    return mount()


@pytest.mark.parametrize("script", LOOKING.values(), ids=LOOKING)
def test_looking_pulls_nothing(server, fs, script):
    run("bash", "-c", script.format(root=fs.root, point=fs.point))
    wait_quiet(server)
    assert server.calls("BatchGetImage") == 0
    assert server.stats()["manifests_served"] == {}
    assert set(server.stats()["calls"]) <= {"DescribeRepositories", "DescribeImages", "ListImages"}


def test_df_asks_nothing(server, fs):
    assert b"fuse.ecrfs" in run("df", "-T", fs.point)
    assert server.calls() == 0


def test_walk_asks_for_each_listing_once(server, fs):
    run("find", fs.root, "-type", "d")
    wait_quiet(server)
    assert len(listings(server, "DescribeRepositories")) == 1
    assert sorted(body["repositoryName"] for body in listings(server)) == sorted(server.tree()[ACCOUNT])


def test_lookup_of_a_manifest_does_not_wait_for_its_bytes(server, fs):
    """O_PATH needs the name only, neither size nor bytes."""
    os.close(os.open(fs.manifest("team", "v1"), os.O_PATH))
    wait_quiet(server)
    assert server.calls("BatchGetImage") == 0


@pytest.mark.parametrize("command", [["stat", "-c", "%s"], ["cat"], ["ls", "-l"], ["sha256sum"], ["wc", "-c"]],
                         ids=lambda command: command[0])
def test_one_manifest_costs_one_pull_by_digest(server, fs, command):
    digest = server.tree()[ACCOUNT]["team/app"]["v3"]
    run(*command, fs.manifest("team/app", "v3"))
    assert server.stats()["per_id"]["BatchGetImage"] == {f"{ACCOUNT}/team/app@{digest}": 1}
    assert server.calls("BatchGetImage") == 1


def test_request_names_the_digest_and_all_media_types(server, fs):
    read(fs.manifest("tools/multiarch", "latest"))
    body, = [call["body"] for call in server.log("BatchGetImage")]
    assert body["repositoryName"] == "tools/multiarch"
    assert body["registryId"] == ACCOUNT
    assert body["imageIds"] == [{"imageDigest": server.tree()[ACCOUNT]["tools/multiarch"]["latest"]}]
    assert set(body["acceptedMediaTypes"]) >= ACCEPTED


def test_size_and_bytes_are_one_pull(server, fs):
    manifest = fs.manifest("team", "v1")
    size = os.stat(manifest).st_size
    assert pulls(server) == 1
    assert size == len(read(manifest)) == len(server.manifest("team", tag="v1"))
    assert pulls(server) == 1


def test_cost_of_a_cold_cat_by_full_path(server, fs):
    """The page of repositories, and at most: this repository, this tag, these bytes."""
    read(fs.manifest("team/app", "v3"))
    assert sum(calls(server).values()) <= 4


def test_cost_with_the_repository_known(server, fs):
    read(fs.manifest("team/app", "v3"))
    forget_calls(server)
    read(fs.manifest("team/app", "v4"))
    cost = calls(server)
    assert cost.pop("BatchGetImage") == 1
    assert sum(cost.values()) <= 1


def test_cost_with_the_tag_in_a_listing(server, fs):
    os.listdir(fs.root / "team/app")
    forget_calls(server)
    read(fs.manifest("team/app", "v3"))
    assert calls(server) == {"BatchGetImage": 1}


def test_opening_one_file_does_not_list_its_repository(server, mount):
    server.seed(repository="big/one", tags=3000)
    fs = mount()
    assert read(fs.manifest("big/one", "t000007")) == server.manifest("big/one", tag="t000007")
    wait_quiet(server)
    assert listings(server) == []


def test_connections_are_few_and_kept(server, mount):
    server.seed(repository="big/one", tags=100)
    server.config(latency_ms=5)
    fs = mount(max_connections=3)
    script = f"ls {fs.root}/big/one | xargs -P 32 -I TAG cat {fs.root}/big/one/TAG/manifest.json"
    assert len(run("bash", "-c", script)) == sum(
        len(server.manifest("big/one", tag=tag)) for tag in server.tree()[ACCOUNT]["big/one"])
    stats = server.stats()
    assert stats["most_in_flight"] <= 3
    assert stats["connections_accepted"] <= 3
