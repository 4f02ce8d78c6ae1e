"""One report: a planned one, made where it would come out differently, or one that was asked for alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, BadParameter, ReportFailed, StudyBusy, UnknownName, WorkbenchError
from workbench.model import Which
from workbench.reports.batches.outcome import BACK_OFF_S, FAILED, MADE, UNCHANGED, Outcome
from workbench.reports.changed import why_run
from workbench.reports.engine.limits import Limits
from workbench.reports.index.index_page import index_problem
from workbench.reports.locks import page_lock
from workbench.reports.planned import PlannedReport
from workbench.reports.provenance import RunRecord, read_record
from workbench.reports.run import is_listed, run_report
from workbench.study import Study

#: A report of a batch that names no limit ends after this, so that the night's other reports are made.
LONGEST_S = 1800.0


def make_page(
    study: Study, planned: PlannedReport, which: Which = Which.CHANGED, *, wait: Callable[[float], object] = time.sleep
) -> Outcome:
    """Make a report, unless nothing that it shows has changed; what may pass is tried again, a failing cell is not.

    Parameters
    ----------
    which : ``all`` makes it in any case
    wait : waits so many seconds between attempts
    """
    outcome = _attempt(study, planned, which)
    for n, pause in enumerate(BACK_OFF_S, start=2):
        if not outcome.may_pass:
            break
        wait(pause)
        outcome = replace(_attempt(study, planned, which), n_attempts=n)
    return outcome


def _attempt(study: Study, planned: PlannedReport, which: Which) -> Outcome:
    began = time.perf_counter()
    page = planned.page(study)
    try:
        # Whoever held the page has perhaps just made it.
        with page_lock(study.folder / "reports", planned.name):
            why = tuple(why_run(study, planned))
            if not why and which is Which.CHANGED:
                return Outcome(planned.name, UNCHANGED, output=f"{planned.name}.html")
            before = read_record(page) if page.is_file() else None
            limits = Limits(planned.time_limit_s or LONGEST_S, planned.memory_limit_mb)
            record = run_report(
                planned.template,
                study,
                planned.parameters,
                out=page,
                limits=limits,
                reads=planned.reads,
                formats=planned.formats,
                interactive=planned.interactive,
                held=True,
            )
    except WorkbenchError as error:
        may_pass = isinstance(error, StudyBusy) or (isinstance(error, ReportFailed) and error.may_pass)
        return Outcome(planned.name, FAILED, error=str(error), duration_s=round(time.perf_counter() - began, 3), may_pass=may_pass)
    return Outcome(
        planned.name, MADE, why or ("It was asked for.",), duration_s=record.duration_s, memory_mb=record.memory_mb, engine=record.engine,
        output=f"{planned.name}.html", is_new=before is None, differs=before is None or before.output_sha256 != record.output_sha256,
    )  # fmt: skip


def make_alone(
    template: str, study: Study, parameters: Mapping[str, Any] | None = None, *, out: Path | None = None, **how: Any
) -> tuple[RunRecord, str]:
    """Make one report that was asked for, and then the page of all reports, where this one is in it.

    Parameters are those of :func:`~workbench.reports.run.run_report`, and so are the errors; a report that failed is on the page of all
    reports too.

    Returns
    -------
    The record of the run, and why the page of all reports was not written, if it was not.
    """
    try:
        record = run_report(template, study, parameters, out=out, **how)
    except (UnknownName, BadParameter, BadFile):  # before anything ran
        raise
    except WorkbenchError:
        _listed(study, out)
        raise
    return record, _listed(study, out)


def _listed(study: Study, out: Path | None) -> str:
    return index_problem(study) if out is None or is_listed(study, out) else ""
