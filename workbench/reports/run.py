"""One report: template and parameters in, one HTML file and its run record out."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.errors import BadFile, MissingTool, ReportFailed, UnknownName, cannot_write
from workbench.reports.engine import WorkbenchEngine, start_early
from workbench.reports.html import render_html
from workbench.reports.parameters import Parameter, check_parameters, read_parameters
from workbench.reports.provenance import RunRecord, fingerprints, package_versions, python_version
from workbench.resources import resource
from workbench.study import Study

#: Given by the runner, never by the user.
STUDY_PARAMETER = "study_dir"
KERNEL = "python3"

#: Forks where it can, and starts an ordinary kernel where it cannot.
ENGINE = "workbench"
papermill_engines.register(ENGINE, WorkbenchEngine)  # the package may be used without being installed

#: A kernel that is told to stop says so on our standard error.
QUIET = ["--log-level=CRITICAL"]

LONGEST_SLUG = 80

#: Some systems take no longer path than 104 bytes for a socket, and the kernel adds a few to its folder.
LONGEST_SOCKET_FOLDER = 90

#: The folders in front of a file's name.
_WHERE = re.compile(r"(?<![\w/])(?:/[^\s/:]+)+/([^\s/:]+)")


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
    raise UnknownName("template", name, [p.stem for place in places for p in place.glob("*.ipynb") if p.is_file()])


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
    UnknownName, BadParameter, BadFile
        There is no such template, a parameter or ``out`` is wrong; before anything runs.
    ReportFailed
        A cell failed.
    FolderNotWritable, DiskFull
        The report from before is still there.
    """
    path = find_template(template, study)
    notebook = _read(path)
    values = check_parameters({p.name: p for p in _given_by_users(notebook, path)}, dict(parameters or {}), path.name)
    target = _checked(Path(out)) if out else study.folder / "reports" / f"{path.stem}{_slug(values)}.html"
    partial = target.with_suffix(".partial.ipynb")
    _make_folder(target.parent)
    started, clock = datetime.now(UTC), time.perf_counter()
    start_early(KERNEL)
    inputs = fingerprints(study)  # before the run: what somebody changes meanwhile must count as changed
    executed = _execute(notebook, path, {**values, STUDY_PARAMETER: str(study.folder.resolve())}, target, partial, progress)
    readable, notes = _for_readers(executed, study.folder)
    html = render_html(readable)
    record = RunRecord(
        template=path.stem, template_sha256=hashlib.sha256(path.read_bytes()).hexdigest(), parameters=values, inputs=inputs,
        packages=package_versions(), python=python_version(), started=started.isoformat(timespec="seconds"),
        duration_s=round(time.perf_counter() - clock, 3), result="ok", output=target.name, notes=notes,
    )  # fmt: skip
    _replace({target.with_suffix(".json"): record.as_json(), target: html})
    with suppress(OSError):
        partial.unlink(missing_ok=True)
    return record


def _given_by_users(notebook: NotebookNode, path: Path) -> list[Parameter]:
    return [p for p in read_parameters(notebook, path.name).values() if p.name != STUDY_PARAMETER]


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error
    except (ValueError, TypeError, AttributeError, KeyError, nbformat.ValidationError) as error:  # whatever shape its JSON has
        found = f"it is not a notebook ({(str(error).splitlines() or [type(error).__name__])[0]})"
        raise BadFile(path, found, "Open it in JupyterLab and save it again.") from error


def _execute(notebook: NotebookNode, path: Path, values: Mapping[str, Any], target: Path, partial: Path, progress: bool) -> NotebookNode:
    os.environ["WORKBENCH_QUICK_IMPORTS"] = "1"  # the kernel inherits it
    # Papermill warns of "str | None", which it cannot read, and of a kernel that died, which is in our own sentence.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wb-") as sockets:
        return _run_cells(notebook, path, values, target, partial, progress, sockets)


def _run_cells(
    notebook: NotebookNode, path: Path, values: Mapping[str, Any], target: Path, partial: Path, progress: bool, sockets: str
) -> NotebookNode:
    def failed(n_code: int, source: str, error: str) -> ReportFailed:
        first = next((line for line in source.splitlines() if line.strip()), "")
        return ReportFailed(path.stem, max(n_code, 1), first[:80], error, partial, target if target.exists() else None)

    try:
        return papermill.execute_notebook(
            notebook, _literally(partial), parameters=dict(values), engine_name=ENGINE, kernel_name=KERNEL, language="python",
            progress_bar={"desc": path.stem} if progress else False, log_output=False, config=_own_sockets(sockets), extra_arguments=QUIET,
        )  # fmt: skip
    except PapermillExecutionError as error:
        n_code = sum(c.cell_type == "code" for c in notebook.cells[: error.cell_index])
        raise failed(n_code, error.source, ": ".join(x for x in (error.ename, error.evalue) if x)) from None
    except DeadKernelError:
        begun = _begun(partial)
        died = "the end of its process: perhaps the memory ran out, or something in it called exit"
        raise failed(len(begun), begun[-1].source if begun else "", died) from None
    except (NoSuchKernel, RuntimeError) as error:
        raise MissingTool(f'A working Jupyter kernel "{KERNEL}" ({error})', "python -m ipykernel install --sys-prefix") from error
    except OSError as error:
        raise cannot_write(error.filename or partial, error) from error


def _begun(partial: Path) -> list[NotebookNode]:
    """The code cells of a template that ran, or had begun to, when its kernel died."""
    cells = [c for c in _read(partial).cells if c.cell_type == "code" and not _is_injected(c)]
    return [c for c in cells if c.metadata.get("papermill", {}).get("start_time")]


def _is_injected(cell: NotebookNode) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", [])


def _literally(path: Path) -> str:
    """A path for papermill, which takes braces in it for the names of parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _own_sockets(folder: str) -> Config:
    """Talk to the kernel through files of its own, where the system has them: no port that another report could have, no open one."""
    config = Config()
    if os.name == "posix" and len(os.fsencode(folder)) < LONGEST_SOCKET_FOLDER:
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{folder}/k"
    return config


def _for_readers(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, tuple[str, ...]]:
    """The notebook without what only this machine needs to know, and what it said on standard error."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    notebook.cells = [c for c in notebook.cells if not _is_injected(c)]
    notes: list[str] = []
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if cell.cell_type == "code":
            aside = [o for o in cell.outputs if o.get("name") == "stderr"]
            notes += [line for o in aside for line in _WHERE.sub(r"\1", o.text).splitlines() if line.strip()]
            cell.outputs = [_without(str(folder.resolve()), folder.resolve().name, o) for o in cell.outputs if o not in aside]
    return notebook, tuple(dict.fromkeys(notes))


def _without(path: str, name: str, value: Any) -> Any:
    """An output that names the study's folder without saying where on this machine it lies."""
    if isinstance(value, str):
        return value.replace(path, name)
    if isinstance(value, dict):
        return type(value)({k: _without(path, name, v) for k, v in value.items()})
    return [_without(path, name, v) for v in value] if isinstance(value, list) else value


def _checked(target: Path) -> Path:
    """A place for the page that leaves room for its record beside it."""
    if target.suffix.lower() not in (".html", ".htm"):
        raise BadFile(target, "a report is an HTML file", "Name one that ends in .html.")
    if target.is_dir():
        raise BadFile(target, "this is a folder", "Name a file in it that ends in .html.")
    return target


def _replace(texts: Mapping[Path, str]) -> None:
    """Write all files, or none: each is finished before the first takes its place."""
    unfinished = {target: target.with_name(target.name + ".part") for target in texts}
    try:
        for target, text in texts.items():
            unfinished[target].write_text(text, encoding="utf-8")
        for target, part in unfinished.items():
            part.replace(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        for part in unfinished.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _slug(values: Mapping[str, Any]) -> str:
    """What tells reports of one template apart in their file names."""
    said = "".join(f"-{name}-{value}" for name, value in values.items() if value not in (None, "", []))
    words = re.sub(r"[^\w]+", "-", said).rstrip("-").lower()
    return words if len(words) <= LONGEST_SLUG else f"{words[:LONGEST_SLUG]}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
