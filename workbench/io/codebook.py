"""A codebook as a table: one row per code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Unpack

from workbench.errors import did_you_mean
from workbench.io.bad_cells import BadCells, truth
from workbench.io.formats import Format
from workbench.io.tables import ReadAs, Table, head_columns, read_table, squash, unhold, write_table
from workbench.model import VALENCE_RANGE, Code, Codebook, CodeKind

Names = tuple[str, ...]

_SEPARATOR = " / "
_SPELLINGS = {
    "name": ("name", "code"),
    "path": ("path",),
    "kind": ("kind", "type"),
    "parent": ("parent",),
    "colour": ("colour", "color"),
    "definition": ("definition", "description"),
    "use": ("use", "when to use"),
    "dont_use": ("dont_use", "do not use", "when not to use"),
    "example": ("example",),
    "valence": ("valence",),
    "retired": ("retired",),
    "position": ("position",),
}
_TEXTS = ("colour", "definition", "use", "dont_use", "example")
_WRITTEN = ("name", "parent", "kind", *_TEXTS, "valence", "retired", "position")


def read_codebook(path: Path, *, skip_bad_rows: bool = False, **read_as: Unpack[ReadAs]) -> list[Code]:
    """The codes of a table, in its order.  Their ids are provisional: the path, such as ``Time pressure / Slot expires``.

    Columns: ``name``, or ``path`` with the names above it in front (``name`` may hold paths too, where there is no column
    ``parent``); ``parent`` (a name or a path), ``kind``, ``colour``, ``definition``, ``use``, ``dont_use``, ``example``, ``valence``,
    ``retired``, ``position``. A name above that has no row of its own becomes a code of kind *other*.

    Raises
    ------
    MissingColumn
        There is no name and no path.
    BadRows
        A code has no name, an unknown kind or parent, a valence out of range, or the same path as another; or parents form a circle.
    """
    table = read_table(path, **read_as)
    bad = BadCells(table)
    columns = {field: c for field, spellings in _SPELLINGS.items() if (c := table.find(*spellings))}
    if "path" not in columns:
        columns["name"] = table.need("name", "code", purpose="a codebook")
    rows = {n: {field: _cell(table, row[c]) for field, c in columns.items()} for n, row in table.numbered()}
    names = _names(rows, columns, bad)
    values = {n: _values(n, row, columns, bad) for n, row in rows.items()}
    bad.check(skip_bad_rows=skip_bad_rows)
    return _tree({names[n]: values[n] for n in rows if n not in bad})


def fields_told(path: Path, **read_as: Unpack[ReadAs]) -> set[str]:
    """Of which fields of a code a file says something: those that have a column; all of them in JSON, which leaves out what is empty."""
    table = read_table(path, **read_as)
    return {field for field, spellings in _SPELLINGS.items() if not table.delimiter or table.find(*spellings)}


def write_codebook(codes: Iterable[Code], path: Path) -> None:
    """Write codes as CSV or JSON, by the file's extension, each parent before its children.  What is read back differs in ids only.

    Raises
    ------
    BadFile
    FolderNotWritable
    """
    book = Codebook(codes)
    rows = []
    for code in book:
        row: dict[str, object] = {field: getattr(code, field) for field in _WRITTEN}
        row |= {"kind": code.kind.value, "parent": book.path(book.by_id(code.parent)) if code.parent else "", "retired": code.retired or ""}
        rows.append(row)
    write_table(path, _WRITTEN, rows)


def read_kind(cell: str) -> CodeKind | None:
    """The kind of code that a word means: ``pain``, ``Pain points`` and ``pain_point`` are all one."""
    word = squash(cell)
    spellings = {word, word.removesuffix("s"), re.sub("ies$", "y", word)}
    return next((kind for kind in CodeKind if spellings & {squash(kind.value), squash(kind.name)}), None)


def _cell(table: Table, cell: str) -> str:
    return unhold(cell) if table.delimiter else cell


def _names(rows: Mapping[int, Mapping[str, str]], columns: Mapping[str, str], bad: BadCells) -> dict[int, Names]:
    """Each row's name with the names above it; rows for which there is none, or the same as before, are noted."""
    field = "path" if "path" in columns else "name"
    given = {n: row[field].strip() for n, row in rows.items()}
    for n, name in given.items():
        if not name:
            bad.add(n, columns[field], "it is empty", "Give each code a name.")
    given = {n: name for n, name in given.items() if name}
    if field == "path" or "parent" not in columns:
        names = {n: tuple(part.strip() for part in name.split(_SEPARATOR) if part.strip()) for n, name in given.items()}
    else:
        names = _below(given, {n: rows[n]["parent"].strip() for n in given}, columns["parent"], bad)
    first: dict[str, int] = {}
    for n, path in sorted(names.items()):
        key = _SEPARATOR.join(path).casefold()
        if first.setdefault(key, n) != n:
            bad.add(n, columns[field], f'"{_SEPARATOR.join(path)}" is in row {first[key]} already', "Rename one of the two.")
    return names


def _below(names: Mapping[int, str], parents: Mapping[int, str], column: str, bad: BadCells) -> dict[int, Names]:
    """Paths from names and the parents they name, found from the top of the tree downwards."""
    paths: dict[int, Names] = {n: (name,) for n, name in names.items() if not parents[n]}
    alike: dict[str, list[int]] = {}
    for n, name in names.items():
        alike.setdefault(name.casefold(), []).append(n)
    while True:
        known = {_SEPARATOR.join(path).casefold(): path for path in paths.values()}
        for n, rows in ((n, alike.get(parents[n].casefold(), [])) for n in names):
            if len(rows) == 1 and rows[0] in paths:
                known.setdefault(parents[n].casefold(), paths[rows[0]])
        found = {n: (*known[parents[n].casefold()], names[n]) for n in names if n not in paths and parents[n].casefold() in known}
        if not found:
            break
        paths |= found
    for n in names.keys() - paths.keys():
        bad.add(n, column, *_why_lost(parents[n], alike, names.values()))
    return paths


def _why_lost(parent: str, alike: Mapping[str, list[int]], names: Iterable[str]) -> tuple[str, str]:
    n_alike = len(alike.get(parent.casefold(), ()))
    if n_alike > 1:
        return f'{n_alike} codes are called "{parent}"', "Write its path, with the names above it in front."
    if n_alike == 1:
        return f'"{parent}" is this code, is below it, or has no place itself', "Choose another parent."
    return f'there is no code "{parent}" in the file', did_you_mean(parent, names)


def _values(n: int, row: Mapping[str, str], columns: Mapping[str, str], bad: BadCells) -> dict[str, Any]:
    """What a row says of its code, name and parent aside."""
    word = row.get("kind", "").strip()
    kind = read_kind(word) if word else CodeKind.OTHER
    if kind is None:
        bad.add(n, columns["kind"], f'"{word}" is not a kind of code', f"Accepted: {', '.join(CodeKind)}.")
    values: dict[str, Any] = {field: row.get(field, "") for field in _TEXTS}
    values |= {"kind": kind, "retired": truth(row.get("retired", "")) or False}
    values["valence"] = bad.whole_number(n, columns.get("valence", ""), row.get("valence", ""), *VALENCE_RANGE)
    position = bad.whole_number(n, columns.get("position", ""), row.get("position", ""))
    return values if position is None else values | {"position": position}


def _tree(rows: Mapping[Names, Mapping[str, Any]]) -> list[Code]:
    """Codes with their parents' ids, in the order of the rows, each missing parent before its first child."""
    own_row = {_key(path) for path in rows}
    whole: dict[Names, tuple[str, Mapping[str, Any]]] = {}
    for path, values in rows.items():
        for depth in range(1, len(path)):
            if _key(path[:depth]) not in own_row:
                whole.setdefault(_key(path[:depth]), (path[depth - 1], {}))
        whole[_key(path)] = (path[-1], values)

    def id_of(key: Names) -> str:
        return _SEPARATOR.join(whole[key[:depth]][0] for depth in range(1, len(key) + 1))

    return [
        Code(id=id_of(key), name=name, parent=id_of(key[:-1]) if len(key) > 1 else None, **{"position": i, **values})
        for i, (key, (name, values)) in enumerate(whole.items())
    ]


def _key(names: Names) -> Names:
    return tuple(name.casefold() for name in names)


def sniff(path: Path, head: bytes) -> bool:
    """Whether a table has names of codes, and their kinds or definitions."""
    names = head_columns(path, head)
    others = {"quote", "verbatimquote", "start", "personas", "opportunities"}
    return bool(names & {"name", "path", "code"}) and bool(names & {"kind", "definition"}) and not names & others


FORMAT = Format("codebook", "Codebook (CSV or JSON)", "codebook", (".csv", ".tsv", ".json"), sniff, read_codebook)
