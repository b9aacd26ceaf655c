"""The template service: ready when mounted, restarted after a crash, clean when stopped; what it may, and may not."""

import os
import pathlib
import re
import signal

import pytest

from ecr_server.client import ACCOUNT
from integration.checks import until

from .conftest import example

UNIT = "ecrfs@mnt-ecr.service"
SETTINGS = "/etc/default/ecrfs@mnt-ecr"
OPTIONS = "region=us-east-1,allow_other,max_attempts=1,negative_ttl=200ms"
FILES = {"/etc/default/ecrfs": f"ECRFS_REGISTRY={ACCOUNT}\nECRFS_OPTIONS={OPTIONS}\n"}
TEMPLATE = example("systemd/ecrfs@.service")
CAPABILITIES = {"CAP_DAC_READ_SEARCH": 2, "CAP_SETGID": 6, "CAP_SETUID": 7, "CAP_SYS_ADMIN": 21}
# What the template says must not be in it.
HIDING = re.findall(r"\b([A-Z]\w+)=", TEMPLATE.partition("# Limits.")[2].partition("and their")[0])
VALUES = {"ReadOnlyPaths": "/srv", "ProtectProc": "invisible", "ProtectSystem": "full"}


@pytest.fixture
def service(machine):
    """A function that starts it, with more settings; stopped after the test."""
    def start(settings="", code=0):
        machine.write(SETTINGS, settings, mode=0o600)
        machine.run("systemctl", "start", UNIT, code=code)
    yield start
    machine.run("systemctl", "stop", UNIT)
    machine.ask("systemctl", "reset-failed", UNIT)
    until(lambda: not machine.mounted(), "it is unmounted")


def main_pid(machine):
    pid, = machine.outer_pids([machine.show(UNIT, "MainPID")])
    return pid


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())


def test_it_is_ready_when_it_is_mounted(machine, registry, service):
    service()
    assert machine.mounted() == [ACCOUNT]
    assert "v1" in machine.run("ls", f"/mnt/ecr/{ACCOUNT}/team")
    assert machine.show(UNIT, "Type") == "notify"
    assert machine.show(UNIT, "ActiveState") == "active"
    assert machine.show(UNIT, "StatusText") == f"{ACCOUNT} is mounted read-only at /mnt/ecr"


def test_it_needs_no_network(machine, service):
    service()
    assert machine.mounted() == [ACCOUNT]
    assert "Connection refused" in machine.complaint("ls", f"/mnt/ecr/{ACCOUNT}")


def test_stopping_is_clean(machine, service):
    service()
    daemon = main_pid(machine)
    machine.run("systemctl", "stop", UNIT)
    assert machine.mounted() == [] and not os.path.exists(f"/proc/{daemon}")
    assert machine.show(UNIT, "ActiveState") == "inactive"
    assert machine.show(UNIT, "Result") == "success"
    # The keeper has ended, too, and nothing had to be killed.
    assert machine.outer_pids(machine.run("pgrep", "-x", "ecrfs", code=1).split()) == []
    log = machine.journal(f"--unit={UNIT}")
    assert "Stopped ecrfs@mnt-ecr.service" in log and "Killing process" not in log


def test_sigterm_is_a_clean_end(machine, service):
    service()
    os.kill(main_pid(machine), signal.SIGTERM)
    until(lambda: machine.show(UNIT, "ActiveState") == "inactive", "the service has ended")
    assert machine.show(UNIT, "Result") == "success" and machine.show(UNIT, "NRestarts") == "0"
    assert machine.mounted() == []


@pytest.mark.parametrize("settings", ["", f"ECRFS_OPTIONS={OPTIONS},setuid=nobody,env.HOME=/tmp\n"],
                         ids=["root", "setuid"])
def test_it_is_restarted_after_kill_9(machine, registry, service, settings):
    service(settings)
    for n in (1, 2):
        daemon = main_pid(machine)
        os.kill(daemon, signal.SIGKILL)
        until(lambda n=n: machine.show(UNIT, "NRestarts") == str(n) and
              machine.show(UNIT, "ActiveState") == "active", "it runs again", timeout_s=30)
        assert machine.mounted() == [ACCOUNT]
        assert machine.run("ls", "/mnt/ecr") == f"{ACCOUNT}\n"
        assert main_pid(machine) != daemon


@pytest.mark.parametrize("settings", ["", f"ECRFS_OPTIONS={OPTIONS},setuid=nobody\n"], ids=["root", "setuid"])
def test_reloading_forgets_what_is_cached(machine, service, settings):
    service(settings)
    daemon = main_pid(machine)
    machine.run("systemctl", "reload", UNIT)
    until(lambda: "all that was cached is forgotten" in machine.journal(f"_PID={machine.show(UNIT, 'MainPID')}"),
          "it has got the signal")
    assert main_pid(machine) == daemon and machine.mounted() == [ACCOUNT]


def test_it_is_not_restarted_for_a_wrong_option(machine, service):
    service(f"ECRFS_OPTIONS={OPTIONS},timout=5s\n", code=1)
    assert machine.show(UNIT, "ActiveState") == "failed"
    assert machine.show(UNIT, "NRestarts") == "0"
    assert "is timeout meant?" in machine.journal(f"--unit={UNIT}")


def test_keys_of_a_file_that_only_root_reads(machine, registry, service):
    service("AWS_ACCESS_KEY_ID=AKIDWRONG\nAWS_SECRET_ACCESS_KEY=wrong\n")
    assert "Key was rejected" in machine.complaint("ls", f"/mnt/ecr/{ACCOUNT}")


def test_hardening_is_in_force(machine, registry, service):
    service()
    found = status(main_pid(machine))
    assert int(found["CapBnd"], 16) == int(found["CapEff"], 16) == sum(1 << bit for bit in CAPABILITIES.values())
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    assert machine.run("stat", "-c", "%U %a", "/var/cache/ecrfs") == "root 700\n"
    assert machine.show(UNIT, "DevicePolicy") == "closed"
    # The same mounts as the machine has.
    assert os.readlink(f"/proc/{main_pid(machine)}/ns/mnt") == os.readlink(f"/proc/{machine.pid}/ns/mnt")
    assert "v1" in machine.run("ls", f"/mnt/ecr/{ACCOUNT}/team")


def test_without_root(machine, registry, service):
    machine.run("install", "-D", "-o", "nobody", "/root/.aws/credentials", "/tmp/.aws/credentials")
    service(f"ECRFS_OPTIONS={OPTIONS},setuid=nobody,env.HOME=/tmp\n")
    found = status(main_pid(machine))
    assert found["Uid"].split() == ["65534"] * 4 and int(found["CapEff"], 16) == 0
    assert "v1" in machine.run("ls", f"/mnt/ecr/{ACCOUNT}/team")


def test_another_instance(machine, registry):
    unit = machine.run("systemd-escape", "--template=ecrfs@.service", "--path", "/srv/ecr-two").strip()
    machine.run("systemctl", "start", unit)
    try:
        assert machine.mounted("/srv/ecr-two") == [ACCOUNT]
        assert machine.run("ls", "/srv/ecr-two") == f"{ACCOUNT}\n"
    finally:
        machine.run("systemctl", "stop", unit)
    assert machine.mounted("/srv/ecr-two") == []


@pytest.mark.parametrize("option", HIDING)
def test_what_would_hide_the_mount_does(machine, option):
    """As the template says of these, which would be in it else."""
    drop_in = "/run/systemd/system/ecrfs@.service.d/hiding.conf"
    machine.write(drop_in, f"[Service]\n{option}={VALUES.get(option, 'yes')}\n")
    machine.run("systemctl", "daemon-reload")
    machine.write(SETTINGS, "")
    try:
        started = machine.ask("systemctl", "start", UNIT)
        assert machine.mounted() == []
        # Nothing else is wrong with it: it serves where nobody sees it. (Private devices have no /dev/fuse.)
        assert (started.returncode == 0) == (option != "PrivateDevices")
    finally:
        machine.ask("systemctl", "stop", UNIT)
        machine.run("rm", drop_in)
        machine.run("systemctl", "daemon-reload")


@pytest.mark.parametrize("unit", ["/usr/lib/systemd/system/ecrfs@.service", "mnt-ecr.mount", "mnt-ecr.automount"])
def test_systemd_finds_nothing_wrong_with_a_unit(machine, unit):
    if "/" not in unit:
        machine.write(f"/run/systemd/system/{unit}", example(f"systemd/{unit}"))
        unit = f"/run/systemd/system/{unit}"
    done = machine.ask("systemd-analyze", "verify", "--man=no", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_template_names_them_all():
    assert len(HIDING) >= 10 and not [name for name in HIDING if re.search(f"^{name}=", TEMPLATE, re.M)]
