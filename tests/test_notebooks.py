"""Every notebook that comes with workbench runs from its first cell to its last, without a word on standard error."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from traitlets.config import Config

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def sockets_in(folder: Path) -> Config:
    """Files instead of ports, as reports have them; some systems take no longer path for one than 104 bytes."""
    config = Config()
    if len(str(folder)) < 90:
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(folder / "k")
    return config


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(request.param, as_version=4)
    folder = tmp_path_factory.mktemp("n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        place = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place, config=sockets_in(folder))
        try:
            client.execute()
        except CellExecutionError as error:
            pytest.fail(str(error), pytrace=False)
    return notebook


def test_it_opens_with_whom_it_is_for_what_it_needs_and_what_comes_of_it(executed: NotebookNode) -> None:
    opening = executed.cells[0].source
    assert opening.startswith("# ")
    assert all(word in opening for word in ("*For*", "*Needs*", "*You will have*"))


def test_its_cells_are_short(executed: NotebookNode) -> None:
    assert [cell.source for cell in executed.cells if cell.cell_type == "code" and len(cell.source.splitlines()) > 8] == []


def test_nothing_is_said_on_standard_error(executed: NotebookNode) -> None:
    said = [o.text for cell in executed.cells if cell.cell_type == "code" for o in cell.outputs if o.get("name") == "stderr"]
    assert said == []


def test_every_last_line_shows_something(executed: NotebookNode) -> None:
    """What a cell ends in is there to be read; only imports and assignments end in nothing."""
    ends = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.splitlines()[-1].startswith("wb.")]
    assert [cell.source for cell in ends if not cell.outputs and "enable" not in cell.source] == []


def test_the_six_steps_are_in_order_and_the_four_are_named() -> None:
    cells = nbformat.read(NOTEBOOKS[0].with_name("journey_in_six_steps.ipynb"), as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    steps = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert steps == ["1 · Goals", "2 · Audience", "3 · Stages", "4 · Map", "5 · Analysis", "6 · Implement and track"]
    assert [way for way in ("*choose the team*", "*choose the type of journey*", "*map it*", "*be creative*") if way not in text] == []
