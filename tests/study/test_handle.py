"""A study is opened, changed, seen as it was, and explained when it cannot be."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, state, write

import workbench as wb
from workbench.errors import (
    BadFile,
    BadPosition,
    BadSetting,
    DiskFull,
    FolderNotEmpty,
    FolderNotWritable,
    MissingTool,
    NotAStudy,
    NothingToUndo,
    StoreDamaged,
    StudyExists,
    UnknownCode,
    UnknownTranscript,
    WorkbenchError,
)
from workbench.model import Consent
from workbench.store import save_participants
from workbench.study import Study, default_coder, new_study, open_study
from workbench.study.handle import moment_of
from workbench.study.importing import import_files

Open = Callable[..., Study]

HOME = {"datasets", "notebooks", "reports", "templates", "study.toml", "study.db"}


def names(folder: Path) -> set[str]:
    """What lies in a folder, the database's own working files aside."""
    return {p.name for p in folder.iterdir() if not p.name.endswith(("-wal", "-shm"))}


# New studies


def test_a_new_study_has_its_folders_and_can_be_opened(tmp_path: Path, opened: Open) -> None:
    new_study(tmp_path / "deep" / "s", "Carts").close()
    assert names(tmp_path / "deep" / "s") == HOME
    assert opened(tmp_path / "deep" / "s").settings.title == "Carts"


@pytest.mark.parametrize("title", ['A "quoted" \\ title', "[bold]x[/]", "two\nlines\tand\x7f\x1b", "é 😀 \u202e", "{title}", "", "'''"])
def test_any_title_is_kept_as_it_is(tmp_path: Path, title: str) -> None:
    with closing(new_study(tmp_path / "s", title)) as made:
        assert made.settings.title == title


@pytest.mark.parametrize("name", ["What now?", "50%41 off", "a#b", "x;y&z=1", "sp ace", "ü😀", "{x}", "[bold]"])
def test_a_study_may_lie_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    """A path is not an address: nothing in it is taken for more than a letter."""
    new_study(tmp_path / name, "t").close()
    assert names(tmp_path) == {name}
    assert names(tmp_path / name) == HOME


def test_a_study_is_not_made_over_another_one_or_among_other_things(tmp_path: Path) -> None:
    new_study(tmp_path / "s", "t").close()
    with pytest.raises(StudyExists, match="there is a study here already. Choose another folder, or open this one"):
        new_study(tmp_path / "s", "other")
    write(tmp_path, "full/letter.txt", "Dear diary")
    with pytest.raises(FolderNotEmpty, match="nothing in it was touched"):
        new_study(tmp_path / "full", "t")
    assert names(tmp_path / "full") == {"letter.txt"}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, "file", "x")
    with pytest.raises(BadFile, match=f"{name}: there is a file where a folder should be"):
        new_study(tmp_path / name, "t")


@pytest.mark.parametrize(("number", "expected"), [(28, DiskFull), (30, FolderNotWritable), (13, FolderNotWritable)])
@pytest.mark.parametrize("there", [True, False])
def test_a_study_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[WorkbenchError], there: bool
) -> None:
    place = tmp_path / "s"
    if there:
        place.mkdir()

    def refuse(path: Path, *_: Any, **__: Any) -> None:
        path.touch()
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refuse)
        with pytest.raises(expected):
            new_study(place, "t")
    assert names(tmp_path) == ({"s"} if there else set())
    new_study(place, "t").close()


# Opening


def test_a_folder_without_a_study_is_told_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NotAStudy, match='no study.toml here, so this is not a study. Make one with "workbench new'):
        open_study(tmp_path)


def test_a_typo_in_study_toml_is_named_with_what_was_meant(study: Study) -> None:
    write(study.folder, "study.toml", '[study]\ntitel = "x"\n')
    with pytest.raises(BadSetting, match=r'study.toml, \[study\]: "titel" is not a setting here. Did you mean "title"'):
        open_study(study.folder)


def test_a_study_toml_that_cannot_be_read_is_named(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(BadFile, match=r"study.toml: it cannot be read \(Permission denied\). Check who may read it"):
        open_study(study.folder)


@pytest.mark.parametrize(
    ("url", "expected", "says"),
    [
        ("nonsense", BadSetting, r"\[store\] url: it is not the address of a database"),
        ("foo://bar", BadSetting, r'Write for example "postgresql\+psycopg://user@host/name"'),
        ("postgresql+nosuchdriver://host/x", BadSetting, "is not the address of a database"),
    ],
)
def test_an_address_that_leads_to_no_database_is_named(study: Study, url: str, expected: type[WorkbenchError], says: str) -> None:
    write(study.folder, "study.toml", f'[study]\ntitle = "x"\n[store]\nurl = "{url}"\n')
    with pytest.raises(expected, match=says):
        open_study(study.folder)


def test_a_driver_that_is_not_installed_is_named(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    write(study.folder, "study.toml", '[study]\ntitle = "x"\n[store]\nurl = "postgresql+psycopg://ana:secret@localhost/x"\n')
    with pytest.raises(MissingTool, match=r"pip install .ux-workbench\[postgres\]") as error:
        open_study(study.folder)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("n_bytes", [100, 5_000, 40_000])
def test_a_damaged_database_is_said_to_be_one(full: Study, n_bytes: int, opened: Open) -> None:
    full.close()
    whole = (full.folder / "study.db").read_bytes()
    write(full.folder, "study.db", b"garbage!" * 20 if n_bytes == 100 else whole[:n_bytes])
    with pytest.raises(StoreDamaged, match=r"study.db: .*Restore it from a backup; nothing was written"):
        opened(full.folder).history()


def test_a_folder_where_the_database_should_be_is_named(study: Study) -> None:
    study.close()
    for file in study.folder.glob("study.db*"):
        file.unlink()
    (study.folder / "study.db").mkdir()
    with pytest.raises(FolderNotWritable, match="study.db: cannot be written"):
        open_study(study.folder)


def test_a_notebook_that_changes_its_folder_goes_on_with_the_same_study(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = empty_study(Path("here"))
    opened.close()
    monkeypatch.chdir(shutil.copytree("here", "elsewhere"))
    assert opened.history() == []
    opened.close()
    assert names(Path.cwd()) == HOME


def test_the_coder_is_who_was_named_else_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_coder() == getpass.getuser()
    monkeypatch.setenv("WORKBENCH_CODER", "ana")
    assert default_coder() == "ana"


def test_a_user_without_a_name_can_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert default_coder() == "unknown"


# Changing


def test_a_coding_is_added_undone_and_redone(full: Study) -> None:
    made = full.add_coding("P01", "anxious", 0, 11, memo="[bold]")
    assert (made.text, made.coder, len(full.codings)) == ("Interviewer", "ana", 5)
    assert full.undo().action == 'undo code "Anxious" in P01'
    assert len(full.codings) == 4
    assert full.redo().n_changes == 1
    assert [c.id for c in full.load_codings() if c.memo == "[bold]"] == [made.id]


def test_a_coding_that_cannot_be_is_refused_with_what_could(full: Study) -> None:
    before = state(full)
    with pytest.raises(BadPosition, match=r"5 to 9999 is not a passage of transcript P01, which has \d+ characters"):
        full.add_coding("P01", "Anxious", 5, 9999)
    with pytest.raises(UnknownCode, match='Did you mean "Anxious"'):
        full.add_coding("P01", "Anxius", 0, 5)
    with pytest.raises(UnknownTranscript, match="Accepted: P01, P02, tickets"):
        full.add_coding("Q", "Anxious", 0, 5)
    assert state(full) == before


def test_a_coder_takes_back_only_their_own(full: Study, opened: Open) -> None:
    with pytest.raises(NothingToUndo, match="ben has nothing to undo"):
        opened(full.folder, coder="ben").undo()


# As it was


def test_a_study_can_be_seen_as_it_was_before_an_import(study: Study, files: list[Path], opened: Open) -> None:
    import_files(study, files[0])
    import_files(study, files)
    last = datetime.fromisoformat(study.history()[0].at)
    past = opened(study.folder, as_of=last - timedelta(microseconds=1))
    assert (len(past.participants), len(past.transcripts), len(past.codings), len(past.responses)) == (2, 0, 0, 0)
    assert (past.events, past.personas, past.opportunities, [s.name for s in past.sources]) == (None, [], [], ["people.csv"])
    with pytest.raises(UnknownTranscript):
        past.load_transcript("P01")
    now = opened(study.folder, as_of=last.replace(tzinfo=None))
    assert (len(now.codings), len(now.sources), now.events is not None) == (4, 9, True)


def test_what_was_cannot_be_changed(full: Study, opened: Open) -> None:
    past = opened(full.folder, as_of=datetime.fromisoformat(full.history()[0].at))
    for change in (past.undo, past.redo, lambda: past.add_coding("P01", "Anxious", 0, 5)):
        with pytest.raises(BadSetting, match="this is the study as of .*, and what was cannot be changed. Open it without as_of"):
            change()


# Tables


def test_who_speaks_in_a_passage_is_known(full: Study, tmp_path: Path) -> None:
    (talk,) = [t for t in full.load_transcripts() if t.name == "P01"]
    full.add_coding("P01", "Anxious", talk.text.index("How"), talk.text.index("left"))
    row = full.codings.sort_values("end").iloc[-1]
    assert (row["participant"], row["voices"]) == ("P01", ("P01",))


def test_an_attribute_may_be_called_as_a_column_of_ours(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "people.csv", "id,pseudonym,heard,pseudonym of pet\nP01,Mara,twice,Rex\n"))
    assert study.participants.loc["P01", "heard"] is not None
    assert not bool(study.participants.loc["P01", "heard"])


def test_an_empty_study_has_empty_tables(study: Study) -> None:
    tables = (study.participants, study.transcripts, study.codings, study.responses)
    assert [len(t) for t in tables] == [0, 0, 0, 0]
    assert (len(study.codebook), study.sources, study.history(), study.events) == (0, [], [], None)


# The package


def test_everything_that_the_package_offers_is_there() -> None:
    assert [name for name in wb.__all__ if getattr(wb, name, None) is None] == []
    assert set(wb.__all__) <= set(dir(wb))


def test_what_it_does_not_offer_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match='workbench has no "no_such_name"'):
        wb.no_such_name  # noqa: B018


def test_a_day_stands_for_its_end_and_a_moment_for_itself() -> None:
    end = datetime(2026, 11, 3, 23, 59, 59, 999999, tzinfo=UTC)
    assert moment_of("2026-11-03") == moment_of(date(2026, 11, 3)) == end
    assert moment_of("2026-11-03T12:00") == datetime(2026, 11, 3, 12, tzinfo=UTC)
    assert moment_of(end) == end
    with pytest.raises(BadSetting, match='as_of: "yesterday" is not a day. Write it as 2026-11-03.'):
        moment_of("yesterday")


def test_the_past_is_shown_with_the_consent_of_today(full: Study, opened: Open) -> None:
    """Who withdrew since, or is not in the study any more, has not agreed to be quoted on any day."""
    then = datetime.fromisoformat(full.history()[0].at)
    mara, joon = full.load_participants()
    with full.db.atomic("ana", "Joon agrees now, and Mara does no more") as transaction:
        save_participants(transaction, [replace(mara, consent=Consent(quote=False)), replace(joon, consent=Consent())])
    past = opened(full.folder, as_of=then)
    assert [(p.alias, p.consent.quote) for p in past.load_participants()] == [("P01", False), ("P02", True)]
