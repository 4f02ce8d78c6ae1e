"""How long a report may take, and how much memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Tells a report's process how much memory it may take, in megabytes beyond what it begins with.
MEMORY_VARIABLE = "WORKBENCH_MEMORY_LIMIT_MB"

_MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """``time_s`` is for the whole report, from its first cell; ``memory_mb`` (10⁶ bytes) beyond what every report's process has."""

    time_s: float | None = None
    memory_mb: int | None = None

    def cell_timeout(self) -> Callable[[Any], float] | None:
        """What remains of the time when a cell begins, as nbclient asks for it; the clock starts with the first cell."""
        if self.time_s is None:
            return None
        allowed, begun = self.time_s, []

        def remaining(_cell: Any) -> float:
            begun.append(time.monotonic())
            return max(begun[0] + allowed - begun[-1], 0.001)

        return remaining

    @property
    def environment(self) -> dict[str, str]:
        """What a report's process must be told."""
        return {MEMORY_VARIABLE: str(self.memory_mb)} if self.memory_mb is not None else {}


def limit_own_memory() -> None:
    """Hold this process, and what it starts, to the limit that its environment names."""
    if wanted := os.environ.get(MEMORY_VARIABLE):
        _limit(int(wanted))


@contextmanager
def limited_children() -> Iterator[None]:
    """Let processes that are started inside, and for so long this one, have the limit that the environment names."""
    wanted = os.environ.get(MEMORY_VARIABLE)
    before = _limit(int(wanted)) if wanted else None
    try:
        yield
    finally:
        if before is not None:
            _set(before)


def _limit(more_mb: int) -> int | None:
    """Allow so much more than is taken now; the limit from before, where the system has one to set."""
    import resource

    before, hardest = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _taken() + more_mb * _MB
    _set(wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest))
    return before


def _set(value: int) -> None:
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (value, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _taken() -> int:
    """Bytes of memory that this process has of its own; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))


def peak_memory_mb() -> float | None:
    """The most memory that this process has had at once, in 10⁶ bytes; ``None`` where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / _MB, 1)
