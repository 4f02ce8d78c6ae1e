"""Moments of truth: which statements of a map decide, and why they are proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.analysis.lanes import lane_name
from workbench.model import Cell, Estimate, Feeling, LaneKind, MomentOfTruth, StageSetting, Statement

PAINS, DELIGHTS, MEASURED = (lane_name(kind) for kind in (LaneKind.PAIN, LaneKind.DELIGHT, LaneKind.MEASURE))
MAX_MOMENTS = 3
#: With fewer people than this whose feeling was coded, nothing is proposed: three who agree are a hint, not a finding.
MIN_PEOPLE = 5

#: How much heavier a pain point weighs where a measure of its stage clearly misses its target.
_MISSED_TARGET = 1.5


@dataclass(frozen=True)
class _Candidate:
    weight: float
    stage: str
    statement: Statement
    felt: Estimate
    missed: str


def propose_moments(stages: Sequence[StageSetting], cells: Sequence[Cell], feelings: Sequence[Feeling]) -> tuple[MomentOfTruth, ...]:
    """The statements that are most shared where the journey feels most strongly.

    A pain point of a stage that feels bad, or a delight of one that feels good, is a candidate when at least three participants
    and a third of those in scope said it, and the stage's feeling was coded for at least five and its interval leaves out zero.  Its weight is the share of
    participants times the strength of the feeling, and half as much again where a measure of the stage clearly misses its target.
    The heaviest pain point is proposed as the critical moment, for that is where people are lost; a delight only where no pain
    point is a candidate.  A person decides.

    Returns
    -------
    At most three, the critical one first and then by weight, each with its reason in words.
    """
    felt = {f.stage: f.estimate for f in feelings if f.estimate is not None}
    missed = _missed_targets(cells)
    found = [c for cell in cells for c in _candidates(cell, felt.get(cell.stage), missed.get(cell.stage, ""))]
    found.sort(key=lambda c: (c.felt.value > 0, -c.weight, c.stage, c.statement.text))
    chosen = [*found[:1], *sorted(found[1:], key=lambda c: (-c.weight, c.stage, c.statement.text))][:MAX_MOMENTS]
    names = {s.id: s.name for s in stages}
    order = sorted(felt, key=lambda s: felt[s].value)
    return tuple(MomentOfTruth(c.stage, c.statement.text, _reason(c, names[c.stage], order), critical=i == 0) for i, c in enumerate(chosen))


def _candidates(cell: Cell, felt: Estimate | None, missed: str) -> Iterable[_Candidate]:
    if felt is None or felt.n < MIN_PEOPLE or felt.low <= 0 <= felt.high or cell.lane != (PAINS if felt.value < 0 else DELIGHTS):
        return
    factor = _MISSED_TARGET if missed and felt.value < 0 else 1.0
    for s in cell.statements:
        if s.n >= 3 and 3 * s.n >= s.n_of:
            yield _Candidate(s.n / s.n_of * abs(felt.value) * factor, cell.stage, s, felt, missed)


def _missed_targets(cells: Iterable[Cell]) -> dict[str, str]:
    """By stage, a measure whose whole interval lies on the wrong side of its target."""
    missed = {}
    for cell in cells:
        for m in (m for s in cell.statements for m in s.measures):
            if cell.lane == MEASURED and m.target_met is False:
                missed[cell.stage] = f"{m.name}, {m.segment.split(' = ')[-1]}" if m.segment else m.name
    return missed


def _reason(c: _Candidate, stage: str, order: Sequence[str]) -> str:
    place = ", the worst of all stages" if order[0] == c.stage else ", the best of all stages" if order[-1] == c.stage else ""
    number = f"{c.felt.value:+.1f} ({c.felt.low:+.1f} to {c.felt.high:+.1f}, n {c.felt.n})".replace("-", "\N{MINUS SIGN}")
    target = f" A measure of it misses its target: {c.missed}." if c.missed and c.felt.value < 0 else ""
    return f"{c.statement.n} of {c.statement.n_of} said it, and {stage} feels {number}{place}.{target}"
