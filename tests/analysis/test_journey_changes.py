"""A rebuilt map holds what people wrote and what the data say now; a comparison names real changes only."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.journey_changes import change_sentences, compare_journeys
from workbench.analysis.journey_rebuilding import rebuild_journey, written_part
from workbench.analysis.statement_ids import statement_key, with_ids
from workbench.model import (
    Basis,
    Cell,
    Estimate,
    Feeling,
    Journey,
    JourneyKind,
    Lane,
    LaneKind,
    Measured,
    MomentOfTruth,
    Opportunity,
    OpportunityStatus,
    Quote,
    Stage,
    Statement,
    Step,
    Transition,
)

PAINS, NEEDS, MEASURED, OWN = "Pain points", "Needs", "Measured", "Our bets"
LANES = (Lane(LaneKind.NEED, NEEDS), Lane(LaneKind.PAIN, PAINS), Lane(LaneKind.MEASURE, MEASURED))
PEOPLE = tuple(f"P{i:02}" for i in range(1, 16))


def quotes(code: str, *people: str) -> tuple[Quote, ...]:
    return tuple(Quote(f"{code} {p}", p, p, 10 * len(code), 10 * len(code) + 5, "words", coders=("ana",)) for p in people)


def said(code: str, n: int, n_of: int = 12, **more: Any) -> Statement:
    people = PEOPLE[:n]
    return Statement(more.pop("text", code), Basis.OBSERVED, quotes(code, *people), code, people, n_of, **more)


def conversion(value: float, low: float, high: float, n: int = 100) -> Statement:
    return Statement("Paid", Basis.MEASURED, (Measured("Paid", Estimate(value, low, high, n, of="users"), "events"),))


def valence(value: float, low: float, high: float, n: int = 8) -> Estimate:
    return Estimate(value, low, high, n, unit="valence", of="participants")


def a_map(*cells: Cell, **more: Any) -> Journey:
    stages = (Stage("search", "Search", n=12, n_of=12), Stage("pay", "Pay", n=12, n_of=12))
    return Journey("", "Grocery", **{"stages": stages, "lanes": LANES, "cells": cells, "n_of": 12, **more})


def pains(*statements: Statement, **more: Any) -> Journey:
    return a_map(Cell("pay", PAINS, statements), **more)


def only_row(before: Journey, after: Journey) -> dict[str, Any]:
    (row,) = compare_journeys(before, after).to_dict("records")
    return row


# names


def test_a_statement_is_named_by_its_place_and_its_code() -> None:
    named = with_ids(pains(said("Slot gone", 3), Statement("Our guess", asserted_by="ana")))
    assert [s.id for s in named.cells[0].statements] == ["pay/Pain points/Slot gone", "pay/Pain points/Our guess"]
    assert statement_key(Statement("x", id="mine"), "pay", PAINS) == "mine"


def test_ids_differ_even_where_codes_share_a_name_and_those_that_are_there_stay() -> None:
    twins = pains(said("Slot", 3, text="Time / Slot"), said("Slot", 2, text="Trust / Slot"), Statement("a", id="x"), Statement("b", id="x"))
    named = with_ids(twins)
    assert [s.id for s in named.cells[0].statements] == ["pay/Pain points/Time / Slot", "pay/Pain points/Trust / Slot", "x", "x (2)"]
    assert with_ids(named) == named


# rebuilding


def test_a_reworded_statement_keeps_its_words_and_takes_the_new_evidence() -> None:
    edited = pains(replace(said("Slot gone", 8), text="Nobody keeps my slot", reworded_by="ana", rank=1))
    (slot,) = rebuild_journey(edited, pains(said("Slot gone", 11, 15))).cells[0].statements
    assert (slot.text, slot.reworded_by, slot.rank) == ("Nobody keeps my slot", "ana", 1)
    assert (slot.n, slot.n_of, len(slot.quotes)) == (11, 15, 11)


def test_what_the_data_no_longer_say_goes_unless_a_person_touched_it() -> None:
    edited = pains(said("Gone", 3), said("Hidden", 3, hidden=True), said("Ranked", 2, rank=2), said("Mine", 2, reworded_by="ana"))
    kept = rebuild_journey(edited, a_map()).cell("pay", PAINS).statements
    assert [s.code for s in kept] == ["Hidden", "Ranked", "Mine"]
    assert all(s.assumed and s.basis == Basis.ASSUMED and not s.said_by for s in kept)


def test_a_draft_is_completed_by_the_data() -> None:
    """A hypothesis that is somebody's word only becomes a statement of participants when they say it."""
    draft = pains(
        Statement("Slot gone", Basis.ASSUMED, code="Slot gone", asserted_by="a starter"), Statement("Untold", asserted_by="a starter")
    )
    slot, untold = rebuild_journey(draft, pains(said("Slot gone", 5))).cell("pay", PAINS).statements
    assert (slot.n, slot.basis, slot.assumed) == (5, Basis.OBSERVED, False)
    assert untold.assumed


def test_a_code_that_was_renamed_is_found_by_its_evidence() -> None:
    edited = with_ids(pains(said("Slot gone", 4, text="Nobody keeps my slot", reworded_by="ana")))
    renamed = replace(said("Slot gone", 6), code="Slot lost", text="Slot lost")
    (slot,) = rebuild_journey(edited, pains(renamed)).cells[0].statements
    assert (slot.text, slot.code, slot.n) == ("Nobody keeps my slot", "Slot lost", 6)


def test_a_statement_stays_where_somebody_moved_it() -> None:
    moved = replace(
        with_ids(pains(said("Slot gone", 4))), cells=(Cell("search", NEEDS, with_ids(pains(said("Slot gone", 4))).cells[0].statements),)
    )
    rebuilt = rebuild_journey(moved, pains(said("Slot gone", 5)))
    assert [(c.stage, c.lane, c.statements[0].n) for c in rebuilt.cells] == [("search", NEEDS, 5)]


def test_a_lane_that_was_renamed_keeps_its_name_and_its_place() -> None:
    lanes = (Lane(LaneKind.PAIN, "Frustrations", "our word"), *LANES[::2], Lane(LaneKind.CUSTOM, OWN))
    rebuilt = rebuild_journey(a_map(Cell("pay", "Frustrations", (said("Slot gone", 2),)), lanes=lanes), pains(said("Slot gone", 3)))
    assert [lane.name for lane in rebuilt.lanes] == ["Frustrations", NEEDS, MEASURED, OWN]
    assert rebuilt.cell("pay", "Frustrations").statements[0].n == 3


def test_a_persons_own_statement_keeps_the_evidence_that_is_still_there() -> None:
    """A quote that was taken back must not live on because somebody pinned it to a card."""
    own = Statement("They give up", evidence=quotes("Slot gone", "P01", "P09"), asserted_by="ana", said_by=("P01", "P09"), n_of=12)
    kept = rebuild_journey(a_map(Cell("pay", NEEDS, (own,))), pains(said("Slot gone", 3))).cell("pay", NEEDS).statements[0]
    assert [q.participant for q in kept.quotes] == ["P01"]
    assert kept.said_by == ("P01",)


def test_own_stages_steps_feelings_and_notes_stay_in_their_order() -> None:
    before = a_map(
        stages=(Stage("search", "Look around", problem="Too much choice"), Stage("own", "Ours"), Stage("pay", "Pay", opens="J2")),
        steps=(Step("1", "own", "Ring", touchpoint="Bell"),),
        feelings=(Feeling("pay", valence(-1, -2, 0), hand_set=-2),),
        transitions=(Transition("search", "pay", quality="rough"),),
        kind=JourneyKind.BLUEPRINT, goals=("Learn",), scope="Halden",
    )  # fmt: skip
    built = a_map(stages=(*a_map().stages, Stage("use", "Use", n_of=12)), feelings=(Feeling("pay", valence(1, 0, 2)),))
    rebuilt = rebuild_journey(before, built)
    assert [(s.id, s.name, s.problem, s.opens, s.n) for s in rebuilt.stages] == [
        ("search", "Look around", "Too much choice", "", 12), ("own", "Ours", "", "", 0), ("pay", "Pay", "", "J2", 12), ("use", "Use", "", "", 0),
    ]  # fmt: skip
    assert rebuilt.feeling("pay") == Feeling("pay", valence(1, 0, 2), hand_set=-2)
    assert [f.stage for f in rebuilt.feelings] == ["search", "own", "pay", "use"]
    assert (rebuilt.steps, rebuilt.transitions) == (before.steps, before.transitions)
    assert (rebuilt.kind, rebuilt.goals, rebuilt.scope) == (JourneyKind.BLUEPRINT, ("Learn",), "Halden")


REASON = "8 of 12 said it, and Pay feels −1.1."


def test_the_critical_moment_is_the_one_that_the_team_chose() -> None:
    before = pains(
        said("A", 8), said("B", 3), moments=(MomentOfTruth("pay", "A", REASON), MomentOfTruth("pay", "B", "we saw it", critical=True))
    )
    built = pains(
        said("A", 9),
        said("C", 9),
        moments=(MomentOfTruth("pay", "A", "9 of 12 said it, and", critical=True), MomentOfTruth("pay", "C", REASON)),
    )
    moments = rebuild_journey(before, built).moments
    assert [(m.statement, m.reason, m.critical) for m in moments] == [
        ("A", "9 of 12 said it, and", False),
        ("B", "we saw it", True),
        ("C", REASON, False),
    ]


def test_a_moment_follows_the_words_of_its_statement() -> None:
    before = with_ids(pains(said("A", 8, text="Nobody keeps my slot", reworded_by="ana")))
    (moment,) = rebuild_journey(before, pains(said("A", 9), moments=(MomentOfTruth("pay", "A", REASON, critical=True),))).moments
    assert (moment.statement, moment.critical) == ("Nobody keeps my slot", True)


def test_an_opportunity_keeps_what_was_judged_on_the_map_and_moves_on_with_the_studys_record() -> None:
    before = a_map(opportunities=(Opportunity("1", "hold it", customer_value=5), Opportunity("2", "only here")))
    built = a_map(opportunities=(Opportunity("1", "hold it", effort=2, status=OpportunityStatus.SHIPPED), Opportunity("3", "new")))
    first, *others = rebuild_journey(before, built).opportunities
    assert (first.customer_value, first.effort, first.status) == (5, 2, OpportunityStatus.SHIPPED)
    assert [o.id for o in others] == ["2", "3"]


# any map

CODES = ("Slot gone", "Fee", "Wait")
STAGES = ("search", "pay", "use")


@st.composite
def data_maps(draw: st.DrawFn) -> Journey:
    """A map as the data give it: some stages, in each lane some codes."""
    stages = draw(st.lists(st.sampled_from(STAGES), min_size=1, unique=True))
    cells, moments = [], []
    for stage in stages:
        for lane in (PAINS, NEEDS):
            codes = draw(st.lists(st.sampled_from(CODES), unique=True))
            names = [f"{code} in {lane} {stage}" for code in codes]
            statements = [replace(said(n, draw(st.integers(1, 12))), code=c, text=c) for n, c in zip(names, codes, strict=True)]
            cells += [Cell(stage, lane, tuple(statements))] if statements else []
            moments += [MomentOfTruth(stage, c, REASON) for c in codes if lane == PAINS and draw(st.booleans())]
    moments = [replace(m, critical=i == 0) for i, m in enumerate(moments)]
    feelings = [Feeling(s, draw(st.sampled_from([None, valence(-1, -2, 0), valence(1, 0.5, 2)]))) for s in stages]
    return a_map(*cells, stages=tuple(Stage(s, s, n_of=12) for s in stages), moments=tuple(moments), feelings=tuple(feelings))


WORDS = st.sampled_from(["ours", "Fee", "Slot gone", "☂ mine"])


@st.composite
def edited_maps(draw: st.DrawFn) -> Journey:
    """Such a map after people worked on it; not always one whose statements were named first."""
    journey = draw(data_maps())
    journey = with_ids(journey) if draw(st.booleans()) else journey

    def edited(s: Statement) -> Statement:
        changes: list[dict[str, Any]] = [{}, {"hidden": True}, {"rank": 1}, {"note": "hm"}, {"text": draw(WORDS), "reworded_by": "ana"}]
        return replace(s, **draw(st.sampled_from(changes)))

    cells = [replace(c, statements=tuple(map(edited, c.statements))) for c in journey.cells]
    own = [Cell(s.id, OWN, (Statement(draw(WORDS), Basis.ASSUMED, asserted_by="ana"),)) for s in journey.stages if draw(st.booleans())]
    stages = [replace(s, problem=draw(st.sampled_from(["", "Why?"]))) for s in draw(st.permutations(journey.stages))]
    stages += [Stage("ours", "Ours")] if draw(st.booleans()) else []
    moments = [replace(m, critical=False) for m in journey.moments]
    moments += [MomentOfTruth(stages[0].id, draw(WORDS), draw(st.sampled_from(["", "seen", REASON])), critical=draw(st.booleans()))]
    return replace(
        journey, cells=(*cells, *own), lanes=(*journey.lanes, Lane(LaneKind.CUSTOM, OWN)), stages=tuple(stages), moments=tuple(moments),
        feelings=tuple(replace(f, hand_set=draw(st.sampled_from([None, -2.0, 0.0]))) for f in journey.feelings),
        steps=tuple(Step(str(i), s.id, "Ring") for i, s in enumerate(stages) if draw(st.booleans())),
        transitions=tuple(Transition(a.id, b.id, quality="rough") for a, b in pairwise(stages)),
    )  # fmt: skip


def written(journey: Journey) -> set[Any]:
    """Everything on a map that a person wrote or did."""
    found: set[Any] = set()
    for cell in journey.cells:
        for s in cell.statements:
            found |= {("words", cell.lane, s.text, s.asserted_by, s.reworded_by)} if s.asserted_by or s.reworded_by else set()
            found |= {("mark", cell.stage, cell.lane, s.code, s.hidden, s.rank, s.note)} if s.hidden or s.rank or s.note else set()
    found |= {("problem", s.id, s.problem) for s in journey.stages if s.problem}
    found |= {("by hand", f.stage, f.hand_set) for f in journey.feelings if f.hand_set is not None}
    found |= {("step", s) for s in journey.steps} | {("way", t.from_stage, t.to_stage, t.quality) for t in journey.transitions}
    found |= {("lane", lane) for lane in journey.lanes if lane.kind == LaneKind.CUSTOM}
    return found | {("critical", m.stage) for m in journey.moments if m.critical}


@given(edited_maps(), data_maps())
def test_nothing_that_a_person_wrote_is_ever_lost(before: Journey, built: Journey) -> None:
    assert written(before) <= written(rebuild_journey(before, built))


@given(edited_maps(), data_maps())
def test_everything_that_the_data_say_is_there(before: Journey, built: Journey) -> None:
    def evidence(journey: Journey) -> dict[str, list[str]]:
        return {q.coding: list(s.said_by) for c in journey.cells for s in c.statements for q in s.quotes}

    rebuilt = rebuild_journey(before, built)
    assert evidence(rebuilt) == evidence(built)
    assert {f.stage: f.estimate for f in rebuilt.feelings if f.estimate} == {f.stage: f.estimate for f in built.feelings if f.estimate}


@given(edited_maps(), data_maps())
def test_rebuilding_twice_is_rebuilding_once(before: Journey, built: Journey) -> None:
    once = rebuild_journey(before, built)
    assert rebuild_journey(once, built) == once
    assert compare_journeys(once, rebuild_journey(once, built)).empty


@given(edited_maps())
def test_a_map_does_not_differ_from_itself(journey: Journey) -> None:
    assert compare_journeys(journey, journey).empty


@given(data_maps(), data_maps())
def test_what_came_one_way_went_the_other(a: Journey, b: Journey) -> None:
    there, back = compare_journeys(a, b), compare_journeys(b, a)
    keys = ["what", "stage", "lane", "text"]
    assert sorted(map(tuple, there.loc[there["change"] == "came", keys].to_numpy())) == sorted(
        map(tuple, back.loc[back["change"] == "went", keys].to_numpy())
    )
    assert len(there) == len(back)


# comparing


def test_a_count_is_told_with_the_quotes_that_are_the_reason() -> None:
    row = only_row(pains(said("Slot gone", 8)), pains(said("Slot gone", 11, 15)))
    assert (row["before"], row["after"], row["because"]) == ("8 of 12", "11 of 15", "3 new quotes from P09, P10, P11")
    assert row["clear"] is False
    assert only_row(pains(said("A", 2), said("B", 8)), pains(said("A", 2)))["because"] == "8 quotes gone"


def test_more_people_alone_are_no_change_unless_the_share_is_clearly_another() -> None:
    assert compare_journeys(pains(said("A", 8)), pains(said("A", 8, 13))).empty
    row = only_row(pains(said("A", 8)), pains(said("A", 8, 60)))
    assert (row["clear"], row["because"]) == (True, "48 more could have said it")


def test_a_passage_that_another_coder_marked_a_little_otherwise_is_the_same_quote() -> None:
    (quote,) = quotes("A", "P01")
    other = replace(quote, coding="another", start=quote.start + 1, coders=("ana", "ben"))
    assert compare_journeys(pains(said("A", 1)), pains(replace(said("A", 1), evidence=(other,)))).empty


def test_what_somebody_did_is_told_with_who_did_it() -> None:
    old = with_ids(pains(said("A", 3)))
    (s,) = old.cells[0].statements
    assert only_row(old, pains(replace(s, text="Mine", reworded_by="ana")))["because"] == "reworded by ana"
    assert only_row(old, pains(replace(s, hidden=True)))["after"] == "off the map"
    assert only_row(old, a_map(Cell("search", PAINS, (s,))))["because"] == "moved"
    assert compare_journeys(pains(replace(s, hidden=True)), a_map()).empty


@pytest.mark.parametrize(("after", "clear"), [(conversion(0.62, 0.55, 0.69), True), (conversion(0.55, 0.45, 0.64), False)])
def test_a_number_changed_clearly_when_the_intervals_do_not_overlap(after: Statement, clear: bool) -> None:
    row = only_row(a_map(Cell("pay", MEASURED, (conversion(0.4, 0.31, 0.5),))), a_map(Cell("pay", MEASURED, (after,))))
    assert (row["what"], row["text"], row["before"], row["clear"]) == ("measure", "Paid", "40 % (31 to 50)", clear)


def test_a_number_that_reads_the_same_did_not_change() -> None:
    old, new = (a_map(Cell("pay", MEASURED, (conversion(value, 0.31, 0.5, n),))) for value, n in ((0.4001, 100), (0.4002, 101)))
    assert compare_journeys(old, new).empty


def test_a_feeling_is_told_as_a_mean_and_by_hand_apart() -> None:
    old, new = (a_map(feelings=(Feeling("pay", e, h),)) for e, h in ((valence(-0.8, -1.2, -0.4), None), (valence(0.6, 0.1, 1.1, 11), 2)))
    row = only_row(old, new)
    assert (row["before"], row["after"]) == ("mean −0.8 (−1.2 to −0.4); nothing by hand", "mean +0.6 (+0.1 to +1.1); +2.0 by hand")
    assert (row["because"], row["clear"]) == ("n 8 → 11 participants", True)


def test_moments_stages_lanes_steps_and_ways_are_compared() -> None:
    old = pains(said("A", 3), said("B", 3), moments=(MomentOfTruth("pay", "A", REASON, critical=True), MomentOfTruth("pay", "B", REASON)))
    new = replace(
        old,
        stages=(replace(old.stages[1], problem="Why?"), old.stages[0], Stage("use", "Use")),
        lanes=(*LANES, Lane(LaneKind.CUSTOM, OWN)),
        steps=(Step("1", "pay", "Ring", channel="phone"),),
        moments=(MomentOfTruth("pay", "B", REASON, critical=True),),
        transitions=(Transition("search", "pay", quality="rough"),),
    )
    rows = compare_journeys(old, new)
    assert list(zip(rows["what"], rows["text"], rows["change"], strict=True)) == [
        ("stage", "Pay", "changed"), ("stage", "Use", "came"), ("stage", "order of the stages", "changed"), ("lane", OWN, "came"),
        ("step", "Ring", "came"), ("moment", "A", "went"), ("moment", "B", "changed"), ("transition", "Search → Pay", "came"),
    ]  # fmt: skip


def test_sentences_begin_with_what_is_clear() -> None:
    old = a_map(Cell("pay", PAINS, (said("A", 3),)), Cell("pay", MEASURED, (conversion(0.4, 0.31, 0.5),)))
    new = a_map(Cell("pay", PAINS, (said("A", 4), said("B", 2))), Cell("pay", MEASURED, (conversion(0.62, 0.55, 0.69),)))
    assert change_sentences(compare_journeys(old, new)) == [
        "The measure “Paid” (Pay, Measured) changed from 40 % (31 to 50) to 62 % (55 to 69), which is clear: the intervals do not overlap.",
        "The statement “B” (Pay, Pain points) is new: 2 of 12; 2 new quotes from P01, P02.",
        "The statement “A” (Pay, Pain points) changed from 3 of 12 to 4 of 12 (1 new quote from P04).",
    ]
    assert change_sentences(compare_journeys(old, old)) == []


@given(edited_maps(), data_maps())
def test_what_people_wrote_laid_over_the_data_is_the_whole_map(before: Journey, built: Journey) -> None:
    """So only that has to be kept."""
    built = with_ids(built)
    whole = rebuild_journey(before, built)
    again = rebuild_journey(written_part(whole, built), built)
    assert {(c.stage, c.lane, s) for c in again.cells for s in c.statements} == {
        (c.stage, c.lane, s) for c in whole.cells for s in c.statements
    }
    assert (again.moments, again.feelings, again.transitions, again.steps) == (
        whole.moments,
        whole.feelings,
        whole.transitions,
        whole.steps,
    )
