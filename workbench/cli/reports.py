"""``reports``: every report that study.toml names, made where it would come out differently."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import StudyOption, opened, print_json, say, say_error

if TYPE_CHECKING:
    from workbench.reports.batches.batch import BatchResult, Outcome
    from workbench.reports.batches.runners import Runner
    from workbench.reports.planned import PlannedReport
    from workbench.study import Study


class Engine(StrEnum):
    """Who makes them."""

    LOCAL = "local"
    DASK = "dask"


def reports(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Only these reports, or single pages.", show_default=False)
    ] = None,
    study: StudyOption = Path(),
    all_: Annotated[bool, typer.Option("--all/--changed", help="Make all, or only those that would come out differently.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="How many at once, on this machine.")] = 1,
    engine: Annotated[Engine, typer.Option(help="Processes of this machine, or a Dask cluster.")] = Engine.LOCAL,
    scheduler: Annotated[str, typer.Option(help="The address of the cluster's scheduler: tcp://host:8786.", show_default=False)] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Say why each would be made, and make none.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each report as it comes, and one for all.")] = False,
) -> None:
    """Make the reports that study.toml names under [[report]], where something that they show has changed.

    Example: `workbench reports --jobs 2`, or `workbench reports --explain "Maps of customers"`
    """
    from workbench.reports.engine.papermill_engine import start_early

    if engine is Engine.LOCAL and not explain and (all_ or not (study / "reports" / "index.html").exists()):
        start_early()  # reports will be made, and it imports beside this process, which has its own to do
    from workbench.errors import BadSetting
    from workbench.model import Which
    from workbench.reports.batches.batch import run_batch
    from workbench.reports.planned import planned_reports

    with opened(study) as of:
        planned = planned_reports(of, names or ())
        if not planned:
            found = "no report is named in it" if not of.settings.reports else "what its reports are made for each of is not there yet"
            raise BadSetting(str(of.folder / "study.toml"), found, 'Add  [[report]]  with  template = "journey_map".')
        if explain:
            _explain(of, planned, json_)
            return
        tell = _as_json if json_ else _Lines(len(planned)).tell
        which = Which.ALL if all_ else Which.CHANGED
        try:
            done = run_batch(of, planned, which=which, jobs=jobs, runner=_runner(engine, scheduler), tell=tell)
        except KeyboardInterrupt:
            say_error("Stopped. What was made is whole; the same command goes on with the rest.")
            raise
    (_sum_up_as_json if json_ else _sum_up)(done)
    raise typer.Exit(done.exit_code)


def _runner(engine: Engine, scheduler: str) -> Runner | None:
    from workbench.errors import BadSetting
    from workbench.reports.batches.runners import DaskCluster

    if engine is Engine.DASK and not scheduler:
        raise BadSetting("--engine dask", "there is no scheduler", "Name its address: --scheduler tcp://host:8786.")
    if engine is Engine.LOCAL and scheduler:
        raise BadSetting("--scheduler", "only a Dask cluster has one", "Add --engine dask.")
    return DaskCluster(scheduler) if engine is Engine.DASK else None


def _explain(study: Study, planned: list[PlannedReport], as_json: bool) -> None:
    from workbench.reports.changed import why_run

    rows = [
        {"name": p.name, "report": p.report, "template": p.template, "parameters": dict(p.parameters), "why": why_run(study, p)}
        for p in planned
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']}: {' '.join(row['why']) or 'Nothing that it shows has changed.'}", "" if row["why"] else "dim")


class _Lines:
    """A line for each report."""

    def __init__(self, n: int) -> None:
        self.n, self.n_done = n, 0

    def tell(self, outcome: Outcome) -> None:
        """Print one."""
        self.n_done += 1
        number = f"{self.n_done:>{len(str(self.n))}}/{self.n}"
        if outcome.result == "failed":
            say(f"{number}  failed     {outcome.name}", "red")
        elif outcome.result == "unchanged":
            say(f"{number}  unchanged  {outcome.name}", "dim")
        else:
            say(f"{number}  made       {outcome.name}  {outcome.duration_s:.1f} s  {' '.join(outcome.why)}")


def _sum_up(done: BatchResult) -> None:
    counts = ((len(done.made), "made"), (len(done.unchanged), "unchanged"), (len(done.failed), "failed"))
    say(f"{', '.join(f'{n} {word}' for n, word in counts if n)} in {done.duration_s:.1f} s.", "bold")
    for outcome in done.failed:
        say_error(f"{outcome.name}: {outcome.error}")
    if done.index:
        say(f"All of them: {done.index}")
    else:
        say_error(done.index_problem)


def _as_json(outcome: Outcome) -> None:
    _line({"event": "report", **asdict(outcome)})


def _sum_up_as_json(done: BatchResult) -> None:
    counts = {"made": len(done.made), "unchanged": len(done.unchanged), "failed": len(done.failed)}
    index = {"index": done.index, "index_problem": done.index_problem}
    _line({"event": "batch", "started": done.started, "duration_s": done.duration_s, **counts, **index})


def _line(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(reports)
