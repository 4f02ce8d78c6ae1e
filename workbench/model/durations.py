"""Spans of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from workbench.errors import BadSetting

_UNITS_S = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400, "week": 604_800,
}  # fmt: skip


def parse_duration(span: str | timedelta, where: str = "duration") -> timedelta:
    """A span of time from ``"30 min"``, ``"1 day"``, ``"2 h"`` or a timedelta.  A bare number is refused: its unit is anybody's guess.

    Raises
    ------
    BadSetting
    """
    if isinstance(span, timedelta):
        found: timedelta | None = span
    else:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*", span, re.IGNORECASE) if isinstance(span, str) else None
        unit = _UNITS_S.get(match[2].lower()) or _UNITS_S.get(match[2].lower() + "s") if match else None
        found = timedelta(seconds=float(match[1]) * unit) if match and unit else None
    if found is None or found <= timedelta(0):
        raise BadSetting(where, f"{span!r} is not a span of time", 'Say a number with its unit: "30 min", "1 day", "2 weeks".')
    return found
