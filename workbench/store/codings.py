"""Codings: added, changed and removed one at a time, or many in one import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from workbench.errors import BadSetting
from workbench.model import Code, Coding, Transcript
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import coding


def load_codings(
    db: Database, *, transcript: str | None = None, code: str | None = None, coder: str | None = None, as_of: datetime | None = None
) -> list[Coding]:
    """Codings by transcript and position; ``transcript`` and ``code`` are ids."""
    where = {k: v for k, v in (("transcript", transcript), ("code", code), ("coder", coder)) if v is not None}
    found = [Coding(**r) for r in db.rows(coding, as_of=as_of, where=where)]
    return sorted(found, key=lambda c: (c.transcript, c.start, c.end, c.code, c.coder))


def add_coding(
    db: Database, transcript: Transcript, code: Code, start: int, end: int, *, coder: str, intensity: int | None = None, memo: str = ""
) -> Coding:
    """Put a code on a passage and commit it.  The same code on the same passage by the same coder is one coding, not two.

    Parameters
    ----------
    start, end : the passage in Unicode code points, ``end`` excluded

    Raises
    ------
    BadPosition
        The passage is empty or outside the transcript.
    BadSetting
        The code is retired.
    """
    if code.retired:
        raise BadSetting(f'code "{code.name}"', "it is retired and takes no new codings", "Choose another code or bring it back.")
    words = transcript.excerpt(start, end)
    with db.atomic(coder, f'code "{code.name}" in {transcript.name}') as transaction:
        made = Coding(uuid4().hex, transcript.id, code.id, coder, start, end, words, memo, intensity, transaction.at)
        same = _same_place(transaction, made)
        if same is not None:
            return same
        save_codings(transaction, [made])
    return made


def change_coding(db: Database, changed: Coding, *, coder: str) -> Coding:
    """Save a changed coding; ``changed.version`` is the version that was read.

    Raises
    ------
    StaleEdit
        Somebody else changed or removed it in between.
    """
    values = {k: v for k, v in asdict(changed).items() if k not in ("id", "version")}
    with db.atomic(coder, "change a coding") as transaction:
        row = transaction.update(coding, changed.id, values, expected_version=changed.version, what="The coding")
    return Coding(**row)


def remove_coding(db: Database, removed: Coding, *, coder: str) -> None:
    """Take a coding away.

    Raises
    ------
    StaleEdit
    """
    with db.atomic(coder, "remove a coding") as transaction:
        transaction.remove(coding, removed.id, expected_version=removed.version, what="The coding")


def save_codings(transaction: Transaction, codings: Iterable[Coding]) -> None:
    """Add codings that are known to be new."""
    transaction.add(coding, [asdict(c) for c in codings])


def _same_place(transaction: Transaction, c: Coding) -> Coding | None:
    t = coding.c
    query = select(coding).where(
        t.transcript == c.transcript, t.code == c.code, t.coder == c.coder, t.start == c.start, t.end == c.end
    )  # fmt: skip
    row: Any = transaction.connection.execute(query).mappings().one_or_none()
    return Coding(**row) if row else None
