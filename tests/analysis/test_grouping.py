"""Groups are found where people differ, and are not claimed where they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from workbench.analysis.clusters import _silhouettes, gower_distances
from workbench.analysis.grouping import group_people
from workbench.errors import BadSetting

#: Five of the flowers of Kaufman & Rousseeuw 1990 (R: cluster::flower), and two with the ends of the ranges of height and distance.
FLOWERS = pd.DataFrame(
    [
        ("0", "1", "1", "4", 3, 15, 25, 15), ("1", "0", "0", "2", 1, 3, 150, 50), ("0", "1", "0", "3", 3, 1, 150, 50),
        ("0", "0", "1", "4", 2, 16, 125, 50), ("0", "1", "0", "5", 2, 2, 20, 15), ("1", "0", "0", "4", 2, 18, 200, 60),
        ("1", "1", "0", "1", 2, 6, 20, 10),
    ],
    columns=["winters", "shadow", "tubers", "colour", "soil", "preference", "height", "distance"],
)  # fmt: skip


def planted(seed: int = 0, n: int = 12, n_codes: int = 20, clear: float = 0.85) -> pd.DataFrame:
    """Half of the people carry the first half of the codes, the others the second half, but for some."""
    rng = np.random.default_rng(seed)
    own = (np.arange(n) < n // 2)[:, None] == (np.arange(n_codes) < n_codes // 2)
    return pd.DataFrame(rng.random((n, n_codes)) < np.where(own, clear, 1 - clear), index=[f"P{i:02}" for i in range(1, n + 1)])


def noise(seed: int, n: int = 12) -> pd.DataFrame:
    """Codes of different frequency and three attributes, none of which has to do with another."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.random((n, 25)) < rng.uniform(0.2, 0.8, 25))
    return table.assign(customer=rng.choice(["new", "old"], n), home=rng.choice(["u", "v", "w"], n), age=rng.normal(40, 10, n))


def test_distances_are_those_that_r_publishes() -> None:
    """``daisy(flower)``: the first rows of its output."""
    d = gower_distances(FLOWERS)[:5, :5]
    assert_allclose(d[1:, 0], [0.8875408, 0.5272467, 0.3517974, 0.4115605], atol=5e-8)
    assert_allclose(d[2:, 1], [0.5147059, 0.5504493, 0.6226307], atol=5e-8)
    assert_allclose([d[3, 2], d[4, 2], d[4, 3]], [0.5651552, 0.3726307, 0.6383578], atol=5e-8)


def test_a_code_that_neither_carries_says_nothing() -> None:
    table = pd.DataFrame({"a": [True, True, False], "b": [True, False, False], "c": [False, False, False]})
    d = gower_distances(table, asymmetric=["a", "b", "c"])
    assert (d[0, 1], d[0, 2]) == (0.5, 1)
    assert_allclose(gower_distances(table)[0, 1], 1 / 3)


def test_what_is_missing_is_left_out_of_its_pairs() -> None:
    table = pd.DataFrame({"age": [20, 30, None], "device": ["phone", None, "phone"]})
    d = gower_distances(table)
    assert (d[0, 1], d[0, 2]) == (1, 0)
    assert np.isnan(d[1, 2])


@given(st.lists(st.tuples(st.integers(-5, 5), st.sampled_from(["x", "y", None]), st.booleans()), min_size=2, max_size=8))
def test_distances_are_symmetric_from_0_to_1_and_blind_to_units(rows: list[tuple[int, str | None, bool]]) -> None:
    table = pd.DataFrame(rows, columns=["a", "b", "c"])
    d = gower_distances(table)
    assert_allclose(d, d.T)
    assert np.all((d >= 0) & (d <= 1) & (np.diag(d) == 0))
    assert_allclose(gower_distances(table.assign(a=table["a"] * 1000 + 7)), d)


def test_the_silhouette_is_how_much_nearer_the_own_group_is() -> None:
    """Two people 1 apart, a third 3 and 4 away: (3 - 1) / 3, (4 - 1) / 4, and 0 for the one alone."""
    d = np.array([[0.0, 1, 3], [1, 0, 4], [3, 4, 0]])
    assert_allclose(_silhouettes(d, np.array([0, 0, 1])), [2 / 3, 3 / 4, 0])


@pytest.mark.parametrize("seed", range(5))
def test_two_planted_groups_of_six_are_found(seed: int) -> None:
    found = group_people(planted(seed))
    assert sorted(map(sorted, found.groups)) == [[f"P{i:02}" for i in range(1, 7)], [f"P{i:02}" for i in range(7, 13)]]
    assert found.supported
    assert found.sentence.startswith("The 12 people fall into 2 groups (6 and 6)")


def test_three_groups_are_three_and_somebody_unlike_all_stands_alone() -> None:
    rows = {f"P{i:02}": [i // 4 == c // 5 for c in range(15)] + [i == c - 15 for c in range(12)] for i in range(12)}
    rows["P99"] = [c % 5 == 0 for c in range(15)] + [False] * 12
    found = group_people(pd.DataFrame.from_dict(rows, orient="index").astype(bool))
    assert ([len(g) for g in found.groups], found.alone) == ([4, 4, 4], ("P99",))
    assert "and 1 by themselves" in found.sentence


def test_random_data_have_no_groups() -> None:
    found = [group_people(noise(seed), n_resamples=20, n_shuffles=99) for seed in range(50)]
    assert sum(not g.supported for g in found) >= 45


def test_the_sentence_says_why_there_are_no_groups() -> None:
    found = next(g for g in (group_people(noise(seed)) for seed in range(20)) if not g.supported)
    assert found.sentence.startswith("The data do not support groups: ")
    assert "of 199 shuffles of the data look as grouped" in found.sentence


def test_seven_people_are_too_few_however_clear_they_are() -> None:
    found = group_people(planted().iloc[[0, 1, 2, 3, 6, 7, 8]])
    assert not found.supported
    assert found.sentence == "The data do not support groups: 7 people were compared, and 8 are the least."


def test_a_person_may_ask_for_a_number_of_groups_and_is_still_told() -> None:
    found = group_people(noise(1), k=3)
    assert len(found.groups) + len(found.alone) == 3
    assert found.choices is not None
    assert list(found.choices["k"]) == [3]
    assert not found.supported


def test_a_group_begins_with_its_most_typical_person() -> None:
    found = group_people(planted())
    at = [found.table.index.get_loc(alias) for alias in found.groups[0]]
    sums = found.distances[np.ix_(at, at)].sum(1)
    assert sums[0] == sums.min()
    assert list(found.stability_table["typical"]) == [g[0] for g in found.groups]


def test_the_same_seed_gives_the_same_stability() -> None:
    first, again, other = (group_people(planted(clear=0.7), random_state=seed) for seed in (1, 1, 2))
    assert first.stability == again.stability != other.stability


@pytest.mark.parametrize("k", [1, 13])
def test_groups_that_cannot_be_are_refused(k: int) -> None:
    with pytest.raises(BadSetting, match="12 people cannot be divided"):
        group_people(planted(), k=k)


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame(index=range(12)), pd.DataFrame({"a": [True] * 12})])
def test_where_nothing_tells_people_apart_there_are_no_groups(table: pd.DataFrame) -> None:
    assert not group_people(table).supported
