"""What the self tests share: requests signed by botocore, and refusals seen by its client."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
import urllib3

from ecr_server.client import ACCESS_KEY, SECRET_KEY

TARGET = "AmazonEC2ContainerRegistry_V20150921."
TEAM = {"repositoryName": "team", "imageIds": [{"imageTag": "v1"}, {"imageTag": "v2"}]}
HTTP = urllib3.PoolManager(timeout=10, retries=False)


def refused(call, **params):
    """(code, message) of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def sign(server, body=b"{}", operation="DescribeRepositories", region="us-east-1", service="ecr", headers=()):
    """A request as botocore's signer makes it, ready to be tampered with."""
    request = botocore.awsrequest.AWSRequest("POST", server.endpoint + "/", data=body, headers={
        "Host": f"127.0.0.1:{server.port}", "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": TARGET + operation, **dict(headers)})
    botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY), service, region).add_auth(request)
    return dict(request.headers)


def post(server, operation, params, preload=True, pool=HTTP):
    """The raw HTTP answer to a signed call."""
    body = json.dumps(params).encode()
    headers = sign(server, body, operation)
    return pool.request("POST", server.endpoint + "/", body=body, headers=headers, preload_content=preload)
