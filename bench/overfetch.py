"""What is fetched and not read: each fetch is a pull that ECR records."""

import random
import time

from integration.checks import forget_calls, pulls, run, wait_quiet

from . import fuse_requests
from .commands import take
from .row import Row

TITLE = "What is fetched and not read"
NOTE = "Manifests that were fetched; each is a pull that ECR records. The server takes 50 ms a call."
LATENCY_MS = 50
CATS = 5
AFTER_A_LISTING = 15
AFTER_A_STREAM = 100
SETTLE_S = 0.5
STREAM = "grep -rl --include=manifest.json schemaVersion . | head -1 >/dev/null"


def measure(place):
    tree = place.sizes.one
    with place.server(latency_ms=LATENCY_MS) as server:
        tree.plant(server)
        yield _cats_row(place, server, tree, listed=False)
        yield _cats_row(place, server, tree, listed=True)
        yield _stream_row(place, server, tree)


def _fetched(server):
    """Ids that were fetched, when nothing more is coming."""
    wait_quiet(server)
    time.sleep(SETTLE_S)
    wait_quiet(server)
    return pulls(server)


def _cats_row(place, server, tree, listed):
    with place.mounted(server) as fs:
        forget_calls(server)
        if listed:
            run("ls", "-f", fs.root / "bulk/r0000")
        for number in random.Random(1).sample(range(tree.tags), CATS):
            run("cat", fs.manifest("bulk/r0000", f"t{number:06d}"))
        fetched = _fetched(server)
    where = f"after an `ls` of its {tree.tags:,} tags" if listed else "that was never listed"
    limit = AFTER_A_LISTING if listed else CATS
    return Row(f"{CATS} `cat`s at random in a repository {where}: manifests fetched", f"{fetched}",
               f"at most {limit}" if listed else f"{limit}", fetched <= limit)


def _stream_row(place, server, tree):
    with place.mounted(server) as fs, fuse_requests.counted(place, fs) as requests:
        forget_calls(server)
        take(("bash", "-c", STREAM), fs.root)
        fetched, read = _fetched(server), requests.count()["READ"]
    return Row(f"`grep -rl schemaVersion . | head -1`, {tree}: manifests fetched and not read",
               f"{fetched - read} ({fetched} fetched, {read} read)", f"at most {AFTER_A_STREAM}",
               fetched - read <= AFTER_A_STREAM)
