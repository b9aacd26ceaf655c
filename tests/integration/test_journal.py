"""Under systemd each line goes to journald, with fields to search by."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from ecr_server.client import ACCOUNT

from .mount import ECRFS, KEYS, option_text

FAKE = pathlib.Path(__file__).with_name("fake_journal.py")
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root may have a mount namespace")


def has_journald():
    return b"libsystemd" in subprocess.run(["ldd", ECRFS], capture_output=True, check=True).stdout


@pytest.fixture
def journal(mount):
    def of(*paths, **options):
        point = mount.new_point()
        text = option_text({**mount.default_options(), **options})
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", sys.executable, FAKE, point, ECRFS, "-o", text, ACCOUNT,
             point], input="\n".join(paths), capture_output=True, text=True, timeout=60, env={
                 **mount.environment(KEYS), "PATH": os.environ["PATH"]})
        assert done.returncode == 0, done.stderr
        return str(point), json.loads(done.stdout)
    if not has_journald():
        pytest.skip("built without libsystemd")
    return of


def test_lines_have_fields(server, journal):
    server.fault("error", operation="BatchGetImage", code="AccessDeniedException")
    point, lines = journal(f"{ACCOUNT}/team/v1/manifest.json", f"{ACCOUNT}/team/v2/manifest.json")
    assert {line["SYSLOG_IDENTIFIER"] for line in lines} == {"ecrfs"}
    assert {line["ECRFS_MOUNTPOINT"] for line in lines} == {point}
    assert "mounted read-only" in lines[0]["MESSAGE"] and lines[0]["PRIORITY"] == "6"
    failed, = [line for line in lines if line.get("ECRFS_OPERATION")]
    assert failed["PRIORITY"] == "3"
    assert failed["ECRFS_OPERATION"] == "BatchGetImage"
    assert failed["ECRFS_REGISTRY"] == ACCOUNT
    assert failed["ECRFS_REPOSITORY"] == "team"
    assert failed["ECRFS_STATUS"] == "denied"
    assert failed["ECRFS_CODE"] == "AccessDeniedException"
    assert failed["ECRFS_REQUEST_ID"] in failed["MESSAGE"]


def test_debug_lines_have_their_level(journal):
    _, lines = journal(f"{ACCOUNT}/team/v1/manifest.json", log_level="debug")
    assert "7" in {line["PRIORITY"] for line in lines}

