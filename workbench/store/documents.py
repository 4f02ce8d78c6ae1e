"""Personas, empathy maps, journeys and opportunities: each stored whole."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from workbench.errors import StaleEdit
from workbench.model import EmpathyMap, Journey, Opportunity, Persona
from workbench.model.plain import from_plain, to_plain
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import document

Document = Persona | EmpathyMap | Journey | Opportunity
D = TypeVar("D", Persona, EmpathyMap, Journey, Opportunity)

_KINDS: dict[type, str] = {Persona: "persona", EmpathyMap: "empathy map", Journey: "journey", Opportunity: "opportunity"}


def load_documents(db: Database, kind: type[D], *, as_of: datetime | None = None) -> list[D]:
    """All documents of one kind (``Persona``, ``EmpathyMap``, ``Journey`` or ``Opportunity``), by name."""
    rows = db.rows(document, as_of=as_of, where={"kind": _KINDS[kind]})
    return [from_plain(kind, r["body"]) for r in sorted(rows, key=lambda r: (r["name"], r["id"]))]


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
