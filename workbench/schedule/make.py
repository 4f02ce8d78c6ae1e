"""The pages of a schedule, made by the batch of reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model import ScheduleSetting
from workbench.schedule.runner import Maker
from workbench.schedule.state import Page

if TYPE_CHECKING:
    from workbench.reports.batches.batch import Outcome


def batch_maker(folder: Path, *, jobs: int = 1) -> Maker:
    """Opens the study only when something is due: looking costs a tenth of it.

    Parameters
    ----------
    jobs : how many pages are made at a time
    """

    def make(schedule: ScheduleSetting, without: frozenset[str], ready: Callable[[Page], None]) -> None:
        from workbench.reports.batches.batch import run_batch
        from workbench.reports.planned import planned_reports
        from workbench.study import open_study

        with closing(open_study(folder)) as study:
            planned = [page for page in planned_reports(study, schedule.reports) if page.name not in without]
            if planned:
                run_batch(study, planned, which=schedule.which, jobs=jobs, tell=lambda outcome: ready(_page(outcome)))

    return make


def _page(outcome: Outcome) -> Page:
    return Page(outcome.name, outcome.result, tuple(outcome.why), outcome.error, outcome.is_new, outcome.differs)


def planned_tasks(folder: Path, schedule: ScheduleSetting) -> list[tuple[str, Path, Mapping[str, Any], float | None]]:
    """Of each page of a schedule: its name, the path of its template, its parameters and its time limit in seconds."""
    from workbench.reports.planned import planned_reports
    from workbench.reports.templates.template_files import find_template
    from workbench.study import open_study

    with closing(open_study(folder)) as study:
        planned = planned_reports(study, schedule.reports)
        return [(p.name, find_template(p.template, study), p.parameters, p.time_limit_s) for p in planned]
