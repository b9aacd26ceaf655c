"""A Debian of the release that this machine has, in a directory: installed from its own mirror."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

RELEASE = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().replace('"', "").splitlines())
# What changes by itself, or belongs to nobody in there.
PASSED_OVER = ("dev", "proc", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log")
ENTER = """
mount --make-rprivate /
mount -t proc proc "$0/proc"
mount --bind /etc/resolv.conf "$0/etc/resolv.conf"
[ ! -e /dev/fuse ] || { : >"$0/dev/fuse"; mount --bind /dev/fuse "$0/dev/fuse"; }
exec chroot "$0" "$@"
"""


def text_of(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def mirror():
    """Where apt has this release from."""
    listed = text_of("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)",
                     "Created-By: Packages")
    for line in listed.splitlines():
        address, codename, component = line.split()
        if (codename, component) == (RELEASE.get("VERSION_CODENAME"), "main"):
            return address
    pytest.skip("apt has no mirror of this machine's release")


class Chroot:
    """A context manager. Nothing that was started in it outlives its command."""

    def __enter__(self):
        if os.geteuid() != 0:
            pytest.skip("only root can run debootstrap")
        if RELEASE.get("ID") != "debian":
            pytest.skip("this is no Debian")
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="ecrfs-chroot."))
        self.root.chmod(0o755)
        proxy = text_of("apt-config", "shell", "http_proxy", "Acquire::http::Proxy").partition("=")[2].strip("'\n")
        self._environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                             "DEBIAN_FRONTEND": "noninteractive", **({"http_proxy": proxy} if proxy else {})}
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=man-db", RELEASE["VERSION_CODENAME"], self.root, mirror()],
            env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        if made.returncode:
            self.__exit__()
            if "mknod" in made.stdout or "Failed getting release file" in made.stdout:
                pytest.skip(f"debootstrap cannot work here: {made.stdout[-500:]}")
            pytest.fail(f"debootstrap: {made.stdout[-2000:]}")
        return self

    def __exit__(self, *exception):
        shutil.rmtree(self.root)

    def run(self, *command, code=0, **variables):
        """What a command in there prints, on standard error also; its exit code is checked."""
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, self.root, *command],
            env={**self._environment, **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=600)
        assert done.returncode == code, f"{command} ended with {done.returncode}: {done.stdout}"
        return done.stdout

    def files(self):
        """All there is in it, by path."""
        found = set()
        for directory, names, files in os.walk(self.root):
            inside = os.path.relpath(directory, self.root)
            names[:] = [name for name in names if os.path.normpath(f"{inside}/{name}") not in PASSED_OVER]
            found |= {"/" + os.path.normpath(f"{inside}/{name}") for name in (*names, *files)}
        return found
