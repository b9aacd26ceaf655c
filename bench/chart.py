"""docs/benchmarks.svg: how long it takes to get all manifests, and how reading them again compares with ext4.

A card with its own background, so that it can be read wherever it is shown; dark where the reader prefers dark.
"""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 800, 400
MARGIN = 28
ROW = 46          # from bar to bar
TOP = 96          # of the first bar
BAR = 20

PAGE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
role="img" aria-label="{label}">
<style>
text {{ font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }}
.title {{ font-weight: 600; font-size: 15px; }}
.small {{ font-size: 11px; fill: #59636e; }}
.card {{ fill: #ffffff; stroke: #d1d9e0; }}
.other {{ fill: #afb8c1; }}
.ours {{ fill: #0969da; }}
.line {{ stroke: #59636e; stroke-dasharray: 4 3; }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #f0f6fc; }}
.small {{ fill: #9198a1; }}
.card {{ fill: #0d1117; stroke: #3d444d; }}
.other {{ fill: #656c76; }}
.ours {{ fill: #4493f8; }}
.line {{ stroke: #9198a1; }}
}}
</style>
<rect class="card" x="0.5" y="0.5" width="{inner_width}" height="{inner_height}" rx="8"/>
{body}
</svg>
"""


def _text(x, y, words, kind="", anchor="start"):
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{style} text-anchor="{anchor}">{escape(words)}</text>'


def _bar(x, y, width, kind):
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{max(width, 2):.0f}" height="{BAR}" rx="3"/>'


def _line(x, top, bottom):
    return f'<line class="line" x1="{x:.0f}" y1="{top:.0f}" x2="{x:.0f}" y2="{bottom:.0f}"/>'


def _seconds(value):
    if value >= 100:
        return f"{value:,.0f} s"
    return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def _panel(x, title, subtitle):
    return [_text(x, 40, title, "title"), _text(x, 60, subtitle, "small")]


def _peers(points, x, room, sizes):
    """Bars on a logarithmic scale, the label above its bar."""
    low = 10 ** math.floor(math.log10(min(value for _, value in points)))
    decades = math.log10(max(value for _, value in points) / low)
    body = _panel(x, "All manifests of a repository",
                  f"{sizes.peer_manifests:,} manifests, {sizes.peer_latency_ms} ms a call; logarithmic")
    for number, (label, value) in enumerate(points):
        y = TOP + number * ROW
        width = room * math.log10(value / low) / decades
        body += [_text(x, y - 4, label), _bar(x, y, width, "ours" if label.startswith("ecrfs") else "other"),
                 _text(x + width + 6, y + 15, _seconds(value))]
    return body


def _warm(points, x, room, sizes):
    """Bars from 0, and a line where ext4 is."""
    scale = room / max(1.2, *(value for _, value in points))
    body = _panel(x, "Reading again, beside ext4",
                  f"time ÷ time on ext4, {sizes.many.manifests:,} manifests; the line is ext4")
    for number, (label, value) in enumerate(points):
        y = TOP + number * ROW
        body += [_text(x, y - 4, label), _bar(x, y, value * scale, "ours"),
                 _text(WIDTH - MARGIN, y + 15, f"{value:.2f} ×", anchor="end")]
    return body + [_line(x + scale, TOP - 16, TOP + len(points) * ROW - 18)]


def _points(rows, panel):
    return [row.chart[1:] for row in rows if row.chart and row.chart[0] == panel]


def picture(rows, machine_line, sizes):
    """The SVG text. A panel without figures is left out."""
    body = []
    for panel, draw, x, room in (("peers", _peers, MARGIN, 280), ("warm", _warm, 440, 260)):
        points = _points(rows, panel)
        body += draw(points, x, room, sizes) if points else []
    body.append(_text(MARGIN, HEIGHT - 16, machine_line.partition(";")[0], "small"))
    return PAGE.format(width=WIDTH, height=HEIGHT, inner_width=WIDTH - 1, inner_height=HEIGHT - 1, body="\n".join(body),
                       label="Times of ecrfs beside those of the AWS CLI, boto3 and ext4")
