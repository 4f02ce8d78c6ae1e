"""How many users each stage of a journey sees, and how many go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from workbench.analysis.events.log import EventLog
from workbench.analysis.intervals import share_bounds


def stage_counts(log: EventLog, stages: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """How many users and events fall in each stage.

    Parameters
    ----------
    stages : event names by stage, in the order of the journey

    Returns
    -------
    One row per stage:

    - ``stage``
    - ``n_events``: events with one of its names
    - ``n_users``: users with at least one of them
    - ``n_of``: users in the log
    - ``share``: ``n_users`` over ``n_of``, with Wilson's interval ``low`` to ``high``
    - ``n_later``: of ``n_users``, those with an event of a later stage after their first event of this one
    - ``share_later``: ``n_later`` over ``n_users``, with ``later_low`` to ``later_high``; NaN in the last stage

    Raises
    ------
    UnknownName
        A stage names an event that the log does not have.
    """
    names = list(stages)
    rows = [_count(log, list(stages[name]), list(chain.from_iterable(stages[n] for n in names[i + 1 :]))) for i, name in enumerate(names)]
    table = pd.DataFrame(rows, columns=["n_events", "n_users", "n_later"]).astype("int64")
    table.insert(0, "stage", names)
    table.insert(3, "n_of", log.n_users)
    low, high = share_bounds(table["n_users"], table["n_of"])
    table.insert(4, "share", table["n_users"] / table["n_of"].where(table["n_of"] > 0))
    table.insert(5, "low", low)
    table.insert(6, "high", high)
    could = table["n_users"].where(np.arange(len(table)) < len(table) - 1, 0)
    table["share_later"] = table["n_later"] / could.where(could > 0)
    table["later_low"], table["later_high"] = share_bounds(table["n_later"], could)
    return table


def _count(log: EventLog, own: list[str], later: list[str]) -> tuple[int, int, int]:
    """Events and users of a stage, and users who go on."""
    positions = log.positions_of(own)
    firsts = log.first_in_user(positions)
    went_on = log.next_in_user(log.positions_of(later), firsts)
    return len(positions), len(firsts), int((went_on >= 0).sum())
