"""How the journey feels, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import pandas as pd
import pytest

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.charts import emotion_curve_chart, feelings_table
from workbench.charts.theme import NEG, POS, SOFT
from workbench.model import Estimate, Feeling, Journey, Stage

FEELINGS = pd.DataFrame(
    [("Discover", 0.6, 0.1, 1.0, 11), ("Check out", -1.3, -1.7, -0.8, 12), ("Receive", 0.0, -0.4, 0.4, 5)],
    columns=["stage", "mean", "low", "high", "n"],
)


def journey(**changes: Any) -> Journey:
    stages = [Stage("s1", "Discover"), Stage("s2", "Check out"), Stage("s3", "Check out")]
    feelings = [Feeling("s1", Estimate(0.6, 0.1, 1.0, 11, unit="valence")), Feeling("s2", None, hand_set=-1)]
    return Journey(**{"id": "j", "title": "First order", "stages": stages, "feelings": feelings, **changes})


def with_gap() -> pd.DataFrame:
    gap = FEELINGS.assign(hand_set=nan)
    gap.loc[1, ["mean", "low", "high", "n", "hand_set"]] = [nan, nan, nan, 0, -1.0]
    return gap


def test_the_table_has_a_row_for_every_stage_also_where_nobody_felt_anything() -> None:
    table = feelings_table(journey())
    assert list(table["stage"]) == ["Discover", "Check out", "Check out (2)"]
    assert table["mean"].tolist()[0] == 0.6
    assert table["mean"].isna().tolist() == [False, True, True]
    assert table["hand_set"].fillna(9).tolist() == [9, -1, 9]
    assert table["n"].tolist() == [11, 0, 0]


def test_several_journeys_make_a_series_each() -> None:
    table = feelings_table(journey(persona="Mara"), journey(segment="customer = new"), journey(), journey())
    assert list(dict.fromkeys(table["series"])) == ["Mara", "customer = new", "First order", "First order (2)"]


def test_each_stage_shows_its_mean_its_interval_and_its_n(draw: Callable[[Any], str]) -> None:
    svg = draw(emotion_curve_chart(FEELINGS))
    assert [m.get("fill") for m in marks_of(svg, "symbol")] == [POS, NEG, SOFT]
    assert len(marks_of(svg, "rule")) == 3
    words = words_of(svg)
    assert words[words.index("Check out") :][:3] == ["Check out", "−1.3", "n 12"]
    assert "only n 5" in words


def test_a_stage_whose_interval_holds_zero_is_neither_good_nor_bad(draw: Callable[[Any], str]) -> None:
    near = FEELINGS.assign(mean=[0.02, -0.02, 0.2], low=[-0.3, -0.3, 0.1], high=[0.3, 0.3, 0.3])
    assert [m.get("fill") for m in marks_of(draw(emotion_curve_chart(near)), "symbol")] == [SOFT, SOFT, POS]


def test_the_description_says_every_number() -> None:
    description = emotion_curve_chart(FEELINGS).to_dict()["description"]
    assert "Discover +0.6 (+0.1 to +1.0), n 11; Check out −1.3 (−1.7 to −0.8), n 12; Receive 0.0" in description


def test_a_stage_nobody_felt_is_a_gap_and_a_hand_set_value_is_hollow(draw: Callable[[Any], str]) -> None:
    svg = draw(emotion_curve_chart(with_gap()))
    symbols = marks_of(svg, "symbol")
    assert [s.get("fill") for s in symbols] == [POS, SOFT, None]
    lines = [line.get("d") for line in marks_of(svg, "line")]
    assert all("C" not in d and d.count("M") == 2 for d in lines), "two single points, no line between them"
    assert "no data" in words_of(svg)
    assert any("set by hand" in word for word in words_of(svg))


def test_series_are_told_apart_by_colour_and_shape(draw: Callable[[Any], str]) -> None:
    both = pd.concat([FEELINGS.assign(series="new"), FEELINGS.assign(series="returning", n=8)])
    svg = draw(emotion_curve_chart(both))
    symbols = marks_of(svg, "symbol")[-6:]
    assert len({(s.get("fill"), s.get("d")) for s in symbols}) == 2
    assert words_of(svg).count("returning") == 1, "one key for both"
    assert "n 11 · 8" in words_of(svg)


@pytest.mark.parametrize("n_rows", [0, 1])
def test_little_or_nothing_is_still_a_chart(n_rows: int, draw: Callable[[Any], str]) -> None:
    svg = draw(emotion_curve_chart(FEELINGS.head(n_rows)))
    assert ("No data yet" in words_of(svg)) == (n_rows == 0)


def test_names_are_words_never_markup(draw: Callable[[Any], str]) -> None:
    many = pd.DataFrame([(f"{i} {HOSTILE}", 0.1, 0.0, 0.2, 9) for i in range(12)], columns=FEELINGS.columns)
    words = words_of(draw(emotion_curve_chart(many)))
    assert sum("</text" in word for word in words) == 12


def test_only_what_is_drawn_leaves_the_table() -> None:
    spec = emotion_curve_chart(FEELINGS.assign(quote="You pay and you pray.")).to_dict()
    assert "pray" not in str(spec)
