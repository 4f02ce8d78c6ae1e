"""The sample study's map and its report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure, times
from workbench.reports.run import run_report
from workbench.reports.sections.journey_page import journey_report
from workbench.study.sample import make_sample_study

N_TIMES = 3


def figures() -> Iterator[Figure]:
    """Importing the sample, building its map in every view, and the whole report with its kernel."""
    with TemporaryDirectory() as folder:
        made = times(lambda i: make_sample_study(Path(folder) / f"made-{i}")[0].close(), N_TIMES)
        yield Figure("report.sample_imported_median", median(made), "s", N_TIMES)
        study, _ = make_sample_study(Path(folder) / "grocery")
        n_views = len(journey_report(study).views)
        yield Figure(f"report.map_of_{n_views}_views_median", median(times(lambda _: journey_report(study), N_TIMES)), "s", N_TIMES)
        taken = times(lambda _: run_report("journey_map", study), N_TIMES)
        page = study.folder / "reports" / "journey_map.html"
        yield Figure("report.journey_map_median", median(taken), "s", N_TIMES, limit=20)
        yield Figure("report.journey_map_size", page.stat().st_size / 1000, "KB", 1, limit=500)
        study.close()
