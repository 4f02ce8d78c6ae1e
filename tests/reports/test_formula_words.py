"""A formula on one line of text."""

from __future__ import annotations

import lxml.html
import pytest

from workbench.reports.html.formula_words import formulas_in_words, words_of
from workbench.reports.html.formulas import mathml
from workbench.reports.html.outline import Outline
from workbench.reports.html.sanitise import clean_html
from workbench.reports.index.page_text import page_text


def drawn(source: str) -> str:
    return str(clean_html(f'<code class="math">{source}</code>', Outline(), noted=True))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\kappa = \frac{p_o - p_e}{1 - p_e}", "κ = (pₒ − pₑ)/(1 − pₑ)"),
        (r"\hat p \pm z\sqrt{\hat p(1-\hat p)/n}", "p̂ ± z√(p̂(1 − p̂)/n)"),
        (r"\chi^2(3, N = 240) = 11.2", "χ²(3, N = 240) = 11.2"),
        (r"\bar x_{\max} = x_{\text{last}} + y^{(a+b)}", "x̄_max = x_last + y^((a + b))"),
        (r"-1 \le \log x \le f(\sin y)", "−1 ≤ log x ≤ f(sin y)"),
        (r"\sqrt[3]{x} \binom{n}{k}", "³√x(n over k)"),
        (r"\int_0^1 x\,dx, 90^\circ, f'(x)", "∫₀¹x dx, 90°, f′(x)"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a b; c d)"),
        (r"\underbrace{a+b} \phantom{x}\overline{c}", "a + bc̅"),
        ("", ""),
    ],
)
def test_a_formula_reads_as_somebody_would_type_it(source: str, words: str) -> None:
    assert mathml(source, display=False) or not source
    assert words_of(lxml.html.fragment_fromstring(drawn(source), create_parent="div")) == words


def test_the_words_around_a_formula_stay_and_the_number_of_a_footnote_goes() -> None:
    heading = lxml.html.fragment_fromstring(f'<h2>The <i>{drawn("x^2")}</i> test<sup><a href="#wb-note-1">1</a></sup>, CO<sup>2</sup></h2>')
    assert words_of(heading) == "The x² test, CO2"
    assert lxml.html.tostring(heading).count(b"<math") == 1


def test_the_search_of_all_reports_reads_a_sentence_with_a_formula_as_one() -> None:
    page = f'<main><h2 id="a">Why {drawn("x^2")}</h2><p>The share {drawn(chr(92) + "hat p")} is wide<sup class="note-link"><a href="#wb-note-1">1</a></sup>.</p></main>'
    [section] = page_text(page.encode())
    assert (section.heading, section.passages) == ("Why x²", (("The share p̂ is wide.", "a"),))


def test_a_reader_that_draws_no_formulas_gets_words() -> None:
    page = f"<p>So {drawn(r'a < b')} and {drawn(r'{1}/{x^2}')}.</p>"
    assert formulas_in_words(page) == "<p>So a &lt; b and 1/x².</p>"
