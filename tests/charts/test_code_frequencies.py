"""Which codes most participants stand behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pytest

from tests.charts.conftest import HOSTILE, marks_of, words_of
from workbench.charts import code_frequency_chart
from workbench.charts.code_frequencies import KINDS
from workbench.model import CodeKind


def frequencies(rows: Iterable[tuple[str, str, int]], n_of: int = 12) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["code", "kind", "n_participants"])
    share = table["n_participants"] / n_of
    return table.assign(
        path="Top / " + table["code"], n_codings=3, n_excerpts=2, n_of=n_of, share=share, low=share * 0.8, high=share * 0.8 + 0.2
    )


CODES = frequencies([("hidden fee", "pain point", 5), ("one tap", "delight", 8), ("slot expires", "pain point", 8)])


def test_most_participants_come_first_with_their_count(draw: Callable[[Any], str]) -> None:
    words = words_of(draw(code_frequency_chart(CODES)))
    assert [w for w in words if w in set(CODES["code"])] == ["one tap", "slot expires", "hidden fee"]
    assert [w for w in words if w.endswith(" of 12")] == ["8 of 12", "8 of 12", "5 of 12"]


def test_every_code_has_an_interval_and_the_look_of_its_kind(draw: Callable[[Any], str]) -> None:
    svg = draw(code_frequency_chart(CODES))
    assert len(marks_of(svg, "rule")) == 3
    assert [m.get("fill") for m in marks_of(svg, "symbol")][-3:] == [KINDS[CodeKind(k)][0] for k in ("delight", "pain point", "pain point")]


def test_every_kind_has_a_look_of_its_own() -> None:
    assert set(KINDS) == set(CodeKind)
    assert len(set(KINDS.values())) == len(KINDS)


def test_forty_codes_of_all_kinds_and_unknown_ones_fit(draw: Callable[[Any], str]) -> None:
    kinds = [*CodeKind, "a kind of their own"]
    svg = draw(code_frequency_chart(frequencies((f"code {i}", str(kinds[i % 14]), i % 13) for i in range(40))))
    words = words_of(svg)
    assert len([w for w in words if w.startswith("code ")]) == 40
    assert words.count("touchpoint") == 1
    assert words.count("a kind of their own") == 1


def test_codes_of_one_name_are_told_apart_by_their_path(draw: Callable[[Any], str]) -> None:
    twins = frequencies([("slot", "pain point", 5), ("slot", "need", 4), ("fee", "pain point", 3)]).assign(
        path=["Pain / slot", "Need / slot", "Pain / fee"]
    )
    words = words_of(draw(code_frequency_chart(twins)))
    assert {"Pain / slot", "Need / slot", "fee"} <= set(words)


def test_groups_stand_side_by_side_and_share_rows_and_key(draw: Callable[[Any], str]) -> None:
    by_coder = pd.concat([CODES.assign(coder="ana"), CODES.assign(coder="ben")])
    words = words_of(draw(code_frequency_chart(by_coder[["coder", *CODES.columns]])))
    assert {"ana", "ben"} <= set(words)
    assert words.count("hidden fee") == words.count("delight") == 1
    assert words.count("5 of 12") == 2


def test_the_description_says_the_first_twelve_and_how_many_more() -> None:
    description = code_frequency_chart(frequencies((f"code {i:02}", "theme", 12 - i % 12) for i in range(15))).to_dict()["description"]
    assert "code 00 12 of 12, 100 % (80 to 100); " in description
    assert description.endswith("; and 3 more.")


@pytest.mark.parametrize("n_rows", [0, 1])
def test_little_or_nothing_is_still_a_chart(n_rows: int, draw: Callable[[Any], str]) -> None:
    svg = draw(code_frequency_chart(CODES.head(n_rows)))
    assert ("No data yet" in words_of(svg)) == (n_rows == 0)


def test_nobody_asked_is_no_share(draw: Callable[[Any], str]) -> None:
    nobody = CODES.assign(n_participants=0, n_of=0, share=float("nan"), low=float("nan"), high=float("nan"))
    assert words_of(draw(code_frequency_chart(nobody))).count("0 of 0") == 3


def test_names_are_words_never_markup_and_wrap(draw: Callable[[Any], str]) -> None:
    words = words_of(draw(code_frequency_chart(frequencies([(HOSTILE * 3, "need", 3), (HOSTILE * 3 + "!", "need", 2)]))))
    assert sum("</text" in word for word in words) >= 2
    assert max(map(len, words)) < 60


def test_names_have_room_in_a_wider_font_than_the_one_they_were_measured_with(draw: Callable[[Any], str]) -> None:
    """The page's font is the reader's; a name that starts at the edge of the picture would be cut there."""
    svg = draw(code_frequency_chart(frequencies([("n" * 30, "need", 3)])))
    left_of_the_plot = float(re.search(r"translate\(([\d.]+),", svg)[1])  # type: ignore[index]
    assert left_of_the_plot > 30 * 6.7


def test_only_what_is_drawn_leaves_the_table() -> None:
    assert "pray" not in str(code_frequency_chart(CODES.assign(quote="You pay and you pray.")).to_dict())
