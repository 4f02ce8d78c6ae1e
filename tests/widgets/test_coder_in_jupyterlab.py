"""Whole journeys in a real JupyterLab: the researcher clicks and types, and the database is read afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import axe_violations
from playwright.sync_api import expect
from widgets.lab import IDLE, Lab, LabPage, run_lab

from workbench.store import load_codings
from workbench.study import Study
from workbench.study.importing import import_files

HERE = Path(__file__).parents[1]
ARTEFACTS = HERE / "artefacts"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with run_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, study: Study, request: pytest.FixtureRequest) -> str:
    return lab.write_notebook(study.folder, name=f"{request.node.name}.ipynb")


@pytest.fixture
def tab(lab: Lab, context: Any, notebook: str) -> LabPage:
    context.set_default_timeout(30_000)
    opened = lab.open(context, notebook)
    opened.run()
    return opened


def found(study: Study) -> list[tuple[str, str]]:
    return sorted((c.code, c.text) for c in load_codings(study.db))


def code_next(tab: LabPage, typed: str) -> None:
    """The next sentence gets the code that is typed."""
    tab.press("ArrowRight", "Enter")
    expect(tab.page.get_by_label("Find a code", exact=True).first).to_be_focused()
    tab.page.keyboard.type(typed)
    tab.press("Enter")


def test_coding_by_mouse_and_undo_after_a_restart(tab: LabPage, study: Study) -> None:
    tab.page.locator(".wbc-text >> text=The slot was gone.").click(click_count=3)
    expect(tab.page.locator(".wbc-box input")).to_be_focused()
    tab.page.locator(".wbc-options >> text=Slot expires").click()
    tab.wait_saved()
    assert found(study) == [("pain", "No 😀. The slot was gone. I had to start again from the list.")]
    tab.restart_kernel()
    tab.run()
    tab.page.locator(".wbc-doc").focus()
    tab.press("z")
    expect(tab.page.locator(".wbc-margin .wbc-chip")).to_have_count(0)
    tab.wait_saved()
    assert found(study) == []


def test_coding_by_keyboard_alone_reaches_no_cell(tab: LabPage, study: Study) -> None:
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "slot")
    code_next(tab, "anx")
    tab.press("b", "j", "k", "-", "Shift+M")
    tab.page.keyboard.type("dd")
    tab.press("Control+Enter")
    tab.wait_saved()
    assert found(study) == [("anxious", "No 😀."), ("pain", "Did the slot stay?")]
    assert tab.page.locator(".jp-Notebook .jp-Cell").count() == 1


def test_a_killed_kernel_loses_nothing_and_doubles_nothing(tab: LabPage, study: Study) -> None:
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "slot")
    tab.wait_saved()
    tab.kill_kernel()
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "anx")
    code_next(tab, "wai")
    expect(tab.page.locator(".wbc-saved")).to_contain_text("2 not saved yet")
    assert len(found(study)) == 1
    tab.wait_for_new_kernel()
    tab.run()
    tab.wait_saved()
    assert found(study) == [("anxious", "No 😀."), ("pain", "Did the slot stay?"), ("wait", "The slot was gone.")]
    expect(tab.page.locator(".wbc-margin .wbc-chip")).to_have_count(3)


def test_two_tabs_show_the_same(tab: LabPage, lab: Lab, context: Any, notebook: str, study: Study) -> None:
    tab.save()
    other = lab.open(context, notebook, workspace="b")
    other.page.wait_for_selector(".wbc[data-filled]")
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "slot")
    expect(other.page.locator(".wbc-margin .wbc-chip")).to_have_count(1)
    other.page.locator(".wbc-mark").click()
    other.press("x")
    expect(tab.page.locator(".wbc-margin .wbc-chip")).to_have_count(0)
    assert found(study) == []


def test_dark_accessible_and_nothing_of_the_study_in_the_saved_state(tab: LabPage, lab: Lab, notebook: str, study: Study) -> None:
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "slot")
    tab.wait_saved()
    tab.page.evaluate("void window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    tab.page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    tab.press("ArrowRight", "ArrowRight", "Enter")
    assert axe_violations(tab.page, ".wbc") == []
    ARTEFACTS.mkdir(exist_ok=True)
    tab.page.screenshot(path=ARTEFACTS / "interview-coder-jupyterlab-dark.png")
    tab.save()
    saved = json.loads((lab.folder / notebook).read_text(encoding="utf-8"))
    assert "widgets" not in saved["metadata"]
    assert "slot" not in json.dumps(saved)


def test_after_a_restart_and_a_reload_the_excerpts_are_left(lab: Lab, context: Any, notebook: str, study: Study) -> None:
    """Where JupyterLab says of the widget itself: model not found."""
    study.add_coding("P01", "Slot expires", 25, 43)
    context.set_default_timeout(30_000)
    tab = lab.open(context, notebook)
    tab.run()
    left = tab.page.locator(".jp-OutputArea .wb-excerpts")
    expect(left).to_be_hidden()
    tab.save()
    tab.restart_kernel()
    tab.page.reload()
    expect(left).to_be_visible()
    expect(left).to_contain_text("The slot was gone.")
    tab.page.wait_for_function(IDLE)
    tab.run()
    expect(left).to_be_hidden()


EDITOR = """import workbench as wb
wb.CodebookEditor(wb.open_study({study!r}, coder="ana"), height=420)"""


def test_codes_merged_in_the_codebook_are_merged_in_the_coder_and_an_excerpt_leads_there(lab: Lab, context: Any, study: Study) -> None:
    study.add_coding("P01", "Waits by the window", 107, 130)
    study.add_coding("P02", "Slot expires", 25, 43)
    context.set_default_timeout(30_000)
    tab = lab.open(context, lab.write_notebook(study.folder, name="codebook.ipynb", before=EDITOR))
    tab.run()
    tab.page.wait_for_selector(".wbc-codebook[data-filled]")
    tab.page.locator(".wbc-node >> text=Waits by the window").click()
    tab.press("g")
    tab.page.keyboard.type("slot")
    tab.press("Enter")
    expect(tab.page.locator(".wbc-margin .wbc-chip")).to_have_text("Slot expires")
    assert {code for code, _ in found(study)} == {"pain"}
    tab.page.wait_for_selector(".wbc-codebook .wbc-passage >> nth=1")
    tab.page.locator(".wbc-go").nth(1).click()
    tab.page.wait_for_selector('.wbc-coder[data-open="t2"]')
    expect(tab.page.locator(".wbc-text .wbc-focus")).to_have_text("The slot was gone.")
    tab.page.locator(".wbc-tree").focus()
    tab.press("z")
    tab.page.wait_for_selector(".wbc-node >> text=Waits by the window")
    assert {code for code, _ in found(study)} == {"pain", "wait"}
    ARTEFACTS.mkdir(exist_ok=True)
    tab.page.locator(".wbc-codebook").screenshot(path=ARTEFACTS / "codebook-jupyterlab.png")


def test_a_recording_is_played_by_jupyters_own_file_server(lab: Lab, context: Any, study: Study, recording: Path) -> None:
    """Which sends what is heard, wherever below its folder the study lies."""
    import_files(study, recording)
    copy = shutil.copytree(study.folder, lab.folder / "somewhere" / "a study")
    context.set_default_timeout(30_000)
    tab = lab.open(context, lab.write_notebook(copy, name="recording.ipynb"))
    tab.run()
    tab.page.wait_for_selector('.wbc-player[data-by="files"]')
    tab.page.locator(".wbc-doc").focus()
    tab.press("ArrowDown", "ArrowDown", "Shift+P")
    tab.page.wait_for_function("document.querySelector('.wbc-player audio').currentTime > 5")
    expect(tab.page.locator(".wbc-heard")).to_contain_text("The slot was gone.")


def test_in_notebook_7_no_key_reaches_a_cell_and_undo_is_the_coders(lab: Lab, context: Any, notebook: str, study: Study) -> None:
    """Notebook 7 listens before the page does: in an unguarded widget ``dd`` deletes a cell."""
    context.set_default_timeout(30_000)
    tab = lab.open_in_notebook_7(context, notebook)
    tab.run()
    tab.page.locator(".wbc-doc").focus()
    code_next(tab, "slot")
    tab.wait_saved()
    tab.press("b", "j", "x", "a")
    tab.page.keyboard.type("dd")
    tab.wait_saved()
    assert tab.page.locator(".jp-Notebook .jp-Cell").count() == 1
    n_before = len(found(study))
    code_next(tab, "anx")
    tab.wait_saved()
    tab.press("z")
    tab.wait_saved()
    assert len(found(study)) == n_before
