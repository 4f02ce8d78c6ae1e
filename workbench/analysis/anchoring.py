"""Where in a transcript a quote stands, and how sure that is.

Quotes come from slides, spreadsheets and other tools: retyped, tidied, shortened.  Three ways are tried, the surest first:
the very words; the same words with other capitals, punctuation and white space; words that are nearly the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

How = Literal["exact", "normalised", "approximate", "ambiguous"]

#: Shorter quotes are too likely to resemble something else, and are never placed approximately.
SHORTEST_APPROXIMATE = 8
#: Set from the published study in tests/analysis/test_anchoring.py. Of its 26 reworded quotes 20 score at least this, all at
#: the right place; of 9342 searches in the transcripts of other people 10 do, all with quotes of under 40 characters.
CUTOFF = 0.80
SHORT = 40
#: How many characters a "…" in a quote may stand for.
LONGEST_ELLIPSIS = 600

_ELLIPSIS = re.compile(r"[\[(]?\s*(?:\.(?:\s?\.){2,}|…)\s*[\])]?")
_APOSTROPHES = "'’ʼ"
_GRAM = 4
_N_WINDOWS = 4


@dataclass(frozen=True)
class Anchor:
    """A place for a quote.

    ``score`` is how alike quote and passage are, 0 to 1, capitals and punctuation aside. ``n_candidates`` is how many
    places were equally good; more than one, and no hint to choose by, is ``ambiguous``: then this is the first of them.
    """

    start: int
    end: int
    how: How
    score: float = 1.0
    n_candidates: int = 1

    def __repr__(self) -> str:
        return f"Anchor({self.start}:{self.end}, {self.how}, score={self.score:.2f}, n_candidates={self.n_candidates})"


def anchor(quote: str, text: str, *, hint: int | None = None, cutoff: float = CUTOFF) -> Anchor | None:
    """The passage of a text that a quote repeats, or ``None`` when nothing is like it enough.

    Parameters
    ----------
    quote : the words; ``…``, ``...`` and ``[...]`` in it may stand for words left out
    text : where to look
    hint : about where it should be; chooses between places that are equally good
    cutoff : least score of an approximate place, see :func:`score_needed`

    Returns
    -------
    An anchor whose ``start`` and ``end`` are code points of ``text``.

    Examples
    --------
    >>> anchor("the slot... was gone", "Then the slot I had picked was gone.")
    Anchor(5:35, normalised, score=1.00, n_candidates=1)
    """
    best = closest(quote, text, hint=hint)
    return best if best and best.score >= score_needed(quote, cutoff) else None


def closest(quote: str, text: str, *, hint: int | None = None) -> Anchor | None:
    """The passage that is most like a quote, however little that is; ``None`` for a short quote that is not there."""
    if not quote.strip():
        return None
    ways = (_exact, _normalised, _abridged, _approximate)
    return next((found for way in ways if (found := way(quote, text, hint))), None)


def score_needed(quote: str, cutoff: float = CUTOFF) -> float:
    """The least score at which a place is believed: the cutoff, and half as far from certainty for a quote of under 40 characters."""
    return cutoff if len(quote.strip()) >= SHORT else (1 + cutoff) / 2


def _exact(quote: str, text: str, hint: int | None) -> Anchor | None:
    places = [(at, at + len(quote)) for at in _occurrences(quote, text)]
    if not places and quote != quote.strip():
        return _exact(quote.strip(), text, hint)
    whole = [place for place in places if _stands_alone(text, *place)]
    return _choose(whole or places, "exact", hint)


def _normalised(quote: str, text: str, hint: int | None) -> Anchor | None:
    words, there = fold(quote).text, fold(text)
    if not words:
        return None
    places = [(at, at + len(words)) for at in _occurrences(words, there.text)]
    whole = [place for place in places if _stands_alone(there.text, *place)]
    usable = whole if len(words) < SHORTEST_APPROXIMATE else whole or places
    return _choose([there.place(*p) for p in usable], "normalised", hint)


def _abridged(quote: str, text: str, hint: int | None) -> Anchor | None:
    """The passage from the first to the last part of a quote with ellipses, each part being there in order."""
    parts = [words for part in _ELLIPSIS.split(quote) if (words := fold(part).text)]
    if len(parts) < 2 or max(map(len, parts)) < SHORTEST_APPROXIMATE:
        return None
    there = fold(text)
    spans = [span for start in _whole_words(parts[0], there.text) if (span := _chain(parts, there.text, start))]
    # Of the starts that lead to one end, only the last leaves no repetition of the first part inside.
    by_end = {end: start for start, end in spans}
    return _choose([there.place(start, end) for end, start in by_end.items()], "normalised", hint)


def _chain(parts: Sequence[str], text: str, start: int) -> tuple[int, int] | None:
    end = start + len(parts[0])
    for part in parts[1:]:
        at = next(_whole_words(part, text, end, end + LONGEST_ELLIPSIS), None)
        if at is None:
            return None
        end = at + len(part)
    return start, end


def _whole_words(words: str, text: str, low: int = 0, high: int | None = None) -> Iterator[int]:
    """Where words begin in a folded text, from ``low`` up to ``high``, not counting parts of longer words."""
    stop = len(text) if high is None else high + len(words)
    at = text.find(words, low, stop)
    while at >= 0:
        if _stands_alone(text, at, at + len(words)):
            yield at
        at = text.find(words, at + 1, stop)


def _approximate(quote: str, text: str, hint: int | None) -> Anchor | None:
    words, there = fold(quote).text, fold(text)
    if len(words) < SHORTEST_APPROXIMATE:
        return None
    found = [_closest(words, there.text, window) for window in _windows(words, there)]
    best = max((score for _, _, score in found), default=0.0)
    if best == 0:
        return None
    places = sorted({_uncut(text, *there.place(start, end)) for start, end, score in found if score == best})
    chosen = _choose(places, "approximate", hint)
    return chosen and replace(chosen, score=best)


def _uncut(text: str, start: int, end: int) -> tuple[int, int]:
    """A passage widened where it would begin or end at the apostrophe of ``didn't``."""
    if start > 1 and text[start - 1] in _APOSTROPHES and text[start - 2].isalnum():
        start = next((i + 1 for i in range(start - 2, -1, -1) if not text[i].isalnum()), 0)
    if end + 1 < len(text) and text[end] in _APOSTROPHES and text[end + 1].isalnum():
        end = next((i for i in range(end + 1, len(text)) if not text[i].isalnum()), len(text))
    return start, end


def _choose(places: Sequence[tuple[int, int]], how: How, hint: int | None) -> Anchor | None:
    if not places:
        return None
    if hint is None:
        return Anchor(*places[0], how if len(places) == 1 else "ambiguous", n_candidates=len(places))
    nearest = min(places, key=lambda place: abs(place[0] - hint))
    return Anchor(*nearest, how, n_candidates=len(places))


def _occurrences(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a passage begins and ends between words."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not before and not after


# Folding


@dataclass(frozen=True)
class Folded:
    """A text without capitals, and with one space for every run of punctuation and white space.

    ``origin[i]`` is the code point of the original that ``text[i]`` came from.
    """

    text: str
    origin: NDArray[np.int32]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The passage of the original that a passage of the folded text stands for."""
        return int(self.origin[start]), int(self.origin[end - 1]) + 1


class _Folding(dict[str, str]):
    """What each character becomes: itself in small letters, a space for punctuation, nothing for invisible signs."""

    def __missing__(self, character: str) -> str:
        kind = unicodedata.category(character)
        if kind == "Cf":
            folded = ""
        elif kind[0] in "PZ" or kind in ("Cc", "Sk") or character in "ʹʻʼʽˈ":
            folded = " "
        else:
            folded = unicodedata.normalize("NFKD", character.casefold()).casefold().replace(" ", "")
        self[character] = folded
        return folded


_FOLDING = _Folding()


@lru_cache(maxsize=16)
def fold(text: str) -> Folded:
    """A text as it is compared: capitals, punctuation and white space do not count."""
    pieces = [_FOLDING[character] for character in text]
    flat = "".join(pieces)
    sizes = np.fromiter(map(len, pieces), np.int32, len(pieces))
    origin = np.repeat(np.arange(len(pieces), dtype=np.int32), sizes)
    blank = np.frombuffer(flat.encode("utf-32-le", "surrogatepass"), np.uint32) == ord(" ")
    # Of a run of spaces the first stays, unless it begins or ends the text.
    kept = ~blank
    kept[1:] |= ~blank[:-1]
    words = " ".join(flat.split())
    if flat.startswith(" "):
        kept[0] = False
    return Folded(words, origin[kept][: len(words)])


# Looking for what is nearly the same


def _windows(words: str, there: Folded) -> list[slice]:
    """The few stretches of a text that share most four-letter pieces with the quote, rare pieces counting more."""
    weights = _weights(words, there)
    width = min(len(words), len(weights))
    if width == 0 or not weights.any():
        return []
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    likeness = sums[width:] - sums[:-width]
    margin, found = width // 2 + 20, []
    for _ in range(_N_WINDOWS):
        peak = int(likeness.argmax())
        if likeness[peak] <= 0:
            break
        found.append(slice(max(0, peak - margin), min(len(there.text), peak + width + margin)))
        likeness[max(0, peak - width // 2) : peak + width // 2 + 1] = 0
    return found


def _weights(words: str, there: Folded) -> NDArray[np.float64]:
    """For each position of the text, what the piece that starts there says for the quote being near."""
    theirs = _grams(there.text)
    ours = np.unique(_grams(words))
    if not len(ours) or not len(theirs):
        return np.zeros(0)
    spot = np.minimum(np.searchsorted(ours, theirs), len(ours) - 1)
    hit = ours[spot] == theirs
    frequency = np.bincount(spot[hit], minlength=len(ours))
    return np.where(hit, 1.0 / np.sqrt(np.maximum(frequency, 1))[spot], 0.0)


@lru_cache(maxsize=16)
def _grams(text: str) -> NDArray[np.uint64]:
    """Every piece of four characters, as one number each."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    n = max(0, len(points) - _GRAM + 1)
    grams = np.zeros(n, np.uint64)
    for shift in range(_GRAM):
        grams = grams * np.uint64(1_000_003) + points[shift : shift + n]
    return grams


def _closest(words: str, text: str, window: slice) -> tuple[int, int, float]:
    """The passage of whole words in a window that is most like the quote, and how like it is."""
    inside = text[window]
    rough = fuzz.partial_ratio_alignment(words, inside)
    start, end = (rough.dest_start, rough.dest_end) if rough and len(words) < len(inside) else (0, len(inside))
    edges = [word.span() for word in re.finditer(r"\S+", inside)]
    reach = 30 + len(words) // 4
    starts = [s for s, _ in edges if abs(s - start) <= reach]
    ends = [e for _, e in edges if abs(e - end) <= reach]

    def likeness(s: int, e: int) -> float:
        return fuzz.ratio(words, inside[s:e]) / 100

    for _ in range(2):
        start = max(starts, key=lambda s: likeness(s, end))
        end = max(ends, key=lambda e: likeness(start, e))
    return window.start + start, window.start + end, likeness(start, end)
