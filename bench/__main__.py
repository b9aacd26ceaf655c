"""The arguments, the parts in their order, and what is written."""

import argparse
import contextlib
import importlib
import pathlib
import signal
import sys
import traceback

from . import chart, document, machine, sizes
from .place import Place
from .row import Row

ROOT = pathlib.Path(__file__).resolve().parents[1]
PARTS = ("memory", "warm", "expiry", "cold", "overfetch", "fairness", "held", "scale", "million", "store", "peers")
ONLY_WITH_FULL = ("million",)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ended = []  # the exit code that a signal has asked for


def end(number, _frame):
    """A signal ends the run, once: what follows is cleaning up, which further ones must not disturb."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    ended.append(128 + number)
    sys.exit(128 + number)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False, allow_abbrev=False)
    for option in ("--quick", "--full", "--write"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("parts", nargs="*", metavar="PART")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return given


def chosen(given):
    if given.parts:
        return [name for name in PARTS if name in given.parts]
    return [name for name in PARTS if given.full or name not in ONLY_WITH_FULL]


def measure(name, place):
    """(title, note, rows) of one part; what cannot be measured is a row, too."""
    part = importlib.import_module(f".{name}", __package__)
    note = part.note(place.sizes) if hasattr(part, "note") else part.NOTE
    rows = []
    print(f"\n{name}: {part.TITLE}", flush=True)
    try:
        with contextlib.closing(part.measure(place)) as measured:
            for row in measured:
                rows.append(row)
                print(row.as_line(), flush=True)
    except Exception:
        if ended:  # what stood in the way of cleaning up after a signal: a server that had the signal, too
            sys.exit(ended[0])
        traceback.print_exc()
        rows.append(Row("**This part could not be measured to its end**", "see the messages of the run"))
        return part.TITLE, note, rows, False
    return part.TITLE, note, rows, True


def write(sections, machine_line, met, measured):
    rows = [row for _, _, rows in sections for row in rows]
    (ROOT / "docs/benchmarks.md").write_text(document.text(sections, machine_line, met))
    (ROOT / "docs/benchmarks.svg").write_text(chart.picture(rows, machine_line, measured))


def main():
    given = arguments()
    for number in ENDING:
        signal.signal(number, end)
    began, load, names = machine.date(), machine.load(), chosen(given)
    measured = sizes.QUICK if given.quick else sizes.FULL
    with Place(measured) as place:
        results = [measure(name, place) for name in names]
    sections, complete = [result[:3] for result in results], all(result[3] for result in results)
    machine_line = document.machine_line(began, load, ROOT)
    met = document.bars_met(row for _, _, rows in sections for row in rows)
    print(f"\n{machine_line} {met}")
    if given.write or complete and not given.quick and set(names) >= set(PARTS) - set(ONLY_WITH_FULL):
        write(sections, machine_line, met, measured)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
