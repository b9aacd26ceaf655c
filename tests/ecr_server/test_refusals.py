"""Signatures, credentials, denial and throttling."""

import datetime
import json

import botocore.exceptions
import pytest
import urllib3

from ecr_server.client import ACCESS_KEY, SECRET_KEY
from ecr_server.http_server import Request
from ecr_server.referee import TARGET, refused, sign
from ecr_server.signature import AUTHORIZATION, Credential, signature_of


def send(server, headers, body=b"{}", method="POST", path="/"):
    """(status, code, message)."""
    answer = urllib3.PoolManager().request(method, server.endpoint + path, body=body, headers=headers, retries=False)
    document = json.loads(answer.data or b"{}")
    return answer.status, document.get("__type"), document.get("message", "")


def test_signature_of_a_published_vector():
    """The vectors were computed by botocore and by libcurl for another host and date."""
    request = Request("POST", "/", {
        "host": ["api.ecr.us-east-1.amazonaws.com"], "content-type": ["application/x-amz-json-1.1"],
        "x-amz-date": ["20260102T030405Z"], "x-amz-target": [TARGET + "BatchGetImage"]})
    request.body = (b'{"repositoryName":"team/app","imageIds":[{"imageTag":"v1"}],'
                    b'"acceptedMediaTypes":["application/vnd.oci.image.index.v1+json"]}')
    parts = AUTHORIZATION.fullmatch(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ecr/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64)
    signature = signature_of(request, parts, Credential(ACCESS_KEY, SECRET_KEY))
    assert signature == "fabd4c206f2e102fb85ec8798678576e9336551c3328da98f1065ea3331d1897"


def test_good_signature(server):
    assert send(server, sign(server))[0] == 200


def test_wrong_secret_and_unknown_key(client):
    assert refused(client(secret_key="wrong").list_images, repositoryName="team")[0] == "InvalidSignatureException"
    assert refused(client(access_key="AKIDNOBODY").list_images, repositoryName="team") == (
        "UnrecognizedClientException", "The security token included in the request is invalid.")


def test_altered_requests(server):
    headers = sign(server)
    assert send(server, headers, body=b"{ }")[1] == "InvalidSignatureException"
    assert send(server, {**headers, "X-Amz-Target": TARGET + "ListImages"})[1] == "InvalidSignatureException"
    assert send(server, {**headers, "X-Amz-Content-Sha256": "0" * 64})[1] == "InvalidSignatureException"
    without = {name: value for name, value in headers.items() if name != "Authorization"}
    assert send(server, without)[1] == "MissingAuthenticationTokenException"
    assert send(server, {**headers, "Authorization": "AWS4-HMAC-SHA256 nonsense"})[1] == "IncompleteSignatureException"
    assert server.stats()["outcomes"]["DescribeRepositories"]["InvalidSignatureException"] == 2


@pytest.mark.parametrize("name", ["content-type", "x-amz-target", "host"])
def test_headers_that_must_be_signed(server, name):
    headers = sign(server)
    signed = headers["Authorization"].replace(f"{name};", "").replace(f";{name},", ",")
    assert signed != headers["Authorization"]
    status, code, message = send(server, {**headers, "Authorization": signed})
    assert (status, code) == (400, "InvalidSignatureException") and name in message


def test_scope_of_service_and_region(server):
    assert "correct service: 'ecr'" in send(server, sign(server, service="sts"))[2]
    assert send(server, sign(server, region="eu-west-1"))[0] == 200
    server.config(regions=["us-east-1"])
    assert "valid region" in send(server, sign(server, region="eu-west-1"))[2]
    host = {"Host": "api.ecr.us-west-2.amazonaws.com"}
    server.config(regions=None)
    assert "valid region" in send(server, sign(server, region="us-east-1", headers=host))[2]
    assert send(server, sign(server, region="us-west-2", headers=host))[0] == 200


def test_skewed_clock(server, ecr):
    server.config(clock_offset_s=16 * 60)
    code, message = refused(ecr.list_images, repositoryName="team")
    assert code == "InvalidSignatureException" and message.startswith("Signature expired: ")
    assert "is now earlier than" in message
    server.config(clock_offset_s=-16 * 60)
    assert refused(ecr.list_images, repositoryName="team")[1].startswith("Signature not yet current: ")
    server.config(clock_offset_s=14 * 60)
    answer = ecr.list_images(repositoryName="team")
    date = datetime.datetime.strptime(
        answer["ResponseMetadata"]["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S GMT")
    assert 13 * 60 < (date - datetime.datetime.utcnow()).total_seconds() < 15 * 60


def test_session_tokens(server, client):
    server.config(credentials=[{"access_key": "ASIA1", "secret_key": "s1", "session_token": "token=="}])
    assert client("ASIA1", "s1", "token==").list_images(repositoryName="team")["imageIds"]
    assert refused(client("ASIA1", "s1").list_images, repositoryName="team")[0] == "UnrecognizedClientException"
    assert refused(client("ASIA1", "s1", "x").list_images, repositoryName="team")[0] == "UnrecognizedClientException"
    server.config(credentials=[
        {"access_key": "ASIA1", "secret_key": "s1", "session_token": "token==", "expired": True}])
    code, _message = refused(client("ASIA1", "s1", "token==").list_images, repositoryName="team")
    assert code == "ExpiredTokenException"
    server.remove_credential("ASIA1")
    code, _message = refused(client("ASIA1", "s1", "token==").list_images, repositoryName="team")
    assert code == "UnrecognizedClientException"


def test_protocol_errors(server):
    assert send(server, sign(server), method="GET", body=None)[:2] == (404, "UnknownOperationException")
    assert send(server, sign(server), path="/v2/")[:2] == (404, "UnknownOperationException")
    assert send(server, sign(server, operation="Nonsense"))[:2] == (400, "UnknownOperationException")
    for body in (b"", b"not json", b"[]", b'{"registryId":null}'):
        assert send(server, sign(server, body=body), body=body)[:2] == (400, "SerializationException")


def test_no_verify(server, client):
    server.config(verify=False)
    assert client(secret_key="wrong").list_images(repositoryName="team")["imageIds"]
    assert refused(client(access_key="AKIDNOBODY").list_images, repositoryName="team")[0] == "UnrecognizedClientException"


def test_deny_rules(server, ecr):
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "team/*"}])
    ids = [{"imageTag": "v1"}]
    code, message = refused(ecr.batch_get_image, repositoryName="team/app", imageIds=ids)
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: ecr:BatchGetImage on resource: " in message
    assert "arn:aws:ecr:us-east-1:012345678910:repository/team/app" in message
    assert ecr.batch_get_image(repositoryName="team", imageIds=ids)["images"]
    assert ecr.list_images(repositoryName="team/app")["imageIds"]
    server.config(deny=[{"action": "ecr:Describe*"}])
    assert refused(ecr.describe_repositories)[0] == "AccessDeniedException"
    assert refused(ecr.describe_images, repositoryName="team")[0] == "AccessDeniedException"


def test_managed_policies(server, ecr):
    server.config(policy="PullOnly")
    assert ecr.batch_get_image(repositoryName="team", imageIds=[{"imageTag": "v1"}])["images"]
    for call, params in ((ecr.describe_repositories, {}), (ecr.list_images, {"repositoryName": "team"})):
        assert refused(call, **params)[0] == "AccessDeniedException"
    server.config(policy="ReadOnly")
    assert ecr.list_images(repositoryName="team")["imageIds"]
    assert refused(ecr.describe_registry)[0] == "AccessDeniedException"


def test_rate_limit(server, ecr):
    server.config(rate_limit={"ListImages": 2})
    codes = []
    for _ in range(4):
        try:
            ecr.list_images(repositoryName="team")
            codes.append("ok")
        except botocore.exceptions.ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes[:2] == ["ok", "ok"] and "ThrottlingException" in codes[2:]
    assert ecr.describe_repositories()["repositories"]


@pytest.mark.parametrize("style", ["plain", "prefixed", "suffixed", "header"])
def test_error_styles(server, ecr, style):
    server.config(error_style=style)
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        ecr.list_images(repositoryName="no/such")
    text = caught.value.response["Error"]["Code"] + str(caught.value.response["ResponseMetadata"]["HTTPHeaders"])
    assert "RepositoryNotFoundException" in text
