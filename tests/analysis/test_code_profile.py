"""A code looked at closely: passages, neighbours, coders and places are counted as a person would."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.code_profile import (
    branch_of,
    codes_beside,
    find_code,
    marked_by_coder,
    most_said,
    number_passages,
    places_in_interviews,
    widened_to_stages,
)
from workbench.errors import UnknownCode
from workbench.model import Code, Codebook, CodeKind

BOOK = Codebook([Code("t", "Trust"), Code("c", "Carries it in", parent="t"), Code("r", "Refund", parent="t"), Code("s", "Slot")])


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Codings as (transcript, participant, coder, code, kind, start, end)."""
    made = pd.DataFrame(rows, columns=["transcript", "participant", "coder", "code", "kind", "start", "end"])
    return made.assign(path=made["code"], coding=[f"k{i}" for i in range(len(made))])


SLOT = [
    ("A", "P1", "ana", "Slot", "pain point", 10, 20),
    ("A", "P1", "ben", "Slot", "pain point", 15, 25),
    ("A", "P1", "ana", "Slot", "pain point", 80, 90),
    ("B", "P2", "ana", "Slot", "pain point", 5, 9),
]
ALL = table(
    *SLOT,
    ("A", "P1", "ana", "Check out", "stage", 0, 50),
    ("A", "P1", "ana", "Angry", "emotion", 24, 30),
    ("A", "P1", "ana", "Late", "emotion", 30, 40),
    ("B", "P2", "ben", "Angry", "emotion", 9, 12),
)


def own() -> pd.DataFrame:
    return number_passages(ALL[ALL["code"] == "Slot"])


def test_what_two_coders_mark_in_overlapping_words_is_one_passage() -> None:
    spans = own().drop_duplicates("passage")
    assert list(zip(spans["transcript"], spans["first"], spans["last"], strict=True)) == [("A", 10, 25), ("A", 80, 90), ("B", 5, 9)]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 30), st.integers(1, 8)), min_size=1, max_size=12))
def test_passages_never_overlap_and_hold_every_coding(rows: list[tuple[str, int, int]]) -> None:
    found = number_passages(table(*((t, t, "ana", "x", "theme", a, a + n) for t, a, n in rows)))
    assert ((found["first"] <= found["start"]) & (found["end"] <= found["last"])).all()
    for _, spans in found.drop_duplicates("passage").sort_values("first").groupby("transcript"):
        assert (spans["first"].iloc[1:].to_numpy() >= spans["last"].iloc[:-1].to_numpy()).all()


def test_beside_means_a_character_in_common() -> None:
    found = codes_beside(ALL, own()).set_index("code")
    assert found.loc["Angry", ["n_passages", "n_passages_of", "n", "n_of"]].tolist() == [1, 3, 1, 2], "B ends where its anger begins"
    assert "Late" not in found.index
    assert found.loc["Angry", "share"] == 0.5


def test_in_the_same_breath_means_in_the_same_passage_of_a_stage() -> None:
    wide = widened_to_stages(own(), ALL)
    assert set(codes_beside(ALL, wide)["code"]) == {"Check out", "Angry", "Late"}
    spans = wide.drop_duplicates("passage")
    assert list(zip(spans["first"], spans["last"], strict=True)) == [(0, 50), (80, 90), (5, 9)], "a passage without a stage stays as it is"


def test_coders_are_compared_where_both_coded() -> None:
    found = marked_by_coder(ALL, own()).set_index("coder")
    assert found.loc["ana"].tolist() == [2, 3, 3, 3]
    assert found.loc["ben"].tolist() == [2, 1, 1, 3]


def test_places_are_shares_of_the_interview_and_silence_is_a_row() -> None:
    found = places_in_interviews(own(), {"C": 40, "A": 100})
    assert found["transcript"].tolist() == ["C", "A", "A"]
    assert found["from_share"].tolist() == pytest.approx([float("nan"), 0.1, 0.8], nan_ok=True)
    assert found["to_share"].tolist() == pytest.approx([float("nan"), 0.25, 0.9], nan_ok=True)


def test_a_branch_is_a_code_and_all_below_it() -> None:
    assert [c.name for c in branch_of(BOOK, BOOK.find("Trust"))] == ["Trust", "Carries it in", "Refund"]
    assert [c.name for c in branch_of(BOOK, BOOK.find("Slot"))] == ["Slot"]


def test_an_unknown_code_is_answered_with_those_that_are_near() -> None:
    with pytest.raises(UnknownCode, match=r"Trust / Carries it in"):
        find_code(BOOK, "carries")
    with pytest.raises(UnknownCode, match=r'Did you mean "Refund"'):
        find_code(BOOK, "Refunt")


def test_the_most_said_is_no_frame_and_an_empty_codebook_has_none() -> None:
    book = Codebook(
        [Code("k", "Check out", CodeKind.STAGE), Code("s", "Slot", CodeKind.PAIN), Code("a", "Angry", CodeKind.EMOTION), Code("l", "Late")]
    )
    assert most_said(ALL, book).name == "Slot"
    assert most_said(ALL.iloc[:0], book).name == "Angry"
    assert most_said(ALL.iloc[:0], Codebook()) is None
