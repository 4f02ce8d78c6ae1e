"""Two channels of a stage are compared by people, and as unsure as few people make it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.analysis.by_channel import told_of_channels
from workbench.analysis.consistency import COLUMNS, channel_consistency, difference_of_overlapping_means
from workbench.analysis.passages import put_into_stages
from workbench.errors import BadSetting, NoAnswers, UnknownName
from workbench.model import Codebook, MeasureKind, MeasureSetting, StageSetting, StudySettings, SurveyMapping

KINDS = {
    "Pay": "stage", "Wait": "stage", "Chat": "channel", "Phone call": "channel", "Till": "touchpoint", "Glad": "emotion", "Slow": "pain point",
    "Rude": "pain point",
}  # fmt: skip
Row = tuple[str, str, int, int] | tuple[str, str, int, int, float]

#: Of paying, three people tell of the chat (feelings 2, 1, 0: mean 1) and three of the phone (-1, -2, 0: mean -1); nobody of both.
ROWS: list[Row] = [
    *((who, "Pay", 0, 100) for who in ("P01", "P02", "P03", "P04", "P05", "P06")),
    *((who, "Chat", 0, 9) for who in ("P01", "P02", "P03")),
    *((who, "Phone call", 0, 9) for who in ("P04", "P05", "P06")),
    ("P01", "Glad", 20, 30, 2), ("P02", "Glad", 20, 30, 1), ("P03", "Glad", 20, 30, 0),
    ("P04", "Glad", 20, 30, -1), ("P05", "Glad", 20, 30, -2), ("P06", "Glad", 20, 30, 0),
    ("P04", "Slow", 40, 50), ("P05", "Slow", 40, 50), ("P05", "Slow", 60, 70), ("P01", "Rude", 40, 50), ("P06", "Rude", 40, 50),
]  # fmt: skip
STAGES = (StageSetting("pay", "Pay"), StageSetting("wait", "Wait"))


def codings(*rows: Row) -> pd.DataFrame:
    made = [
        {"coding": str(i), "participant": who, "transcript": who, "internal": False, "code": code, "path": code, "kind": KINDS[code], "coder": "ana",
         "start": a, "end": b, "text": "words", "speaker": who, "start_ms": None, "intensity": felt[0] if felt else None}
        for i, (who, code, a, b, *felt) in enumerate(rows)
    ]  # fmt: skip
    return pd.DataFrame(made).astype({"intensity": "Float64", "start_ms": "Int64"})


def study(*rows: Row, responses: pd.DataFrame | None = None, **settings: Any) -> Any:
    aliases = [f"P{n:02}" for n in range(1, 8)]
    people = pd.DataFrame({"pseudonym": aliases, "consent_quote": True, "consent_until": None, "heard": True}, index=aliases)
    return SimpleNamespace(
        settings=StudySettings("Shop", **{"stages": STAGES, **settings}), codebook=Codebook(), participants=people, codings=codings(*rows),
        personas=[], opportunities=[], responses=pd.DataFrame(columns=["survey"]) if responses is None else responses, events=None,
    )  # fmt: skip


def told(*rows: Row) -> list[tuple[str, str]]:
    """Code and channel."""
    table = told_of_channels(put_into_stages(codings(("P01", "Pay", 0, 100), *rows), STAGES), "pay")
    return sorted((code, channel) for code, channel in zip(table["code"], table["channel"], strict=True) if code != channel)


def test_people_are_counted_by_channel_and_compared_by_their_mean_feelings() -> None:
    (row,) = channel_consistency(study(*ROWS)).to_dict("records")
    assert list(row) == list(COLUMNS)
    assert (row["stage"], row["channel_a"], row["channel_b"]) == ("Pay", "Chat", "Phone call")
    assert (row["n_a"], row["n_b"], row["n_both"], row["n_of"], row["n_felt"]) == (3, 3, 0, 7, 6)
    assert (row["feeling_a"], row["feeling_b"], row["difference"]) == (1, -1, 2)
    # Both variances are 1 and n is 3: standard error sqrt(2/3), 4 degrees of freedom, t = 2.7764.
    assert (row["low"], row["high"]) == pytest.approx((2 - 2.7764 * 0.8165, 4), abs=1e-3)
    assert (row["clear"], row["small"]) == (False, True)


def test_a_pain_told_of_one_channel_only_is_counted_among_those_who_speak_of_it() -> None:
    (row,) = channel_consistency(study(*ROWS)).to_dict("records")
    assert (row["pains_a_only"], row["pains_b_only"]) == ((), ("Slow (2 of 3)",))
    assert "Told of Phone call only: Slow (2 of 3)." in row["sentence"]
    assert (
        "no clear difference in feeling: Chat +1.0 (n 3, few), Phone call −1.0 (n 3, few); difference +2.0 (−0.3 to +4.0)."
        in row["sentence"]
    )


def test_a_difference_is_clear_when_its_interval_leaves_out_zero() -> None:
    closer = [(who, code, a, b, *([round(felt[0] / 2 + (1 if who < "P04" else -1), 3)] if felt else [])) for who, code, a, b, *felt in ROWS]
    (row,) = channel_consistency(study(*closer)).to_dict("records")
    assert row["difference"] == 3
    assert row["low"] > 0
    assert row["clear"]
    assert "Chat feels clearly better" in row["sentence"]


def test_one_person_in_a_channel_gives_no_interval_and_the_sentence_says_so() -> None:
    (row,) = channel_consistency(study(*(r for r in ROWS if r[0] not in ("P02", "P03")))).to_dict("records")
    assert (row["n_a"], row["low"], row["high"], row["clear"]) == (1, -4, 4, False)
    assert "too little to compare feelings by" in row["sentence"]


def test_a_channel_of_which_nobody_tells_a_feeling_is_compared_by_its_pains_only() -> None:
    (row,) = channel_consistency(study(*(r for r in ROWS if r[1] != "Glad" or r[0] > "P03"))).to_dict("records")
    assert np.isnan([row["feeling_a"], row["difference"], row["low"]]).all()
    assert (row["n_felt_a"], row["n_felt_b"], row["clear"]) == (0, 3, False)
    assert "no feeling was coded with Chat" in row["sentence"]
    assert row["pains_b_only"] == ("Slow (2 of 3)",)


def test_only_stages_with_two_channels_have_rows_and_one_stage_can_be_asked_for() -> None:
    also = [("P01", "Wait", 200, 300), ("P01", "Chat", 200, 209)]
    assert list(channel_consistency(study(*ROWS, *also))["stage"]) == ["Pay"]
    assert len(channel_consistency(study(*ROWS, *also), stage="Wait")) == 0
    with pytest.raises(UnknownName, match="pay"):
        channel_consistency(study(*ROWS), stage="Payment")
    with pytest.raises(BadSetting, match="no stages"):
        channel_consistency(study(*ROWS, stages=()))


def test_a_touchpoint_narrows_to_what_is_told_in_its_words() -> None:
    """The till is spoken of by P01 (chat, with the feeling 2) and by P05 (phone, with one pain)."""
    (row,) = channel_consistency(study(*ROWS, ("P01", "Till", 15, 35), ("P05", "Till", 60, 70)), touchpoint="till").to_dict("records")
    assert (row["n_a"], row["n_b"], row["feeling_a"], row["n_felt_b"]) == (1, 1, 2, 0)
    assert row["pains_b_only"] == ("Slow (1 of 1)",)
    with pytest.raises(UnknownName, match="Till"):
        channel_consistency(study(*ROWS, ("P01", "Till", 15, 35)), touchpoint="Tll")


def test_the_same_words_decide_before_the_same_passage() -> None:
    two = [("P01", "Chat", 0, 9), ("P01", "Phone call", 50, 59)]
    assert told(*two, ("P01", "Slow", 5, 8), ("P01", "Rude", 20, 30)) == [("Slow", "Chat")]
    assert told(two[0], ("P01", "Rude", 20, 30)) == [("Rude", "Chat")]
    assert told(("P01", "Chat", 0, 9), ("P01", "Phone call", 5, 15), ("P01", "Slow", 5, 9)) == [("Slow", "Chat"), ("Slow", "Phone call")]


def test_a_person_goes_on_about_the_channel_named_last_until_another_stage() -> None:
    later = [("P01", "Pay", 200, 300), ("P01", "Slow", 210, 220)]
    assert told(("P01", "Chat", 0, 9), ("P01", "Phone call", 50, 59), *later) == [("Slow", "Phone call")]
    assert told(("P01", "Chat", 0, 9), ("P01", "Wait", 120, 150), *later) == []
    assert told(("P02", "Chat", 0, 9), ("P02", "Pay", 0, 9), *later) == []


def sheets(**columns: list[str]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"survey": "pulse", "respondent": [f"R{i}" for i in range(n)], **columns})


def test_a_measure_is_split_where_the_data_have_an_attribute_for_channels() -> None:
    """18 of 20 solved by chat and 4 of 20 by phone; device has "phone" too, and says nothing of phone calls."""
    solved = ["yes"] * 18 + ["no"] * 2 + ["yes"] * 4 + ["no"] * 16
    answers = sheets(device=["phone", "computer"] * 20, contact_channel=["chat"] * 20 + ["phone"] * 20, solved=solved)
    survey = SurveyMapping("pulse", ["respondent"], attributes=["device", "contact_channel"])
    measure = MeasureSetting("Solved", MeasureKind.SHARE, "pay", "pulse", ["solved"], ["yes"])
    (row,) = channel_consistency(study(*ROWS, responses=answers, surveys=(survey,), measures=(measure,))).to_dict("records")
    assert row["clear_measures"] == ("Solved",)
    assert row["measures"][0].replace("\N{NO-BREAK SPACE}", " ") == (
        "Solved: Chat 90 % (70 to 97, n 20), Phone call 20 % (8 to 42, n 20); a clear difference"
    )
    without = SurveyMapping("pulse", ["respondent"], attributes=["device"])
    (row,) = channel_consistency(study(*ROWS, responses=answers, surveys=(without,), measures=(measure,))).to_dict("records")
    assert row["measures"] == ()


def people(values: list[float], first: int = 0) -> dict[str, float]:
    return {f"P{first + i:02}": v for i, v in enumerate(values)}


def test_without_people_in_both_the_interval_is_welchs_and_with_all_that_of_pairs() -> None:
    a, b = [2, 1, 0, 1, 2], [1, 0, -1, -1, 1]
    apart = difference_of_overlapping_means(people(a), people(b, 50))
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (apart.low, apart.high, apart.n) == (pytest.approx(welch.low), pytest.approx(welch.high), 10)
    paired = difference_of_overlapping_means(people(a), people(b))
    pairs = stats.ttest_rel(a, b).confidence_interval()
    assert (paired.low, paired.high, paired.n) == (pytest.approx(pairs.low), pytest.approx(pairs.high), 5)


def test_some_people_in_both_lie_between() -> None:
    """By hand from Derrick et al. 2017: a 0, 1, 2, 1 and b 0, 1, 2, -1 share the first three, who agree wholly.

    Variances 2/3 and 5/3; r = 1, so the squared error is 1/6 + 5/12 - 2 · sqrt(2/3 · 5/3) · 3/16 = 0.18806.
    """
    found = difference_of_overlapping_means(people([0, 1, 2, 1]), {**people([0, 1, 2]), "P50": -1})
    u, v = 1 / 6, 5 / 12
    welch = (u + v) ** 2 / ((u**2 + v**2) / 3)
    freedom = 2 + (welch - 2) / (2 + 6) * 2
    assert (found.value, found.n) == (0.5, 5)
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, freedom) * 0.18806**0.5, rel=1e-4)
    assert "Derrick" in found.method


@pytest.mark.parametrize(("a", "b"), [([2], [-2, -1]), ([2, 2], [-1, -1]), ([2, 2, 2], [-2, -2, -2]), ([2, 2], [-1, 0, 1, 0])])
def test_one_value_or_equal_ones_give_no_interval(a: list[float], b: list[float]) -> None:
    found = difference_of_overlapping_means(people(a), people(b, 50))
    assert (found.low, found.high) == (-4, 4)
    assert found.method.startswith("no interval")


def test_a_side_without_anybody_is_an_error() -> None:
    with pytest.raises(NoAnswers):
        difference_of_overlapping_means({}, people([1]))


FEELINGS = st.dictionaries(st.sampled_from([f"P{n}" for n in range(12)]), st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]), min_size=1)


@given(FEELINGS, FEELINGS)
def test_turned_round_a_difference_has_the_other_sign(a: dict[str, float], b: dict[str, float]) -> None:
    one, other = difference_of_overlapping_means(a, b), difference_of_overlapping_means(b, a)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert -4 <= one.low <= one.value <= one.high <= 4
