"""``report``: one template, one HTML file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import JsonOption, StudyOption, opened, print_json, say, say_error
from workbench.model import ReportFormat


def report(
    template: Annotated[str, typer.Argument(help="A template's name or path.")] = "journey_map",
    study: StudyOption = Path(),
    parameters: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter of the template; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file to write.", show_default=False)] = None,
    formats: Annotated[
        list[ReportFormat] | None, typer.Option("--format", help="What else it is written as, beside the page.", show_default=False)
    ] = None,
    interactive: Annotated[bool, typer.Option("--interactive", help="Charts that answer mouse and keyboard.")] = False,
    time_limit: Annotated[str, typer.Option(metavar="SPAN", help='How long it may take: "5 min".', show_default=False)] = "",
    memory_limit: Annotated[
        int | None, typer.Option(metavar="MB", help="How much memory it may take beyond what every report does.", show_default=False)
    ] = None,
    show: Annotated[bool, typer.Option("--parameters", help="List the template's parameters and stop.")] = False,
    json_: JsonOption = False,
) -> None:
    """Run a report template and write one self-contained HTML file.

    Example: `workbench report journey_map -p segment=customer=new --out new-customers.html`
    """
    from workbench.reports.engine.papermill_engine import start_early

    if not show:
        start_early()  # imports beside this process, which has its own to do
    from workbench.analysis import check_study
    from workbench.model.durations import parse_duration
    from workbench.reports.batches.make import make_alone
    from workbench.reports.engine.limits import Limits
    from workbench.reports.html.formats import beside
    from workbench.reports.templates.parameters import parse_assignments
    from workbench.reports.templates.template_files import template_parameters

    with opened(study) as of:
        if show:
            for p in template_parameters(template, of):
                say(f"{p.name} = {p.default!r}: {p.accepted}. {p.help}")
            return
        limits = Limits(parse_duration(time_limit, "--time-limit").total_seconds() if time_limit else None, memory_limit)
        record, index_problem = make_alone(
            template, of, parse_assignments(parameters or []), out=out, limits=limits, formats=formats or (), interactive=interactive,
            progress=sys.stderr.isatty(),
        )  # fmt: skip
        to_know = check_study(of)
    page = out or study / "reports" / record.output
    if json_:
        print_json({**asdict(record), "path": str(page), "to_know": to_know, "index_problem": index_problem})
    else:
        for sentence in to_know:
            say(f"To know: {sentence}", "yellow")
        for other in beside(page, formats or ()):
            say(str(other))
        if index_problem:
            say_error(f"The report is made, but the page of all reports is not: {index_problem}")
        say(f"{page} ({page.stat().st_size / 1000:,.0f} KB, {record.duration_s:.1f} s)")


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(report)
