"""A real study that nobody here made goes through the whole workbench, and agrees with its own published results."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from heritrace import make_study

import workbench as wb
from workbench.study import Study
from workbench.study.importing import Imported

RESULTS = Path(__file__).parents[3] / "shared/data/study/heritrace-usability/user_testing/results"

pytestmark = pytest.mark.skipif(not RESULTS.is_dir(), reason=f"the real study is not here: {RESULTS}")

Made = tuple[Study, list[Imported], list[Imported]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_study(RESULTS, tmp_path_factory.mktemp("real") / "heritrace")


def aggregated(name: str) -> dict[str, object]:
    return json.loads((RESULTS / "aggregated_analysis" / name).read_text("utf-8"))  # type: ignore[no-any-return]


def test_all_nineteen_transcripts_are_in_with_their_speaker(made: Made) -> None:
    everything = made[0].transcripts
    transcripts = everything[everything["kind"] == "interview"]
    assert len(everything) == 38, "each of them also answered in writing"
    assert len(transcripts) == 19
    assert set(transcripts["participant"]) == set(made[0].participants.index)
    assert transcripts["n_words"].sum() == pytest.approx(32_000, rel=0.05)


def test_at_least_490_of_519_published_quotes_find_their_place_and_the_rest_are_listed(made: Made) -> None:
    how: Counter[str] = Counter()
    for result in made[2]:
        placed = next(n for n in result.notes if n.startswith("placed: "))
        how.update({word: int(n) for n, word in re.findall(r"(\d+) (exact|normalised|approximate)", placed)})
        how["left out"] += len(result.left_out)
    assert how.total() == 519
    assert how["exact"] >= 381
    assert how.total() - how["left out"] >= 490


@pytest.mark.parametrize(("group", "role"), [("end_user", "end user"), ("technician", "technician")])
def test_sus_is_what_the_study_reports(made: Made, group: str, role: str) -> None:
    sheets = made[0].responses.query("survey == 'sus' and role == @role")
    result = wb.sus(sheets[[f"sus_{i}" for i in range(1, 11)]])
    published = aggregated("sus/sus_aggregated_report.json")["summary_statistics"][group]  # type: ignore[index]
    assert result.estimate.value == pytest.approx(published["mean"])
    assert (result.estimate.low, result.estimate.high) == pytest.approx((published["ci_95_lower"], published["ci_95_upper"]))
    assert result.estimate.n == published["count"]


def test_task_success_is_what_the_study_reports(made: Made) -> None:
    from heritrace import TASKS

    sheets = made[0].responses.query("survey == 'tasks'")
    published = [row for rows in aggregated("tasks/task_metrics.json")["success_rates"].values() for row in rows]  # type: ignore[attr-defined]
    assert len(published) == 6
    for row in published:
        own = sheets[sheets["task"] == TASKS[row["task_key"]]]
        success = wb.task_success(own["success"]).estimate
        assert (success.numerator, success.n) == (row["complete"], row["total"])
        assert 100 * own["credit"].astype(float).mean() == pytest.approx(row["success_rate"]), "the study counts a partial success half"


def test_its_report_is_one_page_that_names_what_was_found(made: Made) -> None:
    study = made[0]
    record = wb.run_report("journey_map", study)
    page = (study.folder / "reports" / record.output).read_text("utf-8")
    assert "Editing a catalogue without being a librarian" in page
    assert "of 19" in page
    assert len(page.encode()) < 700_000
