"""Every change has its record; undo, redo and the state as of a moment come from those records."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest_store import SLOT, add, words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import NothingToUndo, StaleEdit, StillInUse
from workbench.store import (
    Database,
    change_coding,
    load_codings,
    load_history,
    load_participants,
    load_transcripts,
    redo,
    remove_coding,
    undo,
)


def test_undo_takes_back_the_last_action_and_redo_brings_it_again(db: Database) -> None:
    add(db, 0, 5)
    undo(db, "ana")
    assert words(db) == []
    redo(db, "ana")
    assert words(db) == ["Hello"]


def test_undo_of_a_removal_brings_the_same_coding_back(db: Database) -> None:
    made = add(db, *SLOT, memo="laughs")
    remove_coding(db, made, coder="ana")
    undo(db, "ana")
    (back,) = load_codings(db)
    assert (back.id, back.memo) == (made.id, "laughs")
    assert back.version > made.version


def test_each_coder_undoes_only_their_own(db: Database) -> None:
    add(db, 0, 5, coder="ana")
    add(db, *SLOT, coder="ben")
    undo(db, "ana")
    assert words(db) == ["slot was gone"]
    with pytest.raises(NothingToUndo, match="ana has nothing to undo"):
        undo(db, "ana")


def test_an_earlier_action_can_be_undone_by_its_id(db: Database) -> None:
    add(db, 0, 5)
    add(db, *SLOT)
    first = load_history(db, who="ana")[1]
    undo(db, "ana", first.batch)
    assert words(db) == ["slot was gone"]
    assert [e.undone for e in load_history(db, who="ana")] == [False, False, True]


def test_what_somebody_changed_since_is_not_undone_over_their_heads(db: Database) -> None:
    made = add(db, 0, 5)
    change_coding(db, replace(made, memo="ben's memo"), coder="ben")
    with pytest.raises(StaleEdit, match="changed by ben"):
        undo(db, "ana")
    assert load_codings(db)[0].memo == "ben's memo"


def test_what_others_rest_on_cannot_be_undone(db: Database) -> None:
    add(db, 0, 5)
    with pytest.raises(StillInUse, match="Undo the later things first"):
        undo(db, "setup")
    assert len(load_transcripts(db)) == 1


def test_a_new_change_ends_the_chance_to_redo(db: Database) -> None:
    add(db, 0, 5)
    undo(db, "ana")
    add(db, *SLOT)
    with pytest.raises(NothingToUndo):
        redo(db, "ana")


def test_the_study_can_be_seen_as_it_was(db: Database, clock: object) -> None:
    add(db, 0, 5)
    then = clock.now  # type: ignore[attr-defined]
    made = add(db, *SLOT)
    remove_coding(db, made, coder="ana")
    undo(db, "ana", load_history(db, who="ana")[2].batch)
    assert [c.text for c in load_codings(db, as_of=then)] == ["Hello"]
    assert words(db) == []
    assert [p.alias for p in load_participants(db, as_of=then)] == ["P01", "P02"]


def test_a_failure_inside_leaves_neither_the_row_nor_its_record(db: Database) -> None:
    before = len(load_history(db))
    with pytest.raises(ZeroDivisionError), db.atomic("ana", "half done") as transaction:
        transaction.update(__import__("workbench.store.schema", fromlist=["participant"]).participant, "p1", {"pseudonym": "X"})
        raise ZeroDivisionError
    assert load_participants(db)[0].pseudonym == "Mara"
    assert len(load_history(db)) == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["add", "remove", "change", "undo", "redo"]), max_size=14))
def test_undo_walks_back_through_every_state_and_redo_forward_again(db: Database, steps: list[str]) -> None:
    """A model of the stack beside the real one: any sequence of actions ends where the model says."""
    coder = f"coder{len(load_history(db))}"
    states, at = [sorted(_state(db))], 0
    for i, step in enumerate(steps):
        own = [c for c in load_codings(db) if c.coder == coder]
        if step == "add":
            add(db, i % 9, i % 9 + 1 + i % 4, coder=coder)
        elif step == "remove" and own:
            remove_coding(db, own[0], coder=coder)
        elif step == "change" and own:
            change_coding(db, replace(own[-1], memo=f"memo {i}"), coder=coder)
        elif step == "undo" and at:
            undo(db, coder)
            at -= 1
            assert sorted(_state(db)) == states[at]
            continue
        elif step == "redo" and at + 1 < len(states):
            redo(db, coder)
            at += 1
            assert sorted(_state(db)) == states[at]
            continue
        if (now := sorted(_state(db))) != states[at]:
            states[at + 1 :] = [now]
            at += 1


def _state(db: Database) -> list[tuple[object, ...]]:
    return [(c.id, c.start, c.end, c.memo, c.coder) for c in load_codings(db)]
