"""referrers/, attestations/ and scan.json: what ECR knows of an image besides the image."""

import json
import os
import stat

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, pulls, read, run
from .test_references import FORMS, place

OCI = "application/vnd.oci.image.manifest.v1+json"
SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json"
SHOWN = {"referrers", "attestations", "scan.json"}


@pytest.fixture
def fs(mount):
    return mount(ttl="1h")


def refer(server, repository, subject, artifact_type, name="x"):
    """An image that refers to another one."""
    return server.push(repository, manifest=json.dumps({
        "schemaVersion": 2, "mediaType": OCI, "artifactType": artifact_type, "layers": [],
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": "sha256:" + "4" * 64, "size": 2},
        "subject": {"mediaType": OCI, "digest": subject, "size": 1}, "annotations": {"name": name}}))


def links(directory):
    """{name: digest of the image that the link leads to}."""
    return {name: read(directory / name / "digest").decode().strip() for name in os.listdir(directory)}


@pytest.mark.parametrize("form", FORMS)
def test_referrers_are_links_to_images(server, fs, form):
    digest = server.tree()[ACCOUNT]["tools/multiarch"]["latest"]
    directory = place(fs, form, "tools/multiarch", "latest", digest) / "referrers"
    (name, target), = links(directory).items()
    assert name == f"application_vnd.dev.cosign.artifact.sig.v1+json-{target[7:19]}"
    assert stat.S_ISLNK(os.lstat(directory / name).st_mode) and not os.readlink(directory / name).startswith("/")
    assert json.loads(read(directory / name / "manifest.json"))["subject"]["digest"] == digest
    assert errno_of(os.lstat, directory / "nothing") == "ENOENT"


def test_all_pages_of_them(server, fs):
    subject = server.push("team/app", tag="signed")
    pushed = {refer(server, "team/app", subject, SIGNATURE, n) for n in range(120)}
    assert set(links(fs.tag("team/app", "signed") / "referrers").values()) == pushed
    assert calls(server)["ListImageReferrers"] == 3
    assert {call["body"]["maxResults"] for call in server.log("ListImageReferrers")} == {50}


@pytest.mark.parametrize("artifact_type", ["../../etc", "a/b", ".hidden", "a b\n", "ü" * 100, "x" * 255, "a:b@c"])
def test_names_are_safe_whatever_the_type(server, fs, artifact_type):
    subject = server.push("team/app", tag="odd")
    target = refer(server, "team/app", subject, artifact_type)
    (name, found), = links(fs.tag("team/app", "odd") / "referrers").items()
    assert found == target and target[7:19] in name
    assert not set(name) & set("/: @\n") and not name.startswith(".") and len(name) <= 255


def test_images_without_referrers_have_an_empty_directory(server, fs):
    assert os.listdir(fs.tag("team", "v1") / "referrers") == []
    os.listdir(fs.tag("team", "v1") / "referrers")
    assert calls(server)["ListImageReferrers"] == 1 and pulls(server) == 0


def test_a_new_referrer_is_seen_after_the_ttl(server, mount):
    fs = mount(ttl="100ms")
    subject = server.push("team/app", tag="signed")
    directory = fs.tag("team/app", "signed") / "referrers"
    assert os.listdir(directory) == []
    held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    target = refer(server, "team/app", subject, SIGNATURE)
    run("bash", "-c", f"until ls {directory} | grep -q cosign; do sleep 0.05; done", timeout_s=20)
    assert list(links(directory).values()) == [target]
    assert len(os.listdir(held)) == 1  # also for one who was in it before
    os.close(held)


def test_within_the_ttl_it_costs_nothing(server, fs):
    directory = fs.tag("tools/multiarch", "latest") / "referrers"
    links(directory)
    forget_calls(server)
    for name in os.listdir(directory):
        os.readlink(directory / name)
    run("ls", "-l", directory)
    assert calls(server) == {}


def test_attestations_are_named_as_the_platform(server, fs):
    index = json.loads(server.manifest("tools/multiarch", tag="latest"))["manifests"]
    directory = fs.tag("tools/multiarch", "latest") / "attestations"
    assert links(directory) == {"linux-amd64": index[-1]["digest"]}
    assert b"in-toto" in read(directory / "linux-amd64/manifest.json")
    assert os.listdir(fs.tag("tools/multiarch", "2.0-docker") / "attestations") == []
    assert errno_of(os.stat, fs.tag("team", "v1") / "attestations") == "ENOENT"


def test_attestations_about_the_same_or_nothing(server, fs):
    image, *proofs = [server.push("odd/index", kind="oci") for _ in range(5)]

    def proof(digest, subject, **more):
        return {"mediaType": OCI, "digest": digest, "size": 1, "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest",
                                "vnd.docker.reference.digest": subject, **more}}
    server.push("odd/index", tag="x", manifest=json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
            {"mediaType": OCI, "digest": image, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
            proof(proofs[0], image), proof(proofs[1], image), proof(proofs[2], "sha256:" + "0" * 64),
            proof(proofs[3], image, **{"vnd.docker.reference.type": ""}), 7]}))
    assert links(fs.tag("odd/index", "x") / "attestations") == {
        "linux-amd64": proofs[0], f"attestation-manifest-{proofs[1][7:19]}": proofs[1],
        f"attestation-manifest-{proofs[2][7:19]}": proofs[2]}


def findings(count):
    return [{"name": f"CVE-2026-{n:04}", "severity": ("HIGH", "LOW")[n % 2], "uri": "https://example.org/" + "x" * 50}
            for n in range(count)]


def test_a_scan_is_shown_whole(server, fs):
    server.set_scan("team", findings(2500), tag="v1")
    path = fs.tag("team", "v1") / "scan.json"
    scan = json.loads(read(path))
    assert scan["imageScanFindings"]["findings"] == findings(2500) and "nextToken" not in scan
    assert scan["imageScanStatus"]["status"] == "COMPLETE"
    assert scan["imageScanFindings"]["imageScanCompletedAt"].startswith("2019-08-0")
    assert os.stat(path).st_size == len(read(path)) and read(path).endswith(b"}\n")
    assert calls(server)["DescribeImageScanFindings"] == 3 and pulls(server) == 0


def test_enhanced_findings_are_put_together_as_well(server, fs):
    server.set_scan("team", findings(1500), tag="v1", kind="enhancedFindings")
    assert len(json.loads(read(fs.tag("team", "v1") / "scan.json"))["imageScanFindings"]["enhancedFindings"]) == 1500


def test_what_was_never_scanned_has_no_scan(server, fs):
    assert errno_of(read, fs.tag("team", "v1") / "scan.json") == "ENOENT"


def test_a_new_scan_is_another_file(server, mount):
    fs = mount(ttl="100ms", negative_ttl="0")
    path = fs.tag("team", "v1") / "scan.json"
    server.set_scan("team", findings(1), tag="v1")
    with open(path, "rb") as held:
        old = held.read(10)
        server.set_scan("team", findings(2), tag="v1")
        run("bash", "-c", f"until grep -q 0001 {path}; do sleep 0.05; done", timeout_s=20)
        assert len(json.loads(read(path))["imageScanFindings"]["findings"]) == 2
        text = old + held.read()  # what was opened is read to its end, or is stale: never a mixture
    assert len(json.loads(text)["imageScanFindings"]["findings"]) == 1


def test_an_endless_scan_is_refused(server, fs):
    server.set_scan("team", [{**finding, "description": "x" * 2000} for finding in findings(6000)], tag="v1")
    assert errno_of(read, fs.tag("team", "v1") / "scan.json") == "EPROTO"
    assert fs.log_lines("DescribeImageScanFindings", "team")


@pytest.mark.parametrize("operation, name", [
    ("ListImageReferrers", "referrers"), ("DescribeImageScanFindings", "scan.json")])
@pytest.mark.parametrize("fault, error", [
    ({"action": "error", "code": "UnknownOperationException", "status": 404}, "ENOTSUP"),
    ({"action": "error", "code": "InternalFailure", "status": 501}, "ENOTSUP"),
    ({"action": "error", "code": "AccessDeniedException"}, "EACCES"),
    ({"action": "error", "code": "ServerException"}, "EIO"),
    ({"action": "garbage"}, "EPROTO"), ({"action": "oversize", "mb": 9}, "EPROTO"),
    ({"action": "merge", "members": {"nextToken": "same"}}, ("EPROTO", "EIO"))], ids=str)
def test_what_fails_spoils_nothing_else(server, mount, operation, name, fault, error):
    fs = mount(ttl="1h", negative_ttl="1h", max_attempts=1, show="referrers:attestations:scan")
    server.set_scan("team", findings(1), tag="v1")
    server.fault(operation=operation, **fault)
    path = fs.tag("team", "v1") / name
    found = errno_of(os.listdir if name == "referrers" else read, path)
    assert found in error if isinstance(error, tuple) else found == error
    assert sorted(os.listdir(path.parent)) == sorted({"manifest.json", "digest", "image.json", "referrers", "scan.json"})
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_a_server_of_before_has_no_referrers(server, fs):
    server.config(model_version="2022")
    assert errno_of(os.listdir, fs.tag("team", "v1") / "referrers") == "ENOTSUP"
    assert stat.S_ISDIR(os.stat(fs.tag("team", "v1") / "referrers").st_mode)


@pytest.mark.parametrize("show", [None, "referrers", "attestations", "scan", "referrers:attestations:scan"])
def test_they_are_listed_only_when_shown_and_cost_nothing(server, mount, show):
    fs = mount(ttl="1h", show=show)
    expected = {{"scan": "scan.json"}.get(name, name) for name in (show or "").split(":")} - {""}
    assert set(os.listdir(fs.tag("tools/multiarch", "latest"))) & SHOWN == expected
    assert set(os.listdir(fs.tag("team", "v1"))) & SHOWN == expected - {"attestations"}
    run("bash", "-c", "ls -l | cat; find . -maxdepth 1 -name '*.jsonx'", cwd=fs.root / "team")
    assert not {"ListImageReferrers", "DescribeImageScanFindings", "BatchGetImage"} & set(calls(server))


def test_nopull_lets_ask_for_what_is_no_pull(server, mount):
    fs = mount(nopull=True)
    server.set_scan("team", findings(1), tag="v1")
    assert read(fs.tag("team", "v1") / "scan.json")
    assert len(os.listdir(fs.tag("tools/multiarch", "latest") / "referrers")) == 1
    assert errno_of(os.listdir, fs.tag("tools/multiarch", "latest") / "attestations") == "EPERM"
    assert "BatchGetImage" not in calls(server)
