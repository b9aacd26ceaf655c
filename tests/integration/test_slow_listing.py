"""A listing whose pages are slower than an operation may be: who waits gives up, the listing goes on under its own
limits, and a later try has it."""

import os
import time

from .checks import errno_of, forget_calls, listings, until

PAGES, PER_PAGE, PAGE_MS = 100, 3, 60


def test_a_listing_of_many_slow_pages_arrives_after_some_tries(server, mount):
    server.seed(repository="slow/one", tags=PAGES * PER_PAGE)
    server.config(page_size=PER_PAGE)
    fs = mount(ttl="1h", timeout=f"{PAGE_MS // 2}ms")
    until(lambda: errno_of(os.listdir, fs.root) is None, "the repositories are known")
    forget_calls(server)
    server.fault("delay", operation="DescribeImages", ms=PAGE_MS)
    tries = []
    while (errno := errno_of(os.listdir, fs.root / "slow/one")) is not None:
        tries.append(errno)
        assert len(tries) < PAGES, "a try is no reason to begin again"
        time.sleep(0.2)
    assert set(tries) == {"ETIMEDOUT"} and len(tries) > 2
    assert set(os.listdir(fs.root / "slow/one")) == {f"t{number:06}" for number in range(PAGES * PER_PAGE)}
    asked = [page.get("nextToken") for page in listings(server)]
    assert len(asked) == len(set(asked)) == PAGES
    assert server.calls() == PAGES
