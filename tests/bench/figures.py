"""A measured figure, and how times are taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of ``.bench/results.json``.

    ``n`` is how many times it was measured. ``limit`` is what ``value`` must not exceed. ``peer`` says what did the same work
    in the same run, and ``ratio`` is our value over its.
    """

    name: str
    value: float
    unit: str
    n: int
    limit: float | None = None
    peer: str | None = None
    ratio: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the limit is exceeded."""
        return self.limit is not None and self.value > self.limit

    def as_record(self) -> dict[str, Any]:
        """The figure as JSON holds it, to four significant digits."""
        return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(self).items()}


def times(work: Callable[[int], object], n: int) -> list[float]:
    """Seconds that each of ``n`` calls took; the call is told its number."""
    taken = []
    for i in range(n):
        began = perf_counter()
        work(i)
        taken.append(perf_counter() - began)
    return taken


def p95(values: Sequence[float]) -> float:
    """What 95 in 100 did not exceed."""
    return quantiles(values, n=20)[-1]


def in_ms(
    name: str, seconds: Sequence[float], *, limit: float | None = None, peer: tuple[str, Sequence[float]] | None = None
) -> list[Figure]:
    """Median and 95th percentile of some times, in milliseconds; ``peer`` is a name and its times."""
    against = peer[0] if peer else None
    return [
        Figure(f"{name}_{word}", of(seconds) * 1000, "ms", len(seconds), limit, against, of(seconds) / of(peer[1]) if peer else None)
        for word, of in (("median", median), ("p95", p95))
    ]
