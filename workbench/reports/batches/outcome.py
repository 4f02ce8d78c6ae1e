"""What became of one report of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Seconds to wait before each further attempt at what may pass.
BACK_OFF_S = (1.0, 4.0)

MADE, UNCHANGED, FAILED = "made", "unchanged", "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one report.

    ``result`` is ``made``, ``unchanged`` or ``failed`` (with ``error`` in one sentence); ``why`` says why it was run; ``differs``
    whether the page has other bytes than the page before, ``is_new`` whether there was none.  ``may_pass`` marks a failure that
    another attempt may not meet.
    """

    name: str
    result: str
    why: tuple[str, ...] = ()
    error: str = ""
    duration_s: float = 0.0
    memory_mb: float | None = None
    engine: str = ""
    output: str = ""
    is_new: bool = False
    differs: bool = False
    may_pass: bool = False
    n_attempts: int = 1

    @classmethod
    def from_plain(cls, given: dict[str, Any]) -> Outcome:
        """From what JSON made of it."""
        return cls(**{**given, "why": tuple(given["why"])})
