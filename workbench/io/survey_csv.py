"""Survey answers: one row per respondent, from whichever tool exported them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Unpack

from workbench.errors import BadFile
from workbench.io.bad_cells import BadCells
from workbench.io.days import read_day, read_days
from workbench.io.formats import Format
from workbench.io.tables import ReadAs, Table, head_columns, read_table, squash
from workbench.model import Response, SurveyMapping

#: What the tools call the column that tells one answer sheet from another, the surest first.
_RESPONDENT = ("response id", "respondent id", "respondent", "record id", "id", "token", "participant id", "participant", "user id")
_ANSWERED = (
    "answered", "submitted", "submit date", "date submitted", "end date", "recorded date", "completed", "completed at", "timestamp",
    "date", "start date",
)  # fmt: skip
#: What the tools note beside the answers.
_NOT_ASKED = (
    "response id", "response set", "respondent id", "collector id", "collector", "start date", "end date", "recorded date",
    "date created", "date modified", "submit date", "date submitted", "date last action", "last page", "start language", "language",
    "seed", "status", "progress", "duration in seconds", "finished", "external reference", "external data reference", "ip address",
    "recipient last name", "recipient first name", "recipient email", "email address", "location latitude", "location longitude",
    "location accuracy", "distribution channel", "user language", "first name", "last name", "custom data 1",
)  # fmt: skip


def read_survey(path: Path, mapping: SurveyMapping, *, skip_bad_rows: bool = False, **read_as: Unpack[ReadAs]) -> list[Response]:
    """The responses in a survey file, in order, with empty ids.

    Parameters
    ----------
    path : CSV or other delimited text, or a JSON list of objects
    mapping : which columns mean what; :func:`guess_mapping` makes one for an unknown file
    skip_bad_rows : leave out rows that cannot be read instead of refusing the file
    read_as : ``header_rows``, ``delimiter``, ``encoding``, where looking at the file gives the wrong answer

    Raises
    ------
    MissingColumn
        The mapping names a column that is not there.
    BadRows
        A row has too few or too many cells, no respondent or one that answered before, or a date that is none.
    BadFile
        The file is no table, or its dates do not settle whether the day or the month comes first.
    """
    return responses_of(read_table(path, **read_as), mapping, skip_bad_rows=skip_bad_rows)


def responses_of(table: Table, mapping: SurveyMapping, *, skip_bad_rows: bool = False) -> list[Response]:
    """The same, from a table that has been read already."""
    bad = BadCells(table)
    columns = {name: table.need(name, purpose=f'survey "{mapping.id}"') for name in _named(mapping)}
    taken = {columns[name] for name in (*mapping.respondent, *mapping.attributes, mapping.participant, mapping.answered) if name}
    questions = {name: columns[name] for name in mapping.questions} or {c: c for c in table.columns if c not in taken}
    if mapping.comment:
        questions |= {mapping.comment: columns[mapping.comment]}
    respondents = _respondents(table, [columns[name] for name in mapping.respondent], bad)
    days = read_days(table, columns[mapping.answered], bad) if mapping.answered else {}
    bad.check(skip_bad_rows=skip_bad_rows)
    return [
        Response(
            id="",
            survey=mapping.id,
            respondent=respondents[n],
            participant=row[columns[mapping.participant]].strip() or None if mapping.participant else None,
            answered=days.get(n),
            attributes={name: cell for name in mapping.attributes if (cell := row[columns[name]].strip())},
            answers={name: row[column] for name, column in questions.items() if row[column].strip()},
        )
        for n, row in table.numbered()
        if n not in bad
    ]


def guess_mapping(table: Table, id: str) -> SurveyMapping:
    """What the columns of an unknown survey probably mean, to be shown before it is used.

    The respondent is a column called so that tells all rows apart, else the number of the row (``respondent`` is then empty);
    the day is a column called so that holds days; what tools note beside the answers is attributes; the rest is questions.
    """
    respondent = next((c for c in _called(table, _RESPONDENT) if _tells_apart(table, c)), "")
    answered = next((c for c in _called(table, _ANSWERED) if _holds_days(table, c)), "")
    noted = [c for c in dict.fromkeys(_called(table, _NOT_ASKED)) if c not in (respondent, answered)]
    participant = next((c for c in _called(table, ("participant", "alias")) if c != respondent), "")
    taken = {respondent, answered, participant, *noted}
    return SurveyMapping(
        id=id,
        respondent=(respondent,) if respondent else (),
        participant=participant,
        answered=answered,
        attributes=tuple(c for c in table.columns if c in noted),
        questions=tuple(c for c in table.columns if c not in taken),
    )


def _named(mapping: SurveyMapping) -> list[str]:
    single = (mapping.participant, mapping.answered, mapping.comment)
    return [name for name in (*mapping.respondent, *single, *mapping.attributes, *mapping.questions) if name]


def _respondents(table: Table, columns: Sequence[str], bad: BadCells) -> dict[int, str]:
    """Who each row is, by its number in the file."""
    found: dict[int, str] = {}
    first: dict[str, int] = {}
    for n, row in table.numbered():
        empty = next((c for c in columns if not row[c].strip()), None)
        if empty is not None:
            bad.add(n, empty, "it is empty", "Say who answered.")
            continue
        found[n] = " / ".join(row[c].strip() for c in columns) or f"row {n}"
        before = first.setdefault(found[n], n)
        if before != n:
            advice = "Keep one of the two, or name further columns as respondent."
            bad.add(n, ", ".join(columns), f'"{found[n]}" has answered in row {before} already', advice)
    return found


def _called(table: Table, names: Sequence[str]) -> list[str]:
    return [column for name in names if (column := table.find(name)) is not None]


def _tells_apart(table: Table, column: str) -> bool:
    cells = [row[column].strip() for row in table.rows]
    return all(cells) and len(set(cells)) == len(cells)


def _holds_days(table: Table, column: str) -> bool:
    bad = BadCells(table)
    try:
        return bool(read_days(table, column, bad)) and not any(n in bad for n in table.row_numbers)
    except BadFile:
        return False


# Personal data


@dataclass(frozen=True)
class PersonalData:
    """A column that seems to say who somebody is: ``what`` it holds, and in how many cells."""

    column: str
    what: str
    n_cells: int

    def __str__(self) -> str:
        return f'column "{self.column}" seems to hold {self.what} ({self.n_cells} {"cell" if self.n_cells == 1 else "cells"})'


_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_PHONE = re.compile(r"(?:\+|00?)?[\d\s()./-]{7,20}")
_NAME_WORDS = {"name", "firstname", "lastname", "surname", "forename", "fullname", "vorname", "nachname", "nom", "prénom", "cognome"}
_WORDS_BESIDE_NAME = {
    "first", "last", "full", "family", "given", "middle", "your", "my", "recipient", "participant", "respondent", "contact", "customer",
    "what", "is", "please", "enter", "des", "empfängers", "ihr", "der",
}  # fmt: skip
_PHONE_WORDS = {"phone", "telephone", "tel", "mobile", "cell", "telefon", "handy", "telefonnummer", "cellphone"}
_PLACE_WORDS = {"latitude", "longitude"}


def personal_data_columns(table: Table) -> list[PersonalData]:
    """The columns that look like names, mail addresses, phone numbers, IP addresses or coordinates, by heading and by content.

    It is a warning and no proof: free text is searched for mail addresses only, and names are told by the heading alone.
    """
    found = []
    for column in table.columns:
        cells = [cell for row in table.rows if (cell := row[column].strip())]
        what, n = next(((what, n) for what, count in _LOOKS.items() if (n := count(_words(table, column), cells))), ("", 0))
        if n:
            found.append(PersonalData(column, what, n))
    return found


def _phones(words: set[str], cells: Sequence[str]) -> int:
    told = bool(words & _PHONE_WORDS)
    n = sum(_is_phone(cell, told=told) for cell in cells)
    return n if told or n > len(cells) / 2 else 0


def _names(words: set[str], cells: Sequence[str]) -> int:
    return len(cells) if words & _NAME_WORDS and words <= _NAME_WORDS | _WORDS_BESIDE_NAME else 0


_LOOKS: dict[str, Callable[[set[str], Sequence[str]], int]] = {
    "mail addresses": lambda _, cells: sum(_MAIL.search(cell) is not None for cell in cells),
    "IP addresses": lambda _, cells: sum(map(_is_ip_address, cells)),
    "phone numbers": _phones,
    "names": _names,
    "coordinates": lambda words, cells: len(cells) if words & _PLACE_WORDS else 0,
}


def _words(table: Table, column: str) -> set[str]:
    """The words of a column's heading, ``RecipientLastName`` being three; its wording counts where the name is a mere code."""
    name = table.headings[column] if re.fullmatch(r"[A-Z]{1,3}\d+", column) else column
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name))}


def _is_ip_address(cell: str) -> bool:
    if cell.count(".") != 3 and cell.count(":") < 2:
        return False
    try:
        ip_address(cell)
    except ValueError:
        return False
    return True


def _is_phone(cell: str, *, told: bool) -> bool:
    """Seven to fifteen digits, written as phone numbers are; any such number where the heading says so."""
    groups = re.findall(r"\d+", cell)
    if not _PHONE.fullmatch(cell) or not 7 <= sum(map(len, groups)) <= 15 or read_day(cell) or re.fullmatch(r"\d+\.\d+", cell):
        return False
    return told or cell.startswith("+") or len(groups) > (1 if cell.startswith("0") else 2)


# Which file it is


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is a table of some kind; this one is asked last."""
    return path.suffix.lower() in (".csv", ".tsv") and any(map(squash, head_columns(path, head)))


FORMAT = Format("survey", "Survey answers (CSV)", "survey", (".csv", ".tsv"), sniff, read_survey)
