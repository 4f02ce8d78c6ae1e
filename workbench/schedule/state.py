"""What has been done of each schedule, in one small file of the study that is replaced whole, and whose turn it is."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from workbench.errors import BadFile, cannot_write
from workbench.files import write_whole

STATE_FILE = ".schedule.json"
LOCK_FILE = ".schedule.lock"


@dataclass(frozen=True)
class Page:
    """What became of one page: ``result`` is made, unchanged or failed; ``error`` and ``why`` are sentences."""

    name: str
    result: str
    why: tuple[str, ...] = ()
    error: str = ""
    is_new: bool = False
    differs: bool = False


@dataclass(frozen=True)
class Run:
    """One run of a schedule: the moment at which it was ``due``, and each page as soon as it was ready.

    ``error`` is why no page could be begun.
    """

    schedule: str
    due: datetime
    started: datetime
    ended: datetime | None = None
    pages: tuple[Page, ...] = ()
    error: str = ""

    @property
    def failed(self) -> tuple[Page, ...]:
        """The pages that failed."""
        return tuple(p for p in self.pages if p.result == "failed")

    @property
    def changed(self) -> tuple[Page, ...]:
        """The pages that say something else than before, or are new."""
        return tuple(p for p in self.pages if p.result == "made" and (p.differs or p.is_new))

    @property
    def result(self) -> str:
        """``ok`` or ``failed``."""
        return "failed" if self.failed or self.error else "ok"


@dataclass(frozen=True)
class Standing:
    """Where one schedule stands.

    Parameters
    ----------
    rule : its cron line and zone; another one makes it a new schedule
    done : the last due moment that is settled, or when the schedule was first seen
    begun : the run that is being made, or was when the machine stopped
    last : the last run that ended
    last_success : when the last one without failures ended
    n_failures : how many runs in a row had failures
    to_tell : whether somebody is still to be told of ``last``
    not_told : why somebody could not be told of it
    """

    rule: str
    done: datetime
    begun: Run | None = None
    last: Run | None = None
    last_success: datetime | None = None
    n_failures: int = 0
    to_tell: bool = False
    not_told: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """All schedules of a study, by name; until ``busy_until`` the machine was on, because a run ended then."""

    schedules: Mapping[str, Standing] = field(default_factory=dict)
    busy_until: datetime | None = None


class Book:
    """The state of a study's schedules; what is put there is on the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "reports" / STATE_FILE
        self.state = read_state(folder)

    def __getitem__(self, schedule: str) -> Standing:
        return self.state.schedules[schedule]

    def put(self, schedule: str, standing: Standing, *, busy_until: datetime | None = None) -> None:
        """Where a schedule stands now."""
        self.write(
            replace(self.state, schedules={**self.state.schedules, schedule: standing}, busy_until=busy_until or self.state.busy_until)
        )

    def write(self, state: State) -> None:
        """The file is always whole: the old one until the new one is on the disk."""
        if state == self.state and self.path.exists():
            return
        write_whole(self.path, msgspec.json.format(msgspec.json.encode(state)), flush=True)
        self.state = state


def read_state(folder: Path) -> State:
    """What is known of the schedules of a study; nothing at first.

    Raises
    ------
    BadFile
        The file is damaged.
    """
    path = folder / "reports" / STATE_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except msgspec.DecodeError as error:
        found = f"what ran when cannot be read ({error})"
        raise BadFile(path, found, "Remove the file: every schedule is then taken for new and waits for its next time.") from None


@contextmanager
def whose_turn(folder: Path) -> Iterator[bool]:
    """Whether it is ours to look after the schedules of a study; the system ends our turn when the process ends, however it does."""
    path = folder / "reports" / LOCK_FILE
    try:
        path.parent.mkdir(exist_ok=True)
        lock = path.open("a")
    except OSError as error:
        raise cannot_write(path, error) from error
    with lock:
        yield _take(lock)


def is_somebodys_turn(folder: Path) -> bool:
    """Whether somebody looks after the schedules of a study at this moment."""
    try:
        lock = (folder / "reports" / LOCK_FILE).open()
    except FileNotFoundError:
        return False
    with lock:
        return not _locked(lock, fcntl.LOCK_SH)


def _take(lock: IO[str]) -> bool:
    """Take a lock, unless somebody works under it; whoever only asked lets go of it at once."""
    while not _locked(lock, fcntl.LOCK_EX):
        if not _locked(lock, fcntl.LOCK_SH):
            return False
    return True


def _locked(lock: IO[str], how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
