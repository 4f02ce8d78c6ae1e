"""Weeks across both changes of clocks, looked at every five minutes, with the machine stopping at every step there is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from stand_in import Crash, World, at, world

from workbench.schedule import state
from workbench.schedule.rules import due_between, read_rules
from workbench.schedule.runner import meet

SCHEDULES = """
[[schedule]]
name = "Monday"
cron = "0 7 * * MON"
timezone = "Europe/Prague"
[[schedule]]
name = "Night"
cron = "30 2 * * *"
timezone = "Europe/Prague"
[[schedule]]
name = "Often"
cron = "0 */3 * * *"
timezone = "America/New_York"
"""
LOOK_EVERY = timedelta(minutes=5)
STEPS = {
    "before a page", "after a page", "after it was put down", "before telling", "after telling",
    "before the state is kept", "after the state is kept",
}  # fmt: skip


class Machine:
    """Stops at one step in ten, whatever is done there; ``stops`` counts them by what was being done."""

    def __init__(self, seed: int | None) -> None:
        self.chance = Random(seed) if seed is not None else None
        self.stops: Counter[str] = Counter()

    def step(self, what: str) -> None:
        if self.chance and self.chance.random() < 0.1:
            self.stops[what] += 1
            raise Crash


def stopping_book(machine: Machine) -> type:
    class StoppingBook(state.Book):
        """Stops before the file is replaced, and after."""

        def write(self, new: state.State) -> None:
            changes = new != self.state
            if changes:
                machine.step("before the state is kept")
            super().write(new)
            if changes:
                machine.step("after the state is kept")

    return StoppingBook


def live_through(w: World, start: datetime, days: int, machine: Machine) -> None:
    """Look every five minutes; a machine that stops is on again at the next look."""
    for n in range(days * 24 * 12):
        w.now = start + n * LOOK_EVERY
        try:
            w.look()
        except Crash:
            continue
    machine.chance = None
    w.now = start + timedelta(days=days)
    w.look()


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("start", ["2027-03-24T12:00", "2027-10-28T12:00"], ids=["forward", "back"])
def test_every_run_of_a_week_happens_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, seed: int | None) -> None:
    w, machine = world(tmp_path / "s", SCHEDULES, start), Machine(seed)
    meet(w.folder, w.settings, w.now)
    monkeypatch.setattr("workbench.schedule.runner.Book", stopping_book(machine))
    w.step = machine.step
    live_through(w, at(start), 7, machine)
    ends = at(start) + timedelta(days=7)
    wanted = {(name, due) for name, rule in read_rules(w.settings.schedules).items() for due in due_between(rule, at(start), ends)}
    assert len(wanted) == 1 + 7 + 56
    assert {(run.schedule, run.due) for run in w.told} == wanted
    assert Counter(for_which(w)) == Counter((s, due, page) for s, due in wanted for page in w.pages)
    assert seed is None or set(machine.stops) == STEPS


def for_which(w: World) -> list[tuple[str, datetime, str]]:
    """Each page that was made, with the moment that it was made for: the last one before."""
    return [(s, max(r.due for r in w.told if r.schedule == s and r.due <= made), page) for s, page, made in w.made]
