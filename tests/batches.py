"""Small templates and the reports that study.toml asks for, for tests of batches."""

from __future__ import annotations

from pathlib import Path

import nbformat
import nbformat.v4 as v4
from miniature import FILES, SETTINGS, empty_study, write, write_all

from workbench.study import Study, open_study
from workbench.study.importing import import_files

PARAMETERS = 'study_dir: str = "."\nsegment: str | None = None  # only these people\npersona: str | None = None\nn: int = 1'
OPEN = "import workbench as wb\nstudy = wb.open_study(study_dir)"
CODINGS = f"{OPEN}\nprint(len(study.codings), segment, persona, n)"
EVENTS = f"{OPEN}\nprint(study.events)"

#: In a cell: the process that has this report made, which its folder for temporary files is named for.
WORKER = "import os, re; worker = int(re.search(r'wb-(\\d+)-', os.environ['WORKBENCH_READS'])[1])"


def add_template(study: Study, name: str, *cells: str) -> Path:
    """A template of these cells, with the usual parameters."""
    first = v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"# {name}"), first, *map(v4.new_code_cell, cells)])
    return write(study.folder, f"templates/{name}.ipynb", nbformat.writes(notebook))


def study_with(folder: Path, reports: str, **templates: str) -> Study:
    """The miniature study with templates of one cell each, and what study.toml says of reports."""
    study = empty_study(folder / "study", SETTINGS)
    import_files(study, write_all(folder / "files"))
    for name, cell in templates.items():
        add_template(study, name, cell)
    return with_settings(study, reports)


def with_settings(study: Study, reports: str) -> Study:
    """The same study, opened again, with these reports in study.toml."""
    study.close()
    write(study.folder, "study.toml", SETTINGS + reports)
    return open_study(study.folder, coder="ana")


def more_people(study: Study, *rows: str) -> None:
    """Further participants, as rows of the miniature's file."""
    import_files(study, write(study.folder.parent / "later", "people.csv", FILES["people.csv"] + "".join(f"{r}\n" for r in rows)))
