"""A measure of events then and now: what is asked of chance is what could not be counted then."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.analysis.whats_new import code_changes, find_arrivals, measure_changes
from workbench.model import Code, Codebook, CodeKind, MeasureKind, MeasureSetting, StudySettings

ORDERS = MeasureSetting("Orders", MeasureKind.CONVERSION, from_event="visit", to_event="pay", within=timedelta(days=1))


def log(n_users: int, n_paying: int, day: int) -> pd.DataFrame:
    """Users who visit on a day of September, some of whom pay an hour later."""
    start = pd.Timestamp(2026, 9, day)
    visits = [(f"{day}-{i}", "visit", start) for i in range(n_users)]
    return pd.DataFrame(
        [*visits, *((f"{day}-{i}", "pay", start + pd.Timedelta(hours=1)) for i in range(n_paying))], columns=["user", "event", "ts"]
    )


def study(*days: pd.DataFrame, codes: tuple[Code, ...] = (), codings: tuple[tuple[str, str], ...] = ()) -> Any:
    """A study with this event log, these codes, and codings by id and code."""
    events = EventLog.from_table(pd.concat(days), "user", "event", "ts") if days else None
    none = pd.DataFrame(index=pd.Index([], name="participant"))
    return SimpleNamespace(
        settings=StudySettings("Slots", measures=(ORDERS,)), events=events, codebook=Codebook(codes), participants=none,
        transcripts=pd.DataFrame(columns=["kind"]), responses=pd.DataFrame(columns=["survey", "respondent"]),
        codings=pd.DataFrame(codings, columns=["coding", "code"]),
    )  # fmt: skip


def test_entries_that_could_be_followed_then_are_not_counted_as_new() -> None:
    early, between, late = log(50, 10, 1), log(1, 0, 5), log(50, 40, 10)
    end = log(1, 0, 20)
    [change] = measure_changes(study(early, between), study(early, between, late, end))
    assert change.then is not None
    assert change.came is not None
    assert (change.then.n, change.came.n) == (50, 51), "the user of the fifth could not be followed for a day"
    assert change.clear
    assert change.better


def test_the_same_log_is_no_change_and_a_first_one_has_nothing_to_compare() -> None:
    some = study(log(50, 10, 1), log(1, 0, 9))
    assert measure_changes(some, some) == []
    [change] = measure_changes(study(), some)
    assert (change.then, change.difference, change.clear, change.better) == (None, None, False, None)
    assert find_arrivals(study(), some).n_events == 61
    assert not find_arrivals(some, some)


def test_a_code_whose_passages_went_different_ways_is_gone_and_not_merged() -> None:
    slot, late, fee = (Code(n, n, CodeKind.PAIN) for n in ("slot", "late", "fee"))
    then = study(codes=(slot, late, fee), codings=(("1", "slot"), ("2", "slot"), ("3", "fee")))
    apart = study(codes=(late, fee), codings=(("1", "late"), ("2", "fee"), ("3", "fee")))
    together = study(codes=(late, fee), codings=(("1", "late"), ("2", "late"), ("3", "fee")))
    assert [(c.change, c.code) for c in code_changes(then, apart)] == [("went", "slot")]
    assert [(c.change, c.before, c.code) for c in code_changes(then, together)] == [("merged", "slot", "late")]


def test_renamed_retired_and_redefined_are_told_of_one_code() -> None:
    was, here = Code("1", "slot", CodeKind.PAIN), Code("1", "Slot lost", CodeKind.PAIN, definition="The slot is gone", retired=True)
    told = code_changes(study(codes=(was,)), study(codes=(here,)))
    assert [c.change for c in told] == ["renamed", "retired", "described anew"]
    assert code_changes(study(codes=(here,)), study(codes=(here,))) == []
