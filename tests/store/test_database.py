"""A study's database opens, is brought up to date, and explains itself when it cannot."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest_store import SLOT, add, words
from sqlalchemy import text

from workbench.errors import DiskFull, FolderNotWritable, StoreDamaged, StudyBusy
from workbench.store import Database, load_codings
from workbench.store.schema import HEAD, metadata

MIGRATIONS = Path(__file__).parents[2] / "workbench" / "store" / "migrations"


def test_the_migrations_make_exactly_the_tables_of_the_schema(db: Database) -> None:
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_migration_is_the_one_that_the_schema_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_committed_coding_survives_power_cuts_as_far_as_sqlite_can(db: Database) -> None:
    with db.engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_coding_is_there_after_the_process_was_killed(tmp_path: Path, db: Database) -> None:
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[2]); from conftest_store import add; from workbench.store import Database\n"
        "add(Database(sys.argv[1]), 0, 5, coder='killed'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, db.url, str(Path(__file__).parent)], check=False)
    assert [c.coder for c in load_codings(db)] == ["killed"]


def test_a_second_process_waits_and_is_told_when_it_takes_too_long(db: Database) -> None:
    hasty = Database(db.url, busy_timeout_s=0.05)
    with (
        db.atomic("ana", "a long import"),
        pytest.raises(StudyBusy, match="another process has been writing to this study for over 0.05 s"),
    ):
        add(hasty, 0, 5)
    add(hasty, 0, 5)
    hasty.close()
    assert words(db) == ["Hello"]


def test_a_full_disk_is_said_and_what_was_saved_is_safe(db: Database) -> None:
    add(db, 0, 5)
    with db.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
    from sqlalchemy import event

    event.listen(db.engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(DiskFull, match="the disk is full, so this change was not saved"):
        add(db, *SLOT, memo="x" * 1_000_000)
    assert words(db) == ["Hello"]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_text("Dear diary, " * 500)
    with pytest.raises(StoreDamaged, match="not a readable database"):
        Database(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with sqlite3.connect(path) as other:
        other.execute("create table songs (title text)")
    with pytest.raises(StoreDamaged, match="not made by workbench"):
        Database(f"sqlite:///{path}")
    other.close()


def test_a_study_of_a_newer_workbench_is_not_touched(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreDamaged, match="a newer workbench has written this study"):
        Database(db.url)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable, match="no such folder"):
        Database(f"sqlite:///{tmp_path / 'no such folder' / 'study.db'}")
