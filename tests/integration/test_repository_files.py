"""repository.json, policy.json and lifecycle.json: what ECR knows of a repository."""

import json
import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, read, run

NAMES = {"repository.json", "policy.json", "lifecycle.json"}
OPERATIONS = {"repository.json": "DescribeRepositories", "policy.json": "GetRepositoryPolicy",
              "lifecycle.json": "GetLifecyclePolicy"}


@pytest.fixture
def fs(mount):
    return mount(ttl="1h")


def load(path):
    return json.loads(read(path))


def test_the_record_of_a_repository(server, fs):
    record = load(fs.root / "release/mostly-immutable/repository.json")
    assert record["repositoryName"] == "release/mostly-immutable" and record["registryId"] == ACCOUNT
    assert record["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert record["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "latest*"}]
    assert record["createdAt"].startswith("2019-08-0") and record["createdAt"].endswith("+00:00")
    text = read(fs.root / "team/repository.json").decode()
    assert text.startswith("{\n\t\"") and text.endswith("\n}\n")  # pretty-printed
    assert os.stat(fs.root / "team/repository.json").st_size == len(text)


def test_policies_are_documents_of_their_own(server, fs):
    assert load(fs.root / "team/policy.json") == {"Version": "2012-10-17", "Statement": []}
    assert load(fs.root / "team/lifecycle.json")["rules"][0]["action"] == {"type": "expire"}
    server.create_repository("odd/policy", policy_text="no json")
    assert read(fs.root / "odd/policy/policy.json") == b"no json\n"


def test_what_is_not_there_is_absent(server, fs):
    for path in ("team/app/policy.json", "team/app/lifecycle.json", "nope/repository.json", "charts/repository.json",
                 "team/v1/repository.json", "repository.json", "team/.digests/policy.json", "team:v1/policy.json"):
        assert errno_of(os.stat, fs.root / path) == "ENOENT", path
    assert stat.S_ISREG(os.stat(fs.root / "team/app/repository.json").st_mode)


@pytest.mark.parametrize("name", NAMES)
def test_reading_again_costs_nothing(server, fs, name):
    read(fs.root / "team" / name)
    forget_calls(server)
    assert read(fs.root / "team" / name) and os.stat(fs.root / "team" / name)
    assert calls(server) == {}


@pytest.mark.parametrize("show", [None, "repository"])
def test_they_are_listed_only_when_shown_and_cost_nothing(server, mount, show):
    fs = mount(ttl="1h", show=show)
    expected = NAMES if show else set()
    for path in ("team", "team/app", "charts/web", "empty/repo"):
        assert set(os.listdir(fs.root / path)) & NAMES == expected
    for path in ("", "charts", "team/v1", "team/.digests"):
        assert not set(os.listdir(fs.root / path)) & NAMES
    run("find", fs.root, "-name", "*.json")
    assert not {"GetRepositoryPolicy", "GetLifecyclePolicy", "BatchGetImage"} & set(calls(server))


def test_tools_read_them(server, mount, tmp_path):
    """A name that is listed may turn out to be none, as policies do."""
    fs = mount(ttl="1h", show="repository")
    found = run("bash", "-c", "grep -l IMMUTABLE_WITH */*/repository.json", cwd=fs.root)
    assert found == b"release/mostly-immutable/repository.json\n"
    run("bash", "-c", f"tar cf {tmp_path}/x.tar team/policy.json team/app/repository.json", cwd=fs.root)
    assert run("tar", "xOf", tmp_path / "x.tar", "team/policy.json") == read(fs.root / "team/policy.json")


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_of_that_name_is_not_hidden(server, mount, name):
    fs = mount(ttl="1h", show="repository")
    server.push("team", tag=name)
    for _ in range(2):
        assert stat.S_ISDIR(os.stat(fs.root / "team" / name).st_mode)
        assert read(fs.root / "team" / name / "manifest.json") == server.manifest("team", tag=name)
        assert os.listdir(fs.root / "team").count(name) == 1


def test_nor_is_a_repository(server, mount):
    server.push("team/policy.json", tag="v1")
    fs = mount(ttl="1h", show="repository")
    assert os.listdir(fs.root / "team").count("policy.json") == 1
    assert set(os.listdir(fs.root / "team/policy.json")) == {"v1", *NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_needs_its_own_permission_and_no_other(server, mount, name):
    server.config(deny=[{"action": "*"}])
    assert errno_of(read, mount(negative_ttl="1h").root / "team" / name) == "EACCES"
    server.config(deny=[{"action": "ecr:List*"}, {"action": "ecr:DescribeImages"}, {"action": "ecr:Batch*"}, *(
        {"action": f"ecr:{operation}"} for operation in set(OPERATIONS.values()) - {OPERATIONS[name]})])
    assert read(mount(negative_ttl="1h").root / "team" / name)


@pytest.mark.parametrize("name", NAMES - {"repository.json"})
@pytest.mark.parametrize("fault, error", [
    ({"action": "error", "code": "UnknownOperationException", "status": 404}, "ENOTSUP"),
    ({"action": "error", "code": "ServerException"}, "EIO"), ({"action": "garbage"}, "EPROTO"),
    ({"action": "garbage", "body": "{}"}, "EPROTO")], ids=str)
def test_what_fails_spoils_nothing_else(server, mount, name, fault, error):
    fs = mount(ttl="1h", max_attempts=1, show="repository")
    server.fault(operation=OPERATIONS[name], **fault)
    assert errno_of(read, fs.root / "team" / name) == error
    assert set(os.listdir(fs.root / "team")) >= {"v1", *NAMES}
    assert load(fs.root / "team/repository.json")


def test_a_policy_that_changes_is_another_file(server, mount):
    fs = mount(ttl="100ms", negative_ttl="0")
    path = fs.root / "team/policy.json"
    with open(path, "rb", buffering=0) as held:
        before = held.read(5)
        server.create_repository("team", policy_text='{"Statement": ["new"]}')
        run("bash", "-c", f"until grep -q new {path}; do sleep 0.05; done", timeout_s=20)
        assert load(path) == {"Statement": ["new"]}
        assert json.loads(before + held.read()) == {"Version": "2012-10-17", "Statement": []}
    server.create_repository("team", policy_text=None)
    run("bash", "-c", f"while test -e {path}; do sleep 0.05; done", timeout_s=20)
