"""The page of a funnel says where most leave, never more than the log and the interviews say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, full_study, write, write_all

from workbench.errors import BadSetting, UnknownName
from workbench.reports.blocks import Block, Outline, render_block
from workbench.reports.sections.funnel_page import FunnelReport, funnel_report
from workbench.study import Study
from workbench.study.importing import import_files

DAY = date(2026, 11, 1)
STAGES = """
[study]
title = "Slots"

[[stage]]
id = "look"
name = "Look"
events = ["visit"]

[[stage]]
id = "check_out"
name = "Check out"
events = ["cart", "slot_lost"]

[[stage]]
id = "receive"
name = "Receive"
events = ["delivered", "never seen"]

[events]
attributes = ["device"]
"""
#: Six visit; five fill the basket, all on phones; three lose their slot there; one receives.
EVENTS = "user_id,event,ts,device\n" + "".join(
    f"u{u},visit,2026-09-01 10:0{u},{'phone' if u < 5 else 'computer'}\n"
    + (f"u{u},cart,2026-09-01 11:0{u},phone\n" if u < 5 else "")
    + (f"u{u},slot_lost,2026-09-01 11:1{u},phone\n" if u < 3 else "")
    + (f"u{u},delivered,2026-09-01 12:00,phone\n" if u == 3 else "")
    for u in range(6)
)
LATER = "u9,visit,2026-10-01 10:00,phone\n"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "study", STAGES)) as made:
        import_files(made, [p for p in write_all(tmp_path / "files", events=EVENTS + LATER) if p.stem not in ("pulse", "tickets")])
        yield made


def report(study: Study, **asked: Any) -> FunnelReport:
    return funnel_report(study, on=DAY, **asked)


def html(block: Block | None) -> str:
    assert block is not None
    return str(render_block(block.name, block.data, Outline())).replace("\N{NO-BREAK SPACE}", " ")


def cells(block: Block | None, column: int) -> list[str]:
    assert block is not None
    return [row[column]["text"] for row in block.data["rows"]]


def test_stages_with_events_are_the_steps_and_what_the_log_lacks_is_left_out(study: Study) -> None:
    made = report(study)
    assert [(s.name, tuple(s.events)) for s in made.steps] == [
        ("Look", ("visit",)),
        ("Check out", ("cart", "slot_lost")),
        ("Receive", ("delivered",)),
    ]
    assert cells(made.ways(), 1) == ["6", "5", "1"]
    assert "1 who came too late to be followed so long are left out" in html(made.ways())


def test_the_headline_names_the_step_where_the_largest_share_leaves(study: Study) -> None:
    strong = report(study).summary().data["strong"].replace("\N{NO-BREAK SPACE}", " ")
    assert strong.startswith("The largest share leaves at “Check out”: 4 of 5 (80 %, ")


def test_leavers_are_told_by_their_last_event_there_and_the_next(study: Study) -> None:
    rows = report(study).leavers()
    assert list(zip(cells(rows, 1), cells(rows, 2), strict=True)) == [("slot_lost", "3"), ("cart", "1"), ("(nothing more)", "4")]


def test_interviews_speak_of_the_stage_and_only_who_agreed_is_quoted(study: Study) -> None:
    made = report(study)
    assert cells(made.pains(), 0) == ["Slot expires"]
    assert "the slot was gone" in html(made.quotes())
    assert "Nobody keeps a slot" not in html(made.quotes())


def test_groups_stand_side_by_side(study: Study) -> None:
    block = report(study, by="device").groups()
    assert block is not None
    assert [c["label"] for c in block.data["columns"]] == ["To", "computer", "phone", "Furthest apart"]
    assert report(study).groups() is None


def test_steps_may_be_events_or_stages(study: Study) -> None:
    made = report(study, steps=["Look", "cart", "delivered"], within="1 day")
    assert [(s.name, s.stage) for s in made.steps] == [("Look", "look"), ("cart", "check_out"), ("delivered", "receive")]


@pytest.mark.parametrize(
    ("asked", "error"), [({"steps": ["visit", "pai"]}, UnknownName), ({"by": "devise"}, UnknownName), ({"within": "7"}, BadSetting), ({"steps": ["visit"]}, BadSetting)]
)  # fmt: skip
def test_what_is_wrong_is_said_before_a_page_begins(study: Study, asked: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        report(study, **asked)


def test_without_events_or_steps_the_page_says_so_and_how_to_go_on(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "a", STAGES)) as none, closing(full_study(tmp_path)) as no_steps:
        assert "There are no events" in report(none).summary().data["strong"]
        made = report(no_steps)
        assert "no stage in study.toml names events" in made.summary().data["strong"]
        assert [made.chart(), made.to_know(), made.ways(), made.groups(), made.leavers(), made.pains(), made.quotes()] == [None] * 7


def test_who_goes_around_a_step_has_not_left(study: Study, tmp_path: Path) -> None:
    import_files(
        study,
        [write(tmp_path, "events2.csv", "user_id,event,ts,device\nu7,visit,2026-09-01 10:00,phone\nu7,delivered,2026-09-02 10:00,phone\n")],
    )
    assert "1 of 7 did not do “Check out” after “Look”" in html(report(study).to_know())
