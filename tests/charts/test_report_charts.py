"""The charts of overview, code report and survey pulse: what they draw, what they say aloud, and what they do with nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import inf, nan
from typing import Any

import pandas as pd
import pytest

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.charts.answers import answers_chart
from workbench.charts.places import places_chart
from workbench.charts.saturation import saturation_chart
from workbench.charts.trend import trend_chart

SATURATION = pd.DataFrame(
    {"transcript": ["P01", "P02", "P03"], "n_new": [5, 2, 0], "n_seen": [5, 7, 7], "held": [date(2026, 9, 1), None, None]}
)
PLACES = pd.DataFrame({"transcript": ["P01", "P01", "P02"], "from_share": [0.1, 0.5, nan], "to_share": [0.1, 0.6, nan]})
TREND = pd.DataFrame(
    [("NPS", "7 Sep", 20.0, 5.0, 35.0, 40, "points", 30.0, "up"), ("NPS", "14 Sep", 25.0, 10.0, 40.0, 6, "points", 30.0, "up"),
     ("Easy", "7 Sep", 0.5, 0.4, 0.6, 90, "share", nan, ""), ("Easy", "14 Sep", 0.6, -inf, inf, 1, "share", nan, "")],
    columns=["measure", "period", "value", "low", "high", "n", "unit", "target", "note"],
)  # fmt: skip
ANSWERS = pd.DataFrame(
    [(q, scale, a, n, 10, n / 10, 2.0, 1.5, 2.5) for q, scale, ns in (("ease_of_use", "1 to 3", (2, 5, 3)), ("again", "0 to 1", (4, 6))) for a, n in enumerate(ns, start=int(scale[0]))],
    columns=["question", "scale", "answer", "n", "n_of", "share", "mean", "low", "high"],
)  # fmt: skip
EVERY = [(saturation_chart, SATURATION), (places_chart, PLACES), (trend_chart, TREND), (answers_chart, ANSWERS)]


def test_new_codes_are_bars_and_the_line_says_how_many_there_are(draw: Callable[[Any], str]) -> None:
    chart = saturation_chart(SATURATION)
    words = words_of(draw(chart))
    assert {"P01", "1 Sep", "P02", "P03"} <= set(words)
    assert words.count("7") == 3, "on the axis, where it grew, and at the end"
    assert "P02: 2 new, 7 so far" in chart.to_dict()["description"]


def test_each_interview_has_a_strip_with_its_passages_also_where_there_are_none(draw: Callable[[Any], str]) -> None:
    chart = places_chart(PLACES.assign(name=["P01, Mara", "P01, Mara", "P02, Joon"]))
    svg = draw(chart)
    assert len(marks_of(svg, "rect")) == 2
    assert {"P01, Mara", "2 passages", "P02, Joon", "none", "beginning", "end"} <= set(words_of(svg))
    assert "P01, Mara: 2 passages, at 10 %, 50 %; P02, Joon: none" in chart.to_dict()["description"]


def test_a_short_passage_is_wide_enough_to_be_seen(draw: Callable[[Any], str]) -> None:
    widths = [float(m.get("d").split("h")[1].split("v")[0]) for m in marks_of(draw(places_chart(PLACES)), "rect")]
    assert min(widths) > 3


def test_each_measure_has_a_panel_with_its_interval_and_target(draw: Callable[[Any], str]) -> None:
    chart = trend_chart(TREND)
    words = words_of(draw(chart))
    assert {"NPS", "up", "Easy", "7 Sep", "14 Sep", "Share (%)", "Points"} <= set(words)
    assert any("dashed: target" in w for w in words)
    said = chart.to_dict()["description"]
    assert "NPS: 7 Sep 20 (5 to 35) n 40" in said
    assert "14 Sep 60 % (no interval) only n 1" in said


def test_a_share_is_drawn_from_0_to_100() -> None:
    easy = trend_chart(TREND).to_dict()["concat"][1]
    assert {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in easy["layer"]} == {(0, 1)}


def test_every_answer_is_a_bar_and_each_scale_a_panel(draw: Callable[[Any], str]) -> None:
    chart = answers_chart(ANSWERS)
    svg = draw(chart)
    assert len(marks_of(svg, "rect")) == 5
    assert {"Scale 1 to 3", "Scale 0 to 1", "ease of use", "50 %", "mean 2.0 (1.5 to 2.5) · n 10"} <= set(words_of(svg))
    assert "ease_of_use, 1 to 3, mean 2.0 (1.5 to 2.5) · n 10: 1 20 %, 2 50 %, 3 30 %" in chart.to_dict()["description"]


@pytest.mark.parametrize(("chart", "table"), EVERY)
def test_nothing_and_little_are_still_a_chart(chart: Callable[..., Any], table: pd.DataFrame, draw: Callable[[Any], str]) -> None:
    assert any("yet" in w for w in words_of(draw(chart(table.iloc[:0]))))
    assert words_of(draw(chart(table.iloc[:1])))


@pytest.mark.parametrize(("chart", "table"), EVERY)
def test_names_are_words_never_markup(chart: Callable[..., Any], table: pd.DataFrame, draw: Callable[[Any], str]) -> None:
    hostile = table.assign(**{table.columns[0]: HOSTILE})
    assert any("</text" in w for w in words_of(draw(chart(hostile.iloc[:1]))))
