"""What a newcomer is told when a tool is missing: one sentence with the command that installs it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests import set_up_tools


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine of somebody without rights, with no tools; what would have been run is in the list."""
    asked: list[list[str]] = []

    def refuse(command: list[str], **_: object) -> int:
        asked.append(command)
        return 1

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(set_up_tools, "_run", refuse)
    monkeypatch.setattr(set_up_tools, "_chromium_starts", lambda: False)
    return asked


@pytest.mark.parametrize(("platform", "command"), [("linux", "sudo apt-get install nodejs npm"), ("darwin", "brew install node")])
def test_missing_node_is_named_with_its_command(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, platform: str, command: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(SystemExit, match=f"^Node is missing.* Install it with: {command}$"):
        set_up_tools.need_node()


def test_a_missing_chromium_is_downloaded_before_anybody_is_asked(bare: list[list[str]]) -> None:
    with pytest.raises(SystemExit, match=r"^Chromium.* is missing.* Install it with: .*chromium$"):
        set_up_tools.need_chromium()
    assert [command[-3:] for command in bare] == [["playwright", "install", "chromium"]]


def test_debian_is_asked_only_by_root(bare: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    with pytest.raises(SystemExit):
        set_up_tools.install("Node", debian="nodejs npm")
    assert bare == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit):
        set_up_tools.install("Node", debian="nodejs npm")
    assert [command[:2] for command in bare] == [["apt-get", "update"], ["apt-get", "install"]]


def test_an_old_python_is_refused_before_anything_is_made(bare: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and .* is 3\.9"):
        set_up_tools.make_venv()
    assert bare == []


def test_packages_are_fetched_once_per_content_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr(set_up_tools, "_run", lambda command, **_: fetched.append(command) or 0)
    for content in ("{}", "{}", "{ }"):
        (tmp_path / "package-lock.json").write_text(content)
        set_up_tools.need_npm_packages(tmp_path)
    assert len(fetched) == 2
