"""The curve of feeling across the stages, as SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.model import Estimate

WIDTH, HEIGHT, RANGE = 180, 168, 2.0
_MIDDLE = HEIGHT / 2
_SCALE = 34.0


def draw(estimates: Sequence[Estimate | None]) -> dict[str, Any]:
    """Paths of the line and the band, and the points, in a box of ``WIDTH`` a stage and ``HEIGHT``.

    A stage without a feeling is a gap: no line is drawn through what nobody said.
    """
    runs: list[list[tuple[float, Estimate]]] = [[]]
    for i, estimate in enumerate(estimates):
        if estimate is None:
            runs.append([])
        else:
            runs[-1].append(((i + 0.5) * WIDTH, estimate))
    runs = [r for r in runs if r]
    return {
        "width": WIDTH * len(estimates),
        "height": HEIGHT,
        "lines": [_smooth([(x, _y(e.value)) for x, e in r]) for r in runs],
        "bands": [_band(r) for r in runs],
        "points": [{"x": x, "y": _y(e.value), "sign": sign(e)} for r in runs for x, e in r],
    }


def mark_by_hand(i: int, valence: float, *, beside: bool) -> dict[str, float]:
    """Where the value that somebody set for stage ``i`` stands: in its middle, or ``beside`` the point of the estimate."""
    return {"x": (i + 0.5) * WIDTH + (22 if beside else 0), "y": _y(valence)}


def sign(estimate: Estimate) -> str:
    """``pos`` or ``neg``; ``level`` where the interval holds zero, so that neither can be said."""
    return "level" if estimate.low <= 0 <= estimate.high else "pos" if estimate.value > 0 else "neg"


def _y(valence: float) -> float:
    return round(_MIDDLE - max(-RANGE, min(RANGE, valence)) * _SCALE, 1)


def _smooth(points: Sequence[tuple[float, float]], start: str = "M") -> str:
    """A line through the points that is level at each of them, so that it never rises above what was measured."""
    (x0, y0), *rest = points
    path = f"{start}{x0},{y0}"
    for x1, y1 in rest:
        middle = (x0 + x1) / 2
        path += f" C{middle},{y0} {middle},{y1} {x1},{y1}"
        x0, y0 = x1, y1
    return path


def _band(run: Sequence[tuple[float, Estimate]]) -> str:
    if len(run) == 1:  # one stage alone still shows how sure it is
        ((x, e),) = run
        return f"M{x - 14},{_y(e.high)} H{x + 14} V{_y(e.low)} H{x - 14} Z"
    above = _smooth([(x, _y(e.high)) for x, e in run])
    below = _smooth([(x, _y(e.low)) for x, e in reversed(run)], start="L")
    return f"{above} {below} Z"
