"""A measure over the runs of a page, as a drawing the size of a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from workbench.analysis.in_words import number
from workbench.reports.index.page_runs import Point

#: Twice what it is on the screen, so that whole numbers are fine enough.
WIDTH, HEIGHT = 192, 48
_EDGE = 6


class Sparkline(NamedTuple):
    """Paths of an SVG: through the values, around the intervals (empty where one is not known), the last value; and the course in words."""

    line: str
    band: str
    last: str
    words: str


def sparkline(points: Sequence[Point]) -> Sparkline | None:
    """The drawing; ``None`` for a single run, which has no course."""
    if len(points) < 2:
        return None
    estimates = [p.estimate for p in points]
    sure = all(isfinite(e.low) and isfinite(e.high) for e in estimates)
    ends = [x for e in estimates for x in ((e.low, e.high, e.value) if sure else (e.value,))]
    low, span = min(ends), (max(ends) - min(ends)) or 1

    def along(values: Iterable[float]) -> list[tuple[int, int]]:
        return [
            (
                round(_EDGE + (WIDTH - 2 * _EDGE) * n / (len(points) - 1)),
                round(HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (v - low) / span),
            )
            for n, v in enumerate(values)
        ]

    line = along(e.value for e in estimates)
    around = along(e.high for e in estimates) + along(e.low for e in estimates)[::-1] if sure else []
    first, last = points[0], points[-1]
    words = (
        f"over {len(points)} runs from {number(first.estimate)} on {first.day:%-d %b %Y} to {number(last.estimate)} on {last.day:%-d %b %Y}"
    )
    return Sparkline(_path(line), _path(around), f"M{line[-1][0]} {line[-1][1]}h0", words)


def _path(places: Sequence[tuple[int, int]]) -> str:
    """The path in steps, which are shorter than places."""
    if not places:
        return ""
    steps = " ".join(f"{x - a} {y - b}" for (a, b), (x, y) in pairwise(places))
    return f"M{places[0][0]} {places[0][1]}l{steps}"
