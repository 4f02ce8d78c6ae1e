"""How long a report may take, and how much memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Tells a report's process how much memory it may take, in megabytes beyond what it begins with.
MEMORY_VARIABLE = "WORKBENCH_MEMORY_LIMIT_MB"

#: What a fresh kernel takes until it has imported what every report needs, in megabytes.
FRESH_KERNEL_MB = 700

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


def memory_limit_mb() -> int | None:
    """The limit that the environment names."""
    wanted = os.environ.get(MEMORY_VARIABLE)
    return int(wanted) if wanted else None


def limit_memory(more_mb: int, pid: int = 0) -> None:
    """Hold a process (this one, if none is named), and what it will start, to so much more than it has now; only Linux does."""
    import resource

    if hasattr(resource, "prlimit"):
        limit = _taken(pid) + more_mb * _MB
        with suppress(ValueError, OSError):
            _, hardest = resource.prlimit(pid, resource.RLIMIT_DATA)
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit if hardest == resource.RLIM_INFINITY else min(limit, hardest), hardest))


def _taken(pid: int) -> int:
    """Bytes of memory that a process has of its own; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text("ascii")
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
