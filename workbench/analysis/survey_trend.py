"""Surveys over time and in full: waves, months or weeks, every answer of a scale, and how many left a question out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd

from workbench.analysis.answers import given_answers
from workbench.analysis.contrasts import widened
from workbench.analysis.effects import midnight, trend_of
from workbench.analysis.events import EventLog
from workbench.analysis.intervals import difference, estimate_mean, share_bounds
from workbench.analysis.measures import Change, compute_measure
from workbench.model import Estimate, MeasureKind, MeasureSetting

#: Answers that span no longer than this are one time, not several.
ONE_TIME = timedelta(days=31)
#: As many days without any answer part two waves.
BETWEEN_WAVES = timedelta(days=14)
#: Weeks are shown up to here, months after.
MOST_WEEKS = 16
#: A scale has at most eleven points, as from 0 to 10.
_MOST_POINTS = 11

SCALES: Mapping[MeasureKind, tuple[int, int]] = {
    MeasureKind.NPS: (0, 10),
    MeasureKind.CSAT: (1, 5),
    MeasureKind.CES: (1, 7),
    MeasureKind.SEQ: (1, 7),
    MeasureKind.SUS: (1, 5),
    MeasureKind.UMUX_LITE: (1, 7),
}


@dataclass(frozen=True)
class Period:
    """A wave, a week or a month of a survey: from the first day on, until before the last."""

    name: str
    since: date
    until: date


def periods_of(days: Sequence[date]) -> tuple[Period, ...]:
    """The times that answers fall into, earliest first; none, where all came within a month.

    Waves, where two weeks without any answer part them; else weeks from Monday, and calendar months where there are more than
    sixteen weeks.
    """
    known = sorted(set(days))
    if not known or known[-1] - known[0] <= ONE_TIME:
        return ()
    starts = [known[0], *(b for a, b in pairwise(known) if b - a > BETWEEN_WAVES)]
    if len(starts) > 1:
        ends = [*(max(d for d in known if d < start) for start in starts[1:]), known[-1]]
        return tuple(Period(f"Wave {i}", a, b + timedelta(days=1)) for i, (a, b) in enumerate(zip(starts, ends, strict=True), start=1))
    first = known[0] - timedelta(days=known[0].weekday())
    if known[-1] - first < timedelta(weeks=MOST_WEEKS):
        weeks = range((known[-1] - first).days // 7 + 1)
        return tuple(_week(first + timedelta(weeks=i)) for i in weeks)
    months = pd.period_range(known[0], known[-1], freq="M")
    return tuple(Period(f"{m.start_time:%b %Y}", m.start_time.date(), (m + 1).start_time.date()) for m in months)


def measure_over_time(
    setting: MeasureSetting, periods: Sequence[Period], *, responses: pd.DataFrame, events: EventLog | None = None
) -> tuple[tuple[Period, Estimate], ...]:
    """A measure in each period that has answers, as far as it lies in the measure's own ``since`` and ``until``.

    Raises
    ------
    BadSetting, BadAnswers
    """
    found = (
        (p, compute_measure(replace(setting, since=midnight(p.since), until=midnight(p.until)), responses=responses, events=events))
        for p in periods
        if _covers(setting, p)
    )
    return tuple((period, measured.estimate) for period, measured in found if measured is not None)


def trend_among(values: Sequence[tuple[Period, Estimate]], n_trends: int) -> Estimate | None:
    """How much a measure rose or fell a week, with an interval for one of several trends that are looked at.

    The line and its interval are those of :func:`~workbench.analysis.effects.trend_of`; with ``n_trends`` of them the interval
    is :func:`~workbench.analysis.contrasts.widened`, so that one survey in twenty at most shows a trend where there is none.
    """
    trend = trend_of([(period.since, e) for period, e in values])
    return None if trend is None else widened(trend, n_trends)


def changes_between(settings: Sequence[MeasureSetting], *, responses: pd.DataFrame) -> list[Change]:
    """Of measures that ask the same until a day and from that day on: the two, and how far they are apart.

    Raises
    ------
    BadSetting, BadAnswers
    """
    found = []
    for before in (s for s in settings if s.until is not None):
        for after in (s for s in settings if s.since is not None and s.since >= before.until and _same(s, before)):  # type: ignore[operator]
            a, b = (compute_measure(s, responses=responses, events=None) for s in (before, after))
            if a and b:
                name = after.name if after.name == before.name else f"{before.name} → {after.name}"
                found.append(Change(a.estimate, b.estimate, difference(b.estimate, a.estimate), name, b.source, b.segment))
    return found


def unanswered(answers: pd.DataFrame) -> pd.DataFrame:
    """How many left each question out.

    Parameters
    ----------
    answers : one row per answer sheet, one column per question

    Returns
    -------
    One row per question, as they stand: ``question``, ``n_given``, ``n_missing`` of ``n_of`` sheets, ``share`` (of those missing) with
    Wilson's interval ``low`` to ``high``.
    """
    rows = [(str(q), *_counted(answers[q])) for q in answers.columns]
    table = pd.DataFrame(rows, columns=["question", "n_given", "n_missing"]).astype({"n_given": int, "n_missing": int})
    table["n_of"] = len(answers)
    low, high = share_bounds(table["n_missing"], table["n_of"])
    return table.assign(share=table["n_missing"] / table["n_of"].where(table["n_of"] > 0), low=low, high=high)


def scales_of(answers: pd.DataFrame, settings: Sequence[MeasureSetting]) -> dict[str, tuple[int, int]]:
    """The ends of the scale of each question that has one: that of its measure, else the lowest and highest answer given.

    A question has a scale where every answer is a whole number and there are three to eleven different ones.
    """
    known = {q: SCALES[s.kind] for s in settings if s.kind in SCALES for q in s.questions}
    found = {}
    for question in map(str, answers.columns):
        given = pd.to_numeric(given_answers(answers[question])[0], errors="coerce")
        if len(given) and given.notna().all() and (given % 1 == 0).all():
            low, high = known.get(question, (int(given.min()), int(given.max())))
            whole = low <= given.min() and given.max() <= high and high - low < _MOST_POINTS
            if whole and (question in known or given.nunique() > 2):
                found[question] = (low, high)
    return found


def answer_distribution(answers: pd.DataFrame, scales: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """How many gave each answer of each scale question.

    Returns
    -------
    One row per question and point of its scale, also where nobody chose it: ``question``, ``scale`` ("1 to 5"), ``answer``,
    ``n`` of the ``n_of`` who answered the question, ``share`` (0 to 1); ``mean`` of the question with its t interval ``low`` to ``high``.
    """
    rows = []
    for question, (low, high) in scales.items():
        given = pd.to_numeric(given_answers(answers[question])[0])
        counts = given.value_counts()
        mean = estimate_mean(given, limits=(low, high), what=question)
        for point in range(low, high + 1):
            n = int(counts.get(point, 0))
            rows.append((question, f"{low} to {high}", point, n, len(given), n / len(given), mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["question", "scale", "answer", "n", "n_of", "share", "mean", "low", "high"])


def _covers(setting: MeasureSetting, period: Period) -> bool:
    """Whether all of a period lies in a measure's own time."""
    begun = setting.since is None or setting.since <= midnight(period.since)
    return begun and (setting.until is None or midnight(period.until) <= setting.until)


def _week(monday: date) -> Period:
    return Period(f"{monday.day} {monday:%b}", monday, monday + timedelta(weeks=1))


def _same(a: MeasureSetting, b: MeasureSetting) -> bool:
    return replace(a, name="", since=None, until=None, target=None, stage="") == replace(
        b, name="", since=None, until=None, target=None, stage=""
    )


def _counted(answers: pd.Series) -> tuple[int, int]:
    given, n_missing = given_answers(answers)
    return len(given), n_missing
