"""Imported codings put on the passages that they mean; what could not be put is listed with the best guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, Protocol, TypeVar

from workbench.analysis.anchoring import CUTOFF, Anchor, closest, fold, score_needed
from workbench.errors import BadPosition, UnknownTranscript
from workbench.model import Transcript, Utterance

How = Literal["position", "exact", "normalised", "approximate"]


class Quoted(Protocol):
    """A row that says which passage of which transcript it is about: :class:`workbench.io.codings.CodingRow` is one."""

    @property
    def transcript(self) -> str: ...
    @property
    def quote(self) -> str: ...
    @property
    def start(self) -> int | None: ...
    @property
    def end(self) -> int | None: ...
    @property
    def at_ms(self) -> int | None: ...


Row = TypeVar("Row", bound=Quoted)


@dataclass(frozen=True)
class PlacedCoding(Generic[Row]):
    """A row with its passage: ``text`` is what the transcript says there, ``score`` how like the quote it is, 0 to 1."""

    row: Row
    start: int
    end: int
    text: str
    how: How
    score: float = 1.0


@dataclass(frozen=True)
class NotPlaced(Generic[Row]):
    """A row without a passage: why, and the passage most like its quote, if any is."""

    row: Row
    reason: str
    best: Anchor | None = None
    best_text: str = ""


@dataclass(frozen=True)
class Placing(Generic[Row]):
    """What became of each row, in the order of the rows."""

    placed: Sequence[PlacedCoding[Row]]
    not_placed: Sequence[NotPlaced[Row]]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows were placed in each way, and how many were not."""
        ways = Counter[str](p.how for p in self.placed)
        return {how: ways[how] for how in ("position", "exact", "normalised", "approximate")} | {"not placed": len(self.not_placed)}

    def __repr__(self) -> str:
        return "Placing(" + ", ".join(f"{n} {how}" for how, n in self.counts.items()) + ")"


def place_codings(rows: Iterable[Row], transcripts: Mapping[str, Transcript], *, cutoff: float = CUTOFF) -> Placing[Row]:
    """Find the passage of each row.

    A row with positions is believed if they lie in the transcript and hold its quote. A row with a quote is looked for by
    :func:`~workbench.analysis.anchoring.anchor`, its time deciding between equal places. A row with a time alone is put on the
    utterance that was spoken then.

    Parameters
    ----------
    rows : what :func:`workbench.io.codings.read_coding_rows` returns
    transcripts : by the names that the rows use
    cutoff : least score of an approximate place
    """
    results: list[PlacedCoding[Row] | NotPlaced[Row]] = []
    for row in rows:
        transcript = transcripts.get(row.transcript)
        if transcript is None:
            results.append(NotPlaced(row, str(UnknownTranscript(row.transcript, transcripts))))
        else:
            results.append(_place(row, transcript, cutoff))
    return Placing(
        tuple(r for r in results if isinstance(r, PlacedCoding)),
        tuple(r for r in results if isinstance(r, NotPlaced)),
    )


def _place(row: Row, transcript: Transcript, cutoff: float) -> PlacedCoding[Row] | NotPlaced[Row]:
    if row.start is not None and row.end is not None:
        return _by_position(row, row.start, row.end, transcript)
    spoken = _spoken_at(transcript, row.at_ms)
    if row.quote.strip():
        return _by_quote(row, transcript, spoken, cutoff)
    if spoken is None:
        return NotPlaced(row, f"nothing in transcript {transcript.name} is known to have been said at {row.at_ms} ms.")
    return PlacedCoding(row, spoken.start, spoken.end, transcript.text[spoken.start : spoken.end], "position")


def _by_position(row: Row, start: int, end: int, transcript: Transcript) -> PlacedCoding[Row] | NotPlaced[Row]:
    try:
        text = transcript.excerpt(start, end)
    except BadPosition as error:
        return _not_placed(row, str(error), transcript, start)
    if row.quote.strip() and fold(row.quote).text != fold(text).text:
        return _not_placed(row, f'at {start} to {end} transcript {transcript.name} has "{_short(text)}", not the quote.', transcript, start)
    return PlacedCoding(row, start, end, text, "position")


def _by_quote(row: Row, transcript: Transcript, spoken: Utterance | None, cutoff: float) -> PlacedCoding[Row] | NotPlaced[Row]:
    best = _within(row.quote, transcript, spoken) if spoken else closest(row.quote, transcript.text)
    if best is None:
        return NotPlaced(row, f"the quote is not in transcript {transcript.name}.")
    if best.score < score_needed(row.quote, cutoff):
        reason = f"the quote is not in transcript {transcript.name}; the passage most like it scores {best.score:.2f}."
        return NotPlaced(row, reason, best, transcript.text[best.start : best.end])
    if best.how == "ambiguous":
        reason = f"the quote is in {best.n_candidates} places of transcript {transcript.name}, and nothing says which is meant."
        return NotPlaced(row, reason, best, transcript.text[best.start : best.end])
    return PlacedCoding(row, best.start, best.end, transcript.text[best.start : best.end], best.how, best.score)


def _within(quote: str, transcript: Transcript, spoken: Utterance) -> Anchor | None:
    """The place of a quote in what was said at its time; if it is not there, the nearest."""
    inside = closest(quote, transcript.text[spoken.start : spoken.end], hint=0)
    if inside and inside.how in ("exact", "normalised"):
        return replace(inside, start=spoken.start + inside.start, end=spoken.start + inside.end)
    return closest(quote, transcript.text, hint=spoken.start)


def _not_placed(row: Row, reason: str, transcript: Transcript, hint: int) -> NotPlaced[Row]:
    best = closest(row.quote, transcript.text, hint=hint)
    return NotPlaced(row, reason, best, transcript.text[best.start : best.end] if best else "")


def _spoken_at(transcript: Transcript, at_ms: int | None) -> Utterance | None:
    if at_ms is None:
        return None
    # A time in whole seconds means any moment of that second, as times in a printed transcript do.
    last_ms = at_ms + 999 if at_ms % 1000 == 0 else at_ms
    begun = [u for u in transcript.utterances if u.start_ms is not None and u.start_ms <= last_ms]
    return begun[-1] if begun else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
