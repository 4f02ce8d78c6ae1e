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
from dataclasses import dataclass
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

N, N_TIMES, N_POOL, N_SEGMENTS, N_THOUSAND = 50, 5, 10, 30, 1000
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


@dataclass(frozen=True)
class Round:
    """Seconds, one after the other: all reports by us from nothing, when all is imported, and by command; one report by peers."""

    ours: float
    warm: float
    by_command: float
    pool: float
    pool_pictures: float
    commands: float


def one_round(study: Study, template: Path, pool: ProcessPoolExecutor, i: int) -> Round:
    """Everything in turn, so that a busy moment of the machine does not fall on one of them only."""
    groups = [f"r{i}g{n:02}" for n in range(N_POOL)]
    return Round(
        from_nothing(study),
        batch(study, N, jobs=2, which=Which.ALL)[0],
        *times(partial(by_our_command, study), 1),
        _seconds(pool, usual, template, groups),
        _seconds(pool, partial(usual, pictures=True), template, groups),
        *times(partial(by_commands, template, study.folder), 1),
    )


def figures() -> Iterator[Figure]:
    """What 50 and 1,000 reports take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "fifty" / "templates" / "three.ipynb"
        with closing(study_with(folder / "fifty", N)) as study:
            with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
                first = list(pool.map(usual, [str(template)] * 2, ["g00", "g01"]))
                rounds = [one_round(study, template, pool, i) for i in range(N_TIMES)]
            page = (study.folder / "reports" / "three-g00.html").read_text("utf-8")
            assert _NUMBERS.findall(page) == _NUMBERS.findall(first[0]) != []
            pool_says = f"a report in two warm processes with papermill and nbconvert (n {N_POOL} in each of {N_TIMES} rounds)"
            yield _against("fifty_jobs_2", [(r.ours, r.pool) for r in rounds], MUST_POOL, f"{pool_says}, no chart seen offline")
            yield _against("fifty_jobs_2_pictures", [(r.ours, r.pool_pictures) for r in rounds], None, f"{pool_says}, charts seen offline")
            yield _against("fifty_jobs_2_warm", [(r.warm, r.pool) for r in rounds], None, pool_says)
            by_commands_says = f"a report by the commands papermill and nbconvert (n {N_TIMES})"
            yield _against("fifty_jobs_2_again", [(r.ours, r.commands) for r in rounds], MUST_COMMANDS, by_commands_says)
            yield _against("fifty_by_our_command", [(r.by_command, r.commands) for r in rounds], None, by_commands_says)
            again = [batch(study, N) for _ in range(N_TIMES)]
            assert all(len(done.unchanged) == N for _, done in again)
            unchanged, made = median(seconds for seconds, _ in again), median(r.pool for r in rounds) * N
            yield Figure("reports.fifty_unchanged", unchanged, "s", N, made / MUST_UNCHANGED, "running them in the pool", unchanged / made)
            yield from on_dask(study, template)
        with closing(study_with(folder / "thousand", N_THOUSAND, segments=N_SEGMENTS)) as study:
            yield from thousand(study)


def _against(name: str, pairs: Sequence[tuple[float, float]], must: float | None, peer: str) -> Figure:
    """Our seconds for all, against a peer's for one; the ratio is the median of the rounds' ratios."""
    ours, ratio = median(all_ for all_, _ in pairs), median(all_ / (N * one) for all_, one in pairs)
    limit = ours / ratio / must if must else None
    return Figure(f"reports.{name}", ours, "s", N, limit, f"{median(one for _, one in pairs):.2f} s {peer}", ratio)


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
