"""A code put on a passage by a coder, and the notes beside it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import BadSetting
from workbench.model.codebook import VALENCE_RANGE


@dataclass(frozen=True)
class Coding:
    """One code on one passage by one coder.

    ``text`` repeats the words at ``start`` to ``end``, so that a changed transcript is noticed.
    ``intensity`` is set on emotions: -2 to +2. ``version`` counts the changes of this coding.
    """

    id: str
    transcript: str
    code: str
    coder: str
    start: int
    end: int
    text: str
    memo: str = ""
    intensity: int | None = None
    created: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise BadSetting("coding", f"{self.start} to {self.end} is not a passage", "Use 0 <= start < end.")
        if self.intensity is not None and not VALENCE_RANGE[0] <= self.intensity <= VALENCE_RANGE[1]:
            raise BadSetting("coding", f"intensity {self.intensity} is out of range", "Use a whole number from -2 to 2.")


@dataclass(frozen=True)
class Memo:
    """A researcher's note on a code, a coding, a transcript, a participant, a persona, a journey or the study.

    ``about`` is the kind of thing, ``about_id`` its id (empty for the study).
    """

    id: str
    about: str
    about_id: str
    coder: str
    text: str
    created: str = ""
    version: int = 1
