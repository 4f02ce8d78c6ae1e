"""New data come in and what people wrote stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.empathy_changes import compare_empathy_maps, rebuild_empathy_map
from workbench.model import Basis, EmpathyMap, Estimate, Measured, Note, Quadrant, Quote, Statement
from workbench.model.empathy_map import INFERRED


def quote(who: str, text: str = "It was gone", quotable: bool = True) -> Quote:
    return Quote(f"{who}/{text}", who, who, 0, len(text), text, quotable=quotable)


def built(code: str, *people: str, quadrant: Quadrant = Quadrant.PAINS, path: str = "", text: str = "", **changed: Any) -> Note:
    """A note as a building makes it."""
    basis = Basis.INFERRED if quadrant in INFERRED else Basis.OBSERVED
    quotes = tuple(quote(p) for p in people or ("P01",))
    said_by = tuple(q.participant for q in quotes)
    made = Statement(text or code, basis, quotes, code, said_by, 9, id=f"{quadrant}/{path or code}", note="pain point")
    return Note(quadrant, replace(made, **changed))


def map_of(*notes: Note, **changed: Any) -> EmpathyMap:
    return EmpathyMap(**{"id": "", "about": "Nora", "notes": notes, "n_of": 9, **changed})


def the(map: EmpathyMap) -> Statement:
    (note,) = map.notes
    return note.statement


@pytest.mark.parametrize("who", ["asserted_by", "reworded_by"])
def test_somebody_s_words_stay_and_the_evidence_is_new(who: str) -> None:
    before = map_of(built("Slot gone", "P01", text="It expires on her", **{who: "ana"}))
    now = the(rebuild_empathy_map(before, map_of(built("Slot gone", "P02", "P03"))))
    assert (now.text, getattr(now, who), now.said_by, now.basis) == ("It expires on her", "ana", ("P02", "P03"), Basis.OBSERVED)


def test_what_is_hidden_ranked_or_remarked_on_stays_so_and_takes_new_words() -> None:
    before = map_of(built("Slot gone", text="an old quote", hidden=True, rank=2, note="ask Ruben"))
    now = the(rebuild_empathy_map(before, map_of(built("Slot gone", text="a new quote"))))
    assert (now.text, now.hidden, now.rank, now.note) == ("a new quote", True, 2, "ask Ruben")


def test_what_the_data_no_longer_say_goes() -> None:
    assert rebuild_empathy_map(map_of(built("Slot gone")), map_of(built("Late"))).notes == map_of(built("Late")).notes


@pytest.mark.parametrize("touch", [{"rank": 1}, {"hidden": True}, {"reworded_by": "ana"}, {"asserted_by": "ana"}, {"note": "ask Ruben"}])
def test_what_somebody_touched_stays_without_evidence_and_is_assumed(touch: dict[str, Any]) -> None:
    now = the(rebuild_empathy_map(map_of(built("Slot gone", **touch)), map_of()))
    assert (now.text, now.assumed, now.basis, now.n, now.id) == ("Slot gone", True, Basis.ASSUMED, 0, "pains/Slot gone")
    assert {k: getattr(now, k) for k in touch} == touch


def test_a_quote_that_nobody_says_any_more_is_not_kept_in_its_words() -> None:
    """Its speaker may have been taken out of the study; the rank that a person gave stays, with the name of the code."""
    before = map_of(built("Slot gone", quadrant=Quadrant.SAYS, text="It was gone", rank=1))
    now = the(rebuild_empathy_map(before, map_of()))
    assert (now.text, now.rank, now.quotes) == ("Slot gone", 1, ())


def test_a_note_that_data_support_again_is_observed_again() -> None:
    before = map_of(built("Slot gone", rank=1))
    back = rebuild_empathy_map(rebuild_empathy_map(before, map_of()), map_of(built("Slot gone", "P05")))
    assert (the(back).basis, the(back).said_by, the(back).rank) == (Basis.OBSERVED, ("P05",), 1)


def test_somebody_s_own_note_keeps_the_evidence_of_people_who_are_still_in_the_data() -> None:
    measured = Measured("Paid", Estimate(0.5, 0.4, 0.6, 9), "events")
    evidence = (quote("P01"), quote("P08"), measured)
    own = Note(Quadrant.PAINS, Statement("Counts the minutes", evidence=evidence, said_by=("P01", "P08"), asserted_by="ana"))
    new = built("Slot gone", evidence=(quote("P01", quotable=False),))
    now = rebuild_empathy_map(map_of(own), map_of(new)).notes[-1].statement
    assert (now.text, now.said_by, now.measures) == ("Counts the minutes", ("P01",), (measured,))
    assert [q.quotable for q in now.quotes] == [False]


def test_a_note_moved_to_another_quadrant_stays_there_with_what_is_known_of_it() -> None:
    moved = Note(Quadrant.THINKS, replace(built("Slot gone").statement, basis=Basis.INFERRED))
    (now,) = rebuild_empathy_map(map_of(moved), map_of(built("Slot gone", "P02"))).notes
    assert (now.quadrant, now.statement.basis, now.statement.said_by) == (Quadrant.THINKS, Basis.INFERRED, ("P02",))
    assert the(rebuild_empathy_map(map_of(moved), map_of())).assumed


def test_a_code_that_was_put_below_another_keeps_what_was_written() -> None:
    before = map_of(built("Slot gone", text="It expires on her", reworded_by="ana"))
    now = the(rebuild_empathy_map(before, map_of(built("Slot gone", path="Time / Slot gone"))))
    assert (now.text, now.id) == ("It expires on her", "pains/Time / Slot gone")


def test_ranked_notes_come_first_then_the_most_shared() -> None:
    before = map_of(built("Late", rank=2), built("Dear", rank=1))
    now = rebuild_empathy_map(before, map_of(built("Slot gone", "P01", "P02"), built("Late"), built("Dear")))
    assert [n.statement.text for n in now.notes] == ["Dear", "Late", "Slot gone"]


def test_title_id_version_and_problem_statement_stay() -> None:
    before = map_of(id="m1", about="Nora at the till", problem="Nora needs time", version=3)
    now = rebuild_empathy_map(before, map_of(built("Late"), n_of=12, stage="pay"))
    assert (now.id, now.about, now.problem, now.version, now.n_of, now.stage) == ("m1", "Nora at the till", "Nora needs time", 3, 12, "pay")


CODES = ["Slot gone", "Late", "Dear"]
NOTES = st.lists(
    st.builds(built, st.sampled_from(CODES), st.sampled_from(["P01", "P02"]), quadrant=st.sampled_from([Quadrant.PAINS, Quadrant.SAYS])),
    unique_by=lambda n: n.statement.id,
)
PEOPLE = st.sampled_from(["", "ana"])
EDITED = st.builds(
    lambda note, text, asserted, reworded, hidden, rank, remark, called: Note(
        note.quadrant,
        replace(note.statement, text=text, asserted_by=asserted, reworded_by=reworded, hidden=hidden, rank=rank, note=remark, id=called),
    ),
    st.builds(built, st.sampled_from(["", *CODES]), quadrant=st.sampled_from(list(Quadrant))),
    st.sampled_from(["hers", "mine", "It was gone"]), PEOPLE, PEOPLE, st.booleans(), st.none() | st.integers(1, 3),
    st.sampled_from(["", "ask Ruben", "need"]), st.sampled_from(["", "x", *(f"pains/{code}" for code in CODES), *(f"says/{code}" for code in CODES)]),
)  # fmt: skip


def written(map: EmpathyMap) -> list[tuple[Any, ...]]:
    """All that people did to the notes."""
    notes = [(n.quadrant, n.statement) for n in map.notes]
    kept = [(q, s.text if s.asserted_by or s.reworded_by else "", s.asserted_by, s.reworded_by, s.hidden, s.rank, s.note) for q, s in notes]
    return [(*k[:-1], k[-1] if k[-1] == "ask Ruben" else "") for k in kept if any(k[1:6]) or k[-1] == "ask Ruben"]


@given(NOTES, st.lists(EDITED), NOTES)
def test_whatever_people_did_is_never_lost(first: list[Note], edited: list[Note], second: list[Note]) -> None:
    before = map_of(*first, *edited, problem="Nora needs time")
    now = rebuild_empathy_map(before, map_of(*second))
    assert sorted(map(repr, written(now))) == sorted(map(repr, written(before)))
    assert now.problem == "Nora needs time"
    assert {n.statement.id for n in second} <= {n.statement.id for n in now.notes}


@given(NOTES, st.lists(EDITED), NOTES)
def test_rebuilding_twice_is_rebuilding_once(first: list[Note], edited: list[Note], second: list[Note]) -> None:
    once = rebuild_empathy_map(map_of(*first, *edited), map_of(*second))
    assert rebuild_empathy_map(once, map_of(*second)) == once


def test_two_maps_side_by_side_have_a_row_for_each_statement_with_n_of_n() -> None:
    a = map_of(built("Late", "P01"), built("Slot gone", "P01", "P02"), n_of=9)
    b = map_of(built("Slot gone", "P05"), built("Dear", quadrant=Quadrant.GAINS), n_of=4)
    rows = compare_empathy_maps(a, b).drop(columns="code").to_numpy().tolist()
    assert rows == [
        ["pains", "Slot gone", "both", 2, 9, 1, 9],
        ["pains", "Late", "first", 1, 9, 0, 4],
        ["gains", "Dear", "second", 0, 9, 1, 9],
    ]


def test_a_hidden_note_stands_on_no_map_and_a_quote_is_compared_by_its_code() -> None:
    a = map_of(built("Late", hidden=True), built("Slot gone", quadrant=Quadrant.SAYS, text="Gone!"))
    b = map_of(built("Late"), built("Slot gone", quadrant=Quadrant.SAYS, text="It left"))
    assert compare_empathy_maps(a, b)[["statement", "in_map"]].to_numpy().tolist() == [["Gone!", "both"], ["Late", "second"]]
    assert compare_empathy_maps(a, a)["statement"].tolist() == ["Gone!"]


def test_two_empty_maps_compare_to_an_empty_table() -> None:
    assert list(compare_empathy_maps(map_of(), map_of()).columns)[:4] == ["quadrant", "statement", "code", "in_map"]
