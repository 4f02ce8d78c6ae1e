"""A report as Markdown: everything that the page says, and nothing that anybody said as markup."""

from __future__ import annotations

import re

import altair as alt
import nbformat.v4 as v4
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mistune import create_markdown

from workbench.charts import renderer
from workbench.reports import blocks
from workbench.reports.html.markdown import plain, render_markdown

CHART = alt.Chart(pd.DataFrame({"device": ["phone", "tv"], "n": [2, 1]}), title="Visits by device").mark_bar().encode(x="n", y="device")


def markdown(*cells, **metadata) -> str:
    made = [v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    return render_markdown(v4.new_notebook(cells=made, metadata=metadata))


def shows(result, source: str = "x", **metadata):
    data = result._repr_mimebundle_() if isinstance(result, blocks.Block) else result
    return v4.new_code_cell(source, outputs=[v4.new_output("display_data", data=data)], metadata=metadata)


def test_blocks_become_headings_tables_quotes_and_remarks() -> None:
    text = markdown(
        shows(
            blocks.header("Orders", kicker="week 46", lede="All say:", strong="phones.", findings=[blocks.Finding("52 %", "pay", "n 12")])
        ),
        shows(
            blocks.table(
                [{"step": "Cart", "users": 900}], ["step", blocks.Column("users", kind="number")], title="Steps", caption="By step"
            )
        ),
        shows(blocks.quotes([blocks.QuoteLine("It is potatoes.\nOnly potatoes.", "Joon", "interview", "19:09")])),
        shows(blocks.callout("Five days.", title="Short week", kind="warning")),
        shows(blocks.method("Asked.", {"data": "9f2c"})),
    )
    assert text.startswith("# Orders\n\n*week 46*\n\nAll say: **phones.**\n\n- **52 %** pay (n 12)\n")
    assert "**Table 1** By step\n\n| step | users |\n| --- | ---: |\n| Cart | 900 |\n" in text
    assert "> It is potatoes.\n> Only potatoes.\n>\n> — **Joon** · interview, 19:09\n" in text
    assert "> [!WARNING]\n> **Short week**\n>\n> Five days.\n" in text
    assert text.endswith("## How this was made\n\nAsked.\n\ndata 9f2c\n")


def test_a_chart_is_its_number_its_title_and_its_data_in_words() -> None:
    data, _ = renderer.render(CHART.to_dict())
    text = markdown("See @fig-devices and [](#fig-devices).", shows(data, tags=["fig-devices"]))
    assert text == "See Figure 1 and Figure 1.\n\n**Figure 1** Visits by device\n\n- device: phone · n: 2\n- device: tv · n: 1\n"


def test_a_frame_is_a_table_and_a_print_is_verbatim() -> None:
    printed = v4.new_code_cell("x", outputs=[v4.new_output("stream", name="stdout", text="\x1b[32mok\x1b[0m\n```\n# no heading\n")])
    text = markdown(shows({"text/html": pd.DataFrame({"n": [1, 2]}).to_html(), "text/plain": "n"}), printed)
    assert "|  | n |\n| --- | --- |\n| 0 | 1 |\n| 1 | 2 |\n" in text
    assert "````text\nok\n```\n# no heading\n````\n" in text


def test_code_and_parameters_stay_behind() -> None:
    text = markdown(shows({"text/plain": "shown"}, "secret_source"), shows({"text/plain": "token"}, tags=["parameters"]), title="Orders")
    assert text == "# Orders\n\n```text\nshown\n```\n"


HOSTILE = [
    "<script>alert(1)</script>", "[click](https://evil.test)", "https://evil.test/x", "www.evil.test", "me@evil.test", "<https://evil.test>",
    "![x](https://evil.test/y.png)", "# Heading", "- item", "12. item", "> quoted", "| a | b |", "**loud** _soft_ ~~gone~~ `code`", "&lt;b&gt; &#64;",
    "[ref]: https://evil.test", "$x^2$", "---", "===", "    indented", "\\[x](https://evil.test)", "mailto:me@evil.test", "a\n\n# b", "[^1]: note",
]  # fmt: skip


def tags_of(text: str) -> set[str]:
    """The elements that two readers of Markdown make of a text."""
    github = create_markdown(plugins=["strikethrough", "footnotes", "table", "url", "task_lists", "math"], escape=False)
    pages = [github(text), MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)]
    return {tag for page in pages for tag in re.findall(r"<(\w+)", str(page))}


@pytest.mark.parametrize("said", HOSTILE)
def test_nothing_that_was_said_becomes_markup(said: str) -> None:
    quote = blocks.quotes([blocks.QuoteLine(said, said, said, said, said)])
    text = markdown(shows(quote))
    assert tags_of(text) <= {"blockquote", "p", "strong"}
    text = markdown(shows(blocks.table([{"said": said}], caption=said, title="Words")))
    assert tags_of(text) <= {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}


@given(st.text(alphabet=st.sampled_from(list("<>[]()!*_`~|\\#-+=.:/@&;wht1 \n$^{}")), max_size=60))
def test_no_words_escape(said: str) -> None:
    assert tags_of(f"a {plain(said)}") <= {"p"}
    assert tags_of(plain(said)) <= {"p"}


def test_words_read_back_as_they_were_said() -> None:
    said = "I paid *twice* for_it, 5 < 6 & [sic] #1 – see http://shop.test or a@b.test"
    page = MarkdownIt("commonmark", {"html": True}).render(plain(said))
    assert (
        page
        == "<p>" + said.replace("&", "&amp;").replace("<", "&lt;").replace("http:", "http<!-- -->:").replace("a@", "a<!-- -->@") + "</p>\n"
    )


def test_cells_over_several_places_keep_the_columns_in_line() -> None:
    frame = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"], "n": [3.0, -4.0, 5.0]}).groupby(["a", "b"]).agg(["sum", "max"])
    lines = markdown(shows({"text/html": frame.to_html(), "text/plain": "n"})).splitlines()
    assert {line.count("|") for line in lines} == {5}
    assert lines[-2:] == ["|  | y | -4.0 | -4.0 |", "| 2 | x | 5.0 | 5.0 |"]


def test_markdown_that_code_put_together_is_only_words() -> None:
    text = markdown(shows({"text/markdown": "**He said** [click](https://evil.test) <script>x</script>\n\n- https://evil.test"}))
    assert tags_of(text) <= {"p"}
    assert text.startswith("He said click")
