"""Whom a map is about: which participants, and whose words may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.errors import BadSetting, UnknownName
from workbench.model import Codebook, Consent, Opportunity, Persona, Stage, StageSetting, StudySettings

S = TypeVar("S", Stage, StageSetting)


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
class Scope:
    """Whom a map is about.

    ``people`` are those in scope who were heard, one row each; ``of_stage`` says which of them each stage is for; ``everyone`` are
    all participants of the study, and ``on`` is the day for which consent is asked.
    """

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


def find_scope(study: StudyTables, persona: str | None, segment: Mapping[str, str] | str | None, on: date | None) -> Scope:
    """The participants whom a persona stands for and who have the attributes of a segment; everybody where neither is given.

    Raises
    ------
    UnknownName
        There is no such persona, or nobody in the study has such an attribute.
    BadSetting
        A segment is not written ``name=value``.
    """
    everyone = study.participants
    people = everyone[everyone["heard"].astype(bool)]
    asked = parse_segment(segment)
    theirs = asked
    if persona:
        named = find_persona(study.personas, persona)
        belongs = people.index.isin(list(named.participants))
        if named.segment:
            belongs = belongs | fitting(people, named.segment)  # a persona may stand for people who were not interviewed yet
        people = people[belongs]
        theirs = {**named.segment, **asked}
        persona = named.name
    if asked:
        people = people[_having(people, asked)]
    of_stage = {s.id: frozenset(people.index[fitting(people, s.whom)]) for s in study.settings.stages}
    today = date.today()  # noqa: DTZ011 - consent ends with a day of the calendar on the wall
    return Scope(people, theirs, persona or "", on or today, everyone, of_stage)


def find_persona(personas: Sequence[Persona], name: str) -> Persona:
    """The persona of this name, or the only one whose name begins with it and a comma.

    Raises
    ------
    UnknownName
    """
    wanted = name.strip().casefold()
    found = [p for p in personas if p.name.casefold() == wanted] or [
        p for p in personas if p.name.partition(",")[0].strip().casefold() == wanted
    ]
    if len(found) != 1:
        raise UnknownName("persona", name, [p.name for p in found or personas])
    return found[0]


def codings_in_scope(codings: pd.DataFrame, scope: Scope, coders: Sequence[str] | None = None) -> pd.DataFrame:
    """The codings on the words of people in scope, by these coders; without research inside the organisation."""
    codings = codings[codings["participant"].isin(scope.people.index) & ~codings["internal"].astype(bool)]
    return codings if coders is None else codings[codings["coder"].isin(coders)]


def segments_of(study: StudyTables) -> list[dict[str, str]]:
    """Every value of every attribute that study.toml lists under ``segments``, among participants who were heard."""
    people = study.participants
    people = people[people["heard"].astype(bool)]
    names = [a for a in study.settings.segments if a in people.columns]
    return [{a: str(v)} for a in names for v in sorted(people[a].dropna().unique())]


def parse_segment(segment: Mapping[str, str] | str | None) -> dict[str, str]:
    """A segment as attributes and their values, from ``"customer=new,device=phone"`` or from a mapping.

    Raises
    ------
    BadSetting
        It is not written ``name=value``.
    """
    if isinstance(segment, str):
        pairs = [p.partition("=") for p in re.split(r",(?=[^,=]+=)", segment) if p.strip()]
        if any(not sep for _, sep, _ in pairs):
            raise BadSetting(
                f'segment "{segment}"', "it is not name=value", 'Write for example "customer=new" or "customer=new,device=phone".'
            )
        return {k.strip(): v.strip() for k, _, v in pairs}
    return dict(segment or {})


def show_segment(segment: Mapping[str, str]) -> str:
    """A segment in words: ``customer = new, device = phone``."""
    return ", ".join(f"{k} = {v}" for k, v in segment.items())


def find_stage(stages: Sequence[S], wanted: str) -> S:
    """The stage with this id, or else with this name in any case.

    Raises
    ------
    UnknownName
    """
    found = [s for s in stages if s.id == wanted] or [s for s in stages if s.name.casefold() == wanted.casefold()]
    if not found:
        raise UnknownName("stage", wanted, [s.id for s in stages])
    return found[0]


def fitting(people: pd.DataFrame, segment: Mapping[str, str]) -> pd.Series:
    """Which people have all of these attributes; nobody has one that is not known."""
    fits = pd.Series(True, index=people.index)
    for name, value in segment.items():
        fits &= people[name] == value if name in people.columns else False
    return fits


def _having(people: pd.DataFrame, segment: Mapping[str, str]) -> pd.Series:
    """Which people have all of these attributes, each of which must exist."""
    for name, value in segment.items():
        if name not in people.columns:
            attributes = [c for c in people.columns if not c.startswith("consent_") and c not in ("pseudonym", "heard")]
            raise UnknownName("attribute of participants", name, attributes)
        if value not in set(people[name].dropna()):
            raise UnknownName(f"participant with {name} =", value, [str(v) for v in people[name].dropna().unique()])
    return fitting(people, segment)
