"""From codings to statements: one for each code, with the words behind it and how many people said it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.analysis.scope import Scope
from workbench.model import Basis, Evidence, Quote, Statement


def rows_by_place(codings: pd.DataFrame) -> list[Any]:
    """The codings as rows, each with its columns as attributes, in the order of the words."""
    rows: list[Any] = list(codings.itertuples(index=False))
    return sorted(rows, key=lambda r: (r.transcript, r.participant, r.start, r.end, r.coder))


def rows_by_code(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """The rows of each code, by its path."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.path, []).append(row)
    return found


def state_codes(rows: Iterable[Any], basis: Basis, scope: Scope, n_of: int) -> dict[str, Statement]:
    """What each code says, by its path, most shared first.

    Parameters
    ----------
    rows : codings, from :func:`rows_by_place`
    basis : how the statements are known
    scope : whom the map is about
    n_of : how many people could have said it

    Returns
    -------
    A statement has the name of its code, or its path where two of these codes share a name; its evidence is
    :func:`quotes_from`.
    """
    by_path = rows_by_code(rows)
    names = [own[0].code for own in by_path.values()]
    shown = {path: path if names.count(own[0].code) > 1 else own[0].code for path, own in by_path.items()}
    made = {path: _state(shown[path], own, basis, scope, n_of) for path, own in by_path.items()}
    return dict(sorted(made.items(), key=lambda item: (-item[1].n, item[1].text)))


def quotes_from(rows: Sequence[Any], scope: Scope) -> list[Quote]:
    """One quote per passage, however many coders marked it (rows by place); first one of each participant, then the second ones."""
    merged: list[list[Any]] = []
    for row in rows:
        last = merged[-1] if merged else None
        same_voice = last and (last[0].transcript, last[0].participant) == (row.transcript, row.participant)
        if last and same_voice and row.start < max(r.end for r in last):
            last.append(row)
        else:
            merged.append([row])
    turn: dict[str, int] = {}
    ranked = []
    for group in merged:
        first = min(group, key=lambda r: (r.coder, r.start))
        turn[first.participant] = turn.get(first.participant, 0) + 1
        ranked.append((turn[first.participant], first.participant, first.transcript, first.start, _quote(first, group, scope)))
    return [r[-1] for r in sorted(ranked, key=lambda r: r[:-1])]


def supported(statement: Statement, evidence: Sequence[Evidence], basis: Basis, n_of: int) -> Statement:
    """A statement with this evidence behind it: who said it is counted anew, and nothing behind it makes it assumed.

    Parameters
    ----------
    basis : how the statement is known when people's words stand behind it; numbers alone make it measured
    n_of : how many people could have said it
    """
    people = tuple(sorted({e.participant for e in evidence if isinstance(e, Quote)}))
    known = basis if people else Basis.MEASURED if evidence else Basis.ASSUMED
    return replace(statement, evidence=tuple(evidence), basis=known, said_by=people, n_of=n_of if people else 0)


def _state(text: str, rows: Sequence[Any], basis: Basis, scope: Scope, n_of: int) -> Statement:
    quotes = quotes_from(rows, scope)
    said_by = sorted({q.participant for q in quotes})
    return Statement(text, basis, tuple(quotes), rows[0].code, tuple(said_by), n_of)


def _quote(row: Any, group: Sequence[Any], scope: Scope) -> Quote:
    pseudonym, _ = scope.people_by_alias[row.participant]
    voices = {row.participant, *getattr(row, "voices", ())}  # a passage of a focus group may run on into another's words
    return Quote(
        coding=row.coding,
        participant=row.participant,
        transcript=row.transcript,
        start=int(row.start),
        end=int(row.end),
        text=row.text,
        speaker=pseudonym,
        start_ms=None if pd.isna(row.start_ms) else int(row.start_ms),
        coders=tuple(sorted({r.coder for r in group})),
        quotable=all(scope.people_by_alias[voice][1] for voice in voices),
    )
