"""The numbers of the map: each computed from its setting in study.toml, for everybody or for a segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from workbench.analysis.answers import given_answers, read_numbers
from workbench.analysis.events import EventLog, funnel
from workbench.analysis.intervals import difference, estimate_mean, estimate_share
from workbench.analysis.ux_metrics import Measure, ScaleMean, ces, csat, nps, seq, sus, task_success, time_on_task, umux_lite
from workbench.errors import BadAnswers, BadSetting, NoAnswers, did_you_mean
from workbench.model import Estimate, Measured, MeasureKind, MeasureSetting
from workbench.model.moments import in_utc

_SHEET = ("survey", "respondent", "participant", "answered")
_N_QUESTIONS = {MeasureKind.SUS: 10, MeasureKind.UMUX_LITE: 2}


@dataclass(frozen=True)
class Change:
    """A measure before and after a moment; ``difference`` is after minus before."""

    before: Estimate
    after: Estimate
    difference: Estimate
    name: str = ""
    source: str = ""
    segment: str = ""


def compute_measure(
    setting: MeasureSetting, *, responses: pd.DataFrame | None, events: EventLog | None, segment: Mapping[str, str] | None = None
) -> Measured | None:
    """One number of the map, with its interval.

    Parameters
    ----------
    setting : what to measure; ``since`` is included, ``until`` is not.  Its ``by`` is left to :func:`compute_measures`
    responses : one row per answer sheet: ``survey``, ``respondent``, ``participant``, ``answered``, then attributes and answers
    events : the event log
    segment : attributes that narrow further: ``{"device": "phone"}``

    Returns
    -------
    The measure; ``None`` when there is nothing to measure: no such answers or events, a question or an attribute that nobody
    filled in (:func:`unanswered` names it), or data that do not have the attribute of the segment.  A conversion follows each user's first ``from_event`` in the log, and counts it when that lies
    in the period and has the attributes; so a user counts once, before or after a moment.  Users who entered so late
    that the log ends before their window does are left out, and the note says how many.

    Raises
    ------
    BadSetting
        The setting names an attribute or event that the log does not have, or too few questions.
    BadAnswers
        Some answers are not on the scale of the question.
    """
    segment = dict(segment or {})
    if any(setting.where.get(name, value) != value for name, value in segment.items()):
        return None
    from_events = setting.kind == MeasureKind.CONVERSION
    found = _conversion(setting, events, segment) if from_events else _answered(setting, responses, segment)
    if found is None:
        return None
    estimate, note = found
    source = "events" if from_events else f"survey {setting.survey}"
    return Measured(
        setting.name, estimate, source, _in_words({**setting.where, **segment}), setting.target, note, _lower_is_better(setting)
    )


def compute_measures(
    setting: MeasureSetting, *, responses: pd.DataFrame | None, events: EventLog | None, segment: Mapping[str, str] | None = None
) -> tuple[Measured, ...]:
    """The measure for each value of its ``by`` that the data have, in alphabetical order; only the measure, where it has none.

    Raises
    ------
    BadSetting, BadAnswers
    """
    segment = dict(segment or {})
    segments = [segment]
    if setting.by and setting.by not in segment:
        segments = [{**segment, setting.by: value} for value in _values(setting, responses, events)]
    found = (compute_measure(setting, responses=responses, events=events, segment=s) for s in segments)
    return tuple(m for m in found if m is not None)


def before_after(
    setting: MeasureSetting,
    moment: date,
    *,
    responses: pd.DataFrame | None,
    events: EventLog | None,
    segment: Mapping[str, str] | None = None,
) -> Change | None:
    """The same measure before a day and from it on, and how far it moved.

    Parameters
    ----------
    moment : a day or a time; it belongs to "after"

    Returns
    -------
    The change; ``None`` when either side has nothing to measure.  The interval of the difference takes the two sides as
    independent: it is Newcombe's hybrid score interval for shares, the square-and-add interval otherwise.

    Raises
    ------
    BadSetting, BadAnswers
    """
    cut = in_utc(moment)
    until = cut if setting.until is None else min(cut, in_utc(setting.until))
    since = cut if setting.since is None else max(cut, in_utc(setting.since))
    before = compute_measure(replace(setting, until=until), responses=responses, events=events, segment=segment)
    after = compute_measure(replace(setting, since=since), responses=responses, events=events, segment=segment)
    if before is None or after is None:
        return None
    gap = difference(after.estimate, before.estimate)
    return Change(before.estimate, after.estimate, gap, setting.name, before.source, before.segment)


def _conversion(setting: MeasureSetting, events: EventLog | None, segment: Mapping[str, str]) -> tuple[Estimate, str] | None:
    if events is None or any(name not in events.attributes for name in segment):
        return None
    place = f'measure "{setting.name}"'
    for name in setting.where:
        if name not in events.attributes:
            raise BadSetting(place, f'events have no attribute "{name}"', did_you_mean(name, events.attributes))
    for event in (setting.from_event, setting.to_event):
        if event not in events.event_names:
            raise BadSetting(place, f'there is no event "{event}" in the log', did_you_mean(event, events.event_names))
    steps, where = [setting.from_event, setting.to_event], {**setting.where, **segment}
    until = _followed_until(events, setting)
    table = funnel(events, steps, within=setting.within, since=setting.since, until=until, where=where)
    came, went = (int(n) for n in table["n"])
    if not came:
        return None
    asked = funnel(events, steps[:1] * 2, since=setting.since, until=setting.until, where=where)
    n_recent = int(asked["n"].iloc[0]) - came
    recent = [f"{n_recent:,} who came too late to be followed so long are left out"] if n_recent else []
    return estimate_share(went, came, of="users"), "; ".join([table.attrs["counted"], *recent])


def _followed_until(events: EventLog, setting: MeasureSetting) -> datetime | None:
    """The end of the period, or of the entries that the log still follows for the whole window, whichever is earlier."""
    until = in_utc(setting.until) if setting.until else None
    if setting.within is None or not events.n_events:
        return until
    followed = events.followed_for(setting.within)
    return min(until, followed) if until else followed


def _answered(setting: MeasureSetting, responses: pd.DataFrame | None, segment: Mapping[str, str]) -> tuple[Estimate, str] | None:
    if responses is None or not len(responses):
        return None
    _check_questions(setting)
    sheets = _sheets(setting, responses, [*setting.questions, *setting.where, *segment])
    if not all(_is_filled(sheets, name) for name in (*setting.questions, *setting.where, *segment)):
        return None
    for name, value in {**setting.where, **segment}.items():
        sheets = sheets[[str(found).strip() == value for found in sheets[name]]]
    sheets, n_undated = _in_period(setting, sheets)
    place = f'measure "{setting.name}"'
    try:
        estimate, notes = _metric(setting, sheets[list(setting.questions)])
    except NoAnswers:
        return None
    except BadAnswers as error:
        raise BadAnswers(f"{place}, question {' and '.join(setting.questions[:1])}", error.wrong, error.n, error.accepted) from None
    notes += [f"{n_undated} without a day left out"] if n_undated else []
    return estimate, "; ".join(notes)


def unanswered(setting: MeasureSetting, responses: pd.DataFrame) -> dict[str, str]:
    """The questions and attributes that a measure names and nobody of its survey filled in, each with what may be meant."""
    sheets = _sheets(setting, responses, responses.columns)
    filled = [str(name) for name in sheets.columns if _is_filled(sheets, str(name))]
    return {name: did_you_mean(name, filled) for name in (*setting.questions, *setting.where) if name not in filled}


def _sheets(setting: MeasureSetting, responses: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The sheets of its survey: these columns of them, as far as they are there, and the day; all columns take many times as long."""
    wanted = {*names, "answered"}
    return responses.loc[(responses["survey"] == setting.survey).to_numpy(), [c for c in responses.columns if c in wanted]]


def _is_filled(sheets: pd.DataFrame, name: str) -> bool:
    """Whether a name is a question or an attribute, and somebody filled it in."""
    return name in sheets.columns and name not in _SHEET and bool(sheets[name].notna().any())


def _check_questions(setting: MeasureSetting) -> None:
    place = f'measure "{setting.name}"'
    wanted = _N_QUESTIONS.get(setting.kind, 1)
    if len(setting.questions) != wanted:
        raise BadSetting(
            place, f"kind {setting.kind} takes {wanted} and not {len(setting.questions)} questions", "Correct questions = […]."
        )


def _in_period(setting: MeasureSetting, sheets: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The sheets of the period, and how many others have no day."""
    if setting.since is None and setting.until is None:
        return sheets, 0
    if "answered" not in sheets.columns:
        return sheets.iloc[:0], len(sheets)
    days = pd.to_datetime(sheets["answered"].astype(str), utc=True, format="ISO8601", errors="coerce")
    keep = days.notna()
    if setting.since is not None:
        keep &= days >= pd.Timestamp(in_utc(setting.since))
    if setting.until is not None:
        keep &= days < pd.Timestamp(in_utc(setting.until))
    return sheets[keep], int(days.isna().sum())


def _metric(setting: MeasureSetting, answers: pd.DataFrame) -> tuple[Estimate, list[str]]:
    """The estimate, and what to say beside it."""
    one = answers.iloc[:, 0]
    match setting.kind:
        case MeasureKind.NPS:
            found: Measure = nps(one)
        case MeasureKind.CSAT:
            top = _top(setting)
            found = csat(one, top, scale=_scale(top))
        case MeasureKind.CES:
            found = ces(one)
        case MeasureKind.SEQ:
            found = seq(one)
        case MeasureKind.SUS:
            found = sus(answers)
        case MeasureKind.UMUX_LITE:
            found = umux_lite(answers)
        case MeasureKind.SUCCESS:
            found = task_success(one)
        case MeasureKind.TIME:
            found = time_on_task(one)
        case MeasureKind.SHARE:
            return _share(setting, one)
        case _:
            values, n_missing = read_numbers(one, setting.name)
            return estimate_mean(values, what=setting.name), _missing(n_missing)
    scale = [f"scale {found.scale[0]} to {found.scale[1]}"] if isinstance(found, ScaleMean) else []
    return found.estimate, scale + _missing(found.n_missing)


def _share(setting: MeasureSetting, answers: pd.Series) -> tuple[Estimate, list[str]]:
    if not setting.top:
        raise BadSetting(f'measure "{setting.name}"', "it does not say which answers count", 'Add for example top = ["4", "5"].')
    given, n_missing = given_answers(answers)
    hits = int(given.map(str).isin([t.strip() for t in setting.top]).sum())
    return estimate_share(hits, len(given), what=setting.name), [f"answers {', '.join(setting.top)}", *_missing(n_missing)]


def _top(setting: MeasureSetting) -> Sequence[int]:
    try:
        return [int(t) for t in setting.top] or [4, 5]
    except ValueError:
        raise BadSetting(f'measure "{setting.name}"', f"top is {', '.join(setting.top)}", "For kind csat it takes whole numbers.") from None


def _scale(top: Sequence[int]) -> tuple[int, int]:
    """Five points, or as many as the best answers show there must be."""
    return (1, 5) if max(top) <= 5 else (1, 7) if max(top) <= 7 else (0, 10)


def _missing(n: int) -> list[str]:
    return [f"{n} without an answer"] if n else []


def _values(setting: MeasureSetting, responses: pd.DataFrame | None, events: EventLog | None) -> list[str]:
    """The values of the setting's ``by`` in the data."""
    if setting.kind == MeasureKind.CONVERSION:
        known = events.attributes if events is not None else {}
        return sorted(known[setting.by].values) if setting.by in known else []
    if responses is None or setting.by not in responses.columns:
        return []
    given, _ = given_answers(responses.loc[responses["survey"] == setting.survey, setting.by])
    return sorted({str(value) for value in given})


def _in_words(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in attributes.items())


def _lower_is_better(setting: MeasureSetting) -> bool:
    return setting.kind == MeasureKind.TIME if setting.lower_is_better is None else setting.lower_is_better
