"""The check of a template names everything that is wrong, with its cell, and nothing that is not."""

from __future__ import annotations

from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from nbformat import NotebookNode

import workbench
from workbench.reports.templates.template_check import WIDGETS, check_template
from workbench.reports.templates.template_list import SKELETON
from workbench.resources import resource

PARAMETERS = 'study_dir: str = "."  # the study\'s folder'
TEMPLATES = sorted(resource("templates").glob("*.ipynb"))


def notebook(*sources: str, parameters: str = PARAMETERS, title: str = "# Weekly") -> NotebookNode:
    """A template whose third cell and those after it are ``sources``."""
    tagged = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    return v4.new_notebook(cells=[v4.new_markdown_cell(title), tagged, *map(v4.new_code_cell, sources)])


def problems(made: NotebookNode) -> list[str]:
    return [str(p) for p in check_template(made, "weekly.ipynb")]


@pytest.mark.parametrize("path", [*TEMPLATES, SKELETON], ids=lambda path: path.stem)
def test_every_template_that_comes_with_workbench_passes(path: Path) -> None:
    assert problems(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('open("/home/ana/data.csv")', "is a path of one machine"),
        ('p = r"C:\\data\\x.csv"', "is a path of one machine"),
        ("from IPython.display import HTML\nHTML(text)", "HTML(…) shows text as markup"),
        ("import IPython\nIPython.display.display(IPython.display.HTML(f'<b>{x}</b>'))", "HTML(…) shows text as markup"),
        ("df.to_html(escape=False)", "to_html(escape=False)"),
        ("class A:\n    def _repr_html_(self):\n        return f'<b>{self.x}</b>'", "_repr_html_ puts text into markup"),
        ("names = {'a', 'b'}\nfor n in names: print(n)", "goes through a set"),
        ("', '.join(set(x))", "goes through a set"),
        ("rows = [n for n in set(a) & set(b)]", "goes through a set"),
        ("import os\nos.listdir('x')", "goes through the files of a folder"),
        ("for p in folder.glob('*.csv'): print(p)", "goes through the files of a folder"),
        ("df.groupby('a', sort=False).sum()", "groupby(sort=False)"),
        ("from datetime import datetime as clock\nclock.now()", "makes each run differ"),
        ("import pandas as pd\npd.Timestamp.today()", "makes each run differ"),
        ("import numpy as np\nnp.random.rand(3)", "Give it a seed"),
        ("from random import choice\nchoice([1, 2])", "Give it a seed"),
        ("import numpy as np\nnp.random.default_rng()", "Give it a seed"),
        ("df.sample(5)", "Give it a seed"),
        ("import requests", "uses the network"),
        ("from urllib import request", "uses the network"),
        ("import pandas as pd\npd.read_csv('https://example.org/x.csv')", "uses the network"),
        ("%pip install pandas", "installs or fetches"),
        ("!curl x", "installs or fetches"),
        ("name = input('Who?')", "waits for somebody"),
        ("import ipywidgets as widgets", "live widgets"),
        ("import workbench as wb\nwb.InterviewCoder(study)", "live widgets"),
        ("for x in :", "this is not Python"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_cell(code: str, said: str) -> None:
    (found,) = problems(notebook(code))
    assert found.startswith("Cell 3: ")
    assert said in found


@pytest.mark.parametrize(
    "code",
    [
        "for n in sorted({'a', 'b'}): print(n)",
        "import os\nfiles = sorted(p for p in os.listdir('x'))",
        "n = len(set(x)); both = {a for a in set(x)}",
        "from datetime import date\nday = date.fromisoformat('2026-10-05')",
        "import random\nrandom.seed(0)\nrandom.random()",
        "import numpy as np\nrng = np.random.default_rng(0)\nrng.choice([1])",
        "df.sample(5, random_state=0)",
        "log.funnel(['/checkout/pay', '/cart'])",
        "df.to_html()",
        "from urllib.parse import quote",
        "%matplotlib inline\n!ls\n%%time\nx = 1",
        '"""See /home/ana for more."""',
        "import workbench as wb\nwb.journey_report(study).map()",
    ],
)
def test_what_is_harmless_is_left_alone(code: str) -> None:
    assert problems(notebook(code)) == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (PARAMETERS + "\nn: int = 3", 'the parameter "n" has no comment'),
        (PARAMETERS + "\nn = 3  # how many", '"n = 3": a parameter needs a type'),
        (PARAMETERS + "\nn: Path = 'x'  # where", "is not a type for a parameter"),
        ("n: int = 3  # how many", "no parameter study_dir"),
        ("n: int = ", "not Python"),
    ],
)
def test_parameters_are_checked_one_by_one(parameters: str, said: str) -> None:
    found = problems(notebook(parameters=parameters))
    assert any(p.startswith("Cell 2: ") and said in p for p in found), found


def test_all_that_is_wrong_is_said_at_once() -> None:
    made = notebook("import requests", "input()", title="no heading")
    made.cells[1].metadata["tags"] = []
    made.cells[3].outputs = [v4.new_output("stream", text="Mara said")]
    made.cells += [v4.new_markdown_cell("x") for _ in range(40)]
    said = problems(made)
    for part in (
        "at most 40",
        "no title",
        "no cell is tagged",
        "Cell 3: it uses the network",
        "Cell 4: its output is kept",
        "Cell 4: input()",
    ):
        assert sum(part in p for p in said) == 1, part


def test_several_cells_of_parameters_are_named() -> None:
    made = notebook("x = 1")
    made.cells[2].metadata["tags"] = ["parameters"]
    assert problems(made) == [
        'In it cells 2, 3 are tagged "parameters". Tag exactly one, with a name, a type, a default and a comment on each line.'
    ]


def test_every_widget_is_known_as_one() -> None:
    assert set(WIDGETS) == {name for name, place in workbench._WHERE.items() if place == "widgets"}
