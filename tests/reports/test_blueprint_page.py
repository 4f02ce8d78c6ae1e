"""The blueprint is the map with the work under it, and what nobody checked is called assumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import full_study

from workbench.model import Basis, Cell, Journey, JourneyKind, Lane, LaneKind, Quote, Stage, StageSetting, StageWork, Statement, Step
from workbench.reports.sections.blueprint_page import BlueprintReport, as_blueprint, blueprint_report
from workbench.store.documents import save_document
from workbench.study import Study

STEP = Step("s1", "pay", "Choose a slot", on_stage="Shows slots", backstage="Holds a slot", actor="App", department="Checkout", system="Slot service", process="Nightly plan")  # fmt: skip
PAIN = Statement("Slot expires", evidence=(Quote("c1", "P01", "P01", 0, 4, "Gone"),), said_by=("P01",), n_of=2)
MAP = Journey(
    "", "Slots", (Stage("pay", "Pay"), Stage("get", "Get")), (Lane(LaneKind.PAIN, "Pain points"), Lane(LaneKind.NEED, "Needs")),
    (Cell("pay", "Pain points", (PAIN,)),), (STEP,),
)  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def report(study: Study, **asked: Any) -> BlueprintReport:
    return blueprint_report(study, on=date(2026, 11, 1), **asked)


def with_work(study: Study, *work: StageWork) -> Study:
    stages = tuple(replace(s, work=work) for s in study.settings.stages)
    study.settings = replace(study.settings, stages=stages)
    return study


def said(journey: Journey, stage: str) -> dict[str, list[str]]:
    return {c.lane: [s.text for s in c.statements] for c in journey.cells if c.stage == stage}


def test_each_field_of_a_step_stands_in_its_lane() -> None:
    blueprint = as_blueprint(MAP)
    assert blueprint.kind == JourneyKind.BLUEPRINT
    assert said(blueprint, "pay") == {
        "Pain points": ["Slot expires"], "On stage": ["Shows slots"], "Actors": ["App"], "Backstage": ["Holds a slot"],
        "Support processes": ["Nightly plan"], "Departments": ["Checkout"], "Systems": ["Slot service"],
    }  # fmt: skip
    assert all(s.assumed and s.step == "s1" for c in blueprint.cells if c.lane != "Pain points" for s in c.statements)


def test_lanes_stand_from_the_customer_down_and_those_that_must_not_lack_are_there_empty() -> None:
    names = [lane.name for lane in as_blueprint(replace(MAP, steps=())).lanes]
    assert names == ["Customer actions", "Pain points", "On stage", "Backstage", "Support processes"]


def test_a_department_that_step_and_settings_both_name_stands_once() -> None:
    setting = StageSetting("pay", "Pay", work=(StageWork("Plans", department="checkout", system="Planner"),))
    blueprint = as_blueprint(MAP, [setting])
    (department,) = blueprint.cell("pay", "Departments").statements
    assert (department.text, department.asserted_by) == ("Checkout", "process owner")
    assert said(blueprint, "pay")["Systems"] == ["Slot service", "Planner"]


def test_the_three_lines_lie_between_the_lanes(study: Study) -> None:
    with_work(study, StageWork("Holds a slot for 4 minutes", department="Checkout", system="Slot service"))
    lanes = report(study).map().data["lanes"]
    assert {lane["name"]: lane["line"] for lane in lanes if lane["line"]} == {
        "On stage": "line of interaction",
        "Backstage": "line of visibility",
        "Support processes": "line of internal interaction",
    }


def test_what_nobody_checked_is_called_assumed_with_who_says_so(study: Study) -> None:
    with_work(study, StageWork("Holds a slot for 4 minutes", department="Checkout", system="Slot service"))
    made = report(study)
    backstage = next(lane for lane in made.map().data["lanes"] if lane["name"] == "Backstage")
    (item,) = backstage["cells"][0]["items"]
    assert (item["from"], item["note"]) == ("assumed · process owner", "Checkout · Slot service")
    work = made.work().data
    assert [[cell["value"] for cell in row] for row in work["rows"]] == [
        ["Holds a slot for 4 minutes", "Check out", "Backstage", "Checkout · Slot service", "assumed: process owner"]
    ]
    assert "1 of 1" in [f["value"] for f in made.summary().data["findings"]]


def test_what_participants_told_of_the_counter_is_not_assumed() -> None:
    told = replace(PAIN, text="Driver rings twice", basis=Basis.OBSERVED)
    cells = (*MAP.cells, Cell("get", "On stage", (told,)))
    blueprint = as_blueprint(replace(MAP, lanes=(*MAP.lanes, Lane(LaneKind.ON_STAGE, "On stage")), cells=cells))
    (statement,) = blueprint.cell("get", "On stage").statements
    assert not statement.assumed


def test_without_any_work_the_page_says_where_to_write_it(study: Study) -> None:
    made = report(study)
    assert "Add it under work in study.toml" in made.work().text
    assert "1 of 1" in [f["value"] for f in made.summary().data["findings"]], "the stage with nothing behind it"


def test_a_map_that_was_saved_as_a_blueprint_comes_first(study: Study) -> None:
    with study.db.atomic("ana", "save") as transaction:
        save_document(transaction, Journey("a", "A journey", (Stage("check_out", "Check out"),)))
        save_document(transaction, Journey("b", "The works", (Stage("check_out", "Check out"),), kind=JourneyKind.BLUEPRINT))
    assert report(study).journey.title == "The works"
    assert report(study, journey="A journey").journey.title == "A journey"
