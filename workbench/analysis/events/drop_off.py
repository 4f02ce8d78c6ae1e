"""What lies behind a funnel: how long each step took, who left at it, what they did last there, and what next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.events.log import EventLog, Positions
from workbench.analysis.intervals import share_bounds
from workbench.errors import BadSetting
from workbench.model.durations import parse_duration

#: What stands for the next event of those who did nothing more.
NOTHING_MORE = "(nothing more)"


@dataclass(frozen=True, eq=False, repr=False)
class Ways:
    """How far each user came who entered a funnel.  Made by :func:`follow_ways`.

    Parameters
    ----------
    log : the events
    steps : the event names of each step
    within : the longest time from the entry to each later step
    reached : steps x users, the position in the log of the event with which a user reached a step, -1 where they did not
    until : entries from this moment on are left out, because the log does not follow them for so long; ``None``, where all are in
    n_recent : how many users that leaves out
    """

    log: EventLog
    steps: Sequence[Sequence[str]]
    within: timedelta
    reached: NDArray[np.int64]
    until: datetime | None
    n_recent: int

    @property
    def n(self) -> NDArray[np.int64]:
        """Users at each step."""
        counts: NDArray[np.int64] = (self.reached >= 0).sum(axis=1)
        return counts

    @cached_property
    def latest(self) -> NDArray[np.int64]:
        """Until when each user is followed, in microseconds."""
        ends: NDArray[np.int64] = self.log.times[self.reached[0]] + self.within // timedelta(microseconds=1)
        return ends

    def next_of(self, step: int, after: Positions) -> Positions:
        """For each user the first event of a step after a position, in time; -1 where there is none."""
        found = self.log.next_in_user(self.log.positions_of(self.steps[step]), after)
        return np.where(found >= 0, np.where(self.log.times[found] <= self.latest, found, -1), -1)


def follow_ways(log: EventLog, steps: Sequence[Sequence[str]], *, within: timedelta | str) -> Ways:
    """Each user from their first event of the first step on, as :func:`~workbench.analysis.events.funnel.funnel` counts them.

    Users who entered so late that the log ends before their time does are left out; all are in, where that would leave nobody.

    Raises
    ------
    UnknownName
    BadSetting
        Fewer than two steps, or a time without a unit.
    """
    if len(steps) < 2:
        raise BadSetting("steps", "a funnel needs at least two", 'Give a list such as ["search", "cart", "pay"].')
    window = parse_duration(within, "within")
    entries = log.first_in_user(log.positions_of(steps[0]))
    until = log.followed_for(window) if log.n_events else None
    followed = entries[log.mask(None, until)[entries]]
    if not len(followed):
        until, followed = None, entries
    ways = Ways(log, steps, window, followed[np.newaxis], until, len(entries) - len(followed))
    reached = [followed]
    for step in range(1, len(steps)):
        reached.append(ways.next_of(step, reached[-1]))
    return Ways(log, steps, window, np.vstack(reached), until, ways.n_recent)


def step_times(ways: Ways) -> pd.DataFrame:
    """How long users took from step to step.

    Returns
    -------
    One row per step after the first: ``step`` (its number), ``n`` (users who reached it), and the seconds since the step
    before in a quarter, half and three quarters of them: ``q1_s``, ``median_s``, ``q3_s`` (NaN where nobody came).
    """
    rows = []
    for step, (before, after) in enumerate(pairwise(ways.reached), start=1):
        there = after >= 0
        seconds = (ways.log.times[after[there]] - ways.log.times[before[there]]) / 1e6
        quartiles = np.quantile(seconds, [0.25, 0.5, 0.75]) if len(seconds) else np.full(3, np.nan)
        rows.append((step, int(there.sum()), *map(float, quartiles)))
    return pd.DataFrame(rows, columns=["step", "n", "q1_s", "median_s", "q3_s"])


def drop_off(ways: Ways) -> pd.DataFrame:
    """Who goes on from each step, who goes around the next one, and who leaves.

    Returns
    -------
    One row per step but the last:

    - ``step``: its number, from zero
    - ``n``: users who reached it
    - ``n_next``: of these, those who reached the next step
    - ``n_around``: those who did not, but were seen at a later one in time
    - ``n_left``: the rest; ``share_left`` is ``n_left`` over ``n``, with Wilson's interval ``low`` to ``high``
    """
    rows = []
    for step in range(len(ways.steps) - 1):
        here, left = ways.reached[step] >= 0, left_at(ways, step)
        n_next = int((ways.reached[step + 1] >= 0).sum())
        rows.append((step, int(here.sum()), n_next, int(here.sum()) - n_next - int(left.sum()), int(left.sum())))
    table = pd.DataFrame(rows, columns=["step", "n", "n_next", "n_around", "n_left"])
    table["share_left"] = table["n_left"] / table["n"].where(table["n"] > 0)
    table["low"], table["high"] = share_bounds(table["n_left"], table["n"])
    return table


def left_at(ways: Ways, step: int) -> NDArray[np.bool_]:
    """One boolean per user: whether they reached a step, and none of those behind it in time."""
    here = ways.reached[step]
    gone: NDArray[np.bool_] = here >= 0
    for later in range(step + 1, len(ways.steps)):
        gone &= ways.next_of(later, here) < 0
    return gone


def leavers(ways: Ways, step: int) -> pd.DataFrame:
    """What those who left at a step did last there, and next.

    Returns
    -------
    One row per ``when`` (``last there``: their last event of this step in time; ``next``: their event after it, whenever that was,
    ``(nothing more)`` where there is none) and ``event``, the most frequent first: ``n`` users of ``n_of``, ``share`` with Wilson's
    interval ``low`` to ``high``.
    """
    gone, log = left_at(ways, step), ways.log
    last = _last_of_step(ways, step, gone)
    following = np.minimum(last + 1, log.n_events - 1)
    goes_on = (last + 1 < log.n_events) & (log.users[following] == log.users[last])
    names = [*log.event_names, NOTHING_MORE]
    codes = {"last there": log.events[last], "next": np.where(goes_on, log.events[following], len(names) - 1)}
    rows = [{"when": when, "event": names[code], "n": n} for when, done in codes.items() for code, n in Counter(done.tolist()).items()]
    table = pd.DataFrame(rows, columns=["when", "event", "n"]).sort_values(
        ["when", "n", "event"], ascending=[True, False, True], ignore_index=True
    )
    table["n_of"] = len(last)
    table["share"] = table["n"] / table["n_of"]
    table["low"], table["high"] = share_bounds(table["n"], table["n_of"])
    return table


def _last_of_step(ways: Ways, step: int, gone: NDArray[np.bool_]) -> Positions:
    """The position of each leaver's last event of a step, in time."""
    log, reached = ways.log, ways.reached[step][gone]
    users = log.users[reached]
    # what nobody reaches, so that others' events are left out
    since, until = np.full(log.n_users, log.n_events), np.zeros(log.n_users, dtype=np.int64)
    since[users], until[users] = reached, ways.latest[gone]
    positions = log.positions_of(ways.steps[step])
    whose = log.users[positions]
    own = positions[(positions >= since[whose]) & (log.times[positions] <= until[whose])]
    last = np.full(log.n_users, -1)
    last[log.users[own]] = own  # in ascending order, so the last one stays
    found: Positions = last[users]
    return found
