"""Who leaves a funnel, where, and what they do instead, on a log that can be counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.events import EventLog, funnel
from workbench.analysis.events.drop_off import NOTHING_MORE, drop_off, follow_ways, leavers, step_times
from workbench.errors import BadSetting, UnknownName

STEPS = [["visit"], ["cart", "list"], ["pay"]]
#: u1 pays; u2 fills the basket twice and asks for help; u3 goes around the basket; u4 only looks; u5 comes too late to be followed.
ROWS = [
    ("u1", "visit", 0), ("u1", "cart", 10), ("u1", "pay", 40),
    ("u2", "visit", 0), ("u2", "cart", 20), ("u2", "list", 25), ("u2", "help", 90),
    ("u3", "visit", 0), ("u3", "pay", 30),
    ("u4", "visit", 0),
    ("u5", "visit", 100),
]  # fmt: skip


def log(rows: list[tuple[str, str, int]]) -> EventLog:
    frame = pd.DataFrame(rows, columns=["user", "event", "minute"])
    frame["ts"] = pd.Timestamp("2026-09-01") + pd.to_timedelta(frame["minute"], unit="min")
    return EventLog.from_table(frame[["user", "event", "ts"]], "user", "event", "ts")


def test_each_user_goes_on_goes_around_or_leaves() -> None:
    ways = follow_ways(log(ROWS), STEPS, within="1 h")
    first, second = drop_off(ways).itertuples()
    assert (first.n, first.n_next, first.n_around, first.n_left) == (4, 2, 1, 1)
    assert (second.n, second.n_next, second.n_around, second.n_left) == (2, 1, 0, 1)
    assert first.low < first.share_left == 0.25 < first.high
    assert ways.n_recent == 1


def test_what_leavers_did_last_and_next_is_counted() -> None:
    table = leavers(follow_ways(log(ROWS), STEPS, within="1 h"), 1)
    assert [(r.when, r.event, r.n, r.n_of) for r in table.itertuples()] == [("last there", "list", 1, 1), ("next", "help", 1, 1)]
    alone = leavers(follow_ways(log(ROWS), STEPS, within="1 h"), 0)
    assert list(alone.loc[alone["when"] == "next", "event"]) == [NOTHING_MORE]


def test_times_between_steps_have_their_quartiles() -> None:
    first, second = step_times(follow_ways(log(ROWS), STEPS, within="1 h")).itertuples()
    assert (first.n, first.q1_s, first.median_s, first.q3_s) == (2, 750, 900, 1050)
    assert (second.n, second.median_s) == (1, 1800)


def test_a_log_shorter_than_the_time_keeps_everybody() -> None:
    ways = follow_ways(log(ROWS), STEPS, within="30 days")
    assert (ways.until, ways.n_recent, int(ways.n[0])) == (None, 0, 5)


def test_wrong_steps_and_times_are_said() -> None:
    with pytest.raises(BadSetting, match="at least two"):
        follow_ways(log(ROWS), [["visit"]], within="1 h")
    with pytest.raises(UnknownName, match="vist"):
        follow_ways(log(ROWS), [["vist"], ["pay"]], within="1 h")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["visit", "cart", "pay", "help"]), st.integers(0, 300)), min_size=1))
def test_it_counts_as_the_funnel_does_and_everybody_is_somewhere(rows: list[tuple[str, str, int]]) -> None:
    made = log([*rows, ("z", "visit", 0), ("z", "cart", 1), ("z", "pay", 2)])
    ways = follow_ways(made, [["visit"], ["cart"], ["pay"]], within="1 h")
    assert list(ways.n) == list(funnel(made, ["visit", "cart", "pay"], within="1 h", until=ways.until)["n"])
    table = drop_off(ways)
    assert (table["n"] == table["n_next"] + table["n_around"] + table["n_left"]).all()
    assert (table[["n_around", "n_left"]] >= 0).all(axis=None)
    for step in range(2):
        found = leavers(ways, step)
        assert all(own["n"].sum() == table["n_left"][step] for _, own in found.groupby("when"))
