"""Where groups differ most on the same measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.analysis.intervals import difference, estimate_share, normal_quantile
from workbench.model import Estimate, Journey, LaneKind, Measured, Statement


@dataclass(frozen=True)
class Contrast:
    """The same measure in two groups, the higher one first, and how far they are apart."""

    stage: str
    name: str
    high: Measured
    low: Measured
    difference: Estimate
    n_groups: int = 2

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.difference.low > 0


def contrast_of(statement: Statement, stage: str = "") -> Contrast | None:
    """The two groups of a measured statement that are furthest apart; ``None`` when it was not split into groups.

    The furthest pair of k groups was chosen among k (k - 1) / 2, so the interval of its difference is made wider by as much
    (Bonferroni; Dunn 1961): it still leaves out zero wrongly for one such statement in twenty at most.
    """
    measures = [m for m in statement.measures if m.segment]
    if len(measures) < 2:
        return None
    high = max(measures, key=lambda m: m.estimate.value)
    low = min(measures, key=lambda m: m.estimate.value)
    pairs = len(measures) * (len(measures) - 1) // 2
    gap = difference(widened(high.estimate, pairs), widened(low.estimate, pairs))
    return Contrast(stage, statement.text, high, low, gap, len(measures))


def widened(e: Estimate, pairs: int) -> Estimate:
    """The estimate with an interval for one of several comparisons."""
    if pairs == 1:
        return e
    confidence = 1 - (1 - e.confidence) / pairs
    if e.numerator is not None:
        return estimate_share(e.numerator, e.n, confidence=confidence, of=e.of)
    wider = normal_quantile(confidence) / normal_quantile(e.confidence)
    return replace(e, low=e.value - wider * (e.value - e.low), high=e.value + wider * (e.high - e.value), confidence=confidence)


def largest_contrast(journey: Journey) -> Contrast | None:
    """The clearest difference between two groups on the map: the one most of its own half-widths away from zero."""
    found = [c for c in _contrasts(journey) if c.clear]
    return max(found, key=lambda c: c.difference.value / (c.difference.value - c.difference.low), default=None)


def _contrasts(journey: Journey) -> Iterable[Contrast]:
    measured = {lane.name for lane in journey.lanes if lane.kind == LaneKind.MEASURE}
    for cell in journey.cells:
        if cell.lane in measured:
            yield from (c for s in cell.statements if (c := contrast_of(s, cell.stage)))
