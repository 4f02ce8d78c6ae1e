"""A report that takes too long, or too much memory, is ended and says so; the next one is not touched by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from miniature import empty_study

from workbench.errors import ReportFailed
from workbench.reports.engine import papermill_engine as engine_module
from workbench.reports.engine.limits import MEMORY_VARIABLE, Limits
from workbench.reports.run import run_report
from workbench.study import Study

PARAMETERS = v4.new_code_cell('study_dir: str = "."', metadata={"tags": ["parameters"]})
LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux holds a process to a limit of its memory")


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "s")) as made:
        yield made


def run(study: Study, *cells: str, **limits: float) -> object:
    notebook = v4.new_notebook(cells=[PARAMETERS, *map(v4.new_code_cell, cells)])
    nbformat.write(notebook, study.folder / "templates" / "small.ipynb")
    return run_report("small", study, limits=Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture(params=[True, False], ids=["fork", "kernel"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "forks_safely", lambda: request.param)


@pytest.mark.usefixtures("engine")
def test_a_report_that_takes_longer_than_its_time_names_the_cell_it_was_in(study: Study) -> None:
    says = r'code cell 3 \("import time"\) failed with the end of its time: 2 s for the whole report'
    with pytest.raises(ReportFailed, match=says) as error:
        run(study, "1", "import time\nwhile True: time.sleep(0.01)", "2", time_s=2)
    assert not error.value.may_pass
    assert not (study.folder / "reports" / "small.html").exists()


def test_the_time_is_for_all_cells_together(study: Study) -> None:
    with pytest.raises(ReportFailed, match="the end of its time"):
        run(study, *["import time; time.sleep(0.5)"] * 6, time_s=2)


@LINUX
@pytest.mark.usefixtures("engine")
def test_a_report_that_takes_more_memory_than_its_limit_says_so(study: Study) -> None:
    with pytest.raises(ReportFailed, match="failed with more memory than its limit of 300 MB allows"):
        run(study, "x = bytearray(100_000_000)", "y = bytearray(1_500_000_000)", memory_mb=300)


@LINUX
def test_what_a_limit_allows_is_not_refused_and_the_next_report_has_its_own(study: Study) -> None:
    run(study, "x = bytearray(100_000_000)", memory_mb=300)
    run(study, "x = bytearray(400_000_000)")
    assert MEMORY_VARIABLE not in os.environ
