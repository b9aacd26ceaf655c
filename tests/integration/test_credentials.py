"""Static credentials: environment, shared files, profiles, tokens; missing and wrong ones; secrecy."""

import os
import pathlib

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from .checks import errno_of, read, run, until
from .mount import KEYS, option_text

TOKEN = "FwoGZXIvYXdzEBYaDEXAMPLETOKEN//////////wEXAMPLE+token=="
OTHERS = ("AKIDPROD", "AKIDDEV", "AKIDENV")


@pytest.fixture
def keys(server):
    """Other keys of the account, so that the server's log tells whose were used."""
    server.config(credentials=[
        {"access_key": key, "secret_key": f"secret/of+{key}", "account": ACCOUNT} for key in OTHERS])
    server.config(credentials=[
        {"access_key": "ASIDTOKEN", "secret_key": "secret/of+ASIDTOKEN", "account": ACCOUNT, "session_token": TOKEN}])


def section(name, access_key, secret_key=None, **more):
    lines = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key or f"secret/of+{access_key}", **more}
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()) + "\n"


FILE = section("default", ACCESS_KEY, SECRET_KEY) + section("prod", "AKIDPROD") + section("dev", "AKIDDEV")


@pytest.fixture
def credentials_file(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("# a comment\n" + FILE)
    return path


def used_key(server, fs):
    """Read a manifest; the one access key that all calls used."""
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    key, = {call["access_key"] for call in server.log()}
    return key


def test_keys_of_the_environment(server, keys, mount):
    fs = mount(environment={"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret/of+AKIDENV"})
    assert used_key(server, fs) == "AKIDENV"


def test_session_token_of_the_environment(server, keys, mount):
    fs = mount(environment={"AWS_ACCESS_KEY_ID": "ASIDTOKEN", "AWS_SECRET_ACCESS_KEY": "secret/of+ASIDTOKEN",
                            "AWS_SESSION_TOKEN": TOKEN})
    assert used_key(server, fs) == "ASIDTOKEN"


ENV_KEYS = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret/of+AKIDENV"}


@pytest.mark.parametrize("environment, profile, expected", [
    ({}, None, ACCESS_KEY),
    ({"AWS_PROFILE": "prod"}, None, "AKIDPROD"),
    ({}, "dev", "AKIDDEV"),
    ({"AWS_PROFILE": "prod"}, "dev", "AKIDDEV"),
    ({"AWS_PROFILE": "prod", **ENV_KEYS}, None, "AKIDENV"),
    ({**ENV_KEYS}, "dev", "AKIDDEV"),
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, None, ACCESS_KEY),
], ids=["default", "AWS_PROFILE", "option", "option over AWS_PROFILE", "keys over AWS_PROFILE", "option over keys",
        "empty keys are none"])
def test_choice_of_profile(server, keys, mount, credentials_file, environment, profile, expected):
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(credentials_file), **environment}, profile=profile)
    assert used_key(server, fs) == expected


def test_files_of_the_home_directory(server, keys, mount):
    folder = mount.home / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(section("prod", "AKIDPROD"))
    (folder / "config").write_text("[profile prod]\nregion = eu-west-1\n" + section("profile dev", "AKIDDEV"))
    assert used_key(server, mount(environment={}, profile="prod")) == "AKIDPROD"
    server.reset()
    assert used_key(server, mount(environment={}, profile="dev")) == "AKIDDEV"


def test_keys_of_the_config_file(server, keys, mount, tmp_path):
    config = tmp_path / "config"
    config.write_text(section("default", "AKIDDEV") + section("profile prod", "AKIDPROD"))
    environment = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    assert used_key(server, mount(environment=environment)) == "AKIDDEV"
    server.reset()
    assert used_key(server, mount(environment=environment, profile="prod")) == "AKIDPROD"


def test_session_token_of_a_profile(server, keys, mount, credentials_file):
    credentials_file.write_text(FILE + section("temporary", "ASIDTOKEN", aws_session_token=TOKEN))
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(credentials_file)}, profile="temporary")
    assert used_key(server, fs) == "ASIDTOKEN"


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION", "file"])
def test_region_as_the_aws_cli_finds_it(server, mount, tmp_path, variable):
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-central-1\n")
    environment = {"AWS_CONFIG_FILE": str(config)} if variable == "file" else {variable: "eu-central-1"}
    fs = mount(environment={**KEYS, **environment}, region=None)
    fs.read("team", "v1")
    assert {call["region"] for call in server.log()} == {"eu-central-1"}


def test_missing_credentials(server, mount, tmp_path):
    """One clear line, never a crash; and the mount works once there are some."""
    path = tmp_path / "credentials"
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(path), "AWS_CONFIG_FILE": str(tmp_path / "config")})
    assert os.listdir(fs.point) == [ACCOUNT]
    before = fs.log
    for operation in (lambda: os.listdir(fs.root), lambda: fs.read("team", "v1"), lambda: os.stat(fs.root / "team")):
        assert errno_of(operation) == "ENOKEY"
    assert server.calls() == 0
    assert "credentials" in fs.new_line(before)
    path.write_text(FILE)
    until(lambda: errno_of(os.listdir, fs.root) is None, "the new file is found")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")


def test_profile_that_does_not_exist(server, mount, credentials_file):
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(credentials_file)}, profile="misspelt")
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    assert fs.log_lines("misspelt")
    assert server.calls() == 0


@pytest.mark.parametrize("text", [
    "", "\0\xff\xfe", "[default", "aws_access_key_id = x\n", "[default]\naws_access_key_id = x\n",
    "[default]\n" + "x" * 200_000], ids=range(6))
def test_broken_credentials_file(mount, credentials_file, text):
    credentials_file.write_text(text, encoding="latin-1")
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(credentials_file)})
    assert errno_of(os.listdir, fs.root) == "ENOKEY"
    credentials_file.write_text(FILE)
    until(lambda: errno_of(os.listdir, fs.root) is None, "the repaired file is read")


@pytest.mark.parametrize("environment", [
    {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "wrong"},
    {"AWS_ACCESS_KEY_ID": "AKIDNOBODY", "AWS_SECRET_ACCESS_KEY": SECRET_KEY},
    {"AWS_ACCESS_KEY_ID": "ASIDTOKEN", "AWS_SECRET_ACCESS_KEY": "secret/of+ASIDTOKEN", "AWS_SESSION_TOKEN": "other"},
    {"AWS_ACCESS_KEY_ID": "ASIDTOKEN", "AWS_SECRET_ACCESS_KEY": "secret/of+ASIDTOKEN"},
], ids=["wrong secret", "unknown key", "wrong token", "no token"])
def test_rejected_credentials(server, keys, mount, environment):
    fs = mount(environment=environment, max_attempts=1)
    assert errno_of(os.listdir, fs.root) == "EKEYREJECTED"
    assert errno_of(fs.read, "team", "v1") == "EKEYREJECTED"
    line = fs.log_lines("DescribeRepositories")[0]
    assert server.log("DescribeRepositories")[0]["outcome"] in line


def test_expired_credentials(server, mount):
    server.config(credentials=[{
        "access_key": "ASIDOLD", "secret_key": "old", "account": ACCOUNT, "session_token": TOKEN, "expired": True}])
    fs = mount(environment={
        "AWS_ACCESS_KEY_ID": "ASIDOLD", "AWS_SECRET_ACCESS_KEY": "old", "AWS_SESSION_TOKEN": TOKEN}, max_attempts=1)
    assert errno_of(os.listdir, fs.root) == "EKEYEXPIRED"


def test_changed_file_is_read_again_when_its_keys_are_rejected(keys, mount, credentials_file):
    fs = mount(environment={"AWS_SHARED_CREDENTIALS_FILE": str(credentials_file)})
    credentials_file.write_text(section("default", "AKIDNOBODY"))
    assert errno_of(os.listdir, fs.root) == "EKEYREJECTED"
    credentials_file.write_text(section("default", "AKIDPROD"))
    until(lambda: errno_of(os.listdir, fs.root) is None, "the new keys are used")


@pytest.mark.parametrize("working", [True, False], ids=["accepted", "rejected"])
def test_secrets_are_nowhere_to_be_seen(keys, mount, working):
    secret = "secret/of+ASIDTOKEN" if working else "another/secret+value"
    environment = {"AWS_ACCESS_KEY_ID": "ASIDTOKEN", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": TOKEN}
    fs = mount(environment=environment, log_level="debug")
    assert errno_of(read, fs.manifest("team", "v1")) == (None if working else "EKEYREJECTED")
    errno_of(os.listdir, fs.root)
    places = {
        "log": fs.log,
        "mounts": pathlib.Path("/proc/self/mountinfo").read_text(),
        "ps": run("ps", "-o", "args", "-p", fs.pid, "-ww").decode(),
    }
    for name, text in places.items():
        for hidden in (secret, TOKEN, "AWS4-HMAC-SHA256 Cred", "Signature="):
            assert hidden not in text, name


def test_relative_path_is_that_of_the_start(mount, tmp_path):
    """The daemon works in /."""
    (tmp_path / "keys").write_text(section("default", ACCESS_KEY, SECRET_KEY))
    point = mount.new_point()
    done = mount.run("-o", option_text(mount.default_options()), ACCOUNT, point, cwd=tmp_path,
                     environment={"AWS_SHARED_CREDENTIALS_FILE": "keys", "AWS_CONFIG_FILE": "none"})
    assert done.returncode == 0, done.stderr
    assert "team" in os.listdir(point / ACCOUNT)
