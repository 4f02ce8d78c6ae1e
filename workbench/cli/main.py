"""The command ``workbench``: parse, call, print.  Every error of a user is one sentence and exit code 1; tracebacks are for bugs."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version

import typer

from workbench.cli import files, history, report, reports, schedule, start, templates
from workbench.cli.output import say_error
from workbench.errors import WorkbenchError

app = typer.Typer(
    name="workbench",
    help="A Jupyter-centric UX research workbench.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for group in (start, files, report, reports, schedule, templates, history):
    group.register(app)


@app.callback(invoke_without_command=True)
def _version(show: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True)) -> None:
    if show:
        print(version("ux-workbench"))  # noqa: T201 - what was asked for
        raise typer.Exit


def run() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal that knows no "é", and names of files that are no Unicode, must not stop a command
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # What asyncio says when a report is interrupted is about its own tasks.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        app(prog_name="workbench")
    except WorkbenchError as error:
        say_error(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    run()
