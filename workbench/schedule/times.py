"""The moments of a schedule as other schedulers write them: never fewer, at worst more, because what is due is decided here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from workbench.schedule.rules import Rule, due_between

#: For what others cannot write, such as the last Friday of a month.
OFTEN_CRON = "7 * * * *"
OFTEN_CALENDAR = "*-*-* *:07:00"

_SIMPLE = re.compile(r"[\dA-Z*,/-]+")
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_RANGES = {"minutes": range(60), "hours": range(24), "days": range(1, 32), "months": range(1, 13), "weekdays": range(7)}


def plain_cron(rule: Rule) -> str:
    """Five fields of numbers only, as POSIX has them; once an hour for what it cannot say."""
    fields = _fields(rule)
    return OFTEN_CRON if fields is None else " ".join(_cron_field(fields[name], _RANGES[name]) for name in _RANGES)


def exact_cron(rule: Rule) -> str | None:
    """The same where that says exactly when; ``None`` where it would say more."""
    fields = _fields(rule)
    if fields is None or (_needs_both(rule) and fields["days"] != set(range(1, 32)) and fields["weekdays"] != set(range(7))):
        return None
    return plain_cron(rule)


def calendar_lines(rule: Rule, now: datetime) -> list[str]:
    """The moments as ``OnCalendar=`` of systemd takes them.

    systemd leaves out what is due in an hour that is missing when clocks are put forward; cron makes it right after, so that
    time is added, as one at which nothing is due on other days.
    """
    fields = _fields(rule)
    if fields is None:
        return [OFTEN_CALENDAR]
    clock = f"{_numbers(fields['hours'], range(24))}:{_numbers(fields['minutes'], range(60))}:00"
    months, days = _numbers(fields["months"], range(1, 13)), _numbers(fields["days"], range(1, 32))
    weekdays = ",".join(_DAYS[d] for d in sorted(fields["weekdays"])) + " " if fields["weekdays"] != set(range(7)) else ""
    dates = [f"{weekdays}*-{months}-{days}"] if _needs_both(rule) else [f"*-{months}-{days}", f"{weekdays}*-{months}-*"]
    moved = [f"*-*-* {time}" for time in _moved(rule, fields, now)]
    return [f"{line} {rule.zone.key}" for line in [*(f"{date} {clock}" for date in dates), *moved]]


def _needs_both(rule: Rule) -> bool:
    """Whether the day of the month and the day of the week both have to fit, as where one begins with ``*``."""
    return CronSim(rule.cron, datetime(2024, 1, 1, tzinfo=UTC)).day_and


def _fields(rule: Rule) -> dict[str, set[int]] | None:
    """The numbers that each field of a cron line stands for; ``None`` if one stands for something that is no number."""
    if not all(_SIMPLE.fullmatch(field) and "L" not in field.replace("JUL", "") for field in rule.cron.upper().split()):
        return None
    read = CronSim(rule.cron, datetime(2024, 1, 1, tzinfo=UTC))
    weekdays = {day % 7 for day in read.weekdays if isinstance(day, int)}
    return {"minutes": read.minutes, "hours": read.hours, "days": read.days, "months": read.months, "weekdays": weekdays}


def _cron_field(numbers: set[int], whole: range) -> str:
    return "*" if numbers == set(whole) else ",".join(map(str, sorted(numbers)))


def _numbers(numbers: set[int], whole: range) -> str:
    return "*" if numbers == set(whole) else ",".join(f"{n:02}" for n in sorted(numbers))


def _moved(rule: Rule, fields: dict[str, set[int]], now: datetime) -> list[str]:
    """The times of day to which a change of clocks moves a moment within two years; never where minute or hour begin with ``*``."""
    if any(field.startswith("*") for field in rule.cron.split()[:2]):
        return []
    local = (moment.astimezone(rule.zone) for moment in due_between(rule, now, now + timedelta(days=731)))
    return sorted({f"{m:%H:%M}:00" for m in local if m.hour not in fields["hours"] or m.minute not in fields["minutes"]})
