"""The rows of a file as something that SQL can select from: CSV, TSV, JSON lines and Parquet, plain or gzipped.

Column names of a file reach the SQL only as quoted identifiers or as bound values, its path as a bound value.
DuckDB runs with the extensions that it was built with: it fetches none.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.errors import BadFile
from workbench.io.text_file import looks_like, read_text

HEAD_BYTES = 256 * 1024

_KEYS_SAMPLE = 1_000
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
_CSV = (
    "read_csv(?, columns = ?, delim = ?, compression = ?, strict_mode = ?, header = true, auto_detect = false, "
    "quote = '\"', escape = '\"', store_rejects = true)"
)


@dataclass(frozen=True)
class FileRows:
    """What to select from, and how.

    Parameters
    ----------
    sql : what stands after FROM, with ``params`` bound in it
    columns : by the file's own names: an SQL expression and its type
    broken : SQL that says whether a row is none
    first_row : the number of the first row of data, as a person counts
    loose_params : for a second try, when the strict parser of CSV gives up
    """

    sql: str
    params: Sequence[Any]
    columns: Mapping[str, tuple[str, str]]
    broken: str = "false"
    first_row: int = 1
    loose_params: Sequence[Any] = ()


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that reads files of this machine, counts in UTC and never asks the network."""
    con = duckdb.connect(config=_OFFLINE)
    con.execute("SET TimeZone = 'UTC'")
    return con


def read_head(path: Path) -> tuple[bytes, bool]:
    """The first bytes of a file, unpacked, and whether they were packed.

    Raises
    ------
    BadFile
        It is missing, a folder, empty, cannot be read, or is known to be something else.
    """
    if path.is_dir():
        raise BadFile(path, "this is a folder", "Name a file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise BadFile(path, "there is no such file", "Check the spelling and the folder you are in.") from None
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error
    packed = head.startswith(_GZIP)
    head = unpack(head)
    if not head.strip():
        raise BadFile(path, "the file is empty", "Export it again from where it came.")
    other = looks_like(head)
    if other and not head.startswith(_PARQUET):
        raise BadFile(path, f"this looks like {other}, not like a table", "Export it as CSV, JSON lines or Parquet.")
    return head, packed


def check_packed(path: Path) -> None:
    """Unpack a gzip file to its end: DuckDB takes the beginning of a cut-off one for all of it.

    Raises
    ------
    BadFile
    """
    try:
        with gzip.open(path) as file:
            while file.read(HEAD_BYTES):
                pass
    except (EOFError, OSError, zlib.error) as error:
        raise BadFile(path, "the compressed file is damaged or cut off", "Fetch it again from where it came.") from error


def unpack(head: bytes) -> bytes:
    """The beginning of a file, unpacked as far as it goes when it is gzipped."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def begins_otherwise(head: bytes) -> bool:
    """Whether a text begins in another encoding than UTF-8: as UTF-16 does, or with a first line that does not fit."""
    if head.startswith(_PARQUET):
        return False
    try:
        head.partition(b"\n")[0].decode("utf-8")
    except UnicodeDecodeError:
        return True
    return b"\0" in head[:4096]


def has_other_encoding(path: Path, packed: bool) -> bool:
    """Whether a text is not UTF-8 as a whole, rather than UTF-8 with a few damaged rows."""
    with gzip.open(path) if packed else path.open("rb") as file:
        text = file.read(64 * HEAD_BYTES).decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    sound = sum(character > "\x7f" for character in text) - damaged
    return damaged > 10 * sound


def copy_as_utf8(path: Path, packed: bool, folder: Path) -> Path:
    """A copy of a text file in UTF-8, whatever it was in.

    Raises
    ------
    BadFile
        The encoding cannot be told, or the file is too large to be tried.
    """
    plain = path
    if packed:
        plain = folder / path.name
        plain.write_bytes(gzip.decompress(path.read_bytes()))
    text, _ = read_text(plain)
    copy = folder / "utf8"
    copy.write_text(text, encoding="utf-8", newline="\n")
    return copy


def rows_of(con: duckdb.DuckDBPyConnection, path: Path, wanted: Sequence[str], *, delimiter: str | None = None) -> FileRows:
    """The rows of a file, told apart by what is in it.

    Parameters
    ----------
    wanted : the columns that will be asked for; JSON objects need not all have the same, so these are looked for
    delimiter : of CSV; the one that gives the header most columns, if none is given
    """
    head, packed = read_head(path)
    if head.startswith(_PARQUET):
        return _parquet(con, path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
        return _json_objects(con, path, packed, wanted)
    return _delimited(path, head, packed, delimiter)


def fetch(con: duckdb.DuckDBPyConnection, rows: FileRows, expressions: Sequence[str]) -> tuple[pa.Table, dict[int, str]]:
    """The expressions as the columns of a table, in the order of the file; and lines of CSV that are no rows, with the reason."""
    select = ", ".join(f"{sql} AS o{i}" for i, sql in enumerate(expressions))
    try:
        result = con.execute(f"SELECT {select} FROM {rows.sql}", rows.params)  # noqa: S608
        # the second name is the one before duckdb 1.5
        table = result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.fetch_arrow_table()
    except duckdb.InvalidInputException:
        if not rows.loose_params:
            raise
        # mixed line ends stop the strict parser altogether
        con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        return fetch(con, replace(rows, params=rows.loose_params, loose_params=()), expressions)
    rejected = con.execute("SELECT line, error_type FROM reject_errors ORDER BY line").fetchall() if rows.sql == _CSV else []
    return table, dict(rejected)


def header_of(text: str, delimiter: str | None = None) -> tuple[list[str], str]:
    """The column names of a delimited text, and its delimiter; of two equal names the second becomes ``name_1``."""
    choice = [delimiter] if delimiter else [",", ";", "\t", "|"]
    rows = {d: next(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=d), []) for d in choice}
    best = max(choice, key=lambda d: len(rows[d]))
    names: list[str] = []
    for name in (n.strip() for n in rows[best]):
        same = sum(n == name for n in names)
        names.append(f"{name}_{same}" if same else name)
    return names, best


def _parquet(con: duckdb.DuckDBPyConnection, path: Path) -> FileRows:
    sql, params = "read_parquet(?, hive_partitioning = false)", [_one_file(path)]
    columns = con.execute(f"DESCRIBE SELECT * FROM {sql}", params).fetchall()  # noqa: S608
    return FileRows(sql, params, {name: (_quoted(name), kind) for name, kind, *_ in columns})


def _json_objects(con: duckdb.DuckDBPyConnection, path: Path, packed: bool, wanted: Sequence[str]) -> FileRows:
    source = "read_json_objects(?, format = 'auto', ignore_errors = true, compression = ?)"
    params = [_one_file(path), _compression(packed)]
    keys: set[str] = set()
    for limit in (f" LIMIT {_KEYS_SAMPLE}", ""):
        if not all(name in keys or name.partition(".")[0] in keys for name in wanted):
            found = con.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM (FROM {source}{limit})", params).fetchall()  # noqa: S608
            keys = {name for (name,) in found}
    known = [name for name in wanted if name in keys or name.partition(".")[0] in keys]
    sql = f"(SELECT json_extract_string(json, ?) AS v, json IS NULL AS broken FROM {source})"  # noqa: S608
    columns = dict.fromkeys(sorted(keys), ("NULL", "VARCHAR")) | {name: (f"v[{i}]", "VARCHAR") for i, name in enumerate(known, start=1)}
    return FileRows(sql, [[_json_path(name, keys) for name in known], *params], columns, broken="broken")


def _delimited(path: Path, head: bytes, packed: bool, delimiter: str | None) -> FileRows:
    names, delimiter = header_of(head.decode("utf-8-sig", errors="replace"), delimiter)
    codes = {f"c{i}": "VARCHAR" for i in range(len(names))}
    params = [_one_file(path), codes, delimiter, _compression(packed)]
    columns = {name: (f"c{i}", "VARCHAR") for i, name in enumerate(names)}
    return FileRows(_CSV, [*params, True], columns, first_row=2, loose_params=[*params, False])


def _compression(packed: bool) -> str:
    return "gzip" if packed else "uncompressed"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _one_file(path: Path) -> str:
    """A path that DuckDB takes for this one file, whatever characters are in it."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.absolute()))


def _json_path(name: str, keys: Collection[str]) -> str:
    parts = [name] if name in keys else name.split(".")
    return "$" + "".join('."' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)
