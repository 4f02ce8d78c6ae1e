"""What all widgets share: requests come in as messages, answers go out, and nothing of the study is in the widget's state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import anywidget
from IPython.display import display
from traitlets import Int

STATIC = Path(__file__).parent / "static"


class Desk(Protocol):
    """Answers a widget's requests."""

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one request, an error being an answer too."""
        ...


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
        if isinstance(request, Mapping) and request.get("op") != "hurry":  # sent for its own sake, see interview_coder.js
            self.send(self._desk.answer(request))

    def _ipython_display_(self) -> None:
        """The widget, and below it what is left when it is dead.

        JupyterLab shows "model not found" for a dead widget and nothing else of the same output, so what is left is an output of its
        own; the living widget hides it.
        """
        bundle = super()._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        html = self.static_form()
        if html and "VSCODE_PID" in os.environ:  # where the widget cannot reach the output below
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
