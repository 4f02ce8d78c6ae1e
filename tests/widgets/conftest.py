"""A study in miniature, a desk for its coder, and tabs in a real browser."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from widgets.stand_in import CodebookPage, CoderPage

from workbench.model import Code, CodeKind, Consent, Participant, Transcript, Utterance
from workbench.store import save_codes, save_participants, save_transcripts
from workbench.study import Study, new_study
from workbench.widgets.codebook_desk import CodebookDesk
from workbench.widgets.coding_desk import CodingDesk

TURNS = (
    ("Interviewer", "Did the slot stay?"),
    ("Mara", "No 😀. The slot was gone. I had to start again from the list."),
    ("Interviewer", "What did you do?"),
    ("Mara", "I waited by the window. Then I called them. Nobody answered."),
    ("Mara", "It was fine in the end."),
)


def transcript(id: str, name: str, participant: str, turns: tuple[tuple[str, str], ...] = TURNS) -> Transcript:
    """The turns one under the other, as a transcript."""
    utterances, at = [], 0
    for k, (speaker, words) in enumerate(turns):
        who = None if speaker == "Interviewer" else participant
        utterances.append(Utterance(at, at + len(words), speaker, 5_000 * k, None, who))
        at += len(words) + 1
    return Transcript(id, name, "\n".join(words for _, words in turns), tuple(utterances), participant=participant)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = new_study(tmp_path / "study", "Groceries", coder="ana")
    people = [Participant("p1", "P01", "Dana"), Participant("p2", "P02", "Ilya", consent=Consent(quote=False))]
    codes = [
        Code("pain", "Slot expires", CodeKind.PAIN, colour="#b4432d", definition="The slot is lost.", position=0),
        Code("wait", "Waits by the window", CodeKind.ACTION, position=1),
        Code("anxious", "Anxious", CodeKind.EMOTION, valence=-1, position=2),
        Code("old", "Old code", CodeKind.OTHER, retired=True, position=3),
    ]
    with made.db.atomic("ana", "import first things") as transaction:
        save_participants(transaction, people)
        save_transcripts(transaction, [transcript("t1", "P01", "p1"), transcript("t2", "P02", "p2")])
        save_codes(transaction, codes)
    yield made
    made.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Half a minute of silence, the recording of P01."""
    path = tmp_path / "P01.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes([128]) * 240_000)
    return path


@pytest.fixture
def desk(study: Study) -> CodingDesk:
    return CodingDesk(study, coder="ana")


@pytest.fixture
def context(chromium: Any) -> Iterator[Any]:
    made = chromium.new_context(viewport={"width": 1300, "height": 760})
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def open_tab(context: Any, study: Study) -> Iterator[Callable[..., CoderPage]]:
    """Opens a tab for a coder; at the end nothing has complained and nothing was fetched."""
    tabs = []

    def open_one(coder: str = "ana", **options: Any) -> CoderPage:
        tabs.append(CoderPage(context, CodingDesk(study, coder=coder, **options)))
        return tabs[-1]

    yield open_one
    assert [(tab.said, tab.asked) for tab in tabs] == [([], [])] * len(tabs)


@pytest.fixture
def tab(open_tab: Callable[..., CoderPage]) -> CoderPage:
    return open_tab()


@pytest.fixture
def codebook(context: Any, study: Study) -> Iterator[CodebookPage]:
    """The codebook editor of ana; at the end nothing has complained and nothing was fetched."""
    page = CodebookPage(context, CodebookDesk(study, coder="ana"))
    yield page
    assert (page.said, page.asked) == ([], [])
