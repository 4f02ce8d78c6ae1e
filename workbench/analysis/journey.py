"""A journey map from what was coded and measured.

A passage coded with a stage and with anything else puts the second in the first's column (decision D5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.analysis.intervals import bootstrap_mean, estimate_share
from workbench.analysis.lanes import LANES, lane_name, lane_order
from workbench.analysis.measures import compute_measures
from workbench.analysis.moments import propose_moments
from workbench.analysis.passages import put_into_stages
from workbench.analysis.scope import Scope, StudyTables, codings_in_scope, find_scope, segments_of, show_segment
from workbench.analysis.statements import rows_by_place, state_codes
from workbench.errors import BadSetting
from workbench.model import (
    Basis,
    Cell,
    CodeKind,
    Estimate,
    Feeling,
    Journey,
    Lane,
    LaneKind,
    Measured,
    Opportunity,
    Stage,
    StageSetting,
    Statement,
    Transition,
    basis_of,
)

__all__ = ["StudyTables", "build_journey", "put_into_stages", "segments_of"]

_ALWAYS_SHOWN = {LaneKind.PAIN, LaneKind.DELIGHT}


def build_journey(
    study: StudyTables,
    persona: str | None = None,
    segment: Mapping[str, str] | str | None = None,
    *,
    coders: Sequence[str] | None = None,
    on: date | None = None,
    random_state: int = 0,
) -> Journey:
    """The journey map of a study, with its evidence in every cell.

    Parameters
    ----------
    study : an opened study
    persona : only the participants whom this persona stands for
    segment : only participants, answers and users with these attributes: ``{"customer": "new"}`` or ``"customer=new"``
    coders : use the codings of these coders only
    on : the day for which consent is asked (today)
    random_state : seed of the bootstrap

    Returns
    -------
    A :class:`Journey`.  A statement counts the distinct participants who said it, out of those in scope who were heard.  How a
    stage feels is the mean over participants of each one's mean coded valence there, -2 to +2, with a bootstrap interval over
    participants.

    Raises
    ------
    UnknownName
        There is no such persona, or nobody in the study has such an attribute.
    BadSetting
        study.toml names no stages.
    """
    stages = study.settings.stages
    if not stages:
        raise BadSetting("study.toml", "it names no stages, so there is no map to draw", "Add [[stage]] with an id and a name for each.")
    scope = find_scope(study, persona, segment, on)
    staged = put_into_stages(codings_in_scope(study.codings, scope, coders), stages)
    theirs = [who in scope.of_stage[stage] for who, stage in zip(staged["participant"], staged["stage"], strict=True)]
    staged = staged[pd.Series(theirs, index=staged.index, dtype=bool)]
    feelings = _feelings(staged, stages, random_state)
    said = _said(staged, scope)
    cells = _together([*said, *_backstage(stages), *_measured(study, stages, scope.segment), *_ideas(study, stages, said)])
    filled = {c.lane for c in cells if c.statements}
    lanes = [Lane(kind, name, note) for kind, name, note in LANES if name in filled or kind in _ALWAYS_SHOWN]
    spoke = staged.groupby("stage")["participant"].nunique()
    n_of = len(scope.people)
    shown = {lane.name for lane in lanes}
    return Journey(
        id="",
        title=study.settings.title,
        stages=tuple(Stage(s.id, s.name, s.description, int(spoke.get(s.id, 0)), len(scope.of_stage[s.id])) for s in stages),
        lanes=tuple(lanes),
        cells=tuple(c for c in cells if c.statements and c.lane in shown),
        feelings=feelings,
        moments=propose_moments(stages, cells, feelings),
        transitions=_transitions(study.events, stages, scope.segment),
        opportunities=tuple(study.opportunities),
        persona=scope.persona,
        segment=show_segment(scope.segment),
        goals=study.settings.goals,
        scope=study.settings.scope,
        n_of=n_of,
        participants=tuple(scope.people.index),
    )


def _said(staged: pd.DataFrame, scope: Scope) -> list[Cell]:
    """The cells that people's words fill."""
    kinds = {str(kind): kind for kind, _, _ in LANES}
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows_by_place(staged):
        if row.kind in kinds:
            found.setdefault((row.stage, row.kind), []).append(row)
    return [
        Cell(stage, lane_name(kinds[kind]), tuple(state_codes(rows, basis_of(kinds[kind]), scope, len(scope.of_stage[stage])).values()))
        for (stage, kind), rows in found.items()
    ]


def _together(cells: Iterable[Cell]) -> list[Cell]:
    """One cell for each stage and lane, in the order of the lanes."""
    merged: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        before = merged.get((cell.stage, cell.lane), Cell(cell.stage, cell.lane))
        merged[cell.stage, cell.lane] = replace(before, statements=(*before.statements, *cell.statements))
    return sorted(merged.values(), key=lambda c: (lane_order(c.lane), c.stage))


def _feelings(staged: pd.DataFrame, stages: Sequence[StageSetting], random_state: int) -> tuple[Feeling, ...]:
    felt = staged[(staged["kind"] == CodeKind.EMOTION) & staged["intensity"].notna()]
    by_person = felt.groupby(["stage", "participant"])["intensity"].mean().astype(float)
    have = set(by_person.index.get_level_values("stage"))

    def estimate(stage: str) -> Estimate | None:
        if stage not in have:
            return None
        return bootstrap_mean(by_person[stage], limits=(-2, 2), unit="valence", of="participants", random_state=random_state)

    return tuple(Feeling(s.id, estimate(s.id)) for s in stages)


def _backstage(stages: Sequence[StageSetting]) -> list[Cell]:
    """What somebody in the organisation says goes on behind the scenes."""
    return [
        Cell(
            stage.id,
            lane_name(w.lane),
            (Statement(w.text, Basis.ASSUMED, asserted_by=w.asserted_by, note=" · ".join(x for x in (w.department, w.system) if x)),),
        )
        for stage in stages
        for w in stage.work
    ]


#: What an opportunity answers.
_PROBLEMS = frozenset(lane_name(kind) for kind in (LaneKind.PAIN, LaneKind.NEED, LaneKind.GOAL, LaneKind.EXPECTATION))


def _ideas(study: StudyTables, stages: Sequence[StageSetting], said: Sequence[Cell]) -> list[Cell]:
    """The team's opportunities, in the stage that each is about, with what people said of the pains and needs behind each."""
    ids, lane = {s.id for s in stages}, lane_name(LaneKind.OPPORTUNITY)
    asked = [(o, f"How might we {o.how_might_we.rstrip('?')}?") for o in study.opportunities if o.stage in ids]
    return [Cell(o.stage, lane, (_idea(o, text, said),)) for o, text in asked]


def _idea(o: Opportunity, text: str, said: Sequence[Cell]) -> Statement:
    codes = {c.casefold() for c in o.codes}
    here = [s for c in said if c.stage == o.stage and c.lane in _PROBLEMS for s in c.statements if s.code.casefold() in codes]
    people = tuple(sorted({p for s in here for p in s.said_by}))
    quotes = tuple({q.coding: q for s in here for q in s.quotes}.values())
    basis = Basis.INFERRED if quotes else Basis.ASSUMED
    return Statement(text, basis, quotes, said_by=people, n_of=here[0].n_of if here else 0, asserted_by="team", note=o.status.value)


def _measured(study: StudyTables, stages: Sequence[StageSetting], segment: Mapping[str, str]) -> list[Cell]:
    found: dict[str, list[Statement]] = {}
    responses, events = study.responses, study.events
    for setting in study.settings.measures:
        results = compute_measures(setting, responses=responses, events=events, segment=segment) if setting.stage else ()
        if results:
            found.setdefault(setting.stage, []).append(Statement(setting.name, Basis.MEASURED, results))
    lane = lane_name(LaneKind.MEASURE)
    return [Cell(s.id, lane, tuple(found[s.id])) for s in stages if s.id in found]


def _transitions(events: EventLog | None, stages: Sequence[StageSetting], segment: Mapping[str, str]) -> tuple[Transition, ...]:
    """How many users of a stage are seen in the next one afterwards."""
    if events is None or any(name not in events.attributes for name in segment):
        return ()
    seen = {s.id: [e for e in s.events if e in events.event_names] for s in stages}
    pairs = [(a, b) for a, b in pairwise(stages) if seen[a.id] and seen[b.id]]
    return tuple(Transition(a.id, b.id, _rate(events, a, b, seen, segment)) for a, b in pairs)


def _rate(events: EventLog, a: StageSetting, b: StageSetting, seen: Mapping[str, list[str]], segment: Mapping[str, str]) -> Measured | None:
    table = events.funnel([seen[a.id], seen[b.id]], count="any entry", where=segment)
    came, went = (int(n) for n in table["n"])
    return (
        Measured(f"{a.name} → {b.name}", estimate_share(went, came, of="users"), "events", note="seen in the second after the first")
        if went
        else None
    )
