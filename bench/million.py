"""More tags than cache_size has room for."""

from integration.checks import run

from .process import fuse_inodes, peak_resident_bytes
from .row import Row
from .scale import INODE_BYTES

TITLE = "A million tags"
NOTE = "Each repository is listed once, one after the other."
CACHE_MIB = 64
LIST_LIMIT_S = 600


def measure(place):
    repositories, tags = place.sizes.million_repositories, place.sizes.million_tags
    with place.server() as server:
        for number in range(repositories):
            server.seed(repository=f"million/r{number}", tags=tags)
        with place.mounted(server, cache_size=f"{CACHE_MIB}M") as fs:
            base, inodes = fs.resident_bytes(), fuse_inodes()
            for number in range(repositories):
                run("ls", "-f", fs.root / f"million/r{number}", timeout_s=LIST_LIMIT_S)
            held, peak = fuse_inodes() - inodes, peak_resident_bytes(fs.pid)
    held = max(held, 0)  # other mounts may have lost some meanwhile
    limit = base + CACHE_MIB * 2**20 + held * INODE_BYTES
    yield Row(f"{repositories} repositories of {tags:,} tags, cache_size={CACHE_MIB}M: most resident memory",
              f"{peak / 2**20:.0f} MiB ({base / 2**20:.0f} at the beginning; {held:,} inodes held)",
              f"at most {limit / 2**20:.0f} MiB: the beginning, cache_size and {INODE_BYTES} bytes an inode",
              peak <= limit)
