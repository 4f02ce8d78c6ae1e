"""Empathy maps from codings.

What people said and did is observed; what they think, feel, need and aim at is read into it (decision D4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from workbench.analysis.intervals import bootstrap_mean
from workbench.analysis.passages import codings_at, put_into_stages
from workbench.analysis.scope import Scope, StudyTables, codings_in_scope, find_scope, find_stage, show_segment
from workbench.analysis.statements import rows_by_code, rows_by_place, state_codes
from workbench.errors import BadSetting, UnknownName, UnknownParticipant
from workbench.model import (
    Basis,
    Code,
    Codebook,
    CodeKind,
    EmpathyMap,
    Measured,
    Note,
    Quadrant,
    Quote,
    StageSetting,
    Statement,
)
from workbench.model.empathy_map import INFERRED

#: Which quadrants the codes of a kind fill.
QUADRANTS: Mapping[CodeKind, tuple[Quadrant, ...]] = {
    CodeKind.ACTION: (Quadrant.DOES,),
    CodeKind.TOUCHPOINT: (Quadrant.SEES,),
    CodeKind.CHANNEL: (Quadrant.SEES,),
    CodeKind.THOUGHT: (Quadrant.THINKS,),
    CodeKind.EMOTION: (Quadrant.FEELS,),
    CodeKind.PAIN: (Quadrant.SAYS, Quadrant.PAINS),
    CodeKind.DELIGHT: (Quadrant.SAYS, Quadrant.GAINS),
    CodeKind.NEED: (Quadrant.SAYS, Quadrant.GAINS),
    CodeKind.GOAL: (Quadrant.SAYS, Quadrant.GAINS),
    CodeKind.OPPORTUNITY: (Quadrant.SAYS,),
    CodeKind.THEME: (Quadrant.SAYS,),
    CodeKind.OTHER: (Quadrant.SAYS,),
}
#: Names of codes under which a study keeps what people were told by others.
HEARD = frozenset({"hears", "heard"})
#: A quote that stands alone and is soon read has about so many characters.
READABLE = (30, 160)

_MAY_BE_HEARD = {CodeKind.THEME, CodeKind.OTHER, CodeKind.CHANNEL, CodeKind.TOUCHPOINT}
_READ_INTO = {CodeKind.NEED, CodeKind.GOAL}
_PLACES = (CodeKind.TOUCHPOINT, CodeKind.CHANNEL)


def build_empathy_map(
    study: StudyTables,
    *,
    persona: str | None = None,
    participant: str | None = None,
    segment: Mapping[str, str] | str | None = None,
    stage: str | None = None,
    touchpoint: str | None = None,
    coders: Sequence[str] | None = None,
    on: date | None = None,
) -> EmpathyMap:
    """An empathy map with its evidence in every note.

    Each code of the passages in scope becomes a note, in the quadrants that :data:`QUADRANTS` names for its kind.  ``says`` holds
    people's own words: for each code one quote that may be shown, if possible one that shares no words with a quote chosen before,
    then of readable length, then of who was quoted least so far, then marked by most coders.  Where no words may be shown, the
    name of the code stands there, marked as inferred because it is the coders' and not theirs.  ``feels`` adds the mean intensity.
    ``hears`` is filled only from codes that are called "Hears" or "Heard" or stand below one, for nothing else tells what people
    were told.

    Parameters
    ----------
    study : an opened study
    persona, segment : whom it is about, as for :func:`workbench.build_journey`; everyone when nothing is named
    participant : an alias, for a map of one person
    stage : id or name of a stage: only passages coded with it
    touchpoint : name or path of a touchpoint (or channel): only passages that overlap one coded with it or with a code below it
    coders : use the codings of these coders only
    on : the day for which consent is asked (today)

    Returns
    -------
    An :class:`EmpathyMap` without an id.  A note counts the distinct participants behind it, out of those in scope who were
    heard; its ``note`` is the kind of its code, and its id ``{quadrant}/{path of the code}``.

    Raises
    ------
    UnknownParticipant, UnknownName
        There is no such participant, persona, attribute, stage or touchpoint.
    BadSetting
        A participant is named beside a persona or a segment.
    """
    scope = _find_people(study, persona, participant, segment, on)
    at = find_stage(study.settings.stages, stage) if stage else None
    place = _find_touchpoint(study.codebook, touchpoint) if touchpoint else None
    codings = codings_in_scope(study.codings, scope, coders)
    here = _passages(codings, scope, study, at, place)
    people = scope.of_stage[at.id] if at else frozenset(scope.people.index)
    who = scope.persona or (scope.people_by_alias[participant][0] if participant else show_segment(scope.segment)) or "Everyone"
    return EmpathyMap(
        id="",
        about=" · ".join([who, *([at.name] if at else []), *([place.name] if place else [])]),
        notes=tuple(note for quadrant, rows in _by_quadrant(here).items() for note in _notes(quadrant, rows, scope, len(people))),
        stage=at.id if at else "",
        touchpoint=place.name if place else "",
        n_of=len(people),
        persona=scope.persona,
        participant=participant or "",
        segment=scope.segment,
    )


def _find_people(
    study: StudyTables, persona: str | None, participant: str | None, segment: Mapping[str, str] | str | None, on: date | None
) -> Scope:
    scope = find_scope(study, persona, segment, on)
    if participant is None:
        return scope
    if persona or segment:
        raise BadSetting(f'empathy map of participant "{participant}"', "a persona or a segment is named too", "Name one of them.")
    if participant not in scope.everyone.index:
        raise UnknownParticipant(participant, scope.everyone.index)
    alone = {id: people & {participant} for id, people in scope.of_stage.items()}
    return replace(scope, people=scope.people[scope.people.index == participant], of_stage=alone)


def _find_touchpoint(codebook: Codebook, name: str) -> Code:
    places = [c for c in codebook if c.kind in _PLACES]
    exact = [c for c in places if codebook.path(c).casefold() == name.casefold()]
    found = exact or [c for c in places if c.name.casefold() == name.casefold()]
    if len(found) != 1:
        raise UnknownName("touchpoint", name, [codebook.path(c) for c in found or places])
    return found[0]


def _passages(codings: pd.DataFrame, scope: Scope, study: StudyTables, stage: StageSetting | None, place: Code | None) -> pd.DataFrame:
    """The codings at a stage and at a touchpoint."""
    here = codings
    if stage:
        staged = put_into_stages(codings, study.settings.stages)
        there = (staged["stage"] == stage.id) & staged["participant"].isin(list(scope.of_stage[stage.id]))
        here = here[here["coding"].isin(staged.loc[there, "coding"])]
    if place:
        path = study.codebook.path(place)
        below = [p for p in codings["path"].unique() if p == path or p.startswith(f"{path} / ")]
        here = here[here["coding"].isin(codings_at(codings, place.kind, below)["coding"])]
    return here


def _by_quadrant(codings: pd.DataFrame) -> dict[Quadrant, list[Any]]:
    """The codings that fill each quadrant, in the order of the words."""
    found: dict[Quadrant, list[Any]] = {quadrant: [] for quadrant in Quadrant}
    for row in rows_by_place(codings):
        heard = row.kind in _MAY_BE_HEARD and not HEARD.isdisjoint(row.path.casefold().split(" / "))
        for quadrant in (Quadrant.HEARS,) if heard else QUADRANTS.get(row.kind, ()):
            found[quadrant].append(row)
    return found


def _notes(quadrant: Quadrant, rows: Sequence[Any], scope: Scope, n_of: int) -> list[Note]:
    said = state_codes(rows, Basis.INFERRED if quadrant in INFERRED else Basis.OBSERVED, scope, n_of)
    if quadrant == Quadrant.SAYS:
        said = _in_their_words(said)
    if quadrant == Quadrant.FEELS:
        said = _with_intensity(said, rows)
    kinds = {row.path: CodeKind(row.kind) for row in rows}
    return [Note(quadrant, _named(statement, quadrant, path, kinds[path])) for path, statement in said.items()]


def _named(statement: Statement, quadrant: Quadrant, path: str, kind: CodeKind) -> Statement:
    basis = Basis.INFERRED if quadrant == Quadrant.GAINS and kind in _READ_INTO else statement.basis
    return replace(statement, id=f"{quadrant}/{path}", note=kind.value, basis=basis)


def _in_their_words(said: Mapping[str, Statement]) -> dict[str, Statement]:
    """Each statement in the words of one quote; where no words may be shown, by its code's name, which is read into them."""
    chosen: list[Quote] = []
    result = {}
    for path, statement in said.items():
        shown = [q for q in statement.quotes if q.quotable]
        best = min(shown, key=lambda q: _worse(q, chosen), default=None)
        chosen += [best] if best else []
        result[path] = replace(statement, text=best.text) if best else replace(statement, basis=Basis.INFERRED)
    return result


def _worse(quote: Quote, chosen: Sequence[Quote]) -> tuple[bool, bool, int, int]:
    """What speaks against a quote, the weightiest first."""
    taken = any(q.transcript == quote.transcript and q.start < quote.end and quote.start < q.end for q in chosen)
    readable = READABLE[0] <= len(quote.text) <= READABLE[1]
    return taken, not readable, sum(q.participant == quote.participant for q in chosen), -len(quote.coders)


def _with_intensity(said: Mapping[str, Statement], rows: Iterable[Any]) -> dict[str, Statement]:
    """Each feeling with its mean intensity over participants, each counted once by the mean of their own."""
    by_path = rows_by_code(rows)
    return {path: replace(s, evidence=(*s.evidence, *_intensity(by_path[path]))) for path, s in said.items()}


def _intensity(rows: Sequence[Any]) -> tuple[Measured, ...]:
    felt = pd.DataFrame([(r.participant, r.intensity) for r in rows if not pd.isna(r.intensity)], columns=["participant", "intensity"])
    if felt.empty:
        return ()
    by_person = felt.groupby("participant")["intensity"].mean().astype(float)
    return (Measured("Mean intensity", bootstrap_mean(by_person, limits=(-2, 2), unit="valence", of="participants"), "codings"),)
