"""What is in the repository, and what must not be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {".ci", "datasets", "notebooks", "reports", "templates", "tests", "workbench"}
FILES = {".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "constraints.txt", "pyproject.toml"}

#: A folder that is there on one machine only; ana is nobody.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:(?:root|work|farm|mnt|srv|scratch|workspace)/[\w.]|(?:home|Users)/(?!ana/)[\w.]+/)")
PACKAGE_HOST = re.compile(r"(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)|--(?:extra-)?index-url", re.IGNORECASE)
FETCHED = re.compile(r"""(?:src|href|url|import|from|fetch)\s*[=(]?\s*\(?["']?(?:https?:)?//""")
UNFINISHED = re.compile(r"\b(?:NotImplementedError|TODO|FIXME|XXX)\b")

Texts = dict[str, str]


@pytest.fixture(scope="module")
def texts(tracked: list[Path]) -> Texts:
    """What is written in every file that is text, by path."""
    contents = {path.as_posix(): (ROOT / path).read_bytes() for path in tracked}
    return {name: content.decode("utf-8", errors="replace") for name, content in contents.items() if b"\0" not in content}


@pytest.fixture(scope="module")
def package(texts: Texts) -> Texts:
    return {name: text for name, text in texts.items() if name.startswith("workbench/")}


def lines_with(pattern: re.Pattern[str], texts: Texts) -> list[str]:
    numbered = ((name, n, line) for name, text in texts.items() for n, line in enumerate(text.splitlines(), 1))
    return [f"{name}:{n}: {line.strip()[:100]}" for name, n, line in numbered if pattern.search(line)]


def test_the_top_level_keeps_to_its_names(tracked: list[Path]) -> None:
    assert {path.parts[0] for path in tracked if len(path.parts) > 1} <= FOLDERS
    assert {path.name for path in tracked if len(path.parts) == 1} <= FILES


def test_every_notebook_comes_without_outputs(texts: Texts) -> None:
    cells = [(name, cell) for name, text in texts.items() if name.endswith(".ipynb") for cell in json.loads(text)["cells"]]
    assert [name for name, cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


def test_no_file_names_a_folder_of_one_machine(texts: Texts) -> None:
    assert lines_with(MACHINE_PATH, texts) == []


def test_no_file_names_a_package_host(texts: Texts) -> None:
    """Where packages come from is for each machine to say."""
    assert lines_with(PACKAGE_HOST, texts) == []


def test_the_package_is_finished(package: Texts) -> None:
    assert lines_with(UNFINISHED, package) == []


def test_no_page_and_no_widget_fetches_anything(package: Texts) -> None:
    """Nothing leaves the machine (DESIGN D9)."""
    browser = {name: text for name, text in package.items() if name.endswith((".js", ".css", ".j2", ".html"))}
    assert lines_with(FETCHED, browser) == []


def test_ci_runs_what_a_contributor_runs() -> None:
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert run.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


@pytest.mark.parametrize("path", ["/" + "work/main/x.py", '"/' + 'root/.cache"', "/" + "home/ben/study", "in /" + "Users/ben/x"])
def test_a_machine_path_is_recognised(path: str) -> None:
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["at/work/x", "/homepage/x", "~/study", "/home/ana/study", "../shared/data", "./root/x"])
def test_other_paths_are_not_taken_for_one(path: str) -> None:
    assert not MACHINE_PATH.search(path)
