"""Messages to the support desk: something to read, and something to count."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from workbench.io.bad_cells import BadCells
from workbench.io.days import read_days
from workbench.io.formats import Format
from workbench.io.tables import ReadAs, head_columns, read_table
from workbench.io.text_file import sha256_of
from workbench.model import Response, SourceKind, Transcript, Utterance

#: The survey that responses made of tickets belong to.
SURVEY = "tickets"


def read_tickets(path: Path, *, skip_bad_rows: bool = False, **read_as: Unpack[ReadAs]) -> tuple[Transcript, list[Response]]:
    """The tickets of a table, once as a transcript and once as responses, all with empty ids.

    Columns: ``ticket_id``, ``opened_at`` and ``text`` (needed), ``participant`` (an alias, where the writer is one), ``reason``;
    every other column (``user_id``, ``channel``) describes the ticket.

    Returns
    -------
    The transcript has one utterance per ticket that says something; its speaker is the ticket's id. There is one response per
    ticket, of survey ``tickets``: ``reason`` and ``text`` are its answers, the rest its attributes.

    Raises
    ------
    MissingColumn
    BadRows
        A ticket has no id, or that of another, or a day that is none.
    """
    table = read_table(path, **read_as)
    bad = BadCells(table)
    columns = {name: table.need(name, purpose="tickets") for name in ("ticket_id", "opened_at", "text")}
    columns |= {name: c for name in ("participant", "reason") if (c := table.find(name))}
    bad.expect_unique(columns["ticket_id"], "Give each ticket an id of its own.")
    days = read_days(table, columns["opened_at"], bad)
    bad.check(skip_bad_rows=skip_bad_rows)
    good = [(n, row) for n, row in table.numbered() if n not in bad]
    described = [c for c in table.columns if c not in columns.values()]
    responses = [
        Response(
            id="",
            survey=SURVEY,
            respondent=row[columns["ticket_id"]].strip(),
            participant=_participant(row, columns),
            answered=days.get(n),
            attributes={c: cell for c in described if (cell := row[c].strip())},
            answers={name: row[columns[name]] for name in ("reason", "text") if name in columns and row[columns[name]].strip()},
        )
        for n, row in good
    ]
    return _transcript(path, responses), responses


def _transcript(path: Path, tickets: list[Response]) -> Transcript:
    texts, utterances, at = [], [], 0
    for ticket in tickets:
        if text := ticket.answers.get("text", ""):
            texts.append(text)
            utterances.append(Utterance(at, at + len(text), speaker=ticket.respondent, participant=ticket.participant))
            at += len(text) + 1
    return Transcript(
        id="",
        name=path.stem,
        text="\n".join(texts),
        utterances=tuple(utterances),
        kind=SourceKind.TICKET,
        source=sha256_of(path),
    )


def _participant(row: Mapping[str, str], columns: Mapping[str, str]) -> str | None:
    return row[columns["participant"]].strip() or None if "participant" in columns else None


def sniff(path: Path, head: bytes) -> bool:
    """Whether a table has tickets with texts."""
    return {"ticketid", "text"} <= head_columns(path, head)


FORMAT = Format("tickets", "Support tickets (CSV)", "tickets", (".csv", ".tsv"), sniff, read_tickets)
