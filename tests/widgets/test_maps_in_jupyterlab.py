"""A journey map in a real JupyterLab: edited by keyboard, kept through the death of its kernel, readable where it cannot live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from miniature import full_study
from playwright.sync_api import expect
from widgets.lab import IDLE, Lab, LabPage, run_lab

from workbench.study import Study

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
PAINS = "check_out/Pain points"
CELL = """import os, pathlib
import workbench as wb
pathlib.Path("kernel.pid").write_text(str(os.getpid()))
wb.JourneyMap(wb.open_study({study!r}, coder={coder!r}), height=640)"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with run_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Study]:
    study = full_study(tmp_path)
    yield study
    study.close()


@pytest.fixture
def notebook(lab: Lab, coded: Study, request: pytest.FixtureRequest) -> str:
    return lab.write_notebook(coded.folder, name=f"{request.node.name}.ipynb", cell=CELL)


@pytest.fixture
def tab(lab: Lab, context: Any, notebook: str) -> LabPage:
    context.set_default_timeout(30_000)
    opened = lab.open(context, notebook)
    opened.run(".wbc-journey")
    return opened


def write_pain(tab: LabPage, words: str) -> None:
    """A statement among the pains, by keyboard."""
    tab.page.locator(f'[data-add="{PAINS}"]').focus()
    tab.press("n")
    tab.page.keyboard.type(words)
    tab.press("Enter")


def written(study: Study) -> list[str]:
    return [s.text for j in study.journeys for c in j.cells for s in c.statements]


def test_what_is_written_while_the_kernel_is_dead_is_kept_and_saved_once(tab: LabPage, coded: Study) -> None:
    write_pain(tab, "Before the kernel died")
    tab.wait_saved()
    tab.kill_kernel()
    write_pain(tab, "While it was dead")
    expect(tab.page.locator(".wbc-saved")).to_contain_text("1 not saved yet")
    tab.wait_for_new_kernel()
    tab.run(".wbc-journey")
    tab.wait_saved()
    assert written(coded) == ["Before the kernel died", "While it was dead"]


def test_no_key_reaches_a_cell_and_nothing_of_the_study_is_saved_in_the_notebook(
    tab: LabPage, lab: Lab, notebook: str, coded: Study
) -> None:
    tab.page.locator("[data-item]").first.focus()
    tab.press("b", "j", "k", "a")
    tab.page.keyboard.type("dd")
    tab.press("Escape")
    assert tab.page.locator(".jp-Notebook .jp-Cell").count() == 1
    tab.page.evaluate("void window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    tab.page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    assert serious_violations(tab.page, ".wbc") == []
    ARTEFACTS.mkdir(exist_ok=True)
    tab.page.screenshot(path=ARTEFACTS / "journey-map-jupyterlab-dark.png")
    tab.save()
    saved = json.loads((lab.folder / notebook).read_text(encoding="utf-8"))
    assert "widgets" not in saved["metadata"]
    assert "the slot was gone" not in json.dumps(saved)


def test_after_a_restart_and_a_reload_the_statements_are_left(tab: LabPage) -> None:
    left = tab.page.locator(".jp-OutputArea .wb-excerpts")
    expect(left).to_be_hidden()
    tab.save()
    tab.restart_kernel()
    tab.page.reload()
    expect(left).to_be_visible()
    expect(left).to_contain_text("Slot expires")
    tab.page.wait_for_function(IDLE)


@pytest.mark.parametrize(("widget", "field"), [("EmpathyMap", "pains"), ("PersonaBuilder", "goal"), ("OpportunityBoard", "proposed")])
def test_what_is_written_on_each_canvas_is_saved(lab: Lab, context: Any, coded: Study, widget: str, field: str) -> None:
    cell = CELL.replace("JourneyMap", widget)
    context.set_default_timeout(30_000)
    tab = lab.open(context, lab.write_notebook(coded.folder, name=f"{widget}.ipynb", cell=cell))
    tab.run(".wbc-board")
    tab.page.locator(f'[data-add="{field}"]').focus()
    tab.press("n")
    tab.page.keyboard.type("Written in JupyterLab")
    tab.press("Enter")
    expect(tab.page.locator("[data-item]", has_text="Written in JupyterLab")).to_be_visible()
    tab.wait_saved()
    (made,) = [e for e in coded.history(who="ana") if "Written in JupyterLab" in e.action]
    tab.press("z")
    tab.wait_saved()
    assert next(e for e in coded.history() if e.batch == made.batch).undone
