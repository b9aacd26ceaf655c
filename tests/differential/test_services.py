"""Where the services are that credentials come from: ours against botocore's rules."""

import itertools
import json
import subprocess
import urllib.parse

import pytest

from .compare import PROGRAM
from .referee import VERSION, Referee

SERVICES = ["sts", "sso", "sso-oidc"]
REGIONS = ["us-east-1", "eu-west-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1"]
FLAGS = ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"]
ALWAYS = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent",
          "AWS_STS_REGIONAL_ENDPOINTS": "regional"}


@pytest.fixture(scope="module")
def referee():
    referee = Referee()
    yield referee
    referee.close()


def known_now(service, region, flags):
    """Whether rules of today know what older ones do not."""
    isolated, gov = region.startswith("us-iso"), region.startswith("us-gov")
    return isolated and flags[1] or service != "sts" and gov and flags == (True, False)


def host(url):
    return urllib.parse.urlsplit(url).netloc if url else None


@pytest.mark.parametrize("region", REGIONS)
def test_hosts_are_botocores(referee, region):
    wrong = []
    for flags in itertools.product((False, True), repeat=2):
        variables = {**ALWAYS, "AWS_DEFAULT_REGION": region,
                     **{name: "true" for name, flag in zip(FLAGS, flags) if flag}}
        ours = json.loads(subprocess.run([PROGRAM], env=variables, capture_output=True, timeout=60).stdout)
        for service in SERVICES:
            referee.send(service, variables, {})
            theirs = referee.receive().get("endpoint")
            if host(ours.get(service)) != host(theirs) and not (VERSION < (1, 41) and known_now(service, region, flags)):
                wrong.append((service, flags, ours, theirs))
    assert not wrong


@pytest.mark.parametrize("service", SERVICES)
def test_where_todays_rules_differ_they_are_ours(service):
    """Where botocore is too old to be asked. GovCloud's plain hosts are FIPS ones."""
    variables = {**ALWAYS, "AWS_DEFAULT_REGION": "us-gov-west-1", FLAGS[0]: "true"}
    answer = json.loads(subprocess.run([PROGRAM], env=variables, capture_output=True, timeout=60).stdout)
    plain = {"sts": "sts", "sso": "portal.sso", "sso-oidc": "oidc"}[service]
    assert answer[service] == f"https://{plain}.us-gov-west-1.amazonaws.com/"
