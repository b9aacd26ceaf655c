"""Completion in bash and zsh: TAB is pressed in a shell on a terminal."""

import getpass
import os

import pytest

from integration.mount import ECRFS

from .shell import HAS_FSTAB, Shell

ACCOUNTS = ["111122223333", "210987654321"]
HOST = "333333333333.dkr.ecr.eu-west-1.amazonaws.com"
FSTAB = """# 555555555555 /mnt ecrfs defaults 0 0
/dev/disk/by-label/666666666666 / ext4 defaults 0 1
444444444444,444444444444.dkr.ecr.us-east-1.amazonaws.com /mnt ecrfs noauto 0 0
"""
MOUNTED = {"444444444444", "444444444444.dkr.ecr.us-east-1.amazonaws.com"} if HAS_FSTAB else set()
PROFILES = ["default", "keys-only", "prod", "staging"]
CONFIG = f"""[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::{ACCOUNTS[1]}:role/reader
[profile staging]
sso_account_id = {ACCOUNTS[0]}
[profile $(touch pwned)]
[profile `touch pwned`]
[sso-session company]
"""


@pytest.fixture(params=["bash", "zsh"], scope="module")
def directory(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    for name in ("cwd/mnt", "cwd/other", "home/.aws", "home/.docker"):
        (directory / name).mkdir(parents=True)
    (directory / "cwd/roots.pem").touch()
    (directory / "home/.aws/config").write_text(CONFIG)
    (directory / "home/.aws/credentials").write_text("[default]\n[keys-only]\naws_access_key_id = x\n")
    (directory / "fstab").write_text(FSTAB)
    (directory / "home/.docker/config.json").write_text(
        '{"auths": {"https://index.docker.io/v1/": {}, "%s": {"auth": "eDp5"}}}' % HOST)
    return directory


@pytest.fixture(scope="module")
def shell(request, directory):
    environment = {"HOME": str(directory / "home"), "PATH": f"{ECRFS.parent}:{os.environ['PATH']}"}
    with Shell(directory.name.rstrip("0123456789"), directory, environment) as shell:
        yield shell
    assert not list(directory.glob("**/pwned")), "a name was run as a command"


def offers(shell, line):
    return shell.press_tab(line)[0]


def line(shell, line):
    return shell.press_tab(line)[1]


def test_options(shell):
    assert {"--check", "--json", "--refresh", "--help", "--version", "-V", "-d", "-f", "-h", "-o"} <= set(offers(shell, "ecrfs -"))
    assert line(shell, "ecrfs -o immu") == "ecrfs -o immutable_ttl="
    assert line(shell, "ecrfs -o ttl=60s,readonly=,use_d") == "ecrfs -o ttl=60s,readonly=,use_dualstack_endpoint"
    assert line(shell, "ecrfs -o env") == "ecrfs -o env."
    assert line(shell, "ecrfs -o profile.") == "ecrfs -o profile."


@pytest.mark.parametrize("name, values", [
    ("readahead", ["off", "on"]),
    ("retry_mode", ["adaptive", "standard"]),
    ("log_level", ["debug", "error", "info", "warning"]),
    ("show", ["attestations", "config", "digests", "platforms", "referrers", "repository", "scan", "untagged"]),
    ("profile", PROFILES),
    ("ttl", []),
])
def test_values(shell, name, values):
    for before in ("", "nopull,", "ttl=60s,show=digests:untagged,"):
        assert offers(shell, f"ecrfs -o {before}{name}=") == values


def test_values_are_put_where_they_belong(shell):
    assert line(shell, "ecrfs -o ttl=60s,profile=st") == "ecrfs -o ttl=60s,profile=staging"
    assert line(shell, "ecrfs -f -o profile=k") == "ecrfs -f -o profile=keys-only"
    assert line(shell, "ecrfs -o profile.123456789012=st") == "ecrfs -o profile.123456789012=staging"
    assert line(shell, "ecrfs -o show=digests:un") == "ecrfs -o show=digests:untagged"
    assert line(shell, "ecrfs -o nopull,ca_bundle=ro") == "ecrfs -o nopull,ca_bundle=roots.pem"
    assert line(shell, "ecrfs -o log_file=mn").startswith("ecrfs -o log_file=mnt")
    user = getpass.getuser()
    assert user in offers(shell, f"ecrfs -o setuid={user[:-1]}")


def test_registries_and_directories(shell):
    here = {"mnt", "other"}
    first = {offer.rstrip("/") for offer in offers(shell, "ecrfs -o ttl=60s ")}
    assert first == {"default", HOST, *ACCOUNTS, *MOUNTED, *here}
    assert line(shell, "ecrfs 33").rstrip() == f"ecrfs {HOST}"
    assert line(shell, "ecrfs default,21").rstrip() == f"ecrfs default,{ACCOUNTS[1]}"
    assert {offer.rstrip("/") for offer in offers(shell, f"ecrfs -f {HOST} ")} == here
    assert line(shell, "ecrfs -f -o nopull default m") == "ecrfs -f -o nopull default mnt/"


def test_refresh_takes_any_path(shell):
    assert line(shell, "ecrfs --refresh roo").rstrip() == "ecrfs --refresh roots.pem"
    assert line(shell, "ecrfs --refresh mn") == "ecrfs --refresh mnt/"


def test_every_option_of_the_usage_text_is_offered(shell, usage_options):
    offered = {offer.rstrip("=") for offer in offers(shell, "ecrfs -o ")}
    assert set(usage_options) - offered == set()


def test_other_files_of_the_aws_cli(shell, directory):
    (directory / "other_config").write_text("[profile elsewhere]\n")
    changed = f"AWS_CONFIG_FILE={directory}/other_config AWS_SHARED_CREDENTIALS_FILE=/dev/null"
    shell.run(f"export {changed}")
    assert offers(shell, "ecrfs -o profile=") == ["elsewhere"]
    shell.run("unset AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE")
