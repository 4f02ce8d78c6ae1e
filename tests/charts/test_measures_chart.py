"""The numbers of a journey, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pandas as pd
import pytest

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.charts import measures_chart, measures_table
from workbench.model import Basis, Cell, Estimate, Journey, Lane, LaneKind, Measured, Stage, Statement

PAID = Measured("Paid", Estimate(0.52, 0.48, 0.56, 568, of="users"), "events", segment="device = phone", target=0.8)
CSAT = Measured("CSAT", Estimate(0.81, 0.73, 0.87, 118), "survey grocery")
NPS = Measured("NPS", Estimate(21, 9, 33, 143, unit="points"), "survey grocery", target=30)
TIME = Measured("Time to pay", Estimate(310, 280, 342, 6, unit="s"), "survey usability")


def journey(*measured: Measured) -> Journey:
    stages = [Stage("out", "Check out"), Stage("in", "Receive")]
    cells = [
        Cell("in", "Measured", [Statement(m.name, Basis.MEASURED, [m]) for m in measured[1:]]),
        Cell("out", "Measured", [Statement(m.name, Basis.MEASURED, [m]) for m in measured[:1]]),
        Cell("in", "Pain points", [Statement("slow", evidence=[CSAT])]),
    ]
    lanes = [Lane(LaneKind.MEASURE, "Measured"), Lane(LaneKind.PAIN, "Pain points")]
    return Journey("j", "First order", stages, lanes, cells)


def test_the_table_holds_the_measure_lanes_in_the_order_of_the_stages() -> None:
    table = measures_table(journey(PAID, CSAT, NPS))
    assert list(zip(table["stage"], table["measure"], strict=True)) == [("Check out", "Paid"), ("Receive", "CSAT"), ("Receive", "NPS")]
    first = table.iloc[0]
    assert (first["segment"], first["value"], first["n"], first["of"], first["target"]) == ("device = phone", 0.52, 568, "users", 0.8)
    assert table["target"].isna().tolist() == [False, True, False]


def test_shares_share_an_axis_and_others_have_their_own_unit(draw: Callable[[Any], str]) -> None:
    words = words_of(draw(measures_chart(journey(PAID, CSAT, NPS, TIME))))
    assert [w for w in words if w in ("Share (%)", "Points", "Seconds")] == ["Share (%)", "Points", "Seconds"]
    assert {"52 % (48 to 56) · n 568", "21 (9 to 33) · n 143", "310 s (280 to 342) · only n 6"} <= set(words)


def test_each_measure_has_its_interval_and_where_wished_its_target(draw: Callable[[Any], str]) -> None:
    svg = draw(measures_chart(journey(PAID, CSAT, NPS)))
    assert len(marks_of(svg, "rule")) == 3
    assert len(marks_of(svg, "rect")) == 2, "a tick for each target"
    assert any("target" in w for w in words_of(svg))


def test_the_target_is_not_mentioned_where_there_is_none(draw: Callable[[Any], str]) -> None:
    assert not any("target" in w for w in words_of(draw(measures_chart(journey(CSAT)))))


def test_a_narrow_interval_is_not_blown_up() -> None:
    """A score of 0 to 100 is drawn on 0 to 100, one that can be negative from −100."""
    sus = Measured("SUS", Estimate(68, 66, 70, 40, unit="points"), "survey")
    npm = Measured("NPS", Estimate(21, -9, 33, 143, unit="points"), "survey")
    domains = [p["layer"][1]["encoding"]["x"]["scale"]["domain"] for p in measures_chart(journey(sus, npm)).to_dict()["vconcat"]]
    assert domains == [[0, 100], [-100, 100]]


def test_a_number_without_interval_says_so(draw: Callable[[Any], str]) -> None:
    """One end of infinity would be drawn as a line to zero."""
    lone = Measured("Time", Estimate(30, 5, inf, 1, unit="s"), "survey")
    svg = draw(measures_chart(journey(lone)))
    assert "30 s (no interval) · only n 1" in words_of(svg)
    assert marks_of(svg, "rule") == []


def test_the_description_says_every_number() -> None:
    description = measures_chart(journey(PAID, NPS)).to_dict()["description"]
    assert (
        "Check out: Paid, device = phone 52 % (48 to 56) · n 568, target 80 %; Receive: NPS 21 (9 to 33) · n 143, target 30." in description
    )


def test_a_stage_is_named_once_and_the_same_measure_may_come_again(draw: Callable[[Any], str]) -> None:
    words = words_of(draw(measures_chart(journey(PAID, CSAT, CSAT, CSAT))))
    assert words.count("Receive") == 1
    assert words.count("CSAT") == 3


@pytest.mark.parametrize("measured", [(), (CSAT,)])
def test_little_or_nothing_is_still_a_chart(measured: tuple[Measured, ...], draw: Callable[[Any], str]) -> None:
    svg = draw(measures_chart(journey(*measured)))
    assert ("No data yet" in words_of(svg)) == (not measured)


def test_names_are_words_never_markup_and_wrap(draw: Callable[[Any], str]) -> None:
    hostile = pd.DataFrame(measures_table(journey(PAID, NPS))).assign(stage=HOSTILE, measure=HOSTILE * 3, segment="", source=HOSTILE)
    words = words_of(draw(measures_chart(hostile)))
    assert sum("</text" in word for word in words) >= 2
    assert max(map(len, words)) < 60
