"""From a pain or a gap to something built and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from workbench.errors import BadSetting
from workbench.model.evidence import Measured


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
    """One way of answering a how-might-we, with the votes it got and what a prototype test showed."""

    text: str
    votes: int = 0
    chosen: bool = False
    prototype: str = ""
    test_result: str = ""


@dataclass(frozen=True)
class Opportunity:
    """A problem worth solving, its ideas, its worth, and what happened.

    ``codes`` are the names of the pains, needs or ideas that it comes from. ``customer_value``, ``business_value`` and
    ``effort`` are 1 to 5, ``confidence`` 0 to 1. ``measure`` names the measure that shows the effect, among those of ``segment``;
    ``shipped`` is the day from which it can show.
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

    def __post_init__(self) -> None:
        for name in ("customer_value", "business_value", "effort"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= 5:
                raise BadSetting(f'opportunity "{self.how_might_we}"', f"{name} is {value}", "Use 1 to 5.")
