"""One report: template and parameters in, one HTML file and its run record out."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from workbench.errors import BadFile, ReportFailed, WorkbenchError, cannot_write
from workbench.files import write_together
from workbench.model import ReportFormat, moments
from workbench.reports.engine.limits import Limits
from workbench.reports.engine.papermill_engine import start_early
from workbench.reports.execute import Executed, execute, is_injected
from workbench.reports.html.exporter import render_html
from workbench.reports.html.formats import beside, in_formats
from workbench.reports.locks import page_lock
from workbench.reports.planned import check_reads
from workbench.reports.provenance import RunRecord, file_facts, fingerprints, kept, package_versions, python_version, read_record
from workbench.reports.shown import is_summary, since_last, what_is_shown
from workbench.reports.templates.parameters import check_parameters
from workbench.reports.templates.template_files import STUDY_PARAMETER, find_template, given_by_users, read_notebook, template_fingerprint
from workbench.store import newest_seq, save_run
from workbench.study import Study, open_study

LONGEST_SLUG = 80

#: The folders in front of a file's name.
_WHERE = re.compile(r"(?<![\w/])(?:/[^\s/:]+)+/([^\s/:]+)")


def run_report(
    template: str,
    study: Study,
    parameters: Mapping[str, Any] | None = None,
    *,
    out: str | Path | None = None,
    limits: Limits | None = None,
    reads: Sequence[str] = (),
    formats: Sequence[ReportFormat] = (),
    interactive: bool = False,
    progress: bool = False,
    held: bool = False,
) -> RunRecord:
    """Run a template on a study and write the report.

    The HTML and its record (same name, ``.json``) appear together when everything went well; until then the report from before
    stays.  A failing cell leaves the notebook, as far as it ran, beside it as ``….partial.ipynb``.

    Parameters
    ----------
    template : a name or a path, see :func:`find_template`
    parameters : values for the names in its parameters cell; text is converted to their type
    out : the HTML file; by default in the study's ``reports/``, named for the template and the parameters
    limits : how long it may take, and how much memory
    reads : files, below the study's folder, on which it depends beside those that it is seen to read
    formats : what it is written as beside HTML
    interactive : whether its charts answer mouse and keyboard
    progress : show a progress bar on standard error
    held : whether the caller holds the page; otherwise it waits here while another process makes the same page

    Raises
    ------
    UnknownName, BadParameter, BadFile, BadSetting
        There is no such template, a parameter, ``out`` or ``reads`` is wrong; before anything runs.
    ReportFailed
        A cell failed, or a limit was passed.
    FolderNotWritable, DiskFull
        The report from before is still there.
    """
    path = find_template(template, study)
    fingerprint, notebook = template_fingerprint(path), read_notebook(path)
    values = check_parameters({p.name: p for p in given_by_users(notebook, path)}, dict(parameters or {}), path.name)
    target = _checked(Path(out)) if out else study.folder / "reports" / f"{path.stem}{_slug(values)}.html"
    check_reads(study.folder, reads, "reads")
    _make_folder(target.parent)
    order = _Order(study, notebook, target, limits or Limits(), tuple(reads), tuple(formats), interactive=interactive, progress=progress)
    with nullcontext() if held else _held(study, target):
        begun = RunRecord(
            template=path.stem, template_sha256=fingerprint, parameters=values, inputs={}, packages=package_versions(),
            python=python_version(), started=moments.as_text(datetime.now(UTC)), duration_s=0, result="ok", output=target.name,
            interactive=interactive, formats=order.formats, seq=newest_seq(study.db), data_of=moments.to_the_minute(changed) if (changed := study.last_changed) else "",
        )  # fmt: skip
        clock = time.perf_counter()
        start_early()
        try:
            record = _made(order, begun, clock)
        except WorkbenchError as error:
            _log(order, replace(begun, result=str(error), duration_s=_since(clock)))
            raise
        _log(order, record)
    return record


@dataclass(frozen=True)
class _Order:
    """What is to be made, after everything that was asked for has been checked."""

    study: Study
    notebook: NotebookNode
    target: Path
    limits: Limits
    reads: tuple[str, ...]
    formats: tuple[ReportFormat, ...]
    interactive: bool
    progress: bool


def _made(order: _Order, begun: RunRecord, clock: float) -> RunRecord:
    """Run the notebook and write the page with all that lies beside it; the record of how that went."""
    study, target = order.study, order.target
    executed = _executed(order, begun)
    readable, notes = _for_readers(executed.notebook, study.folder)
    tables = _tables(study, executed)
    record = replace(
        begun, inputs=_inputs(study, tables, begun), engine=executed.engine, memory_mb=executed.memory_mb, tables=tables,
        files=_files(study, executed, order.reads), notes=notes, shown=what_is_shown(readable),
    )  # fmt: skip
    last = read_record(target)
    record = replace(record, before=_before(record, last))
    html = render_html(_with_news(readable, record), interactive=order.interactive)
    record = replace(record, output_sha256=hashlib.sha256(html.encode()).hexdigest(), duration_s=_since(clock))
    others = in_formats(readable, html, target, order.formats)
    write_together({target: html.encode(), **others, target.with_suffix(".json"): record.as_json().encode()})
    outdated = {*beside(target, last.formats if last else ())} - {*others}  # what they say is no longer on the page
    for path in (*outdated, _partial(target)):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return record


def _since(clock: float) -> float:
    return round(time.perf_counter() - clock, 3)


def _log(order: _Order, record: RunRecord) -> None:
    """Keep the run where the page of all reports finds it; a page that lies elsewhere is not on that."""
    if is_listed(order.study, order.target):
        save_run(order.study.db, page_name(order.study, order.target), kept(record))


def _before(record: RunRecord, last: RunRecord | None) -> Mapping[str, Any]:
    """What the page is compared with: the last one of other data; made again of the same, it is the same page."""
    if last is None or last.template != record.template or last.parameters != record.parameters:
        return {}
    same = (last.inputs, _contents(last)) == (record.inputs, _contents(record))
    return last.before if same else {"data_of": last.data_of, "shown": last.shown}


def _contents(record: RunRecord) -> dict[str, Any]:
    return {path: facts.get("sha256") for path, facts in record.files.items()}


def _with_news(notebook: NotebookNode, record: RunRecord) -> NotebookNode:
    """The notebook with what is new on it, below its summary."""
    if not record.before or not record.before["shown"].get("items"):
        return notebook
    block = since_last(record.before["shown"], record.before["data_of"], record.shown, notebook)
    output = new_output("display_data", block._repr_mimebundle_())
    summary = next((n for n, c in enumerate(notebook.cells) if any(is_summary(o) for o in c.get("outputs", ()))), len(notebook.cells) - 1)
    cells = [*notebook.cells[: summary + 1], new_code_cell("", outputs=[output]), *notebook.cells[summary + 1 :]]
    return NotebookNode({**notebook, "cells": cells})


def _held(study: Study, page: Path) -> AbstractContextManager[None]:
    """The page, for nobody but us; one that lies elsewhere than in the study's ``reports/`` is made by no batch."""
    folder = study.folder / "reports"
    return page_lock(folder, page_name(study, page)) if is_listed(study, page) else nullcontext()


def is_listed(study: Study, page: Path) -> bool:
    """Whether a page lies in the study's ``reports/``, where the page of all reports tells of it."""
    return page.resolve().is_relative_to((study.folder / "reports").resolve())


def page_name(study: Study, page: Path) -> str:
    """What a page is called: its place below the study's ``reports/``, without the ending."""
    return page.resolve().relative_to((study.folder / "reports").resolve()).with_suffix("").as_posix()


def _partial(target: Path) -> Path:
    return target.with_suffix(".partial.ipynb")


def _executed(order: _Order, begun: RunRecord) -> Executed:
    partial, kept = _partial(order.target), order.target if order.target.exists() else None
    values = {**begun.parameters, STUDY_PARAMETER: str(order.study.folder.resolve())}
    try:
        return execute(order.notebook, begun.template, values, partial, limits=order.limits, progress=order.progress, kept=kept)
    except BaseException as error:
        if not isinstance(error, ReportFailed):  # interrupted, or without a kernel: there is nothing to learn from it
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        raise


def _tables(study: Study, executed: Executed) -> tuple[str, ...]:
    """The tables of the study that the notebook read."""
    return tuple(sorted(what[2] for what in executed.noted if what[:2] == ("table", study.db.place)))


def _inputs(study: Study, tables: Sequence[str], begun: RunRecord) -> dict[str, str]:
    """Fingerprints of what was read, as it was before the run: what somebody changed meanwhile must count as changed."""
    if newest_seq(study.db) == begun.seq:
        return fingerprints(study, tables)
    with closing(open_study(study.folder, as_of=begun.started)) as before:
        return fingerprints(before, tables)


def _files(study: Study, executed: Executed, reads: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is known of the files that were read, and of the databases of other studies."""
    folder = study.folder.resolve()
    own = {str(folder / "study.toml"), study.db.place}
    seen = {what[1] for what in executed.noted if what[0] in ("file", "table")} - own
    named = {str(folder / name) for name in reads}
    facts = {path: file_facts(Path(path)) for path in sorted(seen | named)}
    return {_below(folder, path): found for path, found in facts.items() if found or path in named}


def _below(folder: Path, path: str) -> str:
    """A path as the record names it: below the study's folder, where it is."""
    return Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else path


def _for_readers(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, tuple[str, ...]]:
    """The notebook without what only this machine needs to know, and what it said on standard error."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    notebook.cells = [c for c in notebook.cells if not is_injected(c)]
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
