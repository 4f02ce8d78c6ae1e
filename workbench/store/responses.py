"""Survey answers, one row per answer sheet, and the original files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from workbench.model import Response, Source
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import response, source


def load_responses(db: Database, *, as_of: datetime | None = None) -> list[Response]:
    """All answer sheets, by survey and respondent."""
    rows = [{k: v for k, v in r.items() if k != "version"} for r in db.rows(response, as_of=as_of)]
    found = [Response(**{**r, "answered": date.fromisoformat(r["answered"]) if r["answered"] else None}) for r in rows]
    return sorted(found, key=lambda r: (r.survey, r.respondent))


def save_responses(transaction: Transaction, responses: Iterable[Response]) -> None:
    """Add answer sheets."""
    rows = [{**asdict(r), "answered": r.answered.isoformat() if r.answered else None} for r in responses]
    transaction.add(response, rows)


def change_responses(transaction: Transaction, changed: Iterable[Response]) -> None:
    """Bring answer sheets up to date."""
    for r in changed:
        row = {**asdict(r), "answered": r.answered.isoformat() if r.answered else None}
        transaction.update(response, r.id, row, what=f"The answer sheet {r.respondent}")


def load_sources(db: Database, *, kind: str | None = None, as_of: datetime | None = None) -> list[Source]:
    """The original files, or those of one kind, in the order they came."""
    found = db.rows(source, as_of=as_of, where={"kind": kind} if kind else None)
    rows = [{k: v for k, v in r.items() if k != "version"} for r in found]
    return sorted((Source(**r) for r in rows), key=lambda s: (s.imported, s.name))


def save_source(transaction: Transaction, original: Source) -> None:
    """Note where a file came from, and when it was imported."""
    transaction.add(source, [asdict(original)])
