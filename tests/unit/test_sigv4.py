"""Random requests, signed by us and by botocore: both must say the same."""

import datetime
import os
import random
import string
import subprocess

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

SECRET_LETTERS = string.ascii_letters + string.digits + "+/"


def signed_by_us(fields, body):
    result = subprocess.run([os.environ["SIGN_REQUEST"], *fields], input=body, capture_output=True, check=True)
    return result.stdout.decode().splitlines()


def signed_by_botocore(fields, body, monkeypatch):
    service, region, host, content_type, target, time_s, key_id, secret, token = fields

    class Then(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return datetime.datetime.utcfromtimestamp(int(time_s))

    monkeypatch.setattr(botocore.auth.datetime, "datetime", Then)
    headers = {"Content-Type": content_type, "Host": host}
    if target:
        headers["X-Amz-Target"] = target
    request = botocore.awsrequest.AWSRequest("POST", f"https://{host}/", data=body, headers=headers)
    credentials = botocore.credentials.Credentials(key_id, secret, token or None)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return [request.headers["X-Amz-Date"], request.headers["Authorization"]]


def random_text(dice, letters, longest):
    return "".join(dice.choices(letters, k=dice.randint(1, longest)))


@pytest.mark.parametrize("seed", range(40))
def test_random_request(seed, monkeypatch):
    dice = random.Random(seed)
    service = dice.choice(["ecr", "sts", "sso"])
    region = dice.choice(["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "x"])
    host = dice.choice([f"api.ecr.{region}.amazonaws.com", "127.0.0.1:4566", "[::1]:8080", "localhost"])
    content_type = dice.choice(["application/x-amz-json-1.1", "application/x-www-form-urlencoded; charset=utf-8"])
    target = dice.choice(["", "AmazonEC2ContainerRegistry_V20150921.BatchGetImage"])
    time_s = str(dice.randrange(0, 4102444800))
    token = dice.choice(["", random_text(dice, SECRET_LETTERS + "=", 2000)])
    body = bytes(dice.randrange(256) for _ in range(dice.choice([0, 1, 2, 500, 20000])))
    fields = [service, region, host, content_type, target, time_s,
              random_text(dice, string.ascii_uppercase, 128), random_text(dice, SECRET_LETTERS, 80), token]
    assert signed_by_us(fields, body) == signed_by_botocore(fields, body, monkeypatch)
