"""Transcripts with their utterances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

from workbench.errors import UnknownTranscript
from workbench.model import SourceKind, Transcript, Utterance
from workbench.store.changes import Transaction
from workbench.store.database import Database, Row
from workbench.store.schema import transcript


def load_transcripts(db: Database, *, as_of: datetime | None = None) -> list[Transcript]:
    """All transcripts, by name."""
    return sorted((_transcript(r) for r in db.rows(transcript, as_of=as_of)), key=lambda t: t.name)


def load_transcript(db: Database, name: str, *, as_of: datetime | None = None) -> Transcript:
    """One transcript by its name.

    Raises
    ------
    UnknownTranscript
    """
    rows = db.rows(transcript, where={"name": name}, as_of=as_of)
    if not rows:
        raise UnknownTranscript(name, [r["name"] for r in db.rows(transcript, as_of=as_of)])
    return _transcript(rows[0])


def save_transcripts(transaction: Transaction, transcripts: Iterable[Transcript]) -> None:
    """Add transcripts."""
    transaction.add(transcript, [_row(t) for t in transcripts])


def change_transcript(transaction: Transaction, changed: Transcript) -> None:
    """Bring what is said of a transcript up to date: who speaks, when it was held."""
    transaction.update(transcript, changed.id, _row(changed), what=f"The transcript {changed.name}")


def _row(t: Transcript) -> dict[str, Any]:
    return {
        "id": t.id, "name": t.name, "text": t.text, "utterances": [list(astuple(u)) for u in t.utterances], "kind": t.kind.value,
        "participant": t.participant, "held": t.held.isoformat() if t.held else None, "language": t.language,
        "internal": t.internal, "source": t.source, "media": t.media, "attributes": dict(t.attributes),
    }  # fmt: skip


def _transcript(row: Row) -> Transcript:
    return Transcript(
        id=row["id"],
        name=row["name"],
        text=row["text"],
        utterances=tuple(Utterance(*u) for u in row["utterances"]),
        kind=SourceKind(row["kind"]),
        participant=row["participant"],
        held=date.fromisoformat(row["held"]) if row["held"] else None,
        language=row["language"],
        internal=row["internal"],
        source=row["source"],
        media=row["media"],
        attributes=dict(row["attributes"]),
    )
