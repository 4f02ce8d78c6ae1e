"""The command ``workbench``: parse, call, print.  Every error of a user is one sentence and exit code 1; tracebacks are for bugs."""

from __future__ import annotations

import sys
from importlib.metadata import version

import typer
from rich.console import Console

from workbench.cli import files, history, report, start
from workbench.errors import WorkbenchError

app = typer.Typer(
    name="workbench",
    help="A Jupyter-centric UX research workbench.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for group in (start, files, report, history):
    group.register(app)


@app.callback(invoke_without_command=True)
def _version(show: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True)) -> None:
    if show:
        print(version("ux-workbench"))  # noqa: T201 - what was asked for
        raise typer.Exit


def run() -> None:
    """Run the command line."""
    try:
        app()
    except WorkbenchError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]workbench:[/] {_plain(error)}")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


def _plain(error: WorkbenchError) -> str:
    """Brackets in a message are text, not markup."""
    return str(error).replace("[", "\\[")


if __name__ == "__main__":
    run()
