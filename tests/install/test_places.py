"""`cmake --install`: each file where it was asked for, and nothing elsewhere."""

import os
import pathlib
import shutil

import pytest

from integration.checks import run
from integration.mount import ECRFS, ROOT

DOCUMENTS = ("README.md", "CHANGELOG.md", "LICENSE", "docs/ARCHITECTURE.md", "docs/SEMANTICS.md",
             "docs/updatedb.conf.example", "docs/metrics.md", "docs/grafana-dashboard.json", "prometheus/ecrfs-textfile",
             "prometheus/ecrfs-textfile.timer")


@pytest.fixture
def install(tmp_path):
    """A function that installs the program, as it was built, below a directory: that directory."""
    def run_cmake(**settings):
        build, destination = tmp_path / "build", tmp_path / "destination"
        definitions = [f"-D{name}={value}" for name, value in settings.items()]
        run("cmake", "-S", ROOT, "-B", build, "-DBUILD_TESTING=OFF", *definitions)
        shutil.copy(ECRFS, build)
        run("env", f"DESTDIR={destination}", "cmake", "--install", build)
        return destination
    return run_cmake


def files(directory):
    return {f"/{path.relative_to(directory)}" for path in directory.rglob("*") if not path.is_dir()}


def check_files(destination, bin, helper, man, completion, zsh, doc):
    link = pathlib.Path(f"{destination}{helper}")
    assert os.readlink(link) == f"{bin}/ecrfs"
    wanted = {f"{bin}/ecrfs", helper, f"{man}/man1/ecrfs.1", f"{man}/man8/mount.ecrfs.8", f"{completion}/ecrfs",
              f"{zsh}/_ecrfs", *(f"{doc}/{name}" for name in DOCUMENTS)}
    assert wanted <= files(destination)
    assert os.access(f"{destination}{bin}/ecrfs", os.X_OK)


def test_default_places(install):
    destination = install()
    check_files(destination, "/usr/local/bin", f"{os.path.realpath('/sbin')}/mount.ecrfs", "/usr/local/share/man",
                "/usr/local/share/bash-completion/completions", "/usr/local/share/zsh/site-functions",
                "/usr/local/share/doc/ecrfs")
    outside = {name for name in files(destination) if not name.startswith("/usr/local/")}
    assert outside == {f"{os.path.realpath('/sbin')}/mount.ecrfs"}


def test_other_places(install):
    destination = install(
        CMAKE_INSTALL_PREFIX="/opt/x", CMAKE_INSTALL_BINDIR="programs", CMAKE_INSTALL_MANDIR="/opt/manual",
        CMAKE_INSTALL_DATADIR="data", CMAKE_INSTALL_DOCDIR="texts", ECRFS_ZSH_DIR="/opt/zsh",
        ECRFS_MOUNT_HELPER="/opt/helpers/mount.ecrfs")
    check_files(destination, "/opt/x/programs", "/opt/helpers/mount.ecrfs", "/opt/manual",
                "/opt/x/data/bash-completion/completions", "/opt/zsh", "/opt/x/texts")
    assert not [name for name in files(destination) if not name.startswith("/opt/")]
