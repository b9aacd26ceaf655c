"""Several profiles in one mount: profile.ACCOUNT=NAME."""

import contextlib
import hashlib
import json
import os
import signal

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, EcrServer

from .checked import CREDENTIALS, USAGE, WELL
from .checks import errno_of, read, until
from .configured import config_of
from .mount import KEYS
from .tls import make_certificate

AUDITED, OTHER = "123456789012", "210987654321"
REPOSITORY = "cluster-autoscaler"


@pytest.fixture
def files(server, mount):
    """Profiles `own` and `audit`, of different accounts and regions."""
    server.config(credentials=[
        {"access_key": f"AKID{name.upper()}", "secret_key": f"secret/of+{name}", "account": account}
        for name, account in (("audit", AUDITED), ("new", AUDITED))])
    for account in AUDITED, OTHER:
        server.push(REPOSITORY, tags=["v1.13.6"], account=account)

    def write(audit="audit"):
        (mount.home / ".aws").mkdir(exist_ok=True)
        (mount.home / ".aws/config").write_text("[profile audit]\nregion = eu-west-3\n")
        (mount.home / ".aws/credentials").write_text(
            f"[own]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
            f"[audit]\naws_access_key_id = AKID{audit.upper()}\naws_secret_access_key = secret/of+{audit}\n")
    write()
    return write


ACCOUNTS = {"own": ACCOUNT, "audit": AUDITED}
IMAGE = "team/one", "v1"


@pytest.fixture(scope="module")
def tls_servers(tmp_path_factory):
    """{profile: (the server of its account, over TLS, and the certificate of that)}."""
    with contextlib.ExitStack() as running:
        servers = {}
        for profile, account in ACCOUNTS.items():
            cert, key = make_certificate(tmp_path_factory.mktemp(profile), profile)
            servers[profile] = running.enter_context(EcrServer(preset="sample", tls_cert=cert, tls_key=key)), cert
            servers[profile][0].push(IMAGE[0], tag=IMAGE[1], account=account)
            servers[profile][0].config(credentials=[
                {"access_key": f"AKID{profile.upper()}", "secret_key": f"secret/of+{profile}", "account": account}])
        yield servers


@pytest.fixture
def tls_mount(mount, tls_servers):
    """A function that mounts both accounts, each with the endpoint and the ca_bundle of the profiles that it names."""
    folder = mount.home / ".aws"
    folder.mkdir()
    for server, _cert in tls_servers.values():
        server.config(blob_origin=None)
        server.reset()

    def write(servers, bundles):
        (folder / "config").write_text("".join(
            f"[profile {profile}]\nendpoint_url = {tls_servers[server][0].endpoint}\n"
            f"ca_bundle = {tls_servers[bundle][1]}\n"
            f"aws_access_key_id = AKID{profile.upper()}\naws_secret_access_key = secret/of+{profile}\n"
            for profile, server, bundle in zip(ACCOUNTS, servers, bundles)))

    def start(servers=("own", "audit"), bundles=("own", "audit")):
        write(servers, bundles)
        return mount(f"{ACCOUNT},{AUDITED}", environment={}, endpoint_url=None, negative_ttl="0",
                     **{"profile": "own", f"profile.{AUDITED}": "audit"})
    start.write = write
    return start


def signers(server):
    """Whose key signed for which region and registry."""
    return {(call["access_key"], call["region"], call["body"].get("registryId")) for call in server.log()
            if "registryId" in call["body"]}


def test_each_account_is_read_with_its_own(server, mount, files):
    registries = f"{ACCOUNT},{AUDITED},{OTHER}"
    fs = mount(registries, environment={}, region=None, **{"profile": "own", f"profile.{AUDITED}": "audit"})
    (fs.point / AUDITED / REPOSITORY / "v1.13.6/manifest.json").read_bytes()
    assert {(key, registry) for key, _region, registry in signers(server)} == {("AKIDAUDIT", AUDITED)}
    assert {region for _key, region, _registry in signers(server)} == {"eu-west-3"}
    assert errno_of(os.listdir, fs.point / ACCOUNT) == "EIO"  # its profile has no region
    assert fs.log_lines("no AWS region", "profile own")


def test_accounts_that_are_not_named_are_read_with_the_mounts_own(server, mount, files):
    fs = mount(f"{ACCOUNT},{AUDITED},{OTHER}", environment=KEYS, **{f"profile.{AUDITED}": "audit"})
    for account in ACCOUNT, AUDITED, OTHER:
        assert REPOSITORY in os.listdir(fs.point / account)
    assert signers(server) == {(ACCESS_KEY, "us-east-1", ACCOUNT), ("AKIDAUDIT", "us-east-1", AUDITED),
                               (ACCESS_KEY, "us-east-1", OTHER)}


def test_default_is_the_mounts_own(server, mount, files):
    fs = mount("default", environment=KEYS, **{f"profile.{ACCOUNT}": "audit"})
    assert REPOSITORY in os.listdir(fs.point / "default")
    assert {call["access_key"] for call in server.log()} == {ACCESS_KEY}


def test_a_profile_that_is_missing_is_its_accounts_trouble(server, mount, files):
    fs = mount(f"{ACCOUNT},{AUDITED}", environment=KEYS, **{f"profile.{AUDITED}": "nobody"})
    assert errno_of(os.listdir, fs.point / AUDITED) == "ENOKEY"
    assert fs.log_lines("profile nobody is in neither")
    assert REPOSITORY in os.listdir(fs.point / ACCOUNT)


def test_sighup_forgets_all_of_them(server, mount, files):
    fs = mount(AUDITED, environment=KEYS, ttl="0", **{f"profile.{AUDITED}": "audit"})
    assert REPOSITORY in os.listdir(fs.root)
    files("new")
    server.reset()
    assert REPOSITORY in os.listdir(fs.root)
    assert {call["access_key"] for call in server.log()} == {"AKIDAUDIT"}
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: os.listdir(fs.root) and server.log()[-1]["access_key"] == "AKIDNEW", "the new key is used")


def assert_well(fs, account):
    """The listing, a manifest and a configuration, which comes from a host of its own."""
    assert IMAGE[0].partition("/")[0] in os.listdir(fs.point / account)
    image = fs.point / account / "/".join(IMAGE)
    config = json.loads(read(image / "manifest.json"))["config"]
    assert config["digest"] == "sha256:" + hashlib.sha256(read(image / "config.json")).hexdigest()


def test_each_bundle_vouches_for_the_server_of_its_profile(tls_mount, tls_servers):
    fs = tls_mount()
    for profile, account in ACCOUNTS.items():
        assert_well(fs, account)
        assert {call["access_key"] for call in tls_servers[profile][0].log()} == {f"AKID{profile.upper()}"}
        assert len(tls_servers[profile][0].stats()["blob_downloads"]) == 1


def test_a_bundle_of_another_profile_does_not(tls_mount, tls_servers):
    """The log names it. What is put right counts from SIGHUP on."""
    fs = tls_mount(bundles=("audit", "own"))
    for account, bundle in (ACCOUNT, "audit"), (AUDITED, "own"):
        assert errno_of(os.listdir, fs.point / account) == "EPROTO"
        assert fs.log_lines(f"of {account}", "certificate", f"CA bundle are trusted: {tls_servers[bundle][1]}")
    assert not any(server.log() for server, _cert in tls_servers.values())
    tls_mount.write(("own", "audit"), ("own", "audit"))
    fs.process.send_signal(signal.SIGHUP)
    for account in ACCOUNTS.values():
        until(lambda: errno_of(os.listdir, fs.point / account) is None, "the right bundle counts")
        assert_well(fs, account)


def test_a_connection_of_one_profile_is_not_trusted_by_the_other(tls_mount, tls_servers):
    """At one server: neither a connection that is open nor a TLS session is a way around the bundle."""
    fs = tls_mount(servers=("own", "own"))
    for _ in range(2):
        assert_well(fs, ACCOUNT)
        assert errno_of(os.listdir, fs.point / AUDITED) == "EPROTO"
    assert {call["access_key"] for call in tls_servers["own"][0].log()} == {"AKIDOWN"}


def test_the_host_of_a_blob_needs_the_bundle_of_the_profile(tls_mount, tls_servers):
    tls_servers["own"][0].config(blob_origin=f"https://127.0.0.1:{tls_servers['audit'][0].blob_port}")
    fs = tls_mount()
    assert errno_of(read, config_of(fs, *IMAGE)) == "EPROTO"
    assert fs.log_lines("blob", "certificate", str(tls_servers["own"][1]))
    assert tls_servers["audit"][0].stats()["blob_downloads"] == {}


def test_fifty_profiles_cost_nothing(server, mount, files):
    """Nobody reads a file for those that nobody asks about."""
    many = {f"profile.{100000000000 + i}": f"p{i}" for i in range(50)}
    fs = mount(ACCOUNT, environment=KEYS, **many)
    assert REPOSITORY in os.listdir(fs.root)
    assert not fs.log_lines("profile p")


@pytest.mark.parametrize("option", ["profile.12345=a", "profile.=a", f"profile.{OTHER}=a,profile.{OTHER}=b"])
def test_a_bad_account_is_refused(mount, option):
    done = mount.run("-o", option, mount.new_point())
    assert done.returncode == USAGE and done.stderr.startswith("ecrfs: profile.")


def test_a_check_tries_each_profile(server, check, files):
    found = check(f"{ACCOUNT},{AUDITED},{OTHER}", environment=KEYS, region=None,
                  **{"profile": "own", f"profile.{AUDITED}": "audit", "endpoint_url": server.endpoint})
    assert [one.get("registry") for one in found.findings if one["step"] == "credentials"] == [None, AUDITED]
    assert found.of("credentials", AUDITED)["profile"] == "audit"
    assert found.of("account", AUDITED)["account"] == AUDITED
    assert (found.of("endpoint", AUDITED)["region"], found.of("endpoint", AUDITED)["region_from"]) == (
        "eu-west-3", "region of the profile")
    assert found.of("DescribeImages", AUDITED)["result"] == "ok"
    assert found.of("endpoint", ACCOUNT)["result"] == "failed"  # no region


def test_a_check_of_all_that_is_well(server, check, files):
    found = check(f"{ACCOUNT},{AUDITED}", environment=KEYS, **{f"profile.{AUDITED}": "audit"})
    assert (found.code, found.failures()) == (WELL, [])
    assert found.of("endpoint", AUDITED)["endpoint_from"] == "the option endpoint_url"


def test_a_check_of_a_profile_that_is_missing(check, files):
    found = check(f"{ACCOUNT},{AUDITED}", environment=KEYS, **{f"profile.{AUDITED}": "nobody"})
    assert (found.code, found.failures()) == (CREDENTIALS, ["credentials"])
    assert "aws configure --profile nobody" in found.of("credentials", AUDITED)["remedy"]
    assert found.of("DescribeImages", ACCOUNT)["result"] == "ok"
