"""What is on disk is read after a restart, beside a copy of the tree on ext4 whose names the kernel has forgotten."""

import contextlib
import os
import time

from ecr_server.client import ACCOUNT
from integration.checks import calls, forget_calls
from integration.mount import KEYS

from . import copies, samples
from .calls import as_text
from .commands import GREP, take
from .kernel_caches import drop_names
from .row import Row, at_most

TITLE = "From the store"
SLOWER = 2.0
MORE_CALLS = 2
NOTE = ("`ecrfs --prefetch` has filled a `cache_dir`. Each round a fresh mount, and one `grep -r` over everything: its "
        "time, with that of mounting, ÷ that of the same on a copy (`cp -a`) of the tree on ext4, whose names and "
        "inodes the kernel was made to forget (its pages stay, of the copy as of the store). Then the calls within the "
        "TTL, and after it.")


def measure(place):
    for tree in place.sizes.trees:
        with place.server() as server, place.scratch() as cache:
            tree.plant(server)
            yield _fill(server, tree, cache)
            with contextlib.ExitStack() as stack:
                with place.mounted(server, cache_dir=cache) as fs:
                    trees = stack.enter_context(copies.of(place, fs.root, "ext4"))
                yield from _rows(place, server, tree, cache, trees["ext4"])


def _fill(server, tree, cache):
    options = f"region=us-east-1,endpoint_url={server.endpoint},cache_dir={cache}"
    forget_calls(server)
    taken = take([os.environ["ECRFS"], "--prefetch", ACCOUNT, "-o", options], environment=KEYS)
    made = calls(server)
    limit = tree.listing_calls + tree.batches
    return Row(f"`ecrfs --prefetch`, {tree}: calls", f"{as_text(made)} in {taken.seconds:.2f} s", f"at most {limit}",
               sum(made.values()) <= limit)


def _rows(place, server, tree, cache, copy):
    within, mounting = [], []

    def restarted():
        with _restart(place, server, cache) as (fs, began):
            mounting.append(time.perf_counter() - began)
            GREP.take(fs.root)
            seconds = time.perf_counter() - began
            within.append(calls(server))
            return seconds

    def cold():
        drop_names()
        return GREP.take(copy).seconds
    seconds = samples.interleaved({"store": restarted, "ext4": cold}, place.sizes.rounds)
    ours, theirs, mounted = (samples.median(values) * 1000 for values in (seconds["store"], seconds["ext4"], mounting))
    yield at_most(f"mount and `grep -r`, {tree}: ÷ ext4", samples.ratios(seconds["store"], seconds["ext4"]), SLOWER,
                  more=f" ({ours:.0f} ÷ {theirs:.0f} ms; mounting takes {mounted:.0f} ms)")
    yield _calls_row(f"within the TTL, {tree}: calls", within, 0)
    time.sleep(place.sizes.expiry_ttl_s)
    with _restart(place, server, cache, ttl=f"{place.sizes.expiry_ttl_s}s") as (fs, _):
        GREP.take(fs.root)
        yield _calls_row(f"after the TTL, {tree}: calls", [calls(server)], tree.listing_calls + MORE_CALLS)


@contextlib.contextmanager
def _restart(place, server, cache, **options):
    forget_calls(server)
    with place.mounts(server) as mounts:
        drop_names()
        began = time.perf_counter()
        with mounts(cache_dir=cache, **{"ttl": "1d", "cache_size": "1G", **options}) as fs:
            yield fs, began


def _calls_row(what, made, limit):
    most = max(made, key=lambda counts: sum(counts.values()))
    return Row(what, as_text(most), f"at most {limit}", sum(most.values()) <= limit)
