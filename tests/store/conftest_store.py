"""Short words for tests of the store."""

from __future__ import annotations

from workbench.model import Code, Coding
from workbench.store import Database, add_coding, load_codebook, load_codings, load_transcript

#: "slot was gone" in the transcript of the miniature study, after an emoji.
SLOT = (19, 32)


def add(db: Database, start: int, end: int, *, coder: str = "ana", code: str = "Slot expires", memo: str = "") -> Coding:
    found: Code = load_codebook(db).find(code)
    return add_coding(db, load_transcript(db, "P01"), found, start, end, coder=coder, memo=memo)


def words(db: Database) -> list[str]:
    return [c.text for c in load_codings(db)]
