"""Notes on codes, transcripts and codings' neighbours, and the marks by which a coder says: this transcript is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from uuid import uuid4

from workbench.model import Memo
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import memo

#: A mark is a memo without words, about a transcript that its coder has finished.
DONE = "transcript done"


def load_memos(db: Database, *, about: str | None = None, about_id: str | None = None, as_of: datetime | None = None) -> list[Memo]:
    """The notes on one kind of thing, or on one thing, oldest first; done marks are none."""
    where = {k: v for k, v in (("about", about), ("about_id", about_id)) if v is not None}
    found = (Memo(**r) for r in db.rows(memo, where=where, as_of=as_of))
    return sorted((m for m in found if m.about != DONE), key=lambda m: (m.created, m.id))


def save_memo(transaction: Transaction, about: str, about_id: str, text: str) -> None:
    """What the coder notes about a thing, in place of what they noted before; an empty text takes the note away."""
    now = _own(transaction, about, about_id)
    if now is None and text:
        transaction.add(memo, [asdict(Memo(uuid4().hex, about, about_id, transaction.who, text, transaction.at))])
    elif now is not None and not text:
        transaction.remove(memo, now.id)
    elif now is not None and now.text != text:
        transaction.update(memo, now.id, {k: v for k, v in asdict(replace(now, text=text)).items() if k not in ("id", "version")})


def load_done(db: Database, *, as_of: datetime | None = None) -> dict[str, set[str]]:
    """Who has marked a transcript done, by its id."""
    found: dict[str, set[str]] = {}
    for row in db.rows(memo, where={"about": DONE}, as_of=as_of):
        found.setdefault(row["about_id"], set()).add(row["coder"])
    return found


def mark_done(transaction: Transaction, transcript: str, done: bool = True) -> None:
    """Say that the coder has finished a transcript, or has not."""
    now = _own(transaction, DONE, transcript)
    if done and now is None:
        transaction.add(memo, [asdict(Memo(uuid4().hex, DONE, transcript, transaction.who, "", transaction.at))])
    elif not done and now is not None:
        transaction.remove(memo, now.id)


def _own(transaction: Transaction, about: str, about_id: str) -> Memo | None:
    rows: Iterable[Memo] = (Memo(**r) for r in transaction.find(memo, about=about, about_id=about_id, coder=transaction.who))
    return next(iter(rows), None)
