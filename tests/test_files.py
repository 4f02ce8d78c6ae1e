"""A file that is written is whole, or it is the one from before."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from workbench.errors import BadFile, DiskFull, FolderNotWritable
from workbench.files import write_together, write_whole


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("flush", [False, True])
def test_a_file_is_written_and_nothing_else_stays(tmp_path: Path, flush: bool) -> None:
    write_whole(tmp_path / "page.html", b"old")
    write_whole(tmp_path / "page.html", b"new", flush=flush)
    assert (tmp_path / "page.html").read_bytes() == b"new"
    assert names(tmp_path) == ["page.html"]


def test_a_copy_holds_what_the_original_holds(tmp_path: Path) -> None:
    (tmp_path / "interview.vtt").write_bytes(b"\r\n\xff")
    write_whole(tmp_path / "kept.vtt", tmp_path / "interview.vtt")
    assert (tmp_path / "kept.vtt").read_bytes() == b"\r\n\xff"
    assert names(tmp_path) == ["interview.vtt", "kept.vtt"]


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, DiskFull), (errno.EACCES, FolderNotWritable)])
def test_of_several_files_none_is_written_when_one_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    write_together({tmp_path / "a.html": b"old", tmp_path / "a.json": b"old"})
    written = Path.write_bytes

    def fails(path: Path, content: bytes) -> int:
        written(path, content[:1])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", lambda path, content: (fails if "json" in path.name else written)(path, content))
    with pytest.raises(expected, match=r"a\.json:"):
        write_together({tmp_path / "a.html": b"new", tmp_path / "a.json": b"new"})
    assert (tmp_path / "a.html").read_bytes() == b"old"
    assert names(tmp_path) == ["a.html", "a.json"]


def test_ctrl_c_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Path, part: Path) -> None:
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    write_whole(tmp_path / "kept.csv", b"old")
    monkeypatch.setattr(shutil, "copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "kept.csv", tmp_path / "given.csv")
    assert (tmp_path / "kept.csv").read_bytes() == b"old"
    assert names(tmp_path) == ["kept.csv"]


def test_a_place_that_cannot_be_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadFile, match="the folder that it should go to does not exist"):
        write_whole(tmp_path / "nowhere" / "page.html", b"")
    with pytest.raises(BadFile, match="this is a folder"):
        write_whole(tmp_path / "folder", b"")
    assert names(tmp_path) == ["folder"]


def test_a_file_that_holds_already_what_it_is_to_hold_stays_as_it_is(tmp_path: Path) -> None:
    """Whoever copies or uploads what is new need not take it again."""
    for name in ("a.html", "a.json"):
        (tmp_path / name).write_bytes(b"old")
        os.utime(tmp_path / name, (1, 1))
    write_together({tmp_path / "a.html": b"old", tmp_path / "a.json": b"new"})
    assert (tmp_path / "a.html").stat().st_mtime == 1
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert names(tmp_path) == ["a.html", "a.json"]
