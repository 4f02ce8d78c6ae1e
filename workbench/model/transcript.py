"""What people said, as text with positions.

A position is a count of Unicode code points from zero; a passage ``start, end`` excludes ``end``, as in a Python slice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from workbench.errors import BadPosition


class SourceKind(StrEnum):
    """Which way of asking or watching a text came from."""

    INTERVIEW = "interview"
    FOCUS_GROUP = "focus group"
    OBSERVATION = "observation"
    DIARY = "diary"
    REVIEW = "review"
    TICKET = "ticket"
    OPEN_ANSWER = "open answer"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Utterance:
    """One turn of one speaker: a passage of the transcript's text.

    ``start_ms`` and ``end_ms`` are milliseconds from the start of the recording, where known.
    ``participant`` is the id of the person who spoke; ``None`` for the interviewer and for speakers nobody named.
    """

    start: int
    end: int
    speaker: str = ""
    start_ms: int | None = None
    end_ms: int | None = None
    participant: str | None = None


@dataclass(frozen=True)
class Transcript:
    """One conversation or document, with its utterances in order.

    ``text`` is the imported text, normalised once (byte-order mark removed, CRLF and CR to LF, nothing else).
    ``source`` is the SHA-256 of the original bytes, which are kept; ``media`` the recording, if the study holds one.
    ``internal`` tells research inside the organisation from research with its customers.
    """

    id: str
    name: str
    text: str
    utterances: Sequence[Utterance] = ()
    kind: SourceKind = SourceKind.INTERVIEW
    participant: str | None = None
    held: date | None = None
    language: str = ""
    internal: bool = False
    source: str = ""
    media: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def excerpt(self, start: int, end: int) -> str:
        """The words of a passage.

        Raises
        ------
        BadPosition
            The passage is empty or lies outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise BadPosition(self.name, start, end, len(self.text))
        return self.text[start:end]

    def utterance_at(self, position: int) -> Utterance | None:
        """The utterance that covers a position, or the last one that began before it."""
        low, high = 0, len(self.utterances)
        while low < high:
            middle = (low + high) // 2
            if self.utterances[middle].start <= position:
                low = middle + 1
            else:
                high = middle
        return self.utterances[low - 1] if low else None

    def spoken_by(self, speakers: Mapping[str, str]) -> Transcript:
        """The same transcript with each utterance given to the participant whose speaker name it carries."""
        utterances = tuple(replace(u, participant=speakers.get(u.speaker, u.participant)) for u in self.utterances)
        return replace(self, utterances=utterances)


def normalise_newlines(text: str) -> str:
    """Imported text as it is stored: without a leading byte-order mark, CRLF and CR as LF, otherwise untouched."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
