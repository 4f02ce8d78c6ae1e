"""Figures and tables have a number, a caption and an address, and the author's words lead to them."""

from __future__ import annotations

import base64
import re
from typing import Any

import altair as alt
import nbformat.v4 as v4
import pandas as pd
import pytest

from workbench.reports import blocks
from workbench.reports.html.exporter import WorkbenchExporter, render_html

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
PICTURE = {"image/png": PNG, "text/plain": "<Figure size 640x480 with 1 Axes>"}
CHART = alt.Chart(pd.DataFrame({"device": ["phone"], "n": [2]}), title="Visits by device").mark_bar().encode(x="n", y="device")
SPEC = {"application/vnd.vegalite.v6+json": CHART.to_dict(), "text/plain": "chart"}


def shows(*bundles: dict[str, Any], source: str = "x", **metadata: Any) -> Any:
    outputs = [v4.new_output("display_data", data=data) for data in bundles]
    return v4.new_code_cell(source, outputs=outputs, metadata=metadata)


def page(*cells: Any) -> str:
    made = [
        v4.new_markdown_cell(c) if isinstance(c, str) else shows(c._repr_mimebundle_()) if isinstance(c, blocks.Block) else c for c in cells
    ]
    return render_html(v4.new_notebook(cells=made))


def words(html: str) -> str:
    """The words of the page's text, without markup."""
    return " ".join(re.sub(r"<[^>]+>", "", html[html.index("<main") : html.index("</main>")]).split())


@pytest.mark.parametrize(
    ("source", "metadata"),
    [
        ("x", {"tags": ["fig-visits"], "workbench": {"caption": "Visits"}}),
        ("x", {"workbench": {"label": "visits", "caption": "Visits"}}),
        ("x", {"workbench": {"label": "fig:visits", "caption": "Visits"}}),
        ('#| label: fig-visits\n#| fig-cap: "Visits"\nplot()', {}),
    ],
    ids=["tag", "metadata", "colon", "Quarto's lines"],
)
def test_a_cell_names_its_figure(source: str, metadata: dict[str, Any]) -> None:
    html = page(shows(PICTURE, source=source, **metadata))
    assert '<figure class="picture" id="fig-visits">' in html
    assert "<figcaption><b>Figure 1</b> Visits</figcaption>" in html


@pytest.mark.parametrize("written", ["@fig-visits", "@fig:visits", "[](#fig-visits)", "[Figure](#fig-visits)"])
def test_a_reference_is_a_link_with_the_number_even_before_the_figure(written: str) -> None:
    other = shows(PICTURE, workbench={"caption": "Other"})
    html = page(f"As {written} shows.", other, shows(PICTURE, tags=["fig-visits"]))
    assert '<p>As <a href="#fig-visits">Figure 2</a> shows.</p>' in html


def test_a_table_is_counted_apart_from_figures() -> None:
    frame = {"text/html": pd.DataFrame({"n": [1]}).to_html()}
    styled = {"text/html": "<table><caption>Steps <i>a</i></caption><tr><td>1</td></tr></table>"}
    html = page(
        shows(PICTURE, tags=["fig-a"]), shows(frame, workbench={"label": "tbl-b", "caption": "By day"}), shows(styled),
        blocks.table([{"a": 1}], title="Words"), "@tbl-b, @fig-a",
    )  # fmt: skip
    assert "<caption><b>Table 1</b> By day</caption>" in html
    assert "<caption><b>Table 2</b> Steps <i>a</i></caption>" in html
    assert "<caption><span><b>Table 3</b> </span></caption>" in html
    assert '<a href="#tbl-b">Table 1</a>, <a href="#fig-a">Figure 1</a>' in html


def test_a_chart_is_called_by_its_title_which_is_not_shown_twice() -> None:
    html = page(shows(SPEC))
    assert '<figcaption><b>Figure 1</b> <span class="unseen">Visits by device</span></figcaption>' in html
    assert "<figcaption><b>Figure 1</b> Ours</figcaption>" in page(shows(SPEC, workbench={"caption": "Ours"}))


def test_figures_and_tables_are_listed_in_the_contents() -> None:
    html = page(shows(SPEC), blocks.table([{"a": 1}], caption="Steps <b>"))
    assert "<summary>Figures and tables</summary>" in html
    assert '<a href="#figure-1"><b>Figure 1</b> Visits by device</a><a href="#table-1"><b>Table 1</b> Steps &lt;b&gt;</a>' in html
    assert "<summary>Figures" not in page(shows(SPEC))


def test_an_unknown_reference_stays_as_written_and_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("As @fig-nope shows; write to me@fig-tree.test or `@fig-x`.")])
    exporter = WorkbenchExporter()
    exporter.log.propagate = True
    html, _ = exporter.from_notebook_node(notebook)
    assert "As @fig-nope shows; write to me@fig-tree.test or <code>@fig-x</code>." in html
    assert "@fig-nope: no figure or table on the page has this label." in caplog.text
    assert "fig-tree" not in caplog.text


def test_what_somebody_said_refers_to_nothing() -> None:
    html = page(shows(PICTURE, tags=["fig-a"]), blocks.quotes([blocks.QuoteLine("Look at @fig-a", "Joon")]))
    assert "Look at @fig-a" in words(html)
    assert 'href="#fig-a"' not in html


@pytest.mark.parametrize(
    ("kind", "look"), [("NOTE", ""), ("TIP", " tip"), ("IMPORTANT", " important"), ("WARNING", " warning"), ("caution", " warning")]
)
def test_a_marked_quote_is_a_callout(kind: str, look: str) -> None:
    html = page(f"> [!{kind}]\n> Five **days** only.\n>\n> Really.")
    assert f'<div class="callout{look}" role="note"><p class="callout-title"><span class="kind">{kind.capitalize()}</span></p>' in html
    assert "<p>Five <strong>days</strong> only.</p>" in html


def test_any_other_quote_stays_one() -> None:
    assert "<blockquote>\n<p>[!HINT] This</p>" in page("> [!HINT] This")
    assert "<blockquote>" in page("> An ordinary one")
