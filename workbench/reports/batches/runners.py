"""Who makes the reports of a batch: this process, a few processes of this machine, or a Dask cluster."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import Protocol

from workbench.errors import BadSetting, MissingTool
from workbench.model import Which
from workbench.reports.batches.outcome import BACK_OFF_S, FAILED, Outcome
from workbench.reports.batches.worker import Worker, WorkerLost
from workbench.reports.engine.papermill_engine import start_early
from workbench.reports.planned import PlannedReport
from workbench.study import open_study

LOST = "Its process ended each time it was made. Run it alone with workbench report to see more."


#: How long to wait for a scheduler.
ANSWER_S = 10


class Runner(Protocol):
    """Makes pages; they come as each is ready, in any order, and every one of them comes once."""

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each report of the study in ``folder``."""
        ...


class InThisProcess:
    """One after the other."""

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each, in order."""
        start_early()
        from workbench.reports.batches.make import make_page  # what runs and renders is for who makes pages

        with closing(open_study(folder)) as study:
            for report in planned:
                yield make_page(study, report, which)


class LocalWorkers:
    """Several processes of this machine; one that is lost is replaced, and its report made again.

    Parameters
    ----------
    jobs : how many
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each, as it is ready."""
        n = min(self.jobs, len(planned))
        crew, pool = Crew(n), ThreadPoolExecutor(n)
        try:
            running = [pool.submit(crew.make, folder, report, which) for report in planned]
            for done in as_completed(running):
                running.remove(done)
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            crew.dismiss()
            pool.shutdown()


class Crew:
    """Workers, and who of them is idle; each thread that hands out reports takes one and puts it back.

    Parameters
    ----------
    n : how many there are from the beginning
    """

    def __init__(self, n: int) -> None:
        self._idle, self._at_work, self._stopping = [Worker() for _ in range(n)], set[Worker](), threading.Event()

    def make(self, folder: Path, report: PlannedReport, which: Which) -> Outcome:
        """Have a report made; whoever is lost over it is replaced."""
        for pause in (0, *BACK_OFF_S):
            if self._stopping.wait(pause):
                break
            worker = self._take()
            self._at_work.add(worker)
            if self._stopping.is_set():  # hired while the others were dismissed
                worker.let_go()
            try:
                outcome = worker.make(folder, report, which)
            except WorkerLost:
                continue
            finally:
                self._at_work.discard(worker)
            self._idle.append(worker)
            return outcome
        return Outcome(report.name, FAILED, error=LOST)

    def _take(self) -> Worker:
        try:  # not "if": another thread may take the last one in between
            return self._idle.pop()
        except IndexError:
            return Worker()

    def dismiss(self) -> None:
        """Let all of them end; what they have in work is taken back."""
        self._stopping.set()
        everyone = [*self._idle, *tuple(self._at_work)]
        for worker in everyone:
            worker.let_go()
        for worker in everyone:
            worker.close()


class DaskCluster:
    """The workers of a Dask cluster, all of which must find the study in the same folder.

    Parameters
    ----------
    scheduler : its address, such as ``tcp://host:8786``

    Raises
    ------
    MissingTool
        Dask is not installed.
    """

    def __init__(self, scheduler: str) -> None:
        try:
            import distributed  # noqa: F401
        except ImportError as error:
            raise MissingTool("Dask", 'pip install "ux-workbench[cluster]"') from error
        self.scheduler = scheduler

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each, as it is ready; a report whose worker was lost goes to another."""
        from distributed import Client
        from distributed import as_completed as ready
        from distributed.scheduler import KilledWorker

        try:
            client = Client(self.scheduler, timeout=ANSWER_S)
        except (OSError, ValueError) as error:
            found = f"no scheduler answers ({error})"
            raise BadSetting(
                f"--scheduler {self.scheduler}", found, "Start one with: dask scheduler, and workers with: dask worker ADDRESS."
            ) from error
        with client:
            names = {client.submit(made_here, folder.resolve(), report, which, pure=False): report.name for report in planned}
            for future in ready(list(names)):
                name = names.pop(future)
                try:
                    yield future.result()
                except KilledWorker:
                    yield Outcome(name, FAILED, error=LOST)


def made_here(folder: Path, report: PlannedReport, which: Which) -> Outcome:
    """Have a report made beside a Dask worker, which has threads and so must not fork; the process stays for the next one."""
    return _beside.make(folder, report, which)


#: The processes beside this one, if it is a Dask worker: as many as it makes reports at once.
_beside = Crew(0)
