"""What can be put behind a statement: every coded passage, and every measure that study.toml names."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from workbench.analysis.in_words import how_measured, interval, n_of_people, number
from workbench.analysis.measures import compute_measures
from workbench.analysis.scope import Scope, StudyTables, find_scope
from workbench.analysis.statements import quotes_from, rows_by_place, supported
from workbench.errors import BadSetting
from workbench.model import Basis, CodeKind, Estimate, Evidence, Measured, Quote, Statement
from workbench.widgets.saving import Answer

MOST_HITS = 60
MOST_QUOTES = 40


class EvidenceShelf:
    """The evidence of a study at one moment, to be found by typing and put behind statements.

    Parameters
    ----------
    tables : an opened study, or a snapshot of it
    """

    def __init__(self, tables: StudyTables) -> None:
        self.tables = tables

    def find(self, typed: str) -> list[Answer]:
        """Passages and measures in which every typed word occurs (in the words, the code, who said it or where), as a list to choose from."""
        words = _folded(typed).split()
        measures = [m for key, m in self._measures.items() if all(w in _folded(f"{key} {m.name}") for w in words)]
        rows = [row for row, text in self._searchable if all(w in text for w in words)]
        numbers, passages = [_measure_hit(m) for m in measures[:8]], [self._hit(row) for row in rows[:MOST_HITS]]
        return [*numbers, *passages] if words else [*passages, *numbers]

    def quotes(self, codings: Collection[str]) -> tuple[Quote, ...]:
        """The passages of these codings as evidence; those that are gone are left out."""
        table = self.tables.codings
        return tuple(quotes_from(rows_by_place(table[table["coding"].isin(list(codings))]), self._scope))

    def measures(self, keys: Iterable[str]) -> tuple[Measured, ...]:
        """The measures of these keys as evidence.

        Raises
        ------
        BadSetting
            study.toml has no such measure (any more), or the data have no answers for it.
        """
        found = []
        for key in keys:
            if key not in self._measures:
                raise BadSetting("evidence", f'there is no measure "{key}" now', f"There are: {', '.join(self._measures) or 'none'}.")
            found.append(self._measures[key])
        return tuple(found)

    def support(self, statement: Statement, evidence: Iterable[Evidence], basis: Basis) -> Statement:
        """A statement with this evidence behind it: who said it is counted anew, and nothing behind it makes it assumed.

        ``basis`` is how the statement is known when people's words stand behind it; numbers alone make it measured.
        """
        pieces = tuple({measure_key(e) if isinstance(e, Measured) else e.coding: e for e in evidence}.values())
        return supported(statement, pieces, basis, len(self._scope.people))

    def renewed(self, statement: Statement, basis: Basis) -> Statement:
        """A statement with its evidence as it is now: words, consent and numbers; what is gone stands behind nothing."""
        if not statement.evidence:
            return statement
        quotes = self.quotes([q.coding for q in statement.quotes])
        measures = [self._measures.get(measure_key(m), m) for m in statement.measures]
        return self.support(statement, [*quotes, *measures], basis)

    @cached_property
    def _scope(self) -> Scope:
        return find_scope(self.tables, None, None, None)

    @cached_property
    def _searchable(self) -> list[tuple[Any, str]]:
        """Each coded passage once for each code, with all that it can be found by."""
        said = self.tables.codings[self.tables.codings["kind"] != CodeKind.STAGE]  # where it was said is no evidence of anything
        rows = rows_by_place(said.drop_duplicates(["transcript", "start", "end", "path"]))
        heard = [r for r in rows if r.participant in self._scope.people_by_alias]
        names = {alias: name for alias, (name, _) in self._scope.people_by_alias.items()}
        words = {alias: shown for alias, (_, shown) in self._scope.people_by_alias.items()}  # who may not be quoted is not searched either
        return [
            (r, _folded(f"{r.text if words[r.participant] else ''} {r.path} {names[r.participant]} {r.participant} {r.transcript}"))
            for r in heard
        ]

    @cached_property
    def _measures(self) -> dict[str, Measured]:
        tables = self.tables
        found = (m for s in tables.settings.measures for m in compute_measures(s, responses=tables.responses, events=tables.events))
        return {measure_key(m): m for m in found}

    @cached_property
    def _colours(self) -> dict[str, str]:
        return {self.tables.codebook.path(c): c.colour for c in self.tables.codebook}

    def _hit(self, row: Any) -> Answer:
        name, quotable = self._scope.people_by_alias[row.participant]
        words = row.text if quotable else "(counted; no consent to show the words)"
        return {
            "coding": row.coding, "text": words, "said": quotable, "code": row.code, "kind": row.kind, "colour": self._colours.get(row.path, ""),
            "speaker": name, "transcript": row.transcript,
        }  # fmt: skip


def measure_key(m: Measured) -> str:
    """What tells one measure from another: its name and for whom."""
    return f"{m.name} · {m.segment}" if m.segment else m.name


def evidence_behind(statement: Statement, id: str) -> Answer:
    """What stands behind a statement, for its reader: numbers with their interval, quotes with who said them."""
    quotes = statement.quotes[:MOST_QUOTES]
    return {
        "of": id,
        "measures": [{"key": measure_key(m), "name": measure_key(m), "words": in_figures(m.estimate), "how": _how(m)} for m in statement.measures],
        "quotes": [
            {
                "coding": q.coding, "text": q.text if q.quotable else None, "speaker": q.speaker or q.participant, "transcript": q.transcript,
                "time": _clock(q.start_ms), "start": q.start, "end": q.end,
            }
            for q in quotes
        ],
        "more": len(statement.quotes) - len(quotes),
    }  # fmt: skip


def in_figures(e: Estimate) -> str:
    """``56 % (53 to 58, n 1731)``."""
    return f"{number(e)} ({interval(e)}, {n_of_people(e)})"


def _measure_hit(m: Measured) -> Answer:
    words = in_figures(m.estimate)
    return {
        "key": measure_key(m),
        "text": measure_key(m),
        "words": words,
        "how": _how(m),
        "kind": "other",
    }


def _how(m: Measured) -> str:
    """What a number rests on, and how it stands to its target."""
    met = {True: "met", False: "missed", None: "not decided by these data"}[m.target_met]
    target = "" if m.target is None else f" Target {number(replace(m.estimate, value=m.target))}: {met}."
    return how_measured(m.estimate, m.source, m.note) + target


def _clock(ms: int | None) -> str:
    return "" if ms is None else f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"


def _folded(text: str) -> str:
    """Without accents and case."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
