"""Codings as they are worked on: several steps in one transaction, each checked against the words it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select

from workbench.errors import BadSetting, UnknownCode
from workbench.model import Coding, Transcript
from workbench.store.changes import Transaction
from workbench.store.codings import _same_place, save_codings
from workbench.store.database import Database
from workbench.store.schema import code, coding

_ASK_AT_ONCE = 500


class Span(NamedTuple):
    """Where somebody has coded."""

    transcript: str
    coder: str
    start: int
    end: int


def add_codings(transaction: Transaction, transcript: Transcript, codings: Iterable[Coding]) -> dict[str, str]:
    """Put codes on passages; where the same coder has the same code already, nothing is added.

    Returns
    -------
    For each coding that was not added, the id of the one that lies there.

    Raises
    ------
    BadPosition, UnknownCode
    BadSetting
        The words at the positions are not the coding's ``text``, or the code is retired.
    """
    there: dict[str, str] = {}
    for c in codings:
        _check_words(transcript, c.start, c.end, c.text)
        _check_code(transaction, c.code)
        same = _same_place(transaction, c)
        if same is None:
            save_codings(transaction, [c])
        else:
            there[c.id] = same.id
    return there


def revise_coding(transaction: Transaction, transcript: Transcript, id: str, version: int, values: Mapping[str, Any]) -> None:
    """Change a coder's own coding: its code, ends, memo or intensity.

    Raises
    ------
    StaleEdit
        It is not at ``version`` any more.
    BadPosition, UnknownCode
    BadSetting
        It is somebody else's, its words are not those at the new positions, or the passage has the new code already.
    """
    before = _own(transaction, id)
    if before is not None:
        after = Coding(**{**before, **values})
        _check_words(transcript, after.start, after.end, after.text)
        if after.code != before["code"]:
            _check_code(transaction, after.code)
        same = _same_place(transaction, after)
        if same is not None and same.id != id:
            raise BadSetting("this passage", "it has this code of yours already", "Remove one of the two.")
    transaction.update(coding, id, values, expected_version=version, what="The coding")


def take_coding(transaction: Transaction, id: str, version: int) -> None:
    """Take a coder's own coding away.

    Raises
    ------
    StaleEdit
        It is not at ``version`` any more.
    BadSetting
        It is somebody else's.
    """
    _own(transaction, id)
    transaction.remove(coding, id, expected_version=version, what="The coding")


def load_codings_by_id(db: Database, ids: Collection[str]) -> list[Coding]:
    """Those codings that (still) exist."""
    wanted = list(ids)
    with db.reading() as connection:
        rows: list[Any] = []
        for at in range(0, len(wanted), _ASK_AT_ONCE):
            rows += connection.execute(select(coding).where(coding.c.id.in_(wanted[at : at + _ASK_AT_ONCE]))).mappings().all()
    return [Coding(**row) for row in rows]


def load_spans(db: Database) -> list[Span]:
    """Where everybody has coded, without the words."""
    with db.reading() as connection:
        t = coding.c
        return [Span(*row) for row in connection.execute(select(t.transcript, t.coder, t.start, t.end)).all()]


def count_codings(db: Database) -> dict[tuple[str, str, str], int]:
    """How many codings there are by code, transcript and coder."""
    with db.reading() as connection:
        t = coding.c
        rows = connection.execute(select(t.code, t.transcript, t.coder, func.count()).group_by(t.code, t.transcript, t.coder)).all()
    return {(r[0], r[1], r[2]): int(r[3]) for r in rows}


def _own(transaction: Transaction, id: str) -> dict[str, Any] | None:
    row = transaction.current(coding, id)
    if row is not None and row["coder"] != transaction.who:
        raise BadSetting("this coding", f"it is {row['coder']}'s, not {transaction.who}'s", "Put your own code beside it.")
    return row


def _check_words(transcript: Transcript, start: int, end: int, words: str) -> None:
    if transcript.excerpt(start, end) != words:
        found = f"the words at {start} to {end} are not the ones that were selected"
        raise BadSetting(f"transcript {transcript.name}", found, "Run the cell again to read the transcript as it is now.")


def _check_code(transaction: Transaction, id: str) -> None:
    row = transaction.current(code, id)
    if row is None:
        raise UnknownCode(id, [])
    if row["retired"]:
        raise BadSetting(f'code "{row["name"]}"', "it is retired and takes no new codings", "Choose another code or bring it back.")
