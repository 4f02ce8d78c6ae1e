"""An opportunity comes from what people said and is judged by people only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.intervals import estimate_mean, estimate_share
from workbench.analysis.opportunities import (
    LIFE_CYCLE,
    board,
    in_words,
    opportunity_score,
    opportunity_scores,
    propose_opportunities,
    rank_opportunities,
    segment_of,
    status_counts,
)
from workbench.errors import BadAnswers, BadSetting, UnknownName
from workbench.model import (
    Basis,
    Cell,
    Estimate,
    Feeling,
    Idea,
    Journey,
    Lane,
    LaneKind,
    Measured,
    Opportunity,
    OpportunityStatus,
    Quote,
    Stage,
    Statement,
)

QUOTE = Quote("c1", "P01", "P01", 0, 9, "It is gone")
SLOT = Statement("Slot expires", Basis.OBSERVED, (QUOTE,), "Slot expires", ("P01", "P02", "P03"), 12)
NARROW = Statement("A narrower window", Basis.INFERRED, (QUOTE,), "A narrower window", ("P04",), 12)
CARRIED = Statement("Carried in", Basis.OBSERVED, (QUOTE,), "Carried in", ("P05", "P06"), 12)
ORDERS = Measured("Orders", estimate_share(520, 1000, of="users"), "events", "device = phone, customer = new", target=0.8)
KINDS = (LaneKind.PAIN, LaneKind.NEED, LaneKind.DELIGHT, LaneKind.MEASURE, LaneKind.OPPORTUNITY)


def journey(**more: Any) -> Journey:
    """Two stages: a slot is lost and a target missed while paying; a narrower window is wanted on receiving."""
    cells = [
        Cell("pay", "pain point", (SLOT,)),
        Cell("pay", "measure", (Statement("Orders", Basis.MEASURED, (ORDERS,)),)),
        Cell("receive", "need", (NARROW,)),
    ]
    lanes = [Lane(kind, kind.value) for kind in KINDS]
    feelings = [Feeling("pay", Estimate(-1.2, -1.6, -0.8, 9, unit="valence"))]
    basics = {"stages": (Stage("pay", "Pay"), Stage("receive", "Receive")), "lanes": lanes, "cells": cells, "feelings": feelings}
    return Journey("j", "Grocery", **{**basics, **more})


def judged(
    id: str, customer: int | None = 4, business: int | None = 4, effort: int | None = 2, confidence: float | None = 0.5, **more: Any
) -> Opportunity:
    return Opportunity(id, f"do {id}?", customer_value=customer, business_value=business, effort=effort, confidence=confidence, **more)


def test_pains_missed_targets_and_unmet_needs_are_proposed_stage_by_stage() -> None:
    asked = [o.how_might_we for o in propose_opportunities(journey())]
    assert asked == [
        "spare people “Slot expires” at “Pay”?",
        "bring “Orders” (device = phone, customer = new) up to 80 %?",
        "meet the need “A narrower window” at “Receive”?",
    ]


def test_a_proposal_keeps_its_evidence_and_estimates_nothing() -> None:
    slot, orders, _ = propose_opportunities(journey())
    assert (slot.statement, slot.codes, slot.stage) == (SLOT, ("Slot expires",), "pay")
    assert (orders.measure, orders.segment) == ("Orders", {"device": "phone", "customer": "new"})
    assert orders.statement is not None
    assert orders.statement.evidence == (ORDERS,)
    assert {getattr(o, name) for o in (slot, orders) for name in ("customer_value", "business_value", "effort", "confidence")} == {None}


def test_a_need_is_a_gap_only_where_nobody_is_delighted() -> None:
    cells = [Cell("receive", "need", (NARROW,)), Cell("receive", "delight", (CARRIED,))]
    assert propose_opportunities(journey(cells=cells)) == ()


def test_a_measure_whose_interval_holds_its_target_is_no_gap() -> None:
    near = replace(ORDERS, target=0.53)
    fast = Measured("Time", Estimate(90, 80, 101, 20, unit="s"), "survey", target=60, lower_is_better=True)
    cells = [Cell("pay", "measure", (Statement("x", Basis.MEASURED, (near, fast)),))]
    assert [o.how_might_we for o in propose_opportunities(journey(cells=cells))] == ["bring “Time” down to 60 s?"]


def test_what_the_team_has_already_is_not_proposed_again() -> None:
    known = Opportunity("own", "hold it?", "pay", codes=("slot expires",), measure="Orders", segment={"device": "phone", "customer": "new"})
    left = propose_opportunities(journey(opportunities=(known,)))
    assert [o.stage for o in left] == ["receive"]


def test_proposals_that_were_taken_over_do_not_come_back() -> None:
    first = propose_opportunities(journey())
    assert len({o.id for o in first}) == 3
    assert propose_opportunities(journey(opportunities=[replace(o, how_might_we="reworded", codes=()) for o in first])) == ()


def test_what_was_taken_off_the_map_is_not_proposed() -> None:
    assert propose_opportunities(journey(cells=[Cell("pay", "pain point", (replace(SLOT, hidden=True),))])) == ()


def test_the_score_adds_what_satisfaction_lacks_of_importance() -> None:
    """Ulwick's rule by hand: 9.5 + (9.5 - 3.2); a need that is more than satisfied scores its importance."""

    def rated(x: float) -> Estimate:
        return Estimate(x, x - 0.5, x + 0.5, 200, unit="1 to 10")

    assert opportunity_score(rated(9.5), rated(3.2)).value == pytest.approx(15.8)
    assert opportunity_score(rated(6.0), rated(8.0)).value == 6.0


def test_the_interval_of_the_score_adds_both_intervals_as_squares() -> None:
    """2 x 0.5 from importance and 0.5 from satisfaction: the root of 1.25 to each side."""
    importance, satisfaction = (Estimate(x, x - 0.5, x + 0.5, 200, unit="0 to 10") for x in (8.0, 4.0))
    score = opportunity_score(importance, satisfaction)
    assert (score.low, score.high) == (pytest.approx(12 - 1.25**0.5), pytest.approx(12 + 1.25**0.5))


def test_means_are_stretched_to_ten_and_a_scale_must_be_named() -> None:
    mean = Estimate(4.0, 3.5, 4.5, 40, unit="1 to 5")
    assert opportunity_score(mean, estimate_share(30, 100)).value == pytest.approx(7.5 + 4.5)
    with pytest.raises(BadSetting, match="does not say its scale"):
        opportunity_score(estimate_mean([4, 5]), mean)


SHEETS = pd.DataFrame(
    {
        "need": ["speed"] * 5 + ["price"] * 5,
        "importance": ["5", "4", "5", "4", "2", "5", "1", "1", "2", ""],
        "satisfaction": ["1", "2", "4", "1", "5", "5", "4", "4", "1", "3"],
    }
)


def test_survey_answers_give_top_two_box_scores_by_need() -> None:
    """Speed: 4 of 5 important, 2 of 5 satisfied, 8 + 4.  Price: 1 of 4 and 3 of 4, so its importance alone; one left an answer out."""
    table = opportunity_scores(SHEETS, "importance", "satisfaction", by="need").set_index("need")
    assert list(table.index) == ["speed", "price"]
    assert table[["importance", "satisfaction", "score", "n", "n_missing"]].to_numpy().tolist() == [[8, 4, 12, 5, 0], [2.5, 7.5, 2.5, 4, 1]]
    assert (table["low"] < table["score"]).all()
    assert (table["score"] < table["high"]).all()


def test_answers_off_the_scale_and_unknown_columns_are_named() -> None:
    with pytest.raises(BadAnswers, match="importance"):
        opportunity_scores(SHEETS.replace("5", "9"), "importance", "satisfaction")
    with pytest.raises(UnknownName, match='no column of responses "import"'):
        opportunity_scores(SHEETS, "import", "satisfaction")


def test_a_need_that_nobody_answered_has_no_score() -> None:
    table = opportunity_scores(SHEETS.assign(importance=""), "importance", "satisfaction")
    assert (int(table["n"].iloc[0]), int(table["n_missing"].iloc[0]), bool(table["score"].isna().all())) == (0, 10, True)


def test_the_interval_of_the_score_holds_the_truth_as_often_as_it_says() -> None:
    """300 surveys of 60, two answers that go together; the truth is 8 + (8 - 4)."""
    random, held = np.random.default_rng(4), 0
    cells = np.array([(5, 5), (5, 1), (1, 5), (1, 1)])
    for _ in range(300):
        drawn = cells[random.choice(4, 60, p=[0.36, 0.44, 0.04, 0.16])]
        row = opportunity_scores(pd.DataFrame(drawn, columns=["i", "s"]), "i", "s").iloc[0]
        held += row["low"] <= 12 <= row["high"]
    assert 0.92 <= held / 300 <= 0.99


def test_value_times_confidence_over_effort_decides() -> None:
    table = rank_opportunities([judged("b", 3, 3, 3, 0.9), judged("a", 5, 5, 2, 0.8)])
    assert table[["rank", "id", "value_over_effort"]].to_numpy().tolist() == [[1, "a", 4.0], [2, "b", pytest.approx(1.8)]]


def test_what_nobody_estimated_ranks_after_and_is_not_filled_in() -> None:
    table = rank_opportunities([judged("open", effort=None, confidence=None), judged("poor", 1, 1, 5, 0.1)])
    last = table.iloc[1]
    assert (last["id"], last["missing"], bool(pd.isna(last["value_over_effort"]))) == ("open", "effort, confidence", True)
    assert last["why"].endswith("not estimated yet: effort, confidence.")


def test_reach_counts_people_who_said_it_and_severity_how_the_stage_feels() -> None:
    told = replace(SLOT, code="Hold it", said_by=("P03", "P09"))
    cells = [Cell("pay", "pain point", (SLOT,)), Cell("pay", "delight", (told,))]
    ranked = rank_opportunities([judged("a", stage="pay", codes=("Slot expires", "Hold it"))], journey(cells=cells)).iloc[0]
    assert (ranked["n"], ranked["n_of"], ranked["reach"]) == (3, 12, 0.25)
    assert (ranked["severity"], ranked["severity_of"], ranked["stage"]) == (-1.2, "mean valence of the stage", "Pay")


def test_on_a_map_of_some_people_only_they_are_counted() -> None:
    """The statement that an opportunity was taken up with is of everybody who was heard then."""
    theirs = replace(NARROW, said_by=("P03", "P04"), n_of=5)
    new = journey(cells=[Cell("receive", "need", (theirs,))], segment="customer = new", n_of=5)
    taken_up = judged("a", stage="pay", codes=("Slot expires",), statement=replace(SLOT, said_by=("P01", "P02")))
    attached = judged("b", stage="pay", statement=replace(SLOT, code="", said_by=("P01", "P03")))
    ranked = rank_opportunities([taken_up, attached], new).set_index("id")
    assert (ranked.loc["a", "n"], ranked.loc["b", "n"], ranked.loc["b", "n_of"]) == (0, 1, 5)
    assert rank_opportunities([taken_up], journey(cells=[]))["n"].tolist() == [2], "on the map of everyone it stays"


def test_where_no_feeling_was_coded_satisfaction_says_how_severe_it_is() -> None:
    csat = Measured("Satisfied with it", estimate_share(30, 50), "survey")
    cells = [Cell("receive", "measure", (Statement("x", Basis.MEASURED, (csat,)),))]
    ranked = rank_opportunities([judged("a", stage="receive")], journey(cells=cells)).iloc[0]
    assert (ranked["severity"], ranked["severity_of"]) == (0.6, "Satisfied with it")


def test_every_row_says_why_in_one_sentence() -> None:
    asked = {"importance": estimate_share(90, 100), "satisfaction": estimate_share(30, 100)}
    ideas = (Idea("x", votes=2, voted_by=("ana",)),)
    table = rank_opportunities([judged("a", stage="pay", codes=("Slot expires",), ideas=ideas, **asked)], journey())
    assert table["why"].iloc[0] == (
        "3 of 12 participants said it; mean valence of the stage −1.2 (−1.6 to −0.8); opportunity score 15.0 (13.2 to 16.2) of 20; "
        "value 4 + 4 at 50 % confidence over effort 2 makes 2.0."
    )
    assert table["votes"].iloc[0] == 3


def test_no_opportunities_give_a_table_without_rows() -> None:
    assert list(rank_opportunities([]).columns) == list(rank_opportunities([judged("a")]).columns)


maybe = st.none() | st.integers(1, 5)


@given(st.lists(st.tuples(maybe, maybe, maybe, st.none() | st.floats(0, 1))))
def test_complete_rows_come_first_and_none_is_lost(values: list[Any]) -> None:
    table = rank_opportunities([judged(str(i), *v) for i, v in enumerate(values)])
    complete = (table["missing"] == "").tolist()
    assert complete == sorted(complete, reverse=True)
    assert sorted(table["rank"]) == list(range(1, len(values) + 1))
    assert table["value_over_effort"].notna().tolist() == complete


def test_the_board_shows_every_step_of_a_life_in_order_and_each_by_rank() -> None:
    given = [judged("weak", 1, 1), judged("strong", 5, 5), judged("done", status=OpportunityStatus.SHIPPED)]
    columns = board(given)
    assert list(columns) == list(LIFE_CYCLE) == list(OpportunityStatus)
    assert [o.id for o in columns[OpportunityStatus.PROPOSED]] == ["strong", "weak"]
    assert list(status_counts(given).values()) == [2, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("estimate", "change", "words"),
    [
        (Estimate(0.52, 0.48, 0.56, 9), False, "52 % (48 to 56)"),
        (Estimate(-0.021, -0.04, 0.004, 9), True, "−2.1 percentage points (−4.0 to +0.4)"),
        (Estimate(-1.26, -1.6, -0.8, 9, unit="valence"), False, "−1.3 (−1.6 to −0.8)"),
        (Estimate(310, 280, 342, 9, unit="s"), False, "310 s (280 to 342)"),
        (Estimate(4.0, -np.inf, np.inf, 1, unit="points"), False, "4.0 (no interval)"),
    ],
)
def test_numbers_are_written_with_their_interval(estimate: Estimate, change: bool, words: str) -> None:
    assert in_words(estimate, change=change) == words


def test_a_segment_is_read_from_its_words() -> None:
    assert segment_of(replace(ORDERS, segment="task = search, compare, device = phone")) == {"task": "search, compare", "device": "phone"}
    assert segment_of(replace(ORDERS, segment="")) == {}
