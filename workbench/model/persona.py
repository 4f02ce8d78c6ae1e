"""A made-up person who stands for a segment, trait by trait with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from workbench.model.evidence import Estimate, Quote, Statement


class TraitKind(StrEnum):
    """The fields of a persona that hold statements."""

    AMBITION = "ambition"
    INTEREST = "interest"
    HOBBY = "hobby"
    CONSUMPTION = "consumption pattern"
    TECHNOLOGY = "familiarity with technology"
    REASON = "why they come"
    PLEASES = "would please"
    DISAPPOINTS = "would disappoint"
    GOAL = "goal"
    BEHAVIOUR = "behaviour"
    NEED = "need"
    MOTIVATION = "motivation"
    CHALLENGE = "challenge"
    ASPIRATION = "aspiration"
    PREFERENCE = "preference"
    PAIN = "pain point"
    CHANNEL = "preferred channel"


@dataclass(frozen=True)
class Trait:
    """One statement about a persona; goals carry their priority in ``statement.rank``, 1 first.

    ``stage`` ties an objective to a stage of the journey.
    """

    kind: TraitKind
    statement: Statement
    stage: str = ""


@dataclass(frozen=True)
class Scale:
    """A behavioural scale between two poles, with each participant's place on it from 0 to 1."""

    low: str
    high: str
    placed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A persona held against a real scenario or later feedback: what was tried, on what, when, and what came of it.

    ``result`` is ``confirmed``, ``contradicted`` or ``not seen``.
    """

    claim: str
    against: str
    result: str
    on: date | None = None


@dataclass(frozen=True)
class Persona:
    """A fictional profile for a segment of real participants.

    ``segment`` selects participants by attribute (``{"customer": "new"}``), ``participants`` by alias; a participant
    belongs when either does. ``share`` is the share of the population, where a survey or a log says it.
    """

    id: str
    name: str
    summary: str = ""
    segment: Mapping[str, str] = field(default_factory=dict)
    participants: Sequence[str] = ()
    age: str = ""
    career: str = ""
    family: str = ""
    demographics: Mapping[str, str] = field(default_factory=dict)
    picture: str = ""
    quote: Quote | None = None
    traits: Sequence[Trait] = ()
    scales: Sequence[Scale] = ()
    share: Estimate | None = None
    scenario: str = ""
    checks: Sequence[Check] = ()
    version: int = 1

    def traits_of(self, kind: TraitKind) -> tuple[Statement, ...]:
        """The statements of one kind, prioritised ones first."""
        found = [t.statement for t in self.traits if t.kind == kind]
        return tuple(sorted(found, key=lambda s: (s.rank is None, s.rank or 0)))
