"""What all widgets share: requests come in as messages, answers go out, and nothing of the study is in the widget's state."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
from IPython.display import display
from traitlets import Int

from workbench.widgets.saving import Desk

STATIC = Path(__file__).parent / "static"


_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.M)


def joined_module(name: str) -> str:
    """A widget's module behind those that it imports: hosts load a widget from a blob, from where "./" leads nowhere.

    Each module is there once.  All of them share one scope then, so a name is given once in all that are joined.
    """
    sources: dict[str, str] = {}

    def visit(name: str) -> None:
        source = (STATIC / name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(source):
            if needed not in sources:
                visit(needed)
        sources[name] = _IMPORT.sub("", source)

    visit(name)
    parts = [re.sub(r"^export (?!default)", "", s, flags=re.M) if n != name else s for n, s in sources.items()]
    return "\n".join(parts)


def joined_styles(*names: str) -> str:
    """Style sheets behind the one that all widgets share."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("parts.css", *names))


class StudyWidget(anywidget.AnyWidget):
    """A view of a study.

    Its traits are how it looks and nothing else: a notebook can save a widget's traits, and research text must not get there.
    """

    height = Int(720, help="height in pixels").tag(sync=True)

    def __init__(self, desk: Desk, **traits: Any) -> None:
        super().__init__(**traits)
        self._desk = desk
        self.on_msg(self._receive)

    def static_form(self) -> str:
        """What is left where the widget cannot live, as HTML without scripts."""
        return ""

    def _receive(self, _widget: object, request: object, _buffers: object) -> None:
        if isinstance(request, Mapping) and request.get("op") != "hurry":  # sent for its own sake, see line.js
            answer = self._desk.answer(request)
            self.send(answer, buffers=answer.pop("buffers", None))

    def _ipython_display_(self) -> None:
        """The widget, and below it what is left when it is dead.

        JupyterLab shows "model not found" for a dead widget and nothing else of the same output, so what is left is an output of its
        own; the living widget hides it.
        """
        bundle = super()._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        html = self.static_form()
        if html and os.environ.keys() & {"VSCODE_PID", "VSCODE_CWD"}:  # where the widget cannot reach the output below
            data, html = {**data, "text/html": html}, ""
        display(data, metadata=metadata, raw=True)
        if html:
            display({"text/html": html, "text/plain": "What was coded, as it was when this cell ran."}, raw=True)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        html = self.static_form()
        if bundle is None or not html:
            return bundle
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": html}, metadata
