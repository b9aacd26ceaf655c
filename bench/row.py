"""One figure: what was measured, how it came out, and the bar for it."""

import dataclasses

from . import samples


@dataclasses.dataclass(frozen=True)
class Row:
    what: str
    measured: str
    bar: str = ""
    met: bool | None = None       # None: there is no bar
    noise: float | None = None    # IQR / median of the measured figure; None: measured once
    chart: tuple = ()             # (panel, label, value), where it is drawn

    @property
    def noise_text(self):
        return "" if self.noise is None else f"{self.noise * 100:.0f} %"

    @property
    def met_text(self):
        return {None: "", True: "yes", False: "no"}[self.met]

    def as_line(self):
        """For a terminal."""
        mark = {None: "      ", True: "ok    ", False: "NOT OK"}[self.met]
        noise = f", noise {self.noise_text}" if self.noise_text else ""
        bar = f"  [bar: {self.bar}]" if self.bar else ""
        return f"{mark}  {self.what}: {self.measured}{noise}{bar}"


def at_most(what, values, limit, text="{:.2f} ×", more="", chart=()):
    """A figure that was measured several times, with the most that its median may be."""
    figure = samples.median(values)
    return Row(what, text.format(figure) + more, "at most " + text.format(limit), figure <= limit,
               samples.spread(values), chart and (*chart, figure))


def at_least(what, values, limit, text="{:.1f} ×", more="", chart=()):
    figure = samples.median(values)
    return Row(what, text.format(figure) + more, "at least " + text.format(limit), figure >= limit,
               samples.spread(values), chart and (*chart, figure))


def plain(what, values, text="{:.2f} ×", more="", chart=()):
    """One without a bar."""
    figure = samples.median(values)
    return Row(what, text.format(figure) + more, noise=samples.spread(values), chart=chart and (*chart, figure))
