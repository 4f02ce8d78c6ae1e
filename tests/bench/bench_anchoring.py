"""Finding a reworded quote in a long transcript."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.bench.figures import Figure, in_ms, times
from workbench.analysis.anchoring import closest

N_QUOTES = 30


def figures() -> Iterator[Figure]:
    """A quote of 600 characters, one letter in many changed, in 100 KB of text."""
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "ei", "o", "u") for c in ("n", "sst", "rk", "l", "mpe")]
    text = " ".join(Random(7).choices(words, k=25_000))[:100_000]

    def find(i: int) -> None:
        start = 1_000 * (i + 3)
        found = closest(text[start : start + 600].replace("n", "m"), text)
        assert found is not None
        assert abs(found.start - start) < 20

    yield from in_ms("anchoring.600_characters_in_100kb", times(find, N_QUOTES), limit=50)
