"""The same notebook is the same page: in every process, and after every run that found the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import altair as alt
import nbformat
import nbformat.v4 as v4
import pandas as pd
import pytest

from workbench.reports.html.exporter import render_html

DATA = pd.DataFrame({"device": ["phone", "tv"], "n": [2, 1]})
CHART = alt.Chart(DATA, title="Visits").mark_bar().encode(x="n", y="device")


def matplotlib_svg(id: str, when: str) -> str:
    """What matplotlib writes: ids salted with chance, and the time in its metadata."""
    return (
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="72pt" viewBox="0 0 72 72">'
        f"<metadata>{when}</metadata><defs><path id='m{id}' d='M 0 0 L 0 3.5'/><clipPath id='p{id}'><rect width='9' height='9'/></clipPath></defs>"
        f"<g clip-path='url(#p{id})'><use xlink:href='#m{id}' x='1'/></g></svg>"
    )


def run_of_a_notebook(n: int) -> Any:
    """What the ``n``-th run of one notebook leaves, with all that differs from run to run."""
    alt.renderers.enable("html")
    try:
        html = CHART._repr_mimebundle_()["text/html"]
    finally:
        alt.renderers.enable("default")
    styled = DATA.style.highlight_max(subset="n").set_uuid(f"run{n}x").set_caption("Visits by device")
    shown = [
        {"text/html": styled.to_html(), "text/plain": f"<Styler at 0x7f{n}>"},
        {"text/html": html.replace("altair-viz-", f"altair-viz-{n}"), "text/plain": "alt.Chart(...)"},
        {"image/svg+xml": matplotlib_svg(f"{n}ab", f"2026-11-2{n}"), "text/plain": "<Figure size 640x480 with 1 Axes>"},
    ]
    cells = [v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data)], execution_count=n) for data in shown]
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Orders\n\n@fig-x"), *cells])


@pytest.mark.parametrize("interactive", [False, True])
def test_runs_that_found_the_same_are_the_same_page(interactive: bool) -> None:
    assert render_html(run_of_a_notebook(1), interactive=interactive) == render_html(run_of_a_notebook(2), interactive=interactive)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    nbformat.write(run_of_a_notebook(1), tmp_path / "orders.ipynb")
    program = (
        "import sys, hashlib, workbench.reports.html.exporter as h, workbench.reports.html.markdown as m, nbformat; n = nbformat.read(sys.argv[1], 4); "
        "print(*(hashlib.sha256(t.encode()).hexdigest() for t in (h.render_html(n), h.render_html(n, interactive=True), m.render_markdown(n))))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "orders.ipynb")]
    said = {
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in "12"
    }
    assert len(said) == 1
