"""docs/benchmarks.md."""

from . import machine

HEAD = """# Benchmarks

Written by `scripts/bench`. What is compared was measured in turns, in one run; a figure is the median of its rounds.
Noise is the middle half of the rounds (IQR) ÷ their median; without noise, it was measured once. The server is
[local](../tests/ecr_server/README.md), and shares the machine's cores with ecrfs.

![chart](benchmarks.svg)
"""


def text(sections, machine_line, met):
    """`sections`: [(title, note, rows)]."""
    parts = [HEAD, f"{machine_line} **{met}**"]
    for title, note, rows in sections:
        parts += ["", f"## {title}", "", note, "", "| what | measured | noise | bar | met |", "|---|---|---|---|---|"]
        parts += [f"| {_cells(row)} |" for row in rows]
    return "\n".join(parts) + "\n"


def _cells(row):
    met = "**no**" if row.met is False else row.met_text
    cells = (row.what, row.measured, row.noise_text, row.bar, met)
    return " | ".join(cell.replace("|", "\\|") for cell in cells)


def machine_line(began, load_before, root):
    return (f"{began}, source {machine.source(root)}. {machine.description()}; load {load_before} before and "
            f"{machine.load()} at the end.")


def bars_met(rows):
    bars = [row.met for row in rows if row.met is not None]
    return f"{sum(bars)} of {len(bars)} bars met."
