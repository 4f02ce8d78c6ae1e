"""A batch makes what would come out differently, says why, and loses nothing when one fails or a process is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from batches import CODINGS, EVENTS, OPEN, WORKER, add_template, study_with, with_settings
from miniature import FILES, write

from workbench.model import Which
from workbench.reports.batches import make as make_module
from workbench.reports.batches import runners
from workbench.reports.batches.batch import BatchResult, run_batch
from workbench.reports.batches.outcome import Outcome
from workbench.reports.changed import why_run
from workbench.reports.planned import planned_reports
from workbench.reports.provenance import read_record
from workbench.store import load_runs
from workbench.study import Study, open_study
from workbench.study.importing import import_files

TWO = '[[report]]\ntemplate = "codings"\n[[report]]\ntemplate = "events"\n'


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(study_with(tmp_path, TWO, codings=CODINGS, events=EVENTS)) as made:
        yield made


def run(study: Study, **how: object) -> BatchResult:
    return run_batch(study, planned_reports(study), **how)  # type: ignore[arg-type]


def why(study: Study) -> dict[str, list[str]]:
    return {p.name: why_run(study, p) for p in planned_reports(study)}


def pages(study: Study) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (study.folder / "reports").glob("*.html") if p.name != "index.html"}


# Only what changed


def test_a_page_is_made_once_and_then_left_until_something_that_it_shows_has_changed(study: Study) -> None:
    assert [o.result for o in run(study).outcomes] == ["made", "made"]
    assert [o.result for o in run(study).outcomes] == ["unchanged", "unchanged"]
    study.add_coding("P01", "Anxious", 0, 5)
    assert why(study) == {"codings": ["Changed in the study: codings."], "events": []}
    done = run(study)
    assert {o.name: (o.result, o.why, o.differs) for o in done.outcomes} == {
        "codings": ("made", ("Changed in the study: codings.",), True), "events": ("unchanged", (), False),
    }  # fmt: skip


def edit_template(study: Study) -> None:
    add_template(study, "codings", CODINGS + "\n1")


def edit_page(study: Study) -> None:
    page = study.folder / "reports" / "codings.html"
    page.write_text(page.read_text("utf-8") + " ", encoding="utf-8")


def lose_record(study: Study) -> None:
    (study.folder / "reports" / "codings.json").unlink()


def older_pandas(study: Study) -> None:
    record = study.folder / "reports" / "codings.json"
    given = json.loads(record.read_text("utf-8"))
    given["packages"]["pandas"] = "1.0"
    record.write_text(json.dumps(given), encoding="utf-8")


REASONS: dict[str, tuple[Callable[[Study], object], str]] = {
    "no page": (lambda s: (s.folder / "reports" / "codings.html").unlink(), "There is no page yet."),
    "no record": (lose_record, "There is no record of how the page was made."),
    "a page that somebody edited": (edit_page, "The page is not the one that its record tells of."),
    "the template": (edit_template, "The template codings was changed."),
    "a library": (older_pandas, "The version of pandas is "),
    "a title": (lambda s: write(s.folder, "study.toml", (s.folder / "study.toml").read_text().replace("Slots", "Carts")), "settings"),
    "consent": (lambda s: import_files(s, write(s.folder.parent, "p.csv", FILES["people.csv"].replace("no", "yes"))), "participants"),
}  # fmt: skip


@pytest.mark.parametrize("what", REASONS)
def test_each_reason_is_said(study: Study, what: str) -> None:
    run(study)
    change, says = REASONS[what]
    change(study)
    with closing(open_study(study.folder)) as again:
        (found,) = why(again)["codings"]
        assert says in found
        run(again)
        assert why(again)["codings"] == []


def test_another_parameter_is_a_reason(study: Study) -> None:
    run(study)
    with closing(with_settings(study, TWO.replace('"codings"\n', '"codings"\nparameters = { n = 2 }\n'))) as again:
        assert why(again)["codings"] == ["The parameter n is 2 and was None."]


def test_files_that_a_notebook_reads_are_seen_and_those_that_it_writes_are_not(tmp_path: Path) -> None:
    cell = (
        f"{OPEN}\nimport sys, pathlib, tempfile, pandas as pd\nsys.path.insert(0, str(study.folder))\nimport prices_helper\n"
        "print(pd.read_csv(study.folder / 'prices.csv'))\n"
        "(study.folder / 'own.txt').write_text('x'); (study.folder / 'own.txt').read_text()\n"
        "t = tempfile.NamedTemporaryFile(); t.read()"
    )
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "prices"\nreads = ["native.bin"]\n', prices=cell)) as study:
        write(study.folder, "prices.csv", "a\n1\n")
        write(study.folder, "prices_helper.py", "VALUE = 1\n")
        for _ in range(2):  # Python reads what it compiled the second time
            run(study, which=Which.ALL)
            record = read_record(study.folder / "reports" / "prices.html")
            assert record is not None
            assert set(record.files) == {"prices.csv", "prices_helper.py", "native.bin"}
        assert why(study) == {"prices": []}
        os.utime(study.folder / "prices.csv")
        assert why(study) == {"prices": []}, "the same content"
        write(study.folder, "prices.csv", "a\n2\n")
        write(study.folder, "native.bin", "x")
        assert why(study) == {"prices": ["The file native.bin was changed.", "The file prices.csv was changed."]}
        (study.folder / "prices_helper.py").unlink()
        assert "The file prices_helper.py is gone." in why(study)["prices"]


def test_the_same_data_give_the_same_bytes(study: Study) -> None:
    run(study)
    first = pages(study)
    done = run(study, which=Which.ALL)
    assert [(o.result, o.differs) for o in done.outcomes] == [("made", False)] * 2
    assert pages(study) == first


# What fails


def test_one_that_fails_stops_no_other_and_keeps_its_page(study: Study) -> None:
    run(study)
    before = pages(study)
    add_template(study, "codings", "raise ValueError('no luck')")
    done = run(study, which=Which.ALL)
    assert {o.name: o.result for o in done.outcomes} == {"codings": "failed", "events": "made"}
    assert done.exit_code == 1
    assert "ValueError: no luck" in done.failed[0].error
    assert pages(study)["codings.html"] == before["codings.html"]
    assert [r["result"][:4] for r in load_runs(study.db) if r["name"] == "codings"] == ["ok", "codi"]


def test_a_failing_cell_is_not_tried_again_and_a_process_that_died_is(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    died_once = study.folder / "died"
    add_template(study, "codings", "1 / 0")
    add_template(study, "events", f"import os, pathlib\np = pathlib.Path({str(died_once)!r})\nif not p.exists(): p.touch(); os._exit(1)")
    made = {p.name: make_module.make_page(study, p, wait=pauses.append) for p in planned_reports(study)}
    assert (made["codings"].result, made["codings"].n_attempts) == ("failed", 1)
    assert (made["events"].result, made["events"].n_attempts) == ("made", 2)
    assert pauses == [make_module.BACK_OFF_S[0]]


# Several at once


MANY = '[[report]]\ntemplate = "codings"\nfor_each = { n = [1, 2, 3, 4, 5, 6] }\n'


def test_workers_make_every_page_once_and_the_same_as_one_process(tmp_path: Path) -> None:
    with closing(study_with(tmp_path, MANY, codings=CODINGS)) as study:
        run(study)
        alone = pages(study)
        seen: list[Outcome] = []
        done = run(study, which=Which.ALL, jobs=2, tell=seen.append)
        assert sorted(o.name for o in seen) == sorted(o.name for o in done.outcomes) == [f"codings-{n}" for n in range(1, 7)]
        assert {(o.result, o.differs) for o in seen} == {("made", False)}
        assert pages(study) == alone


def left_behind(study: Study) -> list[str]:
    """What a page that was not finished would leave."""
    return [p.name for p in (study.folder / "reports").iterdir() if p.suffix == ".part" or ".partial" in p.name]


def test_a_worker_that_is_killed_is_replaced_and_its_report_made(tmp_path: Path) -> None:
    """One of the reports kills the worker that makes it, the first time."""
    kill = "p = study.folder / 'killed'\nif n == 2 and not p.exists(): p.touch(); os.kill(worker, 9); import time; time.sleep(60)"
    with closing(study_with(tmp_path, MANY, codings=f"{CODINGS}\n{WORKER}\n{kill}")) as study:
        done = run(study, jobs=2)
        assert sorted((o.name, o.result) for o in done.outcomes) == [(f"codings-{n}", "made") for n in range(1, 7)]
        assert (study.folder / "killed").exists()
        assert left_behind(study) == []


@pytest.mark.soak
def test_a_worker_that_is_killed_each_time_is_given_up_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "BACK_OFF_S", (0.01, 0.01))
    kill = "if n == 2: os.kill(worker, 9); import time; time.sleep(60)"
    with closing(study_with(tmp_path, MANY, codings=f"{CODINGS}\n{WORKER}\n{kill}")) as study:
        done = run(study, jobs=2)
        assert [(o.name, o.error) for o in done.failed] == [("codings-2", runners.LOST)]
        assert len(done.made) == 5


# Stopped in the middle


SLOW = f"{CODINGS}\nif n == 4:\n    (study.folder / 'begun').touch()\n    while not (study.folder / 'go').exists(): pass"


def started(study: Study, *options: str) -> subprocess.Popen[str]:
    """``workbench reports`` as somebody runs it, in the middle of its fourth report."""
    command = [sys.executable, "-m", "workbench.cli.main", "reports", "--study", str(study.folder), "--json", *options]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while not (study.folder / "begun").exists():
        assert running.poll() is None, running.communicate()
    return running


@contextmanager
def ended_at_last(running: subprocess.Popen[str]) -> Iterator[list[psutil.Process]]:
    """What it started; nothing of it stays, whatever the test finds."""
    its = descendants(running.pid)
    try:
        yield its
    finally:
        for process in its:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        running.kill()
        running.communicate()


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


STOPS = [(signal.SIGINT, []), (signal.SIGINT, ["--jobs", "2"]), (signal.SIGKILL, []), (signal.SIGKILL, ["--jobs", "2"])]


@pytest.mark.parametrize(
    ("stop", "options"),
    [pytest.param(*STOPS[0], marks=pytest.mark.soak), STOPS[1], STOPS[2], pytest.param(*STOPS[3], marks=pytest.mark.soak)],
    ids=["Ctrl+C alone", "Ctrl+C with two workers", "kill -9 alone", "kill -9 with two workers"],
)
def test_a_batch_that_was_stopped_leaves_whole_pages_and_is_gone_on_with(tmp_path: Path, stop: signal.Signals, options: list[str]) -> None:
    with closing(study_with(tmp_path, MANY, codings=SLOW)) as study:
        running = started(study, *options)
        with ended_at_last(running) as its:
            running.send_signal(stop)
            running.communicate(timeout=90)
            assert psutil.wait_procs(its, timeout=30)[1] == [], "every process that it started has ended"
        assert "codings-4.html" not in pages(study)
        if stop is signal.SIGINT:
            assert (running.returncode, left_behind(study)) == (130, [])
        before = pages(study)
        (study.folder / "go").touch()
        done = run(study, jobs=2)
        assert sorted((*done.made, *done.unchanged), key=lambda o: o.name) == sorted(done.outcomes, key=lambda o: o.name)
        assert {o.name for o in done.unchanged} == {name.removesuffix(".html") for name in before}
        assert left_behind(study) == []
        assert len(pages(study)) == 6


def test_two_batches_at_once_make_each_page_once(tmp_path: Path) -> None:
    with closing(study_with(tmp_path, MANY, codings=CODINGS)) as study:
        command = [sys.executable, "-m", "workbench.cli.main", "reports", "--study", str(study.folder), "--json", "--jobs", "2"]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        lines = [json.loads(line) for running in both for line in running.communicate(timeout=120)[0].splitlines()]
        made = sorted(line["name"] for line in lines if line.get("result") == "made")
        assert made == [f"codings-{n}" for n in range(1, 7)]
        assert sorted(r["name"] for r in load_runs(study.db)) == made
