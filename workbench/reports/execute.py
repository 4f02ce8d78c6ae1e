"""A template's cells, run by papermill: the executed notebook, what it read, and what went wrong in a sentence."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.errors import MissingTool, ReportFailed, cannot_write
from workbench.reports.engine.limits import Limits
from workbench.reports.engine.papermill_engine import KERNEL, WATCHED, WorkbenchEngine
from workbench.reports.scratch import own_folder
from workbench.store.reads import VARIABLE, noted_in

#: Forks where it can, and starts an ordinary kernel where it cannot.
ENGINE = "workbench"
papermill_engines.register(ENGINE, WorkbenchEngine)  # the package may be used without being installed

#: A kernel that is told to stop says so on our standard error.
QUIET = ["--log-level=CRITICAL"]

#: Some systems take no longer path than 104 bytes for a socket, and the kernel adds a few to its folder.
LONGEST_SOCKET_FOLDER = 90

#: How Python says that there was no memory left.
_NO_MEMORY = ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException")


@dataclass(frozen=True)
class Executed:
    """A notebook that ran: its cells with their outputs, who ran it (``fork``, or ``kernel`` and why), and what it read."""

    notebook: NotebookNode
    engine: str
    noted: frozenset[tuple[str, ...]]

    @property
    def memory_mb(self) -> float | None:
        """The most memory that its process had, as far as it could say."""
        return max((float(what[1]) for what in self.noted if what[0] == "memory"), default=None)


def execute(
    notebook: NotebookNode, name: str, values: Mapping[str, Any], partial: Path, *, limits: Limits, progress: bool, kept: Path | None
) -> Executed:
    """Run every cell.

    Parameters
    ----------
    name : the template's, for messages
    values : for its parameters
    partial : where the notebook is kept, as far as it ran, when it fails
    kept : the page from before, if there is one

    Raises
    ------
    ReportFailed
        A cell failed, or a limit was passed.
    MissingTool
        There is no working kernel.
    FolderNotWritable, DiskFull
    """
    # Papermill warns of "str | None", which it cannot read, and of a kernel that died, which is in our own sentence.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    with own_folder() as folder:
        reads = Path(folder) / "reads"
        with _environment({"WORKBENCH_QUICK_IMPORTS": "1", VARIABLE: str(reads), **limits.environment}):
            done = _run_cells(notebook, name, values, partial, limits, progress, kept, folder)
        how = done.metadata.papermill.workbench  # which the engine always says
        engine = ": ".join(x for x in (how.engine, how.get("why", "")) if x)
        return Executed(done, engine, frozenset(noted_in(reads)))


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for what is started inside."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _run_cells(
    notebook: NotebookNode, name: str, values: Mapping[str, Any], partial: Path, limits: Limits, progress: bool, kept: Path | None, folder: str
) -> NotebookNode:  # fmt: skip
    watched: list[NotebookNode] = []

    def failed(n_code: int, source: str, error: str, *, may_pass: bool = False) -> ReportFailed:
        _write(watched[0], partial)
        first = next((line for line in source.splitlines() if line.strip()), "")
        return ReportFailed(name, max(n_code, 1), first[:80], error, partial, kept, may_pass=may_pass)

    def failed_in_last(error: str, *, may_pass: bool = False) -> ReportFailed:
        begun = _begun(watched[0])
        return failed(len(begun), begun[-1].source if begun else "", error, may_pass=may_pass)

    try:
        return papermill.execute_notebook(
            notebook, None, parameters=dict(values), engine_name=ENGINE, kernel_name=KERNEL, language="python",
            progress_bar={"desc": name} if progress else False, log_output=False, config=_own_sockets(folder), extra_arguments=QUIET,
            timeout_func=limits.cell_timeout(), **{WATCHED: watched},
        )  # fmt: skip
    except PapermillExecutionError as error:
        n_code = sum(c.cell_type == "code" for c in notebook.cells[: error.cell_index])
        if error.ename in _NO_MEMORY and limits.memory_mb is not None:
            raise failed(n_code, error.source, f"more memory than its limit of {limits.memory_mb} MB allows") from None
        raise failed(n_code, error.source, ": ".join(x for x in (error.ename, error.evalue) if x)) from None
    except CellTimeoutError:
        raise failed_in_last(f"the end of its time: {limits.time_s:g} s for the whole report") from None
    except (DeadKernelError, ConnectionError):
        died = "the end of its process: perhaps the memory ran out, or something in it called exit"
        raise failed_in_last(died, may_pass=True) from None
    except (NoSuchKernel, RuntimeError) as error:
        raise MissingTool(f'A working Jupyter kernel "{KERNEL}" ({error})', "python -m ipykernel install --sys-prefix") from error


def _write(notebook: NotebookNode, path: Path) -> None:
    try:
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from error


def is_injected(cell: NotebookNode) -> bool:
    """Whether papermill put this cell in."""
    return "injected-parameters" in cell.metadata.get("tags", [])


def _begun(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells of a template that ran, or had begun to, when its kernel died."""
    cells = [c for c in notebook.cells if c.cell_type == "code" and not is_injected(c)]
    return [c for c in cells if c.metadata.get("papermill", {}).get("start_time")]


def _own_sockets(folder: str) -> Config:
    """Talk to the kernel through files of its own, where the system has them: no port that another report could have, no open one."""
    config = Config()
    if os.name == "posix" and len(os.fsencode(folder)) < LONGEST_SOCKET_FOLDER:
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{folder}/k"
    return config
