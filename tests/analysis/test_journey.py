"""A map counts people, not passages, and puts a passage where its stage says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.contrasts import contrast_of, largest_contrast
from workbench.analysis.journey import build_journey, put_into_stages, segments_of
from workbench.analysis.moments import propose_moments
from workbench.errors import BadSetting, UnknownName
from workbench.model import (
    Basis,
    Cell,
    Codebook,
    Estimate,
    Feeling,
    Journey,
    Lane,
    LaneKind,
    Measured,
    Opportunity,
    Persona,
    Stage,
    StageSetting,
    StageWork,
    Statement,
    StudySettings,
)

STAGES = (
    StageSetting("search", "Search"),
    StageSetting("pay", "Pay", codes=("Pay", "Checkout"), work=(StageWork("Holds the slot", department="IT"),)),
)
KINDS = {
    "Search": "stage",
    "Pay": "stage",
    "Checkout": "stage",
    "Afraid": "emotion",
    "Glad": "emotion",
    "Slot gone": "pain point",
    "Found it": "delight",
}


def coding(who: str, code: str, start: int, end: int, intensity: int | None = None, coder: str = "ana") -> dict[str, Any]:
    return {
        "coding": f"{who}{code}{start}{coder}", "participant": who, "transcript": who, "internal": False, "code": code, "path": code, "kind": KINDS[code], "coder": coder,
        "start": start, "end": end, "text": f"words {start} to {end}", "speaker": who, "start_ms": start * 1000, "intensity": intensity,
    }  # fmt: skip


def tables(rows: list[dict[str, Any]], **changed: Any) -> Any:
    people = pd.DataFrame(
        {
            "pseudonym": ["Mara", "Ilya", "Dana"],
            "consent_quote": True,
            "consent_until": None,
            "heard": True,
            "customer": ["new", "new", "old"],
        },
        index=["P01", "P02", "P03"],
    )
    frame = pd.DataFrame(rows, columns=list(coding("P01", "Pay", 0, 1))).astype({"intensity": "Float64", "start_ms": "Int64"})
    settings = StudySettings("Grocery", stages=STAGES, segments=("customer",))
    study = {
        "settings": settings, "codebook": Codebook(), "participants": people, "codings": frame, "personas": [], "opportunities": [],
        "responses": pd.DataFrame(columns=["survey"]), "events": None,
    }  # fmt: skip
    return SimpleNamespace(**{**study, **changed})


#: Mara and Ilya lose their slot while paying; Mara twice. Dana finds something.
ROWS = [
    coding("P01", "Pay", 0, 100), coding("P01", "Slot gone", 10, 20), coding("P01", "Slot gone", 40, 50), coding("P01", "Afraid", 10, 20, -2),
    coding("P02", "Checkout", 0, 50), coding("P02", "Slot gone", 5, 15), coding("P02", "Afraid", 5, 15, -1), coding("P02", "Glad", 20, 30, 1),
    coding("P03", "Search", 0, 30), coding("P03", "Found it", 5, 10), coding("P03", "Glad", 5, 10, 2),
]  # fmt: skip


def test_n_counts_participants_out_of_those_who_were_heard() -> None:
    journey = build_journey(tables(ROWS))
    (slot,) = journey.cell("pay", "Pain points").statements
    assert (slot.text, slot.n, slot.n_of, slot.said_by) == ("Slot gone", 2, 3, ("P01", "P02"))
    assert len(slot.quotes) == 3
    assert [(s.n, s.n_of) for s in journey.stages] == [(1, 3), (2, 3)]


def test_a_stage_may_have_several_codes_and_a_code_of_another_stage_does_not_leak() -> None:
    journey = build_journey(tables(ROWS))
    assert journey.cell("search", "Delights").statements[0].said_by == ("P03",)
    assert journey.cell("pay", "Delights").statements == ()


def test_a_stage_feels_as_its_people_do_each_counted_once() -> None:
    """Mara -2; Ilya -1 and +1, so 0: the mean of people is -1, the mean of passages would be -0.67."""
    felt = build_journey(tables(ROWS)).feeling("pay").estimate
    assert felt is not None
    assert (felt.value, felt.n, felt.of) == (-1, 2, "participants")
    assert -2 <= felt.low <= felt.value <= felt.high <= 0


def test_nobody_s_feeling_is_no_feeling_rather_than_zero() -> None:
    rows = [r for r in ROWS if r["kind"] != "emotion"]
    assert build_journey(tables(rows)).feeling("pay").estimate is None


def test_two_coders_on_the_same_passage_are_one_quote_and_both_are_named() -> None:
    rows = [*ROWS, coding("P01", "Slot gone", 12, 22, coder="ben")]
    quotes = build_journey(tables(rows)).cell("pay", "Pain points").statements[0].quotes
    assert [q.coders for q in quotes if q.participant == "P01"] == [("ana", "ben"), ("ana",)]


def test_a_coder_s_own_stage_decides_and_another_s_helps_where_there_is_none() -> None:
    rows = [
        coding("P01", "Pay", 0, 50), coding("P01", "Search", 0, 50, coder="ben"),
        coding("P01", "Slot gone", 5, 9), coding("P01", "Slot gone", 6, 9, coder="ben"), coding("P01", "Found it", 5, 9, coder="eve"),
    ]  # fmt: skip
    staged = put_into_stages(tables(rows).codings, STAGES).query("kind != 'stage'")
    assert set(zip(staged["coder"], staged["stage"], strict=True)) == {("ana", "pay"), ("ben", "search"), ("eve", "pay"), ("eve", "search")}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from(["Pay", "Search", "Slot gone", "Glad"])), max_size=25))
def test_a_coding_is_in_a_stage_exactly_when_it_shares_a_character_with_it(spans: list[tuple[int, int, str]]) -> None:
    rows = [coding("P01", code, start, start + length, coder=f"c{i}") for i, (start, length, code) in enumerate(spans)]
    for i, row in enumerate(rows):
        row["coding"] = str(i)
    found = put_into_stages(tables(rows).codings, STAGES)
    stage_of = {"Pay": "pay", "Search": "search"}
    expected = {
        (r["coding"], stage_of[s["code"]])
        for r in rows
        for s in rows
        if s["code"] in stage_of
        and ((r is s) or (r["code"] not in stage_of and set(range(r["start"], r["end"])) & set(range(s["start"], s["end"]))))
    }
    assert set(zip(found["coding"], found["stage"], strict=True)) == expected


def test_people_whose_passages_overlap_both_count() -> None:
    both = [coding("P01", "Pay", 0, 90), coding("P01", "Slot gone", 0, 40), {**coding("P02", "Slot gone", 30, 60), "transcript": "P01"}]
    slot = build_journey(tables(both)).cell("pay", "Pain points").statements[0]
    assert slot.said_by == ("P01", "P02")


def test_codes_of_the_same_name_stay_apart_and_show_their_path() -> None:
    rows = [coding("P01", "Pay", 0, 90), coding("P01", "Slot gone", 1, 5), coding("P01", "Slot gone", 6, 9)]
    rows[1]["path"], rows[2]["path"] = "App / Slot gone", "Web / Slot gone"
    assert [s.text for s in build_journey(tables(rows)).cell("pay", "Pain points").statements] == ["App / Slot gone", "Web / Slot gone"]


def test_a_stage_that_is_not_everybodys_counts_out_of_its_own_people() -> None:
    stages = (STAGES[0], replace(STAGES[1], whom={"customer": "new"}))
    journey = build_journey(tables(ROWS, settings=StudySettings("Grocery", stages=stages)))
    assert [s.n_of for s in journey.stages] == [3, 2]
    assert journey.cell("pay", "Pain points").statements[0].n_of == 2


def test_research_inside_the_organisation_is_kept_out_of_what_customers_said() -> None:
    rows = [{**r, "internal": r["participant"] == "P02"} for r in ROWS]
    assert build_journey(tables(rows)).cell("pay", "Pain points").statements[0].said_by == ("P01",)


def test_the_teams_opportunities_stand_beside_those_of_participants() -> None:
    study = tables(ROWS, opportunities=[Opportunity("", "hold the slot?", stage="pay")])
    (idea,) = build_journey(study).cell("pay", "Opportunities").statements
    assert (idea.text, idea.asserted_by, idea.note) == ("How might we hold the slot?", "team", "proposed")


@pytest.mark.parametrize(
    ("lower", "value", "met"), [(False, 0.5, False), (False, 0.95, True), (True, 0.5, True), (True, 0.95, False), (False, 0.8, None)]
)
def test_a_target_is_met_when_the_whole_interval_is_on_its_good_side(lower: bool, value: float, met: bool | None) -> None:
    assert Measured("Paid", Estimate(value, value - 0.1, value + 0.04, 100), "events", target=0.8, lower_is_better=lower).target_met is met


def test_a_segment_narrows_people_and_what_is_counted_out_of() -> None:
    journey = build_journey(tables(ROWS), segment="customer=new")
    assert (journey.n_of, journey.segment) == (2, "customer = new")
    assert journey.cell("search", "Delights").statements == ()


def test_a_persona_is_its_segment_and_the_participants_it_names() -> None:
    study = tables(ROWS, personas=[Persona("", "Nora", segment={"customer": "old"}, participants=("P01",))])
    journey = build_journey(study, "nora")
    assert (journey.persona, journey.participants) == ("Nora", ("P01", "P03"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"persona": "Nara"}, 'no persona "Nara". Did you mean "Nora"'),
        ({"segment": "custmer=new"}, 'no attribute of participants "custmer". Did you mean "customer"'),
        ({"segment": "customer=newer"}, 'no participant with customer = "newer". Did you mean "new"'),
    ],
)
def test_an_unknown_persona_or_segment_says_what_there_is(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(UnknownName, match=says):
        build_journey(tables(ROWS, personas=[Persona("", "Nora")]), **arguments)


def test_a_segment_is_written_name_is_value() -> None:
    with pytest.raises(BadSetting, match="customer=new"):
        build_journey(tables(ROWS), segment="new")


def test_a_study_without_stages_says_how_to_name_them() -> None:
    with pytest.raises(BadSetting, match=r"\[\[stage\]\]"):
        build_journey(tables(ROWS, settings=StudySettings("Grocery")))


def test_words_without_consent_count_and_are_not_for_showing() -> None:
    study = tables(ROWS)
    study.participants["consent_until"] = [date(2026, 1, 1), None, None]
    study.participants["consent_quote"] = [True, False, True]
    slot = build_journey(study, on=date(2026, 6, 1)).cell("pay", "Pain points").statements[0]
    assert slot.n == 2
    assert {q.participant: q.quotable for q in slot.quotes} == {"P01": False, "P02": False}
    assert build_journey(study, on=date(2026, 1, 1)).cell("pay", "Pain points").statements[0].quotes[0].quotable


def test_what_the_process_owner_says_is_assumed() -> None:
    (work,) = build_journey(tables(ROWS)).cell("pay", "Backstage").statements
    assert (work.basis, work.assumed, work.asserted_by, work.note) == (Basis.ASSUMED, True, "process owner", "IT")


def test_the_same_data_give_the_same_map() -> None:
    assert build_journey(tables(ROWS)) == build_journey(tables(ROWS[::-1]))


def test_segments_are_those_of_people_who_were_heard() -> None:
    study = tables(ROWS)
    study.participants.loc["P03", "heard"] = False
    assert segments_of(study) == [{"customer": "new"}]


FELT = {"search": (1.0, 0.5, 1.5), "pay": (-1.0, -1.5, -0.5)}


def moments(
    n_pain: int = 8, n_delight: int = 9, target: float | None = None, felt: dict[str, tuple[float, float, float]] = FELT
) -> list[tuple[str, bool]]:
    def said(text: str, n: int) -> Statement:
        return Statement(text, said_by=tuple(f"P{i}" for i in range(n)), n_of=12, evidence=(Measured("", Estimate(0, 0, 0, 1), ""),))

    measured = Statement("Paid", evidence=(Measured("Paid", Estimate(0.5, 0.45, 0.55, 100), "events", target=target),))
    cells = [Cell("search", "Delights", (said("Found it", n_delight),)), Cell("pay", "Pain points", (said("Slot gone", n_pain),)), Cell("pay", "Measured", (measured,))]  # fmt: skip
    feelings = [Feeling(s, Estimate(*v, 12, "valence")) for s, v in felt.items()]
    return [(m.statement, m.critical) for m in propose_moments(STAGES, cells, feelings)]


def test_the_heaviest_pain_is_the_critical_moment_even_beside_a_larger_delight() -> None:
    assert moments() == [("Slot gone", True), ("Found it", False)]


def test_a_delight_is_critical_only_where_no_pain_is_a_candidate() -> None:
    assert moments(n_pain=2) == [("Found it", True)]


def test_a_handful_of_people_proposes_nothing() -> None:
    pain = Statement("Slot gone", said_by=("1", "2", "3"), n_of=3)
    assert propose_moments(STAGES, [Cell("pay", "Pain points", (pain,))], [Feeling("pay", Estimate(-2, -2, -2, 3, "valence"))]) == ()


def test_a_map_that_a_notebook_prints_shows_no_words_of_those_who_did_not_agree() -> None:
    study = tables(ROWS)
    study.participants["consent_quote"] = [True, False, True]
    journey = build_journey(study)
    assert "words" not in repr(journey)
    assert [repr(q) for q in journey.cell("pay", "Pain points").statements[0].quotes if q.participant == "P02"] == [
        "Quote(words not for showing, Ilya, P02 5 to 15)"
    ]


def test_a_stage_whose_feeling_may_be_zero_proposes_nothing() -> None:
    assert moments(felt={"pay": (-0.4, -1.0, 0.2)}) == []


def test_the_reason_names_the_measure_that_misses_its_target() -> None:
    pain = Statement("Slot gone", said_by=("1", "2", "3"), n_of=4)
    paid = Statement("Paid", evidence=(Measured("Paid", Estimate(0.5, 0.45, 0.55, 100), "events", "device = phone", target=0.8),))
    cells = [Cell("pay", "Pain points", (pain,)), Cell("pay", "Measured", (paid,))]
    (moment,) = propose_moments(STAGES, cells, [Feeling("pay", Estimate(-1.0, -1.5, -0.5, 5, "valence"))])
    assert (
        moment.reason
        == "3 of 4 said it, and Pay feels −1.0 (−1.5 to −0.5, n 5), the worst of all stages. A measure of it misses its target: Paid, phone."
    )


def share(x: int, n: int, segment: str) -> Measured:
    from workbench.analysis import estimate_share

    return Measured("Paid", estimate_share(x, n), "events", segment)


def test_the_largest_contrast_is_the_clearest_one() -> None:
    clear = Statement("Paid", evidence=(share(520, 1000, "phone"), share(830, 1000, "computer")))
    vague = Statement("Asked", evidence=(share(4, 10, "phone"), share(6, 10, "computer")))
    alone = Statement("Seen", evidence=(share(5, 10, ""),))
    journey = Journey(
        "", "Map", (Stage("pay", "Pay"),), (Lane(LaneKind.MEASURE, "Measured"),), (Cell("pay", "Measured", (vague, clear, alone)),)
    )
    found = largest_contrast(journey)
    assert found is not None
    assert (found.name, found.high.segment, round(found.difference.value, 2), found.clear) == ("Paid", "computer", 0.31, True)
    assert contrast_of(alone) is None
    assert largest_contrast(replace(journey, cells=(Cell("pay", "Measured", (vague,)),))) is None
