"""The page of all reports is written after a batch and after one report alone, and the command line says where it is or why it is not."""

from __future__ import annotations

import errno
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from batches import CODINGS, add_template, study_with
from miniature import write

#: What pytest lends us in conftest.py, by its shape.
Workbench = Any


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study whose study.toml names no report."""
    with closing(study_with(tmp_path, "", codings=CODINGS)) as study:
        add_template(study, "fails", "1 / 0")
        return study.folder


def listed(folder: Path) -> str:
    """The page of all reports, if there is one."""
    page = folder / "reports" / "index.html"
    return page.read_text("utf-8") if page.is_file() else ""


def test_the_last_line_says_where_all_reports_are(workbench: Workbench, tmp_path: Path) -> None:
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "codings"\n', codings=CODINGS)) as study:
        folder = study.folder
    done = workbench("reports", "--study", folder)
    assert (done.code, done.out.splitlines()[-1]) == (0, "All of them: reports/index.html")
    assert (folder / "reports" / "index.html").is_file()


def test_a_report_made_alone_is_listed(workbench: Workbench, folder: Path) -> None:
    done = workbench("report", "codings", "--study", folder, "--out", folder / "reports" / "mine" / "codings.html")
    assert (done.code, done.err) == (0, "")
    assert 'href="mine/codings.html"' in listed(folder)


def test_a_report_that_fails_alone_is_listed_as_failed(workbench: Workbench, tmp_path: Path) -> None:
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "fails"\n', fails="1 / 0")) as study:
        folder = study.folder
    done = workbench("report", "fails", "--study", folder)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "ZeroDivisionError" in listed(folder)


def test_what_is_refused_before_it_runs_and_a_page_elsewhere_leave_the_list_alone(
    workbench: Workbench, folder: Path, tmp_path: Path
) -> None:
    assert workbench("report", "codings", "-p", "nn=1", "--study", folder).code == 1
    assert workbench("report", "codings", "--study", folder, "--out", tmp_path / "codings.html").code == 0
    assert list((folder / "reports").iterdir()) == []


def test_a_list_that_cannot_be_written_is_said_in_a_line_and_the_report_stands(workbench: Workbench, folder: Path) -> None:
    own = write(folder, "reports/index.html", "<p>Mine</p>")
    done = workbench("report", "codings", "--study", folder)
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert "The report is made, but the page of all reports is not: " in done.err
    assert "index.html: this is a page of your own, so the list of all reports was not written" in done.err
    assert (folder / "reports" / "codings.html").is_file()
    assert own.read_text("utf-8") == "<p>Mine</p>"


def test_a_list_that_cannot_be_read_does_not_stop_a_report(workbench: Workbench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = write(folder, "reports/index.html", "")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == page:
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = workbench("report", "codings", "--study", folder)
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert "index.html: it cannot be read (Permission denied). Check who may read it." in done.err


def test_a_script_is_told_why_there_is_no_list(workbench: Workbench, tmp_path: Path) -> None:
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "codings"\n', codings=CODINGS)) as study:
        folder = study.folder
    write(folder, "reports/index.html", "<p>Mine</p>")
    alone = workbench("report", "codings", "--study", folder, "--json")
    batch = workbench("reports", "--study", folder, "--json")
    assert (alone.code, alone.err, batch.code, batch.err) == (0, "", 0, "")
    told = [json.loads(alone.out)["index_problem"], json.loads(batch.out.splitlines()[-1])["index_problem"]]
    assert [said.partition("index.html: ")[2][:23] for said in told] == ["this is a page of your "] * 2
