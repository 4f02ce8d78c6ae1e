"""Event files of a study, and of none, as one prepared log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from workbench.analysis.events import EventLog
from workbench.errors import BadFile
from workbench.io.events import read_event_table
from workbench.model import EventMapping, Source


def read_events(
    path: str | Path, *, user_col: str = "user_id", event_col: str = "event", time_col: str = "ts", attributes: Sequence[str] = ()
) -> EventLog:
    """A prepared event log from a CSV, Parquet or JSON-lines file.

    Parameters
    ----------
    user_col, event_col, time_col : the columns that say who did what and when; times without a zone are UTC
    attributes : further columns to keep, for filters and groups

    Raises
    ------
    MissingColumn, BadRows, BadFile
    """
    mapping = EventMapping(user_col, event_col, time_col, tuple(attributes))
    return _log([read_event_table(Path(path), mapping)], mapping)


def load_events(folder: Path, mapping: EventMapping, sources: Iterable[Source]) -> EventLog | None:
    """The log of all event files that a study holds; ``None`` when there is none.

    Raises
    ------
    BadFile
        An original is not as it was.
    """
    tables = [
        read_event_table(_original(folder, s), mapping, skip_bad_rows="skip_bad_rows" in s.options) for s in sources if s.kind == "events"
    ]
    return _log(tables, mapping) if tables else None


def _original(folder: Path, source: Source) -> Path:
    path = folder / "datasets" / source.stored_as
    advice = "Put it back from a backup, or undo its import and import it again."
    if not path.is_file():
        raise BadFile(path, f"the original of {source.name} is missing", advice)
    if path.stat().st_size != source.size_bytes:
        raise BadFile(path, f"the original of {source.name} was changed after it was imported", advice)
    return path


def _log(tables: Sequence[pa.Table], mapping: EventMapping) -> EventLog:
    return EventLog.from_table(
        pa.concat_tables(tables, promote_options="permissive"),
        user_col=mapping.user,
        event_col=mapping.event,
        time_col=mapping.time,
        attributes=mapping.attributes,
    )
