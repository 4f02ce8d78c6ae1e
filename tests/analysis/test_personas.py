"""A persona says what sets its people apart, with who said it, and is held against what came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench.analysis.events import EventLog
from workbench.analysis.grouping import group_participants
from workbench.analysis.intervals import estimate_share
from workbench.analysis.persona_checks import population_share, validate_persona
from workbench.analysis.personas import compare_personas, describe_group, group_differences, objectives_by_stage, propose_personas
from workbench.errors import BadSetting, UnknownName, UnknownParticipant
from workbench.model import (
    Basis,
    Code,
    Codebook,
    Estimate,
    Measured,
    MeasureKind,
    MeasureSetting,
    Persona,
    Scale,
    StageSetting,
    Statement,
    StudySettings,
    SurveyMapping,
    Trait,
    TraitKind,
)

STAGES = (StageSetting("search", "Search"), StageSetting("pay", "Pay"))
ALIASES = [f"P{i:02}" for i in range(1, 13)]
NEW, OLD = ALIASES[:6], ALIASES[6:]
ON = date(2026, 11, 1)
LATER = date(2026, 10, 10)

#: Who carries what. Newcomers count their money and lose the slot; the others reorder. Everybody looks for a slot.
CARRIED = {
    ("Stay within budget", "goal"): NEW[:5],
    ("Be quick", "goal"): NEW[:2],
    ("Fee comes late", "pain point"): NEW,
    ("Compares prices", "action"): [*NEW[:4], OLD[0]],
    ("A friend's code", "delight"): NEW[1:],
    ("App", "channel"): NEW,
    ("Is it worth it?", "thought"): NEW,
    ("Last week's list", "delight"): OLD,
    ("Save the Saturday", "goal"): OLD,
    ("A say in it", "need"): OLD[:4],
    ("Looks for a slot", "action"): ALIASES,
}


def coding(who: str, code: str, kind: str, start: int = 10, intensity: int | None = None, transcript: str = "") -> dict[str, Any]:
    return {
        "coding": f"{who}{code}{start}{transcript}", "participant": who, "transcript": transcript or who, "internal": False, "code": code, "path": code, "kind": kind,
        "coder": "ana", "start": start, "end": start + 10, "text": f"{who} on {code}", "speaker": who, "start_ms": None, "intensity": intensity,
    }  # fmt: skip


def said(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(coding("P01", "", ""))).astype({"intensity": "Float64", "start_ms": "Int64"})


def carried() -> list[dict[str, Any]]:
    """Everybody pays at 0 to 100 of their own interview, and says everything there."""
    pay = [{**coding(who, "Pay", "stage", 0), "end": 100} for who in ALIASES]
    return pay + [coding(who, code, kind) for (code, kind), people in CARRIED.items() for who in people]


def study(rows: list[dict[str, Any]] | None = None, **changed: Any) -> Any:
    customers = ["new"] * 6 + ["returning"] * 6
    people = pd.DataFrame(
        {
            "pseudonym": ALIASES, "consent_quote": True, "consent_until": None, "heard": True, "age": [str(20 + i) for i in range(12)],
            "customer": customers, "job": [f"job {i}" for i in range(12)],
        },
        index=ALIASES,
    )  # fmt: skip
    held = pd.DataFrame({"held": date(2026, 9, 1)}, index=ALIASES)
    held.loc["late", "held"] = LATER
    tables = {
        "settings": StudySettings("Grocery", stages=STAGES, surveys=(SurveyMapping("pulse", ("id",)),)), "codebook": Codebook(), "participants": people,
        "transcripts": held, "codings": said(*(carried() if rows is None else rows)), "personas": [], "opportunities": [],
        "responses": pd.DataFrame(columns=["survey", "respondent", "participant"]), "events": None,
    }  # fmt: skip
    return SimpleNamespace(**{**tables, **changed})


# What is proposed


def test_each_group_becomes_a_persona_named_by_the_attribute_that_separates_it() -> None:
    found = propose_personas(study(), on=ON)
    assert found.supported
    groups = {p.name.partition(": ")[2]: (p.participants, p.segment) for p in found.personas}
    assert groups == {
        "new (customer)": (tuple(NEW), {"customer": "new"}),
        "returning (customer)": (tuple(OLD), {"customer": "returning"}),
    }
    assert [p.name.partition(":")[0] for p in found.personas] == ["Group 1", "Group 2"]
    assert set(found.differences["persona"]) == {p.name for p in found.personas}


def newcomers(**arguments: Any) -> Persona:
    return describe_group(study(**arguments), NEW, "Nora", on=ON)


def test_a_trait_is_a_code_that_sets_the_group_apart_with_n_of_n_here_and_elsewhere() -> None:
    persona = newcomers()
    assert [(t.statement.text, t.statement.note) for t in persona.traits if t.kind == TraitKind.PAIN] == [
        ("Fee comes late", "6 of 6 here, 0 of 6 elsewhere")
    ]
    (prices,) = persona.traits_of(TraitKind.BEHAVIOUR)
    assert (prices.n, prices.n_of, prices.basis, len(prices.quotes)) == (4, 6, Basis.OBSERVED, 4)
    assert "Looks for a slot" not in [t.statement.text for t in persona.traits]


def test_goals_are_ranked_by_how_many_have_them_and_stand_in_their_stage() -> None:
    goals = objectives_by_stage(newcomers(), STAGES)
    assert goals[["stage", "rank", "goal", "n"]].to_numpy().tolist() == [
        ["search", pd.NA, "", 0],
        ["pay", 1, "Stay within budget", 5],
        ["pay", 2, "Be quick", 2],
    ]


def test_goals_of_a_stage_that_is_not_there_come_last() -> None:
    persona = Persona("", "Nora", traits=[Trait(TraitKind.GOAL, Statement("Rest", Basis.ASSUMED), "sleep")])
    assert objectives_by_stage(persona, STAGES)["stage"].tolist() == ["search", "pay", "sleep"]
    assert objectives_by_stage(persona, STAGES)["assumed"].tolist() == [False, False, True]


def test_a_persona_says_who_its_people_are_and_leaves_out_what_names_them() -> None:
    persona = newcomers()
    assert (persona.age, persona.demographics) == ("20 to 25", {"customer": "new 6 of 6"})


def test_the_quote_is_of_the_most_typical_person_whose_words_may_be_shown() -> None:
    tables = study()
    tables.participants.loc["P03", "consent_quote"] = False
    quote = describe_group(tables, ["P03", "P02", "P01"], on=ON).quote
    assert quote is not None
    assert (quote.participant, quote.quotable) == ("P02", True)


def test_a_merged_persona_stands_for_the_people_of_both() -> None:
    both = describe_group(study(), [*NEW, *OLD, "P01"], "Everybody", on=ON)
    assert (len(both.participants), both.segment) == (12, {})
    assert both.traits_of(TraitKind.BEHAVIOUR)[0].note == "12 of 12 here"


def test_differences_count_the_group_and_the_others() -> None:
    table = group_differences(said(*carried()), NEW, ALIASES).set_index("code")
    prices = table.loc["Compares prices"]
    assert prices[["n", "n_of", "n_elsewhere", "n_of_elsewhere"]].tolist() == [4, 6, 1, 6]
    assert prices["low"] < prices["difference"] == 0.5 < prices["high"]
    assert not table.loc["Looks for a slot", "sets_apart"]


def test_a_handful_of_people_is_no_persona_unless_somebody_asks() -> None:
    few = study([r for r in carried() if r["participant"] in ("P01", "P02", "P07", "P08")])
    assert propose_personas(few, on=ON).personas == ()
    asked = propose_personas(few, k=2, on=ON)
    assert len(asked.personas) == 2
    assert "8 are the least" in asked.sentence


def test_what_was_said_later_can_be_kept_back() -> None:
    rows = [*carried(), coding("P01", "Late thought", "goal", transcript="late"), coding("P02", "Late thought", "goal", transcript="late")]
    persona = describe_group(study(rows), NEW, on=ON, until=LATER)
    assert "Late thought" not in [t.statement.text for t in persona.traits]
    assert "Late thought" in [t.statement.text for t in newcomers(rows=rows).traits]


def test_people_are_compared_by_what_is_asked_for() -> None:
    scale = Scale("hurried", "patient", {alias: float(alias in OLD) for alias in ALIASES})
    tables = study(personas=[Persona("", "Nora", scales=(scale,))])
    by = group_participants(tables, ("scales", "customer")).table
    assert list(by.columns) == [("scale", "hurried to patient"), ("attribute", "customer")]
    assert list(group_participants(tables, ("attributes",)).table.columns) == [("attribute", "age"), ("attribute", "customer")]
    with pytest.raises(UnknownName, match='Did you mean "customer"'):
        group_participants(tables, ("custmer",))


def test_those_whose_words_nobody_coded_are_left_out_and_named() -> None:
    rows = [r for r in carried() if r["participant"] != "P12"]
    assert group_participants(study(rows)).left_out == ("P12",)


def test_a_group_is_of_people_of_the_study() -> None:
    with pytest.raises(UnknownParticipant, match="P99"):
        describe_group(study(), ["P99"])
    with pytest.raises(BadSetting, match="stands for nobody"):
        describe_group(study(), [])


# Its share of the population

ANSWERS = pd.DataFrame(
    [("pulse", f"R{i}", "", "new" if i < 4 else "returning") for i in range(9)] + [("pulse", "R9", "", None), ("other", "X", "", "new")],
    columns=["survey", "respondent", "participant", "customer"],
)
LOG = EventLog.from_table(
    pd.DataFrame(
        [("u1", "visit", 1, "new"), ("u1", "visit", 2, "returning"), ("u2", "visit", 1, "returning"), ("u3", "visit", 1, None)],
        columns=["user", "event", "time", "customer"],
    ).assign(time=lambda t: pd.to_datetime(t["time"], unit="D", utc=True)),
    "user", "event", "time", ["customer"],
)  # fmt: skip
NORA = Persona("", "Nora", segment={"customer": "new"}, participants=NEW)


def test_a_survey_says_the_share_of_respondents_whose_attributes_are_known() -> None:
    assert population_share(study(responses=ANSWERS, events=LOG), NORA) == estimate_share(4, 9, of="respondents of survey pulse")


def test_somebody_who_answers_twice_counts_once() -> None:
    twice = pd.DataFrame([("pulse", f"R{i}", "P01", "new") for i in range(3)] + [("pulse", "S", "", "old")], columns=ANSWERS.columns)
    share = population_share(study(responses=twice), NORA)
    assert share is not None
    assert (share.numerator, share.n) == (1, 2)


def test_a_survey_that_only_participants_answered_says_no_share() -> None:
    """Who was invited is the study's own choice, and no estimate of how many such people there are."""
    invited = ANSWERS.iloc[:9].assign(participant=[f"P{i:02}" for i in range(9)])
    assert population_share(study(responses=invited), NORA) is None


def test_without_a_survey_the_log_says_it_by_each_users_first_event() -> None:
    assert population_share(study(events=LOG), NORA) == estimate_share(1, 2, of="users")


@pytest.mark.parametrize("segment", [{}, {"home": "family"}, {"customer": "unheard of"}])
def test_where_no_data_know_the_segment_nobody_says_the_share(segment: dict[str, str]) -> None:
    assert population_share(study(responses=ANSWERS, events=LOG), replace(NORA, segment=segment)) is None


# Held against what came later


def claim(code: str, kind: TraitKind = TraitKind.PAIN, n: int = 5) -> Persona:
    return replace(NORA, traits=[Trait(kind, Statement(code, code=code, said_by=NEW[:n], n_of=6))])


def late(*rows: tuple[str, str, str, int | None]) -> list[dict[str, Any]]:
    """In the late transcript everybody speaks from a hundred of their own on."""
    return [coding(who, code, kind, 100 * ALIASES.index(who), felt, "late") for who, code, kind, felt in rows]


def checked(persona: Persona, rows: list[dict[str, Any]], since: date | None = LATER, **more: Any) -> list[tuple[str, str]]:
    return [(c.result, c.against) for c in validate_persona(study(rows), persona, since, on=ON, **more)]


def test_a_claim_is_confirmed_by_later_people_who_fit_at_a_share_that_is_not_clearly_lower() -> None:
    rows = late(("P01", "Fee", "pain point", None), ("P02", "Else", "action", None), ("P08", "Fee", "pain point", None))
    assert checked(claim("Fee"), [*carried(), *rows]) == [
        ("confirmed", "Interviews: 1 of 2 who fit and were heard since 2026-10-10 said it; it rests on 5 of 6.")
    ]


def test_one_of_six_is_clearly_fewer_than_all_and_not_seen() -> None:
    rows = late(("P01", "Fee", "pain point", None), *((who, "Else", "action", None) for who in NEW))
    ((result, words),) = checked(claim("Fee", n=6), rows)
    assert (result, "1 of 6" in words, "clearly fewer" in words) == ("not seen", True, True)


def test_silence_is_no_contradiction() -> None:
    assert checked(claim("Fee"), late(("P01", "Else", "action", None)))[0][0] == "not seen"
    assert checked(claim("Fee"), carried()) == [("not seen", "Interviews: there are 0 people who fit and were heard since 2026-10-10.")]


def test_a_pain_point_that_pleases_is_contradicted() -> None:
    rows = late(("P01", "Fee", "pain point", None), ("P01", "Glad", "emotion", 2), ("P02", "Fee", "pain point", None))
    ((result, words),) = checked(claim("Fee"), rows)
    assert (result, "1 of 1 whose feeling was coded felt the other way" in words) == ("contradicted", True)
    assert checked(claim("Fee", TraitKind.BEHAVIOUR), rows)[0][0] == "confirmed"


def test_an_opposite_code_that_more_people_carry_contradicts() -> None:
    rows = late(("P01", "Fee", "pain point", None), ("P02", "Fair", "delight", None), ("P03", "Fair", "delight", None))
    assert checked(claim("Fee"), rows, opposites={"fee": "Fair"})[0][0] == "contradicted"
    assert checked(claim("Fee"), rows[:2], opposites={"fee": "Fair"})[0][0] == "confirmed"


def test_without_a_day_those_count_whom_the_persona_does_not_rest_on() -> None:
    rows = [coding(who, "Fee", "pain point") for who in NEW]
    persona = replace(claim("Fee", n=3), participants=NEW[:4])
    assert checked(persona, rows, None) == [
        ("confirmed", "Interviews: 2 of 2 who fit and whom it does not rest on said it; it rests on 3 of 6.")
    ]


def test_what_a_persona_quotes_cannot_confirm_it() -> None:
    rows = late(*((who, "Fee", "pain point", None) for who in NEW))
    assert checked(describe_group(study(rows), NEW, among=NEW, on=ON), rows)[0][0] == "not seen"


def test_a_claim_that_counts_nobody_needs_half_and_one_without_a_code_cannot_be_looked_for() -> None:
    rows = late(("P01", "Fee", "pain point", None), ("P02", "Else", "action", None), ("P03", "Else", "action", None))
    hand_written = [Trait(TraitKind.PAIN, Statement("Fees", Basis.ASSUMED, code="Fee")), Trait(TraitKind.HOBBY, Statement("Sings"))]
    persona = replace(NORA, traits=hand_written)
    assert [r for r, _ in checked(persona, rows)] == ["not seen"]
    assert [r for r, _ in checked(persona, rows[:2])] == ["confirmed"]


def test_a_code_that_shares_its_name_is_looked_for_by_its_path() -> None:
    rows = [{**r, "path": "Web / Fee"} for r in late(("P01", "Fee", "pain point", None))]
    book = Codebook([Code("1", "App"), Code("2", "Web"), Code("3", "Fee", parent="1"), Code("4", "Fee", parent="2")])
    traits = [Trait(TraitKind.PAIN, Statement(f"{at} / Fee", code="Fee", said_by=NEW, n_of=6)) for at in ("App", "Web")]
    found = validate_persona(study(rows, codebook=book), replace(NORA, traits=traits), LATER, on=ON)
    assert [(c.claim, c.result, c.on) for c in found] == [("App / Fee", "not seen", ON), ("Web / Fee", "confirmed", ON)]


WORRIED = MeasureSetting("Worried", MeasureKind.SHARE, survey="pulse", questions=("worry",), top=("5",))


def measured_later(n_worried: int, n: int, target: float | None = None) -> tuple[str, str]:
    """80 of 100 were worried once; how many are now."""
    answers = pd.DataFrame({"survey": "pulse", "respondent": [f"R{i}" for i in range(n)], "participant": "", "customer": "new"})
    answers = answers.assign(answered=pd.Timestamp(LATER), worry=["5" if i < n_worried else "1" for i in range(n)])
    claimed = Measured("Worried", estimate_share(80, 100), "survey pulse", "customer = new", target)
    persona = replace(NORA, traits=[Trait(TraitKind.CHALLENGE, Statement("Worries", evidence=(claimed,)))])
    tables = study(responses=answers, settings=replace(study().settings, measures=(WORRIED,)))
    (check,) = validate_persona(tables, persona, LATER, on=ON)
    return check.result, check.against


@pytest.mark.parametrize(
    ("n_worried", "target", "result"),
    [(75, None, "confirmed"), (30, None, "contradicted"), (75, 0.5, "confirmed"), (30, 0.5, "contradicted"), (50, 0.5, "not seen")],
)
def test_a_measure_is_taken_anew_and_its_interval_decides(n_worried: int, target: float | None, result: str) -> None:
    found, words = measured_later(n_worried, 100, target)
    assert found == result
    assert words.startswith(f"Survey pulse: {n_worried} of 100 answers (")


def test_a_measure_without_later_answers_is_not_seen() -> None:
    assert measured_later(0, 0)[0] == "not seen"


# Side by side


def test_personas_stand_side_by_side_with_a_row_for_each_kind_of_trait() -> None:
    share = Estimate(0.4, 0.3, 0.5, 100, of="respondents")
    assumed = Persona("", "Lena", traits=[Trait(TraitKind.HOBBY, Statement("Sings", Basis.ASSUMED))], share=share)
    table = compare_personas([newcomers(), assumed, replace(assumed, share=None)])
    assert list(table.columns) == ["Nora: new (customer)", "Lena (2)", "Lena (3)"]
    assert table.loc["goal", "Nora: new (customer)"] == "Stay within budget (5 of 6)\nBe quick (2 of 6)"
    assert (table.loc["hobby", "Lena (2)"], table.loc["goal", "Lena (2)"]) == ("Sings (assumed)", "")
    assert table.loc["share"].tolist() == ["", "40% (30% to 50%) of 100 respondents", ""]
