"""The look that all charts share."""

from __future__ import annotations

import itertools
from math import inf, nan

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.charts import theme
from workbench.charts.theme import (
    duration_in_words,
    estimate_in_words,
    group_column,
    n_in_words,
    nothing_yet,
    one_each,
    percent,
    signed,
    wrapped,
)

# Machado, Oliveira & Fernandes (2009), severity 1.
SIGHT = {
    "normal": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def seen(colour: str, sight: str) -> np.ndarray:
    """A colour in CIE Lab, as somebody sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_series_stay_apart_for_everybody(sight: str) -> None:
    """Ten in Lab is a difference seen at a glance; one is the least that is seen at all."""
    pairs = itertools.combinations(theme.CATEGORIES, 2)
    assert min(np.linalg.norm(seen(a, sight) - seen(b, sight)) for a, b in pairs) > 10


def test_the_theme_can_be_chosen_by_name() -> None:
    with alt.theme.enable("workbench"):
        config = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a").to_dict()["config"]
    assert config["background"] == "transparent"
    assert config["range"]["category"][0] == theme.ACCENT


def test_an_empty_table_says_so_in_the_picture_and_in_words() -> None:
    spec = nothing_yet("Feelings").to_dict()
    assert "No data yet" in str(spec["datasets"])
    assert spec["description"] == "Feelings: no data yet."


@given(st.lists(st.sampled_from(["a", "a (2)", "b", ""]), max_size=8))
def test_no_two_labels_are_equal(labels: list[str]) -> None:
    assert len(set(one_each(labels))) == len(labels)


@given(st.text(max_size=200), st.integers(8, 40))
def test_a_wrapped_label_keeps_its_limits(text: str, width: int) -> None:
    lines = wrapped(text, width, 2).split("\n")
    assert len(lines) <= 2
    assert all(0 < len(line) <= max(width, len("(no name)")) for line in lines)


def test_the_first_column_groups_when_it_is_none_of_the_known() -> None:
    assert group_column(pd.DataFrame(columns=["device", "step", "n"]), ["step", "n"]) == "device"
    assert group_column(pd.DataFrame(columns=["step", "n"]), ["step", "n"]) is None


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "words"),
    [
        (0.52, 0.48, 0.56, "share", "52 % (48 to 56)"),
        (0.18, 0.172, 0.189, "share", "18.0 % (17.2 to 18.9)"),
        (-1.3, -1.7, -0.8, "valence", "−1.3 (−1.7 to −0.8)"),
        (0.6, 0.1, 1.0, "valence", "+0.6 (+0.1 to +1.0)"),
        (21.2, -4.0, 33.0, "points", "21 (−4 to 33)"),
        (68.2, 64.1, 72.3, "points", "68.2 (64.1 to 72.3)"),
        (310, 200, 480, "s", "310 s (200 to 480)"),
        (30, 0, inf, "s", "30 s (no interval)"),
        (nan, nan, nan, "share", "not known"),
    ],
)
def test_a_number_is_written_with_its_interval(value: float, low: float, high: float, unit: str, words: str) -> None:
    assert estimate_in_words(value, low, high, unit) == words


def test_few_people_are_said_aloud() -> None:
    assert [n_in_words(n) for n in (7, 8, 8412)] == ["only n 7", "n 8", "n 8,412"]


def test_a_duration_is_written_in_the_unit_that_fits() -> None:
    assert [duration_in_words(s) for s in (45, 310, 119.7, 11_520, 181_440)] == ["45 s", "5:10 min", "2:00 min", "3.2 h", "2.1 days"]


def test_nothing_is_minus_zero() -> None:
    assert [signed(-0.04), signed(0), signed(0.06), percent(0)] == ["0.0", "0.0", "+0.1", "0 %"]
