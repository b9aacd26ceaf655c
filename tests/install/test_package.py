"""The packages that cpack makes: the Debian one installed, used and purged in a fresh Debian."""

import hashlib
import os
import shutil

import pytest

from ecr_server.client import ACCOUNT
from integration.checks import run
from integration.mount import ECRFS, KEYS, ROOT

from .chroot import Chroot

USE = """
mount -t ecrfs -o region=us-east-1,endpoint_url="$0" "$1" /mnt
sha256sum </mnt/"$1"/cluster-autoscaler/v1.13.6/manifest.json
umount /mnt
"""


@pytest.fixture(scope="module")
def make_package(tmp_path_factory):
    """A function that makes a package of the program, as it was built, in a format: its path."""
    build = tmp_path_factory.mktemp("build")
    run("cmake", "-S", ROOT, "-B", build, "-DBUILD_TESTING=OFF", "-DCMAKE_BUILD_TYPE=Release")
    shutil.copy(ECRFS, build)

    def run_cpack(format):
        run("cpack", "-G", format, cwd=build)
        package, = build.glob(f"*.{format.lower()}")
        return package
    return run_cpack


@pytest.fixture(scope="module")
def package(make_package):
    return make_package("DEB")


@pytest.fixture(scope="module")
def debian():
    with Chroot() as chroot:
        chroot.run("apt-get", "-q", "update")
        yield chroot


def test_lintian_finds_nothing(package):
    assert run("lintian", "--allow-root", "--fail-on", "error,warning", package).decode() == ""


def test_rpm_package_is_made(make_package):
    files = run("rpm", "-qpl", make_package("RPM")).decode().split()
    assert {"/usr/bin/ecrfs", "/usr/share/man/man8/mount.ecrfs.8"} <= set(files)
    assert f"{os.path.realpath('/sbin')}/mount.ecrfs" in files


def test_package_in_a_fresh_debian(package, debian, server):
    before = debian.files()
    shutil.copy(package, debian.root / "tmp/ecrfs.deb")
    debian.run("apt-get", "-qy", "--no-install-recommends", "install", "/tmp/ecrfs.deb")
    debian.run("dpkg", "--verify", "ecrfs")
    assert debian.run("ecrfs", "--version").startswith("ecrfs ")
    for page in ("ecrfs", "mount.ecrfs"):
        assert f"/{page}." in debian.run("man", "-w", page)
    assert debian.run("mount", "-f", "-t", "ecrfs", "none", "/mnt") == ""
    assert "is readahead meant?" in debian.run("mount.ecrfs", "none", "/mnt", "-f", "-o", "readhead=off", code=1)
    if os.path.exists("/dev/fuse"):
        expected = hashlib.sha256(server.manifest("cluster-autoscaler", tag="v1.13.6")).hexdigest()
        assert expected in debian.run("sh", "-ec", USE, server.endpoint, ACCOUNT, **KEYS)
    debian.run("apt-get", "-qy", "purge", "--auto-remove", "ecrfs")
    assert debian.files() - before == set()
    assert before - debian.files() == set()
