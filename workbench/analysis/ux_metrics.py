"""The field's measures, each with its interval, its n and the answers that are missing.

Answers may be numbers or text that is one (``"9"``); ``None``, NaN and empty text are missing and are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, sqrt
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from workbench.analysis.answers import Answers, Floats, Scale, read_items, read_scale, read_times, read_yes_no
from workbench.analysis.intervals import (
    ShareMethod,
    estimate_geometric_mean,
    estimate_mean,
    estimate_share,
    normal_quantile,
)
from workbench.errors import BadSetting
from workbench.model import Estimate

_DECIMALS = {"share": 3}
_SUS_MARKS = {52.0: "15th", 68.0: "50th", 74.0: "70th"}


@dataclass(frozen=True, repr=False)
class Measure:
    """A number with its interval; ``n_missing`` counts those who did not answer."""

    estimate: Estimate
    n_missing: int

    word: ClassVar[str] = "value"

    @property
    def value(self) -> float:
        """The number itself; subclasses also call it by the field's word."""
        return self.estimate.value

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.estimate.low

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.estimate.high

    @property
    def n(self) -> int:
        """How many answered."""
        return self.estimate.n

    def __repr__(self) -> str:
        places = _DECIMALS.get(self.estimate.unit, 1)
        numbers = {self.word: self.value, "low": self.low, "high": self.high}
        shown = ", ".join(f"{name}={number:.{places}f}" for name, number in numbers.items())
        return f"{type(self).__name__}({shown}, n={self.n})"


@dataclass(frozen=True, repr=False)
class NetPromoterScore(Measure):
    """Share of 9 and 10 minus share of 0 to 6, times 100: -100 to 100 points."""

    n_promoters: int
    n_passives: int
    n_detractors: int

    word: ClassVar[str] = "score"

    @property
    def score(self) -> float:
        """Points from -100 to 100."""
        return self.value


@dataclass(frozen=True, repr=False)
class CustomerSatisfaction(Measure):
    """Share of answers that count as satisfied: ``top``, of ``scale``."""

    top: Sequence[int]
    scale: Scale

    word: ClassVar[str] = "share"

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.value


@dataclass(frozen=True, repr=False)
class ScaleMean(Measure):
    """Mean of a rating scale (``scale`` says from where to where), and the share of its top answers as ``top_box``."""

    scale: Scale
    top_box: Estimate

    word: ClassVar[str] = "mean"

    @property
    def mean(self) -> float:
        """In points of the scale."""
        return self.value

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, scale={self.scale[0]} to {self.scale[1]})"


class CustomerEffortScore(ScaleMean):
    """CES 2.0: "made it easy to handle my issue", 1 strongly disagree to 7 strongly agree."""


class SingleEaseQuestion(ScaleMean):
    """SEQ: how easy the task was, 1 very difficult to 7 very easy."""


@dataclass(frozen=True, repr=False)
class SystemUsabilityScale(Measure):
    """Mean SUS score, 0 to 100.  ``n_missing`` respondents left an item out and were left out."""

    word: ClassVar[str] = "score"

    @property
    def score(self) -> float:
        """From 0 to 100; not a percentage."""
        return self.value

    @property
    def percentile(self) -> str:
        """Where the mean stands among published studies, in words.

        A rule of thumb: 52 is the 15th percentile, 68 the 50th, 74 the 70th (Sauro 2011; Sauro & Lewis 2016, table 8.5).
        """
        value = round(self.value, 1)
        below = [name for mark, name in _SUS_MARKS.items() if value > mark]
        above = [name for mark, name in _SUS_MARKS.items() if value < mark]
        if value in _SUS_MARKS:
            where = f"at the {_SUS_MARKS[value]}"
        elif below and above:
            where = f"between the {below[-1]} and the {above[0]}"
        else:
            where = f"above the {below[-1]}" if below else f"below the {above[0]}"
        return f"{where} percentile of published studies"


@dataclass(frozen=True, repr=False)
class UmuxLite(Measure):
    """Mean UMUX-Lite score, 0 to 100."""

    word: ClassVar[str] = "score"

    @property
    def score(self) -> float:
        """From 0 to 100."""
        return self.value


@dataclass(frozen=True, repr=False)
class TaskSuccess(Measure):
    """Share of attempts that succeeded; ``laplace`` is the point estimate (x + 1) / (n + 2) for small n."""

    n_succeeded: int
    laplace: float

    word: ClassVar[str] = "rate"

    @property
    def rate(self) -> float:
        """From 0 to 1."""
        return self.value


@dataclass(frozen=True, repr=False)
class TimeOnTask(Measure):
    """Geometric mean of the times, in the unit they were given in."""

    word: ClassVar[str] = "geometric_mean"

    @property
    def geometric_mean(self) -> float:
        """The typical time."""
        return self.value


def nps(answers: Answers, *, method: Literal["adjusted wald", "wald"] = "adjusted wald", confidence: float = 0.95) -> NetPromoterScore:
    """Net promoter score of answers from 0 to 10 (Reichheld 2003).

    Parameters
    ----------
    method : ``adjusted wald`` adds 3/4 promoter, 3/4 detractor and 3 to n (Rocks 2016);
        ``wald`` is the plain interval with variance (p + d - (p - d)^2) / n

    Raises
    ------
    BadAnswers, NoAnswers

    Examples
    --------
    >>> nps([10] * 50 + [8] * 30 + [3] * 20)
    NetPromoterScore(score=30.0, low=14.1, high=44.2, n=100)
    """
    x, n_missing = read_scale(answers, "NPS", (0, 10))
    n, up, down = len(x), int((x >= 9).sum()), int((x <= 6).sum())
    if method not in ("adjusted wald", "wald"):
        raise BadSetting("NPS", f'there is no method "{method}"', "Accepted: adjusted wald, wald.")
    added = 0.75 if method == "adjusted wald" else 0.0
    p, d, size = (up + added) / (n + 4 * added), (down + added) / (n + 4 * added), n + 4 * added
    half = normal_quantile(confidence) * sqrt(max(0.0, p + d - (p - d) ** 2) / size)
    low, high = max(-1.0, p - d - half), min(1.0, p - d + half)
    source = "adjusted Wald interval (Rocks 2016)" if added else "Wald interval"
    estimate = Estimate(100 * (up - down) / n, 100 * low, 100 * high, n, unit="NPS points", method=source, confidence=confidence)
    return NetPromoterScore(estimate, n_missing, up, n - up - down, down)


def csat(
    answers: Answers, top: Sequence[int] = (4, 5), *, scale: Scale = (1, 5), method: ShareMethod = "wilson", confidence: float = 0.95
) -> CustomerSatisfaction:
    """Customer satisfaction: the share of answers among ``top``, usually the two best of five.

    Raises
    ------
    BadAnswers, NoAnswers
    """
    x, n_missing = read_scale(answers, "CSAT", scale)
    return CustomerSatisfaction(_top_box(x, top, scale, "CSAT", method, confidence), n_missing, tuple(top), scale)


def ces(answers: Answers, top: Sequence[int] = (5, 6, 7), *, scale: Scale = (1, 7), confidence: float = 0.95) -> CustomerEffortScore:
    """Customer effort score 2.0: the mean of seven points with its t interval, and the share that agrees (5 to 7).

    Raises
    ------
    BadAnswers, NoAnswers
    """
    return CustomerEffortScore(*_scale_mean(answers, "CES", top, scale, confidence))


def seq(answers: Answers, top: Sequence[int] = (6, 7), *, scale: Scale = (1, 7), confidence: float = 0.95) -> SingleEaseQuestion:
    """Single ease question: the mean of seven points with its t interval, and the share of the two best (Sauro & Dumas 2009).

    Raises
    ------
    BadAnswers, NoAnswers
    """
    return SingleEaseQuestion(*_scale_mean(answers, "SEQ", top, scale, confidence))


def sus_scores(items: pd.DataFrame) -> pd.Series:
    """One SUS score from 0 to 100 per respondent: odd items minus 1, 5 minus even items, times 2.5 (Brooke 1996).

    Parameters
    ----------
    items : one row per respondent, ten columns in the order of the questionnaire, answers 1 to 5

    Returns
    -------
    One score per row of ``items``, with its index; NaN where an item is missing.

    Raises
    ------
    BadAnswers, BadSetting
    """
    x = read_items(items, "SUS", 10, (1, 5))
    scores = 2.5 * ((x[:, 0::2] - 1).sum(axis=1) + (5 - x[:, 1::2]).sum(axis=1))
    return pd.Series(scores, index=items.index, name="sus")


def sus(items: pd.DataFrame, *, confidence: float = 0.95) -> SystemUsabilityScale:
    """Mean SUS score with its t interval; respondents who left an item out are left out and counted.

    Raises
    ------
    BadAnswers, BadSetting, NoAnswers
    """
    return SystemUsabilityScale(*_mean_score(sus_scores(items), "SUS", confidence))


def umux_lite(items: pd.DataFrame, *, confidence: float = 0.95) -> UmuxLite:
    """Mean UMUX-Lite score: (a + b - 2) * 100 / 12 for two items of seven points (Lewis, Utesch & Maher 2013).

    It is not converted to SUS: its authors no longer advise that.

    Raises
    ------
    BadAnswers, BadSetting, NoAnswers
    """
    x = read_items(items, "UMUX-Lite", 2, (1, 7))
    return UmuxLite(*_mean_score(pd.Series((x.sum(axis=1) - 2) * 100 / 12), "UMUX-Lite", confidence))


def task_success(answers: Answers, *, method: ShareMethod = "wilson", confidence: float = 0.95) -> TaskSuccess:
    """Share of attempts that succeeded: 1, yes or true; against 0, no or false (Sauro & Lewis 2005).

    Raises
    ------
    BadAnswers, NoAnswers
    """
    x, n_missing = read_yes_no(answers, "task success")
    n, succeeded = len(x), int(x.sum())
    estimate = estimate_share(succeeded, n, method=method, confidence=confidence, of="attempts", what="task success")
    return TaskSuccess(estimate, n_missing, succeeded, (succeeded + 1) / (n + 2))


def time_on_task(times: Answers, *, confidence: float = 0.95, unit: str = "s") -> TimeOnTask:
    """Geometric mean of times with a t interval on their logarithms (Sauro & Lewis 2010).

    Raises
    ------
    BadAnswers, NoAnswers
    """
    x, n_missing = read_times(times, "time on task")
    estimate = estimate_geometric_mean(x, confidence=confidence, unit=unit, of="attempts", what="time on task")
    return TimeOnTask(estimate, n_missing)


def problem_discovery(p: float, n: int) -> float:
    """Share of problems seen at least once by ``n`` people: 1 - (1 - p)^n (Virzi 1992; Nielsen & Landauer 1993).

    ``p`` is the chance that one person meets a given problem. It is assumed, so the result has no interval.

    Examples
    --------
    >>> round(problem_discovery(0.31, 5), 4)
    0.8436
    """
    if not 0 <= p <= 1 or n < 0:
        raise BadSetting("problem discovery", f"p is {p} and n is {n}", "Use p from 0 to 1 and n from 0.")
    return float(1 - (1 - p) ** n)


def people_to_discover(p: float, share: float) -> int:
    """How many people are needed to see this share of the problems, when one meets each with chance ``p``.

    Examples
    --------
    >>> people_to_discover(0.10, 0.90)
    22
    """
    if not 0 < p < 1 or not 0 <= share < 1:
        raise BadSetting("problem discovery", f"p is {p} and the share {share}", "Use p between 0 and 1, and a share below 1.")
    return ceil(log(1 - share) / log(1 - p))


def _mean_score(scores: pd.Series, what: str, confidence: float) -> tuple[Estimate, int]:
    whole = scores.dropna().to_numpy(dtype=float)
    estimate = estimate_mean(whole, limits=(0, 100), confidence=confidence, of="respondents", what=what)
    return estimate, len(scores) - len(whole)


def _scale_mean(answers: Answers, what: str, top: Sequence[int], scale: Scale, confidence: float) -> tuple[Estimate, int, Scale, Estimate]:
    x, n_missing = read_scale(answers, what, scale)
    mean = estimate_mean(x, limits=scale, confidence=confidence, what=what)
    return mean, n_missing, scale, _top_box(x, top, scale, what, "wilson", confidence)


def _top_box(x: Floats, top: Sequence[int], scale: Scale, what: str, method: ShareMethod, confidence: float) -> Estimate:
    if not top or not all(scale[0] <= t <= scale[1] for t in top):
        raise BadSetting(what, f"the top answers {tuple(top)} are not on the scale", f"Name some from {scale[0]} to {scale[1]}.")
    return estimate_share(int(np.isin(x, list(top)).sum()), len(x), method=method, confidence=confidence, what=what)
