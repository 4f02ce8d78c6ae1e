"""Every change together with its record, in the same transaction; undo, redo and history read those records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Delete, Table, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import BadSetting, NothingToUndo, StaleEdit, StillInUse
from workbench.model import Code, Codebook, CodeKind
from workbench.store.reads import note_read
from workbench.store.schema import ENTITIES, change

if TYPE_CHECKING:
    from workbench.store.database import Database

_INSERT_AT_ONCE = 500
_UPDATE_AT_ONCE = 500


class Transaction:
    """What is being done by one coder in one go.  Made by :meth:`Database.atomic`."""

    def __init__(
        self, connection: Connection, *, who: str, action: str, at: str, batch: str, undoes: str | None = None, redoes: str | None = None
    ) -> None:
        self.connection, self.at, self.who, self.batch = connection, at, who, batch
        self._stamp = {"at": at, "who": who, "action": action, "batch": batch, "undoes": undoes, "redoes": redoes}

    def add(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """New rows."""
        new = [{"version": 1, **row} for row in rows]
        for at in range(0, len(new), _INSERT_AT_ONCE):
            some = new[at : at + _INSERT_AT_ONCE]
            self.connection.execute(insert(table), some)
            self._record(table, [(None, row) for row in some])

    def update(
        self, table: Table, id: str, values: Mapping[str, Any], *, expected_version: int | None = None, what: str = ""
    ) -> dict[str, Any]:
        """Change a row and return it as it is now.

        Raises
        ------
        StaleEdit
            The row is gone, or is not at ``expected_version`` any more: somebody else changed it.
        """
        before = self.current(table, id)
        if before is None or (expected_version is not None and before["version"] != expected_version):
            raise StaleEdit(what or f"The {table.name}", self._last_editor(table, id))
        after = {**before, **values, "version": before["version"] + 1}
        values = {k: v for k, v in after.items() if k != "id"}
        self._write(update(table).where(*_unchanged(table, before)).values(values), table, id, what)
        self._record(table, [(before, after)])
        return after

    def update_many(self, table: Table, changes: Mapping[str, Mapping[str, Any]], *, what: str = "") -> None:
        """Change many rows at once, each by its id; ``what`` names one of them.

        Raises
        ------
        StaleEdit
            One of the rows is gone, or somebody else is changing it.
        """
        ids = list(changes)
        for at in range(0, len(ids), _UPDATE_AT_ONCE):
            self._update_some(table, {id: changes[id] for id in ids[at : at + _UPDATE_AT_ONCE]}, what or f"The {table.name}")

    def _update_some(self, table: Table, changes: Mapping[str, Mapping[str, Any]], what: str) -> None:
        rows = self.connection.execute(select(table).where(table.c.id.in_(changes))).mappings()
        before = {row["id"]: dict(row) for row in rows}
        for id in changes.keys() - before.keys():
            raise StaleEdit(what, self._last_editor(table, id))
        images = [(before[id], {**before[id], **values, "version": before[id]["version"] + 1}) for id, values in changes.items()]
        columns = [c.name for c in table.c if c.name != "id"]
        statement = (
            update(table)
            .where(table.c.id == bindparam("of_id"), table.c.version == bindparam("of_version"))
            .values({name: bindparam(f"new_{name}") for name in columns})
        )
        parameters = [
            {"of_id": old["id"], "of_version": old["version"], **{f"new_{name}": new[name] for name in columns}} for old, new in images
        ]
        if self.connection.execute(statement, parameters).rowcount != len(images):
            raise StaleEdit(what)
        self._record(table, images)

    def remove(self, table: Table, id: str, *, expected_version: int | None = None, what: str = "") -> None:
        """Delete a row.  Its record keeps it whole."""
        before = self.current(table, id)
        if before is None or (expected_version is not None and before["version"] != expected_version):
            raise StaleEdit(what or f"The {table.name}", self._last_editor(table, id))
        self._write(delete(table).where(*_unchanged(table, before)), table, id, what)
        self._record(table, [(before, None)])

    def _write(self, statement: Update | Delete, table: Table, id: str, what: str) -> None:
        """Change one row.  Where reading takes no lock, another writer may have come in between; then no row fits any more."""
        if self.connection.execute(statement).rowcount != 1:
            raise StaleEdit(what or f"The {table.name}", self._last_editor(table, id))

    def current(self, table: Table, id: str) -> dict[str, Any] | None:
        """A row as it is now."""
        row = self.connection.execute(select(table).where(table.c.id == id)).mappings().one_or_none()
        return None if row is None else dict(row)

    def find(self, table: Table, **wanted: Any) -> list[dict[str, Any]]:
        """The rows as they are now whose columns equal ``wanted``."""
        query = select(table).where(*(table.c[k] == v for k, v in wanted.items()))
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def put_back(self, table: Table, id: str, image: Mapping[str, Any] | None, expected: Mapping[str, Any] | None) -> None:
        """Make a row what it was, provided that it still is what the undone change left.

        Raises
        ------
        StaleEdit
        """
        now = self.current(table, id)
        if _content(now) != _content(expected):
            raise StaleEdit(f"The {table.name}", self._last_editor(table, id))
        if now is None and image is not None:
            self.add(table, [{**image, "version": self._last_version(table, id) + 1}])
        elif now is not None and image is None:
            self.remove(table, id)
        elif image is not None:
            self.update(table, id, {k: v for k, v in image.items() if k != "version"})

    def _record(self, table: Table, images: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]]) -> None:
        self.connection.execute(
            insert(change),
            [
                {**self._stamp, "entity": table.name, "entity_id": (after or before or {})["id"], "before": before, "after": after}
                for before, after in images
            ],
        )

    def _last_editor(self, table: Table, id: str) -> str | None:
        return self.connection.execute(
            select(change.c.who).where(change.c.entity == table.name, change.c.entity_id == id).order_by(change.c.seq.desc()).limit(1)
        ).scalar()

    def _last_version(self, table: Table, id: str) -> int:
        before = self.connection.execute(
            select(change.c.before).where(change.c.entity == table.name, change.c.entity_id == id).order_by(change.c.seq.desc()).limit(1)
        ).scalar()
        return int(before["version"]) if before else 0


@dataclass(frozen=True)
class HistoryEntry:
    """One action of one coder: when, what, how many rows of which kind, and whether it has been undone."""

    batch: str
    at: str
    who: str
    action: str
    n_changes: int
    entities: tuple[str, ...]
    undone: bool = False


def load_history(db: Database, *, who: str | None = None, limit: int | None = None) -> list[HistoryEntry]:
    """Who changed what, newest first; one entry per action."""
    note_read("table", db.place, change.name)
    with db.reading() as connection:
        query = select(
            change.c.batch, change.c.who, change.c.action, change.c.undoes, change.c.redoes, change.c.entity,
            func.min(change.c.at).label("at"), func.min(change.c.seq).label("seq"), func.count().label("n"),
        ).group_by(change.c.batch, change.c.who, change.c.action, change.c.undoes, change.c.redoes, change.c.entity)  # fmt: skip
        if who is not None:
            query = query.where(change.c.who == who)
        rows = connection.execute(query.order_by("seq")).mappings().all()
    batches: dict[str, list[Any]] = {}
    undone: set[str] = set()
    for row in rows:
        batches.setdefault(row["batch"], []).append(row)
        if row["undoes"]:
            undone.add(row["undoes"])
        if row["redoes"]:
            undone.discard(row["redoes"])
    entries = [
        HistoryEntry(b, r[0]["at"], r[0]["who"], r[0]["action"], sum(x["n"] for x in r), tuple(x["entity"] for x in r), b in undone)
        for b, r in batches.items()
    ]
    return entries[::-1][:limit]


def undo(db: Database, who: str, batch: str | None = None, *, record_as: str | None = None) -> HistoryEntry:
    """Take back an action of a coder: the last one, or any other by its ``batch``; ``record_as`` names the undoing itself.

    Raises
    ------
    NothingToUndo
        The coder has done nothing that is not undone already, or ``batch`` is not an action of theirs.
    StaleEdit
        What the action changed has been changed again since; that must be undone first.
    """
    stack = _open_actions(db, who)[0]
    if not stack or (batch is not None and batch not in stack):
        raise NothingToUndo(who, "undo")
    return _reverse(db, who, batch or stack[-1], undoes=batch or stack[-1], record_as=record_as)


def redo(db: Database, who: str, *, record_as: str | None = None) -> HistoryEntry:
    """Do again what the coder undid last; a new change in between ends the chance.

    Raises
    ------
    NothingToUndo
    StaleEdit
    """
    undone = _open_actions(db, who)[1]
    if not undone:
        raise NothingToUndo(who, "redo")
    original, by = undone[-1]
    return _reverse(db, who, by, redoes=original, record_as=record_as)


def open_actions(db: Database, who: str) -> tuple[list[str], list[str]]:
    """The batches of a coder's actions that :func:`undo` takes, oldest first, and of those that :func:`redo` brings back, first undone first."""
    done, undone = _open_actions(db, who)
    return done, [original for original, _ in undone]


def _open_actions(db: Database, who: str) -> tuple[list[str], list[tuple[str, str]]]:
    """A coder's actions that can be undone, oldest first, and the undone ones with the batch that undid each."""
    with db.reading() as connection:
        rows = connection.execute(
            select(change.c.batch, change.c.undoes, change.c.redoes, func.min(change.c.seq).label("seq"))
            .where(change.c.who == who)
            .group_by(change.c.batch, change.c.undoes, change.c.redoes)
            .order_by("seq")
        ).all()
    done: list[str] = []
    undone: list[tuple[str, str]] = []
    for batch, undoes, redoes, _ in rows:
        if undoes:
            done.remove(undoes)
            undone.append((undoes, batch))
        elif redoes:
            undone.pop()
            done.append(redoes)
        else:
            done.append(batch)
            undone.clear()
    return done, undone


def _reverse(
    db: Database, who: str, batch: str, *, undoes: str | None = None, redoes: str | None = None, record_as: str | None = None
) -> HistoryEntry:
    """Put back what a batch changed, last change first."""
    with db.reading() as connection:
        records = connection.execute(select(change).where(change.c.batch == batch).order_by(change.c.seq.desc())).mappings().all()
    # A redone action lives under its first name, but its last effect is what must be undone.
    if undoes and (again := _last_redo(db, undoes)):
        with db.reading() as connection:
            records = connection.execute(select(change).where(change.c.batch == again).order_by(change.c.seq.desc())).mappings().all()
    word = "undo" if undoes else "redo"
    action = str(records[0]["action"]).removeprefix("undo ").removeprefix("redo ")
    with db.atomic(who, f"{word} {action}", undoes=undoes, redoes=redoes, batch=record_as) as transaction:
        try:
            for record in records:
                transaction.put_back(ENTITIES[record["entity"]], record["entity_id"], record["before"], record["after"])
            _check_codebook(transaction, records, f'{word} "{action}"')
        except IntegrityError as error:
            raise StillInUse(f'What "{action}" made') from error
    return HistoryEntry(transaction.batch, transaction.at, who, f"{word} {action}", len(records), tuple({r["entity"] for r in records}))


def _check_codebook(transaction: Transaction, records: Iterable[Any], what: str) -> None:
    """Stop when two codes would lie side by side under one name, or in a circle: somebody changed others in between."""
    if not any(r["entity"] == "code" for r in records):
        return
    rows = transaction.find(ENTITIES["code"])
    try:
        Codebook(Code(**{**{k: v for k, v in r.items() if k != "version"}, "kind": CodeKind(r["kind"])}) for r in rows)
    except BadSetting as error:
        raise BadSetting(what, f"it does not fit the codebook of today ({error})", "Rename or move the other code first.") from error


def _last_redo(db: Database, batch: str) -> str | None:
    with db.reading() as connection:
        return connection.execute(select(change.c.batch).where(change.c.redoes == batch).order_by(change.c.seq.desc()).limit(1)).scalar()


def _unchanged(table: Table, row: Mapping[str, Any]) -> tuple[ColumnElement[bool], ...]:
    return (table.c.id == row["id"], table.c.version == row["version"])


def _content(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {k: v for k, v in row.items() if k != "version"}
