"""A monitor learns when somebody has to look."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest
from stand_in import Crash, at, world

from workbench.schedule.health import Health, check_health
from workbench.schedule.state import LOCK_FILE, whose_turn

HOURLY = '[[schedule]]\nname = "Hourly"\ncron = "0 * * * *"\n'


def health(w, moment: str) -> Health:
    [found] = check_health(w.folder, w.settings, at(moment))
    return found


def test_a_schedule_that_nobody_looks_at_is_not_well(tmp_path: Path) -> None:
    found = health(world(tmp_path / "s", HOURLY), "2026-11-22T12:00")
    assert (found.seen, found.is_well, found.next_due) == (False, False, at("2026-11-22T13:00"))


def test_it_is_overdue_a_quarter_of_an_hour_after_nobody_looked(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.look()
    assert [health(w, moment).overdue for moment in ("2026-11-22T13:15", "2026-11-22T13:16")] == [False, True]
    w.looks(["2026-11-22T13:20"])
    assert health(w, "2026-11-22T13:30").is_well


def test_failures_in_a_row_are_counted_until_one_succeeds(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.fails = {"map"}
    w.looks(["2026-11-22T12:00", "2026-11-22T13:00", "2026-11-22T14:00"])
    found = health(w, "2026-11-22T14:01")
    assert (found.result, found.n_failures_in_a_row, found.is_well) == ("failed", 2, False)
    assert found.failed == ('map: map, code cell 3 ("x") failed with ValueError: Mara',)
    w.fails = set()
    w.looks(["2026-11-22T15:00"])
    assert health(w, "2026-11-22T15:01") == Health(
        "Hourly", at("2026-11-22T16:00"), seen=True, last_run=at("2026-11-22T15:00"), last_success=at("2026-11-22T15:00"), result="ok"
    )


def test_a_run_in_work_is_running_and_one_that_was_cut_off_is_overdue(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.look()
    w.now = at("2026-11-22T13:00")

    def stop(_what: str) -> None:
        raise Crash

    w.step = stop
    with pytest.raises(Crash):
        w.look()
    with (w.folder / "reports" / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = health(w, "2026-11-22T15:00")
        assert (found.running, found.overdue) == (True, False)
    found = health(w, "2026-11-22T15:00")
    assert (found.running, found.overdue) == (False, True)


def test_who_asks_for_the_health_takes_nobodys_turn(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.look()
    with (w.folder / "reports" / LOCK_FILE).open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        threading.Timer(0.01, fcntl.flock, (asking, fcntl.LOCK_UN)).start()
        with whose_turn(w.folder) as ours:
            assert ours


def test_asking_writes_nothing(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    health(w, "2026-11-22T12:00")
    assert list((w.folder / "reports").iterdir()) == []
