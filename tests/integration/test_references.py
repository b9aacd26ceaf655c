"""Whatever names an image or a registry is a path: tags, digests, references, accounts and host names."""

import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, pulls, read, run, until
from .expected import FILES, tree_of

OTHER = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
FORMS = {
    "repository/tag": "{repository}/{tag}",
    "repository:tag": "{repository}:{tag}",
    "repository@digest": "{repository}@{digest}",
    "repository/digest": "{repository}/{digest}",
    ".digests": "{repository}/.digests/{digest}",
}
IMAGES = [("cluster-autoscaler", "v1.13.6"), ("team", "app"), ("team/app", "v3"), ("team/app/deep/nested/name", "only")]
HOSTS = {
    "plain": ("dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
    "fips": ("dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    "dual-stack": ("dkr-ecr.us-west-2.on.aws", "us-west-2"),
    "dual-stack fips": ("dkr-ecr-fips.us-west-2.on.aws", "us-west-2"),
    "China": ("dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    "China dual-stack": ("dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1"),
    "European sovereign cloud": ("dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
    "ISO": ("dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    "ISO B": ("dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
    "ISO E": ("dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
    "ISO F": ("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
}


@pytest.fixture
def fs(mount):
    return mount(ttl="1h", negative_ttl="1h")


def place(fs, form, repository, tag, digest):
    return fs.root / FORMS[form].format(repository=repository, tag=tag, digest=digest)


def digest_of(server, repository, tag):
    return server.tree()[ACCOUNT][repository][tag]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("repository, tag", IMAGES, ids=lambda value: value.replace("/", "-"))
def test_every_form_leads_to_the_image(server, fs, form, repository, tag):
    digest = digest_of(server, repository, tag)
    directory = place(fs, form, repository, tag, digest)
    assert read(directory / "manifest.json") == server.manifest(repository, tag=tag)
    assert read(directory / "digest") == f"{digest}\n".encode()
    assert set(os.listdir(directory)) >= FILES
    assert pulls(server) == 1
    assert all(call["body"]["imageIds"] == [{"imageDigest": digest}] for call in server.log("BatchGetImage"))


@pytest.mark.parametrize("repository, tag", IMAGES, ids=lambda value: value.replace("/", "-"))
def test_all_forms_are_the_same_file(server, fs, repository, tag):
    digest = digest_of(server, repository, tag)
    opened = [os.open(place(fs, form, repository, tag, digest) / "manifest.json", os.O_RDONLY) for form in FORMS]
    try:
        assert len({os.fstat(descriptor).st_ino for descriptor in opened}) == 1
    finally:
        for descriptor in opened:
            os.close(descriptor)
    assert pulls(server) <= 1


@pytest.mark.parametrize("form", FORMS)
def test_cost_of_each_form(server, fs, form):
    def cost(tag, known):
        if known == "the repository":
            os.stat(fs.root / "team/app")
        if known == "the tag":
            os.listdir(fs.root / "team/app")
        forget_calls(server)
        read(place(fs, form, "team/app", tag, digest_of(server, "team/app", tag)) / "manifest.json")
        return calls(server)
    assert sum(cost("v3", "nothing").values()) <= 4  # the page of repositories, and three
    assert cost("v4", "the repository") == {"DescribeImages": 1, "BatchGetImage": 1}
    listed = cost("v5", "the tag")
    assert listed.pop("BatchGetImage") == 1
    assert sum(listed.values()) <= (0 if "tag" in form else 1)


@pytest.mark.parametrize("form", FORMS)
def test_looking_at_a_reference_pulls_nothing(server, fs, form):
    repository, tag = "release/immutable", "2026.1"
    directory = place(fs, form, repository, tag, digest_of(server, repository, tag))
    run("ls", "-l", directory.parent)
    run("find", directory, "-name", "x")
    read(directory / "digest")
    read(directory / "image.json")
    assert "BatchGetImage" not in calls(server)


def test_untagged_images_can_be_read_by_digest(server, fs):
    for image in server.images(account=ACCOUNT, repository="scratch/untagged"):
        for form in ("repository@digest", "repository/digest", ".digests"):
            directory = place(fs, form, "scratch/untagged", "", image["digest"])
            assert read(directory / "manifest.json") == server.manifest("scratch/untagged", digest=image["digest"])


def test_references_are_not_listed(server, fs):
    read(fs.root / "team:v1/manifest.json")
    os.stat(fs.root / "team" / digest_of(server, "team", "v1"))
    os.stat(fs.root / "team/.digests")
    for directory in (fs.point, fs.root, fs.root / "team", fs.root / "team/app"):
        assert not [name for name in os.listdir(directory) if name.startswith(".") or set(name) & set(":@")]


ABSENT_DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize("listed_first", [True, False])
@pytest.mark.parametrize("path", [
    "team:nope", "team/app:nope", "nope:v1", "team/nope:v1", f"team@{ABSENT_DIGEST}", f"team/{ABSENT_DIGEST}",
    f"nope@{ABSENT_DIGEST}", f"team/.digests/{ABSENT_DIGEST}", f"team/.untagged/{ABSENT_DIGEST}", "tools/.digests",
    "tools:v1", f"tools/{ABSENT_DIGEST}", "nope/.digests", ".digests", ".untagged", "team/v1:v1",
])
def test_absent_references(server, fs, path, listed_first):
    if listed_first:
        tree_of(fs.root)
    assert errno_of(os.stat, fs.root / path) == "ENOENT"
    assert errno_of(os.listdir, fs.root / path) == "ENOENT"
    assert errno_of(read, fs.root / path / "manifest.json") == "ENOENT"
    assert pulls(server) == 0


def test_tagged_image_is_not_untagged(server, fs):
    assert errno_of(os.stat, fs.root / "team/.untagged" / digest_of(server, "team", "v1")) == "ENOENT"


def test_malformed_references_cost_no_call(server, fs):
    hexadecimal = "ab" * 32
    os.stat(fs.root / "team/.digests")
    forget_calls(server)
    for name in ("team:", ":v1", "team@", "@", ":", "team:-x", "team:a b", "team::v1", "team@v1", "Team:v1", "te am:v1",
                 "team@sha256:", "team@sha256:abc", f"team@sha256:{hexadecimal}0", f"team@sha256:{hexadecimal.upper()}",
                 f"team@sha512:{hexadecimal}", f"team@sha256-{hexadecimal}", f"@sha256:{hexadecimal}",
                 f"team@sha256:{'g' * 64}", "-team:v1"):
        assert errno_of(os.stat, fs.root / name) == "ENOENT", name
    for name in ("sha256:", "sha256:-x", f"sha256@{hexadecimal}", hexadecimal + ":", ".nothing", "..."):
        assert errno_of(os.stat, fs.root / "team" / name) == "ENOENT", name
    for name in ("v1", "sha256:abc", hexadecimal, "..."):
        assert errno_of(os.stat, fs.root / "team/.digests" / name) == "ENOENT", name
    assert server.calls() == 0


@pytest.mark.parametrize("host, region", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("named", [True, False])
def test_registry_by_host_name(server, mount, host, region, named):
    """Its region signs, and its account is in every call, whether or not it was named at mount time."""
    name = f"{OTHER}.{host}"
    server.push("only/here", tag="v1", account=OTHER, region=region)
    fs = mount(f"{ACCOUNT},{name}" if named else ACCOUNT)
    assert set(os.listdir(fs.point)) == ({ACCOUNT, name} if named else {ACCOUNT})
    for repository, tag in (("team/app", "v1"), ("team/app", "theirs"), ("only/here", "v1")):
        digest = server.tree(OTHER)[OTHER][repository][tag]
        assert read(fs.point / name / repository / tag / "digest").decode() == f"{digest}\n"
    expected = server.manifest("team/app", tag="v1", account=OTHER)
    assert read(fs.point / name / "team/app:v1/manifest.json") == expected
    assert set(os.listdir(fs.point / name)) == {"team", "only"}
    calls(server)
    assert server.log()
    assert {call["region"] for call in server.log()} == {region}
    assert {call["body"].get("registryId") for call in server.log()} == {OTHER}


def test_registry_by_account_has_the_region_of_the_mount(server, mount):
    fs = mount(region="ap-south-1")
    assert read(fs.point / OTHER / "team/app/v1/manifest.json") == server.manifest(
        "team/app", tag="v1", account=OTHER)
    assert set(os.listdir(fs.point / OTHER / "team")) == {"app"}
    assert os.listdir(fs.point) == [ACCOUNT]
    assert {call["region"] for call in server.log()} == {"ap-south-1"}
    assert {call["body"].get("registryId") for call in server.log()} == {OTHER}


@pytest.mark.parametrize("named, other", [(ACCOUNT, HOST), (HOST, ACCOUNT)], ids=["account", "host"])
def test_other_form_of_a_listed_registry_is_a_link(server, mount, named, other):
    fs = mount(named)
    assert stat.S_ISLNK(os.lstat(fs.point / other).st_mode)
    assert os.readlink(fs.point / other) == named
    assert os.lstat(fs.point / other).st_size == len(named)
    assert os.listdir(fs.point) == [named]
    assert server.calls() == 0
    assert read(fs.point / other / "team/v1/manifest.json") == server.manifest("team", tag="v1")
    assert os.path.samefile(fs.point / other / "team", fs.root / "team")
    in_another_region = HOST.replace("us-east-1", "eu-west-1")
    assert stat.S_ISDIR(os.lstat(fs.point / in_another_region).st_mode)


@pytest.mark.parametrize("name", [
    f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.evil.com", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.org",
    "12345.dkr.ecr.us-east-1.amazonaws.com", f"{ACCOUNT}.dkr.ecr..amazonaws.com",
    f"{ACCOUNT}.ecr.us-east-1.amazonaws.com",
    "01234567891", "0123456789101", "01234567891a", "default", f"https:{HOST}", f"{ACCOUNT}.",
])
def test_what_is_no_registry_costs_no_call(server, fs, name):
    assert errno_of(os.stat, fs.point / name) == "ENOENT"
    assert server.calls() == 0


def test_public_registry_is_absent_and_said_to_be_unsupported(server, fs):
    assert errno_of(os.stat, fs.point / "public.ecr.aws") == "ENOENT"
    line, = until(lambda: fs.log_lines("public.ecr.aws"), "a line in the log")
    assert "not supported" in line
    for path in ("public.ecr.aws", "public.ecr.aws/nginx/nginx/latest/manifest.json"):
        assert errno_of(os.stat, fs.point / path) == "ENOENT"
    assert fs.log_lines("public.ecr.aws") == [line]
    assert server.calls() == 0
