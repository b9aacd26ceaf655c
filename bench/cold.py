"""Nothing is known, and each call takes its time: how many calls, and how near to the least possible time."""

import dataclasses

from integration.checks import forget_calls, wait_quiet

from . import copies, samples
from .calls import as_text, most_of_one_id
from .commands import FIND_SIZE, GREP, RG, REVERSE, RSYNC, TAR, XARGS, Taken
from .row import Row, at_most, plain

TITLE = "Cold"
SLOWER = 1.3
STOP_AT = 2.5
NOTE = ("A fresh mount each time. The bound is what one can hardly go below: the pages of the registry's listing and "
        "of one repository's, one after the other, and then the longer of the two: all other calls × latency ÷ "
        "connections, or the time of the same command on a fresh mount at latency 0. A run that takes more than "
        f"{STOP_AT} × the bound is stopped. There is no bar for the time with more than 8 connections. `rsync` writes into "
        "memory: 30,000 files on a disk would take longer than all that is measured here.")
OTHERS = (RG, TAR, FIND_SIZE, RSYNC, XARGS, REVERSE)
FLOOR_LIMIT_S = 60
MORE_CALLS, MORE_CALLS_OF_MANY = 3, 5  # beyond pages and batches: in one repository, in many


@dataclasses.dataclass(frozen=True)
class Run:
    taken: Taken
    stats: dict
    server_cpu_s: float


def measure(place):
    for tree in place.sizes.trees:
        with place.server() as server:
            tree.plant(server)
            for connections in place.sizes.connections:
                yield from _rows(place, server, tree, GREP, connections, place.sizes.cold_rounds)
            for command in OTHERS:
                yield from _rows(place, server, tree, command, place.sizes.connections[0], 1)


def _rows(place, server, tree, command, connections, rounds):
    latency_s = place.sizes.latency_ms / 1000
    runs, floors, bounds = [], [], []
    while len(runs) < rounds and not (runs and runs[-1].taken.stopped):
        floors.append(_run(place, server, command, connections, 0, FLOOR_LIMIT_S).taken.seconds)
        bounds.append(_bound_s(tree, latency_s, connections, floors[-1]))
        runs.append(_run(place, server, command, connections, latency_s, STOP_AT * bounds[-1]))
    what = f"{command.name}, {tree}, {connections} connections"
    yield _calls_row(what, tree, max(runs, key=lambda run: sum(run.stats["calls"].values())))
    yield _time_row(what, runs, floors, bounds, connections == place.sizes.connections[0])


def _run(place, server, command, connections, latency_s, limit_s):
    server.config(latency_ms=latency_s * 1000)
    with place.mounted(server, max_connections=connections) as fs, place.scratch(copies.tmpfs(place)) as scratch:
        forget_calls(server)
        cpu_s = server.cpu_seconds()
        taken = command.take(fs.root, limit_s, scratch)
        wait_quiet(server)
        return Run(taken, server.stats(), server.cpu_seconds() - cpu_s)


def _bound_s(tree, latency_s, connections, floor_s):
    parallel = tree.listing_calls - tree.listing_chain + tree.batches
    return tree.listing_chain * latency_s + max(parallel * latency_s / connections, floor_s)


def _calls_row(what, tree, run):
    more = MORE_CALLS if tree.repositories == 1 else MORE_CALLS_OF_MANY
    limit = tree.listing_calls + tree.batches + more
    number, most = sum(run.stats["calls"].values()), most_of_one_id(run.stats)
    stopped = " until it was stopped" if run.taken.stopped else ""
    met = not run.taken.stopped and number <= limit and most <= 1
    return Row(f"{what}: calls", f"{as_text(run.stats['calls'])}{stopped}, up to {run.stats['most_in_flight']} at a "
               f"time; no id more than {most} ×", f"at most {limit}, no id twice", met)


def _time_row(what, runs, floors, bounds, has_bar):
    what += ": time ÷ bound"
    details = (f"{samples.median(bounds):.2f} s; at latency 0 {samples.median(floors):.2f} s; the server's CPU time "
               f"{samples.median(run.server_cpu_s for run in runs):.2f} s")
    if runs[-1].taken.stopped:
        return Row(what, f"more than {STOP_AT} × (bound {details})", f"at most {SLOWER:.2f} ×", False)
    seconds = [run.taken.seconds for run in runs]
    ratios, more = samples.ratios(seconds, bounds), f" ({samples.median(seconds):.2f} ÷ {details})"
    return at_most(what, ratios, SLOWER, more=more) if has_bar else plain(what, ratios, more=more)
