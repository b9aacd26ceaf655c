"""systemd, booted in namespaces of its own on an overlay of this machine's root; nothing of it reaches this machine.

    with Machine(directory, {"/etc/fstab": "…"}) as machine:
        machine.run("ls", "/mnt/ecr")
"""

import contextlib
import os
import pathlib
import re
import shlex
import subprocess

from integration.checks import until
from integration.namespace import install

TARGET = "ecrfs-test.target"
# Services of this machine stay out. The kernel is shared: its settings are read-only, as is what it shows of itself.
UNITS = {
    TARGET: "[Unit]\nRequires=sysinit.target basic.target systemd-journald.service\nAfter=sysinit.target basic.target\n"
            "Wants=local-fs.target remote-fs.target\nAllowIsolate=yes\n",
    "sysinit.target": "[Unit]\nDefaultDependencies=no\n",
    "basic.target": "[Unit]\nAfter=sysinit.target\nRequires=sysinit.target\n",
    **dict.fromkeys(("systemd-modules-load.service", "systemd-journald-audit.socket", "sys-kernel-debug.mount",
                     "sys-kernel-tracing.mount"), ""),  # empty: masked
}
BOOT = """
mount -t tmpfs -o mode=755 tmpfs {base}
cd {base}
mkdir upper work root
echo {copying}
cp -a {installed}/. {files}/. upper
echo {copied}
mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
mount -t proc proc root/proc
mount --bind root/proc/sys root/proc/sys
mount -o remount,bind,ro root/proc/sys
mount -t sysfs -o ro sysfs root/sys
mount -t cgroup2 cgroup2 root/sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs root/dev
cp --archive /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty root/dev
mknod --mode=666 root/dev/fuse c 10 229
test ! -e /dev/autofs || cp --archive /dev/autofs root/dev
mkdir root/dev/pts root/dev/shm
mount -t devpts devpts root/dev/pts
ln -s /proc/self/fd root/dev/fd
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mount -t tmpfs -o mode=755 tmpfs root/mnt
mkdir root/mnt/old root/mnt/ecr
cd root
pivot_root . mnt/old
umount --lazy /mnt/old
mount --make-rshared /
exec env -i PATH=/usr/sbin:/usr/bin container=ecrfs-test setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio \
    /lib/systemd/systemd --unit={target} --log-target=journal --show-status=no
"""


COPYING, COPIED = "copying ecrfs", "ecrfs is copied"


class CannotBoot(Exception):
    """The text says why."""


class Machine:
    """Booted when made. A context manager. Its network is its own: nobody is there but what runs `within` it."""

    def __init__(self, directory, files):
        self._files, base = directory / "files", directory / "base"
        base.mkdir()
        units = {f"/etc/systemd/system/{name}": text for name, text in UNITS.items()}
        for place, text in {"/etc/fstab": "", **units, **files}.items():
            file = self._files / place.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self._cgroup = Cgroup(directory / "cgroup")
        script = BOOT.format(base=shlex.quote(str(base)), files=shlex.quote(str(self._files)), target=TARGET,
                             copying=COPYING, copied=COPIED,
                             installed=install(directory / "installed"))
        kinds = ["--mount", "--propagation=private", "--pid", "--cgroup", "--uts", "--ipc", "--net", "--fork",
                 "--kill-child"]
        self._log = (directory / "boot.log").open("w+")
        self._unshare = subprocess.Popen(
            ["unshare", *kinds, "sh", "-ec", script], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            preexec_fn=self._cgroup.enter)
        try:
            self.pid = until(self._init, "there is a first process")
            self.state = until(self._booted, "systemd has booted", timeout_s=60)
        except BaseException:
            self.close()
            raise

    def _init(self):
        task = f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children"
        with contextlib.suppress(OSError):
            return int((pathlib.Path(task).read_text() or "0").split()[0])

    def _booted(self):
        if self._unshare.poll() is not None:
            self._log.seek(0)
            log = self._log.read()
            assert COPYING not in log or COPIED in log, log  # that is no fault of the machine's
            raise CannotBoot(log)
        state = self.ask("systemctl", "is-system-running").stdout.strip()
        return state if state in ("running", "degraded") else None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def command(self, *words, kinds=("--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd=/")):
        return ["nsenter", "--target", str(self.pid), *kinds, *map(str, words)]

    def ask(self, *words):
        """Run a command in it, whatever its exit code."""
        return subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env={"PATH": "/usr/sbin:/usr/bin", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"})

    def run(self, *words, code=0):
        """Its output when it ends with this code."""
        done = self.ask(*words)
        assert done.returncode == code, f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def outer_pids(self, inner):
        """The pids, here, of processes whose pids in there are these."""
        here, found = os.readlink(f"/proc/{self.pid}/ns/pid"), []
        for directory in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                pids = re.search(r"^NSpid:\s+(.*)$", (directory / "status").read_text(), re.M)[1].split()
                if os.readlink(directory / "ns/pid") == here and pids[-1] in inner:
                    found.append(int(directory.name))
        return found

    def show(self, unit, name):
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def journal(self, *arguments):
        return self.run("journalctl", "--output=cat", "--no-pager", *arguments)

    def mounted(self, point="/mnt/ecr"):
        """The sources of the ecrfs mounts there, as the machine sees them."""
        lines = pathlib.Path(f"/proc/{self.pid}/mountinfo").read_text()
        return re.findall(rf" {point} .* - fuse\.ecrfs (\S+) ", lines)

    def complaint(self, *words):
        """What a command complains about that must fail."""
        done = self.ask(*words)
        assert done.returncode != 0, f"{words} did not fail: {done.stdout}"
        return done.stderr

    def write(self, place, text, mode=0o644):
        file = pathlib.Path(f"/proc/{self.pid}/root{place}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def wait_for_end(self, timeout_s=60):
        """Wait until it has been switched off."""
        self._unshare.wait(timeout_s)

    def close(self):
        self._unshare.kill()
        self._unshare.wait()
        self._log.close()
        self._cgroup.close()


class Cgroup:
    """A control group of version 2, which systemd takes for the root of all."""

    def __init__(self, mountpoint):
        self._mountpoint = mountpoint
        mountpoint.mkdir()
        done = subprocess.run(["mount", "-t", "cgroup2", "cgroup2", mountpoint], capture_output=True, text=True)
        if done.returncode:
            raise CannotBoot(done.stderr)
        self._directory = mountpoint / f"ecrfs-test-{os.getpid()}"
        self._directory.mkdir()

    def enter(self):
        """In a child that is about to start."""
        (self._directory / "cgroup.procs").write_text(str(os.getpid()))

    def _remove(self):
        for directory, _, _ in os.walk(self._directory, topdown=False):
            with contextlib.suppress(OSError):  # a process is still ending
                os.rmdir(directory)
        return not self._directory.exists()

    def close(self):
        try:
            until(self._remove, "the control group is empty")
        finally:
            subprocess.run(["umount", self._mountpoint], check=True)
