"""systemd mounts: fstab at boot and on demand, .mount and .automount units; a killed daemon; switching off."""

import os
import signal

import pytest

from ecr_server.client import ACCOUNT
from integration.checks import until

from .conftest import example

OTHER = "123456789012"
OPTIONS = "nofail,_netdev,allow_other,region=us-east-1,max_attempts=1,negative_ttl=200ms"
FILES = {
    "/etc/fstab": (
        f"{ACCOUNT} /mnt/boot ecrfs {OPTIONS} 0 0\n"
        f"{ACCOUNT} /mnt/wrong ecrfs {OPTIONS},timout=5s 0 0\n"
        f"{ACCOUNT} /mnt/auto ecrfs {OPTIONS},noauto,x-systemd.automount,x-systemd.idle-timeout=2s 0 0\n"),
    "/etc/systemd/system/mnt-ecr.mount": example("systemd/mnt-ecr.mount"),
    "/etc/systemd/system/mnt-ecr.automount": example("systemd/mnt-ecr.automount"),
    "/etc/systemd/system/mnt-ecr.automount.d/soon.conf": "[Automount]\nTimeoutIdleSec=2\n",
}
needs_autofs = pytest.mark.skipif(not os.path.exists("/dev/autofs"), reason="this kernel has no autofs")
HOST = f"{OTHER}.dkr.ecr.eu-west-1.amazonaws.com"


def daemon_of(machine, point):
    """The pid, as this process sees it, of the daemon in the unit of a mount point."""
    unit = machine.run("systemd-escape", "--path", "--suffix=mount", point).strip()
    inner = machine.run("cat", f"/sys/fs/cgroup{machine.show(unit, 'ControlGroup')}/cgroup.procs").split()
    pid, = machine.outer_pids(inner)
    return pid


def test_boot_without_a_registry(machine):
    """What fstab says is mounted at boot, though nobody answers; what it says wrongly holds up nothing."""
    assert machine.mounted("/mnt/boot") == [ACCOUNT]
    assert "Connection refused" in machine.complaint("ls", f"/mnt/boot/{ACCOUNT}")
    assert machine.state == "degraded"
    assert machine.show("mnt-wrong.mount", "Result") == "exit-code"
    assert machine.mounted("/mnt/wrong") == []
    assert "unknown option 'timout=5s': is timeout meant?" in machine.journal("--unit=mnt-wrong.mount")
    assert machine.show("mnt-boot.mount", "ActiveState") == "active"
    assert "remote-fs-pre.target" in machine.show("mnt-boot.mount", "After")


def test_the_registry_appears_after_boot(machine, registry):
    until(lambda: machine.ask("ls", f"/mnt/boot/{ACCOUNT}/team").returncode == 0, "the registry can be listed")
    read = machine.run("cat", f"/mnt/boot/{ACCOUNT}/team/v1/digest")
    assert read.startswith("sha256:")


def test_messages_are_in_the_journal(machine):
    assert "is mounted read-only at /mnt/boot" in machine.journal("SYSLOG_IDENTIFIER=ecrfs")


@needs_autofs
def test_fstab_mounts_on_demand_and_unmounts_when_idle(machine, registry):
    for _ in range(2):
        assert machine.mounted("/mnt/auto") == []
        assert machine.run("ls", "/mnt/auto") == f"{ACCOUNT}\n"
        assert machine.mounted("/mnt/auto") == [ACCOUNT]
        until(lambda: not machine.mounted("/mnt/auto"), "it is unmounted after 2 s", timeout_s=30)


def test_mount_unit(machine, registry):
    machine.run("systemctl", "start", "mnt-ecr.mount")
    assert machine.mounted("/mnt/ecr") == [HOST]
    assert "app" in machine.run("ls", f"/mnt/ecr/{HOST}/team")
    machine.run("systemctl", "stop", "mnt-ecr.mount")
    assert machine.mounted("/mnt/ecr") == []
    until(lambda: machine.show("mnt-ecr.mount", "ActiveState") == "inactive", "the unit has ended")
    assert machine.show("mnt-ecr.mount", "Result") == "success"


@needs_autofs
def test_automount_unit(machine, registry):
    machine.run("systemctl", "start", "mnt-ecr.automount")
    for _ in range(2):
        assert machine.mounted("/mnt/ecr") == []
        assert machine.run("ls", "/mnt/ecr") == f"{HOST}\n"
        assert machine.mounted("/mnt/ecr") == [HOST]
        until(lambda: not machine.mounted("/mnt/ecr"), "it is unmounted after 2 s", timeout_s=30)
    machine.run("systemctl", "stop", "mnt-ecr.automount")


def test_a_busy_mount_is_not_stopped(machine):
    with open(f"/proc/{machine.pid}/root/mnt/boot/.ecrfs/status", "rb"):
        machine.run("systemctl", "stop", "mnt-boot.mount", code=1)
        assert machine.mounted("/mnt/boot") == [ACCOUNT]
    machine.run("systemctl", "restart", "mnt-boot.mount")
    assert machine.mounted("/mnt/boot") == [ACCOUNT]


def test_restart_after_kill_9(machine, registry):
    os.kill(daemon_of(machine, "/mnt/boot"), signal.SIGKILL)
    until(lambda: "not connected" in machine.ask("ls", "/mnt/boot").stderr, "the daemon is gone")
    machine.run("systemctl", "restart", "mnt-boot.mount")
    assert machine.mounted("/mnt/boot") == [ACCOUNT]
    assert "v1" in machine.run("ls", f"/mnt/boot/{ACCOUNT}/team")


def test_switching_off_is_not_held_up(machine):
    """With a mount, and nobody at the other end. The last one of its machine."""
    assert machine.mounted("/mnt/boot") == [ACCOUNT]
    machine.ask("systemctl", "poweroff")
    machine.wait_for_end(timeout_s=30)
