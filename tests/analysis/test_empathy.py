"""An empathy map counts people, quotes only who agreed, and keeps what is observed apart from what is inferred."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.empathy import QUADRANTS, build_empathy_map
from workbench.errors import BadSetting, UnknownName, UnknownParticipant
from workbench.model import Basis, Code, Codebook, CodeKind, EmpathyMap, Persona, Quadrant, StageSetting, Statement, StudySettings

CODES = (
    Code("s", "Pay", CodeKind.STAGE),
    Code("t", "Slot picker", CodeKind.TOUCHPOINT),
    Code("t1", "Calendar", CodeKind.TOUCHPOINT, parent="t"),
    Code("c", "App", CodeKind.CHANNEL),
    Code("a", "Opens it again", CodeKind.ACTION),
    Code("w", "Will it be there?", CodeKind.THOUGHT),
    Code("e", "Afraid", CodeKind.EMOTION),
    Code("p", "Slot gone", CodeKind.PAIN),
    Code("d", "Carried in", CodeKind.DELIGHT),
    Code("n", "More time", CodeKind.NEED),
    Code("g", "Save the Saturday", CodeKind.GOAL),
    Code("h", "Heard", CodeKind.OTHER),
    Code("h1", "It is cheap", CodeKind.THEME, parent="h"),
)
BOOK = Codebook(CODES)
WORDS = "I stood there and then the slot was simply gone"


def coding(who: str, code: str, start: int = 0, end: int = 50, intensity: int | None = None, **changed: Any) -> dict[str, Any]:
    found = BOOK.find(code)
    row = {
        "participant": who, "transcript": who, "internal": False, "code": found.name, "path": BOOK.path(found), "kind": found.kind.value,
        "coder": "ana", "start": start, "end": end, "text": f"{WORDS}, {who} {start}", "start_ms": None, "intensity": intensity, "voices": (who,),
    } | changed  # fmt: skip
    return {"coding": "/".join(str(row[k]) for k in ("participant", "path", "start", "coder")), **row}


def study(*rows: dict[str, Any], **changed: Any) -> Any:
    people = pd.DataFrame(
        {"pseudonym": ["Mara", "Ilya", "Dana"], "consent_quote": [True, True, False], "consent_until": None, "heard": True, "customer": ["new", "new", "old"]},
        index=["P01", "P02", "P03"],
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(coding("P01", "Pay"))).astype({"intensity": "Float64", "start_ms": "Int64"})
    settings = StudySettings("Grocery", stages=(StageSetting("pay", "Pay"), StageSetting("plan", "Plan", whom={"customer": "new"})))
    personas = [Persona("", "Nora, on the tram", segment={"customer": "new"})]
    tables = {"settings": settings, "codebook": BOOK, "participants": people, "codings": frame, "personas": personas}
    return SimpleNamespace(**{**tables, **changed})


def texts(map: EmpathyMap, quadrant: Quadrant) -> list[str]:
    return [s.text for s in map.notes_in(quadrant)]


def only(map: EmpathyMap, quadrant: Quadrant) -> Statement:
    (statement,) = map.notes_in(quadrant)
    return statement


@pytest.mark.parametrize(
    ("code", "quadrant", "basis"),
    [
        ("Opens it again", Quadrant.DOES, Basis.OBSERVED),
        ("Slot picker", Quadrant.SEES, Basis.OBSERVED),
        ("App", Quadrant.SEES, Basis.OBSERVED),
        ("Will it be there?", Quadrant.THINKS, Basis.INFERRED),
        ("Afraid", Quadrant.FEELS, Basis.INFERRED),
        ("Slot gone", Quadrant.PAINS, Basis.OBSERVED),
        ("Carried in", Quadrant.GAINS, Basis.OBSERVED),
        ("More time", Quadrant.GAINS, Basis.INFERRED),
        ("Save the Saturday", Quadrant.GAINS, Basis.INFERRED),
    ],
)
def test_a_code_stands_in_the_quadrant_of_its_kind_observed_or_inferred(code: str, quadrant: Quadrant, basis: Basis) -> None:
    statement = only(build_empathy_map(study(coding("P01", code))), quadrant)
    assert (statement.text, statement.basis, statement.n, statement.n_of) == (code, basis, 1, 3)
    assert (statement.id, statement.note) == (f"{quadrant}/{code}", BOOK.find(code).kind.value)


def test_every_kind_of_code_but_a_stage_has_a_quadrant() -> None:
    assert set(CodeKind) - set(QUADRANTS) == {CodeKind.STAGE}


def test_people_are_counted_not_passages_and_the_most_shared_comes_first() -> None:
    rows = [coding("P01", "Carried in", start, start + 50) for start in (0, 100, 200)]
    map = build_empathy_map(study(*rows, coding("P01", "Slot gone", 300), coding("P02", "More time"), coding("P03", "More time")))
    assert [(s.text, s.n, s.n_of) for s in map.notes_in(Quadrant.GAINS)] == [("More time", 2, 3), ("Carried in", 1, 3)]
    assert map.n_of == 3


def test_says_is_in_people_s_own_words() -> None:
    said = only(build_empathy_map(study(coding("P01", "Slot gone"))), Quadrant.SAYS)
    assert (said.text, said.basis, said.code) == (f"{WORDS}, P01 0", Basis.OBSERVED, "Slot gone")


def test_words_without_consent_count_and_are_never_the_quote() -> None:
    """The code's name stands in for them, and is inferred: it is the coder's word, not theirs."""
    said = only(build_empathy_map(study(coding("P03", "Slot gone"))), Quadrant.SAYS)
    assert (said.text, said.basis, said.n) == ("Slot gone", Basis.INFERRED, 1)
    both = only(build_empathy_map(study(coding("P03", "Slot gone"), coding("P02", "Slot gone"))), Quadrant.SAYS)
    assert (both.text, both.n) == (f"{WORDS}, P02 0", 2)


def test_consent_is_asked_for_the_day() -> None:
    tables = study(coding("P01", "Slot gone"))
    tables.participants["consent_until"] = [date(2026, 1, 1), None, None]
    before, after = (only(build_empathy_map(tables, on=date(2026, 1, day)), Quadrant.SAYS).text for day in (1, 2))
    assert (before, after) == (f"{WORDS}, P01 0", "Slot gone")


def test_one_voice_is_not_quoted_for_everything_and_no_words_twice() -> None:
    """Both of Mara's passages carry both codes: the second note takes Ilya's words, and without him Mara's other ones."""
    mara = [coding("P01", code, start, start + 50) for code in ("Carried in", "Slot gone") for start in (0, 100)]
    others = [coding("P03", "Carried in"), coding("P02", "Slot gone")]
    assert texts(build_empathy_map(study(*mara, *others)), Quadrant.SAYS) == [f"{WORDS}, P01 0", f"{WORDS}, P02 0"]
    assert texts(build_empathy_map(study(*mara)), Quadrant.SAYS) == [f"{WORDS}, P01 0", f"{WORDS}, P01 100"]


def test_a_quote_is_long_enough_to_stand_alone_then_the_one_that_most_coders_marked() -> None:
    short = coding("P01", "Slot gone", 0, 5, text="Gone!")
    rows = [coding("P01", "Slot gone", 100, 150), coding("P01", "Slot gone", 200, 250), coding("P01", "Slot gone", 200, 250, coder="ben")]
    assert only(build_empathy_map(study(short, *rows)), Quadrant.SAYS).text == f"{WORDS}, P01 200"
    assert only(build_empathy_map(study(short)), Quadrant.SAYS).text == "Gone!"


def test_a_feeling_has_its_mean_intensity_each_person_counted_once() -> None:
    """Mara -2 and -1, so -1.5; Ilya -1: the mean of people is -1.25, that of passages -1.33."""
    rows = [
        coding("P01", "Afraid", 0, 9, -2),
        coding("P01", "Afraid", 20, 29, -1),
        coding("P02", "Afraid", 0, 9, -1),
        coding("P03", "Afraid"),
    ]
    (intensity,) = only(build_empathy_map(study(*rows)), Quadrant.FEELS).measures
    assert (intensity.estimate.value, intensity.estimate.n, intensity.estimate.unit) == (-1.25, 2, "valence")
    assert only(build_empathy_map(study(rows[-1])), Quadrant.FEELS).measures == ()


def test_what_people_heard_is_only_what_a_code_of_that_name_says() -> None:
    map = build_empathy_map(study(coding("P01", "It is cheap"), coding("P02", "App")))
    assert texts(map, Quadrant.HEARS) == ["It is cheap"]
    assert texts(map, Quadrant.SAYS) == []
    assert build_empathy_map(study(coding("P02", "App"))).notes_in(Quadrant.HEARS) == ()


def test_a_map_at_a_stage_holds_what_was_said_there_by_those_whom_it_is_for() -> None:
    rows = [
        coding("P01", "Pay", 0, 60),
        coding("P01", "Slot gone", 10, 60),
        coding("P01", "Carried in", 70, 120),
        coding("P02", "Carried in"),
    ]
    map = build_empathy_map(study(*rows), stage="pay")
    assert (map.stage, map.about, texts(map, Quadrant.PAINS), texts(map, Quadrant.GAINS)) == ("pay", "Everyone · Pay", ["Slot gone"], [])
    assert build_empathy_map(study(*rows), stage="Plan").n_of == 2


def test_a_map_at_a_touchpoint_holds_the_passages_that_overlap_it_or_one_below_it() -> None:
    rows = [coding("P01", "Slot picker", 0, 60), coding("P01", "Slot gone", 59, 99), coding("P01", "Carried in", 60, 99)]
    below = [
        coding("P02", "Calendar", 0, 60),
        coding("P02", "Afraid", 0, 9, -1),
        coding("P02", "App", 100, 120),
        coding("P02", "More time", 100, 120),
    ]
    map = build_empathy_map(study(*rows, *below), touchpoint="slot picker")
    assert (texts(map, Quadrant.PAINS), texts(map, Quadrant.FEELS), texts(map, Quadrant.GAINS)) == (["Slot gone"], ["Afraid"], [])
    assert texts(map, Quadrant.SEES) == ["Calendar", "Slot picker"]
    assert map.touchpoint == "Slot picker"


def test_at_a_stage_and_a_touchpoint_a_passage_must_lie_in_both() -> None:
    rows = [coding("P01", "Pay", 0, 50), coding("P01", "Slot picker", 30, 90), coding("P01", "Slot gone", 35, 45)]
    elsewhere = [coding("P01", "Carried in", 0, 20), coding("P01", "More time", 60, 80)]
    map = build_empathy_map(study(*rows, *elsewhere), stage="pay", touchpoint="Slot picker")
    assert (texts(map, Quadrant.PAINS), texts(map, Quadrant.GAINS)) == (["Slot gone"], [])


def test_a_map_is_of_a_persona_a_participant_a_segment_or_everyone() -> None:
    tables = study(*(coding(who, "Slot gone") for who in ("P01", "P02", "P03")))
    nora, mara, old, all_ = (build_empathy_map(tables, **a) for a in ({"persona": "nora, on the tram"}, {"participant": "P01"}, {"segment": "customer=old"}, {}))  # fmt: skip
    assert [(m.about, only(m, Quadrant.PAINS).n, m.n_of) for m in (nora, mara, old, all_)] == [
        ("Nora, on the tram", 2, 2), ("Mara", 1, 1), ("customer = old", 1, 1), ("Everyone", 3, 3),
    ]  # fmt: skip
    assert (nora.persona, mara.participant, old.segment) == ("Nora, on the tram", "P01", {"customer": "old"})


def test_only_the_named_coders_and_only_customers_count() -> None:
    rows = [coding("P01", "Slot gone", coder="ben"), coding("P02", "Carried in"), coding("P02", "More time", internal=True)]
    assert {n.statement.code for n in build_empathy_map(study(*rows), coders=["ana"]).notes} == {"Carried in"}


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"participant": "P1"}, UnknownParticipant, 'no participant "P1".* Did you mean "P01"'),
        ({"stage": "pya"}, UnknownName, 'no stage "pya". Did you mean "pay"'),
        ({"touchpoint": "Slot picer"}, UnknownName, 'no touchpoint "Slot picer". Did you mean "Slot picker"'),
        ({"touchpoint": "Slot gone"}, UnknownName, 'no touchpoint "Slot gone"'),
        ({"persona": "Noro"}, UnknownName, 'no persona "Noro"'),
        ({"participant": "P01", "segment": "customer=new"}, BadSetting, "Name one of them"),
    ],
)
def test_what_is_not_in_the_study_says_what_there_is(asked: dict[str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        build_empathy_map(study(), **asked)


def test_a_study_without_codings_gives_an_empty_map() -> None:
    map = build_empathy_map(study(), stage="pay", touchpoint="App")
    assert (map.notes, map.n_of, map.problem) == ((), 3, "")


ROWS = st.lists(
    st.builds(lambda who, code, start, length, coder: coding(who, code, start, start + length, -1, coder=coder), st.sampled_from(["P01", "P02", "P03"]), st.sampled_from([c.name for c in CODES]), st.integers(0, 60), st.integers(1, 60), st.sampled_from(["ana", "ben"])),
    max_size=20, unique_by=lambda row: row["coding"],
)  # fmt: skip


@given(ROWS, st.randoms())
def test_the_same_data_in_any_order_give_the_same_map_and_no_words_of_those_who_did_not_agree(
    rows: list[dict[str, Any]], chance: Any
) -> None:
    map = build_empathy_map(study(*rows))
    shuffled = chance.sample(rows, len(rows))
    assert build_empathy_map(study(*shuffled)) == map
    assert len({n.statement.id for n in map.notes}) == len(map.notes)
    assert not [n for n in map.notes if WORDS in n.statement.text and "P03" in n.statement.text]
    assert all(0 < n.statement.n <= n.statement.n_of and n.statement.evidence for n in map.notes)
