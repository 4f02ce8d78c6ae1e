"""The page of a code: everything behind it, whoever marked it, and nothing that may not be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, full_study

from workbench.errors import UnknownCode
from workbench.reports.sections.code_page import CodeReport, code_report
from workbench.store.memos import save_memo
from workbench.study import Study

TREE = "name,kind,valence,definition,parent\nCheck out,stage,,Paying,\nSlot,theme,,All about slots,\nSlot expires,pain point,,The slot is gone,Slot\nAnxious,emotion,-2,Fear,\n"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path, codes=TREE)) as made:
        yield made


def report(study: Study, code: str | None = None) -> CodeReport:
    return code_report(study, code=code, on=date(2026, 11, 1))


def texts(block: Any) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in block.data["rows"]]


def test_left_out_it_is_the_code_that_most_people_said_that_is_no_stage(study: Study) -> None:
    assert report(study).summary().data["title"] == "2 of 2 say “Slot expires”"


def test_a_branch_counts_a_person_once_whichever_of_its_codes_they_said(study: Study) -> None:
    made = report(study, "Slot")
    assert made.summary().data["title"] == "2 of 2 speak of “Slot”"
    assert [row[:3] for row in texts(made.branch())] == [["Slot", "theme", "0 of 2"], ["Slot / Slot expires", "pain point", "2 of 2"]]
    assert report(study, "Slot expires").branch() is None


def test_every_excerpt_has_its_link_and_only_words_that_may_be_shown_are_there(study: Study) -> None:
    block = report(study, "Slot expires").excerpts()
    assert block is not None
    (quote,) = block.data["quotes"]
    assert (quote["text"], quote["who"], quote["detail"]) == ("the slot was gone", "Mara", "coded by ana")
    assert block.data["title"] == "1 of 2 excerpts"
    first = report(study, "Slot expires").interviews().data["rows"][0][0]
    assert first["href"] == f"#{quote['id']}"


def test_what_stands_beside_it_is_counted_in_passages_and_people(study: Study) -> None:
    rows = {row[0]: row[2:] for row in texts(report(study, "Slot expires").beside())}
    assert rows == {"Check out": ["1", "1", "1 of 2"], "Anxious": ["1", "1", "1 of 2"]}


def test_coders_and_segments_have_their_rows(study: Study) -> None:
    made = report(study, "Slot expires")
    assert texts(made.coders()) == [["ana", "1", "1", "no interview of two coders"], ["ben", "1", "1", "no interview of two coders"]]
    assert [row[:3] for row in texts(made.segments())] == [["Customer", "new", "1 of 1"], ["Customer", "returning", "1 of 1"]]


def test_memos_are_shown_with_the_code_and_with_words_that_may_be_shown(study: Study) -> None:
    with study.db.atomic("ben", "note") as transaction:
        save_memo(transaction, "code", study.codebook.find("Slot expires").id, "Ask about the clock.")
    assert texts(report(study, "Slot expires").memos()) == [["Ask about the clock.", "ben", "the code"], ["she laughs", "ana", "Mara, P01"]]


def test_a_memo_on_words_that_may_not_be_shown_is_counted(tmp_path: Path) -> None:
    codings = "transcript,coder,code,quote,intensity,memo\nP02,ben,Slot expires,Nobody keeps a slot for me,,he named his employer\nP01,ana,Slot expires,the slot was gone,,she laughs\n"
    with closing(full_study(tmp_path, codings=codings)) as study:
        block = report(study, "Slot expires").memos()
    assert "employer" not in str(block.data)
    assert "1 more on words that may not be shown" in block.text


def test_an_unknown_code_is_answered_with_its_neighbours(study: Study) -> None:
    with pytest.raises(UnknownCode, match='Did you mean "Slot expires"'):
        report(study, "Slot expired")
    with pytest.raises(UnknownCode, match="Slot / Slot expires"):
        report(study, "expires")


def test_a_code_that_nobody_said_and_a_study_without_codes_say_so(study: Study, tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "empty")) as empty:
        made = report(empty)
        assert made.summary().data["title"] == "The codebook is empty"
        assert made.definition() is None
        assert made.memos() is None
    unsaid = full_study(tmp_path / "unsaid", codes=TREE + "Late,pain point,,,\n")
    made = report(unsaid, "Late")
    assert made.summary().data["title"] == "Nobody said “Late” yet"
    assert "two coders can hardly mean the same" in str(made.definition().data)
    assert [made.places(), made.interviews(), made.coders(), made.segments(), made.beside(), made.excerpts()] == [None] * 6
    unsaid.close()
