"""Formulas on the page: drawn where they can be read, shown as source where not, and never more than a drawing."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from typing import Any

import lxml.html
import nbformat.v4 as v4
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.reports.blocks import PAGE_FOLDER
from workbench.reports.html import formulas
from workbench.reports.html.exporter import render_html
from workbench.reports.html.formulas import mathml
from workbench.reports.html.markdown import render_markdown
from workbench.reports.html.outline import Outline
from workbench.reports.html.sanitise import clean_html

WILSON = r"\frac{\hat p + \frac{z^2}{2n} \pm z\sqrt{\frac{\hat p(1-\hat p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}"
STATISTICS = [
    WILSON,
    r"\kappa = \frac{p_o - p_e}{1 - p_e}",
    r"\operatorname{logit}(p_i) = \ln\!\left(\frac{p_i}{1-p_i}\right) = \beta_0 + \sum_{j=1}^{k}\beta_j x_{ij}",
    r"\mathbf{X} = \begin{bmatrix} 1 & x_{11} & \cdots \\ \vdots & \vdots & \ddots \end{bmatrix}",
    r"\begin{aligned} \bar x &= \frac{1}{n}\sum_{i=1}^n x_i \\ s^2 &= 1 \end{aligned}",
    r"\begin{align} a &= b \label{eq:a} \\ &= c \nonumber \end{align}",
    r"\begin{equation}\begin{split} a &= b \\[2ex] &= c \end{split}\tag{1}\end{equation}",
    r"\begin{eqnarray*} a &=& b \end{eqnarray*}",
    r"\begin{alignat}{2} a &= b & c &= d \end{alignat}",
    r"f(x) = \begin{cases} x^2 & \text{if $x_{1} \ge 0$ or so} \\ 0 & \mbox{otherwise} \end{cases}",
    r"\left[\begin{array}{cc|r} 1 & 2 & 3 \\ \hline 4 & 5 & 6 \end{array}\right]",
    r"\sum_{\substack{i<j \\ j<n}} \begin{smallmatrix} a \\ b \end{smallmatrix}",
    r"\operatorname*{arg\,max}_\theta \mathcal{L}(\theta \mid y)",
    r"X \stackrel{\text{iid}}{\sim} \mathcal{N}(\mu, \sigma^2), \quad 95\,\% \text{ CI } [0{,}12; 0{,}34)",
    r"\displaystyle \int\limits_{-\infty}^{\infty} \frac{\sqrt{2} e^{- \frac{\left(x - \mu\right)^{2}}{2 \sigma^{2}}}}{2 \sqrt{\pi} \sigma}\, dx",
    r"\boxed{x} \cancel{y} \widetilde{xy} \underbrace{a+b}_{n} \binom{n}{k} \chi^2 \not= ]0,1[",
]
UNREADABLE = ["", " ", r"\unknown{x}", r"\frac{a}{b", "a }", r"\left( a", "x^a^b", "a & b", r"\ce{H2O}", r"\def\x{y}\x", r"\newcommand{\E}{E}\E", r"\begin{tabular}{l}a\end{tabular}"]  # fmt: skip


def drawn(markdown: str) -> str:
    """The page's part that an author's Markdown becomes."""
    from workbench.reports.html.author import markdown_as_html

    return str(clean_html(markdown_as_html(markdown), Outline(), noted=True))


def page(*cells: Any) -> str:
    html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell(c) if isinstance(c, str) else c for c in cells]))
    return html[html.index('<header class="top">') : html.index("</main>")]


def result(**data: str) -> Any:
    return v4.new_code_cell(
        "x", outputs=[v4.new_output("display_data", data={kind.replace("_", "/"): text for kind, text in data.items()})]
    )


# Drawing


@pytest.mark.parametrize("source", STATISTICS)
def test_formulas_of_statistics_are_drawn(source: str) -> None:
    html = drawn(f"$${source}$$")
    assert "<math" in html
    assert "\\" not in html
    assert "&amp;" not in html


@pytest.mark.parametrize("source", UNREADABLE)
def test_what_cannot_be_read_is_nothing(source: str) -> None:
    assert mathml(source, display=True) == ""


def test_what_cannot_be_read_is_shown_as_its_source() -> None:
    assert drawn(r"So $\ce{H2O}$") == '<p>So <code class="math">\\ce{H2O}</code></p>\n'
    assert drawn(r"$$\frac{a}{b$$") == '<p><code class="math display">\\frac{a}{b</code></p>\n'


def test_a_formula_in_the_line_and_one_on_a_line_of_its_own() -> None:
    assert drawn("An $x$ here.") == '<p>An <math class="formula"><mi>x</mi></math> here.</p>\n'
    assert drawn("$$x$$") == '<p><span class="formula-row"><math class="formula" display="block"><mi>x</mi></math></span></p>\n'


def test_only_what_may_be_wider_than_a_telephone_is_reached_by_key() -> None:
    assert "tabindex" not in drawn("$$x = 1$$")
    assert '<span class="formula-row" tabindex="0" role="group" aria-label="Formula, scrolls' in drawn("$$" + "x + y + " * 9 + "z$$")
    assert '<span class="formula-long small-1" tabindex="0"' in drawn("An $" + "x + y + " * 14 + "z$")


def test_the_source_is_not_read_aloud_beside_the_formula() -> None:
    assert not re.search("aria-label|alttext|annotation|title=", drawn(f"$${STATISTICS[1]}$$"))


def test_columns_of_aligned_equations_lean_on_their_signs() -> None:
    assert drawn(STATISTICS[4]).count('<mtd class="to-right flush-right">') == 2


def test_every_class_of_a_formula_has_its_style() -> None:
    css = (PAGE_FOLDER / "formulas.css").read_text(encoding="utf-8")
    assert {name for name in formulas.CLASSES if f".{name}" not in css} == set()


# Results


def test_a_result_in_latex_is_drawn() -> None:
    for source in (r"$\displaystyle \frac{x}{2}$", r"$$\frac{x}{2}$$", r"\begin{equation}\frac{x}{2}\end{equation}"):
        html = page(result(text_latex=source, text_plain="x/2"))
        assert '<div class="output"><span class="formula-row"><math class="formula" display="block"' in re.sub(r">\s+<", "><", html)
        assert "x/2" not in html


def test_words_with_formulas_are_a_paragraph() -> None:
    html = page(result(text_latex=r"The estimate is $\hat\beta$, from $5 to $9 <b>.", text_plain="x"))
    assert '<p>The estimate is <math class="formula">' in html
    assert "from $5 to $9 &lt;b&gt;." in html


@pytest.mark.parametrize("source", [r"\begin{tabular}{l} a \end{tabular}", r"$\ce{H2O}$", r"Words \textbf{x} and $x$", "a & b", "x^2", "$"])
def test_other_latex_is_shown_as_its_source(source: str) -> None:
    html = page(result(text_latex=source, text_plain="x"))
    assert 'title="LaTeX source"' in html
    assert "<math" not in html


def test_a_table_is_shown_rather_than_its_latex() -> None:
    assert "<table>" in page(result(text_html="<table><tr><td>1</td></tr></table>", text_latex="$x$"))


# Words


def test_a_heading_with_a_formula_is_readable_in_the_contents_and_the_title() -> None:
    html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell("# Cohen's $\\kappa$\n\n## A $\\chi^2$ test of $p_1$")]))
    assert "<title>Cohen's κ</title>" in html.replace("&#39;", "'")
    assert '<a href="#A-χ²-test-of-p₁">A χ² test of p₁</a>' in html


def test_markdown_keeps_the_source() -> None:
    source = "A $\\chi^2$ test[^1] for $5\n\n$$\nx\n$$\n\n[^1]: Pearson."
    assert render_markdown(v4.new_notebook(cells=[v4.new_markdown_cell(source)])) == f"{source}\n"


# What it costs


def test_a_page_without_a_formula_does_not_wait_for_the_library_nor_carry_its_style() -> None:
    program = """
import sys, nbformat.v4 as v4
from workbench.reports.html.exporter import render_html
html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell("From $5 to $10")]))
print("math_core" in sys.modules, "formula" in html, ".footnotes" in html)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False False\n"


def test_a_page_with_formulas_carries_their_style_and_no_other() -> None:
    html = render_html(v4.new_notebook(cells=[v4.new_markdown_cell("$x$[^1]\n\n[^1]: y")]))
    assert ".formula-row{" in html
    assert ".footnotes{" in html
    assert ".statement" not in html


# Nothing but a drawing

HOSTILE = [
    r"\href{javascript:alert(1)}{x}",
    r"\url{javascript:alert(1)}",
    r"</math><script>alert(1)</script>",
    r"\text{</math><script>alert(1)</script>}",
    r"\text{<img src=x onerror=alert(1)>}",
    r"\mathrm{<svg onload=alert(1)>}",
    r"\operatorname{<img src=x onerror=alert(1)>}",
    r"\textbf{<b onclick=alert(1)>x</b>}",
    r"\style{position:fixed}{x}",
    r"\class{top}{x} \cssId{wb-main}{y}",
    r'\text{" onmouseover="alert(1)}',
    r"\color{red;position:fixed}{x}",
    r'\hspace{1em" onclick="alert(1)}',
    r"\begin{array}{c\" onclick=\"alert(1)} a \end{array}",
    r"\unicode{x3c}script\unicode{x3e}",
    r"\label{x\" onclick=\"alert(1)} y \eqref{x}",
    r"\tag{<script>alert(1)</script>} x",
    r"&lt;script&gt; &#60;script&#62;",
    r"\annotation{x} \maction{x} \semantics{x}",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_a_formula_brings_nothing_but_elements_of_the_list(source: str) -> None:
    html = page(f"Before $x {source}$ after\n\n$${source}$$", result(text_latex=f"${source}$"), result(text_markdown=f"$${source}$$"))
    inside = lxml.html.fragment_fromstring(html[html.index("<main") :], create_parent="div")
    for element in inside.iter():
        assert element.tag not in {"script", "img", "svg", "a", "maction", "semantics", "annotation", "annotation-xml", "merror"}
        assert not {name for name in element.attrib if name.startswith("on") or name in ("href", "xlink:href")}
        if element.tag in formulas.TAGS:
            assert set(element.attrib) <= formulas.ATTRIBUTES.get(element.tag, set()) | {"class"}
            assert set((element.get("class") or "").split()) <= formulas.CLASSES


@pytest.mark.parametrize(
    "source",
    [
        "<math><mi>x</mi></math>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        '<math href="javascript:alert(1)"><maction actiontype="statusline">x</maction></math>',
        '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
        '<span class="formula-row" tabindex="0" role="main">x</span>',
    ],
)
def test_formulas_of_somebody_s_html_stay_words(source: str) -> None:
    for noted in (False, True):
        cleaned = str(clean_html(source, Outline(), noted=noted))
        assert not re.search(r"<m|class=|tabindex|role=|script|onerror=alert\(1\)>$", cleaned)


PIECES = [*"<>\"'&$^_{}()[]|x1= \\\n\x00\ud800é", r"\text{", r"\frac", r"\begin{array}{c}", "</math>", "<script>"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_source_breaks_the_page_or_gets_through(source: str) -> None:
    html = drawn(f"$${source}$$ and $x{source}$")
    assert not re.search(r"<script|<[^>]*\son\w+\s*=|<[^>]*href", html)
    assert clean_html(html, Outline())


DEEP = {
    "fractions": r"\frac{1}{" * 10_000 + "x" + "}" * 10_000,
    "open fractions": r"\frac" * 100_000,
    "braces": "{" * 1_000_000,
    "pairs": "{" * 100_000 + "}" * 100_000,
    "roots": r"\sqrt" * 650 + " x",
    "powers": "x^{" * 50 + "x" + "}" * 50,
    "brackets": "(" * 690 + "x",
    "open brackets": r"\langle " * 690,
    "left": r"\left(" * 340 + r"\right)" * 340,
    "tables": r"\begin{matrix}" * 300 + r"\end{matrix}" * 300,
    "hats": r"\hat " * 690 + "x",
    "long": "x+" * 500_000,
    "macros": r"\def\a{\a\a}\a",
    "hidden macros": r"\d\label{}ef\a{" + r"\sqrt" * 300 + r"}\d\label{}ef\b{\a\a\a\a}\b\b\b\b\b x",
    "substacks": r"\substack{" * 40 + "x" + "}" * 40,
    "text": r"\text{$" * 50 + "x" + "$}" * 50,
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_without_end_neither_ends_the_process_nor_takes_time(name: str) -> None:
    """In a thread with the smallest stack that any system gives to a program's first one."""
    read: list[str] = []
    before = threading.stack_size(2 << 20)
    try:
        started = time.process_time()
        thread = threading.Thread(target=lambda: read.append(mathml(DEEP[name], display=True)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(read) == 1
    assert time.process_time() - started < 5
    assert "<math" in drawn(f"$x$ $${DEEP[name]}$$")
