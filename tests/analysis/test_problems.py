"""A problem statement is filled from what the same people said, or left open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench.analysis.problems import problem_statement, propose_problem
from workbench.errors import UnknownName
from workbench.model import (
    Basis,
    Cell,
    Code,
    Codebook,
    CodeKind,
    EmpathyMap,
    Journey,
    Lane,
    LaneKind,
    Note,
    Quadrant,
    Quote,
    Stage,
    StageSetting,
    Statement,
    StudySettings,
)


def said(text: str, *people: str, **changed: Any) -> Statement:
    quotes = tuple(Quote(f"{text}/{p}", p, p, 0, 9, f"words of {p}", f"Pseudonym of {p}") for p in people)
    return Statement(text, Basis.OBSERVED, quotes, text, people, 9, **changed)


def journey(needs: list[Statement], pains: list[Statement], **changed: Any) -> Journey:
    lanes = (Lane(LaneKind.NEED, "Needs"), Lane(LaneKind.PAIN, "Pain points"))
    cells = (Cell("pay", "Needs", tuple(needs)), Cell("pay", "Pain points", tuple(pains)))
    return Journey(**{"id": "", "title": "Map", "stages": (Stage("pay", "Pay"),), "lanes": lanes, "cells": cells, **changed})


GONE, DEAR = said("Slot expires while paying", "P01", "P02", "P03"), said("The fee appears late", "P04")
HOLD, HOUR = said("A slot that is held", "P01", "P02"), said("To know the hour", "P07", "P08", "P09")


def test_the_most_shared_pain_and_the_need_of_the_same_people_make_the_sentence() -> None:
    """More people want to know the hour, but none of them lost a slot."""
    found = problem_statement(journey([HOUR, HOLD], [DEAR, GONE]), "pay")
    assert found is not None
    assert found.text == "People need a slot that is held because slot expires while paying"
    assert (found.basis, found.said_by, found.note) == (Basis.INFERRED, ("P01", "P02"), "2 of 9 said both")
    assert found.evidence == (*HOLD.evidence, *GONE.evidence)


@pytest.mark.parametrize(
    ("needs", "pains", "text"),
    [
        ([], [GONE], "People need … because slot expires while paying"),
        ([HOUR], [GONE], "People need … because slot expires while paying"),
        ([HOUR, HOLD], [], "People need to know the hour because …"),
        ([said("Time", asserted_by="ana"), HOUR], [GONE], "People need time because slot expires while paying"),
        ([HOLD], [said("PIN is asked twice.", "P01")], "People need a slot that is held because PIN is asked twice"),
        ([], [], ""),
    ],
)
def test_what_nobody_said_is_left_open(needs: list[Statement], pains: list[Statement], text: str) -> None:
    assert propose_problem(journey(needs, pains), "pay") == text


def test_what_is_hidden_is_not_taken() -> None:
    hidden = said("Slot expires while paying", "P01", "P02", "P03", hidden=True)
    assert propose_problem(journey([], [hidden, DEAR]), "Pay") == "People need … because the fee appears late"


def test_who_is_the_persona_or_the_segment() -> None:
    assert propose_problem(journey([], [GONE], persona="Nora, on the tram", segment="customer = new"), "pay").startswith("Nora needs …")
    assert propose_problem(journey([], [GONE], segment="customer = new"), "pay").startswith("People with customer = new need …")


def test_a_stage_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match='no stage "pya"'):
        propose_problem(journey([], []), "pya")


def test_an_empathy_map_gives_its_own_and_a_delight_or_a_goal_is_no_need() -> None:
    need, goal = said("A slot that is held", "P01", note="need"), said("Save the Saturday", "P01", "P02", note="goal")
    notes = (Note(Quadrant.GAINS, goal), Note(Quadrant.GAINS, need), Note(Quadrant.PAINS, GONE))
    found = problem_statement(EmpathyMap("", "Mara", notes, participant="P01", stage="pay"))
    assert found is not None
    assert (found.text, found.id) == ("Pseudonym of P01 needs a slot that is held because slot expires while paying", "problem/pay")


def test_a_study_gives_that_of_everyone_at_a_stage() -> None:
    people = pd.DataFrame({"pseudonym": ["Mara"], "consent_quote": True, "consent_until": None, "heard": True}, index=["P01"])
    kinds = {"Pay": CodeKind.STAGE, "Slot gone": CodeKind.PAIN}
    rows = [
        {"coding": code, "participant": "P01", "transcript": "P01", "internal": False, "code": code, "path": code, "kind": kind.value,
         "coder": "ana", "start": 0, "end": 9, "text": "It's gone", "start_ms": None, "intensity": None}
        for code, kind in kinds.items()
    ]  # fmt: skip
    settings = StudySettings("Grocery", stages=(StageSetting("pay", "Pay"),))
    book = Codebook(Code(name, name, kind) for name, kind in kinds.items())
    study: Any = SimpleNamespace(settings=settings, codebook=book, participants=people, codings=pd.DataFrame(rows), personas=[])
    assert propose_problem(study, "pay") == "People need … because slot gone"
    with pytest.raises(UnknownName, match="no stage"):
        propose_problem(study)
