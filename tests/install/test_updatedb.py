"""updatedb on real mounts: what it asks of ECR, and the line that keeps it away."""

import os
import re
import shutil

import pytest

from integration.checks import calls, forget_calls, pulls, run
from integration.mount import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give updatedb another configuration")
CONFIGURATION = "/etc/updatedb.conf"
EXAMPLE = ROOT / "docs/updatedb.conf.example"
COMMAND = re.search(r"^#\s+(sed -i .* /etc/updatedb.conf)$", EXAMPLE.read_text(), re.M)[1]


@pytest.fixture
def update(server, mount, tmp_path):
    """A function that runs updatedb with a configuration over a fresh mount: what it asked, and what it found."""
    def run_updatedb(configuration):
        mounted = mount(ttl="1h")
        forget_calls(server)
        # As daily, but for these: tests work in /tmp, and look at their own mount only.
        run("unshare", "-m", "sh", "-ec",
            f'mount --bind "$1" {CONFIGURATION} && updatedb.plocate --prunepaths "" -U "$2" -o "$3"',
            "sh", configuration, tmp_path, tmp_path / "db")
        paths = run("sh", "-c", 'plocate -d "$1" / || true', "sh", tmp_path / "db").decode().splitlines()
        assert str(mounted.point) in paths, "updatedb did not come by"
        return calls(server), sum(path.startswith(f"{mounted.point}/") for path in paths)
    return run_updatedb


def test_documented_command_keeps_updatedb_away(update, tmp_path):
    configuration = tmp_path / "updatedb.conf"
    shutil.copy(CONFIGURATION, configuration)
    for _ in range(2):
        run("sh", "-ec", COMMAND.replace(CONFIGURATION, str(configuration)))
    assert configuration.read_text().count("fuse.ecrfs") == 1
    assert update(configuration) == ({}, 0)


def test_example_keeps_updatedb_away(update):
    assert update(EXAMPLE) == ({}, 0)


def test_manual_page_has_the_same_command():
    shown = run("man", "-l", "-E", "ascii", ROOT / "docs/mount.ecrfs.8").decode()
    assert COMMAND in shown


def test_without_it_updatedb_lists_all_and_pulls_nothing(update, server):
    asked, found = update(CONFIGURATION)
    assert asked["DescribeRepositories"] and asked["DescribeImages"] and found > 100
    assert pulls(server) == 0
