"""Times, trends and answers of a survey, against numbers counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from workbench.analysis.effects import trend_of
from workbench.analysis.survey_trend import (
    answer_distribution,
    changes_between,
    measure_over_time,
    periods_of,
    scales_of,
    trend_among,
    unanswered,
)
from workbench.model import Estimate, MeasureKind, MeasureSetting

EASY = MeasureSetting("Easy", MeasureKind.CSAT, "out", "pulse", ("easy",))


def days(*counts: int, first: date = date(2026, 3, 2), apart: int = 7) -> list[date]:
    return [first + timedelta(days=apart * i) for i, n in enumerate(counts) for _ in range(n)]


def sheets(**by_day: str) -> pd.DataFrame:
    """``d0302="455"`` is three answers on 2 March."""
    rows = [("pulse", pd.Timestamp(2026, int(d[1:3]), int(d[3:])), a) for d, answers in by_day.items() for a in answers]
    return pd.DataFrame(rows, columns=["survey", "answered", "easy"]).assign(respondent="r", participant="")


def test_answers_within_a_month_are_one_time() -> None:
    assert periods_of([]) == ()
    assert periods_of([date(2026, 3, 1), date(2026, 4, 1)]) == ()


def test_two_weeks_of_silence_part_two_waves() -> None:
    found = periods_of([date(2026, 3, 1), date(2026, 3, 10), date(2026, 6, 1), date(2026, 6, 3)])
    assert [(p.name, p.since, p.until) for p in found] == [
        ("Wave 1", date(2026, 3, 1), date(2026, 3, 11)),
        ("Wave 2", date(2026, 6, 1), date(2026, 6, 4)),
    ]


def test_a_survey_that_goes_on_is_cut_into_weeks_from_monday_and_long_ones_into_months() -> None:
    weeks = periods_of([date(2026, 3, 4) + timedelta(days=i) for i in range(40)])
    assert [p.since.weekday() for p in weeks] == [0] * 6
    assert weeks[0].name == "2 Mar"
    assert weeks[-1].until - weeks[0].since == timedelta(weeks=6)
    months = periods_of([date(2026, 1, 5) + timedelta(days=7 * i) for i in range(20)])
    assert [p.name for p in months] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "May 2026"]


def test_every_answer_lies_in_one_period() -> None:
    given = [date(2026, 1, 1) + timedelta(days=3 * i) for i in range(60)]
    assert all(sum(p.since <= day < p.until for p in periods_of(given)) == 1 for day in given)


def test_a_measure_has_a_value_for_each_time_with_answers() -> None:
    responses = sheets(d0302="45", d0309="11", d0330="5")
    found = measure_over_time(EASY, periods_of(list(responses["answered"].dt.date) + days(*[1] * 6)), responses=responses)
    assert [(p.name, e.value, e.n) for p, e in found] == [("2 Mar", 1.0, 2), ("9 Mar", 0.0, 2), ("30 Mar", 1.0, 1)]


def test_a_measure_keeps_to_its_own_time() -> None:
    responses = sheets(d0302="45", d0309="11", d0330="5")
    bound = MeasureSetting("Easy", MeasureKind.CSAT, "out", "pulse", ("easy",), since=datetime(2026, 3, 9, tzinfo=UTC))
    found = measure_over_time(bound, periods_of(days(*[1] * 6)), responses=responses)
    assert [p.name for p, _ in found] == ["9 Mar", "30 Mar"]


def test_one_of_several_trends_has_a_wider_interval() -> None:
    """Bonferroni for two: 2.2414 standard errors instead of 1.9600."""
    values = [(p, Estimate(0.4 + 0.05 * i, 0.3, 0.5, 80, numerator=32 + 4 * i)) for i, p in enumerate(periods_of(days(*[1] * 6)))]
    alone, among = trend_of([(p.since, e) for p, e in values]), trend_among(values, 2)
    assert alone is not None
    assert among is not None
    assert among.value == alone.value
    assert (among.high - among.low) / (alone.high - alone.low) == pytest.approx(2.241403 / 1.959964, rel=1e-5)


def test_measures_of_two_times_are_compared() -> None:
    moment = datetime(2026, 3, 15, tzinfo=UTC)
    common: dict[str, Any] = {"kind": MeasureKind.CSAT, "survey": "pulse", "questions": ("easy",)}
    settings = [
        MeasureSetting("before", until=moment, **common),
        MeasureSetting("after", since=moment, **common),
        MeasureSetting("all", **common),
    ]
    (change,) = changes_between(settings, responses=sheets(d0302="1155", d0330="5555"))
    assert (change.before.value, change.after.value, change.difference.value) == (0.5, 1.0, 0.5)
    assert change.name == "before → after"


def test_a_scale_is_known_from_its_measure_or_seen_in_its_answers() -> None:
    answers = pd.DataFrame(
        {"easy": ["4", "5", None], "stars": ["1", "2", "7"], "yes": ["0", "1", "1"], "words": ["1", "a", "b"], "age": ["20", "31", "77"]}
    )
    assert scales_of(answers, [EASY]) == {"easy": (1, 5), "stars": (1, 7)}


def test_every_point_of_a_scale_is_there_also_where_nobody_chose_it() -> None:
    answers = pd.DataFrame({"easy": ["4", "5", "5", "2", None]})
    found = answer_distribution(answers, {"easy": (1, 5)})
    assert found["n"].tolist() == [0, 1, 0, 1, 2]
    assert set(found["n_of"]) == {4}
    assert found["share"].sum() == pytest.approx(1)
    assert found["mean"].iloc[0] == 4.0
    assert found["low"].iloc[0] == pytest.approx(4 - 3.182446 * 1.4142136 / 2, rel=1e-5)


def test_who_left_a_question_out_is_counted_of_all_sheets() -> None:
    found = unanswered(pd.DataFrame({"a": ["1", None, " ", "2"], "b": ["1"] * 4})).set_index("question")
    assert found.loc["a", ["n_given", "n_missing", "n_of", "share"]].tolist() == [2, 2, 4, 0.5]
    assert found.loc["b", "n_missing"] == 0
