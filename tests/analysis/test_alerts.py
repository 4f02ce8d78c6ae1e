"""An alert is rare, says what it rests on, and comes when something got worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.analysis.alerts import AlertKind, find_alerts, rate_ratio
from workbench.analysis.events import EventLog
from workbench.errors import BadSetting
from workbench.model import Codebook, Measured, MeasureKind, MeasureSetting, Quote, StageSetting, StudySettings

FIRST = pd.Timestamp("2026-08-03")
ON = date(2026, 10, 26)
N_DAYS = 84
LATELY = N_DAYS - 28

CSAT = MeasureSetting("CSAT", MeasureKind.CSAT, stage="pay", survey="pulse", questions=("ok",), target=0.6)
EFFORT = MeasureSetting("Effort", MeasureKind.CES, stage="pay", survey="pulse", questions=("effort",), by="device")
WORRY = MeasureSetting("Worried", MeasureKind.SHARE, stage="pay", survey="pulse", questions=("worry",), top=("4", "5"))
ORDERS = MeasureSetting("Orders", MeasureKind.CONVERSION, stage="pay", from_event="open", to_event="pay", within=timedelta(days=1))
LOST = MeasureSetting("About a lost slot", MeasureKind.SHARE, stage="pay", survey="tickets", questions=("reason",), top=("slot lost",))


def day(n: int) -> pd.Timestamp:
    return FIRST + pd.Timedelta(days=int(n))


def answers(days: Sequence[int], **given: Sequence[object]) -> list[dict[str, object]]:
    names = list(given)
    rows = zip(days, *given.values(), strict=True)
    return [{"survey": "pulse", "answered": day(d), **dict(zip(names, map(str, own), strict=True))} for d, *own in rows]


def tickets(reason: str, days: Sequence[int]) -> list[dict[str, object]]:
    return [{"survey": "tickets", "answered": day(d), "reason": reason} for d in days]


def interviews(days: Sequence[int], told: Sequence[bool]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """People, transcripts and codings: each is heard on a day about paying, and tells of the lost slot or not."""
    names = [f"P{i:02}" for i in range(len(days))]
    coded = [(p, "Pay", "stage", 0) for p in names] + [
        (p, "Slot lost", "pain point", 10) for p, yes in zip(names, told, strict=True) if yes
    ]
    codings = pd.DataFrame(
        [(f"{p}{code}", p, p, False, code, code, kind, "ana", start, 90, "It was gone", None, None) for p, code, kind, start in coded],
        columns=[
            "coding",
            "participant",
            "transcript",
            "internal",
            "code",
            "path",
            "kind",
            "coder",
            "start",
            "end",
            "text",
            "start_ms",
            "intensity",
        ],
    )
    people = pd.DataFrame({"pseudonym": names, "consent_quote": True, "consent_until": None, "heard": True}, index=names)
    return people, pd.DataFrame({"held": [day(d).date() for d in days]}, index=names), codings


def study(
    rows: list[dict[str, object]] | None = None,
    measures: Sequence[MeasureSetting] = (),
    heard: tuple[Sequence[int], Sequence[bool]] = ((), ()),
    events: EventLog | None = None,
) -> Any:
    people, transcripts, codings = interviews(*heard)
    return SimpleNamespace(
        settings=StudySettings("Grocery", stages=(StageSetting("pay", "Pay"),), measures=tuple(measures)),
        responses=pd.DataFrame(rows or [], columns=["survey", "answered", "ok", "effort", "worry", "device", "reason"]),
        participants=people, transcripts=transcripts, codings=codings, codebook=Codebook(), events=events, personas=[], opportunities=[],
    )  # fmt: skip


def quiet(seed: int) -> Any:
    """Twelve weeks in which nothing changes: 240 answers, 400 users, six reasons for contact, 20 interviews; the target is met."""
    random = np.random.default_rng(seed)
    days = random.integers(0, N_DAYS, 240)
    rows = answers(
        days,
        ok=random.choice([1, 3, 4, 5], 240, p=[0.15, 0.2, 0.35, 0.3]),
        effort=random.integers(1, 8, 240),
        worry=random.integers(1, 6, 240),
        device=random.choice(["phone", "computer"], 240),
    )
    for i in range(6):
        rows += tickets(f"reason {i}", random.integers(0, N_DAYS, random.poisson(12 * (1 + 3 * i))))
    opened = [FIRST + pd.Timedelta(minutes=int(m)) for m in random.integers(0, N_DAYS * 1440, 400)]
    paid = random.random(400) < 0.6
    log = pd.DataFrame({"user": range(400), "event": "open", "ts": opened})
    log = pd.concat([log, log[paid].assign(event="pay", ts=log["ts"][paid] + pd.Timedelta(minutes=5))])
    measures = (CSAT, EFFORT, replace(WORRY, lower_is_better=True), ORDERS)
    heard = (np.sort(random.integers(0, N_DAYS, 20)).tolist(), (random.random(20) < 0.4).tolist())
    return study(rows, measures, heard, EventLog.from_table(log, "user", "event", "ts"))


def test_quiet_studies_raise_an_alert_in_under_one_of_twenty() -> None:
    assert sum(bool(find_alerts(quiet(seed), ON)) for seed in range(200)) / 200 < 0.05


def test_the_rate_ratio_is_the_exact_conditional_one() -> None:
    """Fay 2022: 2 in 17,877 and 9 in 16,660; ratio 0.2070941557, 0.02177406 to 1.00054910, two-sided p 0.05011."""
    found = rate_ratio(2, 17877, 9, 16660)
    assert (found.ratio, found.low, found.high) == (pytest.approx(0.2070941557), pytest.approx(0.02177406), pytest.approx(1.00054910))
    assert 2 * rate_ratio(9, 16660, 2, 17877).p == pytest.approx(0.05011, abs=0.00001)


@pytest.mark.parametrize(("now", "before", "p"), [(0, 0, 1.0), (0, 7, 1.0), (3, 0, 0.125)])
def test_a_rate_of_nothing_is_no_surprise(now: int, before: int, p: float) -> None:
    assert rate_ratio(now, 4, before, 4).p == pytest.approx(p)


def test_a_complaint_that_comes_more_often_is_told_with_its_numbers() -> None:
    often = [*range(0, LATELY, 7), *range(LATELY, N_DAYS)]
    (alert,) = find_alerts(study(tickets("slot lost", often) + tickets("other", range(N_DAYS)), [LOST]), ON)
    assert (alert.kind, alert.stage, alert.what, alert.n) == (AlertKind.COMPLAINT, "pay", "slot lost", 28)
    assert alert.sentence == (
        "Contacts about “slot lost” come more often: 28 in the 4 weeks to 25 October 2026 (7.0 a week), 8 in the 8 weeks before (1.0 a week)"
        ": 7.0 times as many a week (3.1 to 17.8)."
    )
    assert [e.estimate.value for e in alert.evidence if isinstance(e, Measured)] == [7, 1]


def test_a_reason_that_was_never_given_before_needs_no_ratio() -> None:
    rows = tickets("new", range(LATELY, N_DAYS)) + tickets("other", range(N_DAYS))
    (alert,) = find_alerts(study(rows), ON)
    assert "0 in the 8 weeks before (0.0 a week)." in alert.sentence
    assert alert.stage == ""


def test_more_complaints_of_every_kind_are_needed_the_more_reasons_there_are() -> None:
    """Nine after two a week and less is an alert alone, and noise among forty reasons."""
    own = tickets("slot lost", [0, 10, 20, *range(LATELY, LATELY + 9)])
    others = [t for i in range(40) for t in tickets(f"reason {i}", range(i % 7, N_DAYS, 7))]
    assert len(find_alerts(study(own + tickets("other", [0])), ON)) == 1
    assert find_alerts(study(own + others), ON) == []


def test_contacts_that_come_in_clumps_weigh_less() -> None:
    """Three incidents of twelve tickets in eight weeks and three in four: as 36 tickets that came one by one it would be an alert."""
    incidents = [0, 14, 35, LATELY, LATELY + 7, LATELY + 21]
    even = [*np.linspace(0, LATELY - 1, 36).astype(int), *np.linspace(LATELY, N_DAYS - 1, 36).astype(int)]
    assert find_alerts(study(tickets("slot lost", np.repeat(incidents, 12).tolist())), ON) == []
    assert len(find_alerts(study(tickets("slot lost", even)), ON)) == 1


def test_clumps_make_the_interval_wider_and_the_surprise_smaller() -> None:
    single, clumped = rate_ratio(36, 4, 36, 8), rate_ratio(36, 4, 36, 8, dispersion=4)
    assert single.ratio == clumped.ratio == 2
    assert clumped.low < single.low < single.high < clumped.high
    assert clumped.p == pytest.approx(rate_ratio(9, 4, 9, 8).p)


def test_a_pain_is_counted_by_interview_not_by_week() -> None:
    """Twenty of the last twenty told it, five of thirty before."""
    days = [*range(30), *([LATELY + 1] * 20)]
    told = [*([True] * 5), *([False] * 25), *([True] * 20)]
    (alert,) = find_alerts(study(heard=(days, told)), ON)
    assert (alert.kind, alert.stage, alert.n) == (AlertKind.COMPLAINT, "pay", 20)
    assert alert.sentence.startswith(
        "“Slot lost” comes up more often: in 20 of 20 interviews in the 4 weeks to 25 October 2026, in 5 of 30 before"
    )
    assert sum(isinstance(e, Quote) for e in alert.evidence) == 20


def test_many_interviews_alone_are_no_alert() -> None:
    days = [*range(0, 30, 10), *([LATELY + 1] * 30)]
    assert find_alerts(study(heard=(days, [True] * 33)), ON) == []


def rated(before: Sequence[object], after: Sequence[object], column: str = "ok") -> list[dict[str, object]]:
    """The same answers on each of 20 days before and lately."""
    half = [(d, a) for start, given in ((LATELY - 28, before), (LATELY, after)) for d in range(start, start + 20) for a in given]
    return answers([d for d, _ in half], **{column: [a for _, a in half]})


def test_a_measure_wholly_below_its_target_is_an_alert() -> None:
    (alert,) = find_alerts(study(rated([2, 4, 2], [2, 4, 2]), [CSAT]), ON)
    assert (alert.kind, alert.stage, alert.now.numerator, alert.n) == (AlertKind.TARGET, "pay", 20, 60)
    assert alert.sentence == "CSAT at “Pay” was 33 % (23 to 46; 60 answers) in the 4 weeks to 25 October 2026, below its target of 60 %."


def test_a_measure_whose_interval_holds_its_target_is_none() -> None:
    assert find_alerts(study(rated([4, 4, 2], [4, 2]), [CSAT]), ON) == []


def test_a_measure_that_became_clearly_worse_is_an_alert() -> None:
    (alert,) = find_alerts(study(rated([6, 7], [3, 4], "effort"), [replace(EFFORT, by="")]), ON)
    assert alert.kind == AlertKind.WORSE
    assert (alert.before is not None and alert.before.value, alert.now.value) == (6.5, 3.5)
    assert (
        "became worse: 3.5 (3.3 to 3.7; 40 answers) in the 4 weeks to 25 October 2026, 6.5 (6.3 to 6.7; 40 answers) in as long"
        in alert.sentence
    )


def test_one_that_became_better_is_none() -> None:
    assert find_alerts(study(rated([3, 4], [6, 7], "effort"), [replace(EFFORT, by="")]), ON) == []


def test_a_share_is_watched_only_where_somebody_said_which_side_is_better() -> None:
    rows = rated([2, 4, 2], [4, 5, 5], "worry")
    assert find_alerts(study(rows, [WORRY]), ON) == []
    assert [a.kind for a in find_alerts(study(rows, [replace(WORRY, lower_is_better=True)]), ON)] == [AlertKind.WORSE]
    assert find_alerts(study(rows, [replace(WORRY, lower_is_better=False)]), ON) == []


def test_a_handful_of_answers_raises_no_alert() -> None:
    rows = answers([LATELY] * 7, ok=[1] * 7)
    assert find_alerts(study(rows, [CSAT]), ON) == []


def test_what_happened_after_the_day_of_looking_is_not_known_yet() -> None:
    rows = rated([2, 4, 2], [2, 4, 2])
    assert find_alerts(study(rows, [CSAT]), (FIRST + pd.Timedelta(days=20)).date()) == []
    assert len(find_alerts(study(rows, [CSAT]))) == 1


def test_lately_can_be_set_and_must_hold_a_day() -> None:
    rows = rated([4, 4, 4], [2, 2, 2])
    (alert, *_) = find_alerts(study(rows, [CSAT]), ON, since=day(LATELY + 7).date())
    assert alert.n == 39
    assert "in the 3 weeks to 25 October 2026" in alert.sentence
    with pytest.raises(BadSetting, match="is not before"):
        find_alerts(study(rows, [CSAT]), ON, since=ON)


def test_a_study_without_data_raises_nothing() -> None:
    assert find_alerts(study(measures=[CSAT])) == []
