"""New codes are counted in the order of the interviews, and little new is said to be little."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.analysis.saturation import code_saturation, saturation


def codings(**codes: str) -> pd.DataFrame:
    """``P1="ab"`` is an interview with the codes a and b."""
    return pd.DataFrame([(name, code) for name, own in codes.items() for code in own], columns=["transcript", "path"])


def test_a_code_is_new_once_whoever_used_it_how_often() -> None:
    found = code_saturation(codings(P1="aab", P2="bc", P3="abc"), order=["P1", "P2", "P3"])
    assert found["n_new"].tolist() == [2, 1, 0]
    assert found["n_seen"].tolist() == [2, 3, 3]
    assert found["n_codes"].tolist() == [2, 2, 3]
    assert found["new_share"].tolist() == pytest.approx([1, 1 / 3, 0])


def test_the_order_decides_what_is_new() -> None:
    assert code_saturation(codings(P1="ab", P2="bc"), order=["P2", "P1"])["n_new"].tolist() == [2, 1]


def test_an_interview_that_nobody_coded_is_no_interview_without_new_codes() -> None:
    assert code_saturation(codings(P1="a"), order=["P0", "P1"])["transcript"].tolist() == ["P1"]


def test_saturation_is_new_codes_of_a_run_over_those_of_the_base() -> None:
    """Guest, Namey & Chen 2020, counted by hand: a base of 20 codes, of which 5 % is one."""
    table = pd.DataFrame({"n_new": [10, 5, 3, 2, 2, 1, 1, 0]})
    found = saturation(table)
    assert found is not None
    assert (found.n_base, found.n_new, found.share) == (20, 1, 0.05)
    assert found.reached == 8, "interviews 5 and 6 bring three codes, 6 and 7 two, 7 and 8 one"


def test_with_few_interviews_nothing_is_said_of_saturation() -> None:
    assert saturation(pd.DataFrame({"n_new": [3, 2, 1, 0, 0]})) is None
    assert saturation(pd.DataFrame({"n_new": [1, 1, 1, 1, 1, 1]})).reached is None
