"""The page of a notebook with three charts: how large it is, how soon it is seen; measured against nbconvert's own page of the same notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import altair as alt
import nbformat.v4 as v4
import numpy as np
import pandas as pd
from nbconvert import HTMLExporter

from tests.bench.figures import Figure
from workbench.charts import renderer
from workbench.reports.html.exporter import render_html

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # browser.py lies beside this folder

from browser import launch_chromium

N_TIMES = 5
N_ROWS = 400
PEER = "nbconvert's lab page of the same notebook"
_PAINTED = "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"


def figures() -> Iterator[Figure]:
    """Sizes of the still and the interactive page, and when each is first seen, opened from the disk."""
    notebook = three_charts()
    pages = {
        "static": render_html(notebook),
        "interactive": render_html(notebook, interactive=True),
        "lab": HTMLExporter(template_name="lab").from_notebook_node(notebook)[0],
    }
    size = {name: len(html.encode()) / 1000 for name, html in pages.items()}
    yield Figure("page.static_kb", size["static"], "KB", 1, 150, PEER, size["static"] / size["lab"])
    yield Figure("page.interactive_kb", size["interactive"], "KB", 1, 600, PEER, size["interactive"] / size["lab"])
    painted = {name: median(times) for name, times in _first_paints(pages).items()}
    yield Figure("page.first_paint_ms", painted["static"], "ms", N_TIMES, 500, PEER, painted["static"] / painted["lab"])
    yield Figure(
        "page.interactive_first_paint_ms", painted["interactive"], "ms", N_TIMES, 500, PEER, painted["interactive"] / painted["lab"]
    )


def three_charts() -> Any:
    """Points, bars and lines of 400 rows, as the workbench's renderer leaves them in a notebook."""
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"x": random.normal(size=N_ROWS), "y": random.normal(size=N_ROWS), "group": random.choice(list("abc"), N_ROWS)})
    charts = [
        alt.Chart(rows, title="Points").mark_point().encode(x="x", y="y", color="group"),
        alt.Chart(rows, title="Bars").mark_bar().encode(x="group", y="count()"),
        alt.Chart(rows.assign(time=range(N_ROWS)), title="Lines").mark_line().encode(x="time", y="y", color="group"),
    ]
    cells = [v4.new_markdown_cell("# Three charts")]
    for chart in charts:
        data, metadata = renderer.render(chart.to_dict())
        cells.append(v4.new_code_cell("chart", outputs=[v4.new_output("display_data", data=data, metadata=metadata)]))
    return v4.new_notebook(cells=cells)


def _first_paints(pages: dict[str, str]) -> dict[str, list[float]]:
    """Milliseconds from the start of loading to the first words on the screen, each time in a new window; the pages take turns."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    with TemporaryDirectory() as folder, launch_chromium() as chromium:
        for name, html in pages.items():
            (Path(folder) / f"{name}.html").write_text(html, encoding="utf-8")
        for n in range(N_TIMES + 1):
            for name in pages:
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                page.route("http*://**", lambda route: route.abort())
                page.goto((Path(folder) / f"{name}.html").as_uri())
                page.wait_for_function(f"{_PAINTED}.length")
                seen = page.evaluate(_PAINTED)
                if n:  # the first time also starts the browser's own processes
                    taken[name] += seen
                page.close()
    return taken
