"""``report``: one template, one HTML file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import JsonOption, StudyOption, opened, print_json, say


def report(
    template: Annotated[str, typer.Argument(help="A template's name or path.")] = "journey_map",
    study: StudyOption = Path(),
    parameters: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter of the template; may be repeated.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file to write.", show_default=False)] = None,
    show: Annotated[bool, typer.Option("--parameters", help="List the template's parameters and stop.")] = False,
    json_: JsonOption = False,
) -> None:
    """Run a report template and write one self-contained HTML file.

    Example: `workbench report journey_map -p segment=customer=new --out new-customers.html`
    """
    from workbench.analysis import check_study
    from workbench.reports.parameters import parse_assignments
    from workbench.reports.run import run_report, template_parameters

    with opened(study) as of:
        if show:
            for p in template_parameters(template, of):
                say(f"{p.name} = {p.default!r}: {p.accepted}. {p.help}")
            return
        record = run_report(template, of, parse_assignments(parameters or []), out=out, progress=sys.stderr.isatty())
        to_know = check_study(of)
    page = out or study / "reports" / record.output
    if json_:
        print_json({**asdict(record), "path": str(page), "to_know": to_know})
    else:
        for sentence in to_know:
            say(f"To know: {sentence}", "yellow")
        say(f"{page} ({page.stat().st_size / 1000:,.0f} KB, {record.duration_s:.1f} s)")


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(report)
