"""A moment is written in UTC and read back as the same moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model import moments

ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones are drawn


@given(MOMENTS)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert moments.read(moments.as_text(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert moments.read(moments.to_the_minute(moment)) == moment.replace(second=0, microsecond=0)


@given(MOMENTS, MOMENTS)
def test_written_moments_are_in_the_order_of_time(a: datetime, b: datetime) -> None:
    assert (moments.as_text(a) <= moments.as_text(b)) or a > b


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", " UTC", "2026-11-22 06:59 CET"])
def test_what_is_no_moment_is_read_as_none(text: str) -> None:
    assert moments.read(text) is None


def test_a_day_is_its_first_moment_and_a_time_without_a_zone_is_utc() -> None:
    cet = datetime(2026, 11, 22, 7, tzinfo=timezone(timedelta(hours=1)))
    assert moments.in_utc(date(2026, 11, 22)) == datetime(2026, 11, 22, tzinfo=UTC)
    assert moments.in_utc(cet.replace(tzinfo=None)) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert moments.in_utc(cet) is cet


def test_in_words_the_first_moment_of_a_day_is_the_day() -> None:
    assert moments.in_words(datetime(2026, 11, 2, tzinfo=UTC)) == "2 November 2026"
    assert moments.in_words(datetime(2026, 11, 2, 6, 59, tzinfo=UTC)) == "2 November 2026, 06:59 UTC"
