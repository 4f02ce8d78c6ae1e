"""Codings as a table: one row per code on a passage, told by its words, its position, or its time in the recording.

Where a row's words stand in its transcript is found by :func:`workbench.analysis.placing.place_codings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Unpack

from workbench.errors import MissingColumn
from workbench.io.bad_cells import BadCells
from workbench.io.formats import Format
from workbench.io.tables import ReadAs, Table, head_columns, read_json, read_table, table_of, unhold, write_table
from workbench.model import VALENCE_RANGE

_SPELLINGS = {
    "transcript": ("transcript", "interview", "document", "participant", "participant_id"),
    "coder": ("coder", "coded by"),
    "code": ("code",),
    "start": ("start",),
    "end": ("end",),
    "quote": ("quote", "verbatim_quote", "excerpt", "text"),
    "intensity": ("intensity",),
    "sentiment": ("sentiment",),
    "memo": ("memo", "context", "comment"),
    "at_ms": ("at_ms", "start_ms"),
    "at": ("at",),
}
_WRITTEN = ("transcript", "coder", "code", "start", "end", "quote", "intensity", "memo", "at_ms")
_PASSAGE = ("quote", "start", "end", "at_ms", "at")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?:[.,](\d{1,3}))?", re.ASCII)
_SENTIMENTS = {"negative": -1, "positive": 1, "neutral": 0, "mixed": 0, "": None}


@dataclass(frozen=True)
class CodingRow:
    """One row of a table of codings, as it was written: nothing in it has been looked up.

    ``row`` is its number in the file; ``start`` and ``end`` count code points of the transcript; ``at_ms`` is the time in the
    recording, in milliseconds; ``intensity`` is -2 to 2.
    """

    row: int
    transcript: str
    coder: str
    code: str
    quote: str = ""
    start: int | None = None
    end: int | None = None
    intensity: int | None = None
    memo: str = ""
    at_ms: int | None = None


class Frame(Protocol):
    """A pandas frame, as far as it is needed here."""

    def to_dict(self, orient: Any) -> Any: ...


def read_coding_rows(path: Path, *, skip_bad_rows: bool = False, **read_as: Unpack[ReadAs]) -> list[CodingRow]:
    """The codings of a table.

    Columns: ``code`` and one of ``quote``, ``start`` with ``end``, and ``at_ms`` or ``at`` (``07:14``) (needed), ``transcript`` (the
    file's name without its extension, if there is no such column), ``coder``, ``intensity``, ``memo``. JSON may also have the shape
    ``{"participant_id": …, "codes": [{"code", "verbatim_quote", "context", "sentiment"}]}``: then the sentiment is the intensity
    (negative -1, positive 1, neutral and mixed 0) and the context the memo.

    Raises
    ------
    MissingColumn
    BadRows
        A row has no code, no transcript or no passage, or a number that is none or out of range.
    """
    table = _read(path, read_as)
    bad = BadCells(table)
    columns = {field: c for field, spellings in _SPELLINGS.items() if (c := table.find(*spellings))}
    columns["code"] = table.need("code", purpose="codings")
    if not columns.keys() & set(_PASSAGE):
        raise MissingColumn(path, "quote", table.columns, "or start and end, or at_ms, or at")
    rows = [_coding_row(n, {f: _cell(table, row[c]) for f, c in columns.items()}, columns, bad, path.stem) for n, row in table.numbered()]
    bad.check(skip_bad_rows=skip_bad_rows)
    return [row for row in rows if row.row not in bad]


def write_codings(codings: Iterable[CodingRow] | Iterable[Mapping[str, Any]] | Frame, path: Path) -> None:
    """Write codings as CSV or JSON, by the file's extension, so that they read back the same.

    Parameters
    ----------
    codings : rows, mappings, or a frame, with columns named as in :class:`CodingRow`; a study's table of codings is one too
    path : ends in ``.csv``, ``.tsv`` or ``.json``

    Raises
    ------
    BadFile
    FolderNotWritable
    """
    records = codings.to_dict("records") if hasattr(codings, "to_dict") else codings
    write_table(path, _WRITTEN, [_record(asdict(r) if isinstance(r, CodingRow) else r) for r in records])


def _read(path: Path, read_as: ReadAs) -> Table:
    if path.suffix.lower() != ".json":
        return read_table(path, **read_as)
    given, encoding = read_json(path, read_as.get("encoding"))
    sheets = given if isinstance(given, list) else [given]
    if sheets and all(isinstance(sheet, dict) and isinstance(sheet.get("codes"), list) for sheet in sheets):
        given = [{**_without_codes(sheet), **c} if isinstance(c, dict) else c for sheet in sheets for c in sheet["codes"]]
    return table_of(path, given, encoding)


def _without_codes(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sheet.items() if name != "codes"}


def _cell(table: Table, cell: str) -> str:
    return unhold(cell) if table.delimiter else cell


def _coding_row(n: int, row: Mapping[str, str], columns: Mapping[str, str], bad: BadCells, stem: str) -> CodingRow:
    for field in ("code", "transcript"):
        if field in columns and not row[field].strip():
            bad.add(n, columns[field], "it is empty", f"Name the {field}.")

    def number(field: str, low: int | None = 0, high: int | None = None) -> int | None:
        return bad.whole_number(n, columns[field], row[field], low, high) if field in columns else None

    start, end, at_ms = number("start"), number("end"), number("at_ms")
    if at_ms is None:
        at_ms = _clock(n, row, columns, bad)
    _check_passage(n, row, start, end, columns, bad)
    intensity = number("intensity", *VALENCE_RANGE)
    return CodingRow(
        row=n,
        transcript=row.get("transcript", stem).strip(),
        coder=row.get("coder", "").strip(),
        code=row["code"].strip(),
        quote=row.get("quote", ""),
        start=start,
        end=end,
        intensity=_sentiment(n, row, columns, bad) if intensity is None else intensity,
        memo=row.get("memo", ""),
        at_ms=at_ms,
    )


def _check_passage(n: int, row: Mapping[str, str], start: int | None, end: int | None, columns: Mapping[str, str], bad: BadCells) -> None:
    told = {field for field in _PASSAGE if row.get(field, "").strip()}
    if not told:
        column = next(columns[field] for field in _PASSAGE if field in columns)
        bad.add(n, column, "it is empty", "Give the words, or start and end.")
    elif len(told & {"start", "end"}) == 1:
        given, lacking = ("start", "end") if "start" in told else ("end", "start")
        bad.add(n, columns[given], f"there is no {lacking} with it", "Give both, or neither.")
    elif start is not None and end is not None and start >= end:
        bad.add(n, columns["end"], f"{end} is not after {start}", "Use 0 <= start < end.")


def _clock(n: int, row: Mapping[str, str], columns: Mapping[str, str], bad: BadCells) -> int | None:
    """Milliseconds from ``07:14``, ``1:07:14`` or ``07:14.250``."""
    cell = row.get("at", "").strip()
    if not cell:
        return None
    time = _CLOCK.fullmatch(cell)
    if time is None:
        bad.add(n, columns["at"], f'"{cell}" is not a time', "Write minutes and seconds as 07:14, or hours too as 1:07:14.")
        return None
    return ((int(time[1] or 0) * 60 + int(time[2])) * 60 + int(time[3])) * 1000 + int((time[4] or "").ljust(3, "0"))


def _sentiment(n: int, row: Mapping[str, str], columns: Mapping[str, str], bad: BadCells) -> int | None:
    word = row.get("sentiment", "").strip().casefold()
    if word not in _SENTIMENTS:
        bad.add(n, columns["sentiment"], f'"{word}" is not a sentiment', "Accepted: positive, negative, neutral, mixed.")
    return _SENTIMENTS.get(word)


def _record(given: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it is written; a table of the study names some things otherwise, and tells codes of the same name apart by path."""
    also = {"code": "path", "quote": "text", "at_ms": "start_ms"}
    return {field: _whole(given.get(also.get(field, field), given.get(field))) for field in _WRITTEN}


def _whole(value: Any) -> Any:
    """Numbers as integers again, and gaps as nothing: pandas makes floats of integers with gaps, and has three kinds of gap."""
    if isinstance(value, str):
        return value
    text = str(value)
    if text in ("None", "nan", "<NA>", "NaT"):
        return None
    return int(float(text)) if re.fullmatch(r"-?\d+(\.0)?", text) else value


def sniff(path: Path, head: bytes) -> bool:
    """Whether a table has codes, and the words or the position that each is put on."""
    names = head_columns(path, head)
    return "code" in names and bool(names & {"quote", "verbatimquote", "start"}) and not names & {"personas", "opportunities"}


FORMAT = Format("codings", "Codings (CSV or JSON)", "codings", (".csv", ".tsv", ".json"), sniff, read_coding_rows)
