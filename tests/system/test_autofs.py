"""Debian's autofs: a direct and an indirect map, as the examples have them; expiry, and mounting again."""

import os
import pathlib
import re
import shlex

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY, EcrServer
from integration.checks import until
from integration.namespace import Namespace

from .conftest import ROOT, example

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
UNPACKED = ROOT / "build/autofs"
MORE = """
mount -t overlay -o lowerdir={etc}:/etc overlay /etc
mount -t overlay -o lowerdir={unpacked}/{folder}:/{folder} overlay /{folder}
mount -t tmpfs -o mode=755 tmpfs /run
cp {unpacked}/usr/sbin/automount /mnt/automount
mknod /dev/autofs c 10 235
"""


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    if os.getuid() != 0:
        pytest.skip("a mount namespace is made by root")
    if not os.path.exists("/dev/autofs"):
        pytest.skip("this kernel has no autofs")
    if not (UNPACKED / "usr/sbin/automount").exists():
        pytest.skip(f"autofs is not unpacked in {UNPACKED}; scripts/test does that")
    directory = tmp_path_factory.mktemp("autofs")
    etc = directory / "etc"
    (etc / "auto.master.d").mkdir(parents=True)
    for name in ("auto.ecr", "auto.ecr.direct"):
        (etc / name).write_text(example(f"autofs/{name}"))
    (etc / "auto.master").write_text("+dir:/etc/auto.master.d\n")
    (etc / "auto.master.d/ecr.autofs").write_text(example("autofs/ecr.autofs").replace("--timeout=600", "--timeout=1"))
    library, = UNPACKED.glob("usr/lib/*/libautofs.so")
    folder = library.parent.relative_to(UNPACKED)
    more = MORE.format(etc=shlex.quote(str(etc)), unpacked=shlex.quote(str(UNPACKED)), folder=folder)
    with Namespace(directory, more=more) as made:
        yield made


def autofs_mounts(inside):
    """Where it waits for somebody to come."""
    lines = pathlib.Path(f"/proc/{inside.pid}/mountinfo").read_text()
    return set(re.findall(r"^\S+ \S+ \S+ \S+ (\S+) .* - autofs ", lines, re.M))


@pytest.fixture(scope="module")
def automount(inside):
    """The daemon in the foreground, with the variables that /etc/default/autofs would set."""
    maps = {"/mnt/ecr", "/mnt/registries"}
    with EcrServer(preset="mixed") as server:
        # Those of its process group would see what is below its mounts, and mount nothing.
        process = inside.start("setsid", "/mnt/automount", "--foreground", "--dont-check-daemon", "/etc/auto.master",
                               AWS_ENDPOINT_URL=server.endpoint, AWS_ACCESS_KEY_ID=ACCESS_KEY,
                               AWS_SECRET_ACCESS_KEY=SECRET_KEY)
        try:
            until(lambda: process.poll() is not None or maps <= autofs_mounts(inside), "the maps are there")
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.mark.parametrize("point, registry", [("/mnt/ecr", HOST), (f"/mnt/registries/{ACCOUNT}", ACCOUNT)],
                         ids=["direct", "indirect"])
def test_mounted_when_wanted_and_unmounted_when_not(automount, inside, point, registry):
    for _ in range(2):
        until(lambda: point not in inside.mounted(), "it is unmounted after 1 s", timeout_s=30)
        assert inside.run("ls", point) == f"{registry}\n"
        assert inside.mounted()[point].source == registry
        assert "v1" in inside.run("ls", f"{point}/{registry}/team/app").split()
    until(lambda: point not in inside.mounted(), "it is unmounted after 1 s", timeout_s=30)
    until(lambda: not inside.daemons(), "the daemon has ended")


def test_what_is_no_registry_is_no_directory(automount, inside):
    assert "No such file or directory" in inside.run("ls", "/mnt/registries/nonsense", code=2)
