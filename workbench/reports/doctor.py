"""What is installed, what is missing, what to do."""

from __future__ import annotations

import json
import platform
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from workbench.errors import WorkbenchError
from workbench.resources import resource

NEEDED = (
    "jupyterlab",
    "ipywidgets",
    "anywidget",
    "pandas",
    "altair",
    "vl-convert-python",
    "nbconvert",
    "papermill",
    "duckdb",
    "sqlalchemy",
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = True


def examine() -> list[Check]:
    """Everything that a researcher could miss, each with what to do about it."""
    return [*_python(), *(_package(name) for name in NEEDED), _kernel(), _exporter(), *_resources(), _sqlite()]


def _python() -> Iterator[Check]:
    yield Check("workbench", True, version("ux-workbench"))
    yield Check(
        "Python",
        sys.version_info >= (3, 11),
        platform.python_version(),
        "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer.",
    )


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed", f"pip install {name}")


def _kernel() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Check("Jupyter kernel python3", False, "not installed", "python -m ipykernel install --sys-prefix")
    mine = find_spec("ipykernel") is not None
    return Check("Jupyter kernel python3", mine, json.dumps(spec.argv[0]), "" if mine else "pip install ipykernel")


def _exporter() -> Check:
    from importlib.metadata import entry_points

    found = any(e.name == "workbench" for e in entry_points(group="nbconvert.exporters"))
    return Check(
        "nbconvert --to workbench", found, "registered" if found else "not registered", "" if found else "Install workbench again with pip."
    )


def _resources() -> Iterator[Check]:
    for kind in ("templates", "datasets"):
        try:
            yield Check(kind, True, f"{sum(1 for _ in resource(kind).iterdir())} in {resource(kind)}")
        except WorkbenchError as error:
            yield Check(kind, False, "missing", str(error))


def _sqlite() -> Check:
    fine = sqlite3.sqlite_version_info >= (3, 35)
    return Check("SQLite", fine, sqlite3.sqlite_version, "" if fine else "Install a Python with SQLite 3.35 or newer.")
