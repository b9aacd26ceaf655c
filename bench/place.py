"""Where it is measured: a temporary directory, with servers and mounts that end with it."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

from ecr_server.client import EcrServer
from integration.mount import Mounts

MOUNT_LIMIT_S = 3600  # after that a mount that hangs is killed
# Nothing expires and nothing is dropped while it is measured.
LASTING = {"ttl": "1d", "cache_size": "1G", "timeout": "5m", "read_timeout": "5m"}


class Place:
    """A context manager. Everything that was started in it is ended at its end, whatever happened."""

    def __init__(self, sizes):
        self.sizes = sizes
        self._stack = contextlib.ExitStack()
        self._tracefs = None

    def __enter__(self):
        # Not in /tmp, which may be a tmpfs: a tree on a disk is wanted.
        self.directory = pathlib.Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="ecrfs-bench.", dir=os.environ.get("TMPDIR", "/var/tmp"))))
        return self

    def __exit__(self, *exception):
        self._stack.close()

    @contextlib.contextmanager
    def scratch(self, within=None):
        """A directory for what a command writes, on the disk or in another place."""
        with tempfile.TemporaryDirectory(dir=within or self.directory) as directory:
            yield pathlib.Path(directory)

    @contextlib.contextmanager
    def server(self, **config):
        """A local ECR server without any repository, which does not check signatures."""
        with EcrServer(preset="sample", verify=False, config=config) as server:
            server.seed(clear=True)
            yield server

    @contextlib.contextmanager
    def mounts(self, server):
        """Something to make mounts of the server's registry with, which end after it."""
        with self.scratch() as directory:
            mounts = Mounts(directory, server.endpoint, limit_s=MOUNT_LIMIT_S)
            try:
                yield mounts
            except BaseException:
                with contextlib.suppress(AssertionError):  # about how they ended: they were killed
                    mounts.close()
                raise
            mounts.close()

    @contextlib.contextmanager
    def mounted(self, server, **options):
        """One mount of the server's registry; see LASTING for what is not given."""
        with self.mounts(server) as mounts, mounts(**{**LASTING, **options}) as fs:
            yield fs

    def tracefs(self):
        """Where the kernel's tracepoints are: a mount of our own, made when it is first wanted."""
        if self._tracefs is None:
            self._tracefs = self.directory / "tracefs"
            self.mount("-t", "tracefs", "nodev", self._tracefs)
        return self._tracefs

    def mount(self, *words):
        """mount(8) on a new directory, the last word, until the end of the place."""
        words[-1].mkdir()
        subprocess.run(["mount", *words], check=True)
        self._stack.callback(_unmount, words[-1])


def _unmount(point):
    # What was killed a moment ago may still be inside.
    if subprocess.run(["umount", "--", point], capture_output=True).returncode:
        subprocess.run(["umount", "--lazy", "--", point], check=True)
