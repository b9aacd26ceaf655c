"""What only the kernel knows: mounts, its caches, FUSE requests, who waits."""

import collections
import os
import pathlib
import re

import pytest

from .checks import until

Info = collections.namedtuple("Info", "device options type source")


def mounts(process="self"):
    """{mount point: Info} of everything that is mounted, as a process sees it; `device` is the minor number."""
    found = {}
    for line in pathlib.Path(f"/proc/{process}/mountinfo").read_text().splitlines():
        place, _, kind = line.partition(" - ")
        fields, (filesystem, source, super_options) = place.split(), kind.split(" ", 2)
        options = set(fields[5].split(",")) | set(super_options.split(","))
        found[_unescape(fields[4])] = Info(int(fields[2].split(":")[1]), options, filesystem, _unescape(source))
    return found


def _unescape(text):
    return re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), text)


def processes_with(text):
    """Pids of the processes, except this one, with `text` on their command line."""
    found = []
    for directory in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (directory / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in command and int(directory.name) != os.getpid():
            found.append(int(directory.name))
    return found


def drop_caches(what=3):
    """Make the kernel forget dentries, inodes and pages that nobody uses; 2: not the pages."""
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text(f"{what}\n")
    except PermissionError:
        pytest.skip("only root may drop the kernel's caches")


def waits_for_fuse(process):
    """Whether a process sleeps in a system call that waits for a FUSE daemon."""
    return sleeps_in_fuse(pathlib.Path(f"/proc/{process.pid}"))


def until_waiting(processes, what="all wait for the mount", timeout_s=10):
    """Wait until each of these processes waits for a FUSE daemon."""
    until(lambda: all(map(waits_for_fuse, processes)), what, timeout_s)


def sleeps_in_fuse(task):
    """The same of a directory in /proc: a process, or one of its threads."""
    try:
        where = (task / "wchan").read_text()
    except OSError:
        return False
    return "fuse" in where or where in ("request_wait_answer", "d_alloc_parallel", "folio_wait_bit_common")


class FuseRequests:
    """Counts what the kernel asks of one mount, with the tracepoint fuse:fuse_request_send."""

    def __init__(self, tracefs, mounted):
        device = mounted.info.device
        self._instance = tracefs / "instances" / f"ecrfs-test-{os.getpid()}-{device}"
        self._event = self._instance / "events/fuse/fuse_request_send"
        self._instance.mkdir()
        (self._event / "filter").write_text(f"connection == {device}")
        (self._event / "enable").write_text("1")

    def clear(self):
        (self._instance / "trace").write_text("")

    def count(self):
        """{operation: number} since `clear`, for example {"LOOKUP": 3}."""
        return collections.Counter(re.findall(r"\(FUSE_(\w+)\)", (self._instance / "trace").read_text()))

    def close(self):
        (self._event / "enable").write_text("0")
        self._instance.rmdir()
