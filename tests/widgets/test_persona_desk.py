"""What the persona builder asks of a study, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, full_study

from workbench.errors import BadSetting, UnknownName
from workbench.model import (
    Basis,
    Code,
    CodeKind,
    Consent,
    Journey,
    Participant,
    Persona,
    Scale,
    Stage,
    Statement,
    Trait,
    TraitKind,
    Transcript,
    Utterance,
)
from workbench.store import load_codings, remove_coding, save_codes, save_document, save_participants, save_transcripts
from workbench.study import Study, new_study
from workbench.widgets import PersonaBuilder
from workbench.widgets.persona_desk import PersonaDesk
from workbench.widgets.persona_forms import from_lines
from workbench.widgets.persona_shown import changes

WORDS = {"a": "I keep a list", "b": "the list is lost", "c": "I look at the price", "d": "the fee comes late"}
EVIL = "<img src=x onerror=window.hacked=1>"


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Study]:
    """Mara, who is new, and Joon, who does not want to be quoted; one persona, Nora, for those who are new."""
    study = full_study(tmp_path)
    yield study
    study.close()


@pytest.fixture
def two_kinds(tmp_path: Path) -> Iterator[Study]:
    """Five people who keep a list, and five who look at the price."""
    study = new_study(tmp_path / "study", "Lists", coder="ana")
    people = [Participant(f"p{i}", f"P{i}", f"Name{i}", attributes={"kind": "list" if i < 5 else "price"}) for i in range(10)]
    text = "\n".join(WORDS.values())
    codes = [
        Code("a", "Keeps a list", CodeKind.ACTION, position=0), Code("b", "List lost", CodeKind.PAIN, position=1),
        Code("c", "Compares prices", CodeKind.ACTION, position=2), Code("d", "Late fee", CodeKind.PAIN, position=3),
    ]  # fmt: skip
    with study.db.atomic("ana", "import things") as transaction:
        save_participants(transaction, people)
        said = [
            Transcript(f"t{p.id}", p.alias, text, (Utterance(0, len(text), p.pseudonym, 0, None, p.id),), participant=p.id) for p in people
        ]
        save_transcripts(transaction, said)
        save_codes(transaction, codes)
    names = {c.id: c.name for c in codes}
    for i, p in enumerate(people):
        for key in "ab" if i < 5 else "cd":
            at = text.index(WORDS[key])
            study.add_coding(p.alias, names[key], at, at + len(WORDS[key]))
    yield study
    study.close()


class Asking:
    """A desk whose requests have ids."""

    def __init__(self, study: Study, coder: str = "ana", **about: Any) -> None:
        self.desk, self.n, self.coder = PersonaDesk(study, coder=coder, **about), 0, coder

    def __call__(self, op: str, **body: Any) -> dict[str, Any]:
        self.n += 1
        return self.desk.answer({"id": f"{self.coder}{self.n}", "op": op, **body})

    def done(self, op: str, **body: Any) -> dict[str, Any]:
        answer = self(op, **body)
        assert answer["ok"], answer
        return answer


@pytest.fixture
def ask(coded: Study) -> Asking:
    return Asking(coded)


def nora(study: Study) -> Persona:
    return next(p for p in study.personas if p.name == "Nora")


def slot_coding(study: Study, participant: str) -> str:
    table = study.codings
    return str(table[(table["code"] == "Slot expires") & (table["participant"] == participant)]["coding"].iloc[0])


def test_a_trait_counts_the_people_of_its_persona_only(ask: Asking, coded: Study) -> None:
    """Joon is no new customer: his words stand behind it, and do not make it two of one."""
    both = [slot_coding(coded, "P01"), slot_coding(coded, "P02")]
    ask.done("add", list="pain point", text="Loses the slot", item="x", codings=both)
    (s,) = nora(coded).traits_of(TraitKind.PAIN)
    assert (s.said_by, s.n_of, len(s.quotes), s.basis) == (("P01",), 1, 2, Basis.OBSERVED)
    assert ask.desk.state()["lists"]["pain point"][0]["n"] == 1


def test_evidence_is_as_it_is_now_and_what_is_gone_leaves_an_assumption(ask: Asking, coded: Study) -> None:
    ask.done("add", list="goal", text="Keep the slot", item="x", codings=[slot_coding(coded, "P01")])
    (coding,) = [c for c in load_codings(coded.db) if c.id == slot_coding(coded, "P01")]
    remove_coding(coded.db, coding, coder="ben")
    (goal,) = ask.done("changes", since=0)["state"]["lists"]["goal"]
    assert (goal["assumed"], goal["n"], goal["basis"]) == (True, 0, "assumed")


def test_words_without_consent_are_never_told(ask: Asking, coded: Study) -> None:
    ask.done("add", list="need", text="A slot that waits", item="x", codings=[slot_coding(coded, "P02")])
    assert [q["text"] for q in ask.done("evidence", item="x")["evidence"]["quotes"]] == [None]
    assert "Nobody keeps" not in repr(ask.done("hello")) + repr(ask.done("form", of="quote"))


def test_goals_carry_their_numbers_in_order(ask: Asking, coded: Study) -> None:
    for item in ("one", "two", "three"):
        ask.done("add", list="goal", text=item, item=item)
    ask.done("move", item="three", list="goal", before="one")
    ask.done("remove", item="one")
    assert [(s.text, s.rank) for s in nora(coded).traits_of(TraitKind.GOAL)] == [("three", 1), ("two", 2)]


def test_a_trait_keeps_its_stage_when_it_moves_and_goals_stand_under_their_stages(ask: Asking, coded: Study) -> None:
    ask.done("add", list="need", text="A slot", item="x")
    ask.done("fill", of="item:x", values={"stage": "check_out"})
    ask.done("move", item="x", list="goal", before=None)
    (trait,) = nora(coded).traits
    assert (trait.kind, trait.stage) == (TraitKind.GOAL, "check_out")
    assert ask.desk.state()["objectives"] == [{"stage": "Check out", "goals": [{"id": "x", "text": "A slot"}]}]


def test_the_share_is_counted_anew_for_another_segment(ask: Asking, coded: Study) -> None:
    ask.done("fill", of="who", values={"segment": "customer=returning", "p:P01": True})
    assert dict(nora(coded).segment) == {"customer": "returning"}
    assert [p["name"] for p in ask.desk.state()["card"]["people"]] == ["Mara", "Joon"]


def test_a_place_on_a_scale_is_a_step_of_a_twentieth(ask: Asking, coded: Study) -> None:
    ask.done("fill", of="scale:", values={"low": "plans", "high": "improvises"})
    for at in (0.333, 7):
        ask.done("place", scale="plans ↔ improvises", who="P01", at=at)
    ask.done("place", scale="plans ↔ improvises", who="P02", at=0.333)
    assert dict(nora(coded).scales[0].placed) == {"P01": 1.0, "P02": 0.35}
    ask.done("fill", of="scale:plans ↔ improvises", values={"low": "plans ahead"})
    ask.done("place", scale="plans ahead ↔ improvises", who="P01", at=None)
    assert nora(coded).scales == (Scale("plans ahead", "improvises", {"P02": 0.35}),)


def test_every_request_is_about_the_persona_that_its_view_shows(ask: Asking, coded: Study) -> None:
    """Another view may have turned to another persona in between; a request kept through a reload too."""
    first = ask.done("hello")["state"]["doc"]
    ask.done("new", item="other")
    ask.done("add", doc=first, list="goal", text="Of Nora", item="x")
    assert {p.name: len(p.traits) for p in coded.personas} == {"Nora": 1, "New persona": 0}


def test_a_request_about_a_persona_that_is_gone_is_refused_and_another_is_shown(ask: Asking, coded: Study) -> None:
    ask.done("new", item="other")
    Asking(coded, "ben").done("remove_persona", doc="other")
    answer = ask("add", doc="other", list="goal", text="Too late", item="x")
    assert (answer["ok"], "not there any more" in answer["error"], answer["state"]["card"]["name"]) == (False, True, "Nora")
    assert [len(p.traits) for p in coded.personas] == [0]


def test_the_same_request_twice_is_done_once(ask: Asking, coded: Study) -> None:
    request = {"id": "r", "op": "duplicate", "item": "copy"}
    assert [ask.desk.answer(request)["ok"] for _ in range(2)] == [True, True]
    assert sorted(p.name for p in coded.personas) == ["Nora", "Nora, a copy"]


def test_undo_goes_across_personas_and_shows_where_it_was(ask: Asking, coded: Study) -> None:
    first = ask.done("hello")["state"]["doc"]
    ask.done("add", list="goal", text="First", item="x")
    ask.done("new", item="other")
    ask.done("undo")
    assert [p.name for p in coded.personas] == ["Nora"]
    shown = ask.done("undo", doc=first)["state"]
    assert (shown["doc"], shown["lists"]["goal"], coded.personas[0].traits) == (first, [], ())
    assert ask.done("redo")["state"]["lists"]["goal"][0]["text"] == "First"


def test_a_study_without_personas_gets_one_with_the_first_trait(tmp_path: Path) -> None:
    study = empty_study(tmp_path / "study")
    ask = Asking(study)
    state = ask.done("hello")["state"]
    assert (state["saved"], state["personas"]) == (False, [])
    ask.done("add", doc=state["doc"], list="goal", text="First", item="x")
    assert [(p.id, p.name) for p in study.personas] == [(state["doc"], "New persona")]
    study.close()


def test_maps_go_along_when_a_persona_gets_another_name(ask: Asking, coded: Study) -> None:
    with coded.db.atomic("ana", "map") as transaction:
        save_document(transaction, Journey("j", "As it is", (Stage("s", "S"),), persona="Nora"))
    ask.done("fill", of="card", values={"name": "Nora on the tram"})
    assert [j.persona for j in coded.journeys] == ["Nora on the tram"]
    ask.done("undo")
    assert ([j.persona for j in coded.journeys], [p.name for p in coded.personas]) == (["Nora"], ["Nora"])


def test_two_personas_do_not_share_a_name(ask: Asking) -> None:
    ask.done("new", item="other")
    answer = ask("fill", of="card", values={"name": "NORA", "age": "30"})
    assert "another persona has this name" in answer["error"]
    assert answer["form"]["mine"] == {"name": "NORA", "age": "30"}


def test_what_somebody_wrote_meanwhile_is_not_written_over(ask: Asking, coded: Study) -> None:
    Asking(coded, "ben").done("fill", of="card", values={"career": "Nurse"}, before={"career": ""})
    answer = ask("fill", of="card", values={"career": "Teacher"}, before={"career": ""})
    assert ('it says "Nurse" now' in answer["error"], nora(coded).career) == (True, "Nurse")


def test_demographics_are_written_line_by_line() -> None:
    assert from_lines("device: phone\n\n household:  single ") == {"device": "phone", "household": "single"}
    with pytest.raises(BadSetting, match="attribute: value"):
        from_lines("device phone")


def test_groups_are_proposed_and_nothing_is_saved_before_somebody_accepts(two_kinds: Study) -> None:
    ask = Asking(two_kinds)
    told = ask.done("propose")["proposal"]
    assert (told["supported"], [len(g["group"]) for g in told["groups"]], two_kinds.personas) == (True, [5, 5], [])
    assert {(d["text"], d["n"], d["elsewhere"]) for d in told["groups"][0]["apart"]} in (
        {("Keeps a list", 5, 0), ("List lost", 5, 0)},
        {("Compares prices", 5, 0), ("Late fee", 5, 0)},
    )
    groups = [{**g, "item": f"new{k}"} for k, g in enumerate(told["groups"])]
    state = ask.done("accept", groups=groups, everybody=told["everybody"])["state"]
    assert sorted(p["n"] for p in state["personas"]) == [5, 5]
    assert all(s.n == 5 for p in two_kinds.personas for t in p.traits for s in [t.statement])
    ask.done("undo")
    assert two_kinds.personas == []


def test_merged_groups_are_described_as_one(two_kinds: Study) -> None:
    ask = Asking(two_kinds)
    told = ask.done("propose")["proposal"]
    both = [a for g in told["groups"] for a in g["group"]]
    merged = ask.done("describe", group=both, called="Groups 1 and 2", everybody=told["everybody"])["merged"]
    assert (len(merged["people"]), merged["title"].startswith("Groups 1 and 2")) == (10, True)


def test_too_few_people_are_said_to_be_too_few(coded: Study) -> None:
    told = Asking(coded).done("propose")["proposal"]
    assert (told["groups"], told["supported"]) == ([], False)
    assert "8 are the least" in told["sentence"]


def test_checks_are_kept_with_their_day_and_mark_the_trait(two_kinds: Study) -> None:
    ask = Asking(two_kinds)
    told = ask.done("propose")["proposal"]
    ask.done("accept", groups=[{**told["groups"][0], "item": "g"}], everybody=told["everybody"])
    held = ask.done("validate", since="2026-10-01")["held"]
    assert {c["result"] for c in held["checks"]} == {"not seen"}
    assert next(p for p in two_kinds.personas if p.id == "g").checks == ()
    for _ in range(2):
        ask.done("keep_checks", since="2026-10-01", on="2026-11-22")
    (kept,) = two_kinds.personas
    assert {str(c.on) for c in kept.checks} == {"2026-11-22"}
    assert len(kept.checks) == len(kept.traits)
    assert "○ not seen" in ask.desk.state()["lists"]["behaviour"][0]["extra"]


def test_personas_side_by_side_name_who_stands_behind_them(ask: Asking) -> None:
    ask.done("add", list="goal", text="Keep the slot", item="x")
    ask.done("duplicate", item="other")
    side = ask.done("compare")["side"]
    assert side["names"] == ["Nora", "Nora, a copy"]
    assert side["rows"][0] == {"trait": "Who stands behind", "cells": ["Mara", "Mara"]}
    assert side["rows"][-1] == {"trait": "Goals", "cells": ["Keep the slot (assumed)"] * 2}


def test_what_changed_since_a_version_is_told_in_sentences(ask: Asking, coded: Study) -> None:
    ask.done("add", list="goal", text="Keep the slot", item="x")
    ask.done("add", list="need", text="Go", item="y")
    ask.done("save_version", name="first")
    ask.done("reword", item="x", text="Keep it", before="Keep the slot")
    ask.done("attach", item="x", codings=[slot_coding(coded, "P01")])
    ask.done("remove", item="y")
    ask.done("fill", of="card", values={"age": "30"})
    assert ask.done("versions")["changes"] == [
        "Age: “30” came.", "Needs: “Go” went (assumed).", "Goals: “Keep it” said “Keep the slot” before.", "Goals: “Keep it” (assumed) → (1 of 1).",
    ]  # fmt: skip


def test_order_stage_scales_and_people_are_told_too(coded: Study) -> None:
    def of(*texts: str, **more: Any) -> Persona:
        return Persona("p", "N", traits=tuple(Trait(TraitKind.GOAL, Statement(t, rank=k + 1, id=t)) for k, t in enumerate(texts)), **more)

    before = of("a", "b", scales=(Scale("l", "h", {"P01": 0.1}),), participants=("P01",))
    now = of("b", "a", scales=(Scale("l", "h", {"P01": 0.2}),), participants=("P02",))
    now = replace(now, traits=(replace(now.traits[0], stage="s"), now.traits[1]))
    assert changes(before, now, coded.participants, {"s": "Pay"}) == [
        "Stands for now too: Joon.", "Stands no more for: Mara.", "Goals: “b” was number 2 and is 1.", "Goals: “b” belongs to Pay now.",
        "Goals: “a” was number 1 and is 2.", "On the scale l ↔ h, 1 person has another place.",
    ]  # fmt: skip


def test_the_static_form_has_the_fields_and_no_markup_of_theirs(coded: Study) -> None:
    Asking(coded).done("fill", of="card", values={"summary": EVIL, "age": "30"})
    Asking(coded, "ben").done("add", list="goal", text=EVIL, item="x")
    html = PersonaBuilder(coded).static_form()
    assert "Age: 30" in html
    assert ("<img" in html, html.count("&lt;img")) == (False, 2)


def test_an_unknown_persona_is_named_with_those_there_are(coded: Study) -> None:
    with pytest.raises(UnknownName, match="Nora"):
        PersonaBuilder(coded, "Lena")
    assert repr(PersonaBuilder(coded, "nora")) == 'PersonaBuilder("Nora")'


def test_consent_that_ends_takes_the_words_of_the_quote_away(coded: Study) -> None:
    ask = Asking(coded)
    ask.done("add", list="pain point", text="Loses it", item="x", codings=[slot_coding(coded, "P01")])
    ask.done("fill", of="quote", values={"quote": slot_coding(coded, "P01")})
    assert ask.desk.state()["card"]["quote"] == {"text": "the slot was gone", "speaker": "Mara"}
    people = [replace(p, consent=Consent(quote=False)) for p in coded.load_participants() if p.alias == "P01"]
    with coded.db.atomic("ben", "consent") as transaction:
        save_participants(transaction, people)
    assert ask.done("changes", since=0)["state"]["card"]["quote"] == {"text": None, "speaker": "Mara"}
