"""What commands share: the study option, tables, JSON, a line that says what goes on."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from workbench.study import Study

StudyOption = Annotated[Path, typer.Option("--study", "-s", help="The study's folder.", show_default="this folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
CoderOption = Annotated[
    str, typer.Option("--as", help="Whose change this is; the variable WORKBENCH_CODER, else your login name.", show_default=False)
]

console = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

#: What would move the cursor, ring the bell or change the colours of a terminal.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@contextmanager
def opened(folder: Path, coder: str = "") -> Iterator[Study]:
    """A study for the length of a command."""
    from workbench.study import open_study

    study = open_study(folder, coder=coder or None)
    try:
        yield study
    finally:
        study.close()


def print_json(value: Any) -> None:
    """JSON on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))  # noqa: T201


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table for people; in a pipe, tab-separated lines below one of headings."""
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            print("\t".join(re.sub(r"\s", " ", _shown(cell)) for cell in row))  # noqa: T201
        return
    table = Table(*columns, title=title or None, box=None, header_style="bold", title_justify="left")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    console.print(table)


def say(text: str, style: str = "") -> None:
    """A line of output; research text in it is never markup."""
    console.print(Text(_shown(text), style=style))


def say_error(text: str) -> None:
    """A sentence on standard error; what it quotes is never markup."""
    errors.print(Text.assemble(("workbench:", "bold red"), " ", _shown(text)))


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on a terminal, nothing in a pipe."""
    if sys.stderr.isatty():  # rich takes FORCE_COLOR for a terminal
        with errors.status(what):
            yield
    else:
        yield


def _shown(value: object) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))
