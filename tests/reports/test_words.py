"""How many passages there are, how many are shown, and why not the others: always the same words, and they add up."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from workbench.reports.sections.words import how_many_shown

few = st.integers(0, 30)


def test_the_words_name_each_reason() -> None:
    assert how_many_shown(26, 12, silent=4) == (
        "12 shown, 10 left out to keep the page short and 4 counted but not shown, as their speaker did not agree to be quoted"
    )
    assert how_many_shown(2, 0, silent=1, changed=1).startswith("none shown, 1 counted but not shown, as their speaker")
    assert how_many_shown(3, 3) == ""


@given(few, few, few, few)
def test_the_numbers_add_up(shown: int, short: int, silent: int, changed: int) -> None:
    n = shown + short + silent + changed
    said = how_many_shown(n, shown, silent=silent, changed=changed)
    assert bool(said) == (shown < n)
    assert not said or sum(int(x) for x in re.findall(r"\d+", said)) == n
