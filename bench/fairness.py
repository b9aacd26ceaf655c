"""Many readers of one thing cost one call, and nobody waits for what others wait for."""

import os
import random
import time

from integration.checks import forget_calls, pulls, run, wait_quiet

from . import fuse_requests, samples
from .kernel_caches import drop_names
from .readers import hanging, reading
from .row import Row, at_most

TITLE = "Fairness"
NOTE = ("Readers are processes. A `stat` is one system call of the measuring program (Python, whose own share is that "
        "of the `stat` of a local file), after the kernel was made to forget all names.")
TOGETHER = 100
P99_MS = 1.0
SLOW_LATENCY_MS = 20
NO_ANSWER_S = 20
SLOW_READERS = 64
COLD_READS = 20
SLOWER = 1.5


def measure(place):
    with place.server() as server:
        server.seed(repository="one/image", tags=1)
        yield _together_row(place, server)
    with place.server() as server:
        server.seed(repository="team", tags=1)
        server.seed(repository="slow/images", tags=place.sizes.hung_readers)
        yield from _stat_rows(place, server)
    with place.server(latency_ms=SLOW_LATENCY_MS) as server:
        yield _neighbour_row(place, server)


def _together_row(place, server):
    server.config(latency_ms=500)
    with place.mounted(server) as fs:
        forget_calls(server)
        with reading([fs.manifest("one/image", "t000000")] * TOGETHER) as processes:
            codes = {process.wait() for process in processes}
        asked = pulls(server)
    return Row(f"{TOGETHER} processes `cat` one cold manifest: ids asked", f"{asked}", "1",
               asked == 1 and codes == {0})


# While reads hang.

def _stat_rows(place, server):
    readers, probes = place.sizes.hung_readers, place.sizes.probes
    with place.mounted(server) as fs:
        manifest = fs.manifest("team", "t000000")
        manifest.read_bytes()
        os.listdir(fs.root / "slow/images")
        free = _stat_ms(manifest, probes // 2)
        with hanging(server, [fs.manifest("slow/images", f"t{n:06d}") for n in range(readers)]):
            with fuse_requests.counted(place, fs) as requests:
                held = _stat_ms(manifest, probes)
                asked = requests.count()["LOOKUP"] / probes
        free += _stat_ms(manifest, probes // 2)
    yield _p99_row(f"`stat` of what the daemon holds ({asked:.0f} LOOKUPs), while {readers} cold reads hang", held,
                   P99_MS)
    yield _p99_row("the same without them, half before and half after", free)
    yield _p99_row("the same of a local file: the disk, and the probe's own share", _stat_ms(__file__, probes))


def _stat_ms(path, probes):
    times = []
    for _ in range(probes):
        drop_names()
        started = time.perf_counter_ns()
        os.stat(path)
        times.append((time.perf_counter_ns() - started) / 1e6)
    return times


def _p99_row(what, times, limit=None):
    p99 = samples.quantile(times, 0.99)
    return Row(f"{what}: p99 of {len(times)}",
               f"{p99:.2f} ms (median {samples.median(times):.2f}, worst {max(times):.2f})",
               "" if limit is None else f"at most {limit:.2f} ms", None if limit is None else p99 <= limit,
               samples.spread(times))


# A slow repository beside a fast one.

def _neighbour_row(place, server):
    rounds = place.sizes.rounds
    server.seed(prefix="slow", repositories=rounds, tags=SLOW_READERS)
    server.seed(prefix="fast", repositories=2 * COLD_READS * rounds, tags=1)
    what = f"a cold `cat` beside {SLOW_READERS} reads that hang in another repository: ÷ without them"
    limit = f"{NO_ANSWER_S}s"
    with place.mounted(server, timeout=limit, read_timeout=limit) as fs:
        run("ls", "-fR", fs.root)
        fast = iter(_shuffled(_manifests(fs, "fast/*")))
        free, held = [], []
        try:
            for number in range(rounds):
                free += _cold_seconds(fast)
                with hanging(server, _manifests(fs, f"slow/r{number:04d}"), repository="slow/*"):
                    held += _cold_seconds(fast)
                wait_quiet(server)
        except TimeoutError:
            return Row(what, f"no answer within {NO_ANSWER_S} s", f"at most {SLOWER:.2f} ×", False)
    return at_most(what, samples.ratios(held, free), SLOWER,
                   more=f" ({samples.median(held) * 1000:.0f} ÷ {samples.median(free) * 1000:.0f} ms)")


def _manifests(fs, repositories):
    """Paths of all their manifests. A pattern with the last component would look at each, and so fetch it."""
    return [directory / "manifest.json" for directory in sorted(fs.root.glob(f"{repositories}/*"))]


def _shuffled(paths):
    """In an order in which nobody reads ahead."""
    random.Random(1).shuffle(paths)
    return paths


def _cold_seconds(manifests):
    times = []
    for _ in range(COLD_READS):
        started = time.perf_counter()
        next(manifests).read_bytes()
        times.append(time.perf_counter() - started)
    return times
