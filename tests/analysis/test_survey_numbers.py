"""The numbers of the surveys: each is there once, with its error as a sentence, and none is called clear that may be chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from miniature import SETTINGS, empty_study, write, write_all

from workbench.analysis.survey_numbers import SurveyNumbers
from workbench.model import Opportunity, OpportunityStatus
from workbench.store.documents import save_document
from workbench.study import Study
from workbench.study.importing import import_files

MEASURES = """attributes = ["device"]

[[measure]]
name = "Satisfied"
kind = "csat"
stage = "check_out"
survey = "pulse"
question = "satisfied"
by = "device"

[[measure]]
name = "No such question"
kind = "nps"
survey = "pulse"
question = "gone"
"""
SHIPPED = date(2026, 9, 28)


def answers() -> str:
    """Ten a day: of phones one in five is satisfied, and four in five from 28 September on; of computers half."""
    rows = []
    for i in range(40):
        day = date(2026, 9, 7) + timedelta(days=i)
        good = 4 if day >= SHIPPED else 1
        rows += [f"R{i}p{k},,{day},phone,{5 if k < good else 2}" for k in range(5)]
        rows += [f"R{i}c{k},,{day},computer,{5 if (k + i) % 2 else 2}" for k in range(5)]
    return "id,participant,answered,device,satisfied\n" + "\n".join(rows) + "\n"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "study", SETTINGS + MEASURES)) as made:
        import_files(made, [p for p in write_all(tmp_path / "files") if p.stem == "people"] + [write(tmp_path, "pulse.csv", answers())])
        shipped = Opportunity(
            "", "hold the slot?", "check_out", status=OpportunityStatus.SHIPPED, shipped=SHIPPED, segment={"device": "phone"}
        )
        with made.db.atomic("ana", "ship") as transaction:
            save_document(transaction, shipped)
        yield made


def test_a_measure_that_cannot_be_computed_is_a_sentence_among_the_others(study: Study) -> None:
    (satisfied, _), (_, broken) = SurveyNumbers(study, ["pulse"]).computed
    assert satisfied.name == "Satisfied"
    assert 'nobody answered "gone"' in str(broken)
    assert len(SurveyNumbers(study, ["pulse"]).measured) == 1


def test_what_rises_is_found_and_what_does_not_is_not(study: Study) -> None:
    numbers = SurveyNumbers(study, ["pulse"])
    ((setting, trend),) = numbers.moved
    assert setting.name == "Satisfied"
    assert trend.value > 0
    assert len(numbers.trends[0][1]) == 6, "weeks"


def test_what_was_shipped_at_a_stage_is_shown_before_and_after_for_whom_it_was(study: Study) -> None:
    ((between, change),) = SurveyNumbers(study, ["pulse"]).changes
    assert between == "28 September 2026: hold the slot"
    assert (change.before.value, change.after.value, change.segment) == (0.2, 0.8, "device = phone")
    assert SurveyNumbers(study, ["pulse"]).clearest_change == change


def test_groups_that_hardly_differ_are_not_called_clear(study: Study) -> None:
    ((attribute, groups, contrast),) = SurveyNumbers(study, ["pulse"]).by_segment
    assert (attribute, [m.segment for m in groups]) == ("device", ["device = computer", "device = phone"])
    assert not contrast.clear
    assert contrast.difference.value == pytest.approx(abs(groups[0].estimate.value - groups[1].estimate.value))


def test_a_survey_that_nobody_answered_has_no_numbers(study: Study) -> None:
    numbers = SurveyNumbers(study, ["usability"])
    assert (numbers.measured, numbers.trends, numbers.changes, numbers.by_segment, numbers.clearest_change) == ([], [], [], [], None)
    assert replace(numbers, surveys=[]).computed == []
