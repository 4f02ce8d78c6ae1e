from datetime import timedelta
from statistics import median

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.events import EventLog, funnel
from workbench.errors import BadSetting, UnknownName

START = pd.Timestamp("2026-10-05", tz="UTC")


def log_of(rows, **columns):
    users, events, minutes = zip(*rows, strict=True) if rows else ((), (), ())
    times = pd.to_datetime([START + pd.Timedelta(minutes=m) for m in minutes], utc=True)
    table = pd.DataFrame({"user": users, "event": events, "ts": times, **columns})
    return EventLog.from_table(table, "user", "event", "ts", list(columns))


SHOP = [
    ("ann", "search", 0), ("ann", "cart", 5), ("ann", "pay", 8),
    ("bob", "search", 0), ("bob", "pay", 1), ("bob", "cart", 2),
    ("cem", "search", 0), ("cem", "search", 100), ("cem", "cart", 110), ("cem", "pay", 400),
    ("dua", "cart", 0),
]  # fmt: skip
STEPS = ["search", "cart", "pay"]


def test_steps_count_in_order():
    table = funnel(log_of(SHOP), STEPS)
    assert table["n"].tolist() == [3, 3, 2]
    assert table["share_of_first"].tolist() == [1, 1, pytest.approx(2 / 3)]
    assert table["median_s"].tolist()[1:] == [5 * 60, (3 + 290) / 2 * 60]


def test_first_and_any_entry_differ_within_a_window_and_say_so():
    log = log_of(SHOP)
    first, any_entry = (log.funnel(STEPS, within="30 min", count=count) for count in ("first entry", "any entry"))
    assert first["n"].tolist() == [3, 2, 1]
    assert any_entry["n"].tolist() == [3, 3, 1]
    assert first.attrs == {
        "count": "first entry",
        "within": "30 min",
        "counted": "users; each user's first entry; steps in order; within 30 min of the entry",
    }
    assert any_entry.attrs["count"] == "any entry"


def test_the_window_includes_its_last_moment_and_runs_from_the_entry():
    log = log_of([("a", "x", 0), ("a", "y", 6), ("a", "z", 10)])
    assert funnel(log, ["x", "y", "z"], within="10 min")["n"].tolist() == [1, 1, 1]
    assert funnel(log, ["x", "y", "z"], within=timedelta(minutes=9))["n"].tolist() == [1, 1, 0]


def test_of_two_events_in_one_moment_the_first_in_the_file_came_first():
    assert funnel(log_of([("a", "x", 1), ("a", "y", 1)]), ["x", "y"])["n"].tolist() == [1, 1]
    assert funnel(log_of([("a", "y", 1), ("a", "x", 1)]), ["x", "y"])["n"].tolist() == [1, 0]


def test_a_repeated_step_needs_a_second_event():
    log = log_of([("a", "x", 0), ("b", "x", 0), ("b", "x", 5)])
    assert funnel(log, ["x", "x"])["n"].tolist() == [2, 1]


def test_a_step_may_have_several_names():
    log = log_of([("a", "app", 0), ("b", "web", 0), ("b", "pay", 1)])
    table = funnel(log, [["app", "web"], "pay"])
    assert table["step"].tolist() == ["app or web", "pay"]
    assert table["n"].tolist() == [2, 1]


def test_shares_carry_wilsons_interval():
    pay = funnel(log_of(SHOP), STEPS).iloc[2]
    assert (round(pay["low"], 4), round(pay["high"], 4)) == (0.2077, 0.9385)
    assert (pay["share_of_first_low"], pay["share_of_first_high"]) == (pay["low"], pay["high"])


def test_groups_follow_the_value_at_the_entry():
    log = log_of([("a", "x", 0), ("a", "y", 1), ("b", "x", 0), ("c", "x", 0)], device=["phone", "computer", "computer", None])
    table = funnel(log, ["x", "y"], by="device")
    assert table[["device", "n"]].values.tolist() == [
        ["computer", 1], ["computer", 0], ["phone", 1], ["phone", 1], ["(not known)", 1], ["(not known)", 0],
    ]  # fmt: skip


def test_a_period_bounds_the_entry_and_not_what_follows():
    log = log_of([("a", "x", 0), ("a", "y", 50), ("b", "x", 0), ("b", "x", 45), ("b", "y", 46)])
    before = funnel(log, ["x", "y"], until="2026-10-05T00:40")
    after = funnel(log, ["x", "y"], since="2026-10-05T00:40")
    assert before["n"].tolist() == [2, 2]
    assert after["n"].tolist() == [0, 0]


def test_where_asks_the_row_of_the_entry():
    log = log_of([("a", "x", 0), ("a", "y", 1), ("b", "x", 0)], device=["phone", "computer", "computer"])
    assert funnel(log, ["x", "y"], where={"device": "phone"})["n"].tolist() == [1, 1]


def test_nobody_in_a_funnel_gives_zeros_and_no_shares():
    log = log_of(SHOP).where(until="2020-01-01")
    table = funnel(log, STEPS)
    assert table["n"].tolist() == [0, 0, 0]
    assert table[["share_of_first", "low", "high", "median_s"]].isna().all(axis=None)
    assert funnel(log_of(SHOP, device=["phone"] * 11).where(until="2020-01-01"), STEPS, by="device").empty


def test_a_bare_number_is_no_window():
    with pytest.raises(BadSetting, match="within: 1 is not a span of time"):
        funnel(log_of(SHOP), STEPS, within=1)


def test_misspelt_events_countings_and_single_steps_are_explained():
    log = log_of(SHOP)
    with pytest.raises(UnknownName, match='Did you mean "search"'):
        funnel(log, ["serch", "pay"])
    with pytest.raises(BadSetting, match='Use "first entry" or "any entry"'):
        funnel(log, STEPS, count="all")
    with pytest.raises(BadSetting, match="a funnel needs at least two"):
        funnel(log, "search")


def attempts(rows, steps, window, every):
    """Plainly, user by user: the times of the steps of the best attempt."""
    best = {}
    for user in dict.fromkeys(user for user, _, _ in rows):
        own = sorted(((event, minute) for who, event, minute in rows if who == user), key=lambda e: e[1])
        entries = [i for i, (event, _) in enumerate(own) if event == steps[0]]
        for entry in entries if every else entries[:1]:
            way, at = [own[entry][1]], entry
            for step in steps[1:]:
                later = [i for i in range(at + 1, len(own)) if own[i][0] == step]
                if not later or (window is not None and own[later[0]][1] - own[entry][1] > window):
                    break
                at = later[0]
                way.append(own[at][1])
            if len(way) > len(best.get(user, [])):
                best[user] = way
    return list(best.values())


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 8)), max_size=25),
    st.lists(st.sampled_from("xyz"), min_size=2, max_size=4),
    st.one_of(st.none(), st.integers(1, 6)),
    st.booleans(),
)
def test_the_fast_funnel_agrees_with_the_plain_one(rows, steps, window, every):
    rows = [*rows, *(("other", name, 0) for name in "zyx")]
    ways = attempts(rows, steps, window, every)
    table = funnel(log_of(rows), steps, within=None if window is None else f"{window} min", count="any entry" if every else "first entry")
    assert table["n"].tolist() == [sum(len(way) > k for way in ways) for k in range(len(steps))]
    for k in range(1, len(steps)):
        gaps = [60 * (way[k] - way[k - 1]) for way in ways if len(way) > k]
        assert table["median_s"][k] == pytest.approx(median(gaps) if gaps else float("nan"), nan_ok=True)
