"""From a pain or a gap to something built and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from workbench.errors import BadSetting
from workbench.model.evidence import Estimate, Measured, Statement


class OpportunityStatus(StrEnum):
    """Where a solution stands in its life."""

    PROPOSED = "proposed"
    CHOSEN = "chosen"
    IN_TEST = "in test"
    REVIEWED = "reviewed"
    SHIPPED = "shipped"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Idea:
    """One way of answering a how-might-we, with the votes it got and what a prototype test showed.

    ``voted_by`` are people's names; ``votes`` counts votes whose voters nobody wrote down.
    """

    text: str
    votes: int = 0
    voted_by: Sequence[str] = ()
    chosen: bool = False
    prototype: str = ""
    test_result: str = ""

    @property
    def n_votes(self) -> int:
        """How many votes it got."""
        return self.votes + len(self.voted_by)


@dataclass(frozen=True)
class Opportunity:
    """A problem worth solving, its ideas, its worth, and what happened.

    ``codes`` are the names of the pains, needs or ideas that it comes from. ``customer_value``, ``business_value`` and
    ``effort`` are 1 to 5, ``confidence`` 0 to 1. ``measure`` names the measure that shows the effect, among those of ``segment``;
    ``shipped`` is the day from which it can show.  ``statement`` is the pain or the gap with its evidence; ``importance`` and
    ``satisfaction`` are what people said of it (mean, on the scale that ``unit`` names).
    """

    id: str
    how_might_we: str
    stage: str = ""
    step: str = ""
    codes: Sequence[str] = ()
    ideas: Sequence[Idea] = ()
    customer_value: int | None = None
    business_value: int | None = None
    effort: int | None = None
    confidence: float | None = None
    status: OpportunityStatus = OpportunityStatus.PROPOSED
    owner: str = ""
    ticket: str = ""
    measure: str = ""
    segment: Mapping[str, str] = field(default_factory=dict)
    shipped: date | None = None
    effect: Sequence[Measured] = ()
    statement: Statement | None = None
    importance: Estimate | None = None
    satisfaction: Estimate | None = None
    note: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        for name in ("customer_value", "business_value", "effort"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= 5:
                raise BadSetting(f'opportunity "{self.how_might_we}"', f"{name} is {value}", "Use 1 to 5.")
