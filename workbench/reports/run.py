"""One report: template and parameters in, one HTML file and its run record out."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.errors import BadFile, FolderNotWritable, ReportFailed, UnknownName
from workbench.reports.html import render_html
from workbench.reports.parameters import Parameter, check_parameters, read_parameters
from workbench.reports.provenance import RunRecord, fingerprints, package_versions, python_version
from workbench.resources import resource
from workbench.study import Study

#: Given by the runner, never by the user.
STUDY_PARAMETER = "study_dir"


def find_template(name: str, study: Study | None = None) -> Path:
    """A template by its name (in the study's ``templates/``, then among those that come with workbench) or by its path.

    Raises
    ------
    UnknownName
    """
    if name.endswith(".ipynb") and Path(name).is_file():
        return Path(name)
    places = ([study.folder / "templates"] if study else []) + [resource("templates")]
    for place in places:
        if (path := place / f"{name.removesuffix('.ipynb')}.ipynb").is_file():
            return path
    raise UnknownName("template", name, [p.stem for place in places for p in place.glob("*.ipynb")])


def template_parameters(name: str, study: Study | None = None) -> list[Parameter]:
    """What a template can be given, in its own order."""
    path = find_template(name, study)
    return _given_by_users(_read(path), path)


def run_report(
    template: str, study: Study, parameters: Mapping[str, Any] | None = None, *, out: str | Path | None = None, progress: bool = False
) -> RunRecord:
    """Run a template on a study and write the report.

    The HTML and its record (same name, ``.json``) appear together when everything went well; until then the report from before
    stays.  A failing cell leaves the notebook, as far as it ran, beside it as ``….partial.ipynb``.

    Parameters
    ----------
    template : a name or a path, see :func:`find_template`
    parameters : values for the names in its parameters cell; text is converted to their type
    out : the HTML file; by default in the study's ``reports/``, named for the template and the parameters
    progress : show a progress bar on standard error

    Raises
    ------
    BadParameter
        Before anything runs.
    ReportFailed
        A cell failed.
    """
    path = find_template(template, study)
    notebook = _read(path)
    given = dict(parameters or {})
    values = check_parameters({p.name: p for p in _given_by_users(notebook, path)}, given, path.name)
    target = Path(out) if out else study.folder / "reports" / f"{path.stem}{_slug(given)}.html"
    partial = target.with_suffix(".partial.ipynb")
    _make_folder(target.parent)
    started, clock = datetime.now(UTC), time.perf_counter()
    executed = _execute(notebook, path, {**values, STUDY_PARAMETER: str(study.folder.resolve())}, target, partial, progress)
    html = render_html(_for_readers(executed))
    record = RunRecord(
        template=path.stem, template_sha256=hashlib.sha256(path.read_bytes()).hexdigest(), parameters=values, inputs=fingerprints(study),
        packages=package_versions(), python=python_version(), started=started.isoformat(timespec="seconds"),
        duration_s=round(time.perf_counter() - clock, 3), result="ok", output=target.name,
    )  # fmt: skip
    _replace(target, html)
    record.write(target.with_suffix(".json"))
    partial.unlink(missing_ok=True)
    return record


def _given_by_users(notebook: NotebookNode, path: Path) -> list[Parameter]:
    return [p for p in read_parameters(notebook, path.name).values() if p.name != STUDY_PARAMETER]


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        raise BadFile(path, f"it is not a notebook ({str(error).splitlines()[0]})", "Open it in JupyterLab and save it again.") from error


def _execute(notebook: NotebookNode, path: Path, values: Mapping[str, Any], target: Path, partial: Path, progress: bool) -> NotebookNode:
    os.environ["WORKBENCH_QUICK_IMPORTS"] = "1"  # the kernel inherits it
    # Papermill warns of "str | None", which it cannot read; the parameters were checked before.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="wb-") as sockets:
        return _run_cells(notebook, path, values, target, partial, progress, sockets)


def _run_cells(
    notebook: NotebookNode, path: Path, values: Mapping[str, Any], target: Path, partial: Path, progress: bool, sockets: str
) -> NotebookNode:
    try:
        return papermill.execute_notebook(
            notebook, str(partial), parameters=dict(values), kernel_name="python3", progress_bar={"desc": path.stem} if progress else False,
            log_output=False, config=_own_sockets(sockets),
        )  # fmt: skip
    except PapermillExecutionError as error:
        n_code = sum(c.cell_type == "code" for c in notebook.cells[: error.cell_index])
        first = next((line for line in error.source.splitlines() if line.strip()), "")
        raise ReportFailed(
            path.stem, max(n_code, 1), first[:80], f"{error.ename}: {error.evalue}", partial, target if target.exists() else None
        ) from None


def _own_sockets(folder: str) -> Config:
    """Talk to the kernel through files of its own, where the system has them: no port that another report could have, no open one."""
    config = Config()
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{folder}/k"
    return config


def _for_readers(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what only this machine needs to know."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
    notebook.cells = [c for c in notebook.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    return notebook


def _replace(target: Path, text: str) -> None:
    unfinished = target.with_name(target.name + ".part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise FolderNotWritable(target, error.strerror or str(error)) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or str(error)) from error


def _slug(given: Mapping[str, Any]) -> str:
    words = [f"{v}" for v in given.values() if v not in (None, "", [])]
    return "".join("-" + re.sub(r"[^\w]+", "-", w).strip("-").lower() for w in words)[:80]
