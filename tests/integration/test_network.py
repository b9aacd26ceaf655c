"""The way to AWS: certificates by option, variable and profile; proxies; endpoints that a profile names."""

import os
import shutil
import signal

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checked import NETWORK, USAGE, WELL
from .checks import errno_of, free_port, until
from .connect_proxy import ConnectProxy
from .mount import KEYS
from .tls import make_certificate

REPOSITORY = "cluster-autoscaler"
AWS_HOST = "api.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def tls_process(certificate):
    with EcrServer(preset="sample", tls_cert=certificate[0], tls_key=certificate[1]) as running:
        yield running


@pytest.fixture
def bundle(mount, certificate):
    """The certificate, at ~/certs/ca.pem."""
    path = mount.home / "certs/ca.pem"
    path.parent.mkdir()
    shutil.copy(certificate[0], path)
    return path


@pytest.fixture
def config(mount):
    def write(text):
        (mount.home / ".aws").mkdir(exist_ok=True)
        (mount.home / ".aws/config").write_text(f"[default]\n{text}\n")
    return write


def test_without_the_bundle_it_is_not_trusted(tls_process, mount):
    fs = mount(endpoint_url=tls_process.endpoint)
    assert errno_of(os.listdir, fs.root) == "EPROTO"


@pytest.mark.parametrize("path", ["~/certs/ca.pem", "{bundle}"])
def test_a_bundle_by_variable(tls_process, mount, bundle, path):
    fs = mount(endpoint_url=tls_process.endpoint, environment={**KEYS, "AWS_CA_BUNDLE": path.format(bundle=bundle)})
    assert REPOSITORY in os.listdir(fs.root)


@pytest.mark.parametrize("path", ["~/certs/ca.pem", "{bundle}", "{relative}"])
def test_a_bundle_of_the_profile(tls_process, mount, bundle, config, path):
    """A relative path is meant from where the daemon was started; it works in /."""
    config(f"ca_bundle = {path.format(bundle=bundle, relative=os.path.relpath(bundle))}")
    fs = mount(endpoint_url=tls_process.endpoint)
    assert REPOSITORY in os.listdir(fs.root)


def test_the_variable_wins_over_the_profile(tls_process, mount, bundle, config):
    config("ca_bundle = /nowhere.pem")
    fs = mount(endpoint_url=tls_process.endpoint, environment={**KEYS, "AWS_CA_BUNDLE": str(bundle)})
    assert REPOSITORY in os.listdir(fs.root)


def test_a_bundle_that_cannot_be_read_is_told_and_read_as_soon_as_it_can_be(tls_process, mount, bundle, config):
    config("ca_bundle = ~/certs/later.pem")
    fs = mount(endpoint_url=tls_process.endpoint, negative_ttl="0")
    assert errno_of(os.listdir, fs.root) == "EIO"
    assert fs.log_lines("cannot read the CA bundle", "later.pem", "ca_bundle of the profile", "No such file")
    bundle.rename(bundle.with_name("later.pem"))
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: errno_of(os.listdir, fs.root) is None, "the other bundle counts")
    assert REPOSITORY in os.listdir(fs.root)


def test_another_bundle_counts_from_sighup_on(tls_process, mount, tmp_path, bundle, config):
    """Of the connections that are made then."""
    config("ca_bundle = ~/certs/ca.pem")
    right = bundle.read_text()
    other, _key = make_certificate(tmp_path, "other")
    bundle.write_text(other.read_text())
    fs = mount(endpoint_url=tls_process.endpoint, negative_ttl="0")
    assert errno_of(os.listdir, fs.root) == "EPROTO"
    bundle.write_text(right)
    assert errno_of(os.listdir, fs.root) == "EPROTO"
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: errno_of(os.listdir, fs.root) is None, "the other bundle counts")


@pytest.fixture
def wrong_bundle(tmp_path):
    return make_certificate(tmp_path, "other")[0]


def test_where_a_certificate_does_not_hold_the_bundle_is_named(tls_process, mount, wrong_bundle):
    fs = mount(endpoint_url=tls_process.endpoint, ca_bundle=wrong_bundle)
    assert errno_of(os.listdir, fs.root) == "EPROTO"
    assert fs.log_lines("DescribeRepositories", f"only certificates of this CA bundle are trusted: {wrong_bundle}")


def test_no_bundle_is_named_where_nobody_answers(mount, certificate):
    fs = mount(endpoint_url=f"https://127.0.0.1:{free_port()}", ca_bundle=certificate[0], max_attempts=1)
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    assert fs.log_lines("DescribeRepositories") and "CA bundle" not in fs.log


def test_so_it_is_where_that_is_the_certificate_of_sts(tls_process, server, mount, config, wrong_bundle):
    config(f"role_arn = arn:aws:iam::{ACCOUNT}:role/reader\ncredential_source = Environment")
    fs = mount(endpoint_url=server.endpoint, ca_bundle=wrong_bundle, profile="default",
               environment={**KEYS, "AWS_ENDPOINT_URL_STS": tls_process.endpoint})
    assert errno_of(os.listdir, fs.root) == "EPROTO"
    assert fs.log_lines("AssumeRole", f"only certificates of this CA bundle are trusted: {wrong_bundle}")


def test_a_bundle_of_the_options_must_be_there(mount):
    done = mount.run("-o", "ca_bundle=/nowhere.pem", mount.new_point())
    assert done.returncode == USAGE and "/nowhere.pem" in done.stderr


def test_a_check_names_the_bundle(tls_process, check, bundle, config):
    config("ca_bundle = ~/nowhere.pem")
    found = check(endpoint_url=tls_process.endpoint)
    assert (found.code, found.failures()) == (USAGE, ["credentials", "endpoint"])
    for step in "credentials", "endpoint":
        assert "AWS_CA_BUNDLE" in found.of(step)["remedy"]
    assert "nowhere.pem" in found.of("credentials")["why"]
    config("ca_bundle = ~/certs/ca.pem")
    assert check(endpoint_url=tls_process.endpoint).code == WELL


def by_proxy(proxy, **more):
    return {**KEYS, "HTTPS_PROXY": proxy.url, **more}


def test_a_proxy_is_asked_to_connect(tls_process, mount, certificate):
    with ConnectProxy(tls_process.port) as proxy:
        fs = mount(endpoint_url=tls_process.endpoint, ca_bundle=certificate[0], environment=by_proxy(proxy))
        assert fs.read(REPOSITORY, "v1.13.6")
        assert set(proxy.connects) == {f"127.0.0.1:{tls_process.port}"}
        fs.stop()


def test_a_host_may_be_exempt_from_the_proxy(tls_process, mount, certificate):
    with ConnectProxy(tls_process.port) as proxy:
        fs = mount(endpoint_url=tls_process.endpoint, ca_bundle=certificate[0],
                   environment=by_proxy(proxy, NO_PROXY="localhost,127.0.0.1"))
        assert fs.read(REPOSITORY, "v1.13.6")
        assert proxy.connects == []
        fs.stop()


def test_awss_own_endpoint_is_reached_by_the_proxy(tls_process, mount, tmp_path):
    """Its name is resolved by nobody here."""
    cert, key = make_certificate(tmp_path, "aws", address="127.0.0.1")
    with EcrServer(preset="sample", tls_cert=cert, tls_key=key) as aws, ConnectProxy(aws.port) as proxy:
        fs = mount(endpoint_url=None, environment=by_proxy(proxy), no_verify_ssl=True)
        assert REPOSITORY in os.listdir(fs.root)
        assert set(proxy.connects) == {f"{AWS_HOST}:443"}
        fs.stop()


@pytest.mark.parametrize("setting", ["option", "variable", "profile"])
def test_fips_and_dual_stack_hosts_are_asked(mount, config, setting):
    """As the proxy is told."""
    host = "ecr-fips.us-east-1.api.aws"
    options, environment = {}, {}
    if setting == "option":
        options = {"use_fips_endpoint": True, "use_dualstack_endpoint": True}
    elif setting == "variable":
        environment = {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "True"}
    else:
        config("use_fips_endpoint = true\nuse_dualstack_endpoint = true")
    with ConnectProxy(free_port()) as proxy:
        fs = mount(endpoint_url=None, environment=by_proxy(proxy, **environment), max_attempts=1, **options)
        assert errno_of(os.listdir, fs.root)
        assert set(proxy.connects) == {f"{host}:443"}
        fs.stop()


def test_endpoints_of_the_services_section(server, mount, check, config):
    config("services = here")
    path = mount.home / ".aws/config"
    path.write_text(path.read_text() + f"[services here]\necr =\n  endpoint_url = {server.endpoint}\n")
    fs = mount(endpoint_url=None)
    assert REPOSITORY in os.listdir(fs.root)
    found = check(endpoint_url=None).of("endpoint")
    assert found["endpoint_from"] == "the services section of the profile"
    assert found["region_from"] == "the option region"


def test_a_services_section_that_is_missing(mount, check, config):
    config("services = nowhere")
    fs = mount(endpoint_url=None)
    assert errno_of(os.listdir, fs.root) == "EIO"
    assert fs.log_lines("no ECR endpoint", "services")
    found = check(endpoint_url=None)
    assert (found.code, found.of("endpoint")["result"]) == (USAGE, "failed")
    assert "[services NAME]" in found.of("endpoint")["remedy"]


def test_an_endpoint_and_fips(check, config, server):
    config(f"endpoint_url = {server.endpoint}\nuse_fips_endpoint = true")
    found = check(endpoint_url=None)
    assert (found.code, found.of("endpoint")["result"]) == (USAGE, "failed")
    assert "leave out the endpoint URL" in found.of("endpoint")["remedy"]


def test_a_region_without_fips(check):
    found = check(endpoint_url=None, environment={**KEYS, "AWS_USE_FIPS_ENDPOINT": "true"}, region="xx-none-1")
    assert found.code == NETWORK
    assert "AWS_USE_FIPS_ENDPOINT" in found.of("endpoint")["remedy"]
