"""A coding keeps its place, is saved once, and never silently overwrites another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest_store import SLOT, add, words

from workbench.errors import BadPosition, BadSetting, StaleEdit, UnknownCode, UnknownTranscript
from workbench.model import Codebook
from workbench.store import Database, add_coding, change_coding, load_codebook, load_codings, load_transcript, save_codes


def test_positions_count_code_points_past_an_emoji(db: Database) -> None:
    assert add(db, *SLOT).text == "slot was gone"


def test_the_same_code_on_the_same_passage_by_the_same_coder_is_one_coding(db: Database) -> None:
    assert add(db, *SLOT).id == add(db, *SLOT).id
    add(db, *SLOT, coder="ben")
    assert words(db) == ["slot was gone"] * 2


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (30, 400), (9, 3)])
def test_a_passage_outside_the_text_is_refused_with_what_would_fit(db: Database, start: int, end: int) -> None:
    with pytest.raises(BadPosition, match=r"P01, which has 33 characters\. Use 0 <= start < end <= 33"):
        add(db, start, end)
    assert load_codings(db) == []


def test_two_edits_of_the_same_coding_do_not_silently_overwrite(db: Database) -> None:
    made = add(db, *SLOT)
    change_coding(db, replace(made, memo="first"), coder="ben")
    with pytest.raises(StaleEdit, match="changed by ben"):
        change_coding(db, replace(made, memo="second"), coder="ana")
    assert load_codings(db)[0].memo == "first"


def test_a_retired_code_takes_no_new_codings(db: Database) -> None:
    code = replace(load_codebook(db).find("Slot expires"), retired=True)
    with db.atomic("ana", "retire") as transaction:
        save_codes(transaction, [code])
    with pytest.raises(BadSetting, match="retired"):
        add_coding(db, load_transcript(db, "P01"), code, 0, 5, coder="ana")


def test_unknown_names_say_what_was_nearly_meant(db: Database) -> None:
    with pytest.raises(UnknownCode, match='Did you mean "Slot expires"'):
        load_codebook(db).find("Slot expire")
    with pytest.raises(UnknownTranscript, match="P01"):
        load_transcript(db, "P1")


def test_a_codebook_comes_back_as_a_tree_parents_first(db: Database) -> None:
    slot = load_codebook(db).find("Slot expires")
    with db.atomic("ana", "child") as transaction:
        save_codes(transaction, [*load_codebook(db), replace(slot, id="c3", name="on a phone", parent=slot.id)])
    book = load_codebook(db)
    assert isinstance(book, Codebook)
    assert [book.path(c) for c in book] == ["Anxious", "Slot expires", "Slot expires / on a phone"]
