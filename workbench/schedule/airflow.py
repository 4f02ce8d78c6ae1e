"""The same schedules for Apache Airflow 2.9 or newer: one file with a DAG for each, in which a task runs one template.

The file needs Airflow with its Papermill provider, and workbench beside them; the study is read where it lies.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from pprint import pformat
from typing import Any

from workbench.errors import BadSetting
from workbench.model import ScheduleSetting, StudySettings
from workbench.schedule.exports import MARK, slug, slugs
from workbench.schedule.rules import Rule, read_rules
from workbench.schedule.times import exact_cron

_DAGS = Path(__file__).with_name("airflow_dags.py.txt")

#: For each page of a schedule: its name, the path of its template, its parameters and its time limit in seconds.
Pages = Callable[[ScheduleSetting], Sequence[tuple[str, Path, Mapping[str, Any], float | None]]]


def export_airflow(folder: Path, settings: StudySettings, now: datetime, pages: Pages) -> dict[str, str]:
    """A file of DAGs, one for each schedule, with a task for each of its ``pages``.

    Raises
    ------
    BadSetting
        Airflow has no words for a cron line.
    """
    where = folder / "study.toml"
    rules = read_rules(settings.schedules, str(where))
    made = [
        {
            "dag_id": f"{slug(settings.title)}-{name}",
            "name": s.name,
            "cron": _cron(rules[s.name], f'{where}, schedule "{s.name}"'),
            "timezone": s.timezone,
            "start": now.isoformat(timespec="seconds"),
            "tasks": _tasks(folder, pages(s)),
        }
        for s, name in zip(settings.schedules, slugs([s.name for s in settings.schedules]), strict=True)
    ]
    values = {"MARK": MARK, "PYTHON": repr(sys.executable), "NOTEBOOKS": repr(str(folder.resolve() / "reports" / "airflow"))}
    text = _DAGS.read_text(encoding="utf-8")
    filled = re.sub(r"\[\[(\w+)\]\]", lambda m: {**values, "SCHEDULES": pformat(made, width=120, sort_dicts=False)}[m[1]], text)
    return {f"workbench_{slug(settings.title).replace('-', '_')}.py": filled}


def _tasks(folder: Path, pages: Sequence[tuple[str, Path, Mapping[str, Any], float | None]]) -> list[dict[str, Any]]:
    ids = slugs([name for name, *_ in pages])
    return [
        {
            "task_id": id,
            "page": name,
            "template": str(template.resolve()),
            "parameters": json.loads(json.dumps({**parameters, "study_dir": str(folder.resolve())}, default=str)),
            "time_limit_s": limit_s,
        }
        for id, (name, template, parameters, limit_s) in zip(ids, pages, strict=True)
    ]


def _cron(rule: Rule, where: str) -> str:
    cron = exact_cron(rule)
    if cron is None:
        accepted = "Use numbers, names, * , - and / with either a day of the month or a day of the week, or another scheduler."
        raise BadSetting(where, f'"{rule.cron}" cannot be said to Airflow', accepted)
    return cron
