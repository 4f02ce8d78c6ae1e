"""What study.toml says of reports: which are made, for whom, when, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class ReportFormat(StrEnum):
    """What a report is written as; the HTML page is always there."""

    HTML = "html"
    PDF = "pdf"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class ReportSetting:
    """One ``[[report]]``: a template with its parameters, made once or once for each of several.

    ``for_each`` lists values by parameter, and a report is made for each combination: ``persona = "*"`` stands for every persona of
    the study, ``segment = "customer"`` for every value of that attribute.  ``output`` is the file's name below ``reports/`` without
    its ending; ``{segment}`` in it is the value of that parameter.  ``interactive`` is whether charts answer the mouse.  ``reads`` names files that the template reads in a way that
    cannot be seen, so that a change of them is.  ``time_limit`` is for the whole report, ``memory_limit_mb`` (10⁶ bytes) for what its
    process takes beyond what every report takes.
    """

    template: str
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    for_each: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    output: str = ""
    formats: Sequence[ReportFormat] = (ReportFormat.HTML,)
    interactive: bool = False
    reads: Sequence[str] = ()
    time_limit: timedelta | None = None
    memory_limit_mb: int | None = None


class Missed(StrEnum):
    """What becomes of runs that were due while the machine was off."""

    ONCE = "once"
    SKIP = "skip"


class Which(StrEnum):
    """Which of its reports a schedule makes."""

    CHANGED = "changed"
    ALL = "all"


@dataclass(frozen=True)
class ScheduleSetting:
    """One ``[[schedule]]``: when which reports are made.

    ``cron`` has five fields or is a name such as ``@daily``, ``timezone`` is a name of the IANA database; ``reports`` are names of
    reports (all, if none is given).
    """

    cron: str
    name: str = "reports"
    timezone: str = "UTC"
    reports: Sequence[str] = ()
    which: Which = Which.CHANGED
    missed: Missed = Missed.ONCE


class NotifyOn(StrEnum):
    """What somebody wants to be told of."""

    FAILURE = "failure"
    CHANGED = "changed"


@dataclass(frozen=True)
class NotifySetting:
    """One ``[[notify]]``: who is told, and of what.

    ``to`` are Apprise addresses; a secret in them stands in an environment variable: ``slack://${SLACK_TOKEN}``.
    """

    to: Sequence[str]
    on: Sequence[NotifyOn] = (NotifyOn.FAILURE,)
