"""On a Dask cluster the same pages are made, also when one of its workers is killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from batches import CODINGS, WORKER, study_with

from workbench.errors import BadSetting
from workbench.model import Which
from workbench.reports.batches import runners
from workbench.reports.batches.batch import run_batch
from workbench.reports.batches.runners import LOST, DaskCluster
from workbench.reports.planned import planned_reports
from workbench.study import Study

MANY = '[[report]]\ntemplate = "codings"\nfor_each = { n = [1, 2, 3, 4, 5, 6] }\n'

#: The first report that comes here kills the Dask worker that asked for it: the parent of the process that forks.
KILL = """
import os, psutil
try:
    os.close(os.open(study.folder / "killed", os.O_CREAT | os.O_EXCL))
except FileExistsError:
    pass
else:
    psutil.Process(os.getppid()).parent().kill()
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two workers, as somebody starts them from a shell; each is started again when it dies."""
    folder = tmp_path_factory.mktemp("dask")
    known = folder / "scheduler.json"
    options = ["--scheduler-file", str(known), "--no-dashboard"]
    dask = [sys.executable, "-m", "dask"]
    commands = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *options],
        [*dask, "worker", "--nthreads", "1", "--nworkers", "2", *options],
    ]
    log = (folder / "log").open("wb")
    running = [subprocess.Popen(c, cwd=folder, stdout=log, stderr=log) for c in commands]
    try:
        while not (known.exists() and known.read_text().strip().endswith("}")):
            assert [r.poll() for r in running] == [None, None], (folder / "log").read_text()
        yield json.loads(known.read_text())["address"]
    finally:
        everyone = [p for r in running for p in psutil.Process(r.pid).children(recursive=True)]
        for r in running[::-1]:
            r.terminate()
            r.wait(timeout=30)
        psutil.wait_procs(everyone, timeout=30)
        log.close()


def pages(study: Study) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (study.folder / "reports").glob("codings-*.html")}


def test_a_cluster_makes_the_pages_that_this_machine_makes_also_when_a_worker_is_killed(tmp_path: Path, scheduler: str) -> None:
    with closing(study_with(tmp_path, MANY, codings=CODINGS + KILL)) as study:
        done = run_batch(study, planned_reports(study), runner=DaskCluster(scheduler))
        assert sorted(o.name for o in done.outcomes) == [f"codings-{n}" for n in range(1, 7)]
        assert not done.failed, "the page in work was made again, or was whole already"
        assert (study.folder / "killed").exists()
        on_cluster = pages(study)
        run_batch(study, planned_reports(study), which=Which.ALL)
        assert pages(study) == on_cluster
        again = run_batch(study, planned_reports(study), runner=DaskCluster(scheduler))
        assert len(again.unchanged) == 6


@pytest.mark.soak
def test_a_report_that_kills_its_process_each_time_fails_and_the_others_are_made(tmp_path: Path, scheduler: str) -> None:
    kill = "if n == 2: os.kill(worker, 9); import time; time.sleep(60)"
    with closing(study_with(tmp_path, MANY, codings=f"{CODINGS}\n{WORKER}\n{kill}")) as study:
        done = run_batch(study, planned_reports(study), runner=DaskCluster(scheduler))
        assert [(o.name, o.error) for o in done.failed] == [("codings-2", LOST)]
        assert len(done.made) == 5


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "ANSWER_S", 1)
    with (
        closing(study_with(tmp_path, MANY, codings=CODINGS)) as study,
        pytest.raises(BadSetting, match="tcp://127.0.0.1:9: no scheduler answers"),
    ):
        run_batch(study, planned_reports(study), runner=DaskCluster("tcp://127.0.0.1:9"))
