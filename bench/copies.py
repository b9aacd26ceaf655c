"""The same tree on ext4 and on tmpfs."""

import contextlib
import subprocess

from . import machine

SPACE = "4G"
COPY_LIMIT_S = 1800


def _ext4(place):
    """A directory on the machine's own ext4, else on one in an image file."""
    directory = place.directory / "ext4"
    if directory.exists():
        return directory
    if machine.filesystem(place.directory) == "ext4":
        directory.mkdir()
        return directory
    image = place.directory / "ext4.image"
    subprocess.run(["truncate", "-s", SPACE, image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    place.mount("-o", "loop", image, directory)
    return directory


def tmpfs(place):
    """A directory in memory."""
    directory = place.directory / "tmpfs"
    if not directory.exists():
        place.mount("-t", "tmpfs", "-o", f"size={SPACE}", "tmpfs", directory)
    return directory


def ext4_place(place):
    if machine.filesystem(place.directory) == "ext4":
        return "on the machine's own filesystem"
    return "in an image file, loop-mounted"


@contextlib.contextmanager
def of(place, source, *kinds):
    """{kind: directory}, of "ext4" and "tmpfs": copies of a directory, with times and links."""
    make = {"ext4": _ext4, "tmpfs": tmpfs}
    copies = {kind: make[kind](place) / "tree" for kind in kinds}
    try:
        for target in copies.values():
            subprocess.run(["cp", "-a", "--", source, target], check=True, timeout=COPY_LIMIT_S)
            subprocess.run(["sync", "-f", target], check=True)
        yield copies
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", "--", *copies.values()], check=True)
