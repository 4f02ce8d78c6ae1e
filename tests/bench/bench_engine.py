"""One report, from notebook to page: the forking engine against papermill's own, both in one warm process.

The notebook has 400 rows, three charts and two tables in seven code cells; the answers are the same, or nothing is measured.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

import nbformat.v4 as v4
import papermill
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from papermill.engines import papermill_engines

from tests.bench.figures import Figure, times
from workbench.reports.engine.papermill_engine import WorkbenchEngine

N_OURS, N_USUAL = 20, 5

#: How many times faster a report must be.
MUST = 12

CELLS = (
    "n_rows = 400",
    "import altair as alt\nimport pandas as pd",
    "codes = ['trust', 'price', 'slots', 'search']\n"
    "table = pd.DataFrame({'participant': [f'P{i % 12:02}' for i in range(n_rows)], 'code': [codes[i * 7 % 4] for i in range(n_rows)],\n"
    "    'minute': [i * 13 % 60 for i in range(n_rows)], 'strength': [i * 31 % 5 + 1 for i in range(n_rows)]})\ntable.head(12)",
    "table.groupby('code').agg(n=('participant', 'size'), people=('participant', 'nunique'), strength=('strength', 'mean'))",
    "alt.Chart(table).mark_bar().encode(x='count():Q', y='code:N')",
    "alt.Chart(table).mark_circle().encode(x='minute:Q', y='strength:Q', color='code:N')",
    "alt.Chart(table).mark_line().encode(x='minute:Q', y='mean(strength):Q', color='code:N')",
)


def report(engine: str | None, exporter: HTMLExporter) -> tuple[NotebookNode, str]:
    """The notebook, run, and its page."""
    cells = [v4.new_code_cell(source, metadata={"tags": ["parameters"] if i == 0 else []}) for i, source in enumerate(CELLS)]
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    run = papermill.execute_notebook(notebook, None, engine_name=engine, progress_bar=False, parameters={"n_rows": 400})
    return run, exporter.from_notebook_node(run)[0]


def answers(run: NotebookNode) -> list[Any]:
    """What the cells said, without the names that Altair draws lots for."""
    said = [[{k: v for k, v in output.items() if k != "metadata"} for output in cell.outputs] for cell in run.cells]
    return re.sub(r"altair-viz-[0-9a-f]+", "altair-viz", repr(said)).splitlines()


def figures() -> Iterator[Figure]:
    """The first report of a process, every later one, and how many times faster that is."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    papermill_engines.register("workbench", WorkbenchEngine)
    exporter = HTMLExporter()
    runs: dict[str | None, NotebookNode] = {}

    def ours(_: int) -> None:
        runs["workbench"], _page = report("workbench", exporter)

    def usual(_: int) -> None:
        runs[None], _page = report(None, exporter)

    first = times(ours, 1)
    times(usual, 1)  # it warms, too
    taken_usual, taken = times(usual, N_USUAL), times(ours, N_OURS)
    assert runs["workbench"].metadata.papermill.workbench == {"engine": "fork"}
    assert answers(runs["workbench"]) == answers(runs[None])
    peer = "papermill and nbconvert as libraries, warm"
    yield Figure("engine.first_report", first[0], "s", 1)
    yield Figure("engine.usual_report_median", median(taken_usual), "s", N_USUAL)
    yield Figure(
        "engine.report_median",
        median(taken),
        "s",
        N_OURS,
        limit=median(taken_usual) / MUST,
        peer=peer,
        ratio=median(taken) / median(taken_usual),
    )
