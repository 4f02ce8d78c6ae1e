"""The runs of reports, one row each; they are a log, not part of the study, and so in no record of changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select

from workbench.errors import DiskFull, FolderNotWritable, StudyBusy
from workbench.store.database import Database
from workbench.store.schema import report_run


def save_run(db: Database, name: str, record: Mapping[str, Any]) -> None:
    """Keep one run: the page's name, and its run record with ``template``, ``started`` (UTC) and ``result``.

    A study that cannot be written to, or whose disk is full, or that somebody else is writing to, does without: the record lies beside the page too.
    """
    row = {"id": uuid4().hex, "name": name, **{k: record[k] for k in ("template", "started", "result")}, "record": dict(record)}
    with suppress(DiskFull, FolderNotWritable, StudyBusy), db.writing() as connection:
        connection.execute(insert(report_run), [row])


def last_runs(db: Database) -> dict[str, str]:
    """When each page's last run was begun."""
    with db.reading() as connection:
        rows = connection.execute(select(report_run.c.name, func.max(report_run.c.started)).group_by(report_run.c.name)).all()
    return {name: started for name, started in rows}  # noqa: C416  a row is no pair to mypy


def load_runs(db: Database, *, of_each: int | None = None) -> list[dict[str, Any]]:
    """The runs of all pages, oldest first: ``name``, ``template``, ``started``, ``result`` and the whole ``record``.

    Parameters
    ----------
    of_each : only so many of each page, the latest
    """
    newest = (report_run.c.started.desc(), report_run.c.id.desc())
    query = select(report_run)
    if of_each is not None:
        place = func.row_number().over(partition_by=report_run.c.name, order_by=newest)
        numbered = select(report_run.c.id, place.label("place")).subquery()
        query = query.join(numbered, (numbered.c.id == report_run.c.id) & (numbered.c.place <= of_each))
    with db.reading() as connection:
        rows = connection.execute(query.order_by(*newest)).mappings()
        return [dict(r) for r in rows][::-1]
