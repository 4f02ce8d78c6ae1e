"""The page of the surveys: every number with its n, and a sentence for each that cannot be had."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from miniature import SETTINGS, empty_study, full_study, write_all

from tests.analysis.test_survey_numbers import study as surveyed
from workbench.errors import UnknownName
from workbench.model import Estimate
from workbench.reports.sections.pulse_page import PulseReport, _a_week, pulse_report
from workbench.study import Study
from workbench.study.importing import import_files

__all__ = ["surveyed"]


def report(study: Study, survey: str | None = None) -> PulseReport:
    return pulse_report(study, survey=survey)


def texts(block: Any) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in block.data["rows"]]


def test_the_headline_is_the_clearest_change(surveyed: Study) -> None:
    title = report(surveyed).summary().data["title"].replace("\N{NO-BREAK SPACE}", " ")
    assert title == "Satisfied, phone: 20 % before, 80 % after"
    first = report(surveyed).summary().data["findings"][0]
    assert "no control group" in first["detail"]


def test_every_measure_has_its_n_and_what_cannot_be_measured_a_sentence(surveyed: Study) -> None:
    made = report(surveyed)
    (row,) = made.measures().data["rows"]
    assert row[0]["text"] == "Satisfied"
    assert "n 400" in row[1]["note"]
    assert 'nobody answered "gone"' in made.problems().text


def test_over_time_by_segment_and_every_answer_are_there(surveyed: Study) -> None:
    made = report(surveyed)
    assert "Satisfied: 7 Sep" in made.trends().to_dict()["description"]
    assert texts(made.segments())[0][:2] == ["Satisfied", "device"]
    assert "satisfied, 2 to 5" not in made.distribution().to_dict()["description"], "the scale of a CSAT is 1 to 5"
    assert texts(made.responses())[0][:4] == ["pulse", "400", "7 Sep 2026", "16 Oct 2026"]
    assert made.unanswered() is None, "nobody left anything out"


def test_a_study_without_answers_says_what_to_do(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study")) as study:
        made = report(study)
        assert made.summary().data["title"] == "No survey answers yet"
        shown = [made.responses(), made.problems(), made.measures(), made.picture(), made.trends(), made.changes(), made.segments()]
        assert [*shown, made.distribution(), made.unanswered(), made.open_answers()] == [None] * 10
        assert made.method().text


def test_answers_without_measures_are_shown_all_the_same(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        made = report(study, "pulse")
        assert "Add [[measure]]" in made.measures().text
        assert "recommend, 6 to 10" in made.distribution().to_dict()["description"]


def test_answers_of_a_few_days_have_no_trend(tmp_path: Path) -> None:
    measure = '\n[[measure]]\nname = "NPS"\nkind = "nps"\nsurvey = "pulse"\nquestion = "recommend"\ntarget = 90.0\n'
    with closing(empty_study(tmp_path / "study", SETTINGS + measure)) as study:
        import_files(study, write_all(tmp_path / "files"))
        made = report(study)
        assert made.trends().data["title"] == "No trend yet"
        assert made.summary().data["title"].startswith("“NPS”")
        assert "few" in made.measures().data["rows"][0][1]["note"]


def test_an_unknown_survey_is_one_sentence(surveyed: Study) -> None:
    with pytest.raises(UnknownName, match='Did you mean "pulse"'):
        report(surveyed, "puls")


def test_a_fall_reads_as_one() -> None:
    falling = Estimate(-0.036, -0.067, -0.005, 300)
    assert _a_week(falling) == "3.6 points a week (0.5 to 6.7)"
    assert _a_week(falling, signed=True) == "−3.6 points a week (−6.7 to −0.5)"
