"""Formulas and footnotes as a reader's browser draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from browser import axe_violations, opened
from playwright.sync_api import expect

from workbench.reports.html.exporter import render_html

WORDS = r"""# How sure are we of $\kappa$?

## The interval $\hat p \pm z\sqrt{\hat p(1-\hat p)/n}$

A share[^1] of $\hat p = 0.79$, from $5 to $10, and a model $y = \beta_0 + \beta_1 x_1 + \beta_2 x_2 + \beta_3 x_3 + \beta_4 x_4 + \varepsilon$.

$$
\frac{\hat p + \frac{z^2}{2n} \pm z\sqrt{\frac{\hat p(1-\hat p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}
$$

\begin{align}
\operatorname{logit}(p_i) &= \ln\left(\frac{p_i}{1-p_i}\right) = \beta_0 + \beta_1 x_{i1} + \beta_2 x_{i2} + \beta_3 x_{i3} + \beta_4 x_{i4} + \beta_5 x_{i5} \\
s^2 &= 1
\end{align}

| measure | formula |
|---|---|
| SUS | $2.5\left(\sum_{\text{odd}}(x_i-1)+\sum_{\text{even}}(5-x_i)\right)$ |

[^1]: Wilson (1927), with $z = 1.96$.
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    long = "+".join(rf"\beta_{{{n}}}x_{{{n}}}" for n in range(24))
    path = tmp_path_factory.mktemp("page") / "formulas.html"
    path.write_text(
        render_html(v4.new_notebook(cells=[v4.new_markdown_cell(WORDS), v4.new_markdown_cell(f"$$y = {long}$$")])), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(chromium: Any, written: Path, scheme: str, width: int) -> None:
    page = opened(chromium, written, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    assert axe_violations(page) == []


@pytest.mark.parametrize("width", [360, 800, 1440])
def test_a_long_formula_scrolls_in_its_own_box(chromium: Any, written: Path, width: int) -> None:
    page = opened(chromium, written, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    scrolling = "[...document.querySelectorAll('.formula-row, .formula-long')].filter(e => e.scrollWidth > e.clientWidth && e.clientWidth)"
    assert page.evaluate(f"{scrolling}.every(e => e.tabIndex === 0)")
    assert page.evaluate(f"{scrolling}.length") > 0
    assert page.evaluate("[...document.querySelectorAll('.formula-row')].every(e => e.scrollHeight <= e.clientHeight)")


def test_a_formula_is_drawn_in_the_colour_of_the_words(chromium: Any, written: Path) -> None:
    page = opened(chromium, written, color_scheme="dark")
    parts = "h2, h2 math, p, p math mi, .formula-row mfrac"
    colours = page.locator(".words:not(.footnotes)").locator(parts).evaluate_all("all => all.map(e => getComputedStyle(e).color)")
    assert set(colours) == {"rgb(233, 231, 226)"}
    # Fractions are stacked, roots are drawn over what they hold: this is MathML, not letters in a row.
    fraction = page.locator(".formula-row mfrac").first
    above, below = (fraction.locator(f"xpath=*[{n}]").bounding_box() for n in (1, 2))
    assert above["y"] + above["height"] <= below["y"] + 1


def test_paper_cuts_no_formula(chromium: Any, written: Path) -> None:
    page = opened(chromium, written, viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    page.add_style_tag(content="body{max-width:680px}")
    right = page.evaluate("Math.max(...[...document.querySelectorAll('math')].map(e => e.getBoundingClientRect().right))")
    assert right <= 680
    assert page.evaluate("getComputedStyle(document.querySelector('.formula-row')).overflow") == "visible"


def test_a_number_leads_to_its_footnote_and_back(chromium: Any, written: Path) -> None:
    page = opened(chromium, written)
    page.get_by_role("link", name="Footnote 1", exact=True).click()
    assert page.evaluate("document.querySelector(':target').textContent").startswith("Wilson (1927)")
    page.get_by_role("link", name="Back to footnote 1 in the text").click()
    assert page.evaluate("document.querySelector(':target').getAttribute('aria-label')") == "Footnote 1"


def test_search_reads_a_sentence_across_a_formula_and_not_the_numbers_of_footnotes(chromium: Any, written: Path) -> None:
    page = opened(chromium, written)
    for query, hits in (("a share of", "1 of 1"), ("= 0.79, from $5", "1 of 1"), ("share1", "no hits")):
        page.locator("input[type=search]").fill(query)
        expect(page.locator(".search output")).to_have_text(hits)


def test_equations_below_each_other_stand_with_their_signs_below_each_other(chromium: Any, written: Path) -> None:
    """The left sides are of different lengths, and end at the same place."""
    page = opened(chromium, written)
    ends = "[...document.querySelectorAll('mtd.to-right')].map(e => Math.round(e.lastElementChild.getBoundingClientRect().right))"
    longer, shorter = page.evaluate(ends)
    assert longer == shorter
