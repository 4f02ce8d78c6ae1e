"""The page that a notebook becomes."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import altair as alt
import nbformat
import nbformat.v4 as v4
import numpy as np
import pandas as pd
import pytest

from workbench.model.evidence import Estimate
from workbench.reports import blocks
from workbench.reports.html import vega
from workbench.reports.html.exporter import WorkbenchExporter, render_html

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
CHART = (
    alt.Chart(pd.DataFrame({"device": ["phone", "computer"], "n": [2, 1]}), description="Visits by device")
    .mark_bar()
    .encode(x="n", y="device")
)
SHARE = Estimate(0.158, 0.155, 0.161, 61204)


def shown(data: dict[str, Any], **metadata: Any) -> Any:
    return v4.new_output("execute_result", data=data, metadata=metadata)


def code(*outputs: Any, source: str = "x = 1", tags: tuple[str, ...] = (), **metadata: Any) -> Any:
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)} | metadata)


def page(*cells: Any, **metadata: Any) -> str:
    """The page of a notebook of these cells; text is Markdown, a block is a cell's result."""
    made = [
        v4.new_markdown_cell(c) if isinstance(c, str) else code(shown(c._repr_mimebundle_())) if isinstance(c, blocks.Block) else c
        for c in cells
    ]
    notebook = v4.new_notebook(cells=made, metadata=metadata)
    nbformat.validate(notebook)
    return render_html(notebook)


def body(html: str) -> str:
    """What a reader sees: the page from its top bar to the end of its text."""
    return html[html.index('<header class="top">') : html.index("</main>")]


def contents(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="#([^"]+)">([^<]+)</a>', html[: html.index('<div class="tools"')])


# What the page is


def test_the_same_notebook_is_always_the_same_bytes() -> None:
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A"), code(shown(CHART._repr_mimebundle_()))])
    for n, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{n}"
    assert render_html(notebook) == render_html(notebook) == WorkbenchExporter().from_notebook_node(notebook)[0]


def test_the_policy_comes_first_and_names_exactly_our_scripts() -> None:
    html = page("x")
    head = html[html.index("<head>") : html.index("<meta charset")]
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in head
    assert head.count("sha256-") == html.count("<script>")
    assert not re.search(r"<script[^>]|(?:src|href)=\"?(?:https?:)?//", html)


def test_title_and_language_come_from_the_notebook() -> None:
    html = page("text", title="Funnel & co", workbench={"language": "de"})
    assert "<title>Funnel &amp; co</title>" in html
    assert '<html lang="de">' in html
    assert "<h1>Funnel &amp; co</h1>" in html


@pytest.mark.parametrize("language", ["python", "R", "sql", '"><script>'])
def test_what_is_no_language_of_people_is_english(language: object) -> None:
    assert '<html lang="en">' in page("text", language=language)


def test_the_first_heading_is_the_title_and_the_second_level_the_contents() -> None:
    html = page("# Orders\n\n## Why?\n\n### Detail", "## Why?", blocks.method("Asked.", {"data": "9f"}))
    assert "<title>Orders</title>" in html
    assert contents(html) == [("Why?", "Why?"), ("Why?-2", "Why?"), ("How-this-was-made", "How this was made")]
    assert html.count("<h1") == 1


def test_metadata_and_parameters_stay_behind() -> None:
    secret = {"papermill": {"input_path": "/home/ana/in.ipynb", "parameters": {"token": "s3cret"}}, "widgets": {"state": "s3cret"}}
    cells = [code(source="token = 's3cret'", tags=("parameters",)), code(source="token = 's3cret'", tags=("injected-parameters",))]
    html = page(*cells, "words", **secret)
    assert "s3cret" not in html
    assert "/home/ana" not in html


# Code and plain output


def test_code_is_folded_beneath_its_result_with_the_silent_cells_before_it() -> None:
    html = body(page(code(source="import pandas"), "words", code(v4.new_output("stream", name="stdout", text="ok"), source="print('ok')")))
    assert html.count('<details class="code">') == 1
    assert '<summary>Code <span class="n">2 cells</span></summary>' in html
    assert html.index("ok</pre>") < html.index("<details")


@pytest.mark.parametrize("tag", ["remove-cell", "remove_cell"])
def test_tags_remove_cells_code_and_outputs(tag: str) -> None:
    out = shown({"text/plain": "result"})
    assert "result" not in body(page(code(out, tags=(tag,))))
    assert "secret_source" not in body(page(code(out, source="secret_source", tags=("remove-input",))))
    assert "secret_source" not in body(page(code(out, source="secret_source", jupyter={"source_hidden": True})))
    assert "result" not in body(page(code(out, tags=("remove-output",))))


def test_code_can_be_left_out_as_a_whole() -> None:
    notebook = v4.new_notebook(cells=[code(shown({"text/plain": "result"}), source="secret_source")])
    html = WorkbenchExporter(exclude_input=True).from_notebook_node(notebook)[0]
    assert "secret_source" not in html
    assert 'data-do="code"' not in html
    assert "secret_source" not in page(*notebook.cells, workbench={"exclude_input": True})


def test_streams_show_what_a_terminal_would_in_the_end() -> None:
    pieces = [v4.new_output("stream", name="stderr", text=t) for t in (" 0%\r 50%", "\r100%\n", "\x1b[31mred\x1b[0m <b>")]
    assert '<pre class="stream stderr" tabindex="0">100%\n<span class="ansi-red-fg">red</span> &lt;b&gt;</pre>' in page(code(*pieces))


def test_an_error_says_what_went_wrong_and_folds_where() -> None:
    error = v4.new_output(
        "error", ename="KeyError", evalue="'slot'", traceback=["File \x1b[32m/home/ana/work/report.py:3\x1b[0m", "KeyError"]
    )
    html = page(code(error))
    assert "KeyError</p>" in html
    assert '<details class="trace"><summary>Where it happened</summary>' in html
    assert "/home/ana" not in html
    assert "report.py:3" in html


def test_prices_are_prices_and_formulas_are_drawn() -> None:
    html = page("It costs from $5 to $9. But $x^2 < 1$ and\n\n$$\\frac{a}{b}$$")
    assert "from $5 to $9." in html
    assert "<msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo><mn>1</mn>" in html
    assert "<mfrac><mi>a</mi><mi>b</mi></mfrac>" in html
    assert "<mi>E</mi><mo>=</mo><mi>m</mi>" in page(code(shown({"text/latex": "$E = mc^2$", "text/plain": "p"})))


def test_a_picture_pasted_into_markdown_is_in_the_page() -> None:
    cell = v4.new_markdown_cell("![The shop](attachment:a.png)", attachments={"a.png": {"image/png": PNG}})
    assert f'<img src="data:image/png;base64,{PNG}" alt="The shop">' in page(cell)


def test_raw_cells_show_only_what_says_it_is_words() -> None:
    raw = [v4.new_raw_cell("---\ntitle: x"), v4.new_raw_cell("<b>kept</b><script>", metadata={"raw_mimetype": "text/html"})]
    html = body(page(*raw))
    assert "title: x" not in html
    assert "<b>kept</b>" in html


# Rich output: the best form that is safe


def test_a_live_widget_leaves_its_words_and_a_note() -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "InterviewCoder(P03)"}
    html = page(code(shown(view)))
    assert "An interactive view was left out here" in html
    assert "InterviewCoder(P03)" in html
    assert "InterviewCoder as a table" in page(code(shown(view | {"text/html": "<p>InterviewCoder as a table</p>"})))


def test_scripts_are_left_out_and_said_so() -> None:
    html = body(page(code(shown({"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"}))))
    assert "An interactive view was left out here" in html
    assert "alert" not in html
    assert "Javascript object" not in html


@pytest.mark.parametrize("renderer", ["default", "html", "mimetype", "svg"])
def test_charts_are_drawn_whatever_renderer_made_them(renderer: str) -> None:
    with alt.renderers.enable(renderer):
        bundle = CHART._repr_mimebundle_()
    data, *_ = bundle if isinstance(bundle, tuple) else (bundle,)
    # Altair's "mimetype" renderer spells a type that nbformat refuses, and JupyterLab saves it all the same.
    result = nbformat.from_dict({"output_type": "execute_result", "data": dict(data), "metadata": {}, "execution_count": 1})
    notebook = v4.new_notebook(cells=[code()])
    notebook.cells[0].outputs = [result]
    html = body(render_html(notebook))
    assert re.search(r'<svg role="img" aria-label="[^"]+" viewBox', html)
    assert ">computer</text>" in html
    assert ("Visits by device" in html) == (renderer != "svg")


def test_a_chart_that_loads_data_is_left_out_and_said_so() -> None:
    spec = CHART.to_dict() | {"data": {"url": "https://elsewhere.test/data.csv"}}
    html = page(code(shown({"application/vnd.vegalite.v6+json": spec, "text/plain": "A bar chart"})))
    assert "A chart was left out here" in html
    assert "A bar chart" in html


def test_a_column_of_addresses_is_data_not_a_request() -> None:
    chart = alt.Chart(pd.DataFrame({"url": ["/cart", "/pay"], "n": [2, 1]})).mark_bar().encode(x="n", y="url")
    assert "/cart" in vega.draw(chart.to_dict())


def test_a_chart_with_a_number_that_is_none_is_drawn_and_drawn_once() -> None:
    spec = {**CHART.mark_bar().to_dict(), "data": {"values": [{"x": 1, "y": float("nan")}, {"x": 2, "y": 3}]}}
    first = vega.draw(spec)
    assert first.startswith("<svg")
    assert vega.draw(json.loads(json.dumps(spec))) is first, "reports of a batch have charts in common"


def test_a_chart_keeps_the_colours_that_its_author_chose() -> None:
    drawn = vega.draw(CHART.mark_bar(color="#abcdef").configure_axis(labelColor="#123456").to_dict())
    assert "#abcdef" in drawn
    assert "#123456" in drawn
    assert "#5c6470" not in drawn.replace('fill="#5c6470">device', "")


def test_figures_are_numbered_only_where_they_have_a_caption() -> None:
    plain = shown({"image/png": PNG})
    html = page(
        code(plain), code(shown({"image/png": PNG}, alt="A shop", caption="The <shop>")), code(shown({"image/png": PNG}, caption="Again"))
    )
    assert re.findall(r"<figcaption><b>(.*?)</b> (.*?)</figcaption>", html) == [("Figure 1", "The &lt;shop&gt;"), ("Figure 2", "Again")]
    assert 'alt="A shop"' in html
    assert html.count('alt="Picture without a description"') == 2


def test_what_only_claims_to_be_a_picture_is_left_out() -> None:
    for content in ("PHNjcmlwdD4=", f'{PNG}" onerror="alert(1)', "é"):
        assert "A picture was left out here" in page(code(shown({"image/png": content})))


# Blocks


def test_a_block_carries_data_html_for_jupyterlab_and_text() -> None:
    bundle = blocks.header("Orders <b>", lede="All say:", strong="phones.", findings=[blocks.Finding("52 %", "pay")])._repr_mimebundle_()
    assert bundle[blocks.MIME]["data"]["title"] == "Orders <b>"
    assert "<h1" in bundle["text/html"]
    assert "Orders &lt;b&gt;" in bundle["text/html"]
    assert bundle["text/plain"] == "Orders <b>\nAll say: phones.\n52 %: pay"
    json.dumps(bundle, allow_nan=False)


def test_the_header_is_the_summary_and_gives_the_title() -> None:
    html = page(
        blocks.header(
            "Orders", findings=[blocks.Finding("52 %", "pay", "n 12", "#Method"), blocks.Finding("1", "bad link", "", "javascript:x")]
        )
    )
    assert "<title>Orders</title>" in html
    assert contents(html) == [("Summary", "Summary")]
    assert '<a class="finding" href="#Method">' in html
    assert "javascript:x" not in html


def test_a_table_shows_intervals_and_aligns_its_numbers() -> None:
    rows = pd.DataFrame({"step": ["Cart", "Pay"], "users": [9690, np.nan], "share": [SHARE, None], "day": [date(2026, 11, 16), pd.NaT]})
    html = page(
        blocks.table(rows, ["step", blocks.Column("users", kind="number"), blocks.Column("share", kind="share"), "day"], caption="Steps")
    )
    assert '<th scope="row">Cart</th>' in html
    assert '<td class="end" data-value="9690.0">9,690</td>' in html
    assert "15.8\u00a0% " in html
    assert '<span class="n">15.5\u00a0to\u00a016.1 · n\u00a061,204</span>' in html
    assert html.count(">–</td>") == 3
    assert ">2026-11-16</td>" in html


@pytest.mark.parametrize(
    ("numbers", "texts"), [([1.2, -14.6], ["1.2", "−14.6"]), ([1, 2], ["1", "2"]), ([1 / 3, 2], ["0.33", "2.00"]), ([1234.5], ["1,234"])]
)
def test_the_numbers_of_a_column_have_as_many_decimals_as_they_need(numbers: list[float], texts: list[str]) -> None:
    block = blocks.table([{"n": n} for n in numbers], [blocks.Column("n", kind="number")])
    assert [row[0]["text"] for row in block.data["rows"]] == texts


def test_the_same_quote_has_the_same_address_in_every_report() -> None:
    line = blocks.QuoteLine("It is potatoes.", "Joon", "interview", blocks.clock(1_149_000))
    assert line.id == blocks.quote_id("It is potatoes.", "Joon", "interview", "19:09") == "q-bc1aea6e36"
    html = page(blocks.quotes([line]), blocks.quotes([line]))
    assert re.findall(r'<li id="([^"]+)">', html) == [line.id, f"{line.id}-2"]


def test_warnings_and_notes_say_which_they_are() -> None:
    html = page(blocks.callout("Seven people.", title="Few", kind="warning"), blocks.callout("a\n\nb", title="Week"))
    assert '<span class="kind">Warning</span> Few' in html
    assert '<span class="kind">Note</span> Week' in html
    assert "<p>a</p>\n<p>b</p>" in html


@pytest.mark.parametrize("bundle", [{}, [], {"block": "../page", "data": {}}, {"block": "no-such", "data": {}}, {"block": "header", "data": {"findings": 5}},
                                    {"block": "method", "data": {"facts": ["abc"]}}])  # fmt: skip
def test_a_block_that_cannot_be_laid_out_falls_back_to_its_html(bundle: Any) -> None:
    assert "<b>as before</b>" in page(code(shown({blocks.MIME: bundle, "text/html": "<b>as before</b><script>x</script>"})))


def test_a_block_may_ask_for_a_page_across() -> None:
    assert '<div class="landscape"><section class="block">' in page(blocks.table([{"a": 1}], landscape=True))


# As others call it


def test_nbconvert_finds_the_exporter(tmp_path: Path) -> None:
    table = shown({"text/html": pd.DataFrame({"n": [1]}).to_html(), "text/plain": "n"})
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# Orders"), code(shown(CHART._repr_mimebundle_())), code(table)])
    nbformat.write(notebook, tmp_path / "orders.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "workbench", "orders.ipynb", "--no-input"]
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "orders.html").read_text(encoding="utf-8")
    assert "<title>Orders</title>" in html
    assert ">computer</text>" in html
    assert '<td class="end">1</td>' in html


def test_reports_and_blocks_do_not_wait_for_nbconvert() -> None:
    program = (
        "import sys, workbench.reports, workbench.reports.blocks; print({'nbconvert', 'nbformat', 'lxml', 'vl_convert'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_exporter_skips_the_slow_import() -> None:
    program = "import sys, workbench.reports.html.exporter; print(sys.modules.get('rfc3987_syntax'), 'vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "None False\n"
