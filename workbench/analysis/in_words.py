"""Numbers and names as a reader reads them: an estimate with its interval and what it rests on, a count, the first of many."""

from __future__ import annotations

from collections.abc import Iterable
from math import isinf

from workbench.model import Estimate

_MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
#: Units that can be negative, with how many decimals they are shown.
_SIGNED = {"valence": 1, "NPS points": 0}
_UNITS = {"share": f"{_NBSP}%", "s": f"{_NBSP}s"}


def number(e: Estimate) -> str:
    """A value with its unit: ``52 %``, ``+21`` for points that can be negative, ``68 s``."""
    if e.unit == "share":
        return f"{_plain(e.value * 100)}{_NBSP}%"
    if e.unit in _SIGNED:
        return signed(e.value, _SIGNED[e.unit])
    return f"{_plain(e.value, 1 if abs(e.value) < 10 else 0)}{_UNITS.get(e.unit, '')}"


def interval(e: Estimate) -> str:
    """``48 to 56`` in the unit of :func:`number`; words, where one value or only equal ones give none."""
    if isinf(e.low) or isinf(e.high):
        return "no interval"
    if e.low == e.high and e.n > 1:
        return "all the same"
    if e.unit == "share":
        return f"{_plain(e.low * 100)} to {_plain(e.high * 100)}"
    if e.unit in _SIGNED:
        return f"{signed(e.low, _SIGNED[e.unit])} to {signed(e.high, _SIGNED[e.unit])}"
    digits = 1 if abs(e.value) < 10 else 0
    return f"{_plain(e.low, digits)} to {_plain(e.high, digits)}"


def points(e: Estimate) -> str:
    """A difference: ``+31 points (25 to 37)``; of shares in percentage points."""
    scale = 100 if e.unit == "share" else 1
    digits = 0 if scale == 100 or abs(e.value) >= 10 else 1
    return f"{signed(e.value * scale, digits)} points ({_plain(e.low * scale, digits)} to {_plain(e.high * scale, digits)})"


def signed(value: float, digits: int = 1) -> str:
    """``+0.6`` or ``−1.3``, with a real minus sign."""
    text = f"{value:+.{digits}f}".replace("-", _MINUS)
    return text[1:] if not text.strip(f"+{_MINUS}0.") else text


def n_of_people(e: Estimate) -> str:
    """``n 12``, and a word where that is few."""
    return f"n {e.n}{', few' if e.small else ''}"


def number_of(n: int, noun: str) -> str:
    """``1 code``, ``1,376 codes``."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def some(names: Iterable[str], most: int = 6) -> str:
    """``Ana, Ben and 3 more``."""
    shown = list(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def how_measured(e: Estimate, source: str, note: str = "") -> str:
    """What a number rests on: ``977 of 1,750 users (events); score interval (Wilson 1927)``."""
    counted = f"{e.numerator:,} of {e.n:,} {e.of}" if e.numerator is not None else f"{e.n:,} {e.of}"
    return (
        "; ".join(x for x in (f"{counted} ({source})", f"{e.confidence:.0%} {e.method}" if e.method else "", note.rstrip(".")) if x) + "."
    )


def _plain(value: float, digits: int = 0) -> str:
    text = f"{value:,.{digits}f}".replace("-", _MINUS)
    return text.removeprefix(_MINUS) if not text.strip(f"{_MINUS}0.,") else text
