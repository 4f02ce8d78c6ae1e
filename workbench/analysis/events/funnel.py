"""How many users get through ordered steps, how fast, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from math import nan
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.events.log import EventLog, Moment, Positions, run_starts
from workbench.analysis.intervals import share_bounds
from workbench.errors import BadSetting
from workbench.model.durations import parse_duration

Counting = Literal["first entry", "any entry"]
Step = str | Sequence[str]

UNKNOWN = "(not known)"
_FOREVER_US = 2**61


def funnel(
    log: EventLog,
    steps: Sequence[Step],
    *,
    within: timedelta | str | None = None,
    count: Counting = "first entry",
    by: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    where: Mapping[str, str | Collection[str]] | None = None,
) -> pd.DataFrame:
    """How many users do each step after the one before it.

    A step counts when it comes after the step before; other events may lie between.  Of two events with the same time, the
    one that stands first in the file came first.

    Parameters
    ----------
    steps : two or more event names; a list of names is a step that any of them fulfils
    within : the longest time from the entry (the first step) to each later step, both ends included: ``"1 day"``
    count : ``first entry`` follows only each user's first event of the first step, in the whole log;
        ``any entry`` follows all of them and counts the one that gets furthest, the earliest of these if several do
    by : an attribute to group by; the value on the row of the entry decides
    since, until, where : only entries of this period and with these attributes, as in :meth:`EventLog.where`.
        Later steps are not cut off by ``until``, and a first entry outside is not replaced by a second one inside

    Returns
    -------
    One row per step (and value of ``by``, in a first column of that name):

    - ``step``: its name, or names joined by " or "
    - ``n``: users who got this far
    - ``share_of_first``: ``n`` over the users of the first step, with ``share_of_first_low`` and ``share_of_first_high``
    - ``share_of_previous``: ``n`` over the users of the step before (NaN in the first), with ``low`` and ``high``
    - ``median_s``: the median seconds from the step before, among those who got here

    Intervals are Wilson's at 95 %.  ``attrs`` says the counting, the window and in words what was counted.

    Raises
    ------
    UnknownName
        The log has no such event or attribute.
    BadSetting
        Fewer than two steps, a window without a unit, or another counting.
    """
    window = None if within is None else parse_duration(within, "within")
    if count not in ("first entry", "any entry"):
        raise BadSetting("count", f'"{count}" is not a way of counting', 'Use "first entry" or "any entry".')
    if isinstance(steps, str) or len(steps) < 2:
        raise BadSetting("steps", "a funnel needs at least two", 'Give a list such as ["search", "cart", "pay"].')
    targets = [log.positions_of(step) for step in steps]
    entries = targets[0] if count == "any entry" else log.first_in_user(targets[0])
    entries = entries[log.mask(since, until, where)[entries]]
    labels = [step if isinstance(step, str) else " or ".join(step) for step in steps]
    groups = {None: entries} if by is None else _split(log, entries, by)
    tables = [_table(log, _follow(log, own, targets[1:], window), labels, by, name) for name, own in groups.items()]
    table = pd.concat(tables, ignore_index=True) if tables else _table(log, np.zeros((len(steps), 0), np.int64), labels, by, None).iloc[:0]
    table.attrs.update(count=count, within=None if window is None else _span(window), counted=_in_words(count, window))
    return table


def _split(log: EventLog, entries: Positions, by: str) -> dict[str | None, Positions]:
    attribute = log.attribute(by)
    codes = attribute.codes[entries]
    names = dict(enumerate(attribute.values)) | {-1: UNKNOWN}
    present = sorted(np.unique(codes).tolist(), key=lambda code: (code < 0, names[code]))
    return {names[code]: entries[codes == code] for code in present}


def _follow(log: EventLog, entries: Positions, targets: Sequence[Positions], window: timedelta | None) -> NDArray[np.int64]:
    """Steps x users: the position of each step on the user's best way, -1 where it was not reached."""
    latest = None if window is None else log.times[entries] + min(window // timedelta(microseconds=1), _FOREVER_US)
    ways = [entries]
    for positions in targets:
        reached = log.next_in_user(positions, ways[-1])
        if latest is not None:
            reached = np.where(log.times[reached] <= latest, reached, -1) if len(reached) else reached
        ways.append(reached)
    return _best(log, np.vstack(ways))


def _best(log: EventLog, ways: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each user's ways the one that gets furthest; the earliest of these."""
    if not ways.shape[1]:
        return ways
    depth, users = (ways >= 0).sum(axis=0), log.users[ways[0]]
    starts = run_starts(users)
    furthest = np.repeat(np.maximum.reduceat(depth, starts), np.diff(starts, append=len(users)))
    best = np.flatnonzero(depth == furthest)
    return ways[:, best[run_starts(users[best])]]


def _table(log: EventLog, ways: NDArray[np.int64], labels: Sequence[str], by: str | None, group: str | None) -> pd.DataFrame:
    n = (ways >= 0).sum(axis=1)
    first, previous = np.full(len(n), n[0]), np.append(0, n[:-1])
    first_low, first_high = share_bounds(n, first)
    low, high = share_bounds(np.where(previous > 0, n, 0), previous)
    table = pd.DataFrame(
        {
            "step": labels,
            "n": n,
            "share_of_first": _divide(n, first),
            "share_of_previous": _divide(n, previous),
            "low": low,
            "high": high,
            "share_of_first_low": np.where(np.arange(len(n)) > 0, first_low, _divide(n, first)),
            "share_of_first_high": first_high,
            "median_s": [nan, *(_median_s(log, a, b) for a, b in pairwise(ways))],
        }
    )
    if by is not None:
        table.insert(0, by, group)
    return table


def _divide(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(b > 0, a / np.maximum(b, 1), nan)


def _median_s(log: EventLog, before: Positions, after: Positions) -> float:
    there = after >= 0
    return float(np.median(log.times[after[there]] - log.times[before[there]])) / 1e6 if there.any() else nan


def _in_words(count: Counting, window: timedelta | None) -> str:
    which = "each user's first entry" if count == "first entry" else "the entry of each user that gets furthest"
    return f"users; {which}; steps in order" + (f"; within {_span(window)} of the entry" if window is not None else "; no time limit")


def _span(window: timedelta) -> str:
    """A span of time in the largest unit that leaves no fraction: ``"1 day"``, ``"90 min"``."""
    for unit, size in (("day", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if window % size == timedelta(0):
            n = window // size
            return f"{n} {unit}{'s' if unit == 'day' and n > 1 else ''}"
    return f"{window.total_seconds():g} s"
