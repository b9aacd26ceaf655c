"""A mount namespace of its own, where ecrfs is installed and files of /etc are the test's; the machine stays as it is.

    with Namespace(directory) as inside:
        inside.fstab.write_text("012345678910 /mnt/ecr ecrfs defaults 0 0\\n")
        inside.run("mount", "-a")
"""

import os
import pathlib
import re
import shlex
import signal
import subprocess

from . import kernel
from .checks import until
from .mount import ECRFS, PASSED_ON

USER, GROUP, OTHER_GROUP = 64321, 64322, 64323
NAME = "ecrfs-test"
POINT, HOME, ROOT_HOME = "/mnt/ecr", "/mnt/home", "/mnt/root"
COMMS = ("ecrfs\n", "mount.ecrfs\n")
# Mounts of others must not be held here when they end. /dev/fuse is for everybody, as udev makes it.
SETUP = """
umount --all --lazy --types fuse,fuse.ecrfs
mkdir -p /run/mount
mount -t tmpfs -o mode=755 tmpfs /run/mount
mount -t tmpfs -o mode=755 tmpfs {own}/dev
cp --archive /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty {own}/dev
mknod --mode=666 {own}/dev/fuse c 10 229
mount --move {own}/dev /dev
for file in fstab fuse.conf passwd group; do mount --bind {own}/$file /etc/$file; done
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir {point}
install --directory --owner={user} --group={group} {home} {home}/mnt
mount -t overlay -o lowerdir={installed}/usr/bin:/usr/bin overlay /usr/bin
mount -t overlay -o lowerdir={installed}$(realpath /sbin):$(realpath /sbin) overlay $(realpath /sbin)
{more}
echo ready
exec cat
"""


def install(directory):
    """What `cmake --install` makes of the build, below a directory."""
    subprocess.run(["cmake", "--install", ECRFS.parent, "--prefix", "/usr"], check=True, capture_output=True,
                   env={**os.environ, "DESTDIR": str(directory)})
    return directory


class Namespace:
    """Made by a process that waits; commands enter it. A context manager."""

    def __init__(self, directory, net=False, more=""):
        self.own = directory / "namespace"
        self.fstab = self.own / "fstab"
        self.fuse_conf = self.own / "fuse.conf"
        (self.own / "dev").mkdir(parents=True)
        self._write_etc()
        setup = SETUP.format(own=shlex.quote(str(self.own)), installed=install(directory / "installed"), more=more,
                             point=POINT, home=HOME, user=USER, group=GROUP)
        kinds = ["--mount", "--propagation", "private", *(["--net"] if net else [])]
        self._holder = subprocess.Popen(["unshare", *kinds, "sh", "-ec", setup], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.pid = self._holder.pid
        if self._holder.stdout.readline() != "ready\n":
            raise RuntimeError(self._holder.communicate()[1])

    def _write_etc(self):
        self.fstab.write_text("")
        self.fuse_conf.write_text("")
        passwd, group = (pathlib.Path(f"/etc/{name}").read_text() for name in ("passwd", "group"))
        passwd = re.sub("^root:.*$", f"root:x:0:0:root:{ROOT_HOME}:/bin/sh", passwd, flags=re.M)
        (self.own / "passwd").write_text(f"{passwd}{NAME}:x:{USER}:{GROUP}::{HOME}:/bin/sh\n")
        (self.own / "group").write_text(f"{group}{NAME}:x:{GROUP}:\n{NAME}-other:x:{OTHER_GROUP}:{NAME}\n")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def command(self, *words, user=False, kinds=("--mount", "--net")):
        """The words that run a command in here, as root or as the user of the test."""
        enter = ["nsenter", "--target", str(self.pid), *kinds, "--wd=/"]
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--init-groups"] if user else []
        return [*enter, *as_user, *map(str, words)]

    def start(self, *words, user=False, **environment):
        """Start a command in here with nothing in its environment but what is given."""
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return subprocess.Popen(self.command(*words, user=user), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**passed, **environment})

    def run(self, *words, code=0, user=False, **environment):
        """Run it; its output, and what it complained about, when it ends with this code."""
        process = self.start(*words, user=user, **environment)
        try:
            output, complaint = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        assert process.returncode == code, f"{words} ended with {process.returncode}: {output}{complaint}"
        return output + complaint

    def path(self, place):
        """A place in here, as this process reaches it."""
        return pathlib.Path(f"/proc/{self.pid}/root/{place}")

    def mounted(self):
        """{mount point: Info} of what is ecrfs."""
        found = kernel.mounts(self.pid)
        return {point: info for point, info in found.items() if info.type == "fuse.ecrfs"}

    def daemons(self):
        """Pids of the ecrfs processes in here; of a daemon with a keeper both."""
        here, found = os.readlink(f"/proc/{self.pid}/ns/mnt"), []
        for directory in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(directory / "ns/mnt") == here and (directory / "comm").read_text() in COMMS:
                    found.append(int(directory.name))
            except OSError:
                continue
        return sorted(found)

    def clean(self):
        """Unmount all of ecrfs, wait until it has ended, and empty the files of /etc."""
        for point in self.mounted():
            # A daemon that is just ending may be faster.
            subprocess.run(self.command("umount", "--quiet", "--lazy", point), capture_output=True, timeout=30)
        until(lambda: not self.daemons(), "all daemons and keepers have ended")
        self.fstab.write_text("")
        self.fuse_conf.write_text("")

    def close(self):
        """End what is left in here; with the last process the namespace goes."""
        for pid in self.daemons():
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self.daemons(), "the daemons are gone")
        self._holder.communicate()
