"""Every action and every condition of fault rules."""

import gzip
import json
import time

import botocore.exceptions
import pytest
import urllib3

from ecr_server import faults
from ecr_server.client import ACCESS_KEY, ACCOUNT, ControlFailed
from ecr_server.referee import TEAM, post, refused


def test_error_action(server, ecr):
    server.fault("error", operation="ListImages", code="ThrottlingException", message="Rate exceeded", times=2)
    for _ in range(2):
        assert refused(ecr.list_images, repositoryName="team") == ("ThrottlingException", "Rate exceeded")
    assert ecr.list_images(repositoryName="team")["imageIds"]
    assert ecr.describe_repositories()["repositories"]
    assert server.stats()["outcomes"]["ListImages"] == {"ThrottlingException": 2, "ok": 1}
    server.fault("error", code="ServerException")
    assert post(server, "DescribeRegistry", {}).status == 500


def test_conditions(server, ecr):
    def outcomes(count, **conditions):
        server.config(faults=[{"match": conditions, "action": "error", "code": "X"}])
        server.reset()
        for _ in range(count):
            try:
                ecr.batch_get_image(**TEAM)
            except botocore.exceptions.ClientError:
                pass
        return server.stats()["outcomes"]["BatchGetImage"].get("X", 0)
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    assert outcomes(6, every=3) == 2
    assert outcomes(6, after=4) == 2
    assert outcomes(3, id="v1") == 3 and outcomes(3, id=digest) == 3 and outcomes(3, id="other") == 0
    assert outcomes(2, repository="te*") == 2 and outcomes(2, repository="other*") == 0
    assert outcomes(2, account=ACCOUNT, access_key=ACCESS_KEY) == 2 and outcomes(2, account="1" * 12) == 0
    assert 2 < outcomes(20, probability=0.5) < 18
    assert outcomes(2, operation="ListImages") == 0


def test_html_empty_garbage_raw(server):
    server.fault("html")
    answer = post(server, "BatchGetImage", TEAM)
    assert answer.status == 503 and answer.data.startswith(b"<html>")
    for action, body in (("empty", b""), ("garbage", b'{"images":[{"imageId":')):
        server.config(faults=[{"action": action}])
        answer = post(server, "BatchGetImage", TEAM)
        assert (answer.status, answer.data) == (200, body)
    server.config(faults=[{"action": "raw", "bytes": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}])
    assert post(server, "BatchGetImage", TEAM).data == b"{}"
    server.config(faults=[{"action": "raw", "bytes": "\x00\xff"}])
    with pytest.raises(urllib3.exceptions.HTTPError):
        post(server, "BatchGetImage", TEAM)
    assert server.stats()["manifests_served"] == {}


def test_close_and_truncate(server):
    for fault in ({"action": "close"}, {"action": "close", "when": "after_headers"}, {"action": "truncate", "at": 20},
                  {"action": "content_length", "add": 5}):
        server.config(faults=[fault])
        with pytest.raises(urllib3.exceptions.HTTPError):
            # urllib3 notices a short body only when told to
            answer = post(server, "BatchGetImage", TEAM, preload=False)
            answer.enforce_content_length = True
            answer.length_remaining = int(answer.headers["Content-Length"])
            answer.read()
    server.config(faults=[{"action": "close", "when": "after"}])
    answer = post(server, "BatchGetImage", TEAM)
    assert json.loads(answer.data)["images"] and answer.headers["Connection"] == "close"


def test_answer_actions(server, ecr):
    digests = server.tree()[ACCOUNT]["team"]

    def answer(**fault):
        server.config(faults=[fault])
        reply = ecr.batch_get_image(**TEAM)
        return {it["imageId"].get("imageTag"): it for it in reply["images"]}, reply["failures"]

    images, failures = answer(action="failure", id="v1", code="KmsError", reason="key is disabled")
    assert set(images) == {"v2"}
    assert failures == [{"imageId": {"imageTag": "v1"}, "failureCode": "KmsError", "failureReason": "key is disabled"}]
    images, failures = answer(action="drop_id", id=digests["v1"])
    assert set(images) == {"v2"} and failures == []
    images, _failures = answer(action="wrong_digest", id="v1")
    assert images["v1"]["imageManifest"].encode() == server.manifest("team", tag="v1") + b"\n"
    assert images["v2"]["imageManifest"].encode() == server.manifest("team", tag="v2")
    images, _failures = answer(action="swap")
    assert images["v1"]["imageManifest"].encode() == server.manifest("team", tag="v2")
    images, _failures = answer(action="extra_id")
    assert images[None]["imageId"]["imageDigest"] == digests["app"]
    images, _failures = answer(action="convert", id="v1")
    assert json.loads(images["v1"]["imageManifest"])["schemaVersion"] == 1
    assert images["v1"]["imageId"]["imageDigest"] == digests["v1"]
    server.config(faults=[{"action": "merge", "members": {"images": [], "failures": None}}])
    assert json.loads(post(server, "BatchGetImage", TEAM).data) == {"images": []}


def test_same_token(server, ecr):
    server.fault("same_token")
    first = ecr.list_images(repositoryName="team/app", maxResults=2)["nextToken"]
    assert ecr.list_images(repositoryName="team/app", maxResults=2, nextToken=first)["nextToken"] == first


def test_delay_trickle_oversize_chunked(server):
    server.config(faults=[{"action": "delay", "ms": 150}])
    started = time.monotonic()
    post(server, "DescribeRegistry", {})
    assert time.monotonic() - started >= 0.15
    server.config(faults=[{"action": "trickle", "bytes_per_s": 400}])
    started = time.monotonic()
    assert json.loads(post(server, "DescribeRegistry", {}).data)["registryId"] == ACCOUNT
    assert time.monotonic() - started >= 0.1
    server.config(faults=[{"action": "oversize", "mb": 3}])
    body = post(server, "DescribeRegistry", {}).data
    assert len(body) > 3 * 1024 * 1024 and json.loads(body)["registryId"] == ACCOUNT
    server.config(faults=[{"action": "chunked"}])
    assert post(server, "DescribeRegistry", {}).headers["Transfer-Encoding"] == "chunked"


def test_gzip(server):
    server.config(faults=[{"action": "gzip", "mb": 3}])
    answer = post(server, "DescribeRegistry", {})
    assert int(answer.headers["Content-Length"]) < 100_000 and len(answer.data) > 3 * 1024 * 1024
    assert json.loads(answer.data)["registryId"] == ACCOUNT
    for damage in ("cut", "corrupt"):
        server.config(faults=[{"action": "gzip", "damage": damage}])
        answer = post(server, "DescribeRegistry", {}, preload=False)
        with pytest.raises((EOFError, gzip.BadGzipFile)):
            gzip.decompress(answer.read(decode_content=False))


def test_an_answer_that_is_not_read_is_counted(server):
    server.config(faults=[{"action": "oversize", "mb": 64}])
    post(server, "DescribeRegistry", {}, preload=False).close()
    server.wait(answers_unread=1, in_flight=0)


def test_every_action_is_tried_here():
    source = open(__file__).read()
    for action in faults.ACTIONS:
        assert f'"{action}"' in source, action


def test_wrong_rules_change_nothing(server):
    server.fault("delay", ms=0)
    for bad in ({"action": "nonsense"}, {"action": "hold", "minutes": 3}, {}):
        with pytest.raises(ControlFailed):
            server.config(faults=[bad])
    with pytest.raises(ControlFailed):
        server.config(latancy_ms=3)
    assert [rule["action"] for rule in server.faults()] == ["delay"]
