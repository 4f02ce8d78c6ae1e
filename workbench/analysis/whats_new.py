"""A study then and now: who and what came, what became of the codes, and whether the measures moved by more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import isfinite
from typing import Protocol

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.analysis.intervals import difference
from workbench.analysis.measures import compute_measures
from workbench.analysis.scope import StudyTables
from workbench.errors import BadAnswers, BadSetting
from workbench.model import Code, Estimate, Measured, MeasureKind, MeasureSetting
from workbench.model.moments import in_utc

_SHEET = ["survey", "respondent"]


class StudyThen(StudyTables, Protocol):
    """What is compared: an opened study, or one as it was."""

    @property
    def transcripts(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Arrivals:
    """What came and went: aliases of participants, names of transcripts by kind, answer sheets by survey, codings, events."""

    participants: Sequence[str]
    transcripts: Mapping[str, Sequence[str]]
    answers: Mapping[str, int]
    codings: frozenset[str]
    n_events: int
    n_gone: Mapping[str, int]

    def __bool__(self) -> bool:
        return any((self.participants, self.transcripts, self.answers, self.codings, self.n_events, self.n_gone))


@dataclass(frozen=True)
class CodeChange:
    """What became of one code: ``change`` is ``came``, ``went``, ``merged``, ``renamed``, ``retired``, ``brought back`` or ``described anew``."""

    change: str
    code: str
    kind: str
    before: str = ""
    n_codings: int = 0


@dataclass(frozen=True)
class MeasureChange:
    """A measure then and now.

    Parameters
    ----------
    then, now : over all data of each moment; ``None`` where there was nothing to measure
    came : over what came in between only
    difference : ``came`` minus ``then``.  What was there then is part of what is there now, so the two moments share their data;
        what came and what was there share none, and their difference says whether more than chance is behind the change
    """

    name: str
    segment: str
    then: Estimate | None
    now: Estimate | None
    came: Estimate | None
    difference: Estimate | None
    lower_is_better: bool = False

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.difference is not None and not self.difference.low <= 0 <= self.difference.high

    @property
    def better(self) -> bool | None:
        """Whether it went to the wished-for side; ``None`` when that is not clear."""
        return (self.difference.value < 0) == self.lower_is_better if self.difference is not None and self.clear else None


def find_arrivals(then: StudyThen, now: StudyThen) -> Arrivals:
    """What is in a study that was not in it then, and how much is gone."""
    transcripts = now.transcripts[~now.transcripts.index.isin(then.transcripts.index)]
    answers = _fresh(now.responses, then.responses)
    old, new = set(then.codings["coding"]), set(now.codings["coding"])
    gone = {
        "participants": len(then.participants.index.difference(now.participants.index)),
        "transcripts": len(then.transcripts.index.difference(now.transcripts.index)),
        "answers": len(_fresh(then.responses, now.responses)),
        "codings": len(old - new),
    }
    return Arrivals(
        tuple(now.participants.index[~now.participants.index.isin(then.participants.index)]),
        {str(kind): tuple(own.index) for kind, own in transcripts.groupby("kind")},
        dict(sorted(Counter(answers["survey"]).items())),
        frozenset(new - old),
        max(_n_events(now.events) - _n_events(then.events), 0),
        {what: n for what, n in gone.items() if n},
    )


def code_changes(then: StudyThen, now: StudyThen) -> list[CodeChange]:
    """What became of the codes: those that went first, then what came, then what changed.

    A code that is gone was merged when most of its codings that are left bear one other code.
    """
    n_now = Counter(now.codings["code"])
    was, here = ({c.id: c for c in t.codebook} for t in (then, now))
    went = [_went(c, then, now) for id, c in was.items() if id not in here]
    came = [CodeChange("came", c.name, c.kind.value, n_codings=n_now[c.name]) for id, c in here.items() if id not in was]
    kept = [change for id, c in here.items() if id in was for change in _changed(was[id], c, n_now[c.name])]
    return [*went, *came, *kept]


def measure_changes(then: StudyThen, now: StudyThen) -> list[MeasureChange]:
    """Every measure of study.toml whose number is another now, or was not there then; the clearest change first.

    Raises
    ------
    BadSetting, BadAnswers
        A measure of today cannot be computed.
    """
    answers = _fresh(now.responses, then.responses)
    found = [change for setting in now.settings.measures for change in _measured(setting, then, now, answers)]
    return sorted((c for c in found if c.then != c.now), key=lambda c: -_distance(c.difference))


def _distance(gap: Estimate | None) -> float:
    """How far from zero a difference is, in half widths of its interval: over 1 is clear."""
    if gap is None or not isfinite(gap.high - gap.low):
        return -1.0
    half = gap.value - gap.low if gap.value > 0 else gap.high - gap.value
    return abs(gap.value) / half if half else 0.0


def _fresh(here: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """The answer sheets that are here and not there."""
    known, own = (pd.MultiIndex.from_frame(sheets[_SHEET].astype(str)) for sheets in (there, here))
    return here[~own.isin(known)]


def _n_events(log: EventLog | None) -> int:
    return log.n_events if log is not None else 0


def _went(code: Code, then: StudyThen, now: StudyThen) -> CodeChange:
    own = then.codings.loc[then.codings["code"] == code.name, "coding"]
    left = Counter(now.codings.loc[now.codings["coding"].isin(own), "code"])
    into, n = next(iter(left.most_common(1)), ("", 0))
    if 2 * n > left.total():
        return CodeChange("merged", into, code.kind.value, before=code.name, n_codings=n)
    return CodeChange("went", code.name, code.kind.value, n_codings=len(own))


def _changed(was: Code, here: Code, n: int) -> Iterator[CodeChange]:
    if was.name != here.name:
        yield CodeChange("renamed", here.name, here.kind.value, before=was.name, n_codings=n)
    if was.retired != here.retired:
        yield CodeChange("retired" if here.retired else "brought back", here.name, here.kind.value, n_codings=n)
    if (was.definition, was.use, was.dont_use) != (here.definition, here.use, here.dont_use):
        yield CodeChange("described anew", here.name, here.kind.value, before=was.definition, n_codings=n)


def _measured(setting: MeasureSetting, then: StudyThen, now: StudyThen, answers: pd.DataFrame) -> Iterator[MeasureChange]:
    today = {m.segment: m for m in compute_measures(setting, responses=now.responses, events=now.events)}
    old = {m.segment: m for m in _if_any(setting, then.responses, then.events)}
    new = {m.segment: m for m in _since(setting, then.events, now.events, answers)}
    for segment in dict.fromkeys([*today, *old]):
        a, b, came = (found[segment].estimate if segment in found else None for found in (old, today, new))
        gap = difference(came, a) if a is not None and came is not None else None
        lower = (today.get(segment) or old[segment]).lower_is_better
        yield MeasureChange(setting.name, segment, a, b, came, gap, lower)


def _since(setting: MeasureSetting, then: EventLog | None, now: EventLog | None, answers: pd.DataFrame) -> Sequence[Measured]:
    """The measure over what came only: new answer sheets, or entries that could not be followed to their end then."""
    if setting.kind != MeasureKind.CONVERSION:
        return _if_any(setting, answers, None)
    if not _n_events(then) or then is None or _n_events(now) == _n_events(then):
        return ()
    followed = then.followed_for(setting.within or timedelta())
    since = followed if setting.since is None else max(followed, in_utc(setting.since))
    return _if_any(replace(setting, since=since), answers, now)


def _if_any(setting: MeasureSetting, responses: pd.DataFrame, events: EventLog | None) -> Sequence[Measured]:
    """The measure where the data of the time have what it needs; a question that nobody had been asked yet is no mistake."""
    try:
        return compute_measures(setting, responses=responses, events=events)
    except (BadSetting, BadAnswers):
        return ()
