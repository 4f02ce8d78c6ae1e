"""A journey map from what was coded and measured.

A passage coded with a stage and with anything else puts the second in the first's column (decision D5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.analysis.intervals import bootstrap_mean, estimate_share
from workbench.analysis.lanes import LANES, lane_name, lane_order
from workbench.analysis.measures import compute_measures
from workbench.analysis.moments import propose_moments
from workbench.errors import BadSetting, UnknownName
from workbench.model import (
    Basis,
    Cell,
    Codebook,
    CodeKind,
    Consent,
    Estimate,
    Feeling,
    Journey,
    Lane,
    LaneKind,
    Measured,
    Opportunity,
    Persona,
    Quote,
    Stage,
    StageSetting,
    Statement,
    StudySettings,
    Transition,
    basis_of,
)

_ALWAYS_SHOWN = {LaneKind.PAIN, LaneKind.DELIGHT}


class StudyTables(Protocol):
    """What a map is made from.  An opened study is one."""

    @property
    def settings(self) -> StudySettings: ...
    @property
    def codebook(self) -> Codebook: ...
    @property
    def participants(self) -> pd.DataFrame: ...
    @property
    def codings(self) -> pd.DataFrame: ...
    @property
    def responses(self) -> pd.DataFrame: ...
    @property
    def events(self) -> EventLog | None: ...
    @property
    def personas(self) -> list[Persona]: ...
    @property
    def opportunities(self) -> list[Opportunity]: ...


@dataclass(frozen=True)
class _Scope:
    """Whom a map is about."""

    people: pd.DataFrame
    segment: Mapping[str, str]
    persona: str
    on: date
    everyone: pd.DataFrame
    of_stage: Mapping[str, frozenset[str]]

    @cached_property
    def people_by_alias(self) -> dict[str, tuple[str, bool]]:
        """Of everyone, in scope or not, the pseudonym, and whether their words may be shown on the day."""
        people = self.everyone
        consents = (
            Consent(bool(quote), until=None if pd.isna(until) else until).allows_quotes(self.on)
            for quote, until in zip(people["consent_quote"], people["consent_until"], strict=True)
        )
        return dict(zip(people.index, zip(people["pseudonym"], consents, strict=True), strict=True))


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
    scope = _scope(study, persona, _parse_segment(segment), on or date.today())  # noqa: DTZ011 - consent ends with a day of the calendar on the wall
    codings = study.codings
    codings = codings[codings["participant"].isin(scope.people.index) & ~codings["internal"].astype(bool)]
    if coders is not None:
        codings = codings[codings["coder"].isin(coders)]
    staged = put_into_stages(codings, stages)
    theirs = [who in scope.of_stage[stage] for who, stage in zip(staged["participant"], staged["stage"], strict=True)]
    staged = staged[pd.Series(theirs, index=staged.index, dtype=bool)]
    feelings = _feelings(staged, stages, random_state)
    cells = _together([*_said(staged, scope), *_backstage(stages), *_measured(study, stages, scope.segment), *_ideas(study, stages)])
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
        segment=", ".join(f"{k} = {v}" for k, v in scope.segment.items()),
        goals=study.settings.goals,
        scope=study.settings.scope,
        n_of=n_of,
        participants=tuple(scope.people.index),
    )


def put_into_stages(codings: pd.DataFrame, stages: Sequence[StageSetting]) -> pd.DataFrame:
    """Each coding beside the stage of the passage it lies in.

    Parameters
    ----------
    codings : one row per coding
    stages : which code names mean which stage

    Returns
    -------
    One row per coding and stage that its passage overlaps by at least one character in the same transcript, with the columns of
    ``codings`` and ``stage`` (id).  Where the coder of the coding has put a stage on the passage, only that coder's stages
    count; else anybody's do.  Stage codings themselves are in the table under their own stage.
    """
    stage_of = {name.casefold(): s.id for s in stages for name in (s.codes or (s.name,))}
    is_stage = (codings["kind"] == CodeKind.STAGE) & codings["code"].str.casefold().isin(list(stage_of))
    spans = codings.loc[is_stage, ["transcript", "start", "end", "coder", "code"]].rename(
        columns={"start": "from", "end": "to", "coder": "staged_by", "code": "stage_code"}
    )
    spans["stage"] = spans.pop("stage_code").str.casefold().map(stage_of)
    joined = codings[codings["kind"] != CodeKind.STAGE].merge(spans, on="transcript")
    joined = joined[(joined["start"] < joined["to"]) & (joined["from"] < joined["end"])]
    own = joined["staged_by"] == joined["coder"]
    has_own = own.groupby(joined["coding"]).transform("any")
    joined = joined[own | ~has_own].drop_duplicates(["coding", "stage"])
    themselves = codings[is_stage].assign(stage=codings.loc[is_stage, "code"].str.casefold().map(stage_of))
    return pd.concat([joined[[*codings.columns, "stage"]], themselves], ignore_index=True)


def segments_of(study: StudyTables) -> list[dict[str, str]]:
    """Every value of every attribute that study.toml lists under ``segments``, among participants who were heard."""
    people = study.participants
    people = people[people["heard"].astype(bool)]
    names = [a for a in study.settings.segments if a in people.columns]
    return [{a: str(v)} for a in names for v in sorted(people[a].dropna().unique())]


def _parse_segment(segment: Mapping[str, str] | str | None) -> dict[str, str]:
    if isinstance(segment, str):
        pairs = [p.partition("=") for p in segment.split(",") if p.strip()]
        if any(not sep for _, sep, _ in pairs):
            raise BadSetting(
                f'segment "{segment}"', "it is not name=value", 'Write for example "customer=new" or "customer=new,device=phone".'
            )
        return {k.strip(): v.strip() for k, _, v in pairs}
    return dict(segment or {})


def _scope(study: StudyTables, persona: str | None, segment: dict[str, str], on: date) -> _Scope:
    everyone = study.participants
    people = everyone[everyone["heard"].astype(bool)]
    asked = segment
    if persona:
        named = next((p for p in study.personas if p.name.casefold() == persona.casefold()), None)
        if named is None:
            raise UnknownName("persona", persona, [p.name for p in study.personas])
        belongs = people.index.isin(list(named.participants))
        if named.segment:
            belongs = belongs | _fitting(people, named.segment)  # a persona may stand for people who were not interviewed yet
        people = people[belongs]
        segment = {**named.segment, **segment}
        persona = named.name
    if asked:
        people = people[_having(people, asked)]
    of_stage = {s.id: frozenset(people.index[_fitting(people, s.whom)]) for s in study.settings.stages}
    return _Scope(people, segment, persona or "", on, everyone, of_stage)


def _having(people: pd.DataFrame, segment: Mapping[str, str]) -> pd.Series:
    """Which people have all of these attributes."""
    for name, value in segment.items():
        if name not in people.columns:
            attributes = [c for c in people.columns if not c.startswith("consent_") and c not in ("pseudonym", "heard")]
            raise UnknownName("attribute of participants", name, attributes)
        if value not in set(people[name].dropna()):
            raise UnknownName(f"participant with {name} =", value, [str(v) for v in people[name].dropna().unique()])
    return _fitting(people, segment)


def _fitting(people: pd.DataFrame, segment: Mapping[str, str]) -> pd.Series:
    fits = pd.Series(True, index=people.index)
    for name, value in segment.items():
        fits &= people[name] == value if name in people.columns else False
    return fits


def _said(staged: pd.DataFrame, scope: _Scope) -> list[Cell]:
    """The cells that people's words fill."""
    kinds = {str(kind): kind for kind, _, _ in LANES}
    found: dict[tuple[str, str], dict[str, list[Any]]] = {}
    everything: list[Any] = list(staged.itertuples(index=False))
    for row in sorted(everything, key=lambda r: (r.transcript, r.participant, r.start, r.end, r.coder)):
        if row.kind in kinds:
            found.setdefault((row.stage, row.kind), {}).setdefault(row.path, []).append(row)
    cells = []
    for (stage, kind), by_path in found.items():
        n_of, names = len(scope.of_stage[stage]), [rows[0].code for rows in by_path.values()]
        shown = {path: path if names.count(rows[0].code) > 1 else rows[0].code for path, rows in by_path.items()}
        statements = [_statement(shown[path], rows, kinds[kind], scope, n_of) for path, rows in by_path.items()]
        cells.append(Cell(stage, lane_name(kinds[kind]), tuple(sorted(statements, key=lambda s: (-s.n, s.text)))))
    return cells


def _statement(text: str, rows: Sequence[Any], lane: LaneKind, scope: _Scope, n_of: int) -> Statement:
    quotes = list(_quotes(rows, scope))
    said_by = sorted({q.participant for q in quotes})
    return Statement(text, basis_of(lane), tuple(quotes), rows[0].code, tuple(said_by), n_of)


def _together(cells: Iterable[Cell]) -> list[Cell]:
    """One cell for each stage and lane, in the order of the lanes."""
    merged: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        before = merged.get((cell.stage, cell.lane), Cell(cell.stage, cell.lane))
        merged[cell.stage, cell.lane] = replace(before, statements=(*before.statements, *cell.statements))
    return sorted(merged.values(), key=lambda c: (lane_order(c.lane), c.stage))


def _quotes(rows: Sequence[Any], scope: _Scope) -> Iterable[Quote]:
    """One quote per passage, however many coders marked it (rows by place); first one of each participant, then the second ones."""
    merged: list[list[Any]] = []
    for row in rows:
        last = merged[-1] if merged else None
        same_voice = last and (last[0].transcript, last[0].participant) == (row.transcript, row.participant)
        if last and same_voice and row.start < max(r.end for r in last):
            last.append(row)
        else:
            merged.append([row])
    turn: dict[str, int] = {}
    ranked = []
    for group in merged:
        first = min(group, key=lambda r: (r.coder, r.start))
        turn[first.participant] = turn.get(first.participant, 0) + 1
        ranked.append((turn[first.participant], first.participant, first.transcript, first.start, _quote(first, group, scope)))
    return [r[-1] for r in sorted(ranked, key=lambda r: r[:-1])]


def _quote(row: Any, group: Sequence[Any], scope: _Scope) -> Quote:
    pseudonym, _ = scope.people_by_alias[row.participant]
    voices = {row.participant, *getattr(row, "voices", ())}  # a passage of a focus group may run on into another's words
    return Quote(
        coding=row.coding,
        participant=row.participant,
        transcript=row.transcript,
        start=int(row.start),
        end=int(row.end),
        text=row.text,
        speaker=pseudonym,
        start_ms=None if pd.isna(row.start_ms) else int(row.start_ms),
        coders=tuple(sorted({r.coder for r in group})),
        quotable=all(scope.people_by_alias[voice][1] for voice in voices),
    )


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


def _ideas(study: StudyTables, stages: Sequence[StageSetting]) -> list[Cell]:
    """The team's opportunities, in the stage that each is about."""
    ids, lane = {s.id for s in stages}, lane_name(LaneKind.OPPORTUNITY)
    asked = [(o, f"How might we {o.how_might_we.rstrip('?')}?") for o in study.opportunities if o.stage in ids]
    return [Cell(o.stage, lane, (Statement(text, Basis.ASSUMED, asserted_by="team", note=o.status.value),)) for o, text in asked]


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
