"""Codes are added, revised, moved, merged and split in whole actions: what is refused leaves no trace, and what is done can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest_store import SLOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import BadSetting, StaleEdit, UnknownCode, UnknownName, WorkbenchError
from workbench.model import Code, CodeKind, Coding, Memo
from workbench.store import (
    Database,
    Transaction,
    add_code,
    load_code_versions,
    load_codebook,
    load_codings,
    load_history,
    load_memos,
    merge_codes,
    move_code,
    redo,
    remove_code,
    revise_code,
    save_codes,
    save_codings,
    save_memo,
    split_code,
    undo,
)
from workbench.store.schema import coding

HELLO = (0, 5)
THERE = (8, 13)


@pytest.fixture
def study(db: Database) -> Database:
    """Two codes with children, coded by two people, once on the same words; both have a memo of ana's."""
    save(
        db, Code("c3", "On a phone", parent="c1"), Code("c4", "At night", parent="c1", position=1), Code("c5", "At checkout", parent="c2")
    )  # fmt: skip
    with db.atomic("setup", "first codings") as transaction:
        save_codings(
            transaction,
            [
                a_coding("k1", "c1", "ana", SLOT, memo="sighs", intensity=-1),
                a_coding("k2", "c2", "ana", SLOT, memo="laughs"),
                a_coding("k3", "c1", "ana", HELLO),
                a_coding("k4", "c1", "ben", SLOT),
                a_coding("k5", "c2", "ben", THERE, intensity=-2),
            ],
        )
    note(db, "ana", "c1", "about the slot")
    note(db, "ana", "c2", "about the worry")
    note(db, "ben", "c1", "ben's own")
    return db


def a_coding(id: str, code: str, coder: str, where: tuple[int, int], memo: str = "", intensity: int | None = None) -> Coding:
    text = "Hello 😀 there.\nThe slot was gone."[slice(*where)]
    return Coding(id, "t1", code, coder, *where, text, memo, intensity)


def save(db: Database, *codes: Code) -> None:
    with db.atomic("setup", "more codes") as transaction:
        save_codes(transaction, [*load_codebook(db), *codes])


def note(db: Database, coder: str, code: str, text: str) -> None:
    with db.atomic(coder, "note") as transaction:
        save_memo(transaction, "code", code, text)


def do(db: Database, step: Callable[..., Any], *args: Any, who: str = "ana", **options: Any) -> Any:
    with db.atomic(who, step.__name__) as transaction:
        return step(transaction, *args, **options)


def revise(db: Database, id: str, **values: Any) -> None:
    do(db, revise_code, id, load_code_versions(db)[id], values)


def move(db: Database, id: str, parent: str | None, before: str | None = None) -> None:
    do(db, move_code, id, load_code_versions(db)[id], parent, before)


def paths(db: Database) -> list[str]:
    book = load_codebook(db)
    return [book.path(c) for c in book]


def children(db: Database, parent: str | None = None) -> list[str]:
    return [c.id for c in load_codebook(db) if c.parent == parent]


def coded(db: Database) -> list[tuple[str, str, str]]:
    return sorted((c.id, c.code, c.coder) for c in load_codings(db))


def memos(db: Database) -> list[tuple[str, str, str]]:
    return sorted((m.about_id, m.coder, m.text) for m in load_memos(db))


def state(db: Database) -> tuple[Any, ...]:
    """Everything but the versions, which count on."""
    codings = [replace(c, version=0) for c in load_codings(db)]
    return tuple(load_codebook(db)), codings, sorted((replace(m, version=0) for m in load_memos(db)), key=lambda m: m.id)


def refused(db: Database, error: type[WorkbenchError], match: str, step: Callable[..., Any], *args: Any) -> None:
    """The step says why in a sentence, and has written nothing even if whoever asked goes on in the same transaction."""
    before, n = state(db), len(load_history(db))
    with db.atomic("ana", "refused") as transaction, pytest.raises(error, match=match):
        step(transaction, *args)
    assert (state(db), len(load_history(db))) == (before, n)


# adding


def test_a_new_code_goes_behind_its_siblings(study: Database) -> None:
    made = do(study, add_code, Code("new", "Aardvark", parent="c1"))
    assert children(study, "c1") == ["c3", "c4", "new"]
    assert made in tuple(load_codebook(study))


def test_a_new_code_goes_before_a_sibling_when_asked(study: Database) -> None:
    do(study, add_code, Code("new", "Zebra", parent="c1"), before="c3")
    assert [(c.id, c.position) for c in load_codebook(study) if c.parent == "c1"] == [("new", 0), ("c3", 1), ("c4", 2)]


def test_a_code_that_cannot_be_added_is_refused(study: Database) -> None:
    refused(study, BadSetting, "another code beside it has the same name", add_code, Code("new", "ON A PHONE", parent="c1"))
    refused(study, BadSetting, "its parent is not in the codebook", add_code, Code("new", "New", parent="gone"))
    refused(study, BadSetting, "Choose one under the same parent", add_code, Code("new", "New"), "c3")
    refused(study, BadSetting, "in the codebook already", add_code, Code("c1", "New"))


# revising


def test_everything_a_code_says_can_be_revised(study: Database) -> None:
    values = {
        "name": "Slot is lost", "kind": CodeKind.EMOTION, "colour": "#a00", "definition": "d", "use": "u", "dont_use": "n", "example": "e",
        "valence": -1, "retired": True,
    }  # fmt: skip
    revise(study, "c1", **values)
    assert load_codebook(study).by_id("c1") == Code(id="c1", **values)
    revise(study, "c1", retired=False, kind="pain point")
    assert load_codebook(study).by_id("c1").kind is CodeKind.PAIN


def test_a_code_can_be_named_as_its_cousin_but_not_as_its_sibling(study: Database) -> None:
    revise(study, "c5", name="On a phone")
    refused(study, BadSetting, "another code beside it has the same name", revise_code, "c3", 1, {"name": "at NIGHT"})


def test_a_revision_of_what_somebody_else_has_revised_is_refused(study: Database) -> None:
    do(study, revise_code, "c1", 1, {"definition": "first"}, who="ben")
    refused(study, StaleEdit, 'The code "Slot expires" was changed by ben', revise_code, "c1", 1, {"definition": "second"})
    refused(study, StaleEdit, "The code was changed", revise_code, "gone", 1, {"definition": "second"})


@pytest.mark.parametrize(
    ("values", "error", "match"),
    [
        ({"kind": "emotin"}, UnknownName, 'Did you mean "emotion"'),
        ({"valence": 3}, BadSetting, "whole number from -2 to 2"),
        ({"name": " "}, BadSetting, "has no name"),
        ({"parent": "c2"}, BadSetting, '"parent" is not something to revise'),
    ],
)
def test_a_revision_that_makes_no_sense_is_refused(
    study: Database, values: dict[str, Any], error: type[WorkbenchError], match: str
) -> None:
    refused(study, error, match, revise_code, "c1", 1, values)


# moving


def test_a_code_moves_with_all_below_it(study: Database) -> None:
    move(study, "c1", "c2")
    assert paths(study)[-4:] == [
        "Anxious / At checkout", "Anxious / Slot expires", "Anxious / Slot expires / On a phone", "Anxious / Slot expires / At night"
    ]  # fmt: skip
    undo(study, "ana")
    assert children(study) == ["c2", "c1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.integers(0, 4), min_size=5, max_size=5), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4)))
def test_a_moved_code_lies_where_it_was_put_whatever_the_positions_were(
    db: Database, positions: list[int], which: int, before: int | None
) -> None:
    """Codebooks that were imported have gaps, or all their codes at one position."""
    parent = f"parent{len(load_history(db))}"
    save(db, Code(parent, parent), *(Code(f"{parent} {n}", f"{n}", parent=parent, position=p) for n, p in enumerate(positions)))
    order = children(db, parent)
    moved, target = order[which], None if before is None else order[before]
    if target == moved:
        return
    move(db, moved, parent, target)
    order.remove(moved)
    order.insert(len(order) if target is None else order.index(target), moved)
    assert children(db, parent) == order


def test_a_code_that_lies_there_already_is_not_written(study: Database) -> None:
    n = len(load_history(study))
    move(study, "c3", "c1", "c4")
    move(study, "c2", None, "c1")
    assert len(load_history(study)) == n


def test_only_the_siblings_that_are_in_the_way_are_written(db: Database) -> None:
    save(db, *(Code(f"s{p}", f"{p}", parent="c1", position=p) for p in (0, 1, 2, 5, 6)))
    move(db, "s6", "c1", "s1")
    assert load_history(db)[0].n_changes == 3
    assert {c.id: c.position for c in load_codebook(db) if c.parent} == {"s0": 0, "s6": 1, "s1": 2, "s2": 3, "s5": 5}


def test_a_move_that_cannot_be_is_refused(study: Database) -> None:
    save(study, Code("c6", "on a PHONE"))
    refused(study, BadSetting, "under itself or a code below it", move_code, "c1", 1, "c1")
    refused(study, BadSetting, "under itself or a code below it", move_code, "c1", 1, "c4")
    refused(study, UnknownCode, 'no code "gone"', move_code, "c1", 1, "gone")
    refused(study, BadSetting, "another code beside it has the same name", move_code, "c6", 1, "c1")
    refused(study, BadSetting, "Choose one under the same parent", move_code, "c3", 1, "c1", "c5")
    refused(study, StaleEdit, 'The code "Slot expires" was changed', move_code, "c1", 7, "c2")


# merging


def test_everybodys_codings_go_to_the_other_code_and_two_on_the_same_words_become_one(study: Database) -> None:
    do(study, merge_codes, "c1", "c2")
    assert coded(study) == [("k2", "c2", "ana"), ("k3", "c2", "ana"), ("k4", "c2", "ben"), ("k5", "c2", "ben")]
    one = next(c for c in load_codings(study) if c.id == "k2")
    assert (one.memo, one.intensity) == ("laughs\nsighs", -1)


def test_the_intensity_on_the_code_that_stays_is_kept(study: Database) -> None:
    with study.atomic("ana", "change") as transaction:
        transaction.update(coding, "k2", {"intensity": 2})
    do(study, merge_codes, "c2", "c1")
    one = next(c for c in load_codings(study) if c.id == "k1")
    assert (one.memo, one.intensity) == ("sighs\nlaughs", -1)


def test_children_go_along_behind_those_that_are_there(study: Database) -> None:
    do(study, merge_codes, "c1", "c2")
    assert paths(study) == ["Anxious", "Anxious / At checkout", "Anxious / On a phone", "Anxious / At night"]


def test_memos_about_the_code_go_along_and_join_those_of_the_same_coder(study: Database) -> None:
    do(study, merge_codes, "c1", "c2")
    assert memos(study) == [("c2", "ana", "about the worry\nabout the slot"), ("c2", "ben", "ben's own")]


def test_memos_about_a_coding_that_was_joined_are_about_the_one_that_stays(study: Database) -> None:
    with study.atomic("ben", "note") as transaction:
        save_memo(transaction, "coding", "k1", "really?")
    do(study, merge_codes, "c1", "c2")
    assert ("k2", "ben", "really?") in memos(study)


def test_several_memos_of_one_coder_become_one(study: Database) -> None:
    """An import may bring what the workbench itself does not write."""
    from workbench.store.schema import memo

    with study.atomic("setup", "import") as transaction:
        transaction.add(memo, [vars(Memo("m9", "code", "c1", "ben", "and another", "9999"))])
    do(study, merge_codes, "c1", "c2")
    assert ("c2", "ben", "ben's own\nand another") in memos(study)


@pytest.mark.parametrize(("gone", "kept"), [("c1", "c2"), ("c2", "c1"), ("c1", "c4"), ("c4", "c1"), ("c3", "c5")])
def test_a_merge_is_one_action_that_can_be_undone_and_done_again(study: Database, gone: str, kept: str) -> None:
    before = state(study)
    do(study, merge_codes, gone, kept)
    after = state(study)
    for _ in range(2):
        undo(study, "ana")
        assert state(study) == before
        redo(study, "ana")
        assert state(study) == after


def test_a_code_merged_into_one_below_it_leaves_its_place_to_that_branch(study: Database) -> None:
    save(study, Code("c7", "On the bus", parent="c3"))
    do(study, merge_codes, "c1", "c7")
    assert paths(study) == [
        "Anxious",
        "Anxious / At checkout",
        "On a phone",
        "On a phone / On the bus",
        "On a phone / On the bus / At night",
    ]
    assert {c.code for c in load_codings(study) if c.coder == "ben"} == {"c7", "c2"}


def test_a_branch_may_have_the_name_of_the_code_that_it_replaces(study: Database) -> None:
    revise(study, "c4", name="Slot expires")
    do(study, merge_codes, "c1", "c4")
    assert paths(study) == ["Anxious", "Anxious / At checkout", "Slot expires", "Slot expires / On a phone"]


def test_a_merge_that_would_put_two_of_a_name_beside_each_other_is_refused_and_names_both(study: Database) -> None:
    revise(study, "c5", name="on a phone")
    both = '"Slot expires / On a phone": it would come to lie beside "Anxious / on a phone"'
    refused(study, BadSetting, both, merge_codes, "c1", "c2")
    save(study, Code("c8", "anxious", parent="c1"))
    refused(study, BadSetting, '"Slot expires / anxious": it would come to lie beside "Anxious"', merge_codes, "c1", "c8")


def test_a_merge_that_cannot_be_is_refused(study: Database) -> None:
    refused(study, BadSetting, "cannot be merged into itself", merge_codes, "c1", "c1")
    refused(study, UnknownCode, 'no code "gone"', merge_codes, "c1", "gone")
    refused(study, UnknownCode, 'no code "gone"', merge_codes, "gone", "c1")
    revise(study, "c2", retired=True)
    refused(study, BadSetting, "retired and takes no new codings", merge_codes, "c1", "c2")


def test_a_merge_is_not_undone_over_what_somebody_has_done_since(study: Database) -> None:
    do(study, merge_codes, "c1", "c2")
    with study.atomic("ben", "change") as transaction:
        transaction.update(coding, "k4", {"memo": "new"})
    before = state(study)
    with pytest.raises(StaleEdit, match="changed by ben"):
        undo(study, "ana")
    assert state(study) == before


# splitting


def test_the_picked_codings_get_the_new_code_which_lies_right_after_the_old(study: Database) -> None:
    made = do(study, split_code, "c2", Code("new", "Panicked", parent="elsewhere"), ["k2", "k5"])
    assert children(study) == ["c2", "new", "c1"]
    assert (made.kind, made.colour, made.valence) == (CodeKind.EMOTION, "", -2)
    assert {c.id: c.code for c in load_codings(study)} == {"k1": "c1", "k2": "new", "k3": "c1", "k4": "c1", "k5": "new"}


def test_a_new_code_keeps_what_it_has_of_its_own(study: Database) -> None:
    revise(study, "c1", colour="#a00")
    assert do(study, split_code, "c1", Code("n1", "One", CodeKind.NEED), ["k1"]).colour == "#a00"
    made = do(study, split_code, "c2", Code("n2", "Two", CodeKind.NEED, colour="#0a0"), ["k2"])
    assert (made.kind, made.colour, made.valence) == (CodeKind.NEED, "#0a0", None)


def test_a_split_is_one_action_that_can_be_undone_and_done_again(study: Database) -> None:
    before = state(study)
    do(study, split_code, "c1", Code("new", "New"), ["k1", "k4"])
    after = state(study)
    for _ in range(2):
        undo(study, "ana")
        assert state(study) == before
        redo(study, "ana")
        assert state(study) == after


def test_a_split_that_cannot_be_is_refused(study: Database) -> None:
    new = Code("new", "New")
    refused(study, BadSetting, "2 of the 3 picked codings are not its own", split_code, "c1", new, ["k1", "k2", "gone"])
    refused(study, BadSetting, "no codings are picked", split_code, "c1", new, [])
    refused(study, BadSetting, "another code beside it has the same name", split_code, "c1", replace(new, name="anxious"), ["k1"])
    refused(study, BadSetting, "retired and takes no new codings", split_code, "c1", replace(new, retired=True), ["k1"])
    refused(study, UnknownCode, 'no code "gone"', split_code, "gone", new, ["k1"])


# several together


def test_several_edits_in_one_transaction_are_undone_together(study: Database) -> None:
    before = state(study)
    with study.atomic("ana", "tidy up") as transaction:
        add_code(transaction, Code("new", "New", parent="c2"))
        merge_codes(transaction, "c5", "new")
        revise_code(transaction, "new", 1, {"name": "Newer"})
        split_code(transaction, "c1", Code("part", "Part"), ["k3"])
        merge_codes(transaction, "c1", "part")
    undo(study, "ana")
    assert state(study) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_as_many_undos_as_edits_give_back_the_first_codebook_and_codings(study: Database, data: st.DataObject) -> None:
    """And as many redos the last.  Each example works under a name of its own on the study that the one before gave back."""
    who, first = f"coder{len(load_history(study))}", state(study)
    for n in range(data.draw(st.integers(1, 8), "n edits")):
        with study.atomic(who, f"edit {n}") as transaction:
            try:
                draw_edit(data, study, transaction, f"{who} {n}")
            except BadSetting:
                continue  # two of one name, under itself, retired: nothing was written, as the tests above promise
    last, n_done = state(study), len(load_history(study, who=who))
    for _ in range(n_done):
        undo(study, who)
    assert state(study) == first
    for _ in range(n_done):
        redo(study, who)
    assert state(study) == last
    for _ in range(n_done):
        undo(study, who)


def draw_edit(data: st.DataObject, db: Database, transaction: Transaction, new: str) -> None:
    versions = load_code_versions(db)
    some = st.sampled_from(sorted(versions))
    id, other, name = data.draw(some), data.draw(some), data.draw(st.sampled_from(["On a phone", "anxious", new]))
    step = data.draw(st.sampled_from(["add", "rename", "move", "to the top", "merge", "split", "retire"]))
    if step == "add":
        add_code(transaction, Code(new, name, parent=id))
    elif step in ("rename", "retire"):
        revise_code(transaction, id, versions[id], {"name": name} if step == "rename" else {"retired": True})
    elif step in ("move", "to the top"):
        move_code(transaction, id, versions[id], other if step == "move" else None)
    elif step == "merge":
        merge_codes(transaction, id, other)
    else:
        its_own = [c.id for c in load_codings(db, code=id)]
        split_code(transaction, id, Code(new, name), its_own[: data.draw(st.integers(0, 3))])


# what it rests on


def test_versions_are_those_that_an_edit_asks_for(study: Database) -> None:
    revise(study, "c1", definition="when it is gone")
    assert load_code_versions(study) == {"c1": 2, "c2": 1, "c3": 1, "c4": 1, "c5": 1}


def test_an_undo_that_would_put_two_of_a_name_beside_each_other_is_refused(study: Database) -> None:
    """Ana renames a code, ben gives its old name to another one, and ana wants hers back."""
    with study.atomic("ana", "rename") as transaction:
        revise_code(transaction, "c1", load_code_versions(study)["c1"], {"name": "Lost slot"})
    with study.atomic("ben", "new code") as transaction:
        add_code(transaction, Code("c9", "Slot expires"))
    before = load_codebook(study)
    with pytest.raises(BadSetting, match="another code beside it has the same name"):
        undo(study, "ana")
    assert list(load_codebook(study)) == list(before)


def test_only_a_code_that_nothing_rests_on_can_be_removed(study: Database) -> None:
    versions = load_code_versions(study)
    with study.atomic("ana", "remove") as transaction:
        with pytest.raises(BadSetting, match="3 codings and 2 codes below it"):
            remove_code(transaction, "c1", versions["c1"])
        remove_code(transaction, "c5", versions["c5"])
    assert "c5" not in load_code_versions(study)
    undo(study, "ana")
    assert "c5" in load_code_versions(study)


def test_many_rows_are_changed_at_once_each_with_its_own_values_and_record(study: Database) -> None:
    with study.atomic("ana", "many") as transaction:
        transaction.update_many(coding, {"k1": {"memo": "one"}, "k3": {"intensity": 2}})
        transaction.update_many(coding, {})
    now = {c.id: (c.memo, c.intensity, c.version) for c in load_codings(study)}
    assert (now["k1"], now["k3"], now["k5"]) == (("one", -1, 2), ("", 2, 2), ("", -2, 1))
    assert load_history(study)[0].n_changes == 2
    undo(study, "ana")
    assert [c.memo for c in load_codings(study) if c.id == "k1"] == ["sighs"]


def test_when_one_of_many_rows_is_gone_none_is_changed(study: Database) -> None:
    before = state(study)
    with pytest.raises(StaleEdit, match="The coding was changed"), study.atomic("ana", "many") as transaction:
        transaction.update_many(coding, {"k1": {"memo": "one"}, "gone": {"memo": "two"}})
    assert state(study) == before


def test_more_codings_than_one_statement_takes_are_merged(study: Database) -> None:
    with study.atomic("setup", "import") as transaction:
        save_codings(transaction, [a_coding(f"n{n}", "c1", f"coder {n}", HELLO) for n in range(1_203)])
    before = state(study)
    do(study, merge_codes, "c1", "c2")
    assert {c.code for c in load_codings(study)} == {"c2"}
    undo(study, "ana")
    assert state(study) == before
