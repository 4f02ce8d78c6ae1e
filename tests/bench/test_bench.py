"""What `make bench` leaves behind for whoever compares runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.__main__ import find_benchmarks, main, write_results
from tests.bench.figures import Figure, in_ms, p95, times


def test_a_result_names_its_unit_its_n_and_its_limit(tmp_path: Path) -> None:
    write_results([Figure("coding.saved_p95", 1.23456, "ms", 300, limit=5)], tmp_path / "results.json")
    record = {"name": "coding.saved_p95", "value": 1.235, "unit": "ms", "n": 300, "limit": 5, "peer": None, "ratio": None}
    assert json.loads((tmp_path / "results.json").read_text()) == [record]


def test_a_figure_is_over_only_past_its_limit() -> None:
    assert Figure("a", 5.1, "ms", 1, limit=5).is_over
    assert not Figure("a", 5.0, "ms", 1, limit=5).is_over
    assert not Figure("a", 5.0, "ms", 1).is_over


def test_a_ratio_is_ours_over_the_peers() -> None:
    middle, slow = in_ms("a", [0.002] * 20, peer=("bare SQLite", [0.001] * 20))
    assert (middle.name, middle.value, middle.ratio, middle.peer) == ("a_median", 2.0, 2.0, "bare SQLite")
    assert (slow.name, slow.n) == ("a_p95", 20)


def test_the_percentile_is_of_all_the_times_taken() -> None:
    assert len(times(lambda i: i, 7)) == 7
    assert 95 <= p95(range(1, 101)) <= 96


def test_an_unknown_benchmark_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    assert main("no such thing", results=tmp_path / "results.json") == 1
    assert not list(tmp_path.iterdir())
    assert "coding" in find_benchmarks()
