"""Where templates and sample data lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import BadFile

_PACKAGE = Path(__file__).parent


def resource(kind: str) -> Path:
    """The folder of ``templates`` or ``datasets``.

    Raises
    ------
    BadFile
        The installation is incomplete.
    """
    for place in (_PACKAGE / f"_{kind}", _PACKAGE.parent / kind):
        if place.is_dir():
            return place
    raise BadFile(_PACKAGE, f"the folder {kind} is missing from this installation", "Install workbench again.")
