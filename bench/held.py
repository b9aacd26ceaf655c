"""What the daemon holds is served, and readers die at once, while cold reads hang."""

import os
import time

from integration.kernel import drop_caches

from . import samples
from .readers import hanging, reading, time_to_die
from .row import Row, at_most

TITLE = "While cold reads hang"
NOTE = ("The server holds its answers back. What the daemon has is read with the kernel's caches dropped; readers "
        "that wait are killed.")
PROBES = 25
SERVED_MS = 20
DIES_MS = 100


def measure(place):
    with place.server() as server:
        server.seed(repository="slow/images", tags=place.sizes.held_readers)
        server.seed(repository="team", tags=3)
        with place.mounted(server) as fs:
            yield from _measure(server, fs, place.sizes.held_readers)


def _measure(server, fs, readers):
    held, cold = fs.manifest("team", "t000000"), fs.manifest("team", "t000001")
    held.read_bytes()
    os.listdir(fs.root / "slow/images")
    probes = {"stat": lambda: os.stat(held), "cat": held.read_bytes}
    without = {name: _probe_ms(probe) for name, probe in probes.items()}
    paths = [fs.manifest("slow/images", f"t{n:06d}") for n in range(readers)]
    with hanging(server, paths) as processes:
        for name, probe in probes.items():
            yield _probe_row(name, readers, _probe_ms(probe), without[name])
        yield from _same_name_rows(cold)
        times = [time_to_die(process) * 1000 for process in processes]
        yield at_most(f"SIGKILL of each of the {readers} readers", times, DIES_MS, "{:.2f} ms", _worst(times))


def _probe_ms(probe):
    times = []
    for _ in range(PROBES):
        drop_caches()
        started = time.perf_counter()
        probe()
        times.append((time.perf_counter() - started) * 1000)
    return times


def _worst(times):
    return f" (worst {max(times):.2f})"


def _probe_row(name, readers, times, without):
    ratio = samples.median(times) / samples.median(without)
    return at_most(f"`{name}` of what the daemon holds, while {readers} cold reads hang", times, SERVED_MS,
                   "{:.2f} ms", f"{_worst(times)}; {ratio:.2f} × without them")


def _same_name_rows(path):
    with reading([path, path]) as (first, second):
        time.sleep(0.5)
        for which, process in (("second", second), ("first", first)):
            milliseconds = time_to_die(process) * 1000
            yield Row(f"SIGKILL of the {which} reader of one name", f"{milliseconds:.2f} ms",
                      f"at most {DIES_MS:.2f} ms", milliseconds <= DIES_MS)
