"""How sure a number is: intervals for shares, means and differences, each named by its source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, hypot, inf, nan, sqrt
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from workbench.errors import BadSetting, NoAnswers
from workbench.model import Estimate

Floats = NDArray[np.float64]
Limits = tuple[float, float]
ShareMethod = Literal["wilson", "adjusted wald", "jeffreys", "exact"]

UNLIMITED: Limits = (-inf, inf)
N_RESAMPLES = 2_000
_CELLS_AT_ONCE = 4_000_000

METHODS: dict[ShareMethod, str] = {
    "wilson": "score interval (Wilson 1927)",
    "adjusted wald": "adjusted Wald interval (Agresti & Coull 1998)",
    "jeffreys": "Jeffreys interval (Brown, Cai & DasGupta 2001)",
    "exact": "exact interval (Clopper & Pearson 1934)",
}
_NO_INTERVAL = "no interval from one value: the ends are the limits of the scale"


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided normal interval spans to each side: 1.96 at 0.95."""
    if not 0 < confidence < 1:
        raise BadSetting("confidence", f"{confidence} is not between 0 and 1", "Use 0.95, for example.")
    return float(ndtri((1 + confidence) / 2))


def share_bounds(numerator: ArrayLike, n: ArrayLike, *, method: ShareMethod = "wilson", confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Both ends of the intervals of many shares at once; NaN where ``n`` is 0.

    Parameters
    ----------
    numerator, n : how many of how many, of equal shape
    method : ``wilson``, ``adjusted wald``, ``jeffreys`` or ``exact``; sources in :data:`METHODS`
    """
    if method not in METHODS:
        raise BadSetting("interval", f'there is no method "{method}"', f"Accepted: {', '.join(METHODS)}.")
    x, total = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(n, dtype=float))
    if np.any((x < 0) | (x > total)):
        raise BadSetting("share", "a numerator is below 0 or above its denominator", "Use 0 <= numerator <= n.")
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = _BOUNDS[method](x, total, confidence)
    some = total > 0
    low = np.where(x > 0, np.clip(low, 0, 1), 0.0)
    high = np.where(x < total, np.clip(high, 0, 1), 1.0)
    return np.where(some, low, nan), np.where(some, high, nan)


def estimate_share(
    numerator: int, n: int, *, method: ShareMethod = "wilson", confidence: float = 0.95, of: str = "answers", what: str = "share"
) -> Estimate:
    """``numerator`` of ``n`` as a share with its interval.

    Raises
    ------
    NoAnswers
        ``n`` is 0.

    Examples
    --------
    Four of five (Sauro & Lewis 2016, chapter 3):

    >>> estimate_share(4, 5, method="adjusted wald")
    Estimate(0.8, 0.3596 to 0.9797, n=5)
    """
    if n < 1:
        raise NoAnswers(what)
    low, high = share_bounds(numerator, n, method=method, confidence=confidence)
    return Estimate(
        numerator / n, float(low), float(high), n, unit="share", of=of, method=METHODS[method], numerator=numerator, confidence=confidence
    )


def estimate_mean(
    values: ArrayLike,
    *,
    limits: Limits = UNLIMITED,
    confidence: float = 0.95,
    unit: str = "points",
    of: str = "answers",
    what: str = "mean",
) -> Estimate:
    """The mean with its t interval, cut at the ``limits`` of the scale.

    A single value has no interval: its ends are the limits, and the method says so.

    Raises
    ------
    NoAnswers
    """
    x = _finite(values, what)
    centre = float(x.mean())
    if len(x) == 1:
        return Estimate(centre, *limits, 1, unit=unit, of=of, method=_NO_INTERVAL, confidence=confidence)
    half = _t(len(x) - 1, confidence) * float(x.std(ddof=1)) / sqrt(len(x))
    low, high = max(limits[0], centre - half), min(limits[1], centre + half)
    return Estimate(centre, low, high, len(x), unit=unit, of=of, method="t interval of the mean", confidence=confidence)


def estimate_geometric_mean(
    values: ArrayLike, *, confidence: float = 0.95, unit: str = "s", of: str = "answers", what: str = "geometric mean"
) -> Estimate:
    """The geometric mean of positive values with a t interval on their logarithms (Sauro & Lewis 2010).

    Raises
    ------
    NoAnswers
    """
    x = _finite(values, what)
    if np.any(x <= 0):
        raise BadSetting(what, "a value is 0 or below", "A geometric mean needs values above 0.")
    logs = estimate_mean(np.log(x), confidence=confidence)
    ends = (exp(logs.low), exp(logs.high)) if len(x) > 1 else (0.0, inf)
    method = "t interval on logarithms (Sauro & Lewis 2010)" if len(x) > 1 else _NO_INTERVAL
    return Estimate(exp(logs.value), *ends, len(x), unit=unit, of=of, method=method, confidence=confidence)


def bootstrap_mean(
    values: ArrayLike,
    *,
    limits: Limits,
    participants: Sequence[object] | None = None,
    random_state: int = 0,
    n_resamples: int = N_RESAMPLES,
    confidence: float = 0.95,
    unit: str = "valence",
    of: str = "participants",
    what: str = "mean",
) -> Estimate:
    """The mean over people with a percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    Parameters
    ----------
    values : one number per person; or one per coding, with ``participants`` saying whose
    limits : ends of the scale; they are the interval when there is only one person, and the method says so
    participants : who each value belongs to; each person then counts once, with the mean of their values
    random_state : the same seed gives the same interval

    Raises
    ------
    NoAnswers
    """
    if participants is not None:
        values = pd.Series(np.asarray(values, dtype=float)).groupby(np.asarray(participants, dtype=object), sort=True).mean().to_numpy()
    x = _finite(values, what)
    n = len(x)
    if n == 1:
        return Estimate(float(x[0]), *limits, 1, unit=unit, of=of, method=_NO_INTERVAL, confidence=confidence)
    random = np.random.default_rng(random_state)
    rows = max(1, _CELLS_AT_ONCE // n)
    sizes = [min(rows, n_resamples - done) for done in range(0, n_resamples, rows)]
    means = np.concatenate([x[random.integers(0, n, (size, n))].mean(axis=1) for size in sizes])
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    method = f"percentile bootstrap over {of}, {n_resamples} resamples, random_state {random_state} (Efron & Tibshirani 1993)"
    return Estimate(float(x.mean()), float(low), float(high), n, unit=unit, of=of, method=method, confidence=confidence)


def difference(a: Estimate, b: Estimate) -> Estimate:
    """``a`` minus ``b``, two independent estimates, with the interval that their own intervals give.

    The square-and-add rule (MOVER: Zou & Donner 2008). For two shares with score intervals it is
    the hybrid score interval (Newcombe 1998, method 10). ``n`` counts both groups.
    """
    if (a.unit, a.confidence) != (b.unit, b.confidence):
        found = f"{a.unit} at {a.confidence} and {b.unit} at {b.confidence} do not go together"
        raise BadSetting("difference", found, "Compare like with like.")
    gap = a.value - b.value
    low = gap - hypot(a.value - a.low, b.high - b.value)
    high = gap + hypot(a.high - a.value, b.value - b.low)
    hybrid = a.method == b.method == METHODS["wilson"]
    method = "hybrid score interval (Newcombe 1998, method 10)" if hybrid else "square-and-add interval (Zou & Donner 2008)"
    return Estimate(gap, low, high, a.n + b.n, unit=a.unit, of=a.of, method=method, confidence=a.confidence)


def difference_of_shares(x_a: int, n_a: int, x_b: int, n_b: int, *, confidence: float = 0.95, of: str = "answers") -> Estimate:
    """Share a minus share b with the hybrid score interval (Newcombe 1998, method 10).

    Raises
    ------
    NoAnswers

    Examples
    --------
    Newcombe 1998, table II, (a):

    >>> difference_of_shares(56, 70, 48, 80)
    Estimate(0.2, 0.05243 to 0.3339, n=150)
    """
    a, b = (estimate_share(x, n, confidence=confidence, of=of) for x, n in ((x_a, n_a), (x_b, n_b)))
    return difference(a, b)


def difference_of_means(
    a: ArrayLike, b: ArrayLike, *, confidence: float = 0.95, unit: str = "points", of: str = "answers", what: str = "difference of means"
) -> Estimate:
    """Mean of a minus mean of b with an interval that lets the groups vary differently (Welch 1947).

    With fewer than two values in a group there is no interval: its ends are minus and plus infinity.

    Raises
    ------
    NoAnswers
    """
    x, y = _finite(a, what), _finite(b, what)
    gap, n = float(x.mean() - y.mean()), len(x) + len(y)
    if min(len(x), len(y)) < 2:
        return Estimate(gap, *UNLIMITED, n, unit=unit, of=of, method="no interval: a group has one value", confidence=confidence)
    u, v = float(x.var(ddof=1)) / len(x), float(y.var(ddof=1)) / len(y)
    half = 0.0
    if u + v > 0:
        freedom = (u + v) ** 2 / (u**2 / (len(x) - 1) + v**2 / (len(y) - 1))
        half = _t(freedom, confidence) * sqrt(u + v)
    return Estimate(gap, gap - half, gap + half, n, unit=unit, of=of, method="t interval (Welch 1947)", confidence=confidence)


def _wilson(x: Floats, n: Floats, confidence: float) -> tuple[Floats, Floats]:
    z = normal_quantile(confidence)
    centre = (x + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(x * (n - x) / n + z**2 / 4)
    return centre - half, centre + half


def _adjusted_wald(x: Floats, n: Floats, confidence: float) -> tuple[Floats, Floats]:
    z = normal_quantile(confidence)
    more = n + z**2
    p = (x + z**2 / 2) / more
    half = z * np.sqrt(p * (1 - p) / more)
    return p - half, p + half


def _jeffreys(x: Floats, n: Floats, confidence: float) -> tuple[Floats, Floats]:
    tail = (1 - confidence) / 2
    a, b = x + 0.5, n - x + 0.5
    return betaincinv(a, b, tail), betaincinv(a, b, 1 - tail)


def _exact(x: Floats, n: Floats, confidence: float) -> tuple[Floats, Floats]:
    tail = (1 - confidence) / 2
    return betaincinv(x, n - x + 1, tail), betaincinv(x + 1, n - x, 1 - tail)


_BOUNDS: dict[ShareMethod, Callable[[Floats, Floats, float], tuple[Floats, Floats]]] = {
    "wilson": _wilson,
    "adjusted wald": _adjusted_wald,
    "jeffreys": _jeffreys,
    "exact": _exact,
}


def _t(freedom: float, confidence: float) -> float:
    normal_quantile(confidence)
    return float(stdtrit(freedom, (1 + confidence) / 2))


def _finite(values: ArrayLike, what: str) -> Floats:
    x = np.asarray(values, dtype=float)
    if not len(x):
        raise NoAnswers(what)
    if not np.isfinite(x).all():
        raise BadSetting(what, f"{int((~np.isfinite(x)).sum())} of {len(x)} values are missing or infinite", "Leave them out first.")
    return x
