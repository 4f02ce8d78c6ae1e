"""Moments in UTC, as records and pages write them and as they are read back."""

from __future__ import annotations

from datetime import UTC, date, datetime

_UTC = " UTC"


def in_utc(moment: date) -> datetime:
    """A moment with its zone: a day is its first moment, and a time that names no zone is UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - the zone comes next
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_text(moment: datetime) -> str:
    """``2026-11-22T06:59:01.250+00:00``; of two such texts the earlier moment is the smaller one."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def to_the_minute(moment: datetime) -> str:
    """``2026-11-22 06:59 UTC``"""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}{_UTC}"


def in_words(moment: datetime) -> str:
    """``22 November 2026, 06:59 UTC``, without the time where it is the first of the day."""
    at = moment.astimezone(UTC)
    return f"{at:%-d %B %Y}" if (at.hour, at.minute) == (0, 0) else f"{at:%-d %B %Y, %H:%M}{_UTC}"


def read(text: str) -> datetime | None:
    """The moment that :func:`as_text` or :func:`to_the_minute` wrote; ``None`` where the text is not one."""
    try:
        return in_utc(datetime.fromisoformat(text.removesuffix(_UTC)))
    except ValueError:
        return None
