"""What got worse lately: measures that miss their target or fell, complaints that come more often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from itertools import chain
from math import inf, isfinite, sqrt
from typing import Protocol

import pandas as pd
from scipy.special import betainc, gammaincinv, ndtr, stdtr, stdtrit

from workbench.analysis.answers import given_answers
from workbench.analysis.effects import day_in_words, midnight
from workbench.analysis.intervals import difference, estimate_share, share_bounds
from workbench.analysis.journey import StudyTables, put_into_stages
from workbench.analysis.measures import compute_measure, compute_measures
from workbench.analysis.opportunities import in_words, segment_of, target_in_words
from workbench.analysis.scope import find_scope
from workbench.analysis.statements import quotes_from, rows_by_place
from workbench.errors import BadSetting
from workbench.model import CodeKind, Estimate, Evidence, Measured, MeasureKind, MeasureSetting

LOOKED_AT = timedelta(weeks=4)
#: How far back a complaint is compared: a quarter.
COMPARED_WITH = timedelta(weeks=12)
CONTACTS, REASON = "tickets", "reason"


class AlertKind(StrEnum):
    """What an alert is about."""

    TARGET = "misses its target"
    WORSE = "became worse"
    COMPLAINT = "comes more often"


#: The chance of a false alarm in a look at a study in which nothing is wrong, for each kind over everything looked at: 5 % in all.
FALSE_ALARMS = {AlertKind.TARGET: 0.025, AlertKind.WORSE: 0.0125, AlertKind.COMPLAINT: 0.0125}


class WatchedTables(StudyTables, Protocol):
    """What is watched.  An opened study is one."""

    @property
    def transcripts(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Alert:
    """Something that somebody should look at.

    Parameters
    ----------
    stage : id of the stage; empty where a reason for contact belongs to none
    what : the measure, the reason for contact or the pain point
    before, now : in the time before, and lately; ``before`` is ``None`` where there was nothing to measure
    n : what ``now`` rests on: answers, users, contacts, interviews
    chance : how often noise alone would look like this or worse, for this one comparison
    evidence : the numbers, and for a pain point the latest words
    """

    kind: AlertKind
    stage: str
    what: str
    before: Estimate | None
    now: Estimate
    n: int
    sentence: str
    evidence: tuple[Evidence, ...]
    chance: float


@dataclass(frozen=True)
class RateRatio:
    """How many times as often something happens as before, with its interval; ``p`` is one-sided: as often or more by chance."""

    ratio: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class _Period:
    """Lately is ``since`` to ``until``, the second excluded; it is compared with as long a time before."""

    since: date
    until: date

    @property
    def before(self) -> date:
        return self.since - (self.until - self.since)

    @property
    def in_words(self) -> str:
        days, last = (self.until - self.since).days, day_in_words(self.until - timedelta(days=1))
        length = f"{days // 7} weeks" if days % 7 == 0 and days > 7 else f"{days} days"
        return f"in the {length} to {last}"


@dataclass(frozen=True)
class _Comparison:
    """One thing that was looked at: how surprising it is, and the alert, made only when it is wanted."""

    kind: AlertKind
    chance: float
    alert: Callable[[float], Alert]


def find_alerts(study: WatchedTables, on: date | None = None, since: date | None = None) -> list[Alert]:
    """What somebody should look at, the least likely to be noise first; mostly nothing.

    Parameters
    ----------
    study : an opened study
    on : the day of looking: what happened before it counts (the day after the last answer, event or interview)
    since : the first day of "lately" (four weeks before ``on``); it is compared with as many days before

    Returns
    -------
    An alert for

    - a measure of a stage that lately misses its target: its whole interval lies on the wrong side;
    - a measure of a stage that is clearly worse lately than in as long a time before.  A share or a mean is watched when its
      setting has a target or says whether lower is better;
    - a reason for contact with clearly more tickets a week than in up to twelve weeks before, and a pain point in clearly more
      of the interviews held lately than of those before: :func:`rate_ratio`.  Contacts that come in clumps weigh less.

    "Clearly" allows for how much was looked at (Bonferroni; Dunn 1961): on a study where nothing is wrong, a look gives any
    alert at all in at most one of twenty times.  Measures with a period of their own, and those that rest on fewer than eight
    answers, are not watched.

    Raises
    ------
    BadSetting
        ``since`` is not before ``on``, or a measure cannot be computed.
    BadAnswers
    """
    period = _period(study, on, since)
    if period is None:
        return []
    looked_at = list(chain(_measures(study, period), _contacts(study, period), _pains(study, period)))
    allowed = {kind: chance / max(1, sum(c.kind == kind for c in looked_at)) for kind, chance in FALSE_ALARMS.items()}
    found = sorted((c for c in looked_at if c.chance < allowed[c.kind]), key=lambda c: c.chance)
    return [c.alert(c.chance) for c in found]


def rate_ratio(
    n_now: int, exposure_now: float, n_before: int, exposure_before: float, *, dispersion: float = 1.0, confidence: float = 0.95
) -> RateRatio:
    """How much more often something happens now than before, counted over exposures (weeks, interviews).

    Given how often it happened in all, the number now is binomial: the exact conditional test (Przyborowski & Wilenski 1940),
    and the exact interval that goes with it (Clopper & Pearson 1934).

    Parameters
    ----------
    dispersion : variance over mean of such counts where nothing changes; 1 if each event comes by itself.  Where they come in
        clumps, so many events say as much as one (quasi-likelihood: Wedderburn 1974)

    Examples
    --------
    Two events in 17,877 and nine in 16,660 (Fay 2022, two-sided p = 0.0501):

    >>> found = rate_ratio(2, 17877, 9, 16660)
    >>> round(found.ratio, 6), round(found.low, 6), round(found.high, 6)
    (0.207094, 0.021774, 1.000549)
    """
    now, before = n_now / dispersion, n_before / dispersion
    n, share = now + before, exposure_now / (exposure_now + exposure_before)
    p = float(betainc(now, before + 1, share)) if n_now else 1.0
    low, high = (float(end) for end in share_bounds(now, n, method="exact", confidence=confidence)) if n else (0.0, 1.0)
    scale = exposure_before / exposure_now
    return RateRatio(_odds(now / n if n else 0.5) * scale, _odds(low) * scale, _odds(high) * scale, p)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def _period(study: WatchedTables, on: date | None, since: date | None) -> _Period | None:
    if on is None:
        last = _last_day(study)
        if last is None:
            return None
        on = last + timedelta(days=1)
    since = since or on - LOOKED_AT
    if since >= on:
        raise BadSetting("alerts", f"since {since} is not before {on}", "Look at a day or more.")
    return _Period(since, on)


def _last_day(study: WatchedTables) -> date | None:
    answered, held = _days(study.responses, "answered"), _days(study.transcripts, "held")
    known = [days.max().date() for days in (answered, held) if days.notna().any()]
    if study.events is not None and study.events.n_events:
        known.append(study.events.last.date())
    return max(known, default=None)


def _days(table: pd.DataFrame, column: str) -> pd.Series:
    if column not in table.columns:
        return pd.Series(dtype="datetime64[ns, UTC]")
    return pd.to_datetime(table[column].astype(str), format="ISO8601", errors="coerce", utc=True)


def _measures(study: WatchedTables, period: _Period) -> Iterator[_Comparison]:
    responses, events = study.responses, study.events
    names = {s.id: s.name for s in study.settings.stages}
    for setting in study.settings.measures:
        if setting.stage not in names or setting.since or setting.until:
            continue
        lately = replace(setting, since=midnight(period.since), until=midnight(period.until))
        earlier = replace(setting, since=midnight(period.before), until=midnight(period.since))
        for now in compute_measures(lately, responses=responses, events=events):
            if not now.estimate.small:
                before = compute_measure(earlier, responses=responses, events=events, segment=segment_of(now))
                yield from _compared(setting, now, before, names[setting.stage], period)


def _compared(setting: MeasureSetting, now: Measured, before: Measured | None, stage: str, period: _Period) -> Iterator[_Comparison]:
    if now.target is not None:
        alert = partial(_target_alert, setting.stage, now, before, stage, period)
        yield _Comparison(AlertKind.TARGET, _chance_of_missing(now), alert)
    says_which = setting.lower_is_better is not None or setting.kind not in (MeasureKind.SHARE, MeasureKind.MEAN)
    if before is not None and not before.estimate.small and (says_which or now.target is not None):
        gap = difference(now.estimate, before.estimate)
        shares = now.estimate.numerator is not None and before.estimate.numerator is not None
        freedom = inf if shares else min(now.estimate.n, before.estimate.n) - 1
        chance = _chance(*_worse(gap, now.lower_is_better), freedom)
        yield _Comparison(AlertKind.WORSE, chance, partial(_worse_alert, setting.stage, now, before, gap, stage, period))


def _chance_of_missing(m: Measured) -> float:
    """How often a measure that just meets its target would come out as far on its wrong side, by the test that its interval inverts."""
    e, target = m.estimate, m.target or 0.0
    if e.numerator is not None and 0 < target < 1:
        off = e.value - target if m.lower_is_better else target - e.value
        return float(ndtr(-off / sqrt(target * (1 - target) / e.n)))
    shifted = replace(e, value=e.value - target, low=e.low - target, high=e.high - target)
    return _chance(*_worse(shifted, m.lower_is_better), e.n - 1)


def _worse(gap: Estimate, lower_is_better: bool) -> tuple[float, float]:
    """How far a difference lies on the bad side, and how far its interval reaches back from there."""
    return (gap.value, gap.value - gap.low) if lower_is_better else (-gap.value, gap.high - gap.value)


def _chance(gap: float, half: float, freedom: float) -> float:
    """The one-sided p that a 95 % interval stands for (Altman & Bland 2011); 1 where nothing varied, so that nothing can be said."""
    if not isfinite(half) or half <= 0:
        return 1.0
    if freedom == inf:
        return float(ndtr(-gap / half * 1.959964))
    return float(stdtr(freedom, -gap / half * stdtrit(freedom, 0.975)))


def _target_alert(stage: str, now: Measured, before: Measured | None, name: str, period: _Period, chance: float) -> Alert:
    side, target = "above" if now.lower_is_better else "below", target_in_words(now)
    sentence = f"{_what(now)} at “{name}” was {_numbers(now.estimate)} {period.in_words}, {side} its target of {target}."
    return _measure_alert(AlertKind.TARGET, stage, now, before, sentence, chance)


def _worse_alert(stage: str, now: Measured, before: Measured, gap: Estimate, name: str, period: _Period, chance: float) -> Alert:
    was, moved = _numbers(before.estimate), in_words(gap, change=True)
    sentence = (
        f"{_what(now)} at “{name}” became worse: {_numbers(now.estimate)} {period.in_words}, {was} in as long a time before: {moved}."
    )
    return _measure_alert(AlertKind.WORSE, stage, now, before, sentence, chance)


def _measure_alert(kind: AlertKind, stage: str, now: Measured, before: Measured | None, sentence: str, chance: float) -> Alert:
    evidence = (now,) if before is None else (now, before)
    return Alert(kind, stage, _what(now), before.estimate if before else None, now.estimate, now.estimate.n, sentence, evidence, chance)


def _what(m: Measured) -> str:
    return f"{m.name} ({m.segment})" if m.segment else m.name


def _numbers(e: Estimate) -> str:
    return f"{in_words(e)[:-1]}; {e.n:,} {e.of})"


def _contacts(study: WatchedTables, period: _Period) -> Iterator[_Comparison]:
    """Each reason for contact, counted by the week."""
    responses = study.responses
    if REASON not in responses.columns:
        return
    reasons, _ = given_answers(responses.loc[responses["survey"] == CONTACTS, REASON])
    days = _days(responses.loc[reasons.index], "answered")
    since, until, start = (pd.Timestamp(midnight(d)) for d in (period.since, period.until, period.since - COMPARED_WITH))
    if days.notna().any():
        start = max(start, days.min().normalize())
    weeks, weeks_before = (until - since).days / 7, (since - start).days / 7
    if weeks_before < weeks / 2:
        return
    now, before = (reasons[(days >= a) & (days < b)].value_counts() for a, b in ((since, until), (start, since)))
    dispersion = _dispersion(reasons[(days >= start) & (days < since)], days, int(weeks_before), since)
    for reason in sorted(set(map(str, reasons))):
        counts = int(now.get(reason, 0)), int(before.get(reason, 0))
        found = rate_ratio(counts[0], weeks, counts[1], weeks_before, dispersion=dispersion)
        rates = _a_week(counts[0], weeks), _a_week(counts[1], weeks_before)
        yield _Comparison(AlertKind.COMPLAINT, found.p, partial(_contact_alert, study, reason, rates, found, period, weeks_before))


def _dispersion(reasons: pd.Series, days: pd.Series, n_weeks: int, since: pd.Timestamp) -> float:
    """Variance over mean of the counts of each reason in the whole weeks before, over all reasons; not below 1."""
    weeks_ago = (since - pd.Timedelta(days=1) - days[reasons.index].dt.normalize()).dt.days // 7
    table = pd.crosstab(weeks_ago, reasons).reindex(range(n_weeks), fill_value=0)
    table = table.loc[:, table.sum() > 0]
    freedom = table.shape[1] * (len(table) - 1)
    return max(1.0, float(((table - table.mean()) ** 2 / table.mean()).to_numpy().sum()) / freedom) if freedom > 0 else 1.0


def _a_week(count: int, weeks: float) -> Estimate:
    """How often something happens a week, with the exact Poisson interval (Garwood 1936)."""
    low = float(gammaincinv(count, 0.025)) if count else 0.0
    high = float(gammaincinv(count + 1, 0.975))
    method = "exact Poisson interval (Garwood 1936)"
    return Estimate(count / weeks, low / weeks, high / weeks, count, unit="count", of="contacts", method=method)


def _contact_alert(
    study: WatchedTables,
    reason: str,
    rates: tuple[Estimate, Estimate],
    found: RateRatio,
    period: _Period,
    weeks_before: float,
    chance: float,
) -> Alert:
    now, before = rates
    asked = (m.stage for m in study.settings.measures if m.survey == CONTACTS and REASON in m.questions and reason in m.top)
    sentence = (
        f"Contacts about “{reason}” come more often: {now.n:,} {period.in_words} ({now.value:.1f} a week), {before.n:,} "
        f"in the {weeks_before:.0f} weeks before ({before.value:.1f} a week){_times(found, 'as many a week')}."
    )
    evidence = tuple(
        Measured(f"Contacts about “{reason}”, a week", e, f"survey {CONTACTS}", note=when, lower_is_better=True)
        for e, when in ((now, period.in_words), (before, "before"))
    )
    return Alert(AlertKind.COMPLAINT, next(asked, ""), reason, before, now, now.n, sentence, evidence, chance)


def _times(found: RateRatio, what: str) -> str:
    return f": {found.ratio:.1f} times {what} ({found.low:.1f} to {found.high:.1f})" if isfinite(found.ratio) else ""


def _pains(study: WatchedTables, period: _Period) -> Iterator[_Comparison]:
    """Each pain point, counted by the interview: how many are held in a week is the researchers' doing."""
    codings, held = study.codings, _days(study.transcripts, "held")
    codings = codings[(codings["participant"] != "") & ~codings["internal"].astype(bool)]
    if codings.empty or not held.notna().any():
        return
    codings = codings.assign(day=codings["transcript"].map(held)).dropna(subset="day")
    until, since = pd.Timestamp(midnight(period.until)), pd.Timestamp(midnight(period.since))
    codings = codings[codings["day"] < until]
    lately = codings["day"] >= since
    interviews = [_interviews(codings[when]) for when in (lately, ~lately)]
    if not all(interviews):
        return
    pains = codings[codings["kind"] == CodeKind.PAIN]
    for path, rows in sorted(pains.groupby("path"), key=lambda group: str(group[0])):
        told = [_interviews(rows[when[rows.index]]) for when in (lately, ~lately)]
        found = rate_ratio(told[0], interviews[0], told[1], interviews[1])
        shares = estimate_share(told[0], interviews[0], of="interviews"), estimate_share(told[1], interviews[1], of="interviews")
        make = partial(_pain_alert, study, str(path), rows[lately[rows.index]], shares, found, period)
        yield _Comparison(AlertKind.COMPLAINT, found.p, make)


def _interviews(rows: pd.DataFrame) -> int:
    """Conversations with one person: each voice of a focus group is one."""
    return len(rows[["transcript", "participant"]].drop_duplicates())


def _pain_alert(
    study: WatchedTables, path: str, rows: pd.DataFrame, shares: tuple[Estimate, Estimate], found: RateRatio, period: _Period, chance: float
) -> Alert:
    now, before = shares
    sentence = (
        f"“{path}” comes up more often: in {now.numerator} of {now.n} interviews {period.in_words}, "
        f"in {before.numerator} of {before.n} before{_times(found, 'as often')}."
    )
    staged = put_into_stages(study.codings, study.settings.stages)
    stages = staged.loc[staged["coding"].isin(rows["coding"]), "stage"].mode()
    measured = Measured(f"Interviews with “{path}”", now, "interviews", note=period.in_words, lower_is_better=True)
    quotes = quotes_from(rows_by_place(rows), find_scope(study, None, None, None))
    stage = "" if stages.empty else str(stages.iloc[0])
    return Alert(AlertKind.COMPLAINT, stage, path, before, now, now.n, sentence, (measured, *quotes), chance)
