"""``workbench schedule run``: looks once a minute, in the foreground, until it is told to end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType

from workbench.errors import MissingTool, WorkbenchError
from workbench.model import ScheduleSetting
from workbench.schedule.runner import Maker
from workbench.schedule.state import Page

#: What a supervisor, a terminal and a keyboard send to end a process.
_END = [signal.SIGTERM, signal.SIGINT]


class Stopped(Exception):
    """Somebody asked the service to end."""


class Stop:
    """Whether the service was asked to end: at once while it waits, after the page in work while it makes one."""

    def __init__(self) -> None:
        self.asked = self.working = False

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        """Somebody asks, by a signal."""
        self.asked = True
        if not self.working:
            raise Stopped

    def check(self) -> None:
        """A good moment to end, if somebody asked."""
        if self.asked:
            raise Stopped


def stoppable(make: Maker, stop: Stop) -> Maker:
    """Ends after a page when somebody asked; one that failed meanwhile is put back, because the same keys may have stopped it."""

    def made(schedule: ScheduleSetting, without: frozenset[str], ready: Callable[[Page], None]) -> None:
        def then(page: Page) -> None:
            if not (stop.asked and page.result == "failed"):
                ready(page)
            stop.check()

        stop.check()
        make(schedule, without, then)

    return made


def not_twice(say: Callable[[str], None]) -> Callable[[str], None]:
    """Says a sentence, but not one that it said just before; an empty one means that all is well again."""
    before = ""

    def once(sentence: str) -> None:
        nonlocal before
        if sentence and sentence != before:
            say(sentence)
        before = sentence

    return once


def serve(look: Callable[[], object], stop: Stop, say: Callable[[str, str], None]) -> None:
    """Look at once and then at the beginning of every minute, until a signal ends it.

    What is due after a time of sleep is found by the look that follows it.  A look that ends in a sentence is not the last one, and
    the same sentence is not said again every minute.

    Parameters
    ----------
    say : told of ``started``, ``error`` with its sentence, and ``stopped``

    Raises
    ------
    MissingTool
        APScheduler is not installed.
    """
    try:
        from apscheduler.events import EVENT_JOB_SUBMITTED
        from apscheduler.executors.debug import DebugExecutor
        from apscheduler.schedulers.blocking import BlockingScheduler
    except ImportError as error:
        raise MissingTool("APScheduler, which waits for the next minute,", 'pip install "ux-workbench[schedule]"') from error
    # in the main thread: signals are heard there, and reports are forked from a process with one thread
    scheduler = BlockingScheduler(executors={"default": DebugExecutor()}, timezone="UTC")

    say_error = not_twice(lambda sentence: say("error", sentence))

    def look_once() -> None:
        stop.working = True
        try:
            stop.check()
            look()
            say_error("")
        except Stopped:
            pass
        except WorkbenchError as error:
            say_error(str(error))
        finally:
            stop.working = False

    def end_if_asked(_event: object) -> None:
        if stop.asked:
            scheduler.shutdown(wait=False)

    before = {number: signal.signal(number, stop.ask) for number in _END}
    scheduler.add_job(look_once, "cron", second=0, next_run_time=datetime.now(UTC), coalesce=True, misfire_grace_time=None)
    scheduler.add_listener(end_if_asked, EVENT_JOB_SUBMITTED)  # which comes after the job, since that runs in this thread
    try:
        with suppress(Stopped):
            say("started", "")
            scheduler.start()
        say("stopped", "")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
