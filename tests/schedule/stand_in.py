"""A batch of reports that is made in no time, a clock that is set by hand, and a study.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.io.study_toml import read_settings
from workbench.model import ScheduleSetting, StudySettings
from workbench.schedule.runner import Event, run_due
from workbench.schedule.state import Page, Run

MONDAY = '[[schedule]]\nname = "Monday"\ncron = "0 7 * * MON"\ntimezone = "Europe/Prague"\n'


def at(moment: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


class Crash(BaseException):
    """The machine stops."""


@dataclass
class World:
    """A study in which looks are made; ``step`` is called before everything that could be the last thing to happen."""

    folder: Path
    now: datetime
    pages: tuple[str, ...] = ("map", "pulse")
    fails: set[str] = field(default_factory=set)
    step: Callable[[str], None] = lambda _what: None
    made: list[tuple[str, str, datetime]] = field(default_factory=list)
    told: list[Run] = field(default_factory=list)
    said: list[Event] = field(default_factory=list)
    #: What each page says: the hour whose data it was made from.
    contents: dict[tuple[str, str], datetime] = field(default_factory=dict)
    settings: StudySettings = field(init=False)

    def clock(self) -> datetime:
        return self.now

    def make(self, schedule: ScheduleSetting, without: frozenset[str], ready: Callable[[Page], None]) -> None:
        """Makes a page when the hour has changed, as the batch does when the data have."""
        data = self.now.replace(minute=0, second=0)
        for name in self.pages:
            if name in without:
                continue
            self.step("before a page")
            if name in self.fails:
                page = Page(name, "failed", error=f'{name}, code cell 3 ("x") failed with ValueError: Mara')
            elif self.contents.get((schedule.name, name)) == data:
                page = Page(name, "unchanged")
            else:
                self.contents[schedule.name, name] = data
                self.made.append((schedule.name, name, self.now))
                page = Page(name, "made", why=("the answers to pulse changed",), differs=True)
            self.step("after a page")
            ready(page)
            self.step("after it was put down")

    def tell(self, run: Run) -> tuple[str, ...]:
        self.step("before telling")
        self.told.append(run)
        self.step("after telling")
        return ()

    def look(self, **options: timedelta) -> list[Run]:
        """One look at what is due now."""
        return run_due(self.folder, self.settings, clock=self.clock, make=self.make, tell=self.tell, say=self.said.append, **options)

    def write(self, toml: str) -> None:
        """What study.toml says of schedules."""
        (self.folder / "study.toml").write_text(f'[study]\ntitle = "Why carts are left"\n{toml}', encoding="utf-8")
        self.settings = read_settings(self.folder / "study.toml")

    def looks(self, moments: Iterable[str]) -> list[int]:
        """How many runs each of several looks made."""
        found = []
        for moment in moments:
            self.now = at(moment)
            found.append(len(self.look()))
        return found

    @property
    def events(self) -> list[str]:
        return [event.event for event in self.said]


def world(folder: Path, toml: str = MONDAY, now: str = "2026-11-22T12:00") -> World:
    """A study that nobody has looked at."""
    (folder / "reports").mkdir(parents=True)
    made = World(folder, at(now))
    made.write(toml)
    return made
