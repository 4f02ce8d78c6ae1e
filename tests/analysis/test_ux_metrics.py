import doctest

import numpy as np
import pandas as pd
import pytest

from workbench.analysis import ux_metrics
from workbench.analysis.ux_metrics import (
    ces,
    csat,
    nps,
    people_to_discover,
    problem_discovery,
    seq,
    sus,
    sus_scores,
    task_success,
    time_on_task,
    umux_lite,
)
from workbench.errors import BadAnswers, BadSetting, NoAnswers


def test_examples_in_the_docstrings_are_true():
    assert doctest.testmod(ux_metrics).failed == 0


def test_nps_of_50_30_20_is_30_plus_minus_15():
    score = nps([10] * 50 + [7] * 30 + [0] * 20, method="wald")
    assert score.score == pytest.approx(30.0)
    assert score.high - score.score == pytest.approx(15.3, abs=0.05)
    assert score.score - score.low == pytest.approx(15.3, abs=0.05)


def test_nps_says_what_it_is_in_one_line():
    assert repr(nps([9] * 50 + [8] * 30 + [6] * 20)) == "NetPromoterScore(score=30.0, low=14.1, high=44.2, n=100)"


def test_nps_stays_uncertain_when_everybody_promotes():
    score = nps([10, 10, 10])
    assert score.score == 100
    assert score.low < 90


def test_text_counts_as_numbers_and_gaps_are_counted():
    score = nps(pd.Series(["9", " 10 ", "3.0", "", None, float("nan"), pd.NA]))
    assert (score.n, score.n_missing) == (3, 4)
    assert (score.n_promoters, score.n_passives, score.n_detractors) == (2, 0, 1)


def test_an_answer_off_the_scale_is_named():
    with pytest.raises(BadAnswers) as error:
        nps([9, 11, "very likely", 11, 8.5, None])
    assert str(error.value) == (
        'NPS: 4 of 5 answers do not fit ("11", "very likely", "8.5"); accepted are whole numbers from 0 to 10, or nothing.'
    )


@pytest.mark.parametrize("off", [float("inf"), -1, "=SUM(A1)", "</script>", "don't know"])
def test_nothing_but_the_scale_is_an_answer(off):
    with pytest.raises(BadAnswers, match="1 of 2 answers does not fit"):
        seq([5, off])


def test_no_answers_at_all_is_an_error():
    with pytest.raises(NoAnswers):
        nps([None, ""])


def test_csat_is_the_share_of_the_two_best():
    score = csat([5, 4, 4, 3, 1], top=(4, 5), method="adjusted wald")
    assert (score.share, score.estimate.numerator, score.n) == (0.6, 3, 5)
    assert repr(csat([5, 4, 4, 4, 1])) == "CustomerSatisfaction(share=0.800, low=0.376, high=0.964, n=5)"


def test_csat_top_must_be_on_its_scale():
    with pytest.raises(BadSetting, match="Name some from 1 to 5"):
        csat([5], top=(6, 7))


@pytest.mark.parametrize(("measure", "top"), [(ces, 3), (seq, 2)])
def test_seven_point_means_keep_their_scale_and_top_box(measure, top):
    score = measure([7, 6, 5, 2, None])
    assert (score.mean, score.n, score.n_missing, score.scale) == (5.0, 4, 1, (1, 7))
    assert score.top_box.numerator == top
    assert repr(score).endswith("n=4, scale=1 to 7)")


def test_sus_of_the_published_respondent_is_85():
    items = pd.DataFrame([[4, 1, 5, 2, 5, 1, 4, 2, 3, 1], [3] * 10])
    assert sus_scores(items).tolist() == [85, 50]


def test_sus_leaves_out_and_counts_respondents_with_a_gap():
    items = pd.DataFrame([["3"] * 10, ["4", "2"] * 5, ["4", ""] * 5], index=["a", "b", "c"])
    score = sus(items)
    assert (score.score, score.n, score.n_missing) == (62.5, 2, 1)
    assert np.isnan(sus_scores(items)["c"])


@pytest.mark.parametrize(
    ("score", "words"),
    [(40, "below the 15th"), (52.5, "between the 15th and the 50th"), (70, "between the 50th and the 70th"), (85, "above the 70th")],
)
def test_sus_says_where_it_stands(score, words):
    raised = [4 if i % 2 == 0 else 2 for i in range(10)]
    items = pd.DataFrame([[3] * 10, raised])
    estimate = sus(items)
    assert estimate.percentile == "between the 15th and the 50th percentile of published studies"
    moved = ux_metrics.SystemUsabilityScale(estimate.estimate.__class__(score, 0, 100, 2), 0)
    assert moved.percentile == f"{words} percentile of published studies"


@pytest.mark.parametrize(("score", "words"), [(52, "15th"), (68, "50th"), (74, "70th")])
def test_sus_marks_as_published(score, words):
    estimate = sus(pd.DataFrame([[3] * 10, [3] * 10])).estimate
    assert (
        ux_metrics.SystemUsabilityScale(estimate.__class__(score, 0, 100, 2), 0).percentile
        == f"at the {words} percentile of published studies"
    )


def test_sus_wants_its_ten_items():
    with pytest.raises(BadSetting, match="9 columns were given"):
        sus(pd.DataFrame([[3] * 9]))


def test_sus_names_the_item_that_is_off_the_scale():
    items = pd.DataFrame([[3] * 10], columns=[f"sus_{i}" for i in range(1, 11)]).assign(sus_4=6)
    with pytest.raises(BadAnswers, match=r'SUS, item "sus_4": 1 of 1 answers does not fit \("6"\)'):
        sus(items)


def test_umux_lite_of_two_sixes_is_83():
    assert umux_lite(pd.DataFrame([[6, 6], ["6", "6"]])).score == pytest.approx(83.33, abs=0.005)


def test_task_success_of_four_of_five_as_published():
    score = task_success(["yes", "1", True, 1, "No"])
    assert (round(score.low, 4), round(score.high, 4)) == (0.3755, 0.9638)
    assert (score.rate, round(score.laplace, 3), score.n_succeeded) == (0.8, 0.714, 4)
    assert task_success([1] * 5, method="exact").low == pytest.approx(0.478, abs=5e-4)


def test_task_success_knows_only_yes_and_no():
    with pytest.raises(BadAnswers, match="1 or 0, yes or no, true or false"):
        task_success(["yes", "partly"])


def test_time_on_task_as_published():
    time = time_on_task(["55", 65, 75, 62, 45, 135, None])
    assert (round(time.geometric_mean, 1), round(time.low, 1), round(time.high, 1)) == (68.2, 46.0, 101.2)
    assert (time.n, time.n_missing, time.estimate.unit) == (6, 1, "s")


def test_a_time_of_zero_is_refused():
    with pytest.raises(BadAnswers, match="accepted are times above 0"):
        time_on_task([0, 12])


def test_problem_discovery_as_published():
    assert problem_discovery(0.31, 5) == pytest.approx(0.8436, abs=5e-5)
    assert people_to_discover(0.10, 0.90) == 22


@pytest.mark.parametrize("measured", [nps([9, 3]), csat([4, 1]), ces([4, 1]), task_success([1, 0]), time_on_task([3, 4])])
def test_every_result_carries_an_estimate_with_its_source(measured):
    assert measured.estimate.low <= measured.value <= measured.estimate.high
    assert measured.estimate.method
