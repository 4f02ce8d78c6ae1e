"""Event files: who did what and when, from CSV, TSV, JSON lines and Parquet, plain or gzipped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.errors import BadFile, BadRows, MissingColumn
from workbench.io.file_rows import (
    FileRows,
    begins_otherwise,
    check_packed,
    connect,
    copy_as_utf8,
    fetch,
    has_other_encoding,
    header_of,
    read_head,
    rows_of,
    unpack,
)
from workbench.io.formats import Format
from workbench.model import EventMapping

EXTENSIONS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz")

_TIMES = "Use 2026-10-05 09:30:00, with or without a zone, or seconds, milliseconds or microseconds since 1970."

_REJECTED = {
    "MISSING COLUMNS": "it has fewer values than the header has columns",
    "TOO MANY COLUMNS": "it has more values than the header has columns",
    "UNQUOTED VALUE": "a quotation mark in it is not closed",
    "INVALID ENCODING": "it is not UTF-8 text",
    "LINE SIZE OVER MAXIMUM": "it is longer than 2 MB",
}

#: Names by which exports of analytics tools are known: who, what and when.
_USUAL = (
    {"user_id", "distinct_id", "anonymous_id", "user_pseudo_id", "visitor_id", "client_id"},
    {"event", "event_name", "event_type", "name", "path"},
    {"ts", "time", "timestamp", "event_time", "event_timestamp", "received_at"},
)

#: What else the columns are called, in the order in which they are told apart.
_LOOKS_LIKE = {
    "time": "time|date|when|_at$|ts$",
    "user": "user|visitor|client|customer|account|person|id$",
    "event": "event|action|step|what|name",
}

#: Numbers since 1970 below this size are seconds, milliseconds, microseconds, nanoseconds; and what makes microseconds of them.
_SCALES = (("1e11", "1e6"), ("1e14", "1e3"), ("1e17", "1"), ("1e20", "1e-3"))

#: Years 1 to 9999, outside of which Python has no dates.
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999


def read_event_table(path: str | Path, mapping: EventMapping, *, skip_bad_rows: bool = False) -> pa.Table:
    """The events of a file, in its order.

    Parameters
    ----------
    path : CSV, TSV, JSON lines (or a JSON array) or Parquet, plain or gzipped; told apart by what is in it.
        Text is UTF-8; up to 64 MB it may be UTF-16 or Windows-1252
    mapping : which columns say who did what and when.  In JSON, ``properties.city`` reaches inside an object.
        Times are timestamps or ISO text, UTC where no zone is given; or numbers since 1970, taken as seconds, milliseconds,
        microseconds or nanoseconds by their size
    skip_bad_rows : leave bad rows out; :func:`skipped_rows` says how many

    Returns
    -------
    One row per event, with the mapped columns under their own names: text, and the time as ``timestamp[us, UTC]``.

    Raises
    ------
    BadFile
        It is missing, empty, a folder, damaged or of another kind.
    MissingColumn
    BadRows
        Rows without a user, an event or a readable time, or that are not rows at all, each with its number.  In CSV the
        header is row 1, as a spreadsheet counts.
    """
    path = Path(path)
    head, packed = read_head(path)
    if packed:
        check_packed(path)
    with TemporaryDirectory() as scratch:
        readable = copy_as_utf8(path, packed, Path(scratch)) if begins_otherwise(head) else path
        table, rejected, rows = _read(path, readable, mapping)
        if "INVALID ENCODING" in rejected.values() and has_other_encoding(path, packed):
            readable = copy_as_utf8(path, packed, Path(scratch))
            table, rejected, rows = _read(path, readable, mapping)
    return _checked(path, table, rejected, mapping, rows.first_row, skip_bad_rows)


def skipped_rows(table: pa.Table) -> int:
    """How many bad rows :func:`read_event_table` left out of a table."""
    return int((table.schema.metadata or {}).get(b"skipped_rows", b"0"))


def looks_like_events(_: Path, head: bytes) -> bool:
    """Whether a file is Parquet, or text whose first row names a user, an event and a time as analytics tools do."""
    if head.startswith(b"PAR1"):
        return True
    text = unpack(head).decode("utf-8-sig", errors="replace").lstrip()
    names = re.findall(r'"([^"]+)"\s*:', text.split("\n")[0]) if text.startswith(("{", "[")) else header_of(text)[0]
    lower = {name.casefold() for name in names}
    return all(lower & usual for usual in _USUAL)


FORMAT = Format("events", "Event log (CSV, JSON lines, Parquet)", "events", EXTENSIONS, looks_like_events, read_event_table)


def _read(named: Path, path: Path, mapping: EventMapping) -> tuple[pa.Table, dict[int, str], FileRows]:
    """The wanted columns of ``path``, which errors call ``named``; then the time as it was written and whether a row is broken."""
    names = _names(mapping)
    delimiter = "\t" if ".tsv" in named.suffixes else None
    try:
        with connect() as con:
            rows = rows_of(con, path, names, delimiter=delimiter)
            _check_columns(named, rows, mapping)
            table, rejected = fetch(con, rows, _expressions(rows, mapping))
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0].partition(": ")[2]
        raise BadFile(named, f"it cannot be read ({reason})", "Export it again, as CSV, JSON lines or Parquet.") from error
    return table.rename_columns([*names, "written", "broken"]), rejected, rows


def _names(mapping: EventMapping) -> list[str]:
    return list(dict.fromkeys([mapping.user, mapping.event, mapping.time, *mapping.attributes]))


def _check_columns(path: Path, rows: FileRows, mapping: EventMapping) -> None:
    purposes = {mapping.user: "who did it", mapping.event: "what happened", mapping.time: "when it happened"}
    for name in _names(mapping):
        if name not in rows.columns:
            advice = _lines_to_add(rows, mapping) if name in purposes else ""
            raise MissingColumn(path, name, rows.columns, purposes.get(name, "an attribute of events"), advice)


def _lines_to_add(rows: FileRows, mapping: EventMapping) -> str:
    """How study.toml says which columns are who, what and when, from the file's own columns."""
    found = {key: name for key in _LOOKS_LIKE if (name := getattr(mapping, key)) in rows.columns}
    for key in [k for k in _LOOKS_LIKE if k not in found]:
        found[key] = next(iter(_likely(key, [n for n in rows.columns if n not in found.values()], rows)), "")
    left = iter([n for n in rows.columns if n not in found.values()])
    lines = "\n".join(f"{key} = {json.dumps(found.get(key) or next(left, '…'), ensure_ascii=False)}" for key in ("user", "event", "time"))
    return f"Say in study.toml which columns are who, what and when; if these are right, add:\n[events]\n{lines}"


def _likely(key: str, names: Sequence[str], rows: FileRows) -> list[str]:
    """The columns that look like who, what or when, the likeliest first."""
    timed = [n for n in names if key == "time" and rows.columns[n][1].startswith(("TIMESTAMP", "DATE"))]
    usual = [n for n in names if n.casefold() in _USUAL[("user", "event", "time").index(key)]]
    return [*timed, *usual, *(n for n in names if re.search(_LOOKS_LIKE[key], n, re.IGNORECASE))]


def _expressions(rows: FileRows, mapping: EventMapping) -> list[str]:
    """What to select: each wanted column, then the time as it was written where it is none, then whether the row is broken."""
    text = {name: f"CAST({rows.columns[name][0]} AS VARCHAR)" for name in _names(mapping)}
    time = _microseconds(*rows.columns[mapping.time])
    for name in (mapping.user, mapping.event):
        text[name] = f"nullif(trim({text[name]}), '')"
    written = f"CASE WHEN {time} IS NULL THEN nullif(trim({text[mapping.time]}), '') END"
    return [*(text | {mapping.time: time}).values(), written, rows.broken]


def _microseconds(sql: str, kind: str) -> str:
    """SQL for a time as microseconds since 1970, NULL where it is none."""
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        found = f"epoch_us(CAST({sql} AS {'TIMESTAMP' if kind == 'DATE' else kind}))"
    else:
        number = f"TRY_CAST({sql} AS DOUBLE)"
        scaled = " ".join(f"WHEN abs({number}) < {limit} THEN {number} * {scale}" for limit, scale in _SCALES)
        scaled = f"CASE WHEN abs({number}) < 1e8 THEN NULL {scaled} END"
        found = f"coalesce(epoch_us(TRY_CAST(CAST({sql} AS VARCHAR) AS TIMESTAMPTZ)), CAST(round({scaled}) AS BIGINT))"
    return f"CASE WHEN {found} BETWEEN {_FIRST_US} AND {_LAST_US} THEN {found} END"


def _checked(
    path: Path, table: pa.Table, rejected: Mapping[int, str], mapping: EventMapping, first_row: int, skip_bad_rows: bool
) -> pa.Table:
    """The table without its helping columns and, if wished, without its bad rows."""
    missing = {name: table.column(name).is_null().to_numpy() for name in (mapping.user, mapping.event, mapping.time)}
    bad = np.logical_or.reduce(list(missing.values()))
    if (bad.any() or rejected) and not skip_bad_rows:
        problems = _problems(table, bad, missing, rejected, mapping, first_row)
        raise BadRows(path, problems, table.num_rows - int(bad.sum()))
    kept = table.drop_columns(["written", "broken"])
    kept = kept.filter(pa.array(~bad)) if bad.any() else kept
    types = {name: pa.timestamp("us", "UTC") if name == mapping.time else pa.string() for name in kept.column_names}
    return kept.cast(pa.schema(types.items(), {"skipped_rows": str(int(bad.sum()) + len(rejected))}))


def _problems(
    table: pa.Table,
    bad: NDArray[np.bool_],
    missing: Mapping[str, NDArray[np.bool_]],
    rejected: Mapping[int, str],
    mapping: EventMapping,
    first_row: int,
) -> Sequence[str]:
    """One sentence for each bad row, in order."""
    found = {line: _REJECTED.get(kind, kind.lower()) for line, kind in rejected.items()}
    numbers = np.setdiff1d(np.arange(first_row, first_row + table.num_rows + len(rejected)), list(rejected))
    for i in np.flatnonzero(bad).tolist():
        if table["broken"][i].as_py():
            found[int(numbers[i])] = "it is not a JSON object in UTF-8"
            continue
        written = table["written"][i].as_py()
        empty = [f'"{name}"' for name in missing if missing[name][i] and not (name == mapping.time and written)]
        parts = [f"nothing in {' and '.join(empty)}"] if empty else []
        parts += [f'"{written}" in "{mapping.time}" is not a time. {_TIMES}'] if written else []
        found[int(numbers[i])] = "; ".join(parts)
    return [f"row {number}: {found[number]}" for number in sorted(found)]
