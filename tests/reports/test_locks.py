"""A page is made by one process at a time, whoever asks for it, and a file system that cannot say so is named."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from batches import add_template, study_with

from workbench.errors import NoLocks
from workbench.reports import locks
from workbench.reports.batches.batch import run_batch
from workbench.reports.locks import LOCK_FILE, page_lock
from workbench.reports.planned import planned_reports
from workbench.reports.run import run_report
from workbench.store import load_runs
from workbench.study import Study

#: A report that tries to take, in its own process, whatever place is held in the file of locks.
TRIES = f"""
import fcntl, pathlib
file = open(pathlib.Path(study_dir) / "reports" / "{LOCK_FILE}", "a")
try:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("nobody holds " + "a page")
except BlockingIOError:
    print("somebody holds " + "a page")
"""


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "tries"\n')) as made:
        add_template(made, "tries", TRIES)
        yield made


def test_a_report_made_alone_is_held_as_in_a_batch(study: Study) -> None:
    page = study.folder / "reports" / "tries.html"
    run_report("tries", study)
    alone = page.read_text("utf-8")
    page.unlink()
    assert run_batch(study, planned_reports(study)).made
    assert "somebody holds a page" in alone
    assert "somebody holds a page" in page.read_text("utf-8")


def test_a_page_elsewhere_is_held_by_nobody_and_no_run_of_the_page_of_that_name(study: Study, tmp_path: Path) -> None:
    run_report("tries", study, out=tmp_path / "tries.html")
    assert "nobody holds a page" in (tmp_path / "tries.html").read_text("utf-8")
    assert load_runs(study.db) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EACCES])
def test_a_file_system_without_locks_is_named_with_what_to_do(study: Study, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(locks, "_lock", refuse)
    with pytest.raises(NoLocks, match=rf"{LOCK_FILE}: this file system gives no lock \({os.strerror(number)}\).*Put the study on a disk"):
        run_report("tries", study)
    done = run_batch(study, planned_reports(study))
    assert [o.error for o in done.failed] == [done.index_problem]
    assert "this file system gives no lock" in done.index_problem
    assert not list((study.folder / "reports").glob("*.html"))


def test_what_goes_wrong_while_a_page_is_held_is_not_taken_for_a_missing_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="its own") as error, page_lock(tmp_path, "map"):
        raise OSError("its own")
    assert not isinstance(error.value, NoLocks)
