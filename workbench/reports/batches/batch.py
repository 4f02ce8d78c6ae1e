"""Many reports at once: those that would come out differently are made, the others are left, and one that fails stops no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.errors import BadSetting
from workbench.model import Which, moments
from workbench.reports.batches.outcome import FAILED, MADE, UNCHANGED, Outcome
from workbench.reports.batches.runners import InThisProcess, LocalWorkers, Runner
from workbench.reports.changed import why_run
from workbench.reports.index.index_page import INDEX_FILE, index_problem
from workbench.reports.planned import PlannedReport
from workbench.reports.provenance import RunRecord, kept, read_record
from workbench.reports.scratch import sweep
from workbench.store import last_runs, save_run
from workbench.study import Study

__all__ = ["BatchResult", "Outcome", "run_batch"]


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch: one outcome for each report, when it was begun (UTC) and how long it took.

    ``index`` is the page of all reports, below the study's folder; ``index_problem`` why it was not written.
    """

    outcomes: tuple[Outcome, ...]
    started: str
    duration_s: float
    index: str = ""
    index_problem: str = ""

    def _with(self, result: str) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.result == result)

    @property
    def made(self) -> tuple[Outcome, ...]:
        """Those that were made."""
        return self._with(MADE)

    @property
    def unchanged(self) -> tuple[Outcome, ...]:
        """Those whose page would come out as it is."""
        return self._with(UNCHANGED)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Those that failed; their pages are those from before."""
        return self._with(FAILED)

    @property
    def exit_code(self) -> int:
        """1 when any failed."""
        return 1 if self.failed else 0


def run_batch(
    study: Study,
    planned: Sequence[PlannedReport],
    *,
    which: Which = Which.CHANGED,
    jobs: int = 1,
    runner: Runner | None = None,
    tell: Callable[[Outcome], object] | None = None,
) -> BatchResult:
    """Make reports, and the page of all reports.

    A batch that was stopped, whichever way, is gone on with by running it again: what it made is not made twice.

    Parameters
    ----------
    planned : from :func:`~workbench.reports.planned.planned_reports`
    which : only those that would come out differently, or all
    jobs : how many at once, on this machine
    runner : who makes them, instead
    tell : called with each outcome as it comes
    """
    if jobs < 1:
        raise BadSetting("--jobs", f"{jobs} is not a number of reports to make at once", "Give 1 or more.")
    started, clock = datetime.now(UTC), time.perf_counter()
    outcomes: list[Outcome] = []

    def note(some: Iterable[Outcome]) -> None:
        for outcome in some:
            outcomes.append(outcome)
            if tell:
                tell(outcome)

    sweep()
    records = {report.name: read_record(report.page(study)) for report in planned}
    _complete_log(study, records)
    wanted = []
    for report in planned:
        if which is Which.CHANGED and not why_run(study, report, records[report.name]):
            note([Outcome(report.name, UNCHANGED, output=f"{report.name}.html")])
        else:
            wanted.append(report)
    if wanted:
        chosen = runner or (InThisProcess() if min(jobs, len(wanted)) == 1 else LocalWorkers(jobs))
        note(chosen.outcomes(study.folder, wanted, which))
    problem = index_problem(study)
    index = "" if problem else f"reports/{INDEX_FILE}"
    return BatchResult(tuple(outcomes), moments.as_text(started), round(time.perf_counter() - clock, 3), index, problem)


def _complete_log(study: Study, records: Mapping[str, RunRecord | None]) -> None:
    """Put into the store what it does not know of: a page may have been finished by a process that was killed before it said so."""
    known = last_runs(study.db)
    for name, record in records.items():
        if record and record.started > known.get(name, ""):
            save_run(study.db, name, kept(record))
