"""``schedule``: when reports are made, and making what is due."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from workbench.cli.output import JsonOption, StudyOption, print_json, say, say_error
from workbench.errors import BadSetting, NotAStudy

if TYPE_CHECKING:
    from workbench.model import ScheduleSetting, StudySettings
    from workbench.schedule.health import Health
    from workbench.schedule.runner import Event

schedule = typer.Typer(help="Reports on time: list, once, run, status, export.", no_args_is_help=True)

LinesOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for each thing that happens.")]
JobsOption = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many pages are made at a time.")]


class Kind(StrEnum):
    """Other schedulers."""

    CRON = "cron"
    SYSTEMD = "systemd"
    GITHUB = "github"
    AIRFLOW = "airflow"


def list_(study: StudyOption = Path(), json_: JsonOption = False) -> None:
    """Say what is made when, with the next three times of each schedule.

    Example: `workbench schedule list`
    """
    from workbench.schedule.rules import in_words, moments, read_rules

    settings = _settings(study)
    rules = read_rules(settings.schedules, str(study / "study.toml"))
    listed = [(s, rules[s.name], list(islice(moments(rules[s.name], _now()), 3))) for s in settings.schedules]
    if json_:
        print_json(
            [{**asdict(s), "in_words": in_words(rule), "next": [f"{m:%Y-%m-%dT%H:%M:%SZ}" for m in next_]} for s, rule, next_ in listed]
        )
        return
    for s, rule, next_ in listed:
        say(f"{s.name}: {in_words(rule)}, {s.timezone}; {_which(s)}")
        for m in next_:
            say(f"  {m.astimezone(ZoneInfo(s.timezone)):%a %Y-%m-%d %H:%M %Z}   {m:%Y-%m-%d %H:%M} UTC")


def once(
    study: StudyOption = Path(),
    jobs: JobsOption = 1,
    since: Annotated[
        str, typer.Option(help='Look back so far for a schedule that was never seen here: "6 hours".', show_default=False)
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing when nothing is due.")] = False,
    json_: LinesOption = False,
) -> None:
    """Make what is due, once, however often this is called: for cron, a timer or a hand.  Exit code 1 if a page failed.

    Example: `workbench schedule once --study my-study`
    """
    from workbench.model.durations import parse_duration
    from workbench.schedule.make import batch_maker
    from workbench.schedule.notify import teller
    from workbench.schedule.runner import run_due

    settings = _settings(study)
    back = {"since": parse_duration(since, "--since")} if since else {}
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.append(event)
        _log(json_)(event)

    runs = run_due(study, settings, clock=_now, make=batch_maker(study, jobs=jobs), tell=teller(study, settings), say=hear, **back)
    if not heard and not quiet and not json_:
        say(f"Nothing is due. {_coming(settings)}")
    raise typer.Exit(any(run.result == "failed" for run in runs))


def run(study: StudyOption = Path(), jobs: JobsOption = 1, json_: LinesOption = False) -> None:
    """Stay and make what is due when it is due, until Ctrl-C or SIGTERM: for a service manager or a container.

    Changes of study.toml are seen within a minute.  Told to end, it finishes the page in work and goes on with the rest next time.

    Example: `workbench schedule run --json`
    """
    from workbench.schedule.make import batch_maker
    from workbench.schedule.notify import teller
    from workbench.schedule.rules import read_rules
    from workbench.schedule.runner import Event, run_due
    from workbench.schedule.service import Stop, serve, stoppable

    log, stop = _log(json_), Stop()
    make = stoppable(batch_maker(study, jobs=jobs), stop)

    def look() -> None:
        settings = _settings(study)
        run_due(study, settings, clock=_now, make=make, tell=teller(study, settings), say=log)

    read_rules(_settings(study).schedules, str(study / "study.toml"))  # a mistake that is there from the beginning ends it
    serve(look, stop, lambda event, says: log(Event(_now(), event, says=says)))


def status(study: StudyOption = Path(), json_: JsonOption = False) -> None:
    """Say how each schedule does.  Exit code 1 when one is overdue, failing or looked at by nobody: for a monitor.

    Example: `workbench schedule status --json`
    """
    from workbench.schedule.health import check_health

    found = check_health(study, _settings(study), _now())
    if json_:
        print_json([{**_plain(asdict(h)), "is_well": h.is_well} for h in found])
    else:
        for h in found:
            say(
                f"{h.schedule}: {_state(h)}. Last run {_utc(h.last_run)}, last success {_utc(h.last_success)}, next due {_utc(h.next_due)}."
            )
            for sentence in (*h.failed, *h.not_told):
                say(f"  {sentence}")
    raise typer.Exit(not all(h.is_well for h in found))


def export(
    kind: Annotated[Kind, typer.Argument(help="For which scheduler.", show_default=False)],
    study: StudyOption = Path(),
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.", show_default="this folder")] = Path(),
) -> None:
    """Write the files that cron, systemd, GitHub Actions or Airflow need to make these reports, and say where they go.

    The schedules count as known from now on, so that their next time is not missed.

    Example: `workbench schedule export systemd --out units`
    """
    from workbench.schedule import exports
    from workbench.schedule.airflow import export_airflow
    from workbench.schedule.make import planned_tasks
    from workbench.schedule.runner import meet

    settings = _settings(study)
    files = {
        Kind.CRON: lambda: exports.export_cron(study, settings),
        Kind.SYSTEMD: lambda: exports.export_systemd(study, settings, _now()),
        Kind.GITHUB: lambda: exports.export_github(study, settings),
        Kind.AIRFLOW: lambda: export_airflow(study, settings, _now(), lambda s: planned_tasks(study, s)),
    }[kind]()
    written = exports.write_files(files, out)
    if kind in (Kind.CRON, Kind.SYSTEMD):
        meet(study, settings, _now())
    for path in written:
        say(str(path))
    say(_NEXT[kind])


_NEXT = {
    Kind.CRON: "Next, add its last line to what crontab -e shows.",
    Kind.SYSTEMD: "Next, copy them to ~/.config/systemd/user, then: systemctl --user daemon-reload; systemctl --user enable --now NAME.timer, "
    "for each; loginctl enable-linger, so that they run when you are not logged in.",
    Kind.GITHUB: "Next, commit it at the root of the repository, and add what [[notify]] needs to the secrets of the repository.",
    Kind.AIRFLOW: "Next, copy it to the folder of DAGs; Airflow needs apache-airflow-providers-papermill and workbench beside it.",
}


def _settings(study: Path) -> StudySettings:
    """What study.toml says; the study itself is opened only when something is due."""
    from workbench.io.study_toml import read_settings

    if not (study / "study.toml").is_file():
        raise NotAStudy(study)
    settings = read_settings(study / "study.toml")
    if not settings.schedules:
        accepted = 'Add one: [[schedule]], then cron = "0 7 * * MON" and timezone = "Europe/Prague".'
        raise BadSetting(str(study / "study.toml"), "it names no [[schedule]]", accepted)
    return settings


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _coming(settings: StudySettings) -> str:
    """Which schedule is due next."""
    from workbench.schedule.rules import next_due, read_rule

    moment, name = min((next_due(read_rule(s), _now()) or datetime.max.replace(tzinfo=UTC), s.name) for s in settings.schedules)
    return f'Next is "{name}", {moment:%Y-%m-%d %H:%M} UTC.'


def _log(as_json: bool) -> Callable[[Event], None]:
    """Prints what happens as it happens."""

    def line(event: Event) -> None:
        told = {name: value for name, value in _plain(asdict(event)).items() if value}
        if as_json:
            print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201
        elif event.event in ("error", "not told") or (event.event == "done" and event.says):
            say_error(" ".join(filter(None, [event.schedule and f"{event.schedule}:", event.says])))
        else:
            of = {**told, "schedule": f"{event.schedule}:"} if event.schedule else told
            say(" ".join(of[name] for name in ("time", "schedule", "event", "page", "result", "says") if name in of))
        sys.stdout.flush()

    return line


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """With moments as 2026-11-23T06:00:00Z."""
    return {name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value for name, value in told.items()}


def _which(setting: ScheduleSetting) -> str:
    reports = ", ".join(setting.reports) or "all reports"
    return f"{reports}, where something changed" if setting.which == "changed" else reports


def _state(health: Health) -> str:
    if not health.seen:
        return "nobody has looked at it yet"
    doing = "being made" if health.running else "overdue" if health.overdue else health.result or "waiting"
    return f"{doing}, {health.n_failures_in_a_row} failures in a row" if health.n_failures_in_a_row > 1 else doing


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    schedule.command("list")(list_)
    for command in (once, run, status, export):
        schedule.command()(command)
    app.add_typer(schedule, name="schedule")
