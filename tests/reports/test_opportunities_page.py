"""The page of opportunities says what is worth doing and why, and never more than the data or the team said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, write_all

from workbench.model import Estimate, Idea, Opportunity, OpportunityStatus, Statement
from workbench.reports.blocks import Outline, render_block
from workbench.reports.sections.opportunities_page import OpportunitiesReport, opportunities_report
from workbench.store.documents import save_document
from workbench.study import Study
from workbench.study.importing import import_files

HOLD = Opportunity(
    "hold", "hold the slot?", "check_out", codes=("Slot expires",), customer_value=5, business_value=4, effort=2, confidence=0.5, owner="Ruben",
    ideas=(Idea("A countdown", votes=1), Idea("Hold it for 15 minutes", voted_by=("Ana", "Ben"), chosen=True, prototype="click dummy", test_result="5 of 5 paid")),
)  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "study")) as made:
        for path in (p for p in write_all(tmp_path / "files") if p.stem != "synthesis"):
            import_files(made, path)
        yield made


def report(study: Study, *saved: Opportunity, **asked: Any) -> OpportunitiesReport:
    with study.db.atomic("ana", "save") as transaction:
        for opportunity in saved:
            save_document(transaction, opportunity)
    return opportunities_report(study, on=date(2026, 11, 1), **asked)


def html(made: OpportunitiesReport) -> str:
    block = made.details()
    return str(render_block(block.name, block.data, Outline()))


def test_an_opportunity_shows_question_pain_ideas_owner_and_worth(study: Study) -> None:
    made = report(study, HOLD)
    page = html(made)
    for said in ("hold the slot?", "Slot expires", "1 of 2 say it", "Hold it for 15 minutes", "2 votes (Ana and Ben)", "✓ chosen",
                 "Prototype: click dummy; test: 5 of 5 paid", "Ruben", "5 of 5", "50 %"):  # fmt: skip
        assert said in page
    assert page.index("Hold it for 15 minutes") < page.index("A countdown"), "the chosen one first"
    (row,) = made.ranking().data["rows"]
    assert [cell["text"] for cell in row][-3:] == ["5 + 4", "2", "2.2"]


def test_words_are_shown_only_where_consent_allows_it_on_the_day(study: Study) -> None:
    """What was saved with an opportunity may have been allowed then."""
    made = report(study, HOLD)
    (pain,) = [s for c in made.journey.cells for s in c.statements if s.code == "Slot expires"]
    stale = tuple(replace(q, quotable=True) for q in pain.quotes) + tuple(replace(q, coding="gone", text="Old words") for q in pain.quotes)
    page = html(report(study, replace(HOLD, codes=(), statement=replace(pain, evidence=stale))))
    assert "the slot was gone" in page
    assert "Old words" not in page, "a coding that is gone cannot be checked"
    assert "1 counted but not shown" in page


@pytest.mark.parametrize(
    "ticket", ["https://tracker.example/browse/UX-1", "UX-1", "javascript:alert(1)", "mailto:a@b.example", "HTTPS://x.example/<b>"]
)
def test_only_a_web_address_becomes_a_link(study: Study, ticket: str) -> None:
    page = html(report(study, replace(HOLD, ticket=ticket)))
    assert ('<a href="' + ticket.replace("<", "&lt;").replace(">", "&gt;") in page) is ticket.lower().startswith("http")
    assert ticket.replace("<", "&lt;").replace(">", "&gt;") in page
    assert 'href="javascript' not in page


def test_the_board_has_a_column_for_each_place_in_its_life(study: Study) -> None:
    board = report(study, HOLD, replace(HOLD, id="x", status=OpportunityStatus.DROPPED)).board()
    assert board is not None
    assert [len(c["cards"]) for c in board.data["columns"]] == [1, 0, 0, 0, 0, 1]
    assert [c["name"] for c in board.data["columns"]] == [str(status) for status in OpportunityStatus]


def test_with_none_saved_the_map_proposes_and_the_page_says_so(study: Study) -> None:
    made = report(study)
    assert made.proposed
    assert "a proposal" in made.summary().data["kicker"]
    assert "Nobody has saved an opportunity" in made.summary().data["lede"]
    assert made.board() is None
    assert made.matrix().data["title"] == "None is estimated yet"
    assert "Slot expires" in html(made)
    assert "proposal, not saved" in html(made)


def test_nothing_to_propose_is_said(study: Study) -> None:
    made = replace(report(study), opportunities=())
    assert "gives no reason to propose anything" in made.summary().data["lede"]
    assert "There are none yet" in made.ranking().text
    assert made.details().data["cards"] == []


def test_what_shipped_without_a_measure_says_that_its_effect_cannot_be_said(study: Study) -> None:
    shipped = replace(HOLD, status=OpportunityStatus.SHIPPED, shipped=date(2026, 9, 2))
    page = html(report(study, shipped))
    assert "What it changed cannot be said: " in page
    assert "names no measure" in page


def test_what_nobody_judged_is_not_filled_in(study: Study) -> None:
    made = report(study, replace(HOLD, effort=None, confidence=None))
    assert [f["text"] for f in made.summary().data["findings"]][-1] == "not estimated in full"
    assert "not estimated yet: effort, confidence" in made.summary().data["strong"]


def test_an_opportunity_without_people_is_called_assumed(study: Study) -> None:
    asked = Estimate(0.9, 0.8, 0.95, 100)
    page = html(report(study, replace(HOLD, codes=(), statement=Statement("A gap in the market"), importance=asked, note="From the board")))
    assert "assumed: no participant said it" in page
    assert "90 % (80 to 95), n 100" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "From the board" in page


def test_alerts_are_a_callout_and_none_is_no_proof(study: Study) -> None:
    assert report(study).alerts().data["title"] == "No alerts"
