"""What is a formula in an author's words, and what is money."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.reports.html.author import latex_as_html, markdown_as_html
from workbench.reports.html.formula_marks import formula_at

MONEY = [
    "It went from $5 to $10 in a year.",
    "Coffee costs 3$ and cake 4$ there.",
    "I'd say $5, or 10$ at most",
    "We charge $5 and 10$ more for express.",
    "$20,000 and $30,000",
    "($5)-($10), US$5, CA$7 and A$AP",
    "$5/month vs $8/month",
    "He set $HOME and $PATH, then $HOME/bin:$PATH and ${HOME}/x:${PATH}.",
    "plot(df$age) and df$income",
    "The cheap ($), the middle ($$) and the dear ($$$) plan",
    "From $$ to $$ restaurants",
    "pricey, $$ (ok) and $$ (fine)",
    "one $ sign",
    "It was, like, $5... $7... no idea$",
    "*$5* to *10$* and **$5** or **$ten**",
    "[it cost $5](https://x.test?a=b_c) or 10$.",
    "$ 5 $ and $ x $",
    r"\$x\$ is escaped, \$5 and 6\$ too",
    "`$x$` and ``a $y$ b``",
    "    $x$ in a block of code",
    "```\n$x$\n```",
    "a $x\n\ny$ b",
    r"\[sic\] and \(see below\) and \[1\]",
    r"see \[the list\](https://x.test)",
    '<a title="$x$">link</a>',
    "<https://x.test/?a=$b$>",
]
FORMULAS = [
    ("With $n$ people", ["n"]),
    ("$p < .05$, $n = 12$ and $x_i$", ["p < .05", "n = 12", "x_i"]),
    ("from $5 to $x^2$", ["x^2"]),
    ("the $n$th of ($k$)-means, $k$NN", ["n", "k", "k"]),
    (r"CO$_2$, R$^2$ and a 2$\times$2 design", ["_2", "^2", r"\times"]),
    (r"$\$5$ is five", [r"\$5"]),
    ("a\n$$\nx = a\n- b\n# c\n$$\nb", ["x = a\n- b\n# c"]),
    ("$$SUS score$$", ["SUS score"]),
    ("words $$x^2$$ words", ["x^2"]),
    (r"\\(x_1\\) and \(x_2\)", ["x_1", "x_2"]),
    ("\\\\[\nx\n\\\\]\n\n\\[\ny = 1\n\\]", ["x", "y = 1"]),
    ("\\begin{align}\na &= b \\\\\n&= c\n\\end{align}", ["\\begin{align}\na &= b \\\\\n&= c\n\\end{align}"]),
    (r"\begin{cases} \begin{cases} a \end{cases} \end{cases}", [r"\begin{cases} \begin{cases} a \end{cases} \end{cases}"]),
    ("- in a list $a_1$\n- $$b_1$$", ["a_1", "b_1"]),
    ("| a |\n|---|\n| $x_1$ |", ["x_1"]),
    ("**The $p$-value** of *$x*y$*", ["p", "x*y"]),
    ("> $q_1$", ["q_1"]),
    ("# The $z_1$", ["z_1"]),
]  # fmt: skip


def formulas(markdown: str) -> list[str]:
    """The sources of the formulas that are found in a text."""
    import lxml.html

    return [code.text_content() for code in lxml.html.fragment_fromstring(markdown_as_html(markdown), create_parent="div").xpath('//code[contains(@class, "math")]')]  # fmt: skip


@pytest.mark.parametrize("prose", MONEY)
def test_money_variables_and_code_are_no_formulas(prose: str) -> None:
    assert formulas(prose) == []


@pytest.mark.parametrize(("prose", "found"), FORMULAS)
def test_formulas_are_found_wherever_they_stand(prose: str, found: list[str]) -> None:
    assert formulas(prose) == found


def test_prose_with_dollars_reads_as_it_was_written() -> None:
    assert markdown_as_html("From $5 to $10, *not* \\$12.") == "<p>From $5 to $10, <em>not</em> $12.</p>\n"
    assert markdown_as_html(r"\[sic\] \(see\) \*") == "<p>[sic] (see) *</p>\n"


def test_what_stands_alone_is_displayed_and_the_rest_is_in_the_line() -> None:
    assert formula_at("$x$", 0).display is False
    assert formula_at("$$x$$", 0).display is True
    assert formula_at(r"\begin{align}x\end{align}", 0).display is True
    assert formula_at(r"\\(x\\)", 0).display is False


@given(st.lists(st.sampled_from([*"$\\[](){}|`*_ \n5xabé^=", "\\begin{a}", "\\end{a}", "$$"]), max_size=80).map("".join))
def test_no_words_are_lost_or_break_the_parser(text: str) -> None:
    for start in range(len(text)):
        found = formula_at(text, start)
        assert found is None or start < found.end <= len(text)
    markdown_as_html(text)
    latex_as_html(text)


HOSTILE = {
    "braces": "$$" + "{" * 1_000_000 + "$$",
    "openers": "$x " * 300_000,
    "lines": "$x\n" * 300_000,
    "double": "$$ ab" * 200_001,
    "environments": r"\begin{a}" * 100_000,
    "brackets": r"\[" * 300_000,
    "backslashes": "\\" * 1_000_000,
    "notes": "[^a]: x\n" * 100_000,
    "open notes": "[^" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_marks_takes_seconds_not_hours(name: str) -> None:
    started = time.process_time()
    markdown_as_html(HOSTILE[name])
    assert time.process_time() - started < 30
