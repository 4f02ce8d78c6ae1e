"""The effect of a solution is not oversold: before, after, the difference, and what that does not prove."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.analysis.effects import effect_of, trend_of
from workbench.analysis.events import EventLog
from workbench.analysis.intervals import estimate_share
from workbench.errors import BadSetting, NoAnswers, UnknownName
from workbench.model import MeasureKind, MeasureSetting, Opportunity

PAID = MeasureSetting("Paid", MeasureKind.CONVERSION, stage="pay", from_event="open", to_event="pay", within=timedelta(days=1))
CSAT = MeasureSetting("CSAT", MeasureKind.CSAT, stage="pay", survey="pulse", questions=("ok",))
SHIPPED = date(2026, 10, 5)
FIX = Opportunity("fix", "hold the slot?", "pay", measure="Paid", segment={"device": "phone"}, shipped=SHIPPED)


def study(shares: dict[str, list[float]], users: int = 50, answers: pd.DataFrame | None = None) -> Any:
    """Every week of five before the change and three after it, so many users of each device open, and this share of them pays."""
    rows = []
    for device, weekly in shares.items():
        for week, share in enumerate(weekly):
            for i in range(users):
                start = datetime(2026, 8, 31, 9, tzinfo=UTC) + timedelta(weeks=week, minutes=i)
                rows.append((f"{device}{week}-{i}", "open", start, device))
                if i < share * users:
                    rows.append((f"{device}{week}-{i}", "pay", start + timedelta(minutes=5), device))
    rows.append(("last", "look", datetime(2026, 10, 27, tzinfo=UTC), "tablet"))
    log = EventLog.from_table(pd.DataFrame(rows, columns=["user", "event", "ts", "device"]), "user", "event", "ts", ["device"])
    empty = pd.DataFrame(columns=["survey", "respondent", "participant", "answered"])
    return SimpleNamespace(settings=SimpleNamespace(measures=(PAID, CSAT)), events=log, responses=empty if answers is None else answers)


FLAT = [0.5] * 5


def test_an_effect_has_both_sides_their_difference_and_its_interval() -> None:
    effect = effect_of(study({"phone": [*FLAT, 0.7, 0.7, 0.7]}), FIX)
    assert (effect.change.before.numerator, effect.change.before.n, effect.change.after.n) == (125, 250, 150)
    assert (effect.clear, effect.better, effect.change.difference.value) == (True, True, pytest.approx(0.2))
    assert effect.sentences[0] == (
        "Paid (device = phone) was 50 % (44 to 56; 250 users) before 5 October 2026 and 70 % (62 to 77; 150 users) from then on: "
        "+20 percentage points (+10 to +29)."
    )
    assert [m.name for m in effect.measured] == ["Paid, before", "Paid, after", "Paid, difference"]


def test_a_measure_that_rose_before_is_said_to_have_risen_before() -> None:
    rising = effect_of(study({"phone": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}), FIX)
    assert rising.trend is not None
    assert rising.trend.value == pytest.approx(0.1)
    assert "already rising before: +10 percentage points (+6 to +14) a week over 5 weeks" in rising.sentence
    assert "may have come anyway" in rising.sentence
    assert "not clearly moving before" in effect_of(study({"phone": [*FLAT, 0.7, 0.7, 0.7]}), FIX).sentence


def test_no_effect_is_not_sold_as_one() -> None:
    effect = effect_of(study({"phone": [*FLAT, 0.52, 0.5, 0.48]}), FIX)
    assert (effect.clear, effect.better) == (False, None)
    assert "holds zero" in effect.sentence


def test_it_always_says_that_nothing_else_was_held_constant() -> None:
    effect = effect_of(study({"phone": [*FLAT, 0.9, 0.9, 0.9]}), FIX)
    assert "nothing else was held constant" in effect.sentence
    assert "season" in effect.sentence


def test_those_whom_it_was_not_for_are_shown_beside_it() -> None:
    """Everybody rose by 20 points: the solution is not why."""
    together = [*FLAT, 0.7, 0.7, 0.7]
    effect = effect_of(study({"phone": together, "computer": together}), FIX)
    assert [c.segment for c in effect.others] == ["device = computer"]
    assert "the two differ by 0 percentage points (−13 to +13)" in effect.sentence


def test_few_answers_and_few_weeks_are_said_aloud() -> None:
    days = ["2026-09-29"] * 6 + ["2026-10-06"] * 4
    sheets = pd.DataFrame({"survey": "pulse", "respondent": range(10), "answered": pd.to_datetime(days), "ok": ["2"] * 6 + ["5"] * 4})
    effect = effect_of(study({"phone": FLAT}, answers=sheets), replace(FIX, measure="csat", segment={}))
    assert effect.trend is None
    assert "It rests on few: 6 answers before, 4 after." in effect.sentences
    assert any("cannot be told" in s for s in effect.sentences)


@pytest.mark.parametrize(
    ("changed", "error", "match"),
    [
        ({"shipped": None}, BadSetting, "no day on which it was shipped"),
        ({"measure": ""}, BadSetting, "no measure that would show its effect"),
        ({"measure": "Pay"}, UnknownName, 'no measure "Pay"'),
        ({"measure": "CSAT"}, NoAnswers, "5 October 2026"),
    ],
)
def test_what_an_effect_lacks_is_one_sentence(changed: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        effect_of(study({"phone": FLAT}), replace(FIX, **changed))


def test_the_trend_of_shares_is_the_cochran_armitage_test() -> None:
    """Agresti 2002, table 3.7: malformations by alcohol (scores 0, 0.5, 1.5, 4, 7): z squared 6.57, of 12.08 in all."""
    counts = [(48, 17114), (38, 14502), (5, 793), (1, 127), (1, 38)]
    days = [date(2026, 1, 5) + timedelta(weeks=w) for w in (0, 1, 3, 8, 14)]
    weeks = [(day, estimate_share(x, n)) for day, (x, n) in zip(days, counts, strict=True)]
    trend = trend_of(weeks)
    assert trend is not None
    scatter = (12.08 - 6.57) / 3
    assert (trend.value / ((trend.high - trend.low) / 2 / 1.959964)) ** 2 * scatter == pytest.approx(6.57, abs=0.02)


def test_two_weeks_make_no_trend() -> None:
    weeks = [(date(2026, 9, 7), estimate_share(5, 10)), (date(2026, 9, 14), estimate_share(9, 10))]
    assert trend_of(weeks) is None


def test_a_flat_measure_is_rarely_said_to_move() -> None:
    """300 quiet runs of six weeks: the 95 % interval of the slope leaves out zero in about one of twenty."""
    random = np.random.default_rng(7)
    days = [date(2026, 1, 5) + timedelta(weeks=w) for w in range(6)]
    runs = [trend_of([(d, estimate_share(int(random.binomial(80, 0.6)), 80)) for d in days]) for _ in range(300)]
    assert sum(t is not None and not t.low <= 0 <= t.high for t in runs) / 300 <= 0.06
