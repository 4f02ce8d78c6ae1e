"""What commands share: the study option, tables, JSON, a line that says what goes on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

StudyOption = Annotated[Path, typer.Option("--study", "-s", help="The study's folder.", show_default="this folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
CoderOption = Annotated[
    str, typer.Option("--as", help="Whose change this is; the variable WORKBENCH_CODER, else your login name.", show_default=False)
]

console = Console(soft_wrap=True, highlight=False)
progress = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))  # noqa: T201


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table for people; tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(str(cell) for cell in row))  # noqa: T201
        return
    table = Table(*columns, title=title or None, box=None, header_style="bold", title_justify="left")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


def say(text: str, style: str = "") -> None:
    """A line of output; research text in it is never markup."""
    console.print(Text(text, style=style))


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on a terminal, nothing in a pipe."""
    if progress.is_terminal:
        with progress.status(what):
            yield
    else:
        yield
