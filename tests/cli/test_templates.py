"""The commands about templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from miniature import write

#: What pytest lends us in conftest.py, by its shape.
Workbench = Any


def test_templates_are_listed_with_those_of_the_study(workbench: Workbench, folder: Path) -> None:
    assert workbench("templates", "new", "mine", "--study", folder).code == 0
    found = json.loads(workbench("templates", "list", "--study", folder, "--json").out)
    mine = next(t for t in found if t["name"] == "mine")
    assert (mine["own"], [p["name"] for p in mine["parameters"]]) == (True, ["most", "n_quotes"])
    assert workbench("templates", "list").out.splitlines()[0] == "name\tshows\tneeds\tparameters"
    assert "mine" not in workbench("templates", "list").out.split()


def test_a_gallery_is_written(workbench: Workbench, tmp_path: Path) -> None:
    done = workbench("templates", "list", "--html", tmp_path / "gallery.html")
    assert done.code == 0
    assert (tmp_path / "gallery.html").stat().st_size > 10_000


def test_a_check_says_what_is_wrong_and_ends_with_1(workbench: Workbench, folder: Path) -> None:
    workbench("templates", "new", "mine", "--study", folder)
    assert workbench("templates", "check", "mine", "--study", folder).out == "mine.ipynb: nothing wrong.\n"
    path = folder / "templates" / "mine.ipynb"
    write(folder, "templates/mine.ipynb", path.read_text(encoding="utf-8").replace("wb.enable_charts()", "input()"))
    wrong = workbench("templates", "check", path, "--json")
    assert wrong.code == 1
    assert json.loads(wrong.out)["problems"] == [
        {"cell": 5, "what": "input() waits for somebody, and a report runs alone. Make it a parameter."}
    ]
    assert workbench("templates", "check", "mine", "--study", folder).out.endswith("mine.ipynb: 1 thing wrong.\n")


def test_an_unknown_template_or_study_is_one_sentence(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    assert "journey_map" in workbench("templates", "check", "jurney_map").err
    assert workbench("templates", "list", "--study", tmp_path / "none").code == 1


def test_a_drawing_lies_beside_its_template(workbench: Workbench, folder: Path) -> None:
    workbench("templates", "new", "mine", "--study", folder)
    done = workbench("templates", "draw", "mine", "--study", folder)
    assert done.out == f"{folder / 'templates' / 'thumbnails' / 'mine.svg'}\n"
    assert (folder / "templates" / "thumbnails" / "mine.svg").read_text(encoding="utf-8").startswith("<svg")
