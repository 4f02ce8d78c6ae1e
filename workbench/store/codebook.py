"""The codebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from workbench.model import Code, Codebook, CodeKind
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import code


def load_codebook(db: Database, *, as_of: datetime | None = None) -> Codebook:
    """All codes, each parent before its children."""
    rows = [{k: v for k, v in r.items() if k != "version"} for r in db.rows(code, as_of=as_of)]
    return Codebook(Code(**{**r, "kind": CodeKind(r["kind"])}) for r in rows)


def save_codes(transaction: Transaction, codes: Iterable[Code]) -> int:
    """Add codes, parents first, or bring known ones up to date; give back how many changed."""
    changed = 0
    for c in Codebook(codes):
        row: dict[str, Any] = {**asdict(c), "kind": c.kind.value}
        now = transaction.current(code, c.id)
        if now is None:
            transaction.add(code, [row])
        elif any(now[k] != v for k, v in row.items()):
            transaction.update(code, c.id, row, what=f'The code "{c.name}"')
        else:
            continue
        changed += 1
    return changed
