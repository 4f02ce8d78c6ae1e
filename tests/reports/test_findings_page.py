"""The page of findings: how many, in whose words, and never the words of somebody who did not agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, full_study

from tests.analysis.test_findings import CODES, CODINGS, REPLY, TALK
from workbench.errors import BadParameter, BadSetting, UnknownName
from workbench.reports.blocks import Outline, render_block
from workbench.reports.sections.findings_page import FindingsReport, findings_report
from workbench.study import Study

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path, codes=CODES, codings=CODINGS, P01=TALK, P02=REPLY)) as made:
        yield made


def report(study: Study, **asked: Any) -> FindingsReport:
    return findings_report(study, on=date(2026, 11, 1), **{"minimum": 1, **asked})


def html(made: FindingsReport) -> str:
    block = made.findings()
    return str(render_block(block.name, block.data, Outline())) if block else ""


def test_the_headline_is_what_most_say_and_not_a_topic(study: Study) -> None:
    assert report(study).summary().data["title"] == "2 of 2 say it: Slot expires"
    assert report(study, kinds=["theme"]).summary().data["title"] == "2 of 2 say it: Trust"


def test_a_finding_shows_its_count_its_interval_its_words_and_who_says_otherwise(study: Study) -> None:
    page = html(report(study)).replace("\N{NO-BREAK SPACE}", " ")
    for said in (
        "2 of 2",
        "100 %, of people like these 34 to 100 %",
        "the slot was gone",
        "Mara",
        "What others say",
        "Held for me",
        "few were heard",
    ):
        assert said in page


def test_whoever_did_not_agree_is_counted_and_not_quoted(study: Study) -> None:
    page = html(report(study))
    assert "they held the slot for me" not in page
    assert "Joon" not in page
    assert "1 counted but not shown, as their speaker did not agree to be quoted" in page
    assert "No words of it may be shown." in page, "only Joon was delighted"


def test_quotes_are_of_different_people_first_of_those_who_are_quoted_least(tmp_path: Path) -> None:
    people = "id,pseudonym,customer,consent_quote\nP01,Mara,new,yes\nP02,Joon,returning,yes\n"
    with closing(full_study(tmp_path, people=people, codes=CODES, codings=CODINGS, P01=TALK, P02=REPLY)) as study:
        cards = report(study, quotes=2).findings().data["cards"]
        assert {q["who"] for q in cards[0]["quotes"]} == {"Mara", "Joon"}
        one_each = report(study, quotes=1, kinds=["pain point", "theme"]).findings().data["cards"]
        assert len({c["quotes"][0]["who"] for c in one_each}) == 2
        assert report(study, quotes=0).findings().data["cards"][0]["quotes"] == []


def said(made: FindingsReport) -> list[str]:
    return [f.statement.text for f in made.found]


def test_segments_and_kinds_narrow(study: Study) -> None:
    assert said(report(study, segment="customer=new")) == ["Slot expires", "Trust"]
    assert said(report(study, kinds=["delight"])) == ["Held for me"]


def test_what_fewer_said_is_listed_and_is_no_finding(study: Study) -> None:
    made = report(study, minimum=2)
    assert "Held for me" not in said(made)
    assert "Held for me" in str(made.too_few().data["rows"])


@pytest.mark.parametrize(
    ("asked", "error", "sentence"),
    [
        ({"kinds": ["pain points"]}, BadParameter, 'Did you mean "pain point"'),
        ({"minimum": 0}, BadParameter, "1 or more"),
        ({"segment": "customer"}, BadSetting, "name=value"),
        ({"segment": "customr=new"}, UnknownName, "customer"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(study: Study, asked: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        report(study, **asked)


def test_an_empty_study_says_what_to_do(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study")) as study:
        made = report(study)
        assert "workbench import interviews" in made.summary().data["lede"]
        assert (made.chart(), made.findings(), made.too_few()) == (None, None, None)
        assert made.people().text
        assert made.method().text


def test_words_are_never_markup(tmp_path: Path) -> None:
    talk, codings = (
        TALK.replace("the slot was gone", HOSTILE),
        CODINGS.replace("the slot was gone and", f"{HOSTILE} and").replace(
            "P01,ana,Slot expires,the slot was gone", f"P01,ana,Slot expires,{HOSTILE}"
        ),
    )
    keep = "\n".join(line for line in codings.splitlines() if ",the slot," not in line and ",gone," not in line) + "\n"
    with closing(
        full_study(
            tmp_path,
            codes=CODES.replace("Slot expires", f"Slot {HOSTILE}"),
            codings=keep.replace("Slot expires", f"Slot {HOSTILE}"),
            P01=talk,
            P02=REPLY,
        )
    ) as study:
        page = html(report(study))
    assert "&lt;img" in page
    assert "<img" not in page
