"""Where groups differ most on the same measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.analysis.intervals import difference
from workbench.model import Estimate, Journey, LaneKind, Measured, Statement


@dataclass(frozen=True)
class Contrast:
    """The same measure in two groups, the higher one first, and how far they are apart."""

    stage: str
    name: str
    high: Measured
    low: Measured
    difference: Estimate

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.difference.low > 0


def contrast_of(statement: Statement, stage: str = "") -> Contrast | None:
    """The two groups of a measured statement that are furthest apart; ``None`` when it was not split into groups."""
    measures = [m for m in statement.measures if m.segment]
    if len(measures) < 2:
        return None
    high = max(measures, key=lambda m: m.estimate.value)
    low = min(measures, key=lambda m: m.estimate.value)
    return Contrast(stage, statement.text, high, low, difference(high.estimate, low.estimate))


def largest_contrast(journey: Journey) -> Contrast | None:
    """The clearest difference between two groups on the map: the one most of its own half-widths away from zero."""
    found = [c for c in _contrasts(journey) if c.clear]
    return max(found, key=lambda c: c.difference.value / (c.difference.value - c.difference.low), default=None)


def _contrasts(journey: Journey) -> Iterable[Contrast]:
    measured = {lane.name for lane in journey.lanes if lane.kind == LaneKind.MEASURE}
    for cell in journey.cells:
        if cell.lane in measured:
            yield from (c for s in cell.statements if (c := contrast_of(s, cell.stage)))
