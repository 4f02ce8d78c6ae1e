"""The templates as one page with their pictures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat.v4 as v4

from workbench.errors import cannot_write
from workbench.reports.blocks import Block
from workbench.reports.html.exporter import render_html
from workbench.reports.templates.template_list import Template


def write_gallery(templates: Sequence[Template], path: Path) -> None:
    """Write one self-contained page with a card for each template.

    Raises
    ------
    FolderNotWritable, DiskFull
    """
    block = Block("template-gallery", {"title": "Report templates", "cards": [_card(t) for t in templates]})
    output = v4.new_output("display_data", data=block._repr_mimebundle_())
    cell = v4.new_code_cell("", outputs=[output])
    page = render_html(v4.new_notebook(cells=[cell], metadata={"workbench": {"exclude_input": True}}))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from error


def _card(t: Template) -> dict[str, Any]:
    return {
        "name": t.name,
        "title": t.title,
        "description": t.problem or t.description,
        "needs": t.needs,
        "own": t.own,
        "parameters": [{"name": p.name, "default": repr(p.default), "accepted": p.accepted, "help": p.help} for p in t.parameters],
        "picture": _as_data(t.picture) if t.picture else "",
    }


def _as_data(picture: Path) -> str:
    """A picture inside an ``img``, where nothing in it runs."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.read_bytes()).decode()
