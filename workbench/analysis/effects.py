"""What a solution changed: its measure before and after it was shipped, and what that does not prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import isfinite, sqrt

import numpy as np
import pandas as pd

from workbench.analysis.events import EventLog
from workbench.analysis.intervals import difference, normal_quantile
from workbench.analysis.measures import Change, before_after, compute_measure, compute_measures
from workbench.analysis.opportunities import in_words, segment_of
from workbench.analysis.scope import StudyTables
from workbench.errors import BadSetting, NoAnswers, UnknownName
from workbench.model import Estimate, Measured, MeasureKind, MeasureSetting, Opportunity

#: How far back it is looked whether a measure was moving before a change: a quarter.
WEEKS_BEFORE = 12

_WEEK = timedelta(weeks=1)
#: With fewer on one side, it is said that the change rests on few.
_FEW = 30
_MOST_OTHERS = 3


@dataclass(frozen=True)
class Effect:
    """What a measure did when a solution was shipped, and how far that can be believed.

    Parameters
    ----------
    change : the measure before and after, and the difference
    weeks : the measure in each whole week before, with the week's first day
    trend : how much it moved a week before already; ``None`` with fewer than three weeks
    others : the same change among the other values of the segment's attribute, which the solution was not for
    sentences : what was found, then what it does not prove
    """

    opportunity: str
    shipped: date
    change: Change
    lower_is_better: bool
    weeks: Sequence[tuple[date, Estimate]]
    trend: Estimate | None
    others: Sequence[Change]
    sentences: Sequence[str]

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return not self.change.difference.low <= 0 <= self.change.difference.high

    @property
    def better(self) -> bool | None:
        """Whether it went to the wished-for side; ``None`` when that is not clear."""
        return (self.change.difference.value < 0) == self.lower_is_better if self.clear else None

    @property
    def sentence(self) -> str:
        """All of it, as a paragraph."""
        return " ".join(self.sentences)

    @property
    def measured(self) -> tuple[Measured, Measured, Measured]:
        """Before, after and difference, as an opportunity keeps its effect."""
        c = self.change
        parts = (("before", c.before), ("after", c.after), ("difference", c.difference))
        named = (Measured(f"{c.name}, {word}", e, c.source, c.segment, lower_is_better=self.lower_is_better) for word, e in parts)
        return tuple(named)  # type: ignore[return-value]


def effect_of(study: StudyTables, opportunity: Opportunity) -> Effect:
    """The measure of an opportunity before and after the day it was shipped, and what that does and does not prove.

    Parameters
    ----------
    study : an opened study
    opportunity : one with ``measure`` and ``shipped``; its ``segment`` narrows, and the others are shown beside it

    Raises
    ------
    BadSetting
        It names no measure, or no day on which it was shipped.
    UnknownName
        study.toml has no such measure.
    NoAnswers
        There is nothing to measure before or after.
    """
    place, shipped = f'opportunity "{opportunity.how_might_we}"', opportunity.shipped
    if shipped is None or not opportunity.measure:
        lacks = "day on which it was shipped" if shipped is None else "measure that would show its effect"
        raise BadSetting(place, f"it names no {lacks}", 'Give it both, for example measure = "CSAT" and shipped = 2026-10-05.')
    settings = {m.name.casefold(): m for m in study.settings.measures}
    setting = settings.get(opportunity.measure.casefold())
    if setting is None:
        raise UnknownName("measure", opportunity.measure, [m.name for m in study.settings.measures])
    responses, events, segment = study.responses, study.events, opportunity.segment
    change = before_after(setting, shipped, responses=responses, events=events, segment=segment)
    if change is None:
        raise NoAnswers(f'measure "{setting.name}" before and after {day_in_words(shipped)}')
    weeks = weekly_values(setting, shipped, responses=responses, events=events, segment=segment)
    trend = trend_of(weeks)
    others = _others(setting, shipped, responses, events, segment)
    lower = setting.kind == MeasureKind.TIME if setting.lower_is_better is None else setting.lower_is_better
    sentences = (*_found(change, shipped), *_beside(change, others), _trend_in_words(trend, weeks, change), *_not_proven(change))
    return Effect(opportunity.how_might_we, shipped, change, lower, weeks, trend, others, sentences)


def weekly_values(
    setting: MeasureSetting,
    until: date,
    *,
    responses: pd.DataFrame | None,
    events: EventLog | None,
    segment: Mapping[str, str] | None = None,
    n_weeks: int = WEEKS_BEFORE,
) -> tuple[tuple[date, Estimate], ...]:
    """A measure in each of the whole weeks before a day, earliest first; weeks with nothing to measure are left out.

    Returns
    -------
    The first day of each week, and the measure in it.

    Raises
    ------
    BadSetting, BadAnswers
    """
    first = _first_day(setting, responses, events)
    starts = [until - _WEEK * back for back in range(n_weeks, 0, -1)]
    found = [
        (
            day,
            compute_measure(
                replace(setting, since=midnight(day), until=midnight(day + _WEEK)), responses=responses, events=events, segment=segment
            ),
        )
        for day in starts
        if first is not None and day >= first
    ]
    return tuple((day, m.estimate) for day, m in found if m is not None)


def trend_of(weeks: Sequence[tuple[date, Estimate]]) -> Estimate | None:
    """How much a weekly measure rose or fell a week, by a straight line; ``None`` with fewer than three weeks.

    Each week weighs as much as its n (for shares that is the trend test of Cochran 1954 and Armitage 1955).  Where the weeks
    scatter about the line by more than chance, the interval is wider by as much (Birge 1932).
    """
    usable = [(day, e) for day, e in weeks if isfinite(e.low) and isfinite(e.high)]
    if len(usable) < 3:
        return None
    x = np.array([(day - usable[0][0]) / _WEEK for day, _ in usable])
    y, n = (np.array([getattr(e, name) for _, e in usable], dtype=float) for name in ("value", "n"))
    x -= np.average(x, weights=n)
    spread = float((n * x**2).sum())
    slope = float((n * x * y).sum()) / spread
    one = _variance_of_one([e for _, e in usable])
    off_line = float((n * (y - np.average(y, weights=n) - slope * x) ** 2).sum())
    scatter = max(1.0, off_line / one / (len(x) - 2)) if one > 0 else 1.0
    half = normal_quantile(0.95) * sqrt(one * scatter / spread)
    e = usable[0][1]
    method = f"weighted line through {len(usable)} weeks (Cochran 1954; Armitage 1955)"
    return Estimate(slope, slope - half, slope + half, int(n.sum()), unit=e.unit, of=e.of, method=method)


def _variance_of_one(estimates: Sequence[Estimate]) -> float:
    """The variance of a single answer within a week, over all weeks."""
    n = np.array([e.n for e in estimates], dtype=float)
    if all(e.numerator is not None for e in estimates):
        share = float(np.average([e.value for e in estimates], weights=n))
        return share * (1 - share)
    errors = np.array([(e.high - e.low) / 2 / normal_quantile(e.confidence) for e in estimates])
    return float(np.average(n * errors**2, weights=n))


def _first_day(setting: MeasureSetting, responses: pd.DataFrame | None, events: EventLog | None) -> date | None:
    """The first day of the data that a measure is made from."""
    if setting.kind == MeasureKind.CONVERSION:
        return pd.Timestamp(int(events.times.min()), unit="us").date() if events is not None and events.n_events else None
    if responses is None or "answered" not in responses.columns:
        return None
    days = pd.to_datetime(
        responses.loc[responses["survey"] == setting.survey, "answered"].astype(str), format="ISO8601", errors="coerce", utc=True
    )
    return days.min().date() if days.notna().any() else None


def _others(
    setting: MeasureSetting, shipped: date, responses: pd.DataFrame, events: EventLog | None, segment: Mapping[str, str]
) -> tuple[Change, ...]:
    """The change among those whom the solution was not for, where its segment is one attribute."""
    if len(segment) != 1:
        return ()
    [(name, value)] = segment.items()
    groups = [segment_of(m) for m in compute_measures(replace(setting, by=name), responses=responses, events=events)]
    rest = [g for g in groups if g.get(name) not in (None, value)]
    changes = [before_after(setting, shipped, responses=responses, events=events, segment=g) for g in rest[: _MOST_OTHERS + 1]]
    return tuple(c for c in changes if c is not None) if len(rest) <= _MOST_OTHERS else ()


def _found(c: Change, shipped: date) -> Iterator[str]:
    before, after = (f"{in_words(e)[:-1]}; {e.n:,} {e.of})" for e in (c.before, c.after))
    gap, where = in_words(c.difference, change=True), f" ({c.segment})" if c.segment else ""
    yield f"{c.name}{where} was {before} before {day_in_words(shipped)} and {after} from then on: {gap}."
    if c.difference.low <= 0 <= c.difference.high:
        yield "The interval of the difference holds zero, so no effect can be told from chance, and none can be ruled out."


def _beside(c: Change, others: Sequence[Change]) -> Iterator[str]:
    for other in others:
        more = difference(c.difference, other.difference)
        yield (
            f"Among {other.segment}, whom it was not for, the measure moved by {in_words(other.difference, change=True)} in the same time; "
            f"the two differ by {in_words(more, change=True)}."
        )


def _trend_in_words(trend: Estimate | None, weeks: Sequence[tuple[date, Estimate]], c: Change) -> str:
    if trend is None:
        return f"Whether it was moving already cannot be told: there {'is' if len(weeks) == 1 else 'are'} only {len(weeks)} whole {'week' if len(weeks) == 1 else 'weeks'} before."
    rate = f"{in_words(trend, change=True)} a week over {len(weeks)} weeks"
    if trend.low <= 0 <= trend.high:
        return f"It was not clearly moving before: {rate}."
    word = "rising" if trend.value > 0 else "falling"
    same = (trend.value > 0) == (c.difference.value > 0)
    rest = "so part of the change may have come anyway" if same else "so the turn came with the change"
    return f"It was already {word} before: {rate}, {rest}."


def _not_proven(c: Change) -> Iterator[str]:
    if min(c.before.n, c.after.n) < _FEW:
        yield f"It rests on few: {c.before.n:,} {c.before.of} before, {c.after.n:,} after."
    yield (
        "This is a before and after, not an experiment: nothing else was held constant, so whatever else changed on that day or later, "
        "the season included, is in the difference too."
    )


def midnight(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_in_words(day: date) -> str:
    """``5 October 2026``."""
    return f"{day.day} {day:%B %Y}"
