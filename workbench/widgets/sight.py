"""What a coder may see of a study while coding: others' codings, and the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Protocol, TypeVar

from workbench.model import Coding, Transcript
from workbench.store import Database, load_codebook, load_codings, load_done
from workbench.widgets.saving import Answer


class _Coded(Protocol):
    @property
    def transcript(self) -> str: ...
    @property
    def coder(self) -> str: ...


C = TypeVar("C", bound=_Coded)


class Sight:
    """Which codings a coder may see: all, or, when ``blind``, others' only in transcripts that both have marked done."""

    def __init__(self, db: Database, coder: str, *, blind: bool = False) -> None:
        self.db, self.coder, self.blind = db, coder, blind

    def of(self, codings: Iterable[C]) -> list[C]:
        """Those of the codings (or of their places) that may be seen."""
        if not self.blind:
            return list(codings)
        done = load_done(self.db)
        return [c for c in codings if c.coder == self.coder or {c.coder, self.coder} <= done.get(c.transcript, set())]

    def excerpts(self, code: str, transcripts: Mapping[str, Transcript], shown_as: Mapping[str, str]) -> list[Answer]:
        """The passages of a code, by transcript and position, each with who said it."""
        order = {id: k for k, id in enumerate(transcripts)}
        found = [c for c in self.of(load_codings(self.db, code=code)) if c.transcript in order]
        return [
            {
                "id": c.id, "transcript": c.transcript, "name": transcripts[c.transcript].name, "who": _voice(transcripts[c.transcript], c, shown_as),
                "start": c.start, "end": c.end, "text": c.text, "coder": c.coder, "memo": c.memo, "intensity": c.intensity,
            }
            for c in sorted(found, key=lambda c: (order[c.transcript], c.start, c.end, c.coder))
        ]  # fmt: skip


def _voice(t: Transcript, c: Coding, shown_as: Mapping[str, str]) -> str:
    """Who says a passage, as they are called in this study."""
    voices = [shown_as.get(u.participant or "", u.speaker) for u in t.utterances if u.start < c.end and u.end > c.start]
    return ", ".join(dict.fromkeys(v for v in voices if v)) or shown_as.get(t.participant or "", "")


def codes_of(db: Database) -> Answer:
    """The codebook as a widget draws it: each parent before its children, with its depth in the tree."""
    book = load_codebook(db)
    depth: dict[str, int] = {}
    for c in book:
        depth[c.id] = depth[c.parent] + 1 if c.parent else 0
    return {"codes": [{**asdict(c), "kind": c.kind.value, "depth": depth[c.id]} for c in book]}
