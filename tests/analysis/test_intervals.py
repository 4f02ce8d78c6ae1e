import doctest
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.analysis import intervals
from workbench.analysis.intervals import (
    METHODS,
    bootstrap_mean,
    difference,
    difference_of_means,
    difference_of_shares,
    estimate_geometric_mean,
    estimate_mean,
    estimate_share,
    share_bounds,
)
from workbench.errors import BadSetting, NoAnswers


def ends(estimate, places=4):
    return round(estimate.low, places), round(estimate.high, places)


def test_examples_in_the_docstrings_are_true():
    assert doctest.testmod(intervals).failed == 0


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [("adjusted wald", 0.360, 0.980), ("wilson", 0.3755, 0.9638)],
)
def test_four_of_five_as_published(method, low, high):
    """Sauro & Lewis, Quantifying the User Experience."""
    assert estimate_share(4, 5, method=method).low == pytest.approx(low, abs=5e-4)
    assert estimate_share(4, 5, method=method).high == pytest.approx(high, abs=5e-4)


def test_exact_interval_of_five_of_five_begins_at_48_percent():
    assert ends(estimate_share(5, 5, method="exact"), 3) == (0.478, 1.0)


@pytest.mark.parametrize(
    ("x", "n", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_single_shares_of_newcombe_1998(x, n, wilson, exact):
    """Statistics in Medicine 17, 857-872, table I."""
    assert ends(estimate_share(x, n)) == wilson
    assert ends(estimate_share(x, n, method="exact")) == exact


def test_jeffreys_interval_is_the_beta_posterior():
    expected = stats.beta(81.5, 182.5).ppf([0.025, 0.975])
    assert ends(estimate_share(81, 263, method="jeffreys")) == tuple(expected.round(4))
    assert estimate_share(0, 20, method="jeffreys").low == 0


@given(st.integers(1, 200), st.data(), st.sampled_from(list(METHODS)))
def test_every_interval_holds_its_share_and_mirrors(n, data, method):
    x = data.draw(st.integers(0, n))
    low, high = share_bounds([x, n - x], [n, n], method=method)
    assert 0 <= low[0] <= x / n <= high[0] <= 1
    assert low[0] == pytest.approx(1 - high[1], abs=1e-9)


def test_share_keeps_its_numerator_n_and_source():
    share = estimate_share(3, 8, of="users")
    assert (share.numerator, share.n, share.of, share.unit) == (3, 8, "users", "share")
    assert share.method == "score interval (Wilson 1927)"


def test_no_answers_is_an_error_and_in_tables_a_nan():
    with pytest.raises(NoAnswers, match="CSAT: there is nothing to count"):
        estimate_share(0, 0, what="CSAT")
    assert np.isnan(share_bounds(0, 0)).all()


def test_impossible_share_is_refused():
    with pytest.raises(BadSetting, match="above its denominator"):
        estimate_share(6, 5)


def test_mean_has_a_t_interval():
    x = [2.0, 4.0, 5.0, 7.0]
    expected = stats.ttest_1samp(x, 0).confidence_interval(0.95)
    assert ends(estimate_mean(x)) == (round(expected.low, 4), round(expected.high, 4))


def test_mean_is_cut_at_the_ends_of_its_scale():
    assert ends(estimate_mean([1, 1, 7], limits=(1, 7))) == (1, 7)


def test_one_value_has_the_scale_as_its_interval_and_says_so():
    for one in (estimate_mean([3], limits=(1, 7)), bootstrap_mean([3], limits=(1, 7))):
        assert (one.low, one.high, one.n) == (1, 7, 1)
        assert "no interval" in one.method


def test_missing_values_are_refused_rather_than_dropped():
    with pytest.raises(BadSetting, match="1 of 2 values are missing"):
        estimate_mean([1.0, float("nan")])


def test_geometric_mean_of_times_as_published():
    """Sauro & Lewis 2010: 55, 65, 75, 62, 45 and 135 seconds."""
    time = estimate_geometric_mean([55, 65, 75, 62, 45, 135])
    assert (round(time.value, 1), *ends(time, 1)) == (68.2, 46.0, 101.2)


def test_geometric_mean_of_one_time_is_unbounded():
    one = estimate_geometric_mean([42])
    assert (round(one.value), one.low, one.high) == (42, 0, inf)


def test_bootstrap_is_repeatable_and_inside_the_data():
    x = [-2, -1, -1, 0, 1, 2]
    first, second = (bootstrap_mean(x, limits=(-2, 2), random_state=7) for _ in range(2))
    assert first == second
    assert min(x) <= first.low <= first.value <= first.high <= max(x)


def test_bootstrap_agrees_with_scipy():
    x = np.array([-2, -2, -1, -1, 0, 0, 1, 2, 2, 2])
    theirs = stats.bootstrap((x,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)).confidence_interval
    ours = bootstrap_mean(x, limits=(-2, 2), n_resamples=20_000)
    assert ours.low == pytest.approx(theirs.low, abs=0.1)
    assert ours.high == pytest.approx(theirs.high, abs=0.1)


def test_bootstrap_counts_each_person_once_however_much_they_said():
    talkative = bootstrap_mean([2, 2, 2, 2, -2], limits=(-2, 2), participants=["P1"] * 4 + ["P2"])
    assert (talkative.value, talkative.n) == (0, 2)


def test_bootstrap_in_batches_fills_every_resample(monkeypatch):
    monkeypatch.setattr(intervals, "_CELLS_AT_ONCE", 30)
    assert bootstrap_mean(range(10), limits=(0, 9)).n == 10


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_differences_of_shares_of_newcombe_1998(groups, expected):
    """Statistics in Medicine 17, 873-890, table II, method 10."""
    found = difference_of_shares(*groups)
    assert ends(found) == pytest.approx(expected, abs=1e-4)
    assert found.method == "hybrid score interval (Newcombe 1998, method 10)"


def test_difference_of_means_is_welchs():
    a, b = [5.0, 6, 7, 9], [1.0, 2, 2, 3, 8]
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert ends(difference_of_means(a, b)) == (round(expected.low, 4), round(expected.high, 4))
    assert difference_of_means([1], [2, 3]).low == -inf


def test_difference_of_unlike_units_is_refused():
    with pytest.raises(BadSetting, match="do not go together"):
        difference(estimate_share(1, 2), estimate_mean([1, 2]))
