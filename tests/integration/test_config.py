"""config.json: the configuration of an image, from a host that is not ECR, by an address that is a secret."""

import hashlib
import json
import os
import stat

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import calls, errno_of, forget_calls, pulls, read, run, wait_quiet
from .configured import OCI, config_of, push
from .mount import KEYS, Mounts
from .test_references import FORMS, place

READABLE = [("team", "v1"), ("team", "app"), ("team/app", "v3"), ("charts/web", "1.0.0"), ("odd/formats", "crlf"),
            ("odd/formats", "pretty-without-mediatype"), ("team/app/deep/nested/name", "only")]
CONNECTIONS = 8  # the default of max_connections
REVISION = "org.opencontainers.image.revision"


@pytest.fixture
def fs(mount):
    return mount(ttl="1h", log_level="debug")


def descriptor(server, repository, tag):
    return json.loads(server.manifest(repository, tag=tag))["config"]


def downloads(server):
    wait_quiet(server)
    return server.stats()["blob_downloads"]


@pytest.mark.parametrize("repository, tag", READABLE)
def test_the_bytes_are_those_that_the_manifest_names(server, fs, repository, tag):
    config = descriptor(server, repository, tag)
    data = read(config_of(fs, repository, tag))
    assert "sha256:" + hashlib.sha256(data).hexdigest() == config["digest"] and len(data) == config["size"]
    assert os.stat(config_of(fs, repository, tag)).st_size == config["size"]
    assert downloads(server) == {config["digest"]: 1} and pulls(server) == 1


@pytest.mark.parametrize("form", FORMS)
def test_it_is_there_by_each_form_of_a_reference(server, fs, form):
    digest = server.tree()[ACCOUNT]["team/app"]["v3"]
    data = read(place(fs, form, "team/app", "v3", digest) / "config.json")
    assert hashlib.sha256(data).hexdigest() in descriptor(server, "team/app", "v3")["digest"]


def test_reading_again_costs_nothing_by_whichever_tag(server, fs):
    """One file for all tags of an image, as manifest.json is."""
    data = read(config_of(fs, "team/app", "v6"))
    os.stat(config_of(fs, "team/app", "stable"))
    forget_calls(server)
    for tag in ("v6", "stable"):
        assert read(config_of(fs, "team/app", tag)) == data
    assert os.path.samefile(config_of(fs, "team/app", "v6"), config_of(fs, "team/app", "stable"))
    assert calls(server) == {} and downloads(server) == {}


def test_the_size_is_known_without_a_download(server, fs):
    assert os.stat(config_of(fs, "team", "v1")).st_size == descriptor(server, "team", "v1")["size"]
    assert pulls(server) == 1 and downloads(server) == {} and "GetDownloadUrlForLayer" not in calls(server)


def test_looking_it_up_pulls_nothing_where_the_type_of_the_image_is_known(server, mount):
    fs = mount(ttl="1h", show="config")
    names = os.listdir(fs.tag("team", "v1"))
    run("find", fs.root / "team", "-name", "config.json")
    assert "config.json" in names and pulls(server) == 0


def test_of_an_index_it_is_reached_through_platforms(server, fs):
    image = fs.tag("tools/multiarch", "latest")
    assert errno_of(os.stat, image / "config.json") == "ENOENT" and pulls(server) == 0
    architecture = json.loads(read(image / "platforms/linux-arm64-v8/config.json"))["architecture"]
    assert architecture == "arm64"


@pytest.mark.parametrize("manifest, media_type", [
    ('{"schemaVersion": 1, "fsLayers": []}', "application/vnd.docker.distribution.manifest.v1+json"),
    ('{"schemaVersion": 2, "layers": []}', "application/x-strange"), ("no json", "application/x-strange")])
def test_a_manifest_that_names_none_has_none(server, fs, manifest, media_type):
    server.push("odd/none", tag="x", manifest=manifest, media_type=media_type)
    assert errno_of(os.stat, config_of(fs, "odd/none", "x")) == "ENOENT"
    assert read(fs.manifest("odd/none", "x")) == manifest.encode()


def test_a_manifest_of_an_unknown_type_may_name_one(server, fs):
    push(server, "odd/one", "x", "{}")
    manifest = server.manifest("odd/one", tag="x").decode()
    server.push("odd/one", tag="x", manifest=manifest + " ", media_type="application/x-strange")
    assert read(config_of(fs, "odd/one", "x")) == b"{}"


def test_an_image_manifest_without_one_says_so_when_it_is_read(server, fs):
    server.push("odd/none", tag="x", manifest=json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": []}))
    assert errno_of(read, config_of(fs, "odd/none", "x")) == "ENOENT"


@pytest.mark.parametrize("lie, error, asked", [
    ({"size": 9 << 20}, "EPROTO", False), ({"size": 3}, "EBADMSG", True), ({"size": 1}, "EBADMSG", True),
    ({"digest": "sha256:" + "0" * 64}, "EIO", True), ({"digest": "sha512:" + "0" * 128}, "EPROTO", False),
    ({"size": -1}, "EPROTO", False), ({"size": 2.5}, "EPROTO", False)])
def test_what_a_manifest_may_say(server, fs, lie, error, asked):
    """Larger than 8 MiB is not fetched; other bytes than it says are not shown."""
    push(server, "odd/lie", "x", "{}", **lie)
    assert errno_of(read, config_of(fs, "odd/lie", "x")) == error
    assert ("GetDownloadUrlForLayer" in calls(server)) == asked


def test_two_manifests_that_differ_about_its_size(server, fs):
    """One of them lies, whichever is read first."""
    push(server, "odd/lie", "wrong", "{}", size=3)
    push(server, "odd/lie", "right", "{}")
    for _ in range(2):
        assert errno_of(read, config_of(fs, "odd/lie", "wrong")) == "EBADMSG"
        assert read(config_of(fs, "odd/lie", "right")) == b"{}"


def test_nothing_of_ours_goes_to_the_blob_host(server, mount):
    """No signature, no token, no header of an SDK."""
    server.config(credentials=[{"access_key": "ASIATEMPORARY", "secret_key": "s" * 40, "session_token": "secret-token"}])
    fs = mount(log_level="debug", environment={
        "AWS_ACCESS_KEY_ID": "ASIATEMPORARY", "AWS_SECRET_ACCESS_KEY": "s" * 40, "AWS_SESSION_TOKEN": "secret-token"})
    assert read(config_of(fs, "team", "v1"))
    server.fault("html", operation="GetBlob", status=404)
    assert errno_of(read, config_of(fs, "team", "v2")) == "EIO"
    assert sum(downloads(server).values()) == 2 and server.stats()["blob_headers"] == {}
    assert fs.log_lines("team", "from 127.0.0.1:")
    assert not any(secret in fs.log for secret in ("X-Amz", "prod-starport", "secret-token"))


@pytest.mark.parametrize("origin", [
    "ftp://127.0.0.1", "file:///etc", "http://user@127.0.0.1", "javascript:alert", "http://", "127.0.0.1:80"])
def test_an_address_of_another_kind_is_not_followed(server, fs, origin):
    server.config(blob_origin=origin)
    assert errno_of(read, config_of(fs, "team", "v1")) == "EPROTO"
    assert downloads(server) == {} and "X-Amz" not in fs.log


def test_from_a_server_with_tls_none_without_is_followed(certificate, tmp_path):
    cert, key = certificate
    with EcrServer(tls_cert=cert, tls_key=key) as server:
        mounts = Mounts(tmp_path, server.endpoint)
        try:
            fs = mounts(ttl="1h", environment={**KEYS, "AWS_CA_BUNDLE": str(cert)})
            assert read(config_of(fs, "team", "v1"))
            server.config(blob_origin="http://127.0.0.1:9")
            assert errno_of(read, config_of(fs, "team", "v2")) == "EPROTO"
        finally:
            mounts.close()


def test_without_the_permission_it_is_denied_and_nothing_else(server, mount):
    server.config(deny=[{"action": "ecr:GetDownloadUrlForLayer"}])
    fs = mount(ttl="1h", show="config")
    assert errno_of(read, config_of(fs, "team", "v1")) == "EACCES"
    assert sorted(os.listdir(fs.tag("team", "v1"))) == ["config.json", "digest", "image.json", "manifest.json"]
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_who_may_only_pull_reads_it(server, pull_only):
    assert len(read(config_of(pull_only, "team", "v1"))) == descriptor(server, "team", "v1")["size"]


def test_nopull_refuses_it(server, mount):
    fs = mount(nopull=True, show="config")
    assert "config.json" in os.listdir(fs.tag("team", "v1"))
    assert errno_of(read, config_of(fs, "team", "v1")) == errno_of(os.stat, config_of(fs, "team", "v1")) == "EPERM"
    assert not {"BatchGetImage", "GetDownloadUrlForLayer"} & set(calls(server))


def test_of_an_archived_image_there_is_no_data(server, fs):
    assert errno_of(read, config_of(fs, "cold/storage", "frozen")) == "ENODATA"


def test_it_is_listed_only_when_shown(server, mount):
    hidden, shown = mount(ttl="1h"), mount(ttl="1h", show="config")
    for fs, listed in ((hidden, False), (shown, True)):
        run("find", fs.root, "-type", "d", "-name", "v1")
        assert ("config.json" in os.listdir(fs.tag("team", "v1"))) == listed
        assert "config.json" not in os.listdir(fs.tag("tools/multiarch", "latest"))
        assert stat.S_ISREG(os.stat(config_of(fs, "team", "v1")).st_mode)
    assert downloads(server) == {}


def test_an_image_is_found_by_what_its_configuration_says(server, fs):
    for tag, revision in (("a", "1234"), ("b", "5678"), ("c", "1234x")):
        push(server, "app/one", tag, json.dumps({"config": {"Labels": {REVISION: revision}}}, separators=(",", ":")))
    found = run("bash", "-c", f"grep -l '\"{REVISION}\":\"1234\"' {fs.root}/app/*/*/config.json")
    assert found.decode().split() == [f"{fs.root}/app/one/a/config.json"]


def test_tools_read_a_tree_with_it(server, mount, tmp_path):
    fs = mount(ttl="1h", show="config")
    server.delete_repository("cluster-autoscaler")  # its configuration is not published
    run("bash", "-c", f"tar cf {tmp_path}/all.tar --exclude=frozen --exclude=schema1 *", cwd=fs.root)
    names = run("tar", "tf", tmp_path / "all.tar").decode().split()
    data = run("tar", "xOf", tmp_path / "all.tar", "team/v1/config.json")
    assert data == read(config_of(fs, "team", "v1"))
    found = run("find", ".", "-name", "config.json", "!", "-path", "*/frozen/*", cwd=fs.root).decode().split()
    assert set(found) == {f"./{name}" for name in names if name.endswith("config.json")} and len(found) > 20


SCANS = {
    "one reader": "grep -l identity {root}/app/one/*/config.json",
    "a shell": "for image in {root}/app/one/*; do head -c0 $image/config.json && cat $image/config.json; done",
    "tar": "tar cf - {root}/app/one | cat",
    "eight readers": "ls -d {root}/app/one/* | xargs -P8 -I@ cat @/config.json",
}


@pytest.mark.parametrize("script", SCANS.values(), ids=SCANS)
def test_a_scan_keeps_as_many_calls_in_flight_as_may_be(server, mount, script):
    """1,000 images, each downloaded once, with as many requests at a time as max_connections says."""
    server.seed(repository="app/one", tags=1000)
    server.config(latency_ms={"GetDownloadUrlForLayer": 5, "GetBlob": 5}, verify=False)
    fs = mount(ttl="1h", show="config", timeout="1m")
    server.reset()
    run("bash", "-c", script.format(root=fs.root))
    times = downloads(server)
    stats = server.stats()
    assert len(times) == 1000 and set(times.values()) == {1}
    assert stats["calls"]["GetDownloadUrlForLayer"] == 1000 and stats["ids"]["BatchGetImage"] == 1000
    assert CONNECTIONS - 1 <= stats["most_blobs_in_flight"] <= CONNECTIONS


def test_without_reading_ahead_only_what_is_read_is_fetched(server, mount):
    server.seed(repository="app/one", tags=50)
    fs = mount(ttl="1h", readahead="off")
    run("bash", "-c", f"ls {fs.root}/app/one | head -20 | while read tag; do cat {fs.root}/app/one/$tag/config.json; done")
    assert sum(downloads(server).values()) == 20


def test_in_little_memory_it_is_fetched_again(server, mount):
    """What was evicted comes again, with the same bytes."""
    server.seed(repository="app/one", tags=200)
    fs = mount(ttl="1h", cache_size="64K")
    tags = sorted(os.listdir(fs.root / "app/one"))
    for _ in range(2):
        for tag in tags:
            data = read(config_of(fs, "app/one", tag))
            assert json.loads(data)["config"]["Labels"]
    assert fs.resident_bytes() < 300 << 20
