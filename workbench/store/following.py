"""What has changed since somebody looked, and whether a named action has been done: for those who follow a study while it is worked on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select

from workbench.store.changes import Transaction, open_actions
from workbench.store.database import Database
from workbench.store.schema import change


def newest_seq(db: Database) -> int:
    """The number of the last change."""
    with db.reading() as connection:
        return connection.execute(select(func.max(change.c.seq))).scalar() or 0


def last_changed(db: Database, *, as_of: datetime | None = None) -> datetime | None:
    """When something was changed last, up to a moment; ``None`` where nothing was."""
    query = select(func.max(change.c.at))
    if as_of is not None:
        query = query.where(change.c.at <= as_of.astimezone(UTC).isoformat(timespec="microseconds"))
    with db.reading() as connection:
        at = connection.execute(query).scalar()
    return datetime.fromisoformat(at) if at else None


def study_key(db: Database) -> str:
    """A word that tells this study from every other, on every machine: the name of its first change."""
    with db.reading() as connection:
        return connection.execute(select(change.c.batch).order_by(change.c.seq).limit(1)).scalar() or ""


def touched_since(db: Database, seq: int) -> tuple[int, dict[str, set[str]]]:
    """The number of the last change, and the ids of what was touched after ``seq`` by table."""
    with db.reading() as connection:
        rows = connection.execute(select(change.c.seq, change.c.entity, change.c.entity_id).where(change.c.seq > seq)).all()
    return max((r.seq for r in rows), default=seq), _by_entity((r.entity, r.entity_id) for r in rows)


def touched_by(db: Database, batch: str) -> dict[str, set[str]]:
    """The ids of what an action touched, by table."""
    with db.reading() as connection:
        rows = connection.execute(select(change.c.entity, change.c.entity_id).where(change.c.batch == batch)).all()
    return _by_entity((r.entity, r.entity_id) for r in rows)


def was_done(transaction: Transaction) -> bool:
    """Whether an action of this transaction's name is in the record already: then it was asked for twice."""
    found = transaction.connection.execute(select(change.c.seq).where(change.c.batch == transaction.batch).limit(1)).scalar()
    return found is not None


def next_undo(db: Database, who: str) -> tuple[str, str] | None:
    """Batch and action of what a coder would take back next; imports are not taken back in passing."""
    return _last_by_hand(db, open_actions(db, who)[0])


def next_redo(db: Database, who: str) -> tuple[str, str] | None:
    """Batch and action of what a coder would do again next."""
    undone = open_actions(db, who)[1]
    return _last_by_hand(db, undone[-1:])


def _last_by_hand(db: Database, batches: list[str]) -> tuple[str, str] | None:
    with db.reading() as connection:
        for batch in reversed(batches):
            action = connection.execute(select(change.c.action).where(change.c.batch == batch).limit(1)).scalar() or ""
            if not action.startswith("import "):
                return batch, action
    return None


def _by_entity(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entity, id in pairs:
        found.setdefault(entity, set()).add(id)
    return found
