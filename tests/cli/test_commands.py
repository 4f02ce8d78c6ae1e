"""Each command does what it says, and says what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat.v4 as v4
import pytest
from miniature import FILES, write

import workbench as wb
from workbench.io.study_toml import read_settings

#: What pytest lends us in conftest.py, by its shape: called with the words of a command, gives ``code``, ``out`` and ``err``.
Workbench = Any


def test_the_version_is_printed_alone(workbench: Workbench) -> None:
    done = workbench("--version")
    assert (done.code, done.out, done.err) == (0, f"{wb.__version__}\n", "")


def test_a_new_study_says_what_comes_next(workbench: Workbench, tmp_path: Path) -> None:
    place = tmp_path / "my [bold] study"
    done = workbench("new", place, "--title", "Why [red] carts are left")
    assert done.code == 0
    assert done.out.splitlines() == [
        f"{place}: a new study. Next, edit {place / 'study.toml'}, then:",
        f"  workbench import participants.csv --study '{place}'",
        f"  workbench import interviews/*.vtt --study '{place}'",
    ]
    assert workbench("history", "--study", place).code == 0


# import, codes, export


def test_import_says_what_every_file_brought(workbench: Workbench, empty: Path, given: list[Path]) -> None:
    done = workbench("import", *given, "--study", empty)
    assert done.code == 0
    assert f"{given[0]}: 2 participants (2 new)" in done.out.splitlines()
    assert f"{given[4]}: 4 codings (4 new)" in done.out.splitlines()
    assert "  placed: 4 exact" in done.out.splitlines()
    assert done.err == ""


def test_import_twice_says_that_nothing_changed(workbench: Workbench, folder: Path, given: list[Path]) -> None:
    done = workbench("import", given[1], "--study", folder)
    assert done.out.startswith(f"{given[1]}: the same file was imported before; nothing changed (4 known already)\n")


def test_a_dry_run_says_so_and_saves_nothing(workbench: Workbench, empty: Path, given: list[Path]) -> None:
    done = workbench("import", *given, "--study", empty, "--dry-run")
    assert done.out.endswith("Nothing was saved: this was a dry run.\n")
    assert f"{given[0]}: 2 participants (2 new)" in done.out.splitlines()
    assert workbench("history", "--study", empty).out == "when (UTC)\twho\twhat\trows\tof\tid\n"
    assert list((empty / "datasets").iterdir()) == []


def test_import_as_json_is_for_scripts(workbench: Workbench, empty: Path, given: list[Path]) -> None:
    done = json.loads(workbench("import", given[0], "--study", empty, "--json", "--dry-run").out)
    assert done["dry_run"] is True
    assert done["files"][0]["n_new"] == 2
    assert done["files"][0]["path"] == str(given[0])


def test_rows_that_are_left_out_are_listed_as_far_as_anybody_reads(workbench: Workbench, empty: Path, tmp_path: Path) -> None:
    rows = "".join(f"P{n},x,perhaps\n" for n in range(30))
    path = write(tmp_path, "p.csv", f"id,pseudonym,consent_quote\nP99,Zoe,no\n{rows}")
    refused = workbench("import", path, "--study", empty)
    assert (refused.code, refused.err.count('column "consent_quote"')) == (1, 20)
    assert "  and 10 more\n" in refused.err
    skipped = workbench("import", path, "--study", empty, "--skip-bad-rows")
    assert (skipped.code, skipped.out.count("  left out: row ")) == (0, 20)
    assert "  left out: 10 more (--json lists them all)" in skipped.out


def test_a_codebook_goes_out_and_comes_in_the_same(workbench: Workbench, folder: Path, empty: Path, tmp_path: Path) -> None:
    for name in ("book.csv", "book.json"):
        assert workbench("codes", "export", tmp_path / name, "--study", folder).out == f"{tmp_path / name}: 3 codes\n"
    assert "3 codes (3 new)" in workbench("codes", "import", tmp_path / "book.csv", "--study", empty, "--dry-run").out
    assert "3 codes (3 new)" in workbench("codes", "import", tmp_path / "book.csv", "--study", empty).out
    assert "3 codes (3 known already)" in workbench("codes", "import", tmp_path / "book.json", "--study", empty).out
    workbench("codes", "export", tmp_path / "again.csv", "--study", empty)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "book.csv").read_bytes()


def test_codes_are_counted_each_on_its_own_even_when_two_share_a_name(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    tree = write(tmp_path, "tree.csv", "name,kind,parent\nTime,theme,\nSlot expires,theme,Time\n")
    workbench("codes", "import", tree, "--study", folder)
    assert workbench("codes", "list", "--study", folder).out.splitlines() == [
        "code\tkind\tcodings\texcerpts\tparticipants",
        "Check out\tstage\t1\t1\t1", "Slot expires\tpain point\t2\t2\t2", "Anxious\temotion\t1\t1\t1", "Time\ttheme\t0\t0\t0",
        "  Slot expires\ttheme\t0\t0\t0",
    ]  # fmt: skip
    found = json.loads(workbench("codes", "list", "--study", folder, "--json").out)
    assert [(c["path"], c["codings"]) for c in found if c["code"] == "Slot expires"] == [("Slot expires", 2), ("Time / Slot expires", 0)]


def test_a_new_study_begins_with_the_stages_that_were_asked_for(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "mine", "--stages", "decision")
    assert [s.name for s in read_settings(tmp_path / "mine" / "study.toml").stages] == ["Awareness", "Evaluation", "Decision"]
    assert 'Did you mean "decision"' in workbench("new", tmp_path / "other", "--stages", "decisoin").err


def test_the_doctor_says_what_a_map_of_the_study_would_lack(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    workbench("codes", "import", write(tmp_path, "more.csv", "name,kind\nBook,stage\n"), "--study", folder)
    said = [c["advice"] for c in json.loads(workbench("doctor", "--study", folder, "--json").out) if c["name"] == "study"]
    assert any('the name of the stage code "Book"' in sentence for sentence in said)


def test_the_doctor_does_not_say_that_all_fits_where_nothing_is(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "empty")
    said = [c for c in json.loads(workbench("doctor", "--study", tmp_path / "empty", "--json").out) if c["name"] == "study"]
    assert [c["advice"] for c in said if c["ok"]] == []
    assert said[0]["advice"].startswith("No interviews are in the study yet. Bring them in with: workbench import")


def test_a_study_is_exported(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    assert workbench("export", tmp_path / "c.csv", "--study", folder).out == f"{tmp_path / 'c.csv'}: 4 codings\n"
    assert "the whole study" in workbench("export", tmp_path / "s.json", "--study", folder).out
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["title"] == "Slots"


# history, undo, redo


def test_history_says_who_did_what_newest_first(workbench: Workbench, folder: Path, given: list[Path]) -> None:
    more = write(given[0].parent, "more.csv", FILES["people.csv"].replace("Mara", "Maria"))
    workbench("import", more, "--study", folder, "--as", "ben")
    lines = [line.split("\t") for line in workbench("history", "--study", folder).out.splitlines()[1:]]
    assert [(line[1], line[2]) for line in lines] == [("ben", "import more.csv"), ("ana", "import people.csv, P01.txt, P02.txt and 6 more")]
    assert len(workbench("history", "--study", folder, "-n", 1).out.splitlines()) == 2
    (own,) = json.loads(workbench("history", "--study", folder, "--who", "ana", "--json").out)
    assert (own["who"], own["undone"]) == ("ana", False)


def test_what_was_done_is_undone_and_redone(workbench: Workbench, folder: Path) -> None:
    undone = workbench("undo", "--study", folder, "--as", "ana")
    assert undone.out.startswith("undo import people.csv, P01.txt, P02.txt and 6 more: ")
    assert undone.out.endswith(" rows put back\n")
    assert workbench("codes", "list", "--study", folder).out.count("\n") == 1, "the headings"
    assert workbench("redo", "--study", folder, "--as", "ana").out.endswith(" rows\n")
    assert len(workbench("codes", "list", "--study", folder).out.splitlines()) == 4


def test_an_earlier_action_is_undone_by_the_beginning_of_its_id(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    for name in ("One", "Two"):
        workbench("codes", "import", write(tmp_path, f"{name}.csv", f"name,kind\n{name},theme\n"), "--study", folder, "--as", "ana")
    ids = {e["action"]: e["batch"] for e in json.loads(workbench("history", "--study", folder, "--json").out)}
    assert workbench("undo", ids["import One.csv"][:8], "--study", folder, "--as", "ana").out.startswith("undo import One.csv: 2 rows")
    assert "One" not in workbench("codes", "list", "--study", folder).out
    again = workbench("undo", ids["import One.csv"][:8], "--study", folder, "--as", "ana")
    assert (again.code, "Accepted: " in again.err) == (1, True)


# doctor


def test_the_doctor_finds_everything_here(workbench: Workbench) -> None:
    done = workbench("doctor")
    assert (done.code, done.err) == (0, "")
    checks = json.loads(workbench("doctor", "--json").out)
    assert {c["ok"] for c in checks} == {True}
    assert {"Python", "Jupyter kernel python3", "nbconvert --to workbench", "templates", "datasets", "SQLite"} <= {
        c["name"] for c in checks
    }


def test_the_doctor_says_what_to_do_about_what_is_missing(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.reports.doctor.NEEDED", ("pandas", "no-such-package"))
    done = workbench("doctor")
    assert done.code == 1
    assert "MISSING\tno-such-package\tnot installed\tpip install no-such-package" in done.out.splitlines()


# report


@pytest.fixture
def quick(folder: Path) -> Path:
    """A template that a kernel runs in no time."""
    cells = [
        v4.new_code_cell('study_dir: str = "."\nwho: str = "you"  # whom to greet', metadata={"tags": ["parameters"]}),
        v4.new_code_cell("print('Hello', len(who))"),
    ]
    return write(folder, "templates/quick.ipynb", json.dumps(v4.new_notebook(cells=cells)))


def test_a_report_is_written_where_it_was_asked_for(workbench: Workbench, quick: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "hello.html"
    done = workbench("report", "quick", "-p", "who=ana=1", "--study", folder, "--out", out, "--json")
    assert (done.code, done.err) == (0, "")
    record = json.loads(done.out)
    assert (record["parameters"], record["path"], record["result"]) == ({"who": "ana=1"}, str(out), "ok")
    assert "Hello 5" in out.read_text("utf-8")
    assert json.loads(out.with_suffix(".json").read_text("utf-8"))["inputs"] == record["inputs"]


def test_what_a_template_takes_is_listed_without_running_it(workbench: Workbench, quick: Path, folder: Path) -> None:
    done = workbench("report", "quick", "--study", folder, "--parameters")
    assert (done.code, done.out) == (0, "who = 'you': text. whom to greet\n")


# demo


def test_the_demo_says_where_to_look_and_nothing_else_in_a_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workbench.cli.main", "demo", "sample"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "FORCE_COLOR": "1"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), "no spinner, no progress bar, no noise of a kernel"
    page = tmp_path / "sample" / "reports" / "journey_map.html"
    assert str(page) in done.stdout
    assert page.stat().st_size > 100_000


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_report(template: str, study: Any, *_: Any, **__: Any) -> Any:
        write(study.folder, "reports/journey_map.html", "<p>map")
        return SimpleNamespace(output="journey_map.html")

    monkeypatch.setattr("workbench.reports.batches.make.run_report", run_report)


@pytest.mark.usefixtures("no_kernel")
def test_the_demo_runs_again_in_the_same_place_and_anew_when_asked(workbench: Workbench, tmp_path: Path) -> None:
    first, second, anew = (workbench("demo", tmp_path / "sample", *more) for more in ((), (), ("--again",)))
    assert [d.code for d in (first, second, anew)] == [0, 0, 0]
    assert "  codings       1,376 codings" in first.out
    assert second.out.count("the same file was imported before; nothing changed") == 21
    assert f"What was in {tmp_path / 'sample'} is now in {tmp_path / 'sample'}-20" in anew.out
    assert "  codings       1,376 codings" in anew.out


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("more", [(), ("--again",)])
def test_the_demo_leaves_other_folders_alone(workbench: Workbench, tmp_path: Path, more: tuple[str, ...]) -> None:
    write(tmp_path, "full/letter.txt", "Dear diary")
    done = workbench("demo", tmp_path / "full", *more)
    assert done.code == 1
    assert "the folder is not empty, and nothing in it was touched" in done.err
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["letter.txt"]
