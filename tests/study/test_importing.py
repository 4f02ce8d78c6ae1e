"""Files come in whole or not at all, once, and their originals are kept."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from miniature import FILES, empty_study, state, write
from sqlalchemy import event, text

from workbench.errors import (
    BadFile,
    BadRows,
    BadSetting,
    DiskFull,
    FolderNotWritable,
    MissingColumn,
    StaleEdit,
    StudyBusy,
    UnknownFormat,
    WorkbenchError,
)
from workbench.store import Database
from workbench.study import Study, open_study
from workbench.study.importing import Imported, ImportOptions, import_files

KINDS = {
    "people.csv": ("participants", 2), "P01.txt": ("interview", 4), "P02.txt": ("interview", 2), "codes.csv": ("codebook", 3),
    "codings.csv": ("codings", 4), "pulse.csv": ("survey", 3), "tickets.csv": ("tickets", 2), "events.csv": ("events", 3),
    "synthesis.json": ("synthesis", 2),
}  # fmt: skip


def brought(results: list[Imported]) -> dict[str, tuple[str, int]]:
    return {r.path.name: (r.kind, r.n_new) for r in results}


def test_every_kind_of_file_is_told_by_its_content_and_counted(study: Study, files: list[Path]) -> None:
    assert brought(import_files(study, files)) == KINDS
    assert (len(study.participants), len(study.codings), len(study.responses), len(study.personas)) == (2, 4, 5, 1)


def test_the_order_of_the_files_does_not_matter(study: Study, files: list[Path]) -> None:
    """What names something comes after what it names, codings of tickets too."""
    more = write(files[0].parent, "more.csv", "transcript,coder,code,quote\ntickets,ana,Slot expires,My slot is gone\n")
    assert brought(import_files(study, [more, *reversed(files)])) == {**KINDS, "more.csv": ("codings", 1)}


def test_one_path_is_enough(study: Study, files: list[Path]) -> None:
    assert [r.kind for r in import_files(study, str(files[0]))] == ["participants"]


def test_an_import_is_one_action_that_can_be_taken_back(study: Study, files: list[Path]) -> None:
    before = state(study)
    import_files(study, files)
    (entry,) = study.history()
    assert entry.action == "import people.csv, P01.txt, P02.txt and 6 more"
    study.undo()
    assert {k: v for k, v in state(study).items() if k not in ("change", "datasets")} == {
        k: v for k, v in before.items() if k not in ("change", "datasets")
    }


def test_a_dry_run_says_the_same_and_changes_nothing(study: Study, files: list[Path]) -> None:
    before = state(study)
    tried = import_files(study, files, ImportOptions(dry_run=True))
    assert state(study) == before
    assert tried == import_files(study, files)


def test_a_dry_run_finds_the_same_mistakes(study: Study, files: list[Path]) -> None:
    bad = write(files[0].parent, "bad.csv", "id,pseudonym,consent_quote\nP03,Zoe,perhaps\n")
    said = []
    for dry_run in (True, False):
        with pytest.raises(BadRows) as error:
            import_files(study, [*files, bad], ImportOptions(dry_run=dry_run))
        said.append(str(error.value))
    assert said[0] == said[1]


# Once


def test_the_same_files_again_change_nothing_and_say_so(full: Study, files: list[Path]) -> None:
    before = state(full)
    again = import_files(full, files)
    assert {r.what for r in again} == {"the same file was imported before; nothing changed"}
    assert {r.path.name: r.n_known for r in again} == {name: n for name, (_, n) in KINDS.items()}
    assert state(full) == before


def test_the_same_content_under_another_name_is_known(full: Study, files: list[Path], tmp_path: Path) -> None:
    before = state(full)
    copies = [write(tmp_path / "copies", f"copy{i}{p.suffix}", p.read_bytes()) for i, p in enumerate(files)]
    kinds = dict(zip(copies, KINDS.values(), strict=True))
    for path in copies:
        (result,) = import_files(full, [path], ImportOptions(kind=kinds[path][0], name="pulse" if kinds[path][0] == "survey" else ""))
        assert result.what.startswith("the same file was imported before as ")
    assert state(full) == before


def test_the_same_file_named_twice_is_taken_once(study: Study, files: list[Path]) -> None:
    import_files(study, [*files, *files])
    assert (len(study.participants), len(study.codings), len(study.sources)) == (2, 4, 9)


def test_a_file_imported_before_brings_back_what_another_one_has_changed_since(study: Study, files: list[Path], tmp_path: Path) -> None:
    people = files[0]
    import_files(study, people)
    import_files(study, write(tmp_path, "later.csv", FILES["people.csv"].replace("Mara", "Maria")))
    (again,) = import_files(study, people)
    assert (again.n_changed, again.n_known) == (1, 1)
    assert study.participants.loc["P01", "pseudonym"] == "Mara"


def test_rows_that_were_left_out_come_in_once_they_can(full: Study, tmp_path: Path) -> None:
    late = write(tmp_path, "late.csv", "transcript,coder,code,quote\nP01,ana,Leaves,I always leave\nP01,ana,Anxious,I left\n")
    (first,) = import_files(full, late, ImportOptions(skip_bad_rows=True))
    import_files(full, write(tmp_path, "more.csv", "name,kind\nLeaves,action\n"))
    (second,) = import_files(full, late)
    assert [(r.n_new, r.n_known) for r in (first, second)] == [(1, 0), (1, 1)]


# All or nothing


def test_one_bad_file_among_five_keeps_all_five_out(study: Study, files: list[Path]) -> None:
    before = state(study)
    bad = write(files[0].parent, "P03.vtt", "WEBVTT\n\n")
    with pytest.raises(BadFile, match=r"P03\.vtt: nothing is said in it"):
        import_files(study, [*files[:2], bad, *files[2:4]])
    assert state(study) == before


@pytest.mark.parametrize(
    ("number", "expected", "says"),
    [
        (errno.ENOSPC, DiskFull, "the disk is full, so this change was not saved"),
        (errno.EDQUOT, DiskFull, "the disk is full"),
        (errno.EROFS, FolderNotWritable, "Read-only file system"),
        (errno.EACCES, FolderNotWritable, "Permission denied"),
        (errno.EIO, FolderNotWritable, "Input/output error"),
    ],
)
def test_a_third_original_that_cannot_be_kept_takes_the_others_back(
    study: Study, files: list[Path], monkeypatch: pytest.MonkeyPatch, number: int, expected: type[WorkbenchError], says: str
) -> None:
    before = state(study)
    monkeypatch.setattr(shutil, "copyfile", fails_at(3, OSError(number, os.strerror(number))))
    with pytest.raises(expected, match=says) as error:
        import_files(study, files[:5])
    assert str(error.value).startswith(str(study.folder / "datasets"))
    assert state(study) == before


def test_ctrl_c_while_copying_leaves_nothing(study: Study, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(study)
    monkeypatch.setattr(shutil, "copyfile", fails_at(2, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        import_files(study, files)
    assert state(study) == before


def test_a_database_that_is_full_takes_the_originals_back(study: Study, files: list[Path]) -> None:
    before = state(study)
    big = write(files[0].parent, "P09.txt", "Mara: " + "long words " * 200_000)
    with study.db.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
    event.listen(study.db.engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(DiskFull, match="Free some space"):
        import_files(study, [*files, big], ImportOptions(new_participants=True))
    assert state(study) == before


def test_a_database_that_may_only_be_read_takes_the_originals_back(study: Study, files: list[Path]) -> None:
    before = state(study)
    event.listen(study.db.engine, "checkout", lambda c, *_: c.execute("PRAGMA query_only=ON"))
    with pytest.raises(FolderNotWritable, match=r"study\.db: cannot be written"):
        import_files(study, files)
    assert state(study) == before


def test_a_folder_in_place_of_the_originals_that_is_a_file_is_named(study: Study, files: list[Path]) -> None:
    (study.folder / "datasets").rmdir()
    write(study.folder, "datasets", "not a folder")
    with pytest.raises(BadFile, match="datasets: there is a file where a folder should be"):
        import_files(study, files)
    assert study.history() == []


def test_two_imports_of_the_same_thing_at_once_make_one(study: Study, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has looked before the first was saved; it is told to look again."""
    other = open_study(study.folder, coder="ben")
    copy = shutil.copyfile

    def while_another_imports(*places: Any) -> Any:
        monkeypatch.setattr(shutil, "copyfile", copy)
        import_files(other, files[1])
        return copy(*places)

    import_files(other, files[0])
    monkeypatch.setattr(shutil, "copyfile", while_another_imports)
    with pytest.raises(StaleEdit, match="Read it again and repeat the change"):
        import_files(study, files[1:3])
    assert [t.name for t in study.load_transcripts()] == ["P01"]
    other.close()


@pytest.fixture
def locked(study: Study) -> Iterator[Study]:
    """The study while another process is writing to it."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
        "print('writing', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(study.folder / "study.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield study
        other.communicate()


def test_a_second_process_that_writes_is_waited_for_and_then_named(
    locked: Study, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.study.handle.Database", partial(Database, busy_timeout_s=0.1))
    second = open_study(locked.folder)
    before = state(second)
    with pytest.raises(StudyBusy, match="another process has been writing to this study for over 0.1 s"):
        import_files(second, files)
    assert state(second) == before, "it can be read meanwhile, and nothing was left in datasets/"
    second.close()


def fails_at(n: int, error: BaseException) -> Callable[..., Any]:
    """Copies like ``shutil.copyfile``, and fails the n-th time, half of the file written."""
    copy, calls = shutil.copyfile, iter(range(1, 1000))

    def copyfile(source: Path, target: Path) -> Path:
        if next(calls) < n:
            return copy(source, target)
        target.write_bytes(source.read_bytes()[:10])
        raise error

    return copyfile


# Originals


def test_originals_are_kept_byte_for_byte_under_their_hash(full: Study, files: list[Path]) -> None:
    kept = {p.name: p.read_bytes() for p in (full.folder / "datasets").iterdir()}
    given = {hashlib.sha256(p.read_bytes()).hexdigest() + p.suffix: p.read_bytes() for p in files}
    assert kept == given
    assert {s.stored_as for s in full.sources} == set(given)


def test_bytes_that_are_normalised_for_reading_are_kept_as_they_came(study: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "P05.txt", b"\xef\xbb\xbfMara: one\r\nJoon: two\rMara: three\r\n")
    import_files(study, path)
    (original,) = (study.folder / "datasets").iterdir()
    assert original.read_bytes() == path.read_bytes()
    assert "\r" not in study.load_transcript("P05").text


def test_a_name_in_a_file_name_is_not_carried_into_datasets(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "interview.Helena Voss.TXT", "Mara: hello\n"))
    (original,) = (study.folder / "datasets").iterdir()
    assert original.name == f"{study.sources[0].sha256}.txt"


def test_how_a_file_was_read_is_noted_beside_it(study: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "people.csv", "id,pseudonym\nP01,Łukasz\n".encode("cp1250"))
    import_files(study, path, ImportOptions(encoding="cp1250", skip_bad_rows=True))
    (source,) = study.sources
    assert source.options == {"encoding": "cp1250", "skip_bad_rows": "yes"}
    assert (source.name, source.by, source.n_rows, source.size_bytes) == ("people.csv", "ana", 1, path.stat().st_size)
    assert study.participants.loc["P01", "pseudonym"] == "Łukasz"


# What is no file of ours

HOSTILE: dict[str, tuple[str | bytes, type[WorkbenchError], str]] = {
    "empty.csv": ("", BadFile, "the file is empty"),
    "blank.txt": (" \n\n", BadFile, "the file is empty"),
    "header.csv": ("id,pseudonym\n", BadFile, "there is nothing in it to import"),
    "headings.csv": ("q1,q2\n", BadFile, "study.toml has no [[survey]] for it (q1, q2)"),
    "{}.json": ("{}", BadFile, "it begins like none of these: Codings (CSV or JSON); Codebook"),
    "half.json": ('{"personas": [', BadFile, "it is not JSON"),
    "picture.png": (b"\x89PNG\r\n", UnknownFormat, "no reader knows this kind of file. Accepted: .csv"),
    "noise.csv": (bytes(range(256)) * 9, BadFile, "Say which it is, to be told what it lacks: --kind participants or tickets"),
    "odd.txt": (b"\xff\xfe\x00\xd8\x41\x00", BadFile, "cannot be read as utf-16"),
    "fake.docx": (b"PK\x03\x04 nonsense", BadFile, "damaged or cut short"),
    "fake.parquet": (b"PAR1 nonsense", BadFile, "it cannot be read"),
    "tickets.csv": ("ticket_id,text\nT1,x\n", MissingColumn, 'no column "opened_at" (tickets). Its columns are: ticket_id, text'),
    "[bold]x[/].csv": ("", BadFile, "[bold]x[/].csv: the file is empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_changes_nothing(study: Study, tmp_path: Path, name: str) -> None:
    content, expected, says = HOSTILE[name]
    before = state(study)
    with pytest.raises(expected) as error:
        import_files(study, write(tmp_path, name, content))
    assert str(tmp_path / name) in str(error.value)
    assert says in str(error.value)
    assert state(study) == before


def test_a_folder_a_missing_file_and_an_unknown_kind_are_named(study: Study, tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(BadFile, match="this is a folder. Name the files in it"):
        import_files(study, tmp_path)
    with pytest.raises(BadFile, match="there is no such file. Check the spelling"):
        import_files(study, tmp_path / "nowhere.csv")
    with pytest.raises(BadSetting, match='--kind: "interviews" is not one. Accepted: participants, interview'):
        import_files(study, files, ImportOptions(kind="interviews"))
    with pytest.raises(BadFile, match='"cp12x" is not a text encoding'):
        import_files(study, files[0], ImportOptions(encoding="cp12x"))


def test_a_name_that_is_no_unicode_is_refused_before_it_reaches_the_database(study: Study, tmp_path: Path) -> None:
    try:
        path = write(tmp_path, os.fsdecode(b"\xff.csv"), FILES["people.csv"])
    except OSError:
        return  # this system has no such names
    with pytest.raises(BadFile, match="its name is not Unicode text"):
        import_files(study, path)


def test_what_was_cannot_be_imported_into(full: Study, files: list[Path]) -> None:
    past = Study(full.folder, full.settings, full.db, coder="ana", as_of=full.db.clock())
    with pytest.raises(BadSetting, match="what was cannot be changed. Open it without as_of"):
        import_files(past, files)


def test_an_import_is_seen_by_a_study_that_was_open_before(study: Study, files: list[Path]) -> None:
    assert study.events is None
    import_files(study, files)
    assert study.events is not None


def test_settings_do_not_have_to_name_anything_but_a_table_that_could_be_anything(tmp_path: Path, files: list[Path]) -> None:
    """A new study with nothing but a title takes every file, and says what it guessed; a survey must be called one."""
    bare = empty_study(tmp_path / "bare", '[study]\ntitle = "Bare"\n')
    survey = next(p for p in files if p.name == "pulse.csv")
    with pytest.raises(BadFile, match=r"study.toml has no \[\[survey\]\] for it .* or say --kind survey"):
        import_files(bare, survey)
    results = import_files(bare, [p for p in files if p.name not in ("synthesis.json", "pulse.csv")])
    results += import_files(bare, survey, ImportOptions(kind="survey"))
    notes = next(r.notes for r in results if r.kind == "survey")
    assert "study.toml says nothing of it: taken as respondent = id, answered = answered, 1 question" in " ".join(notes)
    assert replace(results[0], path=Path()).n_new == 2
    bare.close()
