"""What a map may not be, and what it can say of itself."""

from __future__ import annotations

import pytest

from workbench.errors import BadSetting
from workbench.model import (
    Basis,
    Cell,
    EmpathyMap,
    Estimate,
    Feeling,
    Journey,
    Lane,
    LaneKind,
    Measured,
    MomentOfTruth,
    Note,
    Opportunity,
    Persona,
    Quadrant,
    Quote,
    Stage,
    Statement,
    Step,
    Trait,
    TraitKind,
)

STAGES = (Stage("a", "A"), Stage("b", "B"))
PAINS = Lane(LaneKind.PAIN, "Pain points")


def test_stages_have_ids_of_their_own() -> None:
    with pytest.raises(BadSetting, match="two stages share an id"):
        Journey("", "Map", (Stage("a", "A"), Stage("a", "B")))


@pytest.mark.parametrize(
    "part", [{"cells": (Cell("z", "Pain points"),)}, {"steps": (Step("1", "z", "pay"),)}, {"feelings": (Feeling("z", None),)}]
)
def test_nothing_can_stand_in_a_stage_that_is_not_there(part: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match='names the stage "z". Its stages are a, b'):
        Journey("", "Map", STAGES, lanes=(PAINS,), **part)  # type: ignore[arg-type]


def test_a_cell_stands_in_a_lane_of_the_map() -> None:
    with pytest.raises(BadSetting, match='names the lane "Joys". Its lanes are Pain points'):
        Journey("", "Map", STAGES, lanes=(PAINS,), cells=(Cell("a", "Joys"),))


def test_only_one_moment_is_the_critical_one() -> None:
    moments = (MomentOfTruth("a", "x", "", critical=True), MomentOfTruth("b", "y", "", critical=True))
    with pytest.raises(BadSetting, match="two moments of truth are critical"):
        Journey("", "Map", STAGES, moments=moments)


def test_contact_points_are_counted_once_wherever_they_come_from() -> None:
    lane = Lane(LaneKind.TOUCHPOINT, "Touchpoints")
    cells = (Cell("a", "Touchpoints", (Statement("Doorstep"), Statement("Chat"))), Cell("b", "Touchpoints", (Statement("Chat"),)))
    journey = Journey(
        "", "Map", STAGES, (lane,), cells, steps=(Step("1", "a", "ring", touchpoint="Doorstep"), Step("2", "b", "pay", touchpoint="Till"))
    )
    assert journey.n_contact_points == 3


def test_a_statement_without_evidence_is_marked_assumed_and_a_measured_one_is_not() -> None:
    number = Measured("NPS", Estimate(30, 15, 45, 100, "points"), "survey pulse")
    quote = Quote("c", "P01", "P01", 0, 4, "Help")
    assert Statement("They fear for the slot").assumed
    assert not Statement("NPS", Basis.MEASURED, (number,)).assumed
    both = Statement("x", evidence=(quote, number), said_by=("P01",))
    assert (both.quotes, both.measures, both.n) == ((quote,), (number,), 1)


@pytest.mark.parametrize("quadrant", [Quadrant.THINKS, Quadrant.FEELS])
def test_thoughts_and_feelings_cannot_be_observed(quadrant: Quadrant) -> None:
    with pytest.raises(BadSetting, match="it is marked observed"):
        Note(quadrant, Statement("afraid", Basis.OBSERVED))
    notes = EmpathyMap("", "Nora", (Note(quadrant, Statement("afraid", Basis.INFERRED)),)).notes_in(quadrant)
    assert notes[0].text == "afraid"


def test_a_personas_goals_come_in_their_order() -> None:
    goals = [Trait(TraitKind.GOAL, Statement(t, rank=r)) for t, r in (("third", None), ("second", 2), ("first", 1))]
    assert [s.text for s in Persona("", "Nora", traits=goals).traits_of(TraitKind.GOAL)] == ["first", "second", "third"]


def test_an_opportunitys_worth_is_on_the_scale() -> None:
    with pytest.raises(BadSetting, match="effort is 9. Use 1 to 5"):
        Opportunity("", "hold the slot", effort=9)
