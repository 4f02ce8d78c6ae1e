"""What other schedulers are given asks at every moment that counts, whatever is in a path or a name."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from stand_in import MONDAY, at, world

from workbench.errors import BadFile, BadSetting
from workbench.model import ScheduleSetting
from workbench.schedule.airflow import export_airflow
from workbench.schedule.exports import export_cron, export_github, export_systemd, slugs, write_files
from workbench.schedule.rules import Rule, due_between, read_rule
from workbench.schedule.times import calendar_lines, exact_cron, plain_cron

NOW = at("2026-11-22T12:00")
ODD = """it's "my" 100% $tudy {x} <&>"""
NOTIFY = '[[notify]]\nto = ["slack://${SLACK_TOKEN}/${CHANNEL}", "json://${SLACK_TOKEN}"]\n'
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here to ask")


def rule(cron: str, zone: str = "UTC") -> Rule:
    return read_rule(ScheduleSetting(cron, timezone=zone))


def odd(tmp_path: Path, toml: str = MONDAY):
    """A study in a folder with everything in its name that means something to somebody."""
    return world(tmp_path / ODD, toml)


# cron


def test_the_line_for_crontab_looks_every_five_minutes_and_quotes_the_folder(tmp_path: Path) -> None:
    w = odd(tmp_path)
    text = export_cron(w.folder, w.settings)["workbench.crontab"]
    *comments, line = text.splitlines()
    assert all(c.startswith("#") for c in comments)
    assert "#   Monday: At 07:00 on Monday, Europe/Prague" in comments
    every, command = line.split(" * * * * ")
    assert every == "*/5"
    assert "%" not in command.replace(r"\%", "")
    words = shlex.split(command.replace(r"\%", "%"))
    assert words == [sys.executable, "-P", "-m", "workbench.cli.main", "schedule", "once", "--study", str(w.folder.resolve()), "--quiet"]


def test_a_folder_with_a_line_break_is_refused(tmp_path: Path) -> None:
    w = world(tmp_path / "a\nb")
    with pytest.raises(BadSetting, match="a path with a line break cannot be written there"):
        export_cron(w.folder, w.settings)


# systemd


def test_each_schedule_has_a_timer_and_all_have_one_service(tmp_path: Path) -> None:
    w = odd(tmp_path, MONDAY + MONDAY.replace('"Monday"', '"Monday!"') + 'missed = "skip"\n')
    files = export_systemd(w.folder, w.settings, NOW)
    name = "workbench-why-carts-are-left"
    assert sorted(files) == [f"{name}-monday-2.timer", f"{name}-monday.timer", f"{name}.service"]
    assert "OnCalendar=Mon *-*-* 07:00:00 Europe/Prague\nPersistent=true" in files[f"{name}-monday.timer"]
    assert f"Persistent=false\nUnit={name}.service" in files[f"{name}-monday-2.timer"]
    assert r'''"--study" "''' in files[f"{name}.service"]
    assert r'''it's \"my\" 100%% $$tudy {x} <&>"''' in files[f"{name}.service"]


@needs_systemd
def test_systemd_takes_the_files(tmp_path: Path) -> None:
    w = odd(tmp_path, MONDAY + '[[schedule]]\nname = "100% {n}"\ncron = "30 2 * * *"\ntimezone = "Europe/Prague"\n')
    written = write_files(export_systemd(w.folder, w.settings, NOW), tmp_path / "units")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *map(str, written)], capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "units/workbench" in line or "workbench-" in line]
    assert said == []


def calendar(line: str, start: datetime, n: int) -> list[datetime]:
    command = ["systemd-analyze", "calendar", f"--iterations={n}", f"--base-time=@{start.timestamp():.0f}", line]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    found = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if "Next elapse:" in line or "Iter" in line]
    return [datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) for text in found]


@needs_systemd
@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("30 2 * * *", "Europe/Prague"), ("15 2 * * *", "Australia/Lord_Howe"), ("30 1 * * *", "America/New_York"), ("0 7 1 * 1", "UTC"),
        ("0 7 */2 * 1", "UTC"), ("*/20 9-17 * * 1-5", "Asia/Kolkata"), ("0 0 * JAN,JUL 7", "UTC"), ("0 6 L * *", "UTC"),
    ],
)  # fmt: skip
def test_a_timer_fires_at_every_moment_that_counts(cron: str, zone: str) -> None:
    """Also on the day when clocks are put forward; more often does no harm, a quarter of an hour later would."""
    start = at("2027-03-10T00:00")
    wanted = due_between(rule(cron, zone), start, start + timedelta(days=30))
    fired = {moment for line in calendar_lines(rule(cron, zone), start) for moment in calendar(line, start - timedelta(seconds=1), 800)}
    assert [m for m in wanted if not {m, m + timedelta(minutes=7)} & fired] == []


# GitHub


def test_the_workflow_runs_once_in_the_zone_of_each_schedule(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    w = odd(tmp_path, MONDAY + NOTIFY)
    [(name, text)] = export_github(w.folder, w.settings).items()
    flow = yaml.safe_load(text)
    assert name == ".github/workflows/workbench-reports.yml"
    assert flow[True]["schedule"] == [{"cron": "0 7 * * 1", "timezone": "Europe/Prague"}]
    [once] = [step for step in flow["jobs"]["reports"]["steps"] if "schedule once" in step.get("run", "")]
    assert shlex.split(once["run"]) == ["workbench", "schedule", "once", "--study", f"./{ODD}", "--since", "6 hours"]
    assert once["env"] == {"SLACK_TOKEN": "${{ secrets.SLACK_TOKEN }}", "CHANNEL": "${{ secrets.CHANNEL }}"}


# Airflow

PAGES = [("maps/new", Path("journey_map.ipynb"), {"segment": "it's {{ x }}"}, 60.0), ("maps-new", Path("a{b}.ipynb"), {}, None)]


class Operator:
    """Keeps what it is given, as Airflow's operators do, and what comes after it."""

    def __init__(self, **given: Any) -> None:
        self.given, self.after = given, []
        vars(self).update(given)

    def __rshift__(self, other: Operator) -> Operator:
        self.after.append(other)
        return other


class Dag:
    def __init__(self, **given: Any) -> None:
        self.given = given

    def __enter__(self) -> Dag:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def module(monkeypatch: pytest.MonkeyPatch, name: str, **names: Any) -> None:
    made = ModuleType(name)
    vars(made).update(names)
    for depth in range(1, name.count(".") + 1):
        above = ".".join(name.split(".")[:depth])
        if above not in sys.modules:
            monkeypatch.setitem(sys.modules, above, ModuleType(above))
    monkeypatch.setitem(sys.modules, name, made)


@pytest.fixture(params=["2.9", "3"])
def airflow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Airflow keeps what the file needs, before and since version 3."""
    module(monkeypatch, "airflow", DAG=Dag)
    module(monkeypatch, "airflow.providers.papermill.operators.papermill", PapermillOperator=Operator)
    module(monkeypatch, "airflow.timetables.trigger", CronTriggerTimetable=lambda cron, *, timezone: (cron, timezone))
    if request.param == "3":
        module(monkeypatch, "airflow.providers.standard.operators.bash", BashOperator=Operator)
        module(monkeypatch, "airflow.sdk", DAG=Dag)
    else:
        module(monkeypatch, "airflow.operators.bash", BashOperator=Operator)


def dags(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(text, "dags.py", "exec"), names)
    return names


def test_airflow_gets_a_dag_for_each_schedule_and_a_task_for_each_page(tmp_path: Path, airflow: None) -> None:
    w = odd(tmp_path)
    [(name, text)] = export_airflow(w.folder, w.settings, NOW, lambda _schedule: PAGES).items()
    assert name == "workbench_why_carts_are_left.py"
    names = dags(text)
    dag = names["why-carts-are-left-monday"]
    assert dag.given["schedule"] == ("0 7 * * 1", "Europe/Prague")
    assert [t["task_id"] for t in names["SCHEDULES"][0]["tasks"]] == ["maps-new", "maps-new-2"]
    last = names["report"]
    assert last.given["input_nb"].endswith("/a{{b}}.ipynb")
    assert last.given["output_nb"].endswith("/reports/airflow/maps-new.ipynb")
    assert last.given["parameters"] == {"study_dir": str(w.folder.resolve())}
    [page] = last.after
    assert shlex.split(page.given["bash_command"])[:2] == [sys.executable, "-m"]
    assert str(w.folder.resolve() / "reports" / "airflow" / "maps-new.ipynb") in shlex.split(page.given["bash_command"])


def test_a_parameter_is_text_for_airflow_and_no_template(tmp_path: Path, airflow: None) -> None:
    w = odd(tmp_path)
    [text] = export_airflow(w.folder, w.settings, NOW, lambda _schedule: PAGES).values()
    names = dags(text)
    assert names["SCHEDULES"][0]["tasks"][0]["parameters"]["segment"] == "it's {{ x }}"
    assert names["ReportOperator"].template_fields == names["PageOperator"].template_fields == ()


def test_what_airflow_cannot_say_is_refused(tmp_path: Path) -> None:
    w = odd(tmp_path, '[[schedule]]\ncron = "0 7 * * MON#1"\n')
    with pytest.raises(BadSetting, match=r'schedule "reports": "0 7 \* \* MON#1" cannot be said to Airflow'):
        export_airflow(w.folder, w.settings, NOW, lambda _schedule: [])


# all of them


@pytest.mark.parametrize(
    ("cron", "plain", "exact"),
    [
        ("@daily", "0 0 * * *", "0 0 * * *"), ("0 7 * JUL MON-FRI", "0 7 * 7 1,2,3,4,5", "0 7 * 7 1,2,3,4,5"), ("0 7 * * 7", "0 7 * * 0", "0 7 * * 0"),
        ("0 7 L * *", "7 * * * *", None), ("0 7 */15 * MON", "0 7 1,16,31 * 1", None), ("0 7 1 * MON", "0 7 1 * 1", "0 7 1 * 1"),
    ],
)  # fmt: skip
def test_a_line_is_written_in_numbers(cron: str, plain: str, exact: str | None) -> None:
    assert (plain_cron(rule(cron)), exact_cron(rule(cron))) == (plain, exact)


def test_a_file_of_somebodys_own_is_not_replaced(tmp_path: Path) -> None:
    w = odd(tmp_path)
    files = export_cron(w.folder, w.settings)
    [path] = write_files(files, tmp_path / "out")
    assert write_files(files, tmp_path / "out") == [path]
    path.write_text("0 5 * * * backup\n")
    with pytest.raises(BadFile, match="is here already and was not exported"):
        write_files(files, tmp_path / "out")
    assert path.read_text() == "0 5 * * * backup\n"


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(BadFile, match="there is a file where a folder should be"):
        write_files({"a": "b"}, tmp_path / "out")


def test_no_two_files_have_one_name() -> None:
    assert slugs(["a", "A!", "a-2", "", "…"]) == ["a", "a-2", "a-2-2", "study", "study-2"]
