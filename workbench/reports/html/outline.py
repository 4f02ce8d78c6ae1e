"""What a page has in order: its headings, its numbered figures and tables, and every anchor given out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: How the label of a figure and of a table begins, as in Quarto: ``fig-visits``, ``tbl-visits``.
PREFIXES = {"figure": "fig-", "table": "tbl-"}


@dataclass(frozen=True)
class Heading:
    """A heading on the page, and its anchor."""

    level: int
    text: str
    id: str


def anchor_name(wanted: object) -> str:
    """The id that the first heading with these words gets."""
    name = re.sub(r"[\"'<>&`#%\\\x00-\x1f]", "", re.sub(r"\s+", "-", str(wanted).strip()))[:80] or "section"
    return f"section-{name}" if name.lower().startswith("wb-") else name


def link_to(title: str) -> str:
    """A link to the first heading with these words."""
    return f"#{anchor_name(' '.join(title.split()))}"


@dataclass(frozen=True)
class Numbered:
    """A figure or table with its number among its kind; ``number`` is 0 where the page does not count."""

    kind: str
    number: int
    caption: str
    id: str

    @property
    def name(self) -> str:
        """``Figure 2``."""
        return f"{self.kind.capitalize()} {self.number}"


@dataclass
class Outline:
    """The headings, figures and tables of one page in order, and every anchor given out, so that no two are alike.

    Ids that begin with ``wb-`` belong to the page itself and are never given out.  ``counts`` is whether figures and tables get numbers;
    ``label`` and ``caption`` are what the author calls the next one.
    """

    counts: bool = True
    label: str = ""
    caption: str = ""
    headings: list[Heading] = field(default_factory=list)
    numbered: list[Numbered] = field(default_factory=list)
    _taken: dict[str, int] = field(default_factory=dict)
    _counted: dict[str, int] = field(default_factory=dict)

    def anchor(self, wanted: object) -> str:
        """An id made from ``wanted``, with a number behind it when it is taken."""
        name = unique = anchor_name(wanted)
        while unique in self._taken:
            self._taken[name] += 1
            unique = f"{name}-{self._taken[name]}"
        self._taken[unique] = 1
        return unique

    def heading(self, text: object, level: int = 2, wanted: str = "") -> str:
        """Note a heading and return its anchor."""
        words = " ".join(str(text).split())
        found = Heading(level, words, self.anchor(wanted or words))
        self.headings.append(found)
        return found.id

    def number(self, kind: str, caption: str = "") -> Numbered | None:
        """The next number for a ``figure`` or ``table``; ``None`` when neither it nor the author says anything by which to call it."""
        label, words = self._label_for(kind), " ".join((self.caption or caption).split())
        if not self.counts or not (words or label):
            return None
        number = self.count(kind)
        found = Numbered(kind, number, words, self.anchor(label or f"{kind}-{number}"))
        self.numbered.append(found)
        self.label = self.caption = ""
        return found

    def _label_for(self, kind: str) -> str:
        begins_as = next((k for k, prefix in PREFIXES.items() if self.label.startswith(prefix)), None)
        if not self.label or begins_as not in (kind, None):
            return ""
        return self.label if begins_as else PREFIXES[kind] + self.label

    def count(self, kind: str) -> int:
        """1 for the first figure (table, …) of the page, then 2, …"""
        self._counted[kind] = self._counted.get(kind, 0) + 1
        return self._counted[kind]
