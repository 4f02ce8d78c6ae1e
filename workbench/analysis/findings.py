"""What many people said, in whose words, and who says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.analysis.code_profile import number_passages, widened_to_stages
from workbench.analysis.intervals import estimate_share
from workbench.analysis.passages import codings_at, put_into_stages
from workbench.analysis.scope import Scope, StudyTables, codings_in_scope
from workbench.analysis.statements import rows_by_place, state_codes
from workbench.model import Basis, CodeKind, Estimate, Measured, Statement

#: What is a finding unless asked otherwise, and whether it is said as something good or bad.
KINDS = {CodeKind.PAIN: -1, CodeKind.DELIGHT: +1, CodeKind.NEED: -1, CodeKind.THEME: 0}
MOST_AGAINST = 2


@dataclass(frozen=True)
class InterviewFinding:
    """One thing that people said.

    Parameters
    ----------
    statement : its words, who said it of how many, and every quote
    share : the share of participants, with its interval
    place : the touchpoint, or else the stage, that at least half of them said it of; empty where there is none
    against : what others say of the same place with the opposite feeling, most shared first
    by_segment : for each attribute, the share in each of its groups
    """

    path: str
    kind: CodeKind
    statement: Statement
    share: Estimate
    place: str
    against: Sequence[Statement]
    by_segment: Sequence[Statement]


def find_findings(
    study: StudyTables, scope: Scope, *, kinds: Sequence[CodeKind] = tuple(KINDS), at_least: int = 3, attributes: Sequence[str] = ()
) -> list[InterviewFinding]:
    """The codes of some kinds that enough people stand behind, most shared first.

    Parameters
    ----------
    study : an opened study
    scope : whose words count
    at_least : how many participants must have said it
    attributes : by which attributes of participants each is counted apart

    Returns
    -------
    One finding per code.  What is against it was coded at the same touchpoint, or where nothing is at the same stage: for a
    pain point or a need, delights; for a delight, pain points; where there are none, feelings of the other sign.  For a theme it is
    the pleasant or the unpleasant feelings in the same breath, whichever fewer people have.
    """
    codings = codings_in_scope(study.codings, scope)
    staged = put_into_stages(codings, study.settings.stages)
    n_of, found = len(scope.people), []
    for kind in kinds:
        own = codings[codings["kind"] == kind]
        for path, statement in state_codes(rows_by_place(own), Basis.OBSERVED, scope, n_of).items():
            if statement.n < at_least:
                continue
            rows = own[own["path"] == path]
            places = _places_of(rows, codings, staged, study)
            against = _against(kind, rows, [there for _, there in places], codings, scope)
            share = estimate_share(statement.n, n_of, of="participants")
            groups = [_by(attribute, statement, scope.people) for attribute in attributes if attribute in scope.people]
            place = places[0][0] if places else ""
            found.append(InterviewFinding(path, CodeKind(kind), statement, share, place, against, [g for g in groups if g.evidence]))
    return sorted(found, key=lambda f: (-f.share.value, -len(f.statement.quotes), f.path))


def _places_of(rows: pd.DataFrame, codings: pd.DataFrame, staged: pd.DataFrame, study: StudyTables) -> list[tuple[str, pd.DataFrame]]:
    """The touchpoint and the stage that at least half of those who said it said it of, each with what was coded there."""
    touchpoints = codings[codings["kind"] == CodeKind.TOUCHPOINT]
    near = rows.merge(touchpoints[["transcript", "path", "code", "start", "end"]], on="transcript", suffixes=("", "_at"))
    near = near[(near["start"] < near["end_at"]) & (near["start_at"] < near["end"])]
    places = []
    if (touchpoint := _of_half(near, ["path_at", "code_at"], rows)) is not None:
        path, name = touchpoint
        places.append((str(name), codings_at(codings, CodeKind.TOUCHPOINT, [path])))
    if (stage := _of_half(staged[staged["coding"].isin(rows["coding"])], "stage", rows)) is not None:
        name = next(s.name for s in study.settings.stages if s.id == stage)
        places.append((name, staged[staged["stage"] == stage]))
    return places


def _of_half(found: pd.DataFrame, column: str | list[str], rows: pd.DataFrame) -> Any:
    """The value with most participants, where they are at least half of those behind ``rows``."""
    people = found.groupby(column)["participant"].nunique().sort_values(ascending=False, kind="stable")
    return people.index[0] if len(people) and 2 * int(people.iloc[0]) >= rows["participant"].nunique() else None


def _against(
    kind: CodeKind, rows: pd.DataFrame, places: Sequence[pd.DataFrame], codings: pd.DataFrame, scope: Scope
) -> tuple[Statement, ...]:
    sign = KINDS.get(kind, 0)
    if sign == 0:
        good, bad = _felt(_around(rows, codings), +1), _felt(_around(rows, codings), -1)
        other = min(good, bad, key=lambda side: int(side["participant"].nunique()))
    else:
        opposite = CodeKind.DELIGHT if sign < 0 else CodeKind.PAIN
        asked = [*(there[there["kind"] == opposite] for there in places), *(_felt(there, -sign) for there in places)]
        other = next((found for found in asked if len(found)), codings.iloc[:0])
    said = state_codes(rows_by_place(other), Basis.OBSERVED, scope, len(scope.people))
    return tuple(said.values())[:MOST_AGAINST]


def _around(rows: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """What was coded in the same passages of a stage as a code, in the words of the same people."""
    spans = widened_to_stages(number_passages(rows), codings).drop_duplicates("passage")[["transcript", "participant", "first", "last"]]
    near = codings.merge(spans, on=["transcript", "participant"])
    near = near[(near["start"] < near["last"]) & (near["first"] < near["end"])]
    return near.drop_duplicates("coding").drop(columns=["first", "last"])


def _felt(codings: pd.DataFrame, sign: int) -> pd.DataFrame:
    """The codings of feelings that are pleasant (+1) or unpleasant (-1)."""
    felt = codings[codings["kind"] == CodeKind.EMOTION]
    return felt[(felt["intensity"] * sign > 0).fillna(False).astype(bool)]


def _by(attribute: str, statement: Statement, people: pd.DataFrame) -> Statement:
    """How many said it in each group of an attribute."""
    values = people[attribute].dropna().map(str)
    shares = []
    for value in sorted(set(values) - {""}):
        group = values.index[values == value]
        share = estimate_share(len(group.intersection(list(statement.said_by))), len(group), of="participants")
        shares.append(Measured(statement.text, share, "interviews", f"{attribute} = {value}"))
    return Statement(attribute, Basis.MEASURED, shares)
