"""What was planted in the sample study is what the product finds, count for count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest

import workbench as wb
from workbench.analysis.measures import Change, before_after, compute_measure
from workbench.model import Estimate, MeasureKind, MeasureSetting
from workbench.reports.sections.journey_page import journey_report
from workbench.resources import resource
from workbench.study import Study
from workbench.study.sample import make_sample_study

TRUTH = json.loads((resource("datasets") / "grocery" / "truth.json").read_text("utf-8"))
FOUND = TRUTH["findings"]
FIX = date.fromisoformat(TRUTH["weeks"]["change"])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    with closing(make_sample_study(tmp_path_factory.mktemp("truth") / "sample")[0]) as made:
        yield made


def setting(study: Study, kind: MeasureKind, question: str = "", start: str = "") -> MeasureSetting:
    """The measure of study.toml that asks this question, or begins with this event."""
    (found,) = [m for m in study.settings.measures if m.kind == kind and (question in m.questions if question else m.from_event == start)]
    return found


def measured(study: Study, kind: MeasureKind, question: str = "", start: str = "", **segment: str) -> Estimate:
    found = compute_measure(setting(study, kind, question, start), responses=study.responses, events=study.events, segment=segment)
    assert found is not None
    return found.estimate


def fix(study: Study, kind: MeasureKind, question: str = "", start: str = "") -> Change:
    """A measure on phones before the fix and after it."""
    chosen = setting(study, kind, question, start)
    found = before_after(chosen, FIX, responses=study.responses, events=study.events, segment={"device": "phone"})
    assert found is not None
    return found


def check(estimate: Estimate, planted: dict[str, Any]) -> None:
    """The same people counted, and an interval that holds the true size."""
    assert (estimate.numerator, estimate.n) == (planted["numerator"], planted["denominator"])
    assert estimate.low <= planted["true"] <= estimate.high


# Events


def test_fewer_order_on_phones_than_on_computers(study: Study) -> None:
    planted = FOUND["checkout_on_phones"]
    check(measured(study, MeasureKind.CONVERSION, start="open_checkout", device="computer"), planted["computer"])
    check(fix(study, MeasureKind.CONVERSION, start="open_checkout").before, planted["phone_before"])


def test_the_fix_helped_and_the_interval_of_the_change_says_how_much(study: Study) -> None:
    change, planted = fix(study, MeasureKind.CONVERSION, start="open_checkout"), FOUND["slot_hold_fix"]["ordered"]
    check(change.before, planted["phone_before"])
    check(change.after, planted["phone_after"])
    true = planted["phone_after"]["true"] - planted["phone_before"]["true"]
    assert 0 < change.difference.low <= true <= change.difference.high


def test_families_order_again(study: Study) -> None:
    planted = FOUND["families_reorder"]["ordered_again"]
    again = {home: measured(study, MeasureKind.CONVERSION, start="order_placed", household=home) for home in ("family", "couple", "single")}
    check(again["family"], planted["family"])
    others = [again["couple"], again["single"]]
    assert sum(e.numerator or 0 for e in others) == planted["others"]["numerator"]
    assert sum(e.n for e in others) == planted["others"]["denominator"]


def test_every_stage_and_every_event_is_counted(study: Study) -> None:
    assert study.events is not None
    stages = wb.stage_counts(study.events, TRUTH["stages"])
    assert dict(zip(stages["stage"], stages["n_users"], strict=True)) == TRUTH["stage_users"]
    each = wb.stage_counts(study.events, {name: [name] for name in TRUTH["event_counts"]})
    assert dict(zip(each["stage"], each["n_events"], strict=True)) == TRUTH["event_counts"]
    assert study.events.n_users == TRUTH["users"]


@pytest.mark.parametrize(("when", "period"), [("phone_before", {"until": FIX}), ("phone_after", {"since": FIX})])
def test_fewer_tickets_about_expired_slots_came_after_the_fix(study: Study, when: str, period: dict[str, date]) -> None:
    planted = FOUND["slot_hold_fix"]["tickets"][when]
    tickets = study.responses.query("survey == 'tickets' and reason == 'slot expired'")
    assert study.events is not None
    n_checkouts = len(study.events.where(device="phone", **period).positions_of("open_checkout"))
    after = tickets["answered"] >= str(FIX)
    assert (int((after == ("since" in period)).sum()), n_checkouts) == (planted["numerator"], planted["denominator"])


# Answers


@pytest.mark.parametrize("device", ["phone", "computer"])
def test_who_pays_on_a_phone_fears_for_the_slot(study: Study, device: str) -> None:
    check(measured(study, MeasureKind.SHARE, "slot_worry", device=device), FOUND["slot_worry"][device])


def test_satisfaction_with_the_checkout_rose_with_the_fix(study: Study) -> None:
    change, planted = fix(study, MeasureKind.CSAT, "satisfied_checkout"), FOUND["satisfied_checkout"]
    check(change.before, planted["phone_before"])
    check(change.after, planted["phone_after"])
    check(measured(study, MeasureKind.CSAT, "satisfied_checkout", device="computer"), planted["computer"])


@pytest.mark.parametrize("who", ["family", "others"])
def test_families_recommend_it_more(study: Study, who: str) -> None:
    sheets, planted = study.responses.query("survey == 'pulse'"), FOUND["families_reorder"]["nps"][who]
    score = wb.nps(sheets.loc[(sheets["household"] == "family") == (who == "family"), "recommend"])
    assert (score.n_promoters, score.n_detractors, score.estimate.n) == tuple(
        planted[name] for name in ("promoters", "detractors", "denominator")
    )
    assert score.estimate.value == pytest.approx(planted["score"], abs=0.005)
    assert score.estimate.low <= planted["true"] <= score.estimate.high


def test_sus_is_what_it_is(study: Study) -> None:
    found, planted = measured(study, MeasureKind.SUS, "sus_1"), FOUND["sus"]
    assert (round(found.value, 3), found.n) == (planted["mean"], planted["denominator"])
    assert found.low <= planted["true"] <= found.high


@pytest.mark.parametrize("task", FOUND["usability"])
def test_tasks_were_done_by_so_many(study: Study, task: str) -> None:
    sheets = study.responses.query("survey == 'usability' and task == @task")
    done = wb.task_success(sheets["success"]).estimate
    assert (done.numerator, done.n) == (FOUND["usability"][task]["numerator"], FOUND["usability"][task]["denominator"])


@pytest.mark.parametrize("question", ["reason", "channel"])
def test_tickets_are_about_these_things(study: Study, question: str) -> None:
    tickets = study.responses.query("survey == 'tickets'")
    assert tickets[question].value_counts().to_dict() == TRUTH[f"ticket_{question}s"]


# Words


@pytest.mark.parametrize("code", TRUTH["qualitative"])
def test_who_said_it_is_who_said_it(study: Study, code: str) -> None:
    planted = TRUTH["qualitative"][code]
    table = wb.code_by_participant(study.codings)
    found = table.loc[study.codebook.path(study.codebook.find(code))]
    assert sorted(found[found > 0].index) == planted["participants"]
    counts = wb.code_frequency(study.codings).set_index("code")
    assert counts.loc[code, "n_participants"] == planted["count"]
    assert counts.loc[code, "kind"] == planted["kind"]


def test_the_map_counts_the_same_people(study: Study) -> None:
    """Whatever stage they said it in, nobody else is behind a statement."""
    journey = wb.build_journey(study)
    said = {s.code: set[str]() for c in journey.cells for s in c.statements if s.code}
    for cell in journey.cells:
        for statement in cell.statements:
            if statement.code:
                said[statement.code] |= set(statement.said_by)
    planted = {code: set(entry["participants"]) for code, entry in TRUTH["qualitative"].items()}
    assert {code: people for code, people in said.items() if code in planted} == planted


# What a product manager reads first


def test_the_summary_says_the_main_findings(study: Study) -> None:
    report = journey_report(study)
    said = json.dumps([report.summary()._repr_mimebundle_(), report.opportunities()._repr_mimebundle_()], ensure_ascii=False)
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    assert "8 of 12" in said
    assert "Slot expires while paying" in said
    assert "+27 points" in said
    assert "51 % → 67 %" in said
