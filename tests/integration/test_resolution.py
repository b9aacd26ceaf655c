"""How a component is resolved: what each rule costs, in calls of each kind."""

import os

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, listings, pulls, read, run, until, wait_quiet
from .kernel import until_waiting


@pytest.fixture
def fs(mount):
    return mount(ttl="1h", negative_ttl="1h")


def by_name(server):
    """Ids of each DescribeImages that asked by name."""
    return [[image_id.get("imageTag") or image_id["imageDigest"] for image_id in call["body"]["imageIds"]]
            for call in server.log("DescribeImages") if "imageIds" in call["body"]]


@pytest.mark.parametrize("repositories", [1, 1500, 2500])
@pytest.mark.parametrize("path", ["many/r0000/t000000", "many/r0000:t000000", "team/app/deep/nested/name/only"])
def test_cold_cat_costs_the_pages_and_three_calls(server, fs, repositories, path):
    server.seed(prefix="many", repositories=repositories, tags=1)
    assert read(fs.root / path / "manifest.json")
    cost = calls(server)
    assert cost["BatchGetImage"] == 1
    pages = len(listings(server, "DescribeRepositories"))
    assert pages <= (repositories + len(server.tree()[ACCOUNT])) // 1000 + 1
    assert sum(cost.values()) <= pages + 3
    assert len(listings(server)) == 0  # no repository is listed for one file


def test_registry_is_listed_once(server, fs):
    server.seed(prefix="many", repositories=2500, tags=1)
    readers = [fs.start("cat", fs.manifest(f"many/r{n:04d}", "t000000")) for n in range(0, 2500, 100)]
    for reader in readers:
        assert reader.communicate(timeout=30)[1] == b""
    wait_quiet(server)
    assert len(listings(server, "DescribeRepositories")) == 3


def test_known_repository_costs_two_calls(server, fs):
    os.stat(fs.root / "team/app")
    forget_calls(server)
    fs.read("team/app", "v4")
    assert calls(server) == {"DescribeImages": 1, "BatchGetImage": 1}
    assert by_name(server) == [["v4"]]


def test_listed_tag_costs_one_call(server, mount):
    fs = mount(ttl="1h", readahead="off")
    os.listdir(fs.root / "team/app")
    forget_calls(server)
    for n in range(1, 4):
        fs.read("team/app", f"v{n}")
    assert calls(server) == {"BatchGetImage": 3}


def test_first_proof_is_enough(server, fs):
    """The registry's listing shows the repository, while questions by name are not answered."""
    for operation in ("DescribeRepositories", "DescribeImages"):
        server.fault("hold", operation=operation, repository="t*")
    run("stat", fs.root / "team", fs.root / "team/app", fs.root / "tools/multiarch", timeout_s=10)
    server.clear_faults()


def test_image_is_proof_before_the_pages_have_come(server, fs):
    """Of a listing that takes long: what is asked by name is there, and what is not waits for the end."""
    server.seed(prefix="many", repositories=1500, tags=1)
    server.config(page_size=500)
    server.fault("hold", operation="DescribeRepositories", after=1, times=1)
    fs.start("ls", fs.root)
    server.wait(held=1)  # the second page of the listing
    assert read(fs.manifest("many/r1400", "t000000")) == server.manifest("many/r1400", tag="t000000")
    waiting = fs.start("stat", fs.root / "no-such")
    until_waiting([waiting], "the absent name waits for the whole listing")
    server.clear_faults()
    assert waiting.wait(10) == 1


def test_namespace_is_found_on_a_later_page(server, fs):
    server.seed(prefix="many", repositories=1500, tags=1)
    server.push("zz/last/repository", tag="v1")
    server.config(page_size=500)
    assert os.listdir(fs.root / "zz/last") == ["repository"]
    assert errno_of(os.stat, fs.root / "zz/first") == "ENOENT"


def test_name_that_a_listing_does_not_show_is_asked_for(server, fs):
    os.listdir(fs.root / "team/app")
    forget_calls(server)
    server.push("team/app", tag="fresh")
    assert fs.read("team/app", "fresh") == server.manifest("team/app", tag="fresh")
    assert by_name(server) == [["fresh"]]
    assert errno_of(os.stat, fs.tag("team/app", "Absent")) == "ENOENT"
    wait_quiet(server)
    assert by_name(server) == [["fresh"], ["Absent"]]
    assert listings(server) == []


@pytest.mark.parametrize("negative_ttl", ["0", "1h"])
def test_whoever_looks_for_a_file_everywhere_asks_for_listings_alone(server, mount, negative_ttl):
    """That no repository and no tag is called `manifest.json`, the listings tell."""
    server.seed(prefix="many", repositories=10, tags=10)
    fs = mount(ttl="1h", negative_ttl=negative_ttl)
    os.listdir(fs.root)
    for _ in range(2):
        run("bash", "-O", "globstar", "-c", "cat **/manifest.json", cwd=fs.root / "many")
    assert calls(server) == {"DescribeRepositories": 1, "DescribeImages": 10, "BatchGetImage": 10}
    assert by_name(server) == []


def test_a_tag_that_is_called_as_a_file_of_ours_is_seen_after_the_ttl(server, mount):
    fs = mount(ttl="1s", negative_ttl="0")
    os.listdir(fs.root / "charts/web")
    for name in ("manifest.json", "policy.json"):
        server.push("charts/web", tag=name)
        until(lambda name=name: errno_of(read, fs.manifest("charts/web", name)) is None, f"{name} is seen")
        assert fs.read("charts/web", name) == server.manifest("charts/web", tag=name)


@pytest.mark.parametrize("name", ["digest", "platforms", "referrers"])
def test_one_that_is_called_as_another_thing_of_ours_is_seen_at_once(server, fs, name):
    """These may be names of repositories, and nobody looks for them everywhere."""
    for directory in ("charts", "charts/web"):
        os.listdir(fs.root / directory)
    server.push(f"charts/{name}", tag="v1")
    server.push("charts/web", tag=name)
    assert fs.read(f"charts/{name}", "v1") == server.manifest(f"charts/{name}", tag="v1")
    assert fs.read("charts/web", name) == server.manifest("charts/web", tag=name)


def test_fourth_question_by_name_lists(server, fs):
    os.stat(fs.root / "team/app")
    forget_calls(server)
    for n in range(1, 4):
        os.stat(fs.tag("team/app", f"v{n}"))
        wait_quiet(server)
    assert by_name(server) == [["v1"], ["v2"], ["v3"]] and listings(server) == []
    os.stat(fs.tag("team/app", "v4"))
    wait_quiet(server)
    assert len(by_name(server)) == 3
    assert listings(server) == [{
        "registryId": ACCOUNT, "repositoryName": "team/app", "maxResults": 1000,
        "filter": {"tagStatus": "TAGGED", "imageStatus": "ANY"}}]
    for n in range(5, 9):
        os.stat(fs.tag("team/app", f"v{n}"))
    assert calls(server) == {"DescribeImages": 4}


def test_questions_of_one_repository_do_not_count_in_another(server, fs):
    for repository in ("team/app", "charts/web", "release/immutable"):
        os.stat(fs.root / repository)
    forget_calls(server)
    for repository, tag in (("team/app", "v1"), ("charts/web", "1.0.0"), ("team/app", "v2"), ("charts/web", "1.1.0"),
                            ("release/immutable", "2026.0"), ("team/app", "v3")):
        os.stat(fs.tag(repository, tag))
    wait_quiet(server)
    assert len(by_name(server)) == 6 and listings(server) == []


@pytest.fixture
def one_connection(server, mount):
    fs = mount(ttl="1h", negative_ttl="1h", max_connections=1)
    os.stat(fs.root / "team/app")
    forget_calls(server)
    return fs


def asked_while_one_is_held(server, fs, first, *others):
    """Exit codes of `stat` of these tags, where the others ask while the first one's question is held."""
    server.fault("hold", operation="DescribeImages", times=1)
    lookups = [fs.start("stat", fs.tag("team/app", first))]
    server.wait(held=1)
    lookups += [fs.start("stat", fs.tag("team/app", tag)) for tag in others]
    until_waiting(lookups)
    server.release()
    codes = [lookup.wait(10) for lookup in lookups]
    wait_quiet(server)
    return codes


def test_questions_of_concurrent_lookups_are_batched(server, one_connection):
    assert asked_while_one_is_held(server, one_connection, "v1", "v2", "v3") == [0, 0, 0]
    first, *others = by_name(server)
    assert first == ["v1"]
    assert [sorted(batch) for batch in others] == [["v2", "v3"]]


def test_failed_batch_is_asked_again_in_halves(server, one_connection):
    """One missing id fails the whole DescribeImages."""
    assert asked_while_one_is_held(server, one_connection, "v1", "v2", "Absent") == [0, 0, 1]
    first, batch, *halves = by_name(server)
    assert first == ["v1"] and sorted(batch) == ["Absent", "v2"]
    assert sorted(halves) == [["Absent"], ["v2"]]


def test_listing_of_many_tags_beside_more_untagged_images(server, fs):
    server.seed(repository="big/one", tags=10_000, untagged=30_000)
    os.stat(fs.root / "big/one")
    forget_calls(server)
    lines = run("ls", "-l", fs.root / "big/one").splitlines()
    assert len(lines) == 10_001
    assert calls(server) == {"DescribeImages": 10}
    assert [body["filter"] for body in listings(server)] == [{"tagStatus": "TAGGED", "imageStatus": "ANY"}] * 10


@pytest.fixture
def half_indexes(server):
    for repository in range(4):
        for tag in range(5):
            server.push(f"mixed/r{repository}", tag=f"index{tag}", kind="multi_arch")
            server.push(f"mixed/r{repository}", tag=f"plain{tag}")


LOOKING = {
    "find -type d": "find {root} -type d", "ls -R": "ls -R {root}", "find -name": "find {root} -name x",
    "ls -l of repositories": "ls -l {root}/mixed/*", "find of names": "find {root} -name 'index*' -o -name latest",
    "digests": "find {root} -name digest -type f -exec cat {{}} +",
    "records": "grep -r --include=image.json imageStatus {root}",
    "attributes": "getfattr -d {root}/mixed/r0/* {root}/mixed/r1/*/digest",
    "children": "ls -l {root}/mixed/r0/.digests {root}/mixed/r0/.untagged",
}


@pytest.mark.parametrize("script", LOOKING.values(), ids=LOOKING)
def test_looking_over_indexes_pulls_nothing(server, fs, half_indexes, script):
    assert run("bash", "-c", script.format(root=fs.root)) or "-name x" in script
    assert pulls(server) == 0 and "BatchGetImage" not in calls(server)
    assert server.stats()["manifests_served"] == {}
