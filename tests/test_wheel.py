"""What people install: the wheel is built, opened, and installed into an empty environment where the demo must work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Filled by `make test`, so that this needs no network.
WHEELS = Path(sys.prefix) / "wheels"


def run(*command: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command and give what it printed; its complaints are in the failure."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    [made] = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as opened:
        return set(opened.namelist())


@pytest.fixture(scope="module")
def bin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that holds the wheel and what it needs, and nothing else."""
    empty = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", empty)
    pip = [sys.executable, "-m", "pip", "--python", empty / "bin" / "python", "--disable-pip-version-check", "install", "--quiet"]
    source = ["--no-index", "--find-links", WHEELS] if WHEELS.is_dir() else []
    run(*pip, "--no-compile", *source, "--constraint", ROOT / "constraints.txt", wheel)
    return empty / "bin"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An empty home, and nothing else that could help."""
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def test_the_whole_package_is_inside(names: set[str], tracked: list[Path]) -> None:
    """Migrations, page templates, styles and scripts too: everything that lies in the folder."""
    wanted = {path.as_posix() for path in tracked if path.parts[0] == "workbench"}
    assert wanted - names == set()


@pytest.mark.parametrize("folder", ["templates", "datasets"])
def test_templates_and_datasets_are_inside(names: set[str], tracked: list[Path], folder: str) -> None:
    wanted = {f"workbench/_{path.as_posix()}" for path in tracked if path.parts[0] == folder}
    assert wanted
    assert wanted - names == set()


def test_the_licence_is_inside(wheel: Path, names: set[str]) -> None:
    [licence] = [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    with ZipFile(wheel) as opened:
        assert b"BSD 3-Clause" in opened.read(licence)


def test_nothing_else_is_inside(names: set[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"workbench", "ux_workbench"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".db", ".orig")) or "/tests/" in name] == []


def test_the_demo_works_where_nothing_but_the_wheel_is(bin: Path, here: Path, env: dict[str, str]) -> None:
    printed = run(bin / "workbench", "demo", cwd=here, env=env)
    page, pages = here / "demo-study" / "reports" / "journey_map.html", here / "demo-study" / "reports" / "index.html"
    assert page.name in printed.replace("\n", "")
    assert page.name in pages.read_text("utf-8")
    assert page.stat().st_size > 50_000


def test_the_checkout_is_not_what_was_run(bin: Path, here: Path, env: dict[str, str]) -> None:
    place = run(bin / "python", "-c", "import workbench; print(workbench.__file__)", cwd=here, env=env)
    assert Path(place.strip()).is_relative_to(bin.parent)


def test_the_exporter_is_known_to_nbconvert(bin: Path, here: Path, env: dict[str, str]) -> None:
    code = "from nbconvert.exporters import get_exporter; print(get_exporter('workbench').__module__)"
    assert run(bin / "python", "-c", code, cwd=here, env=env).strip() == "workbench.reports.html.exporter"
