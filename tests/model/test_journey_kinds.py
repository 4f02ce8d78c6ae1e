"""Every kind of map says what it is, and a blueprint has its lines where the literature draws them."""

from __future__ import annotations

import pytest

from workbench.model import Cell, Journey, JourneyKind, Lane, LaneKind, Stage, Statement
from workbench.model.journey_kinds import JOURNEY_KINDS, lines_across, shown_as

BLUEPRINT = JOURNEY_KINDS[JourneyKind.BLUEPRINT]


@pytest.mark.parametrize("kind", JourneyKind)
def test_every_kind_says_what_it_is_and_how_it_is_laid_out(kind: JourneyKind) -> None:
    preset = JOURNEY_KINDS[kind]
    assert preset.meaning.endswith(".")
    assert preset.meaning.count(". ") == 0
    assert len(preset.stages) == len(set(preset.stages)) >= 4
    assert len(preset.lanes) == len(set(preset.lanes)) >= 5
    assert LaneKind.MEASURE in preset.lanes


def test_no_two_kinds_are_told_alike() -> None:
    assert (
        len({p.meaning for p in JOURNEY_KINDS.values()}) == len({(*p.stages, *p.lanes) for p in JOURNEY_KINDS.values()}) == len(JourneyKind)
    )


def test_a_funnel_shows_what_each_stage_holds_and_how_many_reach_it() -> None:
    assert JOURNEY_KINDS[JourneyKind.FUNNEL].lanes[:2] == (LaneKind.CONTENT, LaneKind.MEASURE)


def test_a_lines_lanes_are_neighbours_or_have_only_each_other_between_them() -> None:
    order = list(BLUEPRINT.lanes)
    assert [line.name for line in BLUEPRINT.lines] == ["line of interaction", "line of visibility", "line of internal interaction"]
    assert [order.index(line.below) - order.index(line.above) for line in BLUEPRINT.lines] == [1, 1, 1]


def lanes(*kinds: LaneKind) -> tuple[Lane, ...]:
    return tuple(Lane(kind, kind.value) for kind in kinds)


def test_lines_are_drawn_between_whatever_lanes_there_are() -> None:
    whole = lines_across(lanes(*BLUEPRINT.lanes), JourneyKind.BLUEPRINT)
    assert whole == {"on stage": "line of interaction", "backstage": "line of visibility", "process": "line of internal interaction"}
    few = lanes(LaneKind.ACTION, LaneKind.ON_STAGE, LaneKind.BACKSTAGE, LaneKind.SYSTEM)
    assert lines_across(few, JourneyKind.BLUEPRINT) == {
        "on stage": "line of interaction",
        "backstage": "line of visibility",
        "system": "line of internal interaction",
    }


def test_a_line_needs_something_on_both_sides() -> None:
    assert lines_across(lanes(LaneKind.ACTION, LaneKind.PAIN), JourneyKind.BLUEPRINT) == {}
    assert lines_across(lanes(LaneKind.ACTION, LaneKind.BACKSTAGE), JourneyKind.USER) == {}


def test_a_map_is_shown_as_another_kind_and_own_lanes_come_last() -> None:
    mine = Lane(LaneKind.CUSTOM, "Our bets")
    cells = (Cell("a", "thought", (Statement("Hm"),)), Cell("a", "system", (Statement("CRM"),)), Cell("a", "Our bets", (Statement("x"),)))
    journey = Journey("", "Map", (Stage("a", "A"),), (mine, *lanes(LaneKind.THOUGHT, LaneKind.SYSTEM, LaneKind.ACTION)), cells)
    shown = shown_as(journey, JourneyKind.BLUEPRINT)
    assert [lane.name for lane in shown.lanes] == ["action", "system", "Our bets"]
    assert [c.lane for c in shown.cells] == ["system", "Our bets"]
    assert shown.kind == JourneyKind.BLUEPRINT
