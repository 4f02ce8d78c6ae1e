"""A mistake is one sentence on standard error and an exit code; a traceback is a bug."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from miniature import FILES, write

from workbench.cli.main import app
from workbench.cli.output import print_table, say, say_error, working
from workbench.store import Database

Workbench = Any

# One sentence and exit code 1

MISTAKES: dict[str, tuple[str, str]] = {
    "import nowhere.csv": ("nowhere.csv: there is no such file", "Check the spelling"),
    "import given": ("given: this is a folder", "Name the files in it"),
    "import empty.csv": ("empty.csv: the file is empty", "Export it again"),
    "import [bold]x[/].csv": ("[bold]x[/].csv: the file is empty", "Export it again"),
    "import given/P01.txt --kind interviews": ('--kind: "interviews" is not one', "Accepted: participants, interview"),
    "import given/P01.txt --kind survey": ("no reader knows this kind of file", "Accepted: .csv"),
    "import new.txt --participant P99": ('there is no participant "P99"', "use --new-participants"),
    "import bad.csv": ('row 2: there is no code "[/] Slot" in the codebook', "Mend the file, or use --skip-bad-rows"),
    "import far.csv": ("row 2: 5 to 9999 is not a passage of transcript P01", "Use 0 <= start < end <="),
    "import twice.csv": ("row 2: the quote is in 2 places of transcript P01", "Add start and end, or the time"),
    "import given/P01.txt --study nowhere": ("nowhere: no study.toml here", 'Make one with "workbench new nowhere"'),
    "history --study typo": ('"titel" is not a setting here', 'Did you mean "title"?'),
    "new study": ("there is a study here already", "Choose another folder"),
    "new given": ("the folder is not empty, and nothing in it was touched", "Choose a new or an empty folder"),
    "new empty.csv": ("there is a file where a folder should be", "Choose another place"),
    "export out.xlsx": ('a study cannot be written as ".xlsx"', "Use .csv for the codings or .json"),
    "export nowhere/out.csv": ("the folder that it should go to does not exist", "Choose another place"),
    "codes export book.qdc": ('a table cannot be written as ".qdc"', "Use .csv, .tsv or .json"),
    "codes import given/P01.txt": ("no reader knows this kind of file", "Accepted: .csv, .json, .tsv"),
    "undo --as ben": ("ben has nothing to undo", ""),
    "redo --as ben": ("ben has nothing to redo", ""),
    "undo 12345 --as ben": ("no single action of ben that can be undone", "There are none yet"),
    "report journy_map": ('there is no template "journy_map"', 'Did you mean "journey_map"?'),
    "report [bold]x[/]": ('there is no template "[bold]x[/]"', "Accepted: code_report, empathy_map"),
    "report -p persona": ('-p "persona" is not name=value', "Write for example"),
    "report -p persno=[/]": ('there is no parameter "persno"', 'Did you mean "persona"?'),
    "report -p study_dir=x": ('there is no parameter "study_dir"', ""),
    "report --out map.pdf": ("a report is an HTML file", "Name one that ends in .html"),
    "report --out study/map.html/x.html": ("there is a file where a folder should be", ""),
}


@pytest.fixture
def here(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to make mistakes in; ``study`` is the study."""
    write(tmp_path, "empty.csv", "")
    write(tmp_path, "[bold]x[/].csv", "")
    write(tmp_path, "new.txt", "Interviewer: Well?\nZoe: yes\n")
    write(tmp_path, "bad.csv", "transcript,coder,code,quote\nP01,ana,[/] Slot,I left\n")
    write(tmp_path, "far.csv", "transcript,coder,code,start,end\nP01,ana,Anxious,5,9999\n")
    write(tmp_path, "twice.csv", "transcript,coder,code,quote\nP01,ana,Anxious,slot\n")
    write(tmp_path, "typo/study.toml", '[study]\ntitel = "x"\n')
    write(tmp_path, "study/map.html", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_a_sentence_with_what_to_do_next(workbench: Workbench, here: Path, words: str) -> None:
    command = words.split()
    done = workbench(*command, *([] if command[0] in ("new",) or "--study" in command else ["--study", "study"]))
    found, advice = MISTAKES[words]
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("workbench: ")
    assert found in done.err
    assert advice in done.err
    assert "Traceback" not in done.err


USAGE = [
    "",
    "nonsense",
    "[/]",
    "import",
    "import --[/]",
    "import x --dry",
    "history -n many",
    "history -n -1",
    "report --out",
    "codes",
    "codes [bold]",
]


@pytest.mark.parametrize("words", USAGE)
def test_a_command_that_is_none_exits_with_2(workbench: Workbench, words: str) -> None:
    done = workbench(*words.split())
    assert done.code == 2
    assert "Usage: workbench" in done.out + done.err or "requires an argument" in done.err
    assert "Traceback" not in done.err


def names_of(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    return [name for sub in below for name in names_of(below[sub], (*path, sub))] or [path]


@pytest.mark.parametrize("name", names_of(typer.main.get_command(app)))
def test_help_of_every_command_has_an_example(workbench: Workbench, name: tuple[str, ...]) -> None:
    done = workbench(*name, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Example: workbench {' '.join(name)}" in " ".join(done.out.split())


# Writing that fails


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(28, "No space left on device"), "the disk is full, so this change was not saved"),
        (OSError(30, "Read-only file system"), "cannot be written (Read-only file system)"),
    ],
)
def test_a_disk_that_refuses_is_named(
    workbench: Workbench, empty: Path, given: list[Path], monkeypatch: pytest.MonkeyPatch, error: OSError, says: str
) -> None:
    monkeypatch.setattr("shutil.copyfile", raises(error))
    done = workbench("import", *given, "--study", empty)
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert str(empty / "datasets") in done.err
    assert list((empty / "datasets").iterdir()) == []


def test_a_second_process_on_the_same_study_is_named(
    workbench: Workbench, folder: Path, given: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.study.handle.Database", partial(Database, busy_timeout_s=0.05))
    other = sqlite3.connect(folder / "study.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = workbench("undo", "--study", folder, "--as", "ana")
    other.close()
    assert done.code == 1
    assert "another process has been writing to this study for over 0.05 s, so this change was not saved" in done.err
    assert "Close the other notebook or command, then do it again" in done.err


def test_a_bug_is_not_dressed_up_as_a_mistake(workbench: Workbench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.study.open_study", raises(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        workbench("history", "--study", folder)


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


# Research text is text

NASTY = ["[bold]x[/]", "[/]", "[red]", "\\[/]", "C:\\[x]", "[link=http://x]y[/link]", ":smile:", "{x} %s", "</script>"]


@pytest.mark.parametrize("text", NASTY)
def test_words_that_look_like_markup_are_printed_as_they_are(capsys: pytest.CaptureFixture[str], text: str) -> None:
    say(text, "bold")
    say_error(text)
    print_table(["a"], [[text]])
    said = capsys.readouterr()
    assert (said.out, said.err) == (f"{text}\na\n{text}\n", f"workbench: {text}\n")


def test_words_cannot_move_the_cursor_or_break_a_line_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2Jb\x07\x9bc")
    print_table(["a", "b"], [["one\ntwo", "three\tfour"]])
    assert capsys.readouterr().out == "a\ufffd[2Jb\ufffd\ufffdc\na\tb\none two\tthree four\n"


def test_notes_and_names_with_markup_come_through_every_command(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    book = write(tmp_path, "[b] book.csv", "name,kind\n[red] Slot [/],theme\n")
    path = write(tmp_path, "[b] more.csv", "transcript,coder,code,quote\nP02,[/],[red] Slot [/],I would rather not to be quoted on this\n")
    done = workbench("import", book, path, "--study", folder)
    assert f"{path}: 1 coding (1 new)" in done.out
    assert 'approximate (score 0.94): "I would rather not to be quoted on this"' in done.out or "approximate (score" in done.out
    assert "[red] Slot [/]\ttheme\t1\t1\t1" in workbench("codes", "list", "--study", folder).out
    assert "import [b] book.csv, [b] more.csv" in workbench("history", "--study", folder).out


# Terminals and pipes


def shell(*words: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "workbench.cli.main", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, check=False)


def test_a_terminal_that_knows_no_accents_stops_nothing(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path, "é😀.txt", FILES["P01.txt"].replace("left", "→ left"))
    done = shell("import", path, "--study", folder, "-P", "P01", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert b"transcript ??: 4 utterances" in done.stdout


def test_a_file_name_that_is_no_text_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    done = shell("import", os.fsdecode(b"\xff.csv"), "--study", folder, cwd=tmp_path)
    assert done.returncode == 1
    assert b"workbench: ?.csv: its name is not Unicode text. Rename it first." in done.stderr


def test_a_reader_that_stops_reading_stops_the_command_quietly(folder: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "workbench.cli.main", "history", "--json", "--study", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert b"Traceback" not in command.stderr.read()


def test_nothing_turns_in_a_pipe(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with working("Importing …"):
        pass
    assert capsys.readouterr() == ("", "")
