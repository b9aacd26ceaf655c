"""HTTP, blobs, STS, counters and the control address."""

import concurrent.futures
import hashlib
import json
import socket
import ssl
import subprocess
import time

import botocore.session
import pytest
import urllib3

from ecr_server import model
from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, ControlFailed, EcrServer
from ecr_server.referee import HTTP, TEAM, post, refused, sign


def test_wire_bodies_fit_the_output_shapes(server):
    digest = server.tree()[ACCOUNT]["tools/multiarch"]["latest"]
    config = json.loads(server.manifest("team", tag="v1"))["config"]["digest"]
    team, tools = {"repositoryName": "team"}, {"repositoryName": "tools/multiarch"}
    for operation, params in (
            ("DescribeRepositories", {"maxResults": 2}), ("ListImages", {**tools, "maxResults": 2}),
            ("DescribeImages", {**tools, "maxResults": 3}), ("DescribeImages", {"repositoryName": "cold/storage"}),
            ("BatchGetImage", {**team, "imageIds": [{"imageTag": "v1"}, {"imageTag": "none"}, {}]}),
            ("BatchCheckLayerAvailability", {**team, "layerDigests": [config, "sha256:00", "bad"]}),
            ("GetDownloadUrlForLayer", {**team, "layerDigest": config}),
            ("ListImageReferrers", {**tools, "subjectId": {"imageDigest": digest}}),
            ("GetRepositoryPolicy", team), ("GetLifecyclePolicy", team), ("DescribeRegistry", {}),
            ("GetAuthorizationToken", {}), ("DescribePullThroughCacheRules", {}),
            ("ListTagsForResource", {"resourceArn": "arn:aws:ecr:us-east-1:012345678910:repository/team"})):
        answer = post(server, operation, params)
        assert answer.status == 200, answer.data
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert answer.headers["x-amzn-RequestId"] and answer.headers["Date"]
        assert not model.response_faults(operation, json.loads(answer.data)), operation


def test_connections_are_kept(server):
    pool = urllib3.PoolManager(maxsize=1)
    for _ in range(5):
        assert post(server, "DescribeRegistry", {}, pool=pool).status == 200
    assert server.stats()["connections_accepted"] == 1
    server.close_connections()
    server.wait(connections_open=0)


def test_timestamp_styles(server):
    def text(style):
        server.config(timestamp_style=style)
        return post(server, "DescribeImages", {"repositoryName": "team"}).data.decode()
    assert '"imagePushedAt":1565' in text("plain") and "E9" not in text("plain")
    assert '"imagePushedAt":1.565' in text("exponent") and '"imagePushedAt":1565' not in text("exponent")
    mixed = text("mixed")
    assert '"imagePushedAt":1.565' in mixed and '"imagePushedAt":1565' in mixed
    assert json.loads(text("exponent")) == json.loads(text("plain")) == json.loads(mixed)


def test_gzip_and_chunked(server, client):
    server.config(gzip=True)
    answer = HTTP.request("POST", server.endpoint + "/", body=b"{}",
                          headers={**sign(server), "Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip" and json.loads(answer.data)["repositories"]
    server.config(gzip=False, chunked=True)
    answer = post(server, "DescribeRepositories", {})
    assert answer.headers["Transfer-Encoding"] == "chunked" and json.loads(answer.data)["repositories"]
    assert client().batch_get_image(**TEAM)["images"]


def test_blob_download(server, client):
    config = json.loads(server.manifest("team", tag="v1"))["config"]
    url = client().get_download_url_for_layer(repositoryName="team", layerDigest=config["digest"])["downloadUrl"]
    blob = HTTP.request("GET", url)
    assert blob.status == 200 and len(blob.data) == config["size"]
    assert "sha256:" + hashlib.sha256(blob.data).hexdigest() == config["digest"]
    part = HTTP.request("GET", url, headers={"Range": "bytes=5-9"})
    assert part.status == 206 and part.data == blob.data[5:10]
    assert HTTP.request("GET", url, headers={"Authorization": "AWS4-HMAC-SHA256 x"}).status == 400
    assert HTTP.request("GET", url.replace("Expires=3600", "Expires=9999")).status == 403
    server.config(clock_offset_s=3601)
    assert HTTP.request("GET", url).status == 403
    stats = server.stats()
    assert stats["blob_downloads"] == {config["digest"]: 5}
    assert stats["blob_headers"] == {"authorization": 1} and stats["most_blobs_in_flight"] == 1
    assert f":{server.port}/" not in url  # another host, as S3 is


def test_bulk_config_blobs(server, client):
    server.seed(repository="big", tags=3)
    config = json.loads(server.manifest("big", tag="t000001"))["config"]
    url = client().get_download_url_for_layer(repositoryName="big", layerDigest=config["digest"])["downloadUrl"]
    blob = HTTP.request("GET", url).data
    assert "sha256:" + hashlib.sha256(blob).hexdigest() == config["digest"] and len(blob) == config["size"]


def test_sts(server, client):
    session = botocore.session.Session()
    sts = session.create_client(
        "sts", region_name="us-east-1", endpoint_url=server.endpoint, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY)
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    role = {"RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "test"}
    for answer in (sts.assume_role(**role),
                   sts.assume_role_with_web_identity(WebIdentityToken="some.jwt", **role)):
        keys = answer["Credentials"]
        ecr = client(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        assert ecr.describe_registry()["registryId"] == "123456789012"
    server.config(clock_offset_s=3700)
    assert refused(ecr.describe_registry)[0] in ("ExpiredTokenException", "InvalidSignatureException")
    wrong = session.create_client("sts", region_name="us-east-1", endpoint_url=server.endpoint,
                                  aws_access_key_id=ACCESS_KEY, aws_secret_access_key="wrong")
    server.config(clock_offset_s=0)
    assert refused(wrong.get_caller_identity)[0] == "InvalidSignatureException"


# Holding, counting, latency.

def test_64_held_requests_at_once(server, client):
    server.fault("hold", operation="ListImages")
    ecr = client(max_pool_connections=64)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = [pool.submit(ecr.list_images, repositoryName="team") for _ in range(64)]
        server.wait(held=64)
        assert server.stats()["in_flight"] == 64
        assert client().describe_registry()["registryId"] == ACCOUNT  # others are not held up
        assert server.release() == 64
        assert all(answer.result()["imageIds"] for answer in answers)
    stats = server.stats()
    assert stats["calls"]["ListImages"] == 64 and stats["most_in_flight"] == 65
    assert stats["in_flight"] == stats["held"] == 0


def test_700_requests_in_flight(server):
    server.fault("hold")
    headers = sign(server)
    head = "POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    request = (head + "Content-Length: 2\r\n\r\n{}").encode()
    sockets = []
    try:
        for _ in range(700):
            sockets.append(socket.create_connection(("127.0.0.1", server.port)))
            sockets[-1].sendall(request)
        server.wait(held=700)
        server.release()
        assert all(it.recv(15) == b"HTTP/1.1 200 OK" for it in sockets)
    finally:
        for it in sockets:
            it.close()
    assert server.stats()["most_in_flight"] == 700
    server.wait(in_flight=0)


def test_pipelined_requests_and_other_protocols(server):
    head = "POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in sign(server).items())
    request = (head + "Content-Length: 2\r\n\r\n{}").encode()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(request * 3)
        server.wait(outcomes={"DescribeRepositories": {"ok": 3}})
    for nonsense in (b"hello\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(nonsense)
            assert raw.recv(100) == b""
    assert server.stats()["connections_accepted"] == 4


@pytest.fixture
def certificate(tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return {"tls_cert": cert, "tls_key": key}


def test_tls(certificate):
    with EcrServer(preset="sample", **certificate) as server:
        cert = certificate["tls_cert"]
        pool = urllib3.PoolManager(ca_certs=str(cert), retries=False)
        answer = post(server, "DescribeRepositories", {}, pool=pool)
        assert answer.status == 200 and server.endpoint.startswith("https://")
        layer = json.loads(server.manifest("cluster-autoscaler", tag="v1.13.6"))["config"]["digest"]
        url = post(server, "GetDownloadUrlForLayer",
                   {"repositoryName": "cluster-autoscaler", "layerDigest": layer}, pool=pool)
        assert json.loads(url.data)["downloadUrl"].startswith("https://127.0.0.1:")
        with pytest.raises(urllib3.exceptions.SSLError):
            post(server, "DescribeRepositories", {})


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_tls_handshakes_are_counted(certificate, version):
    with EcrServer(preset="sample", tls_version=version, **certificate) as server:
        context, session = ssl.create_default_context(cafile=certificate["tls_cert"]), None
        for _ in range(2):
            raw = socket.create_connection(("127.0.0.1", server.port))
            with context.wrap_socket(raw, server_hostname="127.0.0.1", session=session) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert connection.recv(100)  # the tickets of TLS 1.3 come with it
                session = connection.session
        stats = server.stats()
        assert stats["tls_handshakes"] == {f"TLSv{version}": 2} and stats["tls_resumed"] == 1


def test_hold_with_a_time_limit(server, ecr):
    server.fault("hold", seconds=0.1)
    started = time.monotonic()
    assert ecr.list_images(repositoryName="team")["imageIds"]
    assert 0.1 <= time.monotonic() - started < 2


def test_a_client_that_leaves_is_not_in_flight(server):
    server.fault("hold")
    with pytest.raises(urllib3.exceptions.HTTPError):
        post(server, "DescribeRegistry", {}, pool=urllib3.PoolManager(timeout=0.2, retries=False))
    server.wait(in_flight=0, calls={"DescribeRegistry": 1}, outcomes={"DescribeRegistry": {"abandoned": 1}})
    assert server.stats()["held"] == 0


def test_counters(server, ecr):
    ecr.batch_get_image(**TEAM)
    ecr.batch_get_image(repositoryName="team", imageIds=[{"imageTag": "v1"}, {"imageTag": "none"}])
    refused(ecr.list_images, repositoryName="no/such")
    stats, digests = server.stats(), server.tree()[ACCOUNT]["team"]
    assert stats["calls"] == {"BatchGetImage": 2, "ListImages": 1} and server.calls() == 3
    assert stats["outcomes"]["ListImages"] == {"RepositoryNotFoundException": 1}
    assert stats["ids"] == {"BatchGetImage": 4}
    names = {f"{ACCOUNT}/team:v1": 2, f"{ACCOUNT}/team:v2": 1, f"{ACCOUNT}/team:none": 1}
    assert stats["per_id"]["BatchGetImage"] == names
    assert stats["manifests_served"] == {f"{ACCOUNT}/team@{digests['v1']}": 2, f"{ACCOUNT}/team@{digests['v2']}": 1}
    entry = server.log("BatchGetImage", last=1)[0]
    assert entry["signature_ok"] and entry["outcome"] == "ok" and entry["body"]["repositoryName"] == "team"
    assert entry["headers"]["content-type"] == "application/x-amz-json-1.1"
    server.reset()
    assert server.stats()["calls"] == {} and server.log() == []


def test_latency_costs_no_cpu(server, client):
    server.config(latency_ms={"ListImages": 300})
    ecr = client(max_pool_connections=32)
    before, started = server.cpu_seconds(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda _n: ecr.list_images(repositoryName="team"), range(32)))
    assert 0.3 <= time.monotonic() - started < 3
    assert server.cpu_seconds() - before < 0.3


# Changing the data.

def test_push_retag_delete(server, ecr):
    def read(tag):
        answer = ecr.batch_get_image(repositoryName="new/repo", imageIds=[{"imageTag": tag}])
        return [(it["imageManifest"], it["imageId"]["imageDigest"]) for it in answer["images"]]
    text = '{"schemaVersion": 2,\n "name": "größe \\u00fc \U0001f680"}'
    one = server.push("new/repo", tag="a", manifest=text)
    assert read("a") == [(text, one)] and one == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    two = server.push("new/repo", tags=["b", "c"])
    assert read("b") == read("c") and two != one
    server.retag("new/repo", "a", two)
    assert read("a")[0][1] == two
    server.delete_tag("new/repo", "b")
    assert read("b") == []
    server.delete_image("new/repo", digest=two)
    assert read("a") == [] and server.images(repository="new/repo")[0]["digest"] == one
    server.push("new/repo", tag="index", kind="multi_arch")
    assert len(ecr.describe_images(repositoryName="new/repo")["imageDetails"]) == 6
    server.delete_repository("new/repo")
    assert refused(ecr.list_images, repositoryName="new/repo")[0] == "RepositoryNotFoundException"
    with pytest.raises(ControlFailed):
        server.delete_tag("team", "none")
    with pytest.raises(ControlFailed):
        server.retag("team", "v1", "sha256:00")


def test_names_that_no_client_should_trust(server, ecr):
    for tag in ("..", ".", "a/b", "", "nul\0", "x" * 300):
        server.push("evil", tag=tag)
    assert len(ecr.list_images(repositoryName="evil")["imageIds"]) == 6


def test_large_seed_is_quick(server, ecr):
    started = time.monotonic()
    result = server.seed(repository="big", tags=20000)
    assert result == {"repositories": 1, "images": 20000, "tags": 20000}
    assert time.monotonic() - started < 10
    assert len(ecr.describe_images(repositoryName="big", maxResults=1000)["imageDetails"]) == 1000


def test_start_and_stop():
    server = EcrServer(preset="sample", seeds=[{"repository": "extra", "tags": 2}], config={"page_size": 1})
    with server:
        assert set(server.tree()[ACCOUNT]) == {"cluster-autoscaler", "extra"}
        assert server.get("config")["page_size"] == 1
        process = server._process
    assert process.returncode == 0
