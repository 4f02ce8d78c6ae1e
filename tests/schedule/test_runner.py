"""What is due is made once: whoever looks how often, and wherever the machine stops."""

from __future__ import annotations

import fcntl
import json
from datetime import timedelta
from pathlib import Path

import pytest
from stand_in import MONDAY, Crash, World, at, world

from workbench.errors import BadFile, BadSetting
from workbench.schedule.runner import meet
from workbench.schedule.state import LOCK_FILE, STATE_FILE, read_state

HOURLY = '[[schedule]]\nname = "Hourly"\ncron = "0 * * * *"\n'


def test_what_is_due_is_made_once_however_often_somebody_looks(tmp_path: Path) -> None:
    w = world(tmp_path / "s")
    assert w.looks(["2026-11-22T12:00", "2026-11-23T05:59", "2026-11-23T06:00", "2026-11-23T06:00", "2026-11-23T06:05"]) == [0, 0, 1, 0, 0]
    assert [(s, p) for s, p, _ in w.made] == [("Monday", "map"), ("Monday", "pulse")]
    assert w.events == ["begun", "page", "page", "done"]


def test_a_new_schedule_does_not_run_for_the_past(tmp_path: Path) -> None:
    w = world(tmp_path / "s", now="2026-11-23T06:30")
    assert w.look() == []
    assert w.looks(["2026-11-30T06:00"]) == [1]


def test_a_schedule_with_another_line_is_a_new_one_and_keeps_its_past(tmp_path: Path) -> None:
    w = world(tmp_path / "s")
    w.looks(["2026-11-22T12:00", "2026-11-23T06:00"])
    w.write(MONDAY.replace("0 7", "0 8"))
    assert w.looks(["2026-11-23T12:00", "2026-11-30T07:00"]) == [0, 1]
    assert read_state(w.folder).schedules["Monday"].n_failures == 0


def test_a_schedule_that_went_is_forgotten(tmp_path: Path) -> None:
    w = world(tmp_path / "s", MONDAY + HOURLY)
    w.look()
    w.write(HOURLY)
    w.look()
    assert list(read_state(w.folder).schedules) == ["Hourly"]


def test_where_nothing_is_remembered_a_look_goes_back_as_far_as_it_is_told(tmp_path: Path) -> None:
    w = world(tmp_path / "s", now="2026-11-23T08:40")
    assert len(w.look(since=timedelta(hours=6))) == 1
    assert w.look(since=timedelta(hours=6)) == []


def test_what_is_not_later_than_that_is_not_missed(tmp_path: Path) -> None:
    w = world(tmp_path / "s", MONDAY + 'missed = "skip"\n', now="2026-11-23T08:40")
    assert len(w.look(since=timedelta(hours=6))) == 1


def test_runs_that_were_missed_are_made_once(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    assert w.looks(["2026-11-22T12:00", "2026-11-23T09:30", "2026-11-23T09:31"]) == [0, 1, 0]
    assert w.told[-1].due == at("2026-11-23T09:00")


def test_or_skipped_if_the_study_says_so(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY + 'missed = "skip"\n')
    assert w.looks(["2026-11-22T12:00", "2026-11-23T09:16", "2026-11-23T10:14"]) == [0, 0, 1]
    assert w.events == ["skipped", "begun", "page", "page", "done"]


def test_what_became_due_while_reports_were_made_was_not_missed(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY + 'missed = "skip"\n')
    w.look()
    w.now = at("2026-11-22T13:00")
    w.step = lambda what: setattr(w, "now", at("2026-11-22T14:40")) if what == "before a page" else None
    assert [f"{run.due:%H:%M}" for run in w.look()] == ["13:00", "14:00"]
    assert w.look() == []


def test_a_second_process_finds_nothing_to_do(tmp_path: Path) -> None:
    w = world(tmp_path / "s")
    w.look()
    w.now = at("2026-11-23T06:00")
    with (w.folder / "reports" / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert w.look() == []
    assert w.events == ["busy"]
    assert len(w.look()) == 1


def test_a_page_that_fails_is_counted_and_the_others_are_made(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.fails = {"map"}
    w.looks(["2026-11-22T12:00", "2026-11-22T13:00", "2026-11-22T14:00"])
    standing = read_state(w.folder).schedules["Hourly"]
    assert (standing.n_failures, standing.last_success) == (2, None)
    assert [p.name for p in standing.last.failed] == ["map"]
    w.fails = set()
    w.looks(["2026-11-22T15:00"])
    standing = read_state(w.folder).schedules["Hourly"]
    assert (standing.n_failures, standing.last_success) == (0, at("2026-11-22T15:00"))


def test_a_run_that_cannot_begin_has_failed_and_says_why(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.look()
    w.now = at("2026-11-22T13:00")

    def refuse(*_: object) -> None:
        raise BadSetting("study.toml", "there is no template", "Name another.")

    w.make = refuse
    [run] = w.look()
    assert (run.result, run.error) == ("failed", "study.toml: there is no template. Name another.")
    assert w.look() == []


def test_who_could_not_be_told_is_put_down_and_the_run_stands(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.look()
    w.now = at("2026-11-22T13:00")
    w.tell = lambda run: ("nobody was told",)
    assert [run.result for run in w.look()] == ["ok"]
    assert read_state(w.folder).schedules["Hourly"].not_told == ("nobody was told",)
    assert w.said[-1].event == "not told"


def test_a_study_that_cannot_be_opened_to_tell_of_it_stops_no_run(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.tell = lambda run: (_ for _ in ()).throw(BadSetting("study.db", "it is damaged", "Restore it."))
    assert w.looks(["2026-11-22T12:00", "2026-11-22T13:00", "2026-11-22T14:00"]) == [0, 1, 1]
    assert read_state(w.folder).schedules["Hourly"].not_told == ("study.db: it is damaged. Restore it.",)


@pytest.mark.parametrize("step", ["before a page", "after it was put down"])
def test_a_run_that_was_cut_off_is_gone_on_with(tmp_path: Path, step: str) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.looks(["2026-11-22T12:00"])
    w.now = at("2026-11-22T13:00")
    stop_at(w, step, 2)
    with pytest.raises(Crash):
        w.look()
    w.step = lambda _what: None
    w.now = at("2026-11-22T13:55")
    [run] = w.look()
    assert run.due == at("2026-11-22T13:00")
    assert [page.result for page in run.pages] == ["made", "made"]
    assert len(w.made) == 2
    assert len(w.told) == 1


def stop_at(w: World, what: str, time: int) -> None:
    """The machine stops when a step comes for the n-th time."""
    seen = []

    def step(now: str) -> None:
        seen.append(now)
        if seen.count(what) == time and now == what:
            raise Crash

    w.step = step


def test_bad_settings_stop_before_anything_runs(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY + MONDAY.replace("0 7", "0 77"))
    with pytest.raises(BadSetting, match=r'schedule "Monday", "cron": "0 77 \* \* MON": the hour cannot be read'):
        w.look()
    assert not (w.folder / "reports" / STATE_FILE).exists()


def test_a_damaged_state_is_a_sentence(tmp_path: Path) -> None:
    w = world(tmp_path / "s")
    (w.folder / "reports" / STATE_FILE).write_text('{"schedules": 3}')
    with pytest.raises(BadFile, match=r"what ran when cannot be read .* Remove the file"):
        w.look()


def test_the_state_is_readable_and_names_no_place(tmp_path: Path) -> None:
    w = world(tmp_path / "s", HOURLY)
    w.looks(["2026-11-22T12:00", "2026-11-22T13:00"])
    text = (w.folder / "reports" / STATE_FILE).read_text()
    assert json.loads(text)["schedules"]["Hourly"]["done"] == "2026-11-22T13:00:00Z"
    assert str(tmp_path) not in text


def test_a_schedule_that_was_met_waits_for_its_next_time(tmp_path: Path) -> None:
    w = world(tmp_path / "s")
    meet(w.folder, w.settings, w.now)
    assert w.looks(["2026-11-23T06:00"]) == [1]
