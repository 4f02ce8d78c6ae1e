"""Whatever is killed while a batch runs, every page is whole, made once, and nothing is left behind."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from batches import CODINGS, study_with

from workbench.reports.planned import planned_reports
from workbench.reports.provenance import read_record
from workbench.store import load_runs
from workbench.study import Study, open_study

pytestmark = pytest.mark.soak

#: How often something is killed; WORKBENCH_KILLS says another number.
N_KILLS = int(os.environ.get("WORKBENCH_KILLS", "40"))
N_PAGES = 6
MANY = f"""
[[report]]
template = "codings"
for_each = {{ n = {list(range(N_PAGES))} }}

[[schedule]]
cron = "* * * * *"
"""
#: The last one goes on until it is told to end.
COMMANDS = (["reports"], ["reports", "--jobs", "2"], ["schedule", "once"], ["schedule", "run"])


def started(study: Study, command: list[str]) -> psutil.Popen:
    options = ["--study", str(study.folder)]
    return psutil.Popen(
        [sys.executable, "-m", "workbench.cli.main", *command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def family(process: psutil.Process) -> list[psutil.Process]:
    """The process and all that it started, in their turn."""
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def check_pages(study: Study) -> None:
    """Every page that has a record is the one that its record tells of, or is known not to be: never half a page."""
    for planned in planned_reports(study):
        page = planned.page(study)
        if page.exists():
            assert page.read_bytes().rstrip().endswith(b"</html>"), page


def left_behind(study: Study) -> list[str]:
    own = [p.name for p in (study.folder / "reports").iterdir() if p.suffix == ".part" or ".partial" in p.name]
    return own + [p.name for p in Path(tempfile.gettempdir()).glob("wb-*")]


def test_nothing_is_lost_nothing_doubled_and_nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = int(os.environ.get("WORKBENCH_SEED", str(time.time_ns() % 10_000)))
    chance, killed = random.Random(seed), Counter[str]()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    slow = f"{CODINGS}\nimport time\ntime.sleep(0.05 * n)"
    with closing(study_with(tmp_path, MANY, codings=slow)) as study:
        n_rounds = 0
        while sum(killed.values()) < N_KILLS:
            n_rounds += 1
            study.add_coding("P01", "Anxious", n_rounds % 20, 21 + n_rounds // 20)  # each time another passage
            for _ in range(chance.choice((1, 1, 2, 3))):
                command = chance.choice(COMMANDS)
                running = started(study, command)
                killed[kill_one(running, chance, is_service="run" in command)] += 1
                check_pages(study)
            finish(study)
            runs = Counter(r["name"] for r in load_runs(study.db) if r["result"] == "ok")
            assert runs == Counter({f"codings-{n}": n_rounds for n in range(N_PAGES)}), f"seed {seed}, round {n_rounds}"
            assert left_behind(study) == [], f"seed {seed}, round {n_rounds}"


def kill_one(running: psutil.Popen, chance: random.Random, *, is_service: bool) -> str:
    """Kill one of its processes at some moment, and wait until all that it started have ended; which it was."""
    end = time.monotonic() + chance.uniform(0.3, 9)
    everyone: set[psutil.Process] = set()
    while time.monotonic() < end and running.poll() is None:
        everyone |= set(family(running))
        time.sleep(0.02)
    victims = family(running)
    everyone |= set(victims)
    victim = chance.choice(victims) if victims else None
    which = "nothing: it had ended" if victim is None else "the command" if victim == victims[0] else "one that it started"
    if victim is not None:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    if is_service:
        time.sleep(chance.uniform(0, 6))  # it goes on without the one that was killed
        everyone |= set(family(running))
        running.terminate()
    running.wait(timeout=120)
    _, alive = psutil.wait_procs(list(everyone), timeout=60)
    assert alive == [], [p.cmdline() for p in alive]
    return which


def finish(study: Study) -> None:
    """Go on with what was stopped; then all pages are of today's data."""
    command = [sys.executable, "-m", "workbench.cli.main", "reports", "--study", str(study.folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["failed"] == 0
    with closing(open_study(study.folder)) as now:
        for planned in planned_reports(now):
            page, record = planned.page(now), read_record(planned.page(now))
            assert record is not None
            assert record.output_sha256 == hashlib.sha256(page.read_bytes()).hexdigest()
            assert f"{len(now.codings)} None None" in page.read_text("utf-8")
