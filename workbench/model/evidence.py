"""What stands behind a statement: words, survey answers, events.  Each with its n, each number with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: With fewer people, answers or events behind a number a reader is told so, as is usual in the field for opinions.
FEW = 8


@dataclass(frozen=True)
class Estimate:
    """A number that says how sure it is.

    Parameters
    ----------
    value : the point estimate; shares are 0 to 1
    low, high : the ends of the interval at ``confidence``; equal to ``value`` only when nothing varies
    n : what the number rests on (people, answers, users); see ``of``
    unit : ``share``, ``points``, ``NPS points`` (a difference, so its sign is always shown), ``s``, ``valence``, ``count``
    of : what is counted by ``n``, in the plural ("participants", "answers", "users")
    method : how the interval was made, with its source
    numerator : for a share, how many of ``n``
    """

    value: float
    low: float
    high: float
    n: int
    unit: str = "share"
    of: str = "answers"
    method: str = ""
    numerator: int | None = None
    confidence: float = 0.95

    @property
    def small(self) -> bool:
        """Whether n is so small that a reader should be told."""
        return self.n < FEW

    def __repr__(self) -> str:
        return f"Estimate({self.value:.4g}, {self.low:.4g} to {self.high:.4g}, n={self.n})"


@dataclass(frozen=True, repr=False)
class Quote:
    """Words of a participant as evidence: one excerpt, whoever coded it.

    ``start_ms`` is the time in the recording. ``quotable`` is false where consent does not allow the words to be shown:
    then they count, and are not displayed.
    """

    coding: str
    participant: str
    transcript: str
    start: int
    end: int
    text: str
    speaker: str = ""
    start_ms: int | None = None
    coders: Sequence[str] = ()
    quotable: bool = True

    def __repr__(self) -> str:
        """The words are shown only where their speaker agreed: a notebook prints what a cell ends in."""
        words = f'"{self.text}"' if self.quotable else "words not for showing"
        return f"Quote({words}, {self.speaker or self.participant}, {self.transcript} {self.start} to {self.end})"


@dataclass(frozen=True)
class Measured:
    """A survey or event result as evidence.

    ``source`` names where it was measured (``survey grocery``, ``events``), ``segment`` for whom.
    """

    name: str
    estimate: Estimate
    source: str
    segment: str = ""
    target: float | None = None
    note: str = ""
    lower_is_better: bool = False

    @property
    def target_met(self) -> bool | None:
        """Whether the whole interval is on the good side of the target; ``None`` without one, or when the interval holds it."""
        if self.target is None or self.estimate.low <= self.target <= self.estimate.high:
            return None
        return (self.estimate.value < self.target) == self.lower_is_better


Evidence = Quote | Measured


class Basis(StrEnum):
    """How a statement is known.  says and does are observed, thinks and feels are inferred."""

    OBSERVED = "observed"
    INFERRED = "inferred"
    MEASURED = "measured"
    ASSUMED = "assumed"


@dataclass(frozen=True, repr=False)
class Statement:
    """One thing that a persona trait, an empathy-map note, a journey cell or an opportunity says.

    ``n`` is how many distinct participants said it and ``n_of`` how many could have; ``said_by`` are their ids.
    ``asserted_by`` says who wrote it down when no participant did ("process owner"); ``step`` the step or touchpoint that it
    belongs to, where it is not about the whole stage.  ``id`` names it inside its map or persona, so that a rebuilding finds it
    again; ``reworded_by`` says who gave it other words than its code's, and ``hidden`` that somebody took it off the map, while
    its evidence is kept.
    """

    text: str
    basis: Basis = Basis.OBSERVED
    evidence: Sequence[Evidence] = ()
    code: str = ""
    said_by: Sequence[str] = ()
    n_of: int = 0
    asserted_by: str = ""
    note: str = ""
    rank: int | None = None
    step: str = ""
    id: str = ""
    reworded_by: str = ""
    hidden: bool = False

    def __repr__(self) -> str:
        count = f", {self.n} of {self.n_of}" if self.said_by else ""
        return f'Statement("{self.text}", {self.basis.value}{count}, {len(self.evidence)} pieces of evidence)'

    @property
    def n(self) -> int:
        """How many participants said it."""
        return len(self.said_by)

    @property
    def assumed(self) -> bool:
        """Whether nothing but somebody's word stands behind it."""
        return not self.evidence

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The words behind it."""
        return tuple(e for e in self.evidence if isinstance(e, Quote))

    @property
    def measures(self) -> tuple[Measured, ...]:
        """The numbers behind it."""
        return tuple(e for e in self.evidence if isinstance(e, Measured))
