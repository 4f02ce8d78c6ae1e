"""Whether a report would come out differently from the page that is there, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.reports.html.formats import beside
from workbench.reports.planned import PlannedReport
from workbench.reports.provenance import RunRecord, file_facts, fingerprints, package_versions, python_version, read_record
from workbench.reports.templates.template_files import find_template, template_fingerprint
from workbench.study import Study


def why_run(study: Study, planned: PlannedReport, record: RunRecord | None = None) -> list[str]:
    """A sentence for each reason to make a report anew; none when its page would come out as it is.

    A file that a library reads by itself (Arrow, DuckDB) is not seen; ``reads`` in its ``[[report]]`` names it.

    Parameters
    ----------
    record : its run record, where it has just been read
    """
    page = planned.page(study)
    if not page.is_file():
        return ["There is no page yet."]
    record = record or read_record(page)
    if record is None:
        return ["There is no record of how the page was made."]
    return list(_reasons(study, planned, page, record))


def _reasons(study: Study, planned: PlannedReport, page: Path, record: RunRecord) -> Iterator[str]:
    if hashlib.sha256(page.read_bytes()).hexdigest() != record.output_sha256:
        yield "The page is not the one that its record tells of."
    for path in beside(page, planned.formats):
        if not path.is_file():
            yield f"{path.name} is missing."
    if planned.interactive != record.interactive:
        yield "Its charts are to be interactive." if planned.interactive else "Its charts are to be still."
    path = find_template(planned.template, study)
    if template_fingerprint(path) != record.template_sha256:
        yield f"The template {path.stem} was changed."
    yield from _differences("parameter", record.parameters, planned.parameters)
    yield from _inputs(study, record)
    yield from _files(study, planned, record)
    yield from _differences("version of", {**record.packages, "Python": record.python}, {**package_versions(), "Python": python_version()})


def _differences(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield f"The {what} {name} is {now.get(name)!s} and was {before.get(name)!s}."


def _inputs(study: Study, record: RunRecord) -> Iterator[str]:
    """What it read of the study and was changed since."""
    now = fingerprints(study, record.tables)
    changed = [name for name in now if name != "study" and now[name] != record.inputs.get(name)]
    if changed:
        yield f"Changed in the study: {', '.join(sorted(changed))}."


def _files(study: Study, planned: PlannedReport, record: RunRecord) -> Iterator[str]:
    folder = study.folder.resolve()
    for name, known in record.files.items():
        if not _is_as_it_was(folder / name, known):
            yield f"The file {name} was changed." if (folder / name).exists() else f"The file {name} is gone."
    for name in planned.reads:
        if name not in record.files:
            yield f"The file {name} is named in study.toml since."


def _is_as_it_was(path: Path, known: Mapping[str, Any]) -> bool:
    """By size and time, which every writer changes; by content, where the time is another."""
    try:
        about = path.stat()
    except OSError:
        return not known
    if (about.st_size, about.st_mtime_ns) == (known.get("size"), known.get("mtime_ns")):
        return True
    return file_facts(path).get("sha256") == known.get("sha256")
