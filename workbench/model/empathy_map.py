"""What someone says, thinks, does and feels: observed and inferred kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workbench.errors import BadSetting
from workbench.model.evidence import Basis, Statement


class Quadrant(StrEnum):
    """The fields of an empathy map."""

    SAYS = "says"
    THINKS = "thinks"
    DOES = "does"
    FEELS = "feels"
    SEES = "sees"
    HEARS = "hears"
    PAINS = "pains"
    GAINS = "gains"


INFERRED = frozenset({Quadrant.THINKS, Quadrant.FEELS})


@dataclass(frozen=True)
class Note:
    """One statement in one quadrant.

    Raises
    ------
    BadSetting
        A thought or feeling is called observed: only words and deeds can be.
    """

    quadrant: Quadrant
    statement: Statement

    def __post_init__(self) -> None:
        if self.quadrant in INFERRED and self.statement.basis == Basis.OBSERVED:
            raise BadSetting(f'empathy map, {self.quadrant}: "{self.statement.text}"', "it is marked observed", "Use inferred or assumed.")


@dataclass(frozen=True)
class EmpathyMap:
    """One empathy map, of a persona, a participant or a segment, at one touchpoint or over the journey.

    ``about`` is its title; ``persona``, ``participant`` (an alias) or ``segment`` says whom it is about, and nobody named means
    everyone.  ``stage`` and ``touchpoint`` are empty for the whole journey; ``problem`` is the problem statement
    ("… needs … because …").  ``n_of`` is how many people it rests on.
    """

    id: str
    about: str
    notes: Sequence[Note] = ()
    stage: str = ""
    touchpoint: str = ""
    n_of: int = 0
    problem: str = ""
    persona: str = ""
    participant: str = ""
    segment: Mapping[str, str] = field(default_factory=dict)
    version: int = 1

    def notes_in(self, quadrant: Quadrant) -> tuple[Statement, ...]:
        """The statements in one quadrant."""
        return tuple(n.statement for n in self.notes if n.quadrant == quadrant)
