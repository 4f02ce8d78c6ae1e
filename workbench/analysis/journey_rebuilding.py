"""A map made anew from the data, with everything that people wrote on the earlier one still there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from workbench.analysis.statement_ids import Placed, evidence_key, lane_names, match_statements
from workbench.model import (
    Basis,
    Cell,
    Feeling,
    Journey,
    Lane,
    LaneKind,
    MomentOfTruth,
    Opportunity,
    OpportunityStatus,
    Quote,
    Stage,
    Statement,
    Step,
    Transition,
)

T = TypeVar("T", Step, Opportunity)
Place = tuple[str, str]

#: How a moment begins that the data proposed, see :func:`~workbench.analysis.moments.propose_moments`.
_PROPOSED = re.compile(r"\d+ of \d+ said it, and ")
_NO_LONGER = "It was the critical moment before; the data no longer propose it."


def rebuild_journey(before: Journey, built: Journey) -> Journey:
    """The map as the data have it now, with everything that people wrote on the earlier one.

    Parameters
    ----------
    before : the map that a team edited
    built : the map fresh from the data, of the same persona or segment (:func:`~workbench.analysis.build_journey`)

    Returns
    -------
    A map with the numbers, quotes and feelings of ``built``.  Kept from ``before``: title, kind, state, goals and scope; the order,
    names, descriptions, problem statements and links of stages; lanes and their notes; steps; statements that somebody wrote,
    reworded, noted, ranked, moved or took off the map; feelings set by hand, beside the new estimate; moments that somebody added,
    and which one is critical; notes on transitions; opportunities.  What the data no longer say goes, unless a person touched it:
    then it stays without evidence, and so is shown as assumed.  A person's own statement keeps those pieces of evidence that the
    new map still holds.  Rebuilding twice is the same as rebuilding once.
    """
    called = lane_names(before, built)
    back = {new: old for old, new in called.items()}
    pairs = match_statements(before, built)
    placed = [p for old, new in pairs if (p := _kept(old, new, back, built)) is not None]
    moments = _moments(before, built, *_renamed(pairs, placed))
    feelings, transitions, steps = _feelings(before, built), _transitions(before, built), _steps(before, built)
    stages = _stages(before, built, _stages_of(placed, moments, feelings, steps, transitions))
    lanes = _lanes(before, built, called, {p.lane for p in placed})
    return replace(
        built,
        id=before.id or built.id,
        title=before.title or built.title,
        stages=stages,
        lanes=lanes,
        cells=_cells(placed, stages, lanes),
        steps=steps,
        feelings=_one_each(feelings, stages),
        moments=moments,
        transitions=transitions,
        opportunities=_opportunities(before, built),
        kind=before.kind,
        state=before.state,
        persona=before.persona or built.persona,
        segment=before.segment or built.segment,
        goals=before.goals or built.goals,
        scope=before.scope or built.scope,
        version=before.version,
    )


def written_part(journey: Journey, built: Journey) -> Journey:
    """What of a map is people's, so that it can be kept without what the data say.

    Parameters
    ----------
    journey : the map that a team edited, made by :func:`rebuild_journey` from ``built``
    built : the map fresh from the data

    Returns
    -------
    The map without the statements that are as the data have them, without estimates and opportunities: laid over ``built`` it is
    ``journey`` again.
    """
    places = {s.id: (c.stage, c.lane, _marks(s)) for c in built.cells for s in c.statements}
    cells = (
        replace(c, statements=tuple(s for s in c.statements if places.get(s.id) != (c.stage, c.lane, _marks(s)))) for c in journey.cells
    )
    return replace(
        journey,
        cells=tuple(c for c in cells if c.statements),
        feelings=tuple(replace(f, estimate=None) for f in journey.feelings if f.hand_set is not None),
        transitions=tuple(replace(t, rate=None) for t in journey.transitions if t.quality),
        opportunities=(),
        participants=(),
    )


def _marks(s: Statement) -> tuple[object, ...]:
    """What of a statement is a person's."""
    return s.text, s.asserted_by, s.reworded_by, s.hidden, s.rank, s.note, s.step


def _kept(old: Placed | None, new: Placed | None, back: Mapping[str, str], built: Journey) -> Placed | None:
    """Where a statement stands in the rebuilt map and what it says; ``None`` for what nobody says any more."""
    if new is None:
        return replace(old, statement=_without_data(old.statement, built)) if old and _touched(old.statement) else None
    here = replace(new, lane=back.get(new.lane, new.lane))
    if old is None:
        return here
    kinds = {lane.name: lane.kind for lane in built.lanes}
    return replace(old, statement=_renewed(old.statement, new.statement, kinds[new.lane]))


def _written(s: Statement) -> bool:
    """Whether its words are a person's rather than a code's."""
    return bool(s.reworded_by or s.asserted_by or (s.assumed and not s.code))


def _touched(s: Statement) -> bool:
    return _written(s) or s.assumed or s.hidden or s.rank is not None or bool(s.note)


def _renewed(old: Statement, new: Statement, lane: LaneKind) -> Statement:
    """Old words and marks, new evidence.  The note of an opportunity says its state, and that is the data's."""
    return replace(
        new,
        id=old.id,
        text=old.text if _written(old) else new.text,
        code=new.code or old.code,
        asserted_by=old.asserted_by or new.asserted_by,
        note=new.note or old.note if lane == LaneKind.OPPORTUNITY else old.note or new.note,
        rank=new.rank if old.rank is None else old.rank,
        step=old.step or new.step,
        reworded_by=old.reworded_by,
        hidden=old.hidden,
    )


def _without_data(s: Statement, built: Journey) -> Statement:
    held = {evidence_key(e): e for c in built.cells for other in c.statements for e in other.evidence}
    own = s.asserted_by and not s.code
    evidence = tuple(held[evidence_key(e)] for e in s.evidence if evidence_key(e) in held) if own else ()
    people = tuple(sorted({e.participant for e in evidence if isinstance(e, Quote)}))
    return replace(s, evidence=evidence, basis=s.basis if evidence else Basis.ASSUMED, said_by=people, n_of=built.n_of if people else 0)


def _cells(placed: Iterable[Placed], stages: Sequence[Stage], lanes: Sequence[Lane]) -> tuple[Cell, ...]:
    found: dict[Place, list[Statement]] = {}
    for p in placed:
        found.setdefault((p.lane, p.stage), []).append(p.statement)
    places = ((lane.name, stage.id) for lane in lanes for stage in stages)
    return tuple(Cell(stage, lane, tuple(found[lane, stage])) for lane, stage in places if (lane, stage) in found)


def _stages_of(
    placed: Iterable[Placed],
    moments: Iterable[MomentOfTruth],
    feelings: Iterable[Feeling],
    steps: Iterable[Step],
    transitions: Iterable[Transition],
) -> set[str]:
    """The stages that something on the map stands in."""
    ends = [stage for t in transitions for stage in (t.from_stage, t.to_stage)]
    return {*ends, *(p.stage for p in placed), *(m.stage for m in moments), *(f.stage for f in feelings), *(s.stage for s in steps)}


def _stages(before: Journey, built: Journey, used: set[str]) -> tuple[Stage, ...]:
    """Stages that were never counted were written by somebody, and stay."""
    old, new = ({s.id: s for s in j.stages} for j in (before, built))
    stay = [id for id, s in old.items() if id in new or id in used or not s.n_of or s.problem or s.opens]
    uncounted = {id: replace(old[id], n=0, n_of=0) for id in stay}
    both = {id: replace(s, **_texts(old[id], s)) for id, s in new.items() if id in old}
    return tuple({**uncounted, **new, **both}[id] for id in _woven(stay, list(new)))


def _texts(old: Stage, new: Stage) -> dict[str, Any]:
    return {f: getattr(old, f) or getattr(new, f) for f in ("name", "description", "problem", "opens")}


def _lanes(before: Journey, built: Journey, called: Mapping[str, str], used: set[str]) -> tuple[Lane, ...]:
    """Lanes that hold something, and those that somebody put there before there was anything to hold."""
    filled = {c.lane for c in before.cells if c.statements}
    old = {lane.name: lane for lane in before.lanes}
    back = {new: name for name, new in called.items()}
    new = {back.get(lane.name, lane.name): lane for lane in built.lanes}
    stay = [name for name in old if name in new or name in used or name not in filled]
    both = {n: replace(lane, note=lane.note or new[n].note) for n, lane in old.items() if n in new}
    return tuple({**new, **old, **both}[name] for name in _woven(stay, list(new)))


def _woven(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The first list, with what only the second has, each after the one that it follows there."""
    woven = list(first)
    for i, name in enumerate(second):
        if name not in woven:
            woven.insert(woven.index(second[i - 1]) + 1 if i else 0, name)
    return woven


def _renamed(
    pairs: Sequence[tuple[Placed | None, Placed | None]], placed: Sequence[Placed]
) -> tuple[dict[Place, Place], dict[Place, Place]]:
    """Stage and words of a statement on the earlier map, and as the data have them: each as they are on the rebuilt map."""
    now = {p.statement.id: (p.stage, p.statement.text) for p in placed}
    kept = [(old, new, now[p.statement.id]) for old, new in pairs if (p := old or new) and p.statement.id in now]
    was = {(old.stage, old.statement.text): here for old, _, here in kept if old}
    return was, {(new.stage, new.statement.text): here for _, new, here in kept if new}


def _moments(before: Journey, built: Journey, was: Mapping[Place, Place], said: Mapping[Place, Place]) -> tuple[MomentOfTruth, ...]:
    def renamed(m: MomentOfTruth, *names: Mapping[Place, Place]) -> MomentOfTruth:
        here = m.stage, m.statement
        stage, statement = next((found[here] for found in names if here in found), here)
        return replace(m, stage=stage, statement=statement)

    fresh = {(m.stage, m.statement, m.step): m for m in (renamed(m, said) for m in built.moments)}
    kept = []
    for m in (renamed(m, was, said) for m in before.moments):
        now = fresh.pop((m.stage, m.statement, m.step), None)
        proposed = m.reason == _NO_LONGER or _PROPOSED.match(m.reason)
        if now or m.critical or not proposed:
            kept.append(replace(m, reason=(now.reason if now else _NO_LONGER) if proposed else m.reason))
    come = [replace(m, critical=m.critical and not before.moments) for m in fresh.values()]
    return (*kept, *come)


def _feelings(before: Journey, built: Journey) -> tuple[Feeling, ...]:
    by_hand = {(f.stage, f.step): f for f in before.feelings if f.hand_set is not None}
    renewed = [_by_hand(f, by_hand.pop((f.stage, f.step), None)) for f in built.feelings]
    return (*renewed, *(replace(f, estimate=None) for f in by_hand.values()))


def _by_hand(f: Feeling, own: Feeling | None) -> Feeling:
    return replace(f, hand_set=own.hand_set) if own else f


def _one_each(feelings: Sequence[Feeling], stages: Sequence[Stage]) -> tuple[Feeling, ...]:
    """One feeling at least for every stage, in their order."""
    order = {s.id: i for i, s in enumerate(stages)}
    felt = {f.stage for f in feelings if not f.step}
    return tuple(sorted([*feelings, *(Feeling(s, None) for s in order if s not in felt)], key=lambda f: (order[f.stage], f.step != "")))


def _transitions(before: Journey, built: Journey) -> tuple[Transition, ...]:
    noted = {(t.from_stage, t.to_stage): t for t in before.transitions if t.quality}
    renewed = [replace(t, quality=getattr(noted.pop((t.from_stage, t.to_stage), t), "quality", "")) for t in built.transitions]
    return (*renewed, *(replace(t, rate=None) for t in noted.values()))


def _steps(before: Journey, built: Journey) -> tuple[Step, ...]:
    new = {s.id: s for s in built.steps}
    return (*(_filled(s, new.pop(s.id)) if s.id in new else s for s in before.steps), *new.values())


def _opportunities(before: Journey, built: Journey) -> tuple[Opportunity, ...]:
    new = {o.id or o.how_might_we: o for o in built.opportunities}
    named = [(o, new.pop(o.id or o.how_might_we, None)) for o in before.opportunities]
    return (*(_opportunity(old, now) if now else old for old, now in named), *new.values())


def _opportunity(old: Opportunity, new: Opportunity) -> Opportunity:
    """The later version; of the same version what is written on the map, further on in its life if the study's record is."""
    if old.version != new.version:
        return max(old, new, key=lambda o: o.version)
    status = max(old.status, new.status, key=list(OpportunityStatus).index)
    return replace(_filled(old, new), status=status, effect=new.effect or old.effect, statement=new.statement or old.statement)


def _filled(old: T, new: T) -> T:
    """What a person set, and from the data what they left open."""
    left_open = {f.name: getattr(new, f.name) for f in fields(old) if getattr(old, f.name) == _default(f)}
    return replace(old, **left_open)


def _default(f: Any) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default
