"""The list of participants: who took part, under which alias, and what they agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Unpack

from workbench.io.bad_cells import BadCells, truth
from workbench.io.days import read_days
from workbench.io.formats import Format
from workbench.io.tables import ReadAs, Table, head_columns, read_table, refuse_near_names
from workbench.model import Consent, Contact, Participant

_ALIAS = ("id", "alias", "participant", "participant id")
_CONTACT = ("name", "email", "phone")
_CONSENT = ("consent_quote", "consent_share")
_UNTIL = "consent_until"


def read_participants(path: Path, *, skip_bad_rows: bool = False, **read_as: Unpack[ReadAs]) -> tuple[list[Participant], list[Contact]]:
    """The participants in a table, with empty ids, and their contact details, told apart by alias.

    Columns: ``id`` (the alias; needed), ``pseudonym``, ``name``, ``email``, ``phone``, ``consent_quote`` and ``consent_share``
    (yes or no), ``consent_until`` (a day); every other column is an attribute. A participant without a name, an address and a
    number has no :class:`Contact`.

    Raises
    ------
    MissingColumn
        There is no column for the alias.
    BadRows
        A row has no alias, or that of another row; a consent column does not say yes or no; a day is none.
    """
    table = read_table(path, **read_as)
    bad = BadCells(table)
    refuse_near_names(table, ("pseudonym", *_CONTACT, *_CONSENT, _UNTIL))
    alias = table.need(*_ALIAS, purpose="the alias of each participant")
    columns = {name: c for name in ("pseudonym", *_CONTACT, *_CONSENT, _UNTIL) if (c := table.find(name)) not in (None, alias)}
    attributes = [c for c in table.columns if c != alias and c not in columns.values()]
    until = read_days(table, columns[_UNTIL], bad) if _UNTIL in columns else {}
    bad.expect_unique(alias, "Give each participant an alias of their own, such as P03.", str.casefold)
    _check_consent(table, columns, bad)
    bad.check(skip_bad_rows=skip_bad_rows)
    good = [(n, row) for n, row in table.numbered() if n not in bad]
    people = [
        Participant(
            id="",
            alias=row[alias].strip(),
            pseudonym=_cell(row, columns, "pseudonym"),
            attributes={c: row[c].strip() for c in attributes if row[c].strip()},
            consent=_consent(row, columns, until.get(n)),
        )
        for n, row in good
    ]
    contacts = [Contact(row[alias].strip(), **{name: _cell(row, columns, name) for name in _CONTACT}) for _, row in good]
    return people, [c for c in contacts if c.name or c.email or c.phone]


def _cell(row: Mapping[str, str], columns: Mapping[str, str], name: str) -> str:
    return row[columns[name]].strip() if name in columns else ""


def _consent(row: Mapping[str, str], columns: Mapping[str, str], until: date | None) -> Consent:
    said = {name: truth(_cell(row, columns, name)) for name in _CONSENT}
    return Consent(quote=said["consent_quote"] is not False, share=said["consent_share"] is not False, until=until)


def _check_consent(table: Table, columns: Mapping[str, str], bad: BadCells) -> None:
    # An empty cell is no consent and no refusal, so it is asked about rather than read as either.
    for column in (columns[name] for name in _CONSENT if name in columns):
        for n, row in table.numbered():
            if truth(row[column]) is None:
                found = f'"{row[column].strip()}" is neither yes nor no' if row[column].strip() else "it is empty"
                bad.add(n, column, found, "Write yes or no (or true, false, 1, 0).")


def sniff(path: Path, head: bytes) -> bool:
    """Whether a table has an alias and something that only a list of participants has."""
    names = head_columns(path, head)
    return bool(names & {"id", "alias", "participant", "participantid"}) and (
        "pseudonym" in names or any(name.startswith("consent") for name in names)
    )


FORMAT = Format("participants", "List of participants (CSV)", "participants", (".csv", ".tsv"), sniff, read_participants)
