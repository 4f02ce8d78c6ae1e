"""A folder of anybody's notebooks comes out of the forking engine as it comes out of papermill's own.

``WORKBENCH_NOTEBOOKS`` names the folder; each notebook in it is run in a copy of the folder where it lies, and nothing there is changed.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from time import monotonic
from warnings import catch_warnings, simplefilter

import pytest
from papermill.engines import papermill_engines
from reports.engine_corpus.comparison import Outcome, differences, run

from workbench.reports.engine.papermill_engine import WorkbenchEngine

FOLDER = os.environ.get("WORKBENCH_NOTEBOOKS", "")
NOTEBOOKS = [p for p in sorted(Path(FOLDER).rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts] if FOLDER else []
CELL_TIMEOUT_S = 60

pytestmark = [pytest.mark.soak, pytest.mark.skipif(not NOTEBOOKS, reason="WORKBENCH_NOTEBOOKS names no folder with notebooks")]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the installed package's entry point does; and ipykernel would leave file descriptors alone if it saw pytest."""
    monkeypatch.setitem(papermill_engines._engines, "workbench", WorkbenchEngine)
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    monkeypatch.setattr(logging.getLogger("papermill"), "disabled", True)


def run_copy(notebook: Path, engine: str | None, folder: Path) -> Outcome:
    """A run in a copy of the notebook's folder: it may read what lies there, and write."""
    shutil.copytree(notebook.parent, folder, symlinks=True)
    with catch_warnings():
        simplefilter("ignore")  # of the ordinary engine's libraries
        return run(notebook, engine, folder, execution_timeout=CELL_TIMEOUT_S)


def processes_in(folder: Path) -> list[str]:
    """What still runs there, where the system tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:  # it has ended, or is another's
            continue
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[str(p.relative_to(FOLDER)) for p in NOTEBOOKS])
def test_a_notebook_of_others_comes_out_as_from_the_ordinary_engine(notebook: Path, tmp_path: Path) -> None:
    """Where papermill's own engine differs from itself, only the kinds of output are compared."""
    usual, ours = run_copy(notebook, None, tmp_path / "usual"), run_copy(notebook, "workbench", tmp_path / "forks")
    if ours != usual:
        again = run_copy(notebook, None, tmp_path / "again")
        assert not differences(ours, usual, again)
    deadline = monotonic() + 20
    while len(processes_in(tmp_path / "forks")) > len(processes_in(tmp_path / "usual")):
        assert monotonic() < deadline
