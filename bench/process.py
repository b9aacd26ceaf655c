"""Memory and CPU time of a process, and the kernel's memory for inodes."""

import os
import pathlib
import re


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def slabs():
    """{name: (objects in use, bytes of one)} of the kernel's allocator."""
    found = {}
    for line in pathlib.Path("/proc/slabinfo").read_text().splitlines()[2:]:
        name, used, _total, size = line.split()[:4]
        found[name] = int(used), int(size)
    return found


def fuse_inodes():
    """Inodes of all FUSE mounts that the kernel holds."""
    return slabs()["fuse_inode"][0]


def inode_slab_bytes():
    """Bytes of all FUSE inodes and of all names that the kernel holds."""
    found = slabs()
    return sum(found[name][0] * found[name][1] for name in ("fuse_inode", "dentry"))
