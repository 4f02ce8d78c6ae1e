"""Which templates there are: those that come with workbench, and a study's own; and a new one to begin with."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadFile, WorkbenchError, cannot_write
from workbench.reports.templates.parameters import Parameter, read_parameters
from workbench.reports.templates.template_files import STUDY_PARAMETER, read_notebook
from workbench.resources import resource

SKELETON = Path(__file__).with_name("new_template.ipynb")
THUMBNAILS = "thumbnails"


@dataclass(frozen=True)
class Template:
    """A template as a list shows it.

    ``own`` is whether it is the study's; ``picture`` its page in small, where there is one; ``problem`` why it cannot be read.
    """

    name: str
    title: str
    description: str
    needs: str
    parameters: Sequence[Parameter]
    path: Path
    own: bool
    picture: Path | None = None
    problem: str = ""


def list_templates(folder: Path | None = None, names: Collection[str] | None = None) -> list[Template]:
    """The templates, by name; a study's own takes the place of the one of the same name that comes with workbench.

    Parameters
    ----------
    folder : a study's folder, whose templates are listed too
    names : only these
    """
    places = [(resource("templates"), False), *([(folder / "templates", True)] if folder else [])]
    paths = {p.stem: (p, own) for place, own in places for p in place.glob("*.ipynb") if p.is_file()}
    return [_read(*paths[name]) for name in sorted(paths) if names is None or name in names]


def new_template(folder: Path, name: str) -> Path:
    """Write a notebook to begin with, which runs on any study and explains itself, and say where it is.

    Raises
    ------
    BadFile
        The name is no file name, or is taken.
    FolderNotWritable, DiskFull
    """
    stem = name.removesuffix(".ipynb")
    path = folder / "templates" / f"{stem}.ipynb"
    if not re.fullmatch(r"\w[\w-]*", stem):
        raise BadFile(name, "this is no name for a template", "Use letters, digits, _ and -, such as weekly_pulse.")
    if path.exists():
        raise BadFile(path, "there is a template of this name already", "Choose another name, or edit that one.")
    if (resource("templates") / path.name).is_file():
        raise BadFile(path, "a template of this name comes with workbench, and this one would take its place", "Choose another name.")
    title = stem.replace("_", " ").replace("-", " ").capitalize()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SKELETON.read_text(encoding="utf-8").replace("TITLE", title).replace("NAME", stem), encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def picture_of(template: Path) -> Path:
    """Where the picture of a template lies."""
    return template.parent / THUMBNAILS / f"{template.stem}.svg"


def _read(path: Path, own: bool) -> Template:
    picture = picture_of(path) if picture_of(path).is_file() else None
    try:
        notebook = read_notebook(path)
        parameters = [p for p in read_parameters(notebook, path.name).values() if p.name != STUDY_PARAMETER]
    except WorkbenchError as error:
        return Template(path.stem, path.stem, "", "", (), path, own, picture, str(error))
    settings = notebook.metadata.get("workbench")
    said = settings if isinstance(settings, Mapping) else {}
    first = notebook.cells[0].source.lstrip().partition("\n")[0].removeprefix("# ").strip() if notebook.cells else ""
    title = str(said.get("title") or first or path.stem)
    return Template(path.stem, title, str(said.get("description", "")), str(said.get("needs", "")), parameters, path, own, picture)
