"""When a schedule is due: pure, given the moments between which to look.

A cron line is read as Debian's cron reads it.  Where clocks are put forward, what was due in the missing hour happens once, right
after it; where they are put back, it happens in the first of the two hours.  A line whose minute or hour begins with ``*`` follows
real time instead: nothing in the missing hour, and both of the repeated ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from workbench.errors import BadSetting
from workbench.model import ScheduleSetting

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_ACCEPTED = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day-of-month": "1 to 31, or L for the last",
    "month": "1 to 12, or JAN to DEC",
    "day-of-week": "0 to 7 or SUN to SAT, MON#1 for the first Monday, 5L for the last Friday",
}
_EXAMPLE = '"0 7 * * MON" is Monday at seven'

#: Looking back for the last moment, these spans are tried: few moments are counted, however often they come.
_LOOK_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400))


@dataclass(frozen=True)
class Rule:
    """The moments of one schedule: ``cron`` in five fields, in the time of a zone.  Made by :func:`read_rule`."""

    cron: str
    zone: ZoneInfo

    def __str__(self) -> str:
        return f"{self.cron} {self.zone.key}"


def read_rule(setting: ScheduleSetting, where: str = "study.toml") -> Rule:
    """What ``cron`` and ``timezone`` of a schedule mean.

    Raises
    ------
    BadSetting
        The line is not one of cron, its moments never come, or there is no such zone.
    """
    place = f'{where}, schedule "{setting.name}"'
    rule = Rule(" ".join(NICKNAMES.get(setting.cron.strip().lower(), setting.cron).split()), _zone(setting.timezone, place))
    found = f'{place}, "cron": "{setting.cron}"'
    if (n_fields := len(rule.cron.split())) != 5:
        fields = ", ".join(_ACCEPTED).replace("-", " ")
        raise BadSetting(found, f"it has {n_fields} field{'s' if n_fields != 1 else ''}", f"Five are accepted: {fields}; {_EXAMPLE}.")
    try:
        if next_due(rule, datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise BadSetting(found, "no day is ever like this", f"Write one that comes; {_EXAMPLE}.")
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        accepted = f"Accepted: {_ACCEPTED[field]}; and * - , / between them; {_EXAMPLE}."
        raise BadSetting(found, f"the {field.replace('-', ' ')} cannot be read, or never comes", accepted) from None
    return rule


def read_rules(settings: Sequence[ScheduleSetting], where: str = "study.toml") -> dict[str, Rule]:
    """The rule of each schedule, by name."""
    return {s.name: read_rule(s, where) for s in settings}


def moments(rule: Rule, after: datetime) -> Iterator[datetime]:
    """Every moment after another, in UTC."""
    last = after
    for local in CronSim(rule.cron, after.astimezone(rule.zone)):
        # in the second of two equal hours cron's library begins in the first again
        if (moment := local.astimezone(UTC)) > last:
            yield moment
            last = moment


def next_due(rule: Rule, after: datetime) -> datetime | None:
    """The first moment after another, in UTC; ``None`` if there is none in fifty years."""
    return next(moments(rule, after), None)


def due_between(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    """Every moment after one and not after another, in UTC."""
    return list(takewhile(lambda moment: moment <= until, moments(rule, after)))


def last_due(rule: Rule, after: datetime, until: datetime) -> datetime | None:
    """The last of them; ``None`` if nothing was due."""
    for span in _LOOK_BACK:
        if found := due_between(rule, max(after, until - span), until):
            return found[-1]
    return next(reversed(due_between(rule, after, until)), None)


def in_words(rule: Rule) -> str:
    """``At 07:00 on Monday``."""
    return CronSim(rule.cron, datetime(2024, 1, 1, tzinfo=UTC)).explain()


def _zone(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError
        known = available_timezones()
    by_city = {k.rpartition("/")[2].casefold(): k for k in sorted(known)}
    by_name = {k.casefold(): k for k in sorted(known)}
    wanted = name.strip().casefold().replace(" ", "_")
    near = {**by_city, **by_name}
    close = get_close_matches(wanted, near, n=1, cutoff=0.6)
    hint = f'Did you mean "{near[close[0]]}"?' if close else 'Write a name of the IANA database, like "Europe/Prague", or "UTC".'
    raise BadSetting(f'{place}, "timezone"', f'there is no time zone "{name}"', hint)
