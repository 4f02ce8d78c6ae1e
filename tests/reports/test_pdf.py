"""A page printed by whatever browser is there, and nothing of the browser left behind."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import nbformat.v4 as v4
import pytest

from workbench.errors import BadFile, BadSetting, MissingTool
from workbench.reports import blocks
from workbench.reports.html import pdf
from workbench.reports.html.exporter import render_html


@pytest.fixture
def page(tmp_path: Path) -> Path:
    shown = blocks.table([{"step": "Cart", "users": 900}], title="Steps", caption="By step")
    cells = [
        v4.new_markdown_cell("# Orders\n\n## Why"),
        v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=shown._repr_mimebundle_())]),
    ]
    path = tmp_path / "page.html"
    path.write_text(render_html(v4.new_notebook(cells=cells)), encoding="utf-8")
    return path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def is_gone(pid: int) -> bool:
    """Whether a process has ended, or is a zombie that only its new parent could bury."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(pdf.find_browser() is None, reason="no Chromium, Chrome or Edge on this machine")
def test_the_same_page_is_the_same_tagged_pdf_with_an_outline(page: Path, tmp_path: Path, folders: Path) -> None:
    first, second = (pdf.write_pdf(page, tmp_path / name).read_bytes() for name in ("a.pdf", "b.pdf"))
    assert first == second
    assert all(word in first for word in (b"/StructTreeRoot", b"/Outlines", b"/Lang (en)", b"/Title (Orders)"))
    assert list(folders.iterdir()) == []


def test_a_browser_that_hangs_is_ended_with_all_that_it_started(
    page: Path, tmp_path: Path, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = program(tmp_path / "slow", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    monkeypatch.setenv(pdf.VARIABLE, str(slow))
    (tmp_path / "old.pdf").write_bytes(b"as before")
    began = time.monotonic()
    with pytest.raises(BadFile, match=r"page\.html: slow did not print it in 1 s\. Try again"):
        pdf.write_pdf(page, tmp_path / "old.pdf", timeout_s=1)
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    while not is_gone(child):
        assert time.monotonic() - began < 30
    assert list(folders.iterdir()) == []
    assert (tmp_path / "old.pdf").read_bytes() == b"as before"


def test_a_browser_that_fails_is_quoted(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.VARIABLE, str(program(tmp_path / "broken", "echo no display >&2; exit 3")))
    with pytest.raises(BadFile, match=r"broken did not print it \(no display\)\. Name another browser in WORKBENCH_CHROMIUM"):
        pdf.write_pdf(page, tmp_path / "x.pdf")


def test_a_browser_that_is_not_there_is_said_so(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.VARIABLE, "no-such-browser")
    with pytest.raises(BadSetting, match=r'WORKBENCH_CHROMIUM: there is no program "no-such-browser"'):
        pdf.write_pdf(page, tmp_path / "x.pdf")


def test_without_browser_and_weasyprint_the_error_names_both(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    monkeypatch.setattr(pdf, "_NAMES", ())
    monkeypatch.setattr(pdf, "_PLACES", ())
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(MissingTool, match=r"Chromium, Chrome or Edge\) or WeasyPrint.*pip install \"ux-workbench\[pdf\]\""):
        pdf.write_pdf(page, tmp_path / "x.pdf")


def test_a_page_that_is_not_there_and_a_folder_that_is_not_there(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadFile, match="there is no such page"):
        pdf.write_pdf(tmp_path / "no.html", tmp_path / "x.pdf")
    copies = program(tmp_path / "copies", 'for a; do case $a in --print-to-pdf=*) echo %PDF > "${a#*=}";; esac; done')
    monkeypatch.setenv(pdf.VARIABLE, str(copies))
    with pytest.raises(BadFile, match="the folder that it should go to does not exist"):
        pdf.write_pdf(page, tmp_path / "no" / "x.pdf")


def test_dates_and_chance_are_taken_out_without_moving_anything() -> None:
    one = b"<</CreationDate (D:20261122064932+00'00')/ModDate (D:20261122064932+00'00')>> trailer <</ID [<00ff><AA11>]>>"
    other = one.replace(b"2026", b"2031").replace(b"00ff", b"1234")
    assert pdf._undated(one) == pdf._undated(other)
    assert len(pdf._undated(one)) == len(one)
