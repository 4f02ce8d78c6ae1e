"""`workbench schedule`: what is due is made, and each command says what it did."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from miniature import write

from workbench.schedule.state import LOCK_FILE, read_state

#: What pytest lends us in conftest.py, by its shape: called with the words of a command, gives ``code``, ``out`` and ``err``.
Workbench = Any

SETTINGS = """
[[report]]
template = "number"
for_each = { n = [1, 2] }
[[schedule]]
name = "Often"
cron = "* * * * *"
timezone = "Europe/Prague"
"""
NUMBER = ["n: int = 1  # which", "print(n)"]


def template(folder: Path, name: str, cells: list[str]) -> None:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells], metadata=kernel)
    notebook.cells[0].metadata["tags"] = ["parameters"]
    write(folder / "templates", f"{name}.ipynb", json.dumps(notebook))


@pytest.fixture
def scheduled(empty: Path) -> Path:
    """A study with two small pages, due every minute."""
    template(empty, "number", NUMBER)
    with (empty / "study.toml").open("a") as file:
        file.write(SETTINGS)
    return empty


def lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_list_says_when_in_words_and_in_both_times(workbench: Workbench, scheduled: Path) -> None:
    first, *times = workbench("schedule", "list", "--study", scheduled).out.splitlines()
    assert first == "Often: Every minute, Europe/Prague; all reports, where something changed"
    assert [bool(re.fullmatch(r"  \w{3} \d{4}-\d\d-\d\d \d\d:\d\d CES?T   \d{4}-\d\d-\d\d \d\d:\d\d UTC", line)) for line in times] == [
        True
    ] * 3
    [listed] = json.loads(workbench("schedule", "list", "--json", "--study", scheduled).out)
    assert (listed["in_words"], len(listed["next"])) == ("Every minute", 3)


def test_once_makes_what_is_due_and_then_nothing(workbench: Workbench, scheduled: Path) -> None:
    done = workbench("schedule", "once", "--study", scheduled, "--since", "2 min", "--json")
    assert (done.code, done.err) == (0, "")
    told = [(line["event"], line.get("page"), line.get("result")) for line in lines(done.out)]
    assert told[:4] == [("begun", None, None), ("page", "number-1", "made"), ("page", "number-2", "made"), ("done", None, "ok")]
    assert (scheduled / "reports" / "number-2.html").is_file()
    assert read_state(scheduled).schedules["Often"].last.result == "ok"


def test_nothing_due_says_what_is_next_or_nothing(workbench: Workbench, scheduled: Path) -> None:
    settings = (scheduled / "study.toml").read_text()
    (scheduled / "study.toml").write_text(settings.replace("* * * * *", "0 7 29 2 *"))
    assert workbench("schedule", "once", "--study", scheduled).out == 'Nothing is due. Next is "Often", 2028-02-29 06:00 UTC.\n'
    assert workbench("schedule", "once", "--quiet", "--study", scheduled).out == ""


def test_a_page_that_fails_makes_the_exit_code_1_and_the_status_tells(workbench: Workbench, scheduled: Path) -> None:
    template(scheduled, "number", [NUMBER[0], "1 / (n - 1)"])
    done = workbench("schedule", "once", "--study", scheduled, "--since", "2 min")
    assert done.code == 1
    assert "Often: page number-2 made" in done.out
    status = workbench("schedule", "status", "--study", scheduled)
    assert status.code == 1
    assert status.out.startswith("Often: failed. Last run 20")
    assert "last success never" in status.out
    assert "ZeroDivisionError" in status.out
    [told] = json.loads(workbench("schedule", "status", "--json", "--study", scheduled).out)
    assert (told["result"], told["is_well"], told["last_success"]) == ("failed", False, None)


def test_while_another_process_is_at_it_that_is_said(workbench: Workbench, scheduled: Path) -> None:
    with (scheduled / "reports" / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = workbench("schedule", "once", "--study", scheduled)
    assert (done.code, done.out.partition(" ")[2]) == (0, "busy another process is making the reports that are due\n")


@pytest.mark.parametrize("command", [["list"], ["once"], ["run"], ["status"], ["export", "cron"]])
def test_a_study_without_a_schedule_is_told_how_to_write_one(workbench: Workbench, empty: Path, command: list[str]) -> None:
    done = workbench("schedule", *command, "--study", empty)
    assert done.code == 1
    assert done.err == (
        f"workbench: {empty / 'study.toml'}: it names no [[schedule]]. "
        'Add one: [[schedule]], then cron = "0 7 * * MON" and timezone = "Europe/Prague".\n'
    )


@pytest.mark.parametrize("command", [["list"], ["once"], ["run"], ["status"], ["export", "cron"]])
def test_a_schedule_that_cannot_be_read_is_a_sentence(workbench: Workbench, scheduled: Path, command: list[str]) -> None:
    settings = (scheduled / "study.toml").read_text()
    (scheduled / "study.toml").write_text(settings.replace("Europe/Prague", "Europe/Pragu"))
    done = workbench("schedule", *command, "--study", scheduled)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert 'schedule "Often", "timezone": there is no time zone "Europe/Pragu". Did you mean "Europe/Prague"?' in done.err


@pytest.mark.parametrize("kind", ["cron", "systemd", "github", "airflow"])
def test_export_writes_files_and_says_where_they_go(workbench: Workbench, scheduled: Path, tmp_path: Path, kind: str) -> None:
    done = workbench("schedule", "export", kind, "--study", scheduled, "--out", tmp_path / "out")
    *paths, next_ = done.out.splitlines()
    assert (done.code, all(Path(path).is_file() for path in paths)) == (0, True)
    assert next_.startswith("Next, ")
    assert bool(read_state(scheduled).schedules) is (kind in ("cron", "systemd"))


def test_a_line_of_the_crontab_runs(scheduled: Path, tmp_path: Path, workbench: Workbench) -> None:
    workbench("schedule", "export", "cron", "--study", scheduled, "--out", tmp_path)
    command = (tmp_path / "workbench.crontab").read_text().splitlines()[-1].removeprefix("*/5 * * * * ").replace(r"\%", "%")
    (scheduled / "study.toml").write_text((scheduled / "study.toml").read_text().replace("* * * * *", "0 7 29 2 *"))
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, cwd=tmp_path, env={})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_service_finishes_the_page_in_work_when_it_is_told_to_end(scheduled: Path, workbench: Workbench) -> None:
    """The first page waits for a word from here; the second is made by the next look."""
    gate = scheduled / "gate"
    os.mkfifo(gate)
    template(scheduled, "number", [NUMBER[0], f"print(open({str(gate)!r}).read() if n == 1 else n)"])
    workbench("schedule", "export", "cron", "--study", scheduled, "--out", scheduled)
    put_back(scheduled)
    command = [sys.executable, "-m", "workbench.cli.main", "schedule", "run", "--json", "--study", str(scheduled)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        with gate.open("w") as word:  # opens when the page reads
            service.send_signal(signal.SIGTERM)
            word.write("go")
        told = lines(service.stdout.read())
    assert service.returncode == 0
    assert [line["event"] for line in told] == ["started", "begun", "page", "stopped"]
    again = lines(workbench("schedule", "once", "--json", "--study", scheduled).out)
    assert [line.get("page") for line in again[:3]] == [None, "number-2", None]


def put_back(study: Path) -> None:
    """As if nobody had looked for two hours."""
    path = study / "reports" / ".schedule.json"
    state = json.loads(path.read_text())
    state["schedules"]["Often"]["done"] = "2026-01-01T00:00:00Z"
    path.write_text(json.dumps(state))
