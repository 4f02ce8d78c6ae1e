"""A schedule is due when cron would say so, also on the days when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.errors import BadSetting
from workbench.model import ScheduleSetting
from workbench.schedule.rules import NICKNAMES, due_between, in_words, last_due, moments, next_due, read_rule

PRAGUE, NEW_YORK, LORD_HOWE, KOLKATA = "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"
#: The day on which clocks are put forward, and the one on which they are put back.
FORWARD = {PRAGUE: "2027-03-28", NEW_YORK: "2027-03-14", LORD_HOWE: "2027-10-03"}
BACK = {PRAGUE: "2027-10-31", NEW_YORK: "2027-11-07", LORD_HOWE: "2027-04-04"}


def rule(cron: str, zone: str = "UTC"):
    return read_rule(ScheduleSetting(cron, timezone=zone))


def on(day: str, cron: str, zone: str) -> list[str]:
    """The moments of a day by the clocks of the place, with their distance from UTC."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    found = due_between(rule(cron, zone), midnight - timedelta(seconds=1), midnight + timedelta(days=1) - timedelta(seconds=1))
    return [f"{m.astimezone(ZoneInfo(zone)):%H:%M%z}" for m in found]


@pytest.mark.parametrize(
    ("zone", "cron", "found"),
    [
        (PRAGUE, "30 2 * * *", ["03:00+0200"]),
        (NEW_YORK, "30 2 * * *", ["03:00-0400"]),
        (LORD_HOWE, "15 2 * * *", ["02:30+1100"]),
        (LORD_HOWE, "30 2 * * *", ["02:30+1100"]),
        (PRAGUE, "0,30 2 * * *", ["03:00+0200"]),
        (PRAGUE, "0 2,3 * * *", ["03:00+0200"]),
    ],
)
def test_what_was_due_in_the_missing_hour_happens_once_right_after_it(zone: str, cron: str, found: list[str]) -> None:
    assert on(FORWARD[zone], cron, zone) == found


@pytest.mark.parametrize(
    ("zone", "cron", "found"),
    [
        (PRAGUE, "30 2 * * *", ["02:30+0200"]),
        (NEW_YORK, "30 1 * * *", ["01:30-0400"]),
        (LORD_HOWE, "45 1 * * *", ["01:45+1100"]),
    ],
)
def test_what_is_due_in_the_repeated_hour_happens_in_the_first(zone: str, cron: str, found: list[str]) -> None:
    assert on(BACK[zone], cron, zone) == found


@pytest.mark.parametrize(("zone", "shift"), [(PRAGUE, 1), (NEW_YORK, 1), (KOLKATA, 0)])
def test_an_hourly_schedule_follows_real_time(zone: str, shift: int) -> None:
    forward, back = FORWARD.get(zone, "2027-03-28"), BACK.get(zone, "2027-10-31")
    assert len(on(forward, "0 * * * *", zone)) == 24 - shift
    assert len(on(back, "0 * * * *", zone)) == 24 + shift


def test_half_an_hour_is_missing_and_repeated_on_lord_howe() -> None:
    assert on(FORWARD[LORD_HOWE], "*/30 * * * *", LORD_HOWE)[3:7] == ["01:30+1030", "02:30+1100", "03:00+1100", "03:30+1100"]
    assert on(BACK[LORD_HOWE], "*/30 * * * *", LORD_HOWE)[2:6] == ["01:00+1100", "01:30+1100", "01:30+1030", "02:00+1030"]


def test_where_clocks_are_never_changed_every_day_is_alike() -> None:
    assert on("2027-03-28", "30 2 * * *", KOLKATA) == on("2027-10-31", "30 2 * * *", KOLKATA) == ["02:30+0530"]


def test_the_second_of_two_equal_hours_does_not_lead_back_into_the_first() -> None:
    second = datetime(2027, 10, 31, 1, 10, tzinfo=UTC)  # 02:10 in Prague, for the second time
    assert next_due(rule("30 2 * * *", PRAGUE), second) == datetime(2027, 11, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("name", "cron"), NICKNAMES.items())
def test_a_nickname_stands_for_its_line(name: str, cron: str) -> None:
    assert rule(name.upper()) == rule(cron)


def test_a_simple_line_is_said_in_words() -> None:
    assert in_words(rule("0 7 * * MON")) == "At 07:00 on Monday"
    assert in_words(rule("0 0 * * MON#1")) == "At 00:00 on the first Monday of the month"


@pytest.mark.parametrize(
    ("cron", "zone", "said"),
    [
        ("0 25 * * *", "UTC", r'schedule "reports", "cron": "0 25 \* \* \*": the hour cannot be read.* Accepted: 0 to 23'),
        ("0 7 * * MOM", "UTC", "the day of week cannot be read"),
        ("0 7 * *", "UTC", "it has 4 fields. Five are accepted: minute, hour, day of month, month, day of week"),
        ("0 0 7 * * MON", "UTC", "it has 6 fields"),
        ("", "UTC", "it has 0 fields"),
        ("@reboot", "UTC", "it has 1 field"),
        ("0 0 30 2 *", "UTC", "the day of month cannot be read, or never comes"),
        ("0 0 */31 2 1#5", "UTC", "no day is ever like this"),
        ("@daily", "Europe/Pragu", r'"timezone": there is no time zone "Europe/Pragu"\. Did you mean "Europe/Prague"\?'),
        ("@daily", "prague", r'Did you mean "Europe/Prague"\?'),
        ("@daily", "New York", r'Did you mean "America/New_York"\?'),
        ("@daily", "../etc/passwd", "there is no time zone"),
        ("@daily", "xyzzy", 'Write a name of the IANA database, like "Europe/Prague", or "UTC"'),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_accepted(cron: str, zone: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said) as caught:
        rule(cron, zone)
    assert str(caught.value).startswith('study.toml, schedule "reports", "')


FIELD = st.sampled_from(["*", "*/2", "*/15", "0", "5", "1,15", "2-4", "L", "MON", "5L", "MON#1"])
LINES = st.lists(FIELD, min_size=5, max_size=5).map(" ".join)
ZONES = st.sampled_from(["UTC", PRAGUE, NEW_YORK, LORD_HOWE, KOLKATA, "America/Havana", "Africa/Casablanca", "Asia/Gaza", "Pacific/Apia"])
MOMENTS = st.integers(0, 3 * 366 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
NEAR_A_CHANGE = st.sampled_from(
    [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC), datetime(2027, 4, 3, 15, tzinfo=UTC)]
)
STARTS = MOMENTS | st.builds(lambda m, s: m + timedelta(seconds=s), NEAR_A_CHANGE, st.integers(-7200, 7200))


@given(st.text(max_size=25) | LINES)
@example("²L * * * *")
@example("0 0 * * 5L/2")
def test_any_line_is_read_or_refused_in_a_sentence(line: str) -> None:
    try:
        read = rule(line)
    except BadSetting:
        return
    assert next_due(read, datetime(2026, 11, 22, tzinfo=UTC))


@given(
    st.sampled_from(["30 2 * * *", "0,45 1-3 * * *", "*/20 * * * *", "10 * * * *", "30 0 * * SUN", "0 3 L * *"]), ZONES, STARTS, st.data()
)
def test_looking_twice_finds_what_looking_once_finds(cron: str, zone: str, start: datetime, data: st.DataObject) -> None:
    """Nothing is lost and nothing doubled, wherever the looks fall."""
    middle = start + timedelta(seconds=data.draw(st.integers(0, 200_000)))
    end = middle + timedelta(seconds=data.draw(st.integers(0, 200_000)))
    read = rule(cron, zone)
    whole = due_between(read, start, end)
    assert due_between(read, start, middle) + due_between(read, middle, end) == whole
    assert last_due(read, start, end) == (whole[-1] if whole else None)
    assert whole == sorted(set(whole))


@given(st.sampled_from([PRAGUE, NEW_YORK, LORD_HOWE, "America/Havana", "Asia/Gaza"]), STARTS, st.integers(0, 23), st.integers(0, 59))
def test_a_daily_schedule_happens_once_on_every_day(zone: str, start: datetime, hour: int, minute: int) -> None:
    found = moments(rule(f"{minute} {hour} * * *", zone), start)
    days = [next(found).astimezone(ZoneInfo(zone)).date() for _ in range(5)]
    assert days == [days[0] + timedelta(days=n) for n in range(5)]
