"""Personas, empathy maps, journeys and opportunities: each stored whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select

from workbench.errors import StaleEdit, WorkbenchError
from workbench.model import EmpathyMap, Journey, Opportunity, Persona
from workbench.model.plain import from_plain, to_plain
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import change, document

Document = Persona | EmpathyMap | Journey | Opportunity
D = TypeVar("D", Persona, EmpathyMap, Journey, Opportunity)

_KINDS: dict[type, str] = {Persona: "persona", EmpathyMap: "empathy map", Journey: "journey", Opportunity: "opportunity"}


@dataclass(frozen=True)
class Unreadable:
    """A document that is kept and cannot be read, and why; as text the sentence for a person."""

    id: str
    kind: type
    name: str
    reason: str

    def __str__(self) -> str:
        return (
            f'The saved {_KINDS[self.kind]} "{self.name}" cannot be read and is left out: {self.reason.rstrip(".")}. Take back what changed it '
            'last ("workbench history" lists it, "workbench undo ID" takes it back), or put study.db back from a backup.'
        )


def load_documents(db: Database, kind: type[D], *, as_of: datetime | None = None) -> list[D]:
    """The documents of one kind (``Persona``, ``EmpathyMap``, ``Journey`` or ``Opportunity``), by name.

    One that cannot be read does not keep the others back: :func:`unreadable_documents` names it.
    """
    return [thing for thing in _read(db, kind, as_of) if not isinstance(thing, Unreadable)]


def unreadable_documents(db: Database, *, as_of: datetime | None = None) -> list[Unreadable]:
    """The documents of every kind that cannot be read."""
    return [thing for kind in _KINDS for thing in _read(db, kind, as_of) if isinstance(thing, Unreadable)]


def _read(db: Database, kind: type[D], as_of: datetime | None) -> Iterator[D | Unreadable]:
    rows = db.rows(document, as_of=as_of, where={"kind": _KINDS[kind]})
    for row in sorted(rows, key=lambda r: (r["name"], r["id"])):
        try:
            yield from_plain(kind, row["body"])
        except WorkbenchError as error:
            yield Unreadable(row["id"], kind, row["name"], str(error).removeprefix(f"{kind.__name__}: "))


def save_document(transaction: Transaction, thing: Document) -> bool:
    """Add a document, or a new state of one with the same id; give back whether anything changed."""
    id = thing.id or uuid4().hex
    body = {**to_plain(thing), "id": id}
    now = transaction.current(document, id)
    if now is None:
        transaction.add(document, [{"id": id, "kind": _KINDS[type(thing)], "name": _name(thing), "body": body}])
    elif now["kind"] != _KINDS[type(thing)]:
        raise StaleEdit(f'"{_name(thing)}"')
    elif now["body"] != body:
        transaction.update(document, id, {"name": _name(thing), "body": body}, what=f'"{_name(thing)}"')
    else:
        return False
    return True


def remove_document(transaction: Transaction, id: str) -> None:
    """Take a document away; its record keeps it whole.

    Raises
    ------
    StaleEdit
        Somebody else took it away.
    """
    transaction.remove(document, id, what="It")


def last_editor(transaction: Transaction, id: str) -> str:
    """Who changed a document last; empty where nobody is on record."""
    return transaction._last_editor(document, id) or ""


def earlier_states(transaction: Transaction, kind: type[D], id: str) -> Iterator[D]:
    """A document as it was before each of its changes, the last change first."""
    query = select(change.c.before).where(change.c.entity == document.name, change.c.entity_id == id).order_by(change.c.seq.desc())
    images = transaction.connection.execute(query).scalars()
    return (from_plain(kind, image["body"]) for image in images if image is not None)


def document_version(transaction: Transaction, id: str) -> int:
    """How often a document has been written; 0 for one that is not there."""
    row = transaction.current(document, id)
    return int(row["version"]) if row else 0


def _name(thing: Document) -> str:
    match thing:
        case Persona():
            return thing.name
        case EmpathyMap():
            return thing.about
        case Journey():
            return thing.title
        case Opportunity():
            return thing.how_might_we
