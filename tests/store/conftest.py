"""A study in miniature: two people, one transcript with an emoji in it, two codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.model import Code, CodeKind, Consent, Participant, Transcript, Utterance
from workbench.store import Database, save_codes, save_participants, save_transcripts

TEXT = "Hello 😀 there.\nThe slot was gone."


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'study.db'}", clock=clock)
    with opened.atomic("setup", "first things") as transaction:
        save_participants(
            transaction, [Participant("p1", "P01", "Mara", {"customer": "new"}), Participant("p2", "P02", consent=Consent(quote=False))]
        )
        save_transcripts(transaction, [transcript()])
        save_codes(transaction, [Code("c1", "Slot expires", CodeKind.PAIN), Code("c2", "Anxious", CodeKind.EMOTION, valence=-2)])
    yield opened
    opened.close()


def transcript() -> Transcript:
    return Transcript("t1", "P01", TEXT, (Utterance(0, 14, "Mara", 0, 900), Utterance(15, 33, "Mara", 900, 2000)), participant="p1")
