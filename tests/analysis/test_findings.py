"""A finding is what enough people said; who says otherwise stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from miniature import empty_study, full_study

from workbench.analysis.findings import InterviewFinding, find_findings
from workbench.analysis.scope import find_scope
from workbench.study import Study

CODES = (
    "name,kind,valence,definition\nCheck out,stage,,Paying\nSlot page,touchpoint,,\nSlot expires,pain point,,The slot is gone\nHeld for me,delight,,\n"
    "Anxious,emotion,-2,Fear\nGlad,emotion,2,\nTrust,theme,,\n"
)
TALK = "Interviewer: How was it?\nMara: the slot was gone and I was afraid\nInterviewer: And?\nMara: I trust them.\n"
REPLY = "Interviewer: And you?\nJoon: they held the slot for me and I was glad, I trust that, but the slot was gone once\n"
CODINGS = (
    "transcript,coder,code,quote,intensity,memo\n"
    "P01,ana,Check out,the slot was gone and I was afraid,,\nP01,ana,Slot expires,the slot was gone,,\nP01,ana,Anxious,I was afraid,,\n"
    "P01,ana,Slot page,the slot,,\nP01,ana,Trust,gone,,\n"
    'P02,ben,Check out,"they held the slot for me and I was glad, I trust that, but the slot was gone once",,\n'
    "P02,ben,Held for me,they held the slot for me,,\nP02,ben,Glad,I was glad,,\nP02,ben,Trust,I trust that,,\nP02,ben,Slot expires,the slot was gone once,,\n"
    "P02,ben,Anxious,gone once,,\n"
)


def without(code: str) -> str:
    return "\n".join(line for line in CODINGS.splitlines() if f",{code}," not in line) + "\n"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path, codes=CODES, codings=CODINGS, P01=TALK, P02=REPLY)) as made:
        yield made


def found(study: Study, **asked: object) -> dict[str, InterviewFinding]:
    scope = find_scope(study, None, None, date(2026, 11, 1))
    return {f.path: f for f in find_findings(study, scope, **asked)}


def test_findings_come_most_shared_first_and_fewer_than_asked_are_none(study: Study) -> None:
    assert list(found(study, at_least=1)) == ["Slot expires", "Trust", "Held for me"]
    assert list(found(study, at_least=2)) == ["Slot expires", "Trust"]
    assert found(study, at_least=3) == {}


def test_each_says_how_many_of_how_many_with_its_interval(study: Study) -> None:
    f = found(study, at_least=1)["Held for me"]
    assert (f.statement.n, f.statement.n_of, f.share.value) == (1, 2, 0.5)
    assert f.share.low == pytest.approx(0.0945, abs=1e-4), "Wilson's interval for 1 of 2"


def test_against_a_pain_stands_the_delight_at_the_same_stage_and_the_other_way_round(study: Study) -> None:
    made = found(study, at_least=1)
    assert [s.text for s in made["Held for me"].against] == ["Slot expires"]
    assert [s.text for s in made["Slot expires"].against] == ["Held for me"]
    assert (made["Slot expires"].place, made["Held for me"].place) == ("Slot page", "Check out"), (
        "the touchpoint that half speak of, else the stage"
    )


def test_where_nobody_was_delighted_pleasant_feelings_stand_against_a_pain(tmp_path: Path) -> None:
    with closing(full_study(tmp_path, codes=CODES, codings=without("Held for me"), P01=TALK, P02=REPLY)) as study:
        assert [s.text for s in found(study, at_least=1)["Slot expires"].against] == ["Glad"]


def test_against_a_theme_stand_the_feelings_that_fewer_have_in_the_same_breath(study: Study, tmp_path: Path) -> None:
    assert [s.text for s in found(study, at_least=1)["Trust"].against] == ["Glad"], "both were afraid, and one was glad"
    with closing(full_study(tmp_path / "alike", codes=CODES, codings=without("Glad"), P01=TALK, P02=REPLY)) as alike:
        assert found(alike, at_least=1)["Trust"].against == ()


def test_groups_are_counted_apart(study: Study) -> None:
    (groups,) = found(study, at_least=1, attributes=["customer"])["Held for me"].by_segment
    assert [(m.segment, m.estimate.numerator, m.estimate.n) for m in groups.measures] == [
        ("customer = new", 0, 1),
        ("customer = returning", 1, 1),
    ]


def test_before_anybody_is_heard_there_are_no_findings(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study")) as study:
        assert found(study, at_least=1) == {}
