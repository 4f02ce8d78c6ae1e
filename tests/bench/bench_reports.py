"""Many reports: 50 and 1,000 of the same notebook as in bench_engine, against what somebody would build from the same libraries.

The pages of ours show the numbers that the peer's show, or nothing is measured.  Peers make fewer reports than ours, since each of
theirs takes as long as the one before; the seconds of one are compared.
"""

from __future__ import annotations

import logging
import multiprocessing
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import nbformat
import nbformat.v4 as v4
import psutil

from tests.bench.bench_engine import CELLS
from tests.bench.figures import Figure, times
from workbench.model import Which
from workbench.reports.batches.batch import BatchResult, run_batch
from workbench.reports.batches.runners import DaskCluster, Runner
from workbench.reports.engine.forks import close_all
from workbench.reports.planned import planned_reports
from workbench.study import Study, open_study

N, N_TIMES, N_POOL, N_COMMANDS, N_SEGMENTS, N_THOUSAND = 50, 3, 20, 3, 30, 1000
MUST_POOL, MUST_COMMANDS, MUST_UNCHANGED, MUST_DASK, MUST_THOUSAND_S = 15, 60, 200, 10, 180

PARAMETERS = 'study_dir: str = "."\nn_rows: int = 400  # rows of the table\ngroup: str = ""  # which report it is'

#: How a number stands in a table's cell, in our page and in nbconvert's.
_NUMBERS = re.compile(r"<td[^>]*>\s*([\d.]+)\s*</td>")


def study_with(folder: Path, n: int, *, segments: int = 0) -> Study:
    """A study that asks for ``n`` reports."""
    cells = [v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), *map(v4.new_code_cell, CELLS[1:])]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name in ("templates", "reports", "datasets"):
        (folder / name).mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "templates" / "three.ipynb")
    rows = f"n_rows = {list(range(400, 400 + n // segments + 1))}, " if segments else ""
    groups = [f"g{i:02}" for i in range(segments or n)]
    (folder / "study.toml").write_text(
        f'[study]\ntitle = "Bench"\n[[report]]\ntemplate = "three"\nfor_each = {{ {rows}group = {groups} }}\n'.replace("'", '"'),
        encoding="utf-8",
    )
    return open_study(folder)


def batch(study: Study, n: int, **how: Any) -> tuple[float, BatchResult]:
    """Seconds for ``n`` of its reports, and what became of them."""
    planned, began = planned_reports(study)[:n], perf_counter()
    done = run_batch(study, planned, **how)
    took = perf_counter() - began
    assert not done.failed, done.failed[0].error
    return took, done


def from_nothing(study: Study) -> float:
    """Seconds for all of its reports, with the start of the process that they are forked from."""
    close_all()
    return batch(study, N, jobs=2, which=Which.ALL)[0]


def by_our_command(study: Study, _: int) -> None:
    """All of its reports, by our command."""
    command = [sys.executable, "-m", "workbench.cli.main", "reports", "--all", "--jobs", "2", "--study", str(study.folder)]
    subprocess.run(command, check=True, capture_output=True)


def usual(template: str, group: str, *, pictures: bool = False) -> str:
    """One report as papermill and nbconvert make it as libraries; with ``pictures``, its charts are seen without a network, as in ours."""
    import papermill
    from nbconvert import HTMLExporter

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    notebook = nbformat.read(template, 4)
    if pictures:
        notebook.cells[1].source += "\nalt.renderers.enable('svg')"
    run = papermill.execute_notebook(notebook, None, parameters={"group": group}, progress_bar=False)
    return str(HTMLExporter().from_notebook_node(run)[0])


def by_commands(template: Path, folder: Path, i: int) -> None:
    """One report by the two commands, one after the other."""
    python, out = [sys.executable, "-m"], folder / f"c{i}.ipynb"
    for command in (
        ["papermill", str(template), str(out), "-p", "group", f"g{i}", "--no-progress-bar"],
        ["nbconvert", "--to", "html", str(out)],
    ):
        subprocess.run([*python, *command], check=True, capture_output=True)


def figures() -> Iterator[Figure]:
    """What 50 and 1,000 reports take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "fifty" / "templates" / "three.ipynb"
        with closing(study_with(folder / "fifty", N)) as study:
            took = median(from_nothing(study) for _ in range(N_TIMES))
            warm = median(batch(study, N, jobs=2, which=Which.ALL)[0] for _ in range(N_TIMES))
            page = (study.folder / "reports" / "three-g00.html").read_text("utf-8")
            yield from against_libraries(template, page, took, warm)
            per_command = sum(times(partial(by_commands, template, folder), N_COMMANDS)) / N_COMMANDS
            peer = f"the commands papermill and nbconvert, {per_command:.1f} s a report (n {N_COMMANDS})"
            ours = median(times(partial(by_our_command, study), N_TIMES))
            yield Figure("reports.fifty_command", ours, "s", N, N * per_command / MUST_COMMANDS, peer, ours / (N * per_command))
            again = [batch(study, N) for _ in range(N_TIMES)]
            assert all(len(done.unchanged) == N for _, done in again)
            unchanged = median(seconds for seconds, _ in again)
            yield Figure("reports.fifty_unchanged", unchanged, "s", N, took / MUST_UNCHANGED, "making them, --jobs 2", unchanged / took)
            yield from on_dask(study, template)
        with closing(study_with(folder / "thousand", N_THOUSAND, segments=N_SEGMENTS)) as study:
            yield from thousand(study)


def against_libraries(template: Path, page: str, took: float, warm: float) -> Iterator[Figure]:
    """A pool of two processes with papermill and nbconvert: both from nothing, and both when all is imported."""
    groups = [f"g{i:02}" for i in range(N)]
    began = perf_counter()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        pages = list(pool.map(usual, [str(template)] * N, groups))
        from_nothing_s = perf_counter() - began
        assert _NUMBERS.findall(page) == _NUMBERS.findall(pages[0]) != []
        per_report = _seconds(pool, usual, template, groups[:N_POOL])
        pictures = _seconds(pool, partial(usual, pictures=True), template, groups[:N_POOL])
    peer = "two processes with papermill and nbconvert, no chart seen offline"
    yield Figure("reports.fifty_jobs_2", took, "s", N, from_nothing_s / MUST_POOL, f"{peer}, {from_nothing_s:.1f} s", took / from_nothing_s)
    for name, seconds, words in (("", per_report, ""), ("_pictures", pictures, ", but charts seen offline")):
        peer = f"two warm processes{words}, {seconds:.2f} s a report (n {N_POOL})"
        yield Figure(f"reports.fifty_warm{name}", warm, "s", N, None, peer, warm / (N * seconds))


def _seconds(pool: ProcessPoolExecutor, make: Callable[[str, str], str], template: Path, groups: Sequence[str]) -> float:
    """What a report takes."""
    began = perf_counter()
    list(pool.map(make, [str(template)] * len(groups), groups))
    return (perf_counter() - began) / len(groups)


def on_dask(study: Study, template: Path) -> Iterator[Figure]:
    """Two workers of a Dask cluster, with our runner and with plain papermill."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        runner: Runner = DaskCluster(cluster.scheduler_address)
        batch(study, 4, runner=runner, which=Which.ALL)
        took, _ = batch(study, N, runner=runner, which=Which.ALL)
        with Client(cluster) as client:
            client.gather([client.submit(usual, str(template), f"w{i}", pure=False) for i in range(2)])
            began = perf_counter()
            client.gather([client.submit(usual, str(template), f"g{i:02}", pure=False) for i in range(N_POOL)])
            per_report = (perf_counter() - began) / N_POOL
    peer = f"Dask with plain papermill and nbconvert, {per_report:.2f} s a report (n {N_POOL})"
    yield Figure("reports.fifty_dask", took, "s", N, N * per_report / MUST_DASK, peer, took / (N * per_report))


def thousand(study: Study) -> Iterator[Figure]:
    """All of them, none lost, and what the process that hands them out takes of memory meanwhile."""
    own, seen = psutil.Process(), []

    def tell(_outcome: object) -> None:
        seen.append(own.memory_info().rss)

    took, done = batch(study, N_THOUSAND, jobs=2, tell=tell)
    assert len({o.name for o in done.made}) == N_THOUSAND
    assert all((study.folder / "reports" / o.output).is_file() for o in done.made)
    yield Figure("reports.thousand_jobs_2", took, "s", N_THOUSAND, MUST_THOUSAND_S)
    yield Figure("reports.thousand_parent_grew", (seen[-1] - seen[len(seen) // 10]) / 1e6, "MB", N_THOUSAND, 20)
