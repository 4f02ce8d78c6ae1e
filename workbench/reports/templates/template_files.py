"""Templates as they lie on disk: found by name, read, and what they can be given."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from workbench.errors import BadFile, UnknownName
from workbench.reports.templates.parameters import Parameter, read_parameters
from workbench.resources import resource
from workbench.study import Study

#: Given by the runner, never by the user.
STUDY_PARAMETER = "study_dir"


def find_template(name: str, study: Study | None = None) -> Path:
    """A template by its name (in the study's ``templates/``, then among those that come with workbench) or by its path.

    Raises
    ------
    UnknownName
    """
    if name.endswith(".ipynb") and Path(name).is_file():
        return Path(name)
    places = ([study.folder / "templates"] if study else []) + [resource("templates")]
    for place in places:
        if (path := place / f"{name.removesuffix('.ipynb')}.ipynb").is_file():
            return path
    raise UnknownName("template", name, [p.stem for place in places for p in place.glob("*.ipynb") if p.is_file()])


def template_parameters(name: str, study: Study | None = None) -> list[Parameter]:
    """What a template can be given, in its own order."""
    path = find_template(name, study)
    return given_by_users(read_notebook(path), path)


def given_by_users(notebook: NotebookNode, path: Path) -> list[Parameter]:
    """What a notebook that was read can be given."""
    return [p for p in read_parameters(notebook, path.name).values() if p.name != STUDY_PARAMETER]


def read_notebook(path: Path) -> NotebookNode:
    """A notebook file.

    Raises
    ------
    BadFile
    """
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error
    except (ValueError, TypeError, AttributeError, KeyError, nbformat.ValidationError) as error:  # whatever shape its JSON has
        found = f"it is not a notebook ({(str(error).splitlines() or [type(error).__name__])[0]})"
        raise BadFile(path, found, "Open it in JupyterLab and save it again.") from error


def template_fingerprint(path: Path) -> str:
    """SHA-256 of a template as it lies on disk."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
