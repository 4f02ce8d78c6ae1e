"""A process that makes reports, one after the other, as it is told; and our side of it.

It ends with whoever started it: when nobody can tell it anything more, the report in work is taken back.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from workbench.errors import WorkbenchError
from workbench.model import ReportFormat, Which
from workbench.reports.batches.outcome import FAILED, Outcome
from workbench.reports.engine.forks import CannotFork, Fork, ForkServer
from workbench.reports.engine.papermill_engine import start_early
from workbench.reports.planned import PlannedReport
from workbench.reports.scratch import sweep
from workbench.study import open_study

_START = "import sys; sys.path.pop(0); from workbench.reports.batches.worker import main; main()"

#: How long a process is given to end by itself.
PATIENCE_S = 10


class WorkerLost(Exception):
    """The process ended while it made a report."""


class Worker:
    """Our side: a process that is there from now on, and told what to make.

    It is forked from the process that forks reports, and has all that it needs at once; where nothing forks, it is started.
    """

    def __init__(self) -> None:
        server = start_early()
        try:
            forked = _forked(server) if server else None
        except (CannotFork, ConnectionError):
            forked = None
        self._process: Fork | subprocess.Popen[str]
        self._process, self._in, self._out = forked or _started()

    def make(self, folder: Path, planned: PlannedReport, which: Which) -> Outcome:
        """One report of the study in a folder.

        Raises
        ------
        WorkerLost
        """
        job = {"folder": str(folder), "planned": asdict(planned), "which": which}
        try:
            self._in.write(json.dumps(job) + "\n")
            self._in.flush()
            answer = self._out.readline()
        except (OSError, ValueError):
            answer = ""
        if not answer.endswith("\n"):
            self.close()
            raise WorkerLost
        return Outcome.from_plain(json.loads(answer))

    def let_go(self) -> None:
        """Tell it that nothing more comes; what it has in work is taken back."""
        with suppress(OSError, ValueError):
            self._in.close()

    def close(self) -> None:
        """Let it end, and see to it that it did."""
        self.let_go()
        try:
            self._process.wait(PATIENCE_S)
        except (TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(PATIENCE_S)
        self._out.close()
        sweep()


def _forked(server: ForkServer) -> tuple[Fork, TextIO, TextIO]:
    (jobs, to_it), (from_it, answers) = os.pipe(), os.pipe()
    try:
        process = server.fork_worker(__name__, jobs, answers)
    except BaseException:
        os.close(to_it)
        os.close(from_it)
        raise
    finally:
        os.close(jobs)
        os.close(answers)
    return process, open(to_it, "w", encoding="utf-8"), open(from_it, encoding="utf-8")  # noqa: PTH123  pipes have no path


def _started() -> tuple[subprocess.Popen[str], TextIO, TextIO]:
    path = os.pathsep.join(x for x in (str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")) if x)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
    )  # fmt: skip
    return process, process.stdin, process.stdout  # type: ignore[return-value]


def main() -> None:
    """Be that process."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # what it says of a report that is stopped is about its own tasks
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored by who started us
    jobs: queue.Queue[str] = queue.Queue()
    with _answers() as answers:
        threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
        with suppress(KeyboardInterrupt, BrokenPipeError):
            while line := jobs.get():
                outcome = _make(**json.loads(line))
                answers.write(json.dumps(asdict(outcome)) + "\n")
                answers.flush()


def _make(folder: str, planned: dict[str, Any], which: str) -> Outcome:
    from workbench.reports.batches.make import make_page  # what runs and renders is for who makes pages

    report = PlannedReport(**{**planned, "formats": tuple(map(ReportFormat, planned["formats"]))})
    try:
        with closing(open_study(folder)) as study:
            return make_page(study, report, Which(which))
    except WorkbenchError as error:
        return Outcome(report.name, FAILED, error=str(error))


@contextmanager
def _answers() -> Iterator[TextIO]:
    """Where answers go: standard output, which nobody else in this process writes to from now on."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        yield out


def _listen(jobs: queue.Queue[str]) -> None:
    """Hand on what we are told; and stop the report in work when nobody is left who could tell us."""
    for line in sys.stdin:
        jobs.put(line)
    jobs.put("")
    # To the main thread itself: what another thread receives does not wake it where it waits.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
