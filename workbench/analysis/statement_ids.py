"""Which statement is which: names that last, and the same statement found again on a later map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from workbench.model import Cell, Evidence, Journey, LaneKind, Quote, Statement


@dataclass(frozen=True)
class Placed:
    """A statement and the stage and lane it stands in."""

    stage: str
    lane: str
    statement: Statement


def statement_key(statement: Statement, stage: str, lane: str) -> str:
    """What names a statement in its map: its id, or else ``check_out/Pain points/Slot expires``."""
    return statement.id or f"{stage}/{lane}/{statement.code or statement.text}"


def with_ids(journey: Journey) -> Journey:
    """The same map with an id for every statement, each different; ids that are there stay.

    Where two statements of a cell share a code's name, their texts name them.  Call it before a map is edited, so that a statement
    that is reworded or moved is found again when the map is rebuilt.
    """
    return replace(journey, cells=_named(journey.cells, {}))


def _named(cells: Sequence[Cell], called: Mapping[str, str]) -> tuple[Cell, ...]:
    """Cells whose statements have ids; ``called`` gives the name of a lane to use in them, where it is another."""
    given = {s.id for c in cells for s in c.statements}
    taken: set[str] = set()

    def name(s: Statement, cell: Cell, alike: Counter[str]) -> str:
        lane = called.get(cell.lane, cell.lane)
        shared = not s.id and alike[s.code or s.text] > 1
        wanted = statement_key(replace(s, code="") if shared else s, cell.stage, lane)
        names = chain([wanted], (f"{wanted} ({i})" for i in count(2)))
        chosen = next(n for n in names if n not in taken and (n == s.id or n not in given))
        taken.add(chosen)
        return chosen

    named = []
    for cell in cells:
        alike = Counter(s.code or s.text for s in cell.statements)
        named.append(replace(cell, statements=tuple(replace(s, id=name(s, cell, alike)) for s in cell.statements)))
    return tuple(named)


def match_statements(before: Journey, after: Journey) -> list[tuple[Placed | None, Placed | None]]:
    """Each statement of the later map beside its earlier self, in order; then those that only the earlier one has.

    A statement is found by its id.  One whose code was renamed is found by its evidence: most of what stood behind it stands behind
    another statement of the same stage and lane.
    """
    called = lane_names(before, after)
    old = [Placed(c.stage, c.lane, s) for c in _named(before.cells, called) for s in c.statements]
    new = [Placed(c.stage, c.lane, s) for c in _named(after.cells, {}) for s in c.statements]
    place = {p.statement.id: i for i, p in enumerate(old)}
    pairs = {i: place[p.statement.id] for i, p in enumerate(new) if p.statement.id in place}
    pairs |= _by_evidence(old, new, pairs, called)
    gone = [(p, None) for i, p in enumerate(old) if i not in set(pairs.values())]
    return [*((old[pairs[i]] if i in pairs else None, p) for i, p in enumerate(new)), *gone]


def _by_evidence(old: Sequence[Placed], new: Sequence[Placed], pairs: Mapping[int, int], called: Mapping[str, str]) -> dict[int, int]:
    """Pairs among the statements that have none yet, those with most in common first."""
    theirs = {j: evidence_keys(p.statement) for j, p in enumerate(old) if j not in pairs.values() and not p.statement.asserted_by}
    ours = {i: evidence_keys(p.statement) for i, p in enumerate(new) if i not in pairs}
    alike = [
        (-len(a & b) / len(a | b), i, j)
        for i, b in ours.items()
        for j, a in theirs.items()
        if (old[j].stage, called.get(old[j].lane)) == (new[i].stage, new[i].lane) and 2 * len(a & b) > len(a)
    ]
    found: dict[int, int] = {}
    for _, i, j in sorted(alike):
        if i not in found and j not in found.values():
            found[i] = j
    return found


def lane_names(before: Journey, after: Journey) -> dict[str, str]:
    """What the lanes of the earlier map are called in the later one: the same, or as the only other lane of their kind."""
    old, new = ({lane.name: lane.kind for lane in j.lanes} for j in (before, after))
    called = {name: name for name in old if name in new}
    for kind in {*old.values()} - {LaneKind.CUSTOM}:
        here, there = ([n for n, k in some.items() if k == kind and n not in called] for some in (old, new))
        if len(here) == len(there) == 1:
            called[here[0]] = there[0]
    return called


def evidence_key(evidence: Evidence) -> tuple[str, ...]:
    """What tells one piece of evidence from another: the coding; or name, segment and source of a number."""
    return ("", evidence.coding) if isinstance(evidence, Quote) else (evidence.name, evidence.segment, evidence.source)


def evidence_keys(statement: Statement) -> set[tuple[str, ...]]:
    """The keys of all that stands behind a statement."""
    return {evidence_key(e) for e in statement.evidence}
