"""How many go on from step to step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

import pandas as pd
import pytest

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.charts import funnel_chart
from workbench.charts.theme import ACCENT, LINE


def funnel(steps: Sequence[str] = ("search", "cart", "pay"), n: Sequence[int] = (1000, 640, 320)) -> pd.DataFrame:
    table = pd.DataFrame({"step": list(steps), "n": n})
    table["share_of_first"] = table["n"] / n[0] if n[0] else nan
    table["share_of_previous"] = table["n"] / table["n"].shift().replace(0, nan)
    return table.assign(
        low=table["share_of_previous"] - 0.04, high=table["share_of_previous"] + 0.04, median_s=[nan, 42.0, 310.0][: len(n)]
    )


def test_each_step_shows_users_conversion_with_interval_and_time(draw: Callable[[Any], str]) -> None:
    svg = draw(funnel_chart(funnel()))
    assert {"1,000", "640 · 64 % (60 to 68) · 42 s", "320 · 50 % (46 to 54) · 5:10 min"} <= set(words_of(svg))
    assert len(marks_of(svg, "rule")) == 2


def test_a_bar_is_as_long_as_the_share_that_is_left_over_the_step_before(draw: Callable[[Any], str]) -> None:
    bars = marks_of(draw(funnel_chart(funnel())), "rect")
    widths = {fill: [float(bar.get("d").split("h")[1].split("v")[0]) for bar in bars if bar.get("fill") == fill] for fill in (ACCENT, LINE)}
    assert [w / widths[ACCENT][0] for w in widths[ACCENT]] == pytest.approx([1, 0.64, 0.32])
    assert widths[LINE] == pytest.approx(widths[ACCENT][:2])


def test_groups_stand_side_by_side_on_one_scale(draw: Callable[[Any], str]) -> None:
    both = pd.concat([funnel().assign(device="phone"), funnel(n=(100, 90, 80)).assign(device="computer")])
    words = words_of(draw(funnel_chart(both[["device", *funnel().columns]])))
    assert {"phone", "computer", "80 · 89 % (85 to 93) · 5:10 min"} <= set(words)
    assert words.count("cart") == 1


def test_the_picture_says_what_was_counted() -> None:
    table = funnel()
    table.attrs["counted"] = "each user's first search, later steps within 1 day"
    spec = funnel_chart(table).to_dict()
    assert spec["title"]["subtitle"][-1] == "Each user's first search, later steps within 1 day"
    assert "each user's first search" in spec["description"]
    assert "pay 320 · 50 % (46 to 54) · 5:10 min" in spec["description"]


def test_a_step_that_comes_twice_is_two_steps(draw: Callable[[Any], str]) -> None:
    words = words_of(draw(funnel_chart(funnel(("search", "cart", "search")))))
    assert {"search", "search (2)"} <= set(words)


@pytest.mark.parametrize("n_rows", [0, 1])
def test_little_or_nothing_is_still_a_chart(n_rows: int, draw: Callable[[Any], str]) -> None:
    svg = draw(funnel_chart(funnel().head(n_rows)))
    assert ("No data yet" in words_of(svg)) == (n_rows == 0)


def test_no_users_at_all_are_zeros(draw: Callable[[Any], str]) -> None:
    assert words_of(draw(funnel_chart(funnel(n=(0, 0, 0)).assign(median_s=nan)))).count("0") >= 3


def test_names_are_words_never_markup_and_wrap(draw: Callable[[Any], str]) -> None:
    table = funnel((HOSTILE * 4, HOSTILE, "pay")).assign(who=HOSTILE)
    words = words_of(draw(funnel_chart(table[["who", *funnel().columns]])))
    assert sum("</text" in word for word in words) == 3
    assert max(len(w) for w in words if "text" in w) < 40


def test_only_what_is_drawn_leaves_the_table() -> None:
    assert "pray" not in str(funnel_chart(funnel().assign(quote="You pay and you pray.")).to_dict())
