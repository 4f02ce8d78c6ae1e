"""Footnotes: numbered over the page, listed at its end, linked both ways."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
import nbformat.v4 as v4
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.reports.html.exporter import render_html


def page(*cells: Any) -> str:
    html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]))
    return html[html.index("<main") : html.index("</main>")]


def result(markdown: str, **metadata: Any) -> Any:
    return v4.new_code_cell("x", outputs=[v4.new_output("display_data", data={"text/markdown": markdown})], metadata=metadata)


def notes(html: str) -> list[str]:
    """The words of the list at the end of the page."""
    return [" ".join(li.text_content().replace("↩", "").split()) for li in lxml.html.fromstring(html).xpath('//section[contains(@class, "footnotes")]/ol/li')]  # fmt: skip


def numbers(html: str) -> list[str]:
    """The numbers in the text, in its order."""
    return lxml.html.fromstring(html).xpath('//a[@role="doc-noteref"]/text()')


def test_numbers_follow_the_text_and_the_list_stands_at_the_end() -> None:
    html = page("One[^b] and two[^a].\n\n[^a]: Second words\n[^b]: First *words*", "More[^b].")
    assert numbers(html) == ["1", "2", "1"]
    assert notes(html) == ["First words", "Second words"]
    assert html.index("More") < html.index('<section class="words footnotes"')
    assert "<em>words</em>" in html


def test_links_lead_there_and_back() -> None:
    html = page("One[^a] and again[^a].\n\n[^a]: Words")
    tree = lxml.html.fromstring(html)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in tree.xpath("//main//a/@href")} == {"wb-note-1", "wb-note-1-from-1", "wb-note-1-from-2"} <= set(ids)
    assert tree.xpath('//a[@role="doc-backlink"]/@aria-label') == ["Back to footnote 1 in the text, place 1", "Back to footnote 1 in the text, place 2"]  # fmt: skip
    assert tree.xpath('//a[@role="doc-noteref"]/@aria-label') == ["Footnote 1", "Footnote 1"]


def test_a_definition_may_stand_in_another_cell() -> None:
    html = page("See[^x].", "[^x]: From below", "And[^x].")
    assert numbers(html) == ["1", "1"]
    assert notes(html) == ["From below"]


def test_each_cell_that_begins_with_1_means_its_own() -> None:
    html = page("A[^1].\n\n[^1]: Of the first", "B[^1].\n\n[^1]: Of the second")
    assert numbers(html) == ["1", "2"]
    assert notes(html) == ["Of the first", "Of the second"]


def test_a_footnote_has_paragraphs_formulas_and_footnotes_of_its_own() -> None:
    html = page("A[^1].\n\n[^1]: First line\nwent on.\n\n    Second $x^2$[^2].\n\n    - a list\n\nNot in it.\n\n[^2]: Last")
    assert notes(html) == ["First line went on. Second x22. a list", "Last"]
    assert "<math" in html[html.index("footnotes") :]
    assert "<p>Not in it.</p>" in html


def test_what_refers_to_nothing_stays_as_it_is_written() -> None:
    html = page("The pattern [^abc] and [^1].", "```\n[^a]: code\n```\n\nSee[^a]")
    assert "[^abc] and [^1]." in html
    assert "See[^a]" in html
    assert "footnotes" not in html


def test_what_code_puts_together_knows_only_its_own() -> None:
    html = page("A[^1].\n\n[^1]: The author's", result("B[^1] and [^2].\n\n[^2]: Its own"), "C[^2].")
    assert notes(html) == ["The author's", "Its own"]
    assert "B[^1] and <sup" in html
    assert "C[^2]." in html


def test_a_removed_cell_defines_nothing() -> None:
    removed = v4.new_markdown_cell("[^1]: secret", metadata={"tags": ["remove-cell"]})
    html = page("A[^1].", removed)
    assert "secret" not in html
    assert "A[^1]." in html


def test_the_number_is_no_part_of_a_heading_in_the_contents() -> None:
    html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell("# Orders[^1]\n\n## Why[^1]\n\n[^1]: Words")]))
    assert "<title>Orders</title>" in html
    assert '<a href="#Why">Why</a>' in html
    assert '<h2 id="Why">Why<sup class="note-link">' in html


def test_no_heading_of_an_author_takes_the_address_of_a_footnote() -> None:
    html = page('<p id="wb-note-1">x</p>\n\nA[^1].\n\n[^1]: y')
    assert re.findall(r'id="([^"]*note-1)"', html) == ["section-wb-note-1", "wb-note-1"]


def test_a_link_that_only_looks_like_one_gets_no_address() -> None:
    html = page('<sup><a href="#wb-note-7">7</a></sup> and <sup><a href="#wb-note-0">0</a></sup> A[^1]\n\n[^1]: x')
    assert numbers(html) == ["1"]


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", '"onclick="alert(1)', "x'><img/src=x/onerror=alert(1)>", "a" * 100, "É", "](javascript:alert(1)"]
)
def test_no_label_reaches_the_page_as_markup(label: str) -> None:
    html = page(f"Known[^{label}], unknown[^{label}2].\n\n[^{label}]: Words <script>alert(1)</script>[x](javascript:alert(1))")
    assert not re.search(r"<script|<img|<[^>]*\son\w+=|href=\"javascript", html)


PIECES = ["[^", "1", "]", "]:", " ", "\n", "\n\n", "    ", "a", "[^1]", "[^1]: ", "[^a]: x\n", "*", "`", "$", "<b>", "- ", "> ", "\\"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_every_number_has_its_footnote_whatever_is_written(source: str) -> None:
    html = page(source, source)
    tree = lxml.html.fromstring(html)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in tree.xpath('//a[@role="doc-noteref" or @role="doc-backlink"]/@href')} <= set(ids)
