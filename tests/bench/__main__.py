"""Run the benchmarks, print a table, write ``.bench/results.json``.

A benchmark is a module ``bench_NAME.py`` beside this one with a function ``figures()`` that yields a :class:`Figure` each.
``python -m tests.bench coding`` runs those whose name holds "coding".  Exit code 1 when a figure is over its limit.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from tests.bench.figures import Figure

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent.parent / ".bench" / "results.json"


def main(wanted: str = "", *, results: Path = RESULTS) -> int:
    """Run what was asked for, or everything; gives the exit code."""
    modules = find_benchmarks(wanted)
    if not modules:
        return _complain(f'there is no benchmark "{wanted}". There are: {", ".join(find_benchmarks())}.')
    errors = Console(stderr=True)
    measured = [f for name in track(modules, "Measuring", console=errors, transient=True) for f in measure(name)]
    write_results(measured, results)
    Console(width=None if sys.stdout.isatty() else 120).print(as_table(measured))
    over = [f.name for f in measured if f.is_over]
    return _complain(f"over the limit: {', '.join(over)}.") if over else 0


def find_benchmarks(wanted: str = "") -> list[str]:
    """The names of the benchmarks, without ``bench_``."""
    names = (path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py")))
    return [name for name in names if wanted in name]


def measure(name: str) -> Iterable[Figure]:
    """The figures of one benchmark."""
    return import_module(f"tests.bench.bench_{name}").figures()


def write_results(figures: Sequence[Figure], path: Path) -> None:
    """One object per figure."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([f.as_record() for f in figures], indent=1) + "\n", encoding="utf-8")


def as_table(figures: Iterable[Figure]) -> Table:
    """The figures for a person."""
    numbers = (Column(heading, justify="right") for heading in ("value", "limit", "n", "ratio"))
    table = Table(Column("figure", no_wrap=True), *numbers, "measured against")
    for f in figures:
        limit = "" if f.limit is None else f"{f.limit:g} {f.unit}"
        ratio = "" if f.ratio is None else f"{f.ratio:.3g} x"
        table.add_row(f.name, f"{f.value:.3g} {f.unit}", limit, str(f.n), ratio, f.peer, style="bold red" if f.is_over else None)
    return table


def _complain(sentence: str) -> int:
    Console(stderr=True).print(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
