"""The command line, run in this process, and a study for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from miniature import empty_study, write_all

from workbench.cli.main import run
from workbench.study.importing import import_files


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str


Workbench = Callable[..., Run]


@pytest.fixture
def workbench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workbench:
    """Runs a command as the shell would; anything but an exit is a bug, and fails the test."""

    def command(*words: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["workbench", *map(str, words)])
        code = 0
        try:
            run()
        except SystemExit as exit:
            code = int(exit.code or 0)
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return command


@pytest.fixture
def given(tmp_path: Path) -> list[Path]:
    return write_all(tmp_path / "given")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    empty_study(tmp_path / "empty").close()
    return tmp_path / "empty"


@pytest.fixture
def folder(tmp_path: Path, given: list[Path]) -> Path:
    """A study with everything in it, imported by ana."""
    with closing(empty_study(tmp_path / "study")) as study:
        import_files(study, given)
    return tmp_path / "study"
