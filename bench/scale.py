"""Large directories: they stream, an entry costs little memory, and what is not needed is given back."""

import os
import subprocess
import time

from integration.checks import metrics, run

from . import samples
from .kernel_caches import drop_names
from .process import cpu_seconds, fuse_inodes, inode_slab_bytes
from .row import Row, plain

TITLE = "Scale"
NOTE = ("One repository of {tags:,} tags. Memory is the daemon's resident memory, counted from after a first small "
        "listing.")
LATENCY_MS = 20
TAG_BYTES = 200
INODE_BYTES = 250
GIVEN_BACK = 1.10
SMALL_CACHE = "1M"
FIRST_ENTRIES = 0.10
MANY = "many/tags"
SMALL_LISTINGS = 50
STAT_EACH = ("-maxdepth", "1", "-type", "d", "-printf", "%s\n")  # the size makes find stat


def note(sizes):
    return NOTE.format(tags=sizes.scale_tags)


def measure(place):
    with place.server() as server:
        server.seed(prefix="small", repositories=SMALL_LISTINGS, tags=100)
        server.seed(repository=MANY, tags=place.sizes.scale_tags)
        yield _stream_row(place, server)
        yield from _memory_rows(place, server)
        yield _given_back_row(place, server)
    with place.server() as server:
        for tags in place.sizes.listings:
            server.seed(repository=f"size/t{tags}", tags=tags)
        yield from _entry_rows(place, server)


def _stream_row(place, server):
    """ls -f prints as it reads."""
    server.config(latency_ms=LATENCY_MS)
    firsts, wholes = [], []
    for _ in range(place.sizes.rounds):
        with place.mounted(server) as fs:
            os.listdir(fs.root)
            first, whole = _stream(fs.root / MANY)
            firsts.append(first)
            wholes.append(whole)
    server.config(latency_ms=0)
    share = samples.ratios(firsts, wholes)
    median = samples.median(share)
    return Row("`ls -f`: time to the first entries ÷ time to the last",
               f"{median:.3f} ({samples.median(firsts) * 1000:.0f} ÷ {samples.median(wholes) * 1000:.0f} ms at "
               f"{LATENCY_MS} ms a page)", f"at most {FIRST_ENTRIES:.3f}", median <= FIRST_ENTRIES,
               samples.spread(share))


def _stream(directory):
    """Seconds until ls -f prints, and until it ends."""
    started = time.perf_counter()
    with subprocess.Popen(["ls", "-f", directory], stdout=subprocess.PIPE) as process:
        os.read(process.stdout.fileno(), 1)
        first = time.perf_counter() - started
        while os.read(process.stdout.fileno(), 1 << 16):
            pass
    return first, time.perf_counter() - started


def _memory_rows(place, server):
    tags = place.sizes.scale_tags
    with place.mounted(server) as fs:
        before, none = _after_small_listing(fs), fuse_inodes()
        run("ls", "-f", fs.root / MANY)
        listed, few, slabs = fs.resident_bytes(), fuse_inodes(), inode_slab_bytes()
        run("find", fs.root / MANY, *STAT_EACH, timeout_s=600)
        all_known, many, all_slabs = fs.resident_bytes(), fuse_inodes(), inode_slab_bytes()
    found = max(many - few, 1)
    inode = (all_known - listed) / found
    early = max(few - none, 0)  # READDIRPLUS makes some inodes while it lists
    yield _bytes_row(f"memory for a listed tag (without the {early:,} inodes that the listing made)",
                     (listed - before - early * inode) / tags, TAG_BYTES)
    yield _bytes_row(f"memory for a directory that was looked up ({found:,} new inodes)", inode, INODE_BYTES)
    yield Row("the kernel's memory for one (fuse_inode and dentry)", f"{(all_slabs - slabs) / found:,.0f} bytes")


def _after_small_listing(fs):
    """The memory of a mount that has connections and buffers."""
    for _ in range(3):
        run("find", fs.root / "small/r0000", *STAT_EACH)
    return fs.resident_bytes()


def _bytes_row(what, number, limit):
    return Row(what, f"{number:,.0f} bytes", f"at most {limit} bytes", number <= limit)


def _given_back_row(place, server):
    """The small listings that push the large one out of the cache fill it, before as after."""
    with place.mounted(server, cache_size=SMALL_CACHE) as fs:
        _after_small_listing(fs)
        before = _shrunk(fs, 0)
        run("find", fs.root / MANY, *STAT_EACH, timeout_s=600)
        most = fs.resident_bytes()
        after = _shrunk(fs, before * GIVEN_BACK)
        counted = metrics(fs)["ecrfs_cache_bytes"]
    after_mib, before_mib, most_mib, counted_mib = (number / 2**20 for number in (after, before, most, counted))
    return Row(f"cache_size={SMALL_CACHE}: memory after all was listed, looked up and dropped ÷ memory before",
               f"{after / before:.2f} × ({after_mib:.1f} ÷ {before_mib:.1f} MiB; {most_mib:.1f} between; the cache counts "
               f"{counted_mib:.1f})", f"at most {GIVEN_BACK:.2f} ×", after <= before * GIVEN_BACK)


def _shrunk(fs, wanted):
    """The memory when the kernel has forgotten all names and other listings have come after the large one."""
    for number in range(1, SMALL_LISTINGS):
        time.sleep(0.2)
        drop_names()
        run("ls", "-f", fs.root / f"small/r{number:04d}")
        if fs.resident_bytes() <= wanted:
            break
    return fs.resident_bytes()


def _entry_rows(place, server):
    taken = samples.interleaved(
        {tags: lambda tags=tags: _list(place, server, tags) for tags in place.sizes.listings}, place.sizes.rounds)
    for tags, runs in taken.items():
        seconds, servers, daemons = (samples.median(column) for column in zip(*runs))
        yield plain(f"listing of {tags:,} tags at latency 0: time for an entry", [run[0] / tags * 1e6 for run in runs],
                    "{:.2f} µs", f" (CPU time of the server {servers / seconds:.0%}, of ecrfs {daemons / seconds:.0%})")


def _list(place, server, tags):
    """(seconds, the server's CPU seconds, the daemon's) of a cold listing."""
    with place.mounted(server) as fs:
        os.listdir(fs.root)
        cpu = server.cpu_seconds(), cpu_seconds(fs.pid)
        started = time.perf_counter()
        run("ls", "-f", fs.root / f"size/t{tags}")
        seconds = time.perf_counter() - started
        return seconds, server.cpu_seconds() - cpu[0], cpu_seconds(fs.pid) - cpu[1]
