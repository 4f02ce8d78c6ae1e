"""What is worth doing first: each opportunity has its dot and its name, and nothing covers anything."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.analysis import rank_opportunities
from workbench.charts import matrix_chart
from workbench.charts.theme import ACCENT, LINE_HEIGHT, SOFT, width_of
from workbench.model import Opportunity, OpportunityStatus


def judged(asked: str, customer: int = 4, business: int = 4, effort: int | None = 2, confidence: float = 0.5, **more: Any) -> Opportunity:
    return Opportunity(asked, asked, customer_value=customer, business_value=business, effort=effort, confidence=confidence, **more)


def ranked(*opportunities: Opportunity) -> pd.DataFrame:
    return rank_opportunities(opportunities)


def placed(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The dots and labels with their places, from the specification."""
    return next(rows for rows in matrix_chart(table).to_dict()["datasets"].values() if "label_x" in rows[0])


def test_each_estimated_opportunity_has_a_dot_and_its_name(draw: Callable[[Any], str]) -> None:
    svg = draw(matrix_chart(ranked(judged("hold the slot?", 5, 5, 2, 0.8), judged("ask first?", 4, 3, 3, 0.6))))
    assert len(marks_of(svg, "symbol")) == 2
    assert {"1 · hold the", "slot", "2 · ask first"} <= set(words_of(svg))


def test_expected_value_goes_up_and_effort_to_the_right() -> None:
    cheap, dear = placed(ranked(judged("cheap?", 1, 1, 1, 0.5), judged("dear?", 5, 5, 5, 1.0)))
    assert cheap["x"] < dear["x"]
    assert (round(cheap["y"]), dear["y"]) == (306, 0), "1 and 10 of 10, on 340 pixels"


def test_what_is_not_estimated_is_listed_with_what_it_lacks(draw: Callable[[Any], str]) -> None:
    svg = draw(matrix_chart(ranked(judged("hold it?"), judged("ask first?", effort=None))))
    assert len(marks_of(svg, "symbol")) == 1
    assert "Not estimated yet, and what is missing:" in words_of(svg)
    assert any("ask first: effort" in w for w in words_of(svg))


def test_a_ranking_without_estimates_is_a_list(draw: Callable[[Any], str]) -> None:
    svg = draw(matrix_chart(ranked(Opportunity("a", "ask first?"))))
    assert marks_of(svg, "symbol") == []
    assert "Nothing is estimated yet" in words_of(svg)


def test_no_opportunities_are_said_in_words(draw: Callable[[Any], str]) -> None:
    assert "No opportunities yet" in words_of(draw(matrix_chart(ranked())))


def test_what_is_done_is_grey_and_the_picture_says_so(draw: Callable[[Any], str]) -> None:
    svg = draw(matrix_chart(ranked(judged("done?", status=OpportunityStatus.SHIPPED), judged("open?", 1, 1))))
    assert {mark.get("fill") for mark in marks_of(svg, "symbol")} == {ACCENT, SOFT}
    assert any("grey: shipped or dropped" in w for w in words_of(svg))


def test_the_description_names_every_opportunity_with_its_numbers() -> None:
    said = matrix_chart(ranked(judged("hold it?", 5, 4, 2, 0.8), judged("ask first?", effort=None))).to_dict()["description"]
    assert "1. hold it: value 5 + 4 at 80 % confidence, effort 2, proposed" in said
    assert "ask first: effort" in said


def test_a_long_list_of_unestimated_ones_is_cut_and_counted(draw: Callable[[Any], str]) -> None:
    svg = draw(matrix_chart(ranked(*[Opportunity(str(i), f"ask {i}?") for i in range(20)])))
    assert any("and 8 more" in w for w in words_of(svg))


def test_hostile_names_are_only_words(draw: Callable[[Any], str]) -> None:
    draw(matrix_chart(ranked(judged(HOSTILE), Opportunity("b", HOSTILE))))


one_to_five = st.integers(1, 5)
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


@given(
    st.lists(
        st.builds(judged, names, one_to_five, one_to_five, one_to_five, st.sampled_from([0.1, 0.35, 0.5, 0.8, 1.0])),
        min_size=1,
        max_size=25,
    )
)
def test_no_name_covers_another_and_no_dot_but_one_at_its_own_place(many: list[Opportunity]) -> None:
    rows = placed(ranked(*many))
    for a, b in combinations(rows, 2):
        tall = LINE_HEIGHT * (a["label"].count("\n") + b["label"].count("\n") + 2) / 2
        beside = abs(a["label_x"] - b["label_x"]) >= max(width_of([a["label"]]), width_of([b["label"]]))
        assert beside or abs(a["label_y"] - b["label_y"]) >= tall
        same_place = (a["x"], a["y"]) == (b["x"], b["y"])
        assert same_place or abs(a["x"] - b["x"]) >= 13.9 or abs(a["y"] - b["y"]) >= 13.9
        assert not (a["label_x"] - 7 < b["x"] < a["label_x"] + width_of([a["label"]])), "no dot lies on a name"
