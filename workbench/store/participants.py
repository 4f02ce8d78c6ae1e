"""Participants, and, in a table of its own, who they really are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from workbench.model import Consent, Contact, Participant
from workbench.store.changes import Transaction
from workbench.store.database import Database, Row
from workbench.store.schema import contact, participant


def load_participants(db: Database, *, as_of: datetime | None = None) -> list[Participant]:
    """All participants, by alias."""
    return sorted((_participant(r) for r in db.rows(participant, as_of=as_of)), key=lambda p: p.alias)


def load_contacts(db: Database) -> list[Contact]:
    """Names and contact details.  For the researcher's own eyes: no report and no export reads this."""
    return [Contact(r["id"], r["name"], r["email"], r["phone"]) for r in db.rows(contact)]


def save_participants(transaction: Transaction, participants: Iterable[Participant], contacts: Iterable[Contact] = ()) -> int:
    """Add participants or bring known ones up to date; give back how many rows changed."""
    changed = 0
    for p in participants:
        changed += _save(transaction, participant, _row(p))
    for c in contacts:
        changed += _save(transaction, contact, {"id": c.participant, "name": c.name, "email": c.email, "phone": c.phone})
    return changed


def _save(transaction: Transaction, table: Any, row: dict[str, Any]) -> int:
    now = transaction.current(table, row["id"])
    if now is None:
        transaction.add(table, [row])
    elif any(now[k] != v for k, v in row.items()):
        transaction.update(table, row["id"], row)
    else:
        return 0
    return 1


def _row(p: Participant) -> dict[str, Any]:
    until = p.consent.until.isoformat() if p.consent.until else None
    return {
        "id": p.id, "alias": p.alias, "pseudonym": p.pseudonym, "attributes": dict(p.attributes),
        "consent_quote": p.consent.quote, "consent_share": p.consent.share, "consent_until": until,
    }  # fmt: skip


def _participant(row: Row) -> Participant:
    until = date.fromisoformat(row["consent_until"]) if row["consent_until"] else None
    return Participant(
        row["id"], row["alias"], row["pseudonym"], dict(row["attributes"]), Consent(row["consent_quote"], row["consent_share"], until)
    )
