"""Who makes the reports of a batch: this process, a few processes of this machine, or a Dask cluster."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import Protocol

from workbench.errors import MissingTool
from workbench.model import Which
from workbench.reports.make import BACK_OFF_S, FAILED, Outcome, make_page
from workbench.reports.planned import PlannedReport
from workbench.reports.worker import Worker, WorkerLost
from workbench.study import open_study

LOST = "Its process ended each time it was made. Run it alone with workbench report to see more."


class Runner(Protocol):
    """Makes pages; they come as each is ready, in any order, and every one of them comes once."""

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each report of the study in ``folder``."""
        ...


class InThisProcess:
    """One after the other."""

    def outcomes(self, folder: Path, planned: Sequence[PlannedReport], which: Which) -> Iterator[Outcome]:
        """What became of each, in order."""
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
        idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        crew = Crew(idle)
        for _ in range(min(self.jobs, len(planned))):
            idle.put(crew.hire())
        pool = ThreadPoolExecutor(self.jobs)
        try:
            running = [pool.submit(crew.make, folder, report, which) for report in planned]
            for done in as_completed(running):
                running.remove(done)
                yield done.result()
        finally:
            crew.dismiss()
            pool.shutdown(cancel_futures=True)


class Crew:
    """The workers of one batch; each thread that hands out reports takes one that is idle."""

    def __init__(self, idle: queue.SimpleQueue[Worker]) -> None:
        self._idle, self._all, self._stopping = idle, set[Worker](), threading.Event()

    def hire(self) -> Worker:
        """A new worker."""
        worker = Worker()
        self._all.add(worker)
        return worker

    def make(self, folder: Path, report: PlannedReport, which: Which) -> Outcome:
        """Have a report made; whoever is lost over it is replaced."""
        for pause in (*BACK_OFF_S, None):
            worker = self._idle.get()
            try:
                outcome = worker.make(folder, report, which)
            except WorkerLost:
                self._all.discard(worker)
                if self._stopping.is_set():
                    break
                self._idle.put(self.hire())
                if pause is None or self._stopping.wait(pause):
                    break
            else:
                self._idle.put(worker)
                return outcome
        return Outcome(report.name, FAILED, error=LOST)

    def dismiss(self) -> None:
        """Let all of them end; what they have in work is taken back."""
        self._stopping.set()
        for worker in self._all:
            worker.let_go()
        for worker in self._all:
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

        with Client(self.scheduler) as client:
            names = {client.submit(made_here, folder.resolve(), report, which, pure=False): report.name for report in planned}
            for future in ready(list(names)):
                name = names.pop(future)
                try:
                    yield future.result()
                except KilledWorker:
                    yield Outcome(name, FAILED, error=LOST)


def made_here(folder: Path, report: PlannedReport, which: Which) -> Outcome:
    """Have a report made beside a Dask worker, which has threads and so must not fork; the process stays for the next one."""
    idle = _beside.setdefault(threading.get_ident(), queue.SimpleQueue())
    if idle.empty():
        idle.put(Worker())
    return Crew(idle).make(folder, report, which)


_beside: dict[int, queue.SimpleQueue[Worker]] = {}
