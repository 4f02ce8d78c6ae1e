"""Versions of a map or a persona that somebody wanted to keep: each the whole thing as it was, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from workbench.model import EmpathyMap, Journey, Persona
from workbench.model.plain import from_plain, to_plain
from workbench.store.changes import Transaction
from workbench.store.database import Database
from workbench.store.schema import document

V = TypeVar("V", Persona, EmpathyMap, Journey)

_KIND = "version"


@dataclass(frozen=True)
class KeptVersion:
    """A version without its content: ``of`` is the id of what it is a version of, ``at`` a time in UTC."""

    id: str
    of: str
    name: str
    at: str
    who: str


def keep_version(transaction: Transaction, of: str, name: str, thing: Persona | EmpathyMap | Journey) -> str:
    """Keep a thing as it is now under a name; gives the id of the version."""
    id = uuid4().hex
    body = {"of": of, "at": transaction.at, "who": transaction.who, "thing": to_plain(thing)}
    transaction.add(document, [{"id": id, "kind": _KIND, "name": name, "body": body}])
    return id


def load_versions(db: Database, of: str) -> list[KeptVersion]:
    """The versions of one thing, newest first."""
    rows = [r for r in db.rows(document, where={"kind": _KIND}) if r["body"]["of"] == of]
    kept = [KeptVersion(r["id"], of, r["name"], r["body"]["at"], r["body"]["who"]) for r in rows]
    return sorted(kept, key=lambda v: (v.at, v.id), reverse=True)


def load_version(db: Database, kind: type[V], id: str) -> V:
    """What was kept as a version."""
    (row,) = db.rows(document, where={"kind": _KIND, "id": id})
    return from_plain(kind, row["body"]["thing"])
