"""What is due is made: once, whoever looks how often, and also when the machine stops in between.

Each page is put down as soon as it is ready, and a run as done when all of them are, so a run that was cut off is gone on with and
nothing of it is made twice.  The clock, what makes the pages and what tells people are passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from workbench.errors import WorkbenchError
from workbench.model import Missed, ScheduleSetting, StudySettings
from workbench.schedule.rules import Rule, last_due, read_rules
from workbench.schedule.state import Book, Page, Run, Standing, State, whose_turn

#: A run that begins later than this after it was due counts as missed: whoever looks every five minutes is never so late.
LATE = timedelta(minutes=15)


@dataclass(frozen=True)
class Event:
    """Something that happened, for a log: ``event`` is begun, page, done, skipped, told, not told, busy, started, stopped or error."""

    time: datetime
    event: str
    schedule: str = ""
    result: str = ""
    due: datetime | None = None
    page: str = ""
    says: str = ""


class Maker(Protocol):
    """Makes the pages of a schedule but those of some names, and hands over each as soon as it is ready."""

    def __call__(self, schedule: ScheduleSetting, without: frozenset[str], ready: Callable[[Page], None], /) -> None:
        """Make them."""


class Teller(Protocol):
    """Tells people of a run; what is given back are the sentences why somebody was not told."""

    def __call__(self, run: Run, /) -> tuple[str, ...]:
        """Tell them."""


def run_due(
    folder: Path,
    settings: StudySettings,
    *,
    clock: Callable[[], datetime],
    make: Maker,
    tell: Teller,
    say: Callable[[Event], None],
    since: timedelta = timedelta(0),
) -> list[Run]:
    """Make the reports of every schedule that is due.  When another process is at it already, that is said and nothing is done.

    A schedule that is seen for the first time waits for its next moment, and so does one with another cron line or zone.

    Parameters
    ----------
    since : how far a schedule that is seen for the first time looks back, where nothing is remembered from run to run; what is not
        later than that is not missed

    Returns
    -------
    One for each run that ended, in the order in which they did.

    Raises
    ------
    BadSetting
        A schedule cannot be read; before anything runs.
    BadFile, FolderNotWritable, DiskFull
        The file that keeps what ran when.
    """
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    with whose_turn(folder) as ours:
        if not ours:
            say(Event(clock(), "busy", says="another process is making the reports that are due"))
            return []
        look = _Look(Book(folder), clock, make, tell, say, max(since, LATE))
        look.book.write(_with_new(look.book.state, rules, clock() - since))
        for setting in settings.schedules:
            look.tell_of_last(setting.name)
        runs: list[Run] = []
        while made := look.at(clock(), settings.schedules, rules):  # whoever was to look meanwhile found us at it
            runs += made
        return runs


def meet(folder: Path, settings: StudySettings, now: datetime) -> None:
    """Know the schedules of a study from now on, so that the next moment of each counts."""
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    with whose_turn(folder) as ours:
        if ours:
            book = Book(folder)
            book.write(_with_new(book.state, rules, now))


def is_missed(due: datetime, now: datetime, state: State, late: timedelta = LATE) -> bool:
    """Whether a run is so late that the machine must have been off: not when a run of before was still being made."""
    return now - due > late and not (state.busy_until and due <= state.busy_until)


@dataclass(frozen=True)
class _Look:
    """One look at the schedules of a study."""

    book: Book
    clock: Callable[[], datetime]
    make: Maker
    tell: Teller
    say: Callable[[Event], None]
    late: timedelta

    def at(self, now: datetime, schedules: Sequence[ScheduleSetting], rules: Mapping[str, Rule]) -> list[Run]:
        """What is due of all of them at one moment."""
        return [run for setting in schedules for run in self.run(setting, rules[setting.name], now)]

    def run(self, setting: ScheduleSetting, rule: Rule, now: datetime) -> Sequence[Run]:
        """What was begun before, and what is due now."""
        runs = []
        if begun := self.book[setting.name].begun:
            runs.append(self._run(setting, begun))
        standing = self.book[setting.name]
        if due := last_due(rule, standing.done, now):
            if setting.missed is Missed.SKIP and is_missed(due, now, self.book.state, self.late):
                self.book.put(setting.name, replace(standing, done=due))
                self.say(Event(self.clock(), "skipped", setting.name, due=due, says="it was due while nobody looked"))
            else:
                runs.append(self._run(setting, Run(setting.name, due, self.clock())))
        return runs

    def _run(self, setting: ScheduleSetting, run: Run) -> Run:
        name = setting.name

        def ready(page: Page) -> None:
            nonlocal run
            run = replace(run, pages=(*run.pages, page))
            self.book.put(name, replace(self.book[name], begun=run))
            self.say(Event(self.clock(), "page", name, page.result, run.due, page.name, page.error or " ".join(page.why)))

        self.book.put(name, replace(self.book[name], begun=run))
        self.say(Event(self.clock(), "begun", name, due=run.due))
        try:
            self.make(setting, frozenset(p.name for p in run.pages), ready)
        except WorkbenchError as error:
            run = replace(run, error=str(error))
        run = replace(run, ended=self.clock())
        self.book.put(name, _after(self.book[name], run), busy_until=run.ended)
        self.say(Event(self.clock(), "done", name, run.result, run.due, says=run.error))
        self.tell_of_last(name)
        return run

    def tell_of_last(self, name: str) -> None:
        """Tell people of the last run, if that is still to be done; whoever cannot be reached is not tried again."""
        standing = self.book[name]
        if not standing.to_tell or standing.last is None:
            return
        try:
            problems = self.tell(standing.last)
        except WorkbenchError as error:
            problems = (str(error),)
        self.book.put(name, replace(standing, to_tell=False, not_told=problems))
        for sentence in problems:
            self.say(Event(self.clock(), "not told", name, due=standing.last.due, says=sentence))


def _after(standing: Standing, run: Run) -> Standing:
    ok = run.result == "ok"
    return replace(
        standing, done=max(run.due, standing.done), begun=None, last=run, to_tell=True, not_told=(),
        last_success=run.ended if ok else standing.last_success, n_failures=0 if ok else standing.n_failures + 1,
    )  # fmt: skip


def _with_new(state: State, rules: dict[str, Rule], since: datetime) -> State:
    """What is known of the schedules that there are; those that are new or have another rule wait from here on."""

    def known(name: str, rule: Rule) -> Standing:
        before = state.schedules.get(name) or Standing(str(rule), since)
        return before if before.rule == str(rule) else replace(before, rule=str(rule), done=since, begun=None)

    return replace(state, schedules={name: known(name, rule) for name, rule in rules.items()})
