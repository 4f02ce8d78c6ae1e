"""The people a study learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Consent:
    """What a participant has agreed to.

    ``quote``: their words may stand in a report. ``share``: a report with them may leave the team.
    ``until``: the last day on which either holds; ``None`` for no end.
    """

    quote: bool = True
    share: bool = True
    until: date | None = None

    def is_over(self, on: date) -> bool:
        """Whether its last day has passed on a day."""
        return self.until is not None and self.until < on

    def allows_quotes(self, on: date | None = None) -> bool:
        """Whether their words may be shown (on a day)."""
        return self.quote and (on is None or not self.is_over(on))

    def allows_sharing(self, on: date) -> bool:
        """Whether a report with them may leave the team on a day."""
        return self.share and not self.is_over(on)


@dataclass(frozen=True)
class Participant:
    """One person, known everywhere by an alias.

    ``alias`` is short and unique in the study (``P03``); ``pseudonym`` is what a reader sees ("Dana").
    Real names and contact details are not here: they live in one table of the store, see :class:`Contact`.
    """

    id: str
    alias: str
    pseudonym: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = field(default_factory=Consent)

    @property
    def shown_as(self) -> str:
        """The name a report shows."""
        return self.pseudonym or self.alias


@dataclass(frozen=True)
class Contact:
    """Who a participant really is.  Kept apart, never exported unless asked for by name."""

    participant: str
    name: str = ""
    email: str = ""
    phone: str = ""
