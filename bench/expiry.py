"""The TTL is over, and nothing has changed: names are asked for again, manifests are not."""

import time

from integration.checks import calls, forget_calls

from .calls import as_text
from .commands import GREP
from .kernel_caches import Warm
from .row import Row, at_most
from . import samples

TITLE = "After the TTL"
NOTE = ("Nothing has changed in the registry. Calls of a `grep -r` over everything after the TTL, and its time ÷ that "
        "on a mount where nothing expires.")
SLOWER = 10


def measure(place):
    for tree in place.sizes.trees:
        with place.server() as server:
            tree.plant(server)
            with place.mounted(server, ttl=f"{place.sizes.expiry_ttl_s}s") as expiring, place.mounted(server) as fs:
                GREP.take(expiring.root)
                yield from _rows(place, tree, server, expiring, fs)


def _rows(place, tree, server, expiring, fs):
    caches = Warm()

    def after_ttl():
        time.sleep(place.sizes.expiry_ttl_s + 0.5)
        forget_calls(server)
        return GREP.take(expiring.root).seconds, calls(server)
    runs, warm = [], []
    for _ in range(place.sizes.expiry_rounds):
        runs.append(caches.run("expiring", after_ttl))
        warm.append(caches.run("warm", lambda: GREP.take(fs.root).seconds))
    expired, asked = zip(*runs)
    most = max(asked, key=lambda counts: sum(counts.values()))
    yield Row(f"`grep -r`, {tree}: calls", as_text(most), f"at most the {tree.listing_calls} pages of the listings",
              sum(most.values()) <= tree.listing_calls and "BatchGetImage" not in most)
    yield at_most(f"`grep -r`, {tree}: time ÷ warm", samples.ratios(expired, warm), SLOWER, "{:.1f} ×",
                  f" ({samples.median(expired) * 1000:.0f} ÷ {samples.median(warm) * 1000:.0f} ms)")
