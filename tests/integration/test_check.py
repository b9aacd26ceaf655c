"""ecrfs --check: which calls work and which do not, with the remedy and an exit code, without a pull."""

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, EcrServer

from .checked import CLOCK, CREDENTIALS, DENIED, NETWORK, SERVICE, USAGE, WELL
from .checks import free_port
from .mount import KEYS

OTHER = "123456789012"
NO_IMAGE = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
TOKEN = "FwoGZXIvYXdzEBYaDEXAMPLETOKEN//////////wEXAMPLE+token=="
CALLS = ("DescribeRepositories", "DescribeImages", "ListImages", "BatchGetImage")


def test_all_is_well(server, check):
    found = check()
    assert (found.code, found.failures()) == (WELL, [])
    account, endpoint = found.of("account"), found.of("endpoint")
    assert account["account"] == ACCOUNT and ACCOUNT in account["arn"]
    assert (endpoint["region"], endpoint["endpoint"]) == ("us-east-1", f"{server.endpoint}/")
    assert found.of("credentials")["provider"] == "env"
    assert found.of("clock")["clock_offset_s"] == 0
    assert [one["step"] for one in found.findings if one["step"] in CALLS] == list(CALLS)
    assert {one["result"] for one in found.findings if one["step"] in CALLS} == {"ok"}
    assert found.document["version"] and "mountpoint" not in {one["step"] for one in found.findings}


def test_bytes_are_asked_for_that_no_image_has(server, check):
    check()
    ids = [call["body"]["imageIds"] for call in server.log("BatchGetImage")]
    assert ids == [[{"imageDigest": NO_IMAGE}]] * 2


def test_each_registry_is_tried(check):
    found = check(f"{ACCOUNT},{OTHER}")
    assert found.code == WELL
    for registry in (ACCOUNT, OTHER):
        for call in CALLS:
            assert found.of(call, registry)["result"] == "ok"


def test_the_registry_of_the_caller(check):
    found = check("default")
    assert found.code == WELL and found.of("DescribeImages")["registry"] == "default"


def test_keys_are_masked(server, check):
    key = "ASIAIOSFODNN7EXAMPLE"
    server.config(credentials=[{
        "access_key": key, "secret_key": "secret/of+it", "account": ACCOUNT, "session_token": TOKEN}])
    found = check(environment={
        "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "secret/of+it", "AWS_SESSION_TOKEN": TOKEN})
    assert found.code == WELL
    assert found.of("credentials")["access_key_id"] == "ASIA...MPLE"
    assert key not in found.text + found.json


@pytest.mark.parametrize("action", ["DescribeRepositories", "DescribeImages", "BatchGetImage"])
def test_a_permission_is_missing(server, check, action):
    server.config(deny=[{"action": f"ecr:{action}"}])
    found = check()
    assert (found.code, found.failures()) == (DENIED, [action])
    finding = found.of(action)
    resource = "repository/*" if action == "DescribeRepositories" else "repository/cluster-autoscaler"
    assert f"ecr:{action} on arn:aws:ecr:us-east-1:{ACCOUNT}:{resource} in the policy" in finding["remedy"]
    assert "AccessDeniedException" in finding["why"]


def test_without_list_images_a_mount_does(server, check):
    server.config(deny=[{"action": "ecr:ListImages"}])
    found = check()
    assert (found.code, found.of("ListImages")["result"]) == (WELL, "warning")
    assert "ecr:ListImages on " in found.of("ListImages")["remedy"]
    server.config(deny=[{"action": "ecr:ListImages"}, {"action": "ecr:DescribeImages"}])
    found = check()
    assert (found.code, found.failures()) == (DENIED, ["DescribeImages", "ListImages"])


def test_what_could_not_be_tried_is_said(server, check):
    server.config(policy="PullOnly")
    found = check()
    assert (found.code, found.failures()) == (DENIED, ["DescribeRepositories"])
    for step in CALLS[1:]:
        assert (found.of(step)["result"], "not tried" in found.of(step)["message"]) == ("warning", True)


def test_an_empty_registry(server, check):
    server.seed(clear=True, preset="sample")
    server.delete_repository("cluster-autoscaler")
    found = check()
    assert found.code == WELL
    assert "no repository" in found.of("DescribeRepositories")["message"]
    assert {found.of(step)["result"] for step in CALLS[1:]} == {"warning"}


def test_nopull_tries_no_pull(server, check):
    assert check(nopull=True).code == WELL
    assert server.calls("BatchGetImage") == 0


@pytest.mark.parametrize("environment", [
    {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "wrong/secret"},
    {"AWS_ACCESS_KEY_ID": "AKIDNOBODY", "AWS_SECRET_ACCESS_KEY": SECRET_KEY}], ids=["wrong secret", "unknown key"])
def test_wrong_keys(check, environment):
    found = check(environment=environment)
    assert (found.code, found.failures()) == (CREDENTIALS, ["account", "DescribeRepositories"])
    assert "key id, secret and session token" in found.of("account")["remedy"]


def test_expired_keys(server, check):
    server.config(credentials=[{
        "access_key": "ASIDOLD", "secret_key": "old/secret", "account": ACCOUNT, "session_token": TOKEN,
        "expired": True}])
    found = check(environment={
        "AWS_ACCESS_KEY_ID": "ASIDOLD", "AWS_SECRET_ACCESS_KEY": "old/secret", "AWS_SESSION_TOKEN": TOKEN})
    assert found.code == CREDENTIALS
    assert "aws sso login" in found.of("DescribeRepositories")["remedy"]


def test_no_credentials(server, check):
    """The network is tried all the same."""
    found = check(environment={})
    assert (found.code, found.failures()) == (CREDENTIALS, ["credentials"])
    assert "looked at" in found.of("credentials")["why"] and "AWS_ACCESS_KEY_ID" in found.of("credentials")["remedy"]
    assert found.of("endpoint")["result"] == "ok"
    assert not {one["step"] for one in found.findings} & {"account", *CALLS}


def test_no_region(check):
    found = check(region=None)
    assert (found.code, found.failures()) == (USAGE, ["endpoint"])
    assert "region=" in found.of("endpoint")["remedy"]


def test_a_host_that_does_not_resolve(check):
    found = check(endpoint_url="http://ecr.invalid")
    assert (found.code, found.failures()) == (NETWORK, ["endpoint"])
    assert "ecr.invalid: host not reachable" in found.of("endpoint")["message"]
    assert "endpoint_url" in found.of("endpoint")["remedy"]


def test_a_region_whose_endpoint_is_not_there(check):
    """A proxy that nobody listens at stands for a network without a way out."""
    found = check(endpoint_url=None, environment={**KEYS, "https_proxy": f"http://user:hidden@127.0.0.1:{free_port()}"})
    finding = found.of("endpoint")
    assert found.code == NETWORK
    assert finding["endpoint"] == "https://api.ecr.us-east-1.amazonaws.com/"
    assert "com.amazonaws.us-east-1.ecr.api" in finding["remedy"] and "no_proxy" in finding["remedy"]
    assert "hidden" not in found.text + found.json


def test_a_port_at_which_nobody_listens(check):
    found = check(endpoint_url=f"http://127.0.0.1:{free_port()}")
    assert (found.code, found.failures()) == (NETWORK, ["endpoint"])
    assert "connection refused" in found.of("endpoint")["message"]


def test_a_certificate_that_is_not_trusted(certificate, check):
    """As that of a proxy that opens TLS."""
    with EcrServer(tls_cert=certificate[0], tls_key=certificate[1]) as tls:
        found = check(endpoint_url=tls.endpoint)
        assert (found.code, found.failures()) == (NETWORK, ["endpoint"])
        assert "ca_bundle" in found.of("endpoint")["remedy"] and "certificate" in found.of("endpoint")["why"]
        assert check(endpoint_url=tls.endpoint, ca_bundle=certificate[0]).code == WELL


def test_sts_is_not_needed(check):
    found = check(environment={**KEYS, "AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{free_port()}"})
    assert (found.code, found.of("account")["result"]) == (WELL, "warning")


def test_a_call_that_is_not_answered(server, check):
    server.fault("hold", operation="DescribeRepositories")
    found = check(timeout="500ms")
    assert (found.code, found.failures()) == (NETWORK, ["DescribeRepositories"])
    assert found.of("DescribeRepositories")["message"] == "timed out"


def test_a_service_that_throttles(server, check):
    server.fault("error", code="ThrottlingException", operation="DescribeImages")
    found = check(max_attempts=1)
    assert (found.code, found.failures()) == (SERVICE, ["DescribeImages"])
    assert "retry_mode=adaptive" in found.of("DescribeImages")["remedy"]


@pytest.mark.parametrize("offset_s, result", [(60, "warning"), (-60, "warning"), (1000, "failed"), (-1000, "failed")])
def test_a_wrong_clock(server, check, offset_s, result):
    """By how much is said; the calls work all the same."""
    server.config(clock_offset_s=offset_s)
    found = check()
    clock = found.of("clock")
    assert found.code == (CLOCK if result == "failed" else WELL)
    assert (clock["result"], found.failures()) == (result, ["clock"] if result == "failed" else [])
    assert abs(clock["clock_offset_s"] - offset_s) <= 5
    assert ("behind" if offset_s > 0 else "ahead of") in clock["message"] and "set the clock" in clock["remedy"]


def test_usage(mount):
    for arguments in (["--json", ACCOUNT, "/mnt"], ["--check", "mnt"], ["--check", "-o", "tll=1s"],
                      ["--check", ACCOUNT, "/mnt", "x"]):
        done = mount.run(*arguments)
        assert (done.returncode, done.stdout) == (USAGE, "") and done.stderr.startswith("ecrfs: "), arguments
