"""Tables as text: delimited files and JSON lists, whatever their encoding, delimiter and number of heading rows.

What was decided while reading (see :attr:`Table.how`) can be shown, and overridden.  Nothing is guessed about the cells.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import log2
from pathlib import Path
from typing import Any, TypedDict

from workbench.errors import BadFile, BadSetting, MissingColumn
from workbench.files import write_whole
from workbench.io.headings import Heading, read_headings
from workbench.io.text_file import read_text

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 1 << 16

#: What a spreadsheet would run as a formula, and such text with the apostrophes that keep it from doing so.
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_HELD = re.compile(r"'+[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class ReadAs(TypedDict, total=False):
    """How to read a table, where looking at it gives the wrong answer."""

    header_rows: int | None
    delimiter: str | None
    encoding: str | None


@dataclass(frozen=True)
class Table:
    """A table of text.

    ``rows`` holds one mapping per row, column name to cell; ``row_numbers`` says which row of the file each is, the first one
    being 1, headings and blank rows counted as a spreadsheet does. ``headings`` holds the wording above each column (a whole
    question, often). ``problems`` are sentences on rows that do not fit the headings and are not in ``rows``, by row number;
    ``notes`` are sentences on what was changed in order to read it.
    """

    path: Path
    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    row_numbers: Sequence[int]
    headings: Mapping[str, str]
    encoding: str = "utf-8"
    delimiter: str = ""
    header_rows: int = 1
    problems: Mapping[int, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def how(self) -> str:
        """How the file was read, for a person."""
        if not self.delimiter:
            return f"{self.encoding}, JSON"
        rows = "1 heading row" if self.header_rows == 1 else f"{self.header_rows} heading rows"
        return f"{self.encoding}, {DELIMITERS.get(self.delimiter, self.delimiter)} between cells, {rows}"

    def numbered(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Each row with its number in the file."""
        return zip(self.row_numbers, self.rows, strict=True)

    def find(self, *spellings: str) -> str | None:
        """The first column of this name or wording; capitals, blanks and signs do not count."""
        for wanted in map(squash, spellings):
            for of in (lambda c: c, self.headings.__getitem__):
                hit = next((c for c in self.columns if squash(of(c)) == wanted), None)
                if hit is not None:
                    return hit
        return None

    def need(self, *spellings: str, purpose: str = "") -> str:
        """The same, where the table is of no use without it.

        Raises
        ------
        MissingColumn
        """
        found = self.find(*spellings)
        if found is None:
            raise MissingColumn(self.path, spellings[0], self.columns, purpose)
        return found


def refuse_near_names(table: Table, names: Iterable[str]) -> None:
    """Stop at a column that nearly has a name which means something, where no column has that name: a slip, which would go unseen.

    Raises
    ------
    BadFile
    """
    absent = {squash(name): name for name in names if table.find(name) is None}
    for column in table.columns:
        near = get_close_matches(squash(column), absent, n=1, cutoff=0.8)
        if near:
            raise BadFile(
                table.path,
                f'the column "{column}" nearly is "{absent[near[0]]}"',
                "Call it that, or give it a name that is not so like it.",
            )


def squash(name: str) -> str:
    """A name as names are compared: ``Don't use`` and ``dont_use`` are the same."""
    return re.sub(r"[\W_]+", "", name.casefold())


# Reading


def read_table(path: Path, *, header_rows: int | None = None, delimiter: str | None = None, encoding: str | None = None) -> Table:
    """A delimited file, or a JSON list of objects, as a table of text.

    Parameters
    ----------
    path : the file; ``.json`` is read as JSON, everything else as delimited text
    header_rows : how many rows are headings (1 to 3); looked for when not given: Qualtrics has three or two,
        SurveyMonkey two or three
    delimiter : what separates cells; the most even of comma, semicolon, tab and bar when not given
    encoding : of the text; looked for when not given

    Raises
    ------
    BadFile
        The file is no text, a quotation mark is never closed, or the JSON is not a list of objects.
    """
    if header_rows not in (None, 1, 2, 3):
        raise BadSetting("header_rows", f"{header_rows} was asked for", "Use 1, 2 or 3.")
    if path.suffix.lower() == ".json":
        return table_of(path, *read_json(path, encoding))
    text, encoding = read_text(path, encoding)
    told = re.match(r"sep=(.)\n", text)
    delimiter = delimiter or (told[1] if told else find_delimiter(text))
    rows = [(n, cells) for n, cells in _records(path, text, delimiter) if any(c.strip() for c in cells) and not (told and n == 1)]
    depth, found = read_headings([[c.strip() for c in cells] for _, cells in rows[:4]], header_rows)
    headings, notes = _usable(found, rows[depth:])
    good, problems = _fitting(rows[depth:], max((h.at + 1 for h in headings), default=0))
    return Table(
        path=path,
        columns=[h.name for h in headings],
        rows=[{h.name: cells[h.at] for h in headings} for _, cells in good],
        row_numbers=[n for n, _ in good],
        headings={h.name: h.wording for h in headings},
        encoding=encoding,
        delimiter=delimiter,
        header_rows=depth,
        problems=problems,
        notes=notes,
    )


def find_delimiter(text: str) -> str:
    """The sign that divides the first rows most evenly into most cells; a comma when none does."""
    lines = text[:_SAMPLE]

    def evenness(delimiter: str) -> float:
        try:
            rows = [row for row in csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0
        rows = rows[:-1] if len(lines) == _SAMPLE else rows
        widths = [len(row) for row in rows] or [1]
        return widths.count(widths[0]) / len(widths) * log2(widths[0])

    return max(DELIMITERS, key=evenness)


def read_json(path: Path, encoding: str | None = None) -> tuple[Any, str]:
    """What a JSON file holds, and its encoding.

    Raises
    ------
    BadFile
    """
    text, encoding = read_text(path, encoding)
    try:
        return json.loads(text), encoding
    except json.JSONDecodeError as error:
        found = f"it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise BadFile(path, found, "Mend it there, or export it again.") from None
    except RecursionError:
        raise BadFile(path, "its JSON is nested too deeply to be a table", "Export it again as a list of objects.") from None


def table_of(path: Path, objects: Any, encoding: str = "utf-8") -> Table:
    """JSON objects as a table of text: one row per object, one column per name that any of them has.

    Raises
    ------
    BadFile
        It is not a list of objects.
    """
    if not isinstance(objects, list) or (objects and not any(isinstance(o, dict) for o in objects)):
        raise BadFile(path, "the JSON in it is not a list of objects", 'Write [{"name": "…"}, …], one object for each row.')
    numbered = list(enumerate(objects, 1))
    columns = list(dict.fromkeys(name for o in objects if isinstance(o, dict) for name in o))
    return Table(
        path=path,
        columns=columns,
        rows=[{name: _as_text(o.get(name)) for name in columns} for _, o in numbered if isinstance(o, dict)],
        row_numbers=[n for n, o in numbered if isinstance(o, dict)],
        headings={name: name for name in columns},
        encoding=encoding,
        header_rows=0,
        problems={n: f"row {n} is not an object. Write names and values in braces." for n, o in numbered if not isinstance(o, dict)},
    )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _records(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    with _no_limit(len(text)):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        records: list[list[str]] = []
        try:
            records.extend(reader)
        except csv.Error as error:
            found = f"row {len(records) + 1} (up to line {reader.line_num}) cannot be divided into cells ({error})"
            raise BadFile(
                path, found, 'A cell that holds quotation marks must be quoted, and each of them doubled: "so ""fast"" now".'
            ) from None
    return list(enumerate(records, 1))


@contextmanager
def _no_limit(n_characters: int) -> Iterator[None]:
    """Let a cell be as long as the file: transcripts come in cells, and csv's own limit is 131 072 characters."""
    before = csv.field_size_limit(max(n_characters, 1 << 17))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _usable(found: Sequence[Heading], body: Sequence[tuple[int, list[str]]]) -> tuple[list[Heading], list[str]]:
    """The headings with a name of its own each; a column with neither name nor cells is left out."""
    headings, notes, seen = [], [], Counter[str]()
    taken = {h.name for h in found}
    for h in found:
        name = h.name or f"column {h.at + 1}"
        if not h.name:
            if not any(h.at < len(cells) and cells[h.at].strip() for _, cells in body):
                continue
            notes.append(f'Column {h.at + 1} has no heading; it is called "{name}".')
        seen[name] += 1
        if seen[name] > 1:
            name = next(f"{name} ({n})" for n in range(seen[name], len(found) + 2) if f"{name} ({n})" not in taken)
            taken.add(name)
            notes.append(f'Column {h.at + 1} has the heading "{h.name}" like another one; it is called "{name}".')
        headings.append(Heading(h.at, name, h.wording or name))
    return headings, notes


def _fitting(body: Sequence[tuple[int, list[str]]], width: int) -> tuple[list[tuple[int, list[str]]], dict[int, str]]:
    """The rows that have a cell for each heading and no others, and a sentence on each of the rest."""
    good, problems = [], {}
    for n, cells in body:
        if len(cells) < width or any(c.strip() for c in cells[width:]):
            have = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            advice = "Look for a missing or an extra delimiter, or a line break outside quotation marks."
            problems[n] = f"row {n} has {have} where the headings have {width}. {advice}"
        else:
            good.append((n, cells))
    return good, problems


# Telling one kind of table from another


def head_columns(path: Path, head: bytes) -> set[str]:
    """The column names that the first bytes of a table show, squashed; of JSON, every name in them."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if b"\0" in head[1:2] else "utf-8-sig"
    text = head.decode(encoding, errors="replace")
    if path.suffix.lower() == ".json":
        return {squash(name) for name in re.findall(r'"([^"\\\n]{1,80})"\s*:', text)}
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("sep=")]
    first = "\n".join(lines[:20])
    try:
        return {squash(name) for name in next(csv.reader(io.StringIO(first), delimiter=find_delimiter(first)), [])}
    except csv.Error:
        return set()


# Writing


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a table as CSV (or tab-separated, or JSON, by the file's extension) that reads back the same.

    In CSV, text that a spreadsheet would run as a formula gets an apostrophe in front; :func:`unhold` takes it off again.

    Raises
    ------
    BadFile
        The extension is none of ``.csv``, ``.tsv`` and ``.json``.
    FolderNotWritable
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".tsv", ".json"):
        raise BadFile(path, f'a table cannot be written as "{kind or path.name}"', "Use .csv, .tsv or .json.")
    if kind == ".json":
        objects = [{c: row[c] for c in columns if row.get(c) not in (None, "")} for row in rows]
        write_file(path, json.dumps(objects, ensure_ascii=False, indent=1) + "\n")
        return
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if kind == ".tsv" else ",", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(c)) for c in columns] for row in rows)
    write_file(path, out.getvalue())


def write_file(path: Path, text: str) -> None:
    """Write UTF-8 with LF, all of it or nothing: what was there before stays until then.

    Raises
    ------
    FolderNotWritable, DiskFull, BadFile
    """
    write_whole(path, text.encode())


def unhold(cell: str) -> str:
    """A cell without the apostrophe that :func:`write_table` put in front of a would-be formula."""
    return cell[1:] if _HELD.match(cell) else cell


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    runs = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs or _HELD.match(text) else text
