"""How the schedules of a study do, for a person and for a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.model import ScheduleSetting, StudySettings
from workbench.schedule.rules import Rule, last_due, next_due, read_rules
from workbench.schedule.runner import is_missed
from workbench.schedule.state import Run, State, is_somebodys_turn, read_state


@dataclass(frozen=True)
class Health:
    """How one schedule does.  Times are UTC.

    ``seen`` is whether anybody ever looked whether it is due, ``running`` whether it is being made; ``failed`` says of each page that
    failed in the last run why; ``overdue`` that a moment has passed and nobody looked.
    """

    schedule: str
    next_due: datetime | None
    seen: bool = False
    running: bool = False
    overdue: bool = False
    last_run: datetime | None = None
    last_success: datetime | None = None
    result: str = ""
    n_failures_in_a_row: int = 0
    failed: tuple[str, ...] = ()
    not_told: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self.seen and not self.overdue and self.n_failures_in_a_row == 0


def check_health(folder: Path, settings: StudySettings, now: datetime) -> list[Health]:
    """How each schedule of a study does, in the order of study.toml.

    Raises
    ------
    BadSetting
        A schedule cannot be read.
    BadFile
        The file that keeps what ran when is damaged.
    """
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    running = is_somebodys_turn(folder)
    state = read_state(folder)
    return [_health(s, rules[s.name], state, now, running) for s in settings.schedules]


def _health(setting: ScheduleSetting, rule: Rule, state: State, now: datetime, running: bool) -> Health:
    standing = state.schedules.get(setting.name)
    coming = next_due(rule, now)
    if standing is None or standing.rule != str(rule):
        return Health(setting.name, coming)
    due = standing.begun.due if standing.begun else last_due(rule, standing.done, now)
    last = standing.last
    return Health(
        setting.name, coming, seen=True, running=running and standing.begun is not None,
        overdue=due is not None and not running and is_missed(due, now, state),
        last_run=last.ended if last else None, last_success=standing.last_success, result=last.result if last else "",
        n_failures_in_a_row=standing.n_failures, failed=_why_failed(last) if last else (), not_told=standing.not_told,
    )  # fmt: skip


def _why_failed(run: Run) -> tuple[str, ...]:
    return (*([run.error] if run.error else []), *(f"{p.name}: {p.error}" for p in run.failed))
