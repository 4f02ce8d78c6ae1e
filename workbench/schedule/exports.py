"""The same schedules for other schedulers: files that are ready to be put in their place.

Each asks ``workbench schedule once`` to look what is due, so a moment that is asked for too often costs half a second and nothing is
made twice; only Airflow makes the pages itself.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from workbench.errors import BadFile, BadSetting, cannot_write
from workbench.model import Missed, NotifySetting, ScheduleSetting, StudySettings
from workbench.schedule.notify import VARIABLE
from workbench.schedule.rules import Rule, in_words, read_rules
from workbench.schedule.times import calendar_lines, plain_cron

#: In the first lines of each file; a file without it is somebody's own.
MARK = "Made by: workbench schedule export"

#: How far back a run on a machine that remembers nothing looks: others start late by minutes, at busy times by hours.
LOOK_BACK = "6 hours"


def export_cron(folder: Path, settings: StudySettings) -> dict[str, str]:
    """One line for ``crontab``, every five minutes: Debian's cron knows no time zone of a line, and catches up nothing."""
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    shown = [f"#   {_line(s.name)}: {in_words(rules[s.name])}, {s.timezone}" for s in settings.schedules]
    command = shlex.join(_once(folder)).replace("%", r"\%")
    return {
        "workbench.crontab": "\n".join([
            f"# {MARK} cron",
            "# Looks every five minutes what is due, in the time zone of each schedule in study.toml, and catches up what was missed.",
            "# CRON_TZ is not used: cron in Debian does not know it, and where clocks change, crons differ.  Nothing is said, and no",
            "# mail sent, unless reports were made or something failed.  The schedules now:",
            *shown,
            f"*/5 * * * * {command} --quiet",
            "",
        ])
    }  # fmt: skip


def export_systemd(folder: Path, settings: StudySettings, now: datetime) -> dict[str, str]:
    """A service that looks what is due, and a timer for each schedule."""
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    name = f"workbench-{slug(settings.title)}"
    command = " ".join(_unit_word(word) for word in _once(folder))
    files = {
        f"{name}.service": f"# {MARK} systemd\n[Unit]\nDescription={_unit_text(f'Reports of {settings.title} that are due')}\n"
        f"Wants=network-online.target\nAfter=network-online.target\n\n"
        f"[Service]\nType=oneshot\nExecStart={command}\n# for the addresses of [[notify]]: EnvironmentFile=%h/.config/{name}.env\n"
    }
    for setting, each in zip(settings.schedules, slugs([s.name for s in settings.schedules]), strict=True):
        files[f"{name}-{each}.timer"] = _timer(setting, rules[setting.name], f"{name}.service", settings.title, now)
    return files


def _timer(setting: ScheduleSetting, rule: Rule, service: str, title: str, now: datetime) -> str:
    lines = "\n".join(f"OnCalendar={line}" for line in calendar_lines(rule, now))
    return (
        f"# {MARK} systemd\n# {_line(in_words(rule))}, {rule.zone.key}\n[Unit]\nDescription={_unit_text(f'{setting.name} of {title}')}\n\n"
        f"[Timer]\n{lines}\nPersistent={'true' if setting.missed is Missed.ONCE else 'false'}\nUnit={service}\n\n"
        f"[Install]\nWantedBy=timers.target\n"
    )


def export_github(folder: Path, settings: StudySettings) -> dict[str, str]:
    """A workflow for GitHub Actions."""
    rules = read_rules(settings.schedules, str(folder / "study.toml"))
    lines = dict.fromkeys((plain_cron(rules[s.name]), s.timezone) for s in settings.schedules)
    schedule = "\n".join(f"    - cron: {json.dumps(cron)}\n      timezone: {json.dumps(zone)}" for cron, zone in lines)
    command = shlex.join(["workbench", "schedule", "once", "--study", _in_repository(folder), "--since", LOOK_BACK])
    kept = json.dumps(f"{_in_repository(folder)}/reports")
    secrets = "".join(f"\n          {name}: ${{{{ secrets.{name} }}}}" for name in _variables(settings.notify))
    return {
        ".github/workflows/workbench-reports.yml": f"""# {MARK} github
# GitHub counts in UTC; `timezone` is what it calls the zone of a line.  Where a server of your own does not know that word, leave
# it out and write the line in UTC, once for summer and once for winter: what is not due then is not made.
# GitHub starts late when it is busy, and not at all in a repository in which nothing happened for 60 days.
# What the reports read has to be in the repository, or study.toml has to name a [store] that can be reached from there.
name: {json.dumps(f"Reports of {_line(settings.title)}")}
on:
  workflow_dispatch:
  schedule:
{schedule}
permissions:
  contents: read
concurrency:
  group: workbench-reports
  cancel-in-progress: false
jobs:
  reports:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - run: python -m pip install "ux-workbench[notify]"
      # the pages from before, and what ran when
      - uses: actions/cache@v5
        with:
          path: {kept}
          key: workbench-reports-${{{{ github.run_id }}}}
          restore-keys: workbench-reports-
      - run: {json.dumps(command)}{
            f'''
        env:{secrets}'''
            if secrets
            else ""
        }
      - uses: actions/upload-artifact@v6
        if: always()
        with:
          name: reports
          path: {kept}
"""
    }


def write_files(files: Mapping[str, str], out: Path) -> list[Path]:
    """Write exported files; one of the same name is replaced only if it was exported too.

    Raises
    ------
    BadFile
        A file of that name is somebody's own; then none is written.
    FolderNotWritable, DiskFull
    """
    try:
        return _write({out / name: text for name, text in files.items()})
    except OSError as error:
        raise cannot_write(error.filename or out, error) from error


def _write(targets: Mapping[Path, str]) -> list[Path]:
    for target in targets:
        if target.exists() and MARK not in target.read_text(encoding="utf-8", errors="replace")[:200]:
            raise BadFile(
                target, "a file of this name is here already and was not exported", "Move it, or choose another folder with --out."
            )
    for target, text in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return list(targets)


def _once(folder: Path) -> list[str]:
    """The command that looks what is due, as this machine would run it."""
    words = [sys.executable, "-P", "-m", "workbench.cli.main", "schedule", "once", "--study", str(folder.resolve())]
    for word in words:
        if not word.isprintable():
            raise BadSetting(
                word.encode("unicode_escape").decode(), "a path with a line break cannot be written there", "Rename the folder."
            )
    return words


def _in_repository(folder: Path) -> str:
    """Where a study lies in its git repository."""
    here = folder.resolve()
    root = next((place for place in [here, *here.parents] if (place / ".git").exists()), here)
    return f"./{here.relative_to(root).as_posix()}".removesuffix("/.")


def _variables(notify: Sequence[NotifySetting]) -> list[str]:
    """The variables that addresses name, as far as there can be such a variable."""
    found = (name for n in notify for to in n.to for name in VARIABLE.findall(to))
    return [name for name in dict.fromkeys(found) if re.fullmatch(r"\w+", name)]


def _line(text: str) -> str:
    """Text for a comment: one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _unit_text(text: str) -> str:
    return _line(text).replace("%", "%%")


def _unit_word(word: str) -> str:
    """One word of a command in a unit, where ``%`` and ``$`` mean something."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def slug(text: str) -> str:
    """A title as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "study"


def slugs(names: Sequence[str]) -> list[str]:
    """A name for a file each, no two alike."""
    found: list[str] = []
    for name in names:
        numbered = (f"{slug(name)}{f'-{n}' if n > 1 else ''}" for n in count(1))
        found.append(next(each for each in numbered if each not in found))
    return found
