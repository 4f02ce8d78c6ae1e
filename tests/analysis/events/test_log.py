from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.events import EventLog
from workbench.analysis.events.log import microseconds
from workbench.errors import BadRows, BadSetting, MissingColumn, UnknownName


def frame(rows, **columns):
    users, events, minutes = zip(*rows, strict=True) if rows else ((), (), ())
    start = pd.Timestamp("2026-10-05", tz="UTC")
    times = pd.to_datetime([start + pd.Timedelta(minutes=m) for m in minutes], utc=True)
    return pd.DataFrame({"user": users, "event": events, "ts": times, **columns})


def log_of(rows, **columns):
    return EventLog.from_table(frame(rows, **columns), "user", "event", "ts", list(columns))


FIVE = [("b", "pay", 9), ("a", "cart", 5), ("b", "cart", 2), ("a", "search", 1), ("a", "search", 7)]


def told(log):
    names = log.user_names.to_pylist()
    minutes = (log.times - log.times.min()) // 60_000_000 if log.n_events else []
    return [(names[u], log.event_names[e], int(m)) for u, e, m in zip(log.users, log.events, minutes, strict=True)]


def test_events_stand_by_user_then_time():
    log = log_of(FIVE)
    assert told(log) == [("b", "cart", 1), ("b", "pay", 8), ("a", "search", 0), ("a", "cart", 4), ("a", "search", 6)]
    assert log.user_starts.tolist() == [0, 2, 5]


def test_events_of_one_moment_keep_the_order_of_the_file():
    assert [e for _, e, _ in told(log_of([("a", "x", 1), ("a", "y", 1), ("a", "z", 0), ("a", "y", 1)]))] == ["z", "x", "y", "y"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 3)), max_size=30))
def test_preparing_is_a_stable_sort_that_loses_nothing(rows):
    order = {user: i for i, user in enumerate(dict.fromkeys(user for user, _, _ in rows))}
    first = min((m for _, _, m in rows), default=0)
    expected = sorted(((u, e, m - first) for u, e, m in rows), key=lambda row: (order[row[0]], row[2]))
    assert told(log_of(rows)) == expected


def test_times_far_apart_are_sorted_as_well():
    """Then users and times no longer fit into one integer."""
    times = pa.array([253_402_300_799_999_999, -62_135_596_800_000_000] * 2**8, pa.timestamp("us"))
    table = pa.table({"u": [str(i // 2) for i in range(2**9)], "e": ["x", "y"] * 2**8, "t": times})
    log = EventLog.from_table(table, "u", "e", "t")
    assert [log.event_names[e] for e in log.events[:4]] == ["y", "x", "y", "x"]


def test_arrays_are_small_and_contiguous():
    log = log_of(FIVE, device=["phone"] * 5)
    assert (log.users.dtype, log.events.dtype, log.times.dtype, log.attributes["device"].codes.dtype) == (
        "int32",
        "int16",
        "int64",
        "int16",
    )
    assert all(a.flags.c_contiguous for a in (log.users, log.events, log.times, log.user_starts))


def test_repr_is_one_line_with_the_counts():
    assert repr(log_of(FIVE)) == "EventLog(5 events of 2 users, 3 kinds, 2026-10-05 to 2026-10-05)"


def test_a_row_without_a_user_is_reported_and_not_dropped():
    table = pa.table({"u": ["a", None, None], "e": ["x", "x", None], "t": pa.array([1, 2, 3], pa.timestamp("us"))})
    with pytest.raises(BadRows) as error:
        EventLog.from_table(table, "u", "e", "t")
    assert error.value.problems == ('row 2: nothing in "u"', 'row 3: nothing in "u" and "e"')


def test_a_missing_column_and_text_for_times_are_explained():
    with pytest.raises(MissingColumn, match="Its columns are: user, event, ts"):
        EventLog.from_table(frame(FIVE), "user", "event", "tz")
    with pytest.raises(BadSetting, match="not times"):
        EventLog.from_table(frame(FIVE).astype({"ts": str}), "user", "event", "ts")


def test_times_with_and_without_a_zone_are_utc():
    rows = frame([("a", "x", 0)])
    berlin = rows.assign(ts=rows["ts"].dt.tz_convert("Europe/Berlin"))
    bare = rows.assign(ts=rows["ts"].dt.tz_localize(None).astype("datetime64[ns]"))
    assert [EventLog.from_table(t, "user", "event", "ts").times[0] for t in (rows, berlin, bare)] == [1_791_158_400_000_000] * 3


def test_categories_that_no_row_uses_are_no_users():
    table = frame(FIVE).assign(user=pd.Categorical(["a"] * 5, categories=["a", "ghost"]))
    assert EventLog.from_table(table, "user", "event", "ts").n_users == 1


def test_an_empty_log_answers_too():
    log = log_of([], device=[])
    assert (log.n_events, log.n_users, repr(log)) == (0, 0, "EventLog(0 events of 0 users, 0 kinds)")
    assert log.where(since="2026-01-01", device="phone").counts().empty


def test_period_includes_its_start_and_not_its_end():
    log = log_of([("a", "x", 0), ("a", "y", 10), ("b", "z", 20)])
    later = log.where(since="2026-10-05T00:10", until=datetime(2026, 10, 5, 0, 20))  # noqa: DTZ001
    assert told(later) == [("a", "y", 0)]
    assert later.n_users == 1


def test_an_attribute_is_looked_at_row_by_row():
    log = log_of(FIVE, device=["phone", "phone", "computer", "computer", None])
    assert told(log.where(device="phone")) == [("b", "pay", 4), ("a", "cart", 0)]
    assert log.where(device=["phone", "computer"]).n_events == 4
    assert log.where(device="fridge").n_events == 0


def test_a_filtered_log_remembers_the_names_of_all_events():
    """So a funnel over a segment says 0, and not that there is no such event."""
    assert log_of(FIVE).where(until="2026-10-05T00:02").event_names == ("pay", "cart", "search")


def test_an_unknown_attribute_is_named():
    with pytest.raises(UnknownName, match='Did you mean "device"'):
        log_of(FIVE, device=["phone"] * 5).where(devise="phone")


def test_counts_tell_events_from_users():
    table = log_of(FIVE).counts().set_index("event")
    assert table.loc["search"].tolist() == [2, 1]
    assert table.loc["cart"].tolist() == [2, 2]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.integers(0, 3)), max_size=30))
def test_counts_agree_with_pandas(rows):
    ours = log_of(rows).counts().set_index("event").sort_index()
    theirs = frame(rows).groupby("event")["user"].agg(["size", "nunique"])
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()


def test_a_moment_may_be_a_day_a_text_or_a_time_in_any_zone():
    at = datetime(2026, 10, 5, 2, tzinfo=timezone(timedelta(hours=2)))
    assert {microseconds(m) for m in (date(2026, 10, 5), "2026-10-05", datetime(2026, 10, 5), at)} == {1_791_158_400_000_000}  # noqa: DTZ001
    with pytest.raises(BadSetting, match="is not a day or a time"):
        microseconds("next week")


def test_many_kinds_of_event_need_wider_codes():
    n = 2**15 + 1
    table = pa.table({"u": ["a"] * n, "e": np.arange(n), "t": pa.array(np.arange(n), pa.timestamp("us"))})
    log = EventLog.from_table(table, "u", "e", "t")
    assert log.events.dtype == "int32"
    assert log.event_names[int(log.events[-1])] == str(n - 1)
