"""Saved personas and maps: one that cannot be read does not keep the others back, and is named with a way out."""

from __future__ import annotations

from sqlalchemy import update

from workbench.model import Journey, Opportunity, OpportunityStatus, Persona, Stage
from workbench.store import Database, earlier_states, load_documents, save_document, unreadable_documents
from workbench.store.schema import document

WHOLE, LOST = (Journey(id, title, (Stage("pay", "Pay"),)) for id, title in (("1", "Whole"), ("2", "Lost")))


def damage(db: Database, id: str) -> None:
    """As a hand in the file would."""
    with db.engine.begin() as connection:
        connection.execute(update(document).where(document.c.id == id).values(body={"id": id, "title": "Lost", "stages": 7}))


def test_a_damaged_map_is_left_out_and_named(db: Database) -> None:
    with db.atomic("ana", "save") as transaction:
        for thing in (WHOLE, LOST, Persona("3", "Nora")):
            save_document(transaction, thing)
    damage(db, "2")
    assert load_documents(db, Journey) == [WHOLE]
    (found,) = unreadable_documents(db)
    assert (found.id, found.kind, found.name) == ("2", Journey, "Lost")
    assert str(found).startswith('The saved journey "Lost" cannot be read and is left out: stages[0] is 7')
    assert str(found).endswith('("workbench history" lists it, "workbench undo ID" takes it back), or put study.db back from a backup.')


def test_nothing_is_named_where_all_can_be_read(db: Database) -> None:
    with db.atomic("ana", "save") as transaction:
        save_document(transaction, WHOLE)
    assert unreadable_documents(db) == []


def test_what_a_document_was_before_is_told_last_change_first(db: Database) -> None:
    states = [
        Opportunity("o", "pay later?", status=s) for s in (OpportunityStatus.CHOSEN, OpportunityStatus.IN_TEST, OpportunityStatus.DROPPED)
    ]
    for state in states:
        with db.atomic("ana", "save") as transaction:
            save_document(transaction, state)
    with db.atomic("ana", "look") as transaction:
        assert list(earlier_states(transaction, Opportunity, "o")) == states[1::-1]
