"""A touchpoint is counted by people, and feels as those feel who speak of it in the same breath."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench.analysis.journey import build_journey
from workbench.analysis.touchpoints import COLUMNS, touchpoint_analysis
from workbench.model import (
    Basis,
    Cell,
    Codebook,
    Estimate,
    Journey,
    Lane,
    LaneKind,
    Measured,
    Stage,
    StageSetting,
    Statement,
    Step,
    StudySettings,
)

KINDS = {"Pay": "stage", "Till": "touchpoint", "Phone": "channel", "Glad": "emotion", "Slow": "pain point", "Kind": "delight"}
#: Two stretches about paying; the till and how it feels are in the first of Mara's, Ilya's only one, and not in Mara's second.
ROWS = [
    ("P01", "Pay", 0, 100, None), ("P01", "Till", 10, 20, None), ("P01", "Glad", 60, 70, 2), ("P01", "Slow", 30, 40, None),
    ("P01", "Pay", 200, 300, None), ("P01", "Glad", 210, 220, -2), ("P01", "Kind", 230, 240, None),
    ("P02", "Pay", 0, 50, None), ("P02", "Till", 0, 9, None), ("P02", "Glad", 20, 30, 1), ("P02", "Phone", 5, 15, None),
]  # fmt: skip


@pytest.fixture
def study() -> Any:
    made = [
        {"coding": str(i), "participant": who, "transcript": who, "internal": False, "code": code, "path": code, "kind": KINDS[code], "coder": "ana",
         "start": a, "end": b, "text": "words", "speaker": who, "start_ms": None, "intensity": felt}
        for i, (who, code, a, b, felt) in enumerate(ROWS)
    ]  # fmt: skip
    people = pd.DataFrame(
        {"pseudonym": ["Mara", "Ilya", "Dana"], "consent_quote": True, "consent_until": None, "heard": True}, index=["P01", "P02", "P03"]
    )
    return SimpleNamespace(
        settings=StudySettings("Shop", stages=(StageSetting("pay", "Pay"),)), codebook=Codebook(), participants=people,
        codings=pd.DataFrame(made).astype({"intensity": "Float64", "start_ms": "Int64"}), personas=[], opportunities=[],
        responses=pd.DataFrame(columns=["survey"]), events=None,
    )  # fmt: skip


def test_it_feels_as_people_feel_in_the_passages_that_speak_of_it(study: Any) -> None:
    (till,) = touchpoint_analysis(build_journey(study), study).to_dict("records")
    assert (till["touchpoint"], till["stage"], till["n"], till["n_of"]) == ("Till", "Pay", 2, 3)
    assert (till["valence"], till["n_felt"]) == (1.5, 2)
    assert 1 <= till["valence_low"] <= till["valence_high"] <= 2
    assert (till["pains"], till["delights"], till["channels"]) == (("Slow (1)",), (), ("Phone",))


def test_without_the_study_nothing_is_felt_and_only_shared_words_count(study: Any) -> None:
    (till,) = touchpoint_analysis(build_journey(study)).to_dict("records")
    assert pd.isna(till["valence"])
    assert (till["n_felt"], till["pains"], till["channels"]) == (0, (), ("Phone",))


def test_what_a_reviewer_said_of_its_steps_is_told(study: Any) -> None:
    journey = build_journey(study)
    paid = Statement("Paid", Basis.MEASURED, (Measured("Paid", Estimate(0.5, 0.4, 0.6, 100), "events"),))
    lanes = (*journey.lanes, Lane(LaneKind.MEASURE, "Measured"))
    cells = (*journey.cells, Cell("pay", "Measured", (replace(paid, step="1"), replace(paid, text="All"))))
    steps = (
        Step("1", "pay", "Queue", touchpoint="Till", channel="Shop", online=False, strengths="quick", weaknesses="loud", significance=4),
        Step("2", "pay", "Scan", touchpoint="Self-checkout", online=True),
    )
    table = touchpoint_analysis(replace(journey, lanes=lanes, cells=cells, steps=steps)).set_index("touchpoint")
    assert list(table.index) == ["Till", "Self-checkout"]
    till = table.loc["Till"]
    assert (till["channels"], till["strengths"], till["weaknesses"], till["significance"]) == (("Shop", "Phone"), ("quick",), ("loud",), 4)
    assert (till["measures"], till["stage_measures"]) == (("Paid: 50 % (40 to 60)",),) * 2
    assert table["measures"]["Self-checkout"] == ()
    assert (list(table["online"]), table["n"]["Self-checkout"]) == ([False, True], 0)


def test_a_map_without_touchpoints_has_an_empty_table() -> None:
    table = touchpoint_analysis(Journey("", "Map", (Stage("a", "A"),)))
    assert table.empty
    assert tuple(table.columns) == COLUMNS
