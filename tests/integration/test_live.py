"""/.ecrfs: status for people, the effective options, the log, and what there is."""

import os
import re
import signal

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, EcrServer, SECRET_KEY

from .checks import errno_of, read, run, until
from .mount import KEYS

FILES = {"README", "status", "metrics", "config", "log"}


def text_of(fs, name):
    return read(fs.point / ".ecrfs" / name).decode()


def config(fs):
    """{option: (value, where it comes from)}"""
    rows = [re.fullmatch(r"(\S+|\(for FUSE\)) +(.*\S) +(command line|environment: \w+|profile|default|registry|SIGUSR1|"
                         r"debug|nopull|setuid)|(\S+) +(\(not looked up yet\))", line.rstrip())
            for line in text_of(fs, "config").splitlines()[1:]]
    assert all(rows), text_of(fs, "config")
    return {row[1] or row[4]: (row[2] or row[5], row[3]) for row in rows}


def usage_options(mount):
    """Names of all options of -o, from --help."""
    usage = mount.run("--help").stdout
    found = re.findall(r"^    ([a-z][^ ,\n]*(?:, [a-z][^ ,\n]*)*)", usage, re.M)
    return {word.partition("=")[0] for words in found for word in words.split(", ")} - {"env.NAME", "profile.ACCOUNT"}


def test_what_there_is(server, mount):
    fs = mount()
    assert set(os.listdir(fs.point / ".ecrfs")) == FILES
    for name in FILES - {"README"}:
        assert re.search(rf"^{name} ", text_of(fs, "README"), re.M)
    assert re.findall(r"^(\w+)  ", text_of(fs, "README"), re.M) == ["status", "metrics", "config", "log"]
    assert server.calls() == 0


def test_each_option_is_in_the_config(mount):
    fs = mount()
    assert usage_options(mount) <= set(config(fs))


def test_profiles_and_choices_of_endpoints_are_in_the_config(server, mount):
    fs = mount(environment={**KEYS, "AWS_ENDPOINT_URL": server.endpoint, "AWS_USE_FIPS_ENDPOINT": "false"},
               endpoint_url=None, **{"profile.210987654321": "audit"})
    found = config(fs)
    assert found["profile.210987654321"] == ("audit", "command line")
    assert found["endpoint_url"] == (server.endpoint, "environment: AWS_ENDPOINT_URL")
    assert found["use_fips_endpoint"] == ("no", "environment: AWS_USE_FIPS_ENDPOINT")
    assert found["use_dualstack_endpoint"] == ("(of the profile, else no)", "default")


def test_where_options_come_from(server, mount, tmp_path):
    file = tmp_path / "config"
    file.write_text("[profile work]\nretry_mode = adaptive\nmax_attempts = 7\nregion = us-west-2\n")
    fs = mount(environment={**KEYS, "AWS_CONFIG_FILE": str(file), "AWS_PROFILE": "work", "AWS_REGION": "us-east-1"},
               region=None, ttl="90s", cache_size="65536K", digest_ttl="forever", nopull=True, umask="077")
    os.listdir(fs.root)
    found = until(lambda: config(fs)["max_attempts"][1] == "profile" and config(fs), "the profile was read")
    assert found["registry"] == (ACCOUNT, "command line")
    assert found["mountpoint"] == (str(fs.point), "command line")
    assert found["region"] == ("us-east-1", "environment: AWS_REGION")
    assert found["profile"] == ("work", "environment: AWS_PROFILE")
    assert found["endpoint_url"] == (server.endpoint, "command line")
    assert found["retry_mode"] == ("adaptive", "profile")
    assert found["max_attempts"] == ("7", "profile")
    assert found["ttl"] == ("90s", "command line")
    assert found["cache_size"] == ("64M", "command line")
    assert found["digest_ttl"] == ("forever", "command line")
    assert found["stale_ttl"] == ("1d", "default")
    assert found["nopull"] == ("yes", "command line")
    assert found["readahead"] == ("off", "nopull")
    assert found["allow_other"] == ("no", "default")
    assert found["umask"] == ("077", "command line")


def test_the_region_of_a_profile(server, mount, tmp_path):
    file = tmp_path / "config"
    file.write_text("[default]\nregion = us-east-1\n")
    fs = mount(environment={**KEYS, "AWS_CONFIG_FILE": str(file)}, region=None)
    assert config(fs)["region"] == ("(not looked up yet)", None)
    os.listdir(fs.root)
    assert config(fs)["region"] == ("us-east-1", "profile")


def test_a_level_that_was_changed(mount):
    fs = mount(log_level="warning")
    assert config(fs)["log_level"] == ("warning", "command line")
    fs.process.send_signal(signal.SIGUSR1)
    until(lambda: config(fs)["log_level"] == ("info", "SIGUSR1"), "the level is another one")


def test_the_log_is_that_of_the_daemon(server, mount):
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "team"}])
    fs = mount()
    assert errno_of(fs.read, "team", "v1") == "EACCES"
    lines = text_of(fs, "log").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (error|warning|info|debug) ", line) for line in lines)
    assert [line.split(" ", 2)[2] for line in lines] == [line.removeprefix("ecrfs: ") for line in fs.log.splitlines()]
    assert "BatchGetImage" in lines[-1] and " error " in lines[-1]


def test_the_log_has_a_thousand_lines(server, mount):
    """And each message of a level that is on."""
    server.seed(repository="many/images", tags=1100)
    fs = mount(log_level="debug", readahead="off")
    for tag in os.listdir(fs.root / "many/images"):
        read(fs.root / "many/images" / tag / "manifest.json")
    shown, written = text_of(fs, "log").splitlines(), fs.log.splitlines()
    assert len(written) > 1050 and len(shown) == 1000
    assert shown[-1].split(" ", 2)[2] == written[-1].removeprefix("ecrfs: ")


def test_status_tells_of_registries_and_credentials(server, mount):
    fs = mount()
    text = text_of(fs, "status")
    assert f"registry       {ACCOUNT}: not asked yet\n" in text
    assert "credentials    not asked for yet\n" in text
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "team"}])
    assert errno_of(fs.read, "team", "v1") == "EACCES"
    text = text_of(fs, "status")
    host = server.endpoint.partition("//")[2]
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(\d+ s ago\)"
    assert re.search(rf"^registry       {ACCOUNT}: reachable, last answer {when}, at {host}\n"
                     rf"               last error: BatchGetImage: denied \(AccessDeniedException\), {when}$", text, re.M)
    assert re.search(r"^credentials    from env, do not expire$", text, re.M)


def test_status_tells_that_there_are_no_credentials(mount):
    fs = mount(environment={})
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert re.search(r"^credentials    none\n               last error: no credentials, ", text_of(fs, "status"), re.M)
    assert re.search(rf"^registry       {ACCOUNT}: no good answer yet.*\n               last error: "
                     r"DescribeRepositories: no credentials, ", text_of(fs, "status"), re.M)


def test_status_tells_of_a_registry_that_is_offline(mount):
    with EcrServer() as server:
        fs = mount(endpoint_url=server.endpoint, ttl="1ms", negative_ttl="1ms")
        os.listdir(fs.root)
    until(lambda: errno_of(os.stat, fs.root / "never") and "offline since" in text_of(fs, "status"), "it is offline")
    assert re.search(rf"^registry       {ACCOUNT}: offline since 2.*\n               last error: \w+: connection refused, ",
                     text_of(fs, "status"), re.M)


def test_registries_that_were_entered_are_in_the_status(mount):
    fs = mount()
    other = "999988887777"
    errno_of(os.listdir, fs.point / other)
    assert re.search(rf"^registry       {other}: ", text_of(fs, "status"), re.M)


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_secret_is_told(server, mount, name):
    token = "t0kenOfASession" * 10
    fs = mount(environment={**KEYS, "AWS_SESSION_TOKEN": token}, log_level="debug")
    errno_of(fs.read, "team", "v1")
    for secret in (SECRET_KEY, token, "Signature=", "AWS4-HMAC"):
        assert secret not in text_of(fs, name)
    assert ACCESS_KEY not in text_of(fs, name) or name == "log"


def test_watch(mount):
    """`watch cat status`: each time it is the present one."""
    fs = mount()
    texts = [run("cat", fs.point / ".ecrfs/status") for _ in range(3)]
    assert len(set(texts)) == 3
