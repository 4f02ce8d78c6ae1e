"""The one-pager fits one sheet of paper, says the one thing that matters, and admits what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat.v4 as v4
import pytest
from browser import launch_chromium, serious_violations
from miniature import empty_study, full_study

from workbench.model import Opportunity, OpportunityStatus
from workbench.reports.blocks import Block, Outline, render_block
from workbench.reports.html.exporter import render_html
from workbench.reports.sections.one_pager_page import one_pager
from workbench.store.documents import save_document
from workbench.study import Study
from workbench.study.sample import make_sample_study

DAY = date(2026, 11, 1)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def sheet(study: Study) -> Block:
    return one_pager(study, on=DAY).page({"data": "9f2c"})


def html(block: Block) -> str:
    return str(render_block(block.name, block.data, Outline()))


def page(block: Block) -> str:
    output = v4.new_output("display_data", data=block._repr_mimebundle_())
    return render_html(
        v4.new_notebook(cells=[v4.new_code_cell("sheet", outputs=[output])], metadata={"workbench": {"exclude_input": True}})
    )


def test_the_sheet_says_moment_findings_opportunities_and_how_sure(study: Study) -> None:
    made = sheet(study)
    assert made.data["curve"] is not None
    assert 1 <= len(made.data["findings"]) <= 3
    assert made.data["opportunities"][0]["text"] == "hold the slot?"
    assert "nobody's word" not in made.data["sure"]
    assert "so few people show what there is" in made.data["sure"]
    assert made.data["facts"] == [["data", "9f2c"]]


def test_the_quote_has_the_colour_of_how_its_stage_feels(tmp_path: Path) -> None:
    """A delight beside a red line reads like a complaint."""
    with closing(make_sample_study(tmp_path / "grocery")[0]) as study:
        made = sheet(study)
    assert made.data["moment"]["sign"] == "neg"
    glad = Block("one-pager", {**made.data, "moment": {**made.data["moment"], "sign": "pos"}})
    assert ['<blockquote class="neg">' in html(made), '<blockquote class="pos">' in html(glad)] == [True, True]


def test_words_without_consent_are_not_on_the_sheet(study: Study) -> None:
    """Joon said no to quotes: he counts."""
    assert "Nobody keeps a slot" not in html(sheet(study))


def test_an_empty_study_has_an_honest_sheet(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study")) as study:
        made = sheet(study)
    assert made.data["headline"] == "Slots"
    assert "No moment stands out" in made.data["moment"]["text"]
    assert "Nothing is measured yet" in made.data["targets"]
    assert "this sheet can say little" in made.data["sure"]
    assert "Nobody's feeling was coded yet" in html(made).replace("&#39;", "'")


def test_what_was_dropped_is_not_a_best_opportunity_and_what_shipped_comes_last(study: Study) -> None:
    [first] = study.opportunities
    done = Opportunity("done", "send a reminder?", "check_out", status=OpportunityStatus.SHIPPED, shipped=date(2026, 9, 2), owner="Lea")
    with study.db.atomic("ana", "save") as transaction:
        save_document(transaction, done)
        save_document(transaction, replace(done, id="no", how_might_we="call them?", status=OpportunityStatus.DROPPED))
    shown = sheet(study).data["opportunities"]
    assert [o["text"] for o in shown] == [f"{first.how_might_we.rstrip('?')}?", "send a reminder?"]
    assert (shown[1]["status"], shown[1]["owner"]) == ("shipped since 2 September", "Lea")


def test_it_prints_on_one_sheet_however_much_there_is(study: Study) -> None:
    data = dict(sheet(study).data)
    long = "a very long name of a measure that goes on " * 3
    data["findings"] = [
        {"value": "56 %", "text": "x" * 20 + " word" * 20, "detail": "difference +27 points (24 to 30), n 1,731 and 1,227"}
    ] * 3
    data["moment"] = {"text": "say so " * 20, "quote": "word " * 34, "who": "Mara", "sign": "neg"}
    data["measures"] = [{"name": long[:70], "value": "56 %", "interval": "53 to 58 · n 1,731", "target": "80 %", "verdict": "missed"}] * 5
    data["opportunities"] = [{"text": "word " * 22, "stage": "Check out", "status": "chosen", "owner": "Oksana"}] * 3
    data["headline"] = "Fill the basket: " + "word " * 16
    with launch_chromium() as browser:
        opened = browser.new_page()
        opened.set_content(page(Block("one-pager", data)))
        pdf = opened.pdf(prefer_css_page_size=True)
        assert serious_violations(browser_page_without_policy(browser, data)) == []
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def browser_page_without_policy(browser: object, data: dict[str, object]) -> object:
    """The same page where a script of ours may look at it."""
    opened = browser.new_page(bypass_csp=True)  # type: ignore[attr-defined]
    opened.set_content(page(Block("one-pager", data)))
    return opened
