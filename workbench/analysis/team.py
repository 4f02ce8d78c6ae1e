"""Who made a map, and whose view it lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.model import TeamMember

#: Whom a map needs that is made across departments, and the words that tell them by their role.
NEEDED: dict[str, frozenset[str]] = {
    "front line": frozenset({"front line", "frontline", "store", "shop floor", "sales", "driver", "front desk", "branch"}),
    "customer care": frozenset({"care", "support", "contact centre", "contact center", "helpdesk", "help desk"}),
    "sponsor": frozenset({"sponsor"}),
}


def made_by(team: Sequence[TeamMember]) -> str:
    """``Made by Ana (researcher) and Ruben (front line), sponsored by Lea.``, in the order of study.toml; empty without a team."""
    sponsors = [m for m in team if "sponsor" in _plain(m.role).split()]
    makers = [m for m in team if m not in sponsors]
    said = ", ".join(f"{word} by {_and(list(map(_called, who)))}" for word, who in (("made", makers), ("sponsored", sponsors)) if who)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def absent_roles(team: Sequence[TeamMember]) -> tuple[str, ...]:
    """Which of :data:`NEEDED` nobody in the team has, by the words of their roles: somebody may have several."""
    roles = [f" {_plain(m.role)} " for m in team]
    return tuple(needed for needed, words in NEEDED.items() if not any(f" {word} " in role for word in words for role in roles))


def _called(member: TeamMember) -> str:
    return member.name if _plain(member.role) in ("", "sponsor") else f"{member.name} ({member.role})"


def _plain(role: str) -> str:
    """A role in small letters, without hyphens and commas."""
    return " ".join(re.findall(r"\w+", role.casefold()))


def _and(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
