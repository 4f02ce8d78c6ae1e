"""The widget in which personas are made."""

from __future__ import annotations

from typing import Any

from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.persona_desk import PersonaDesk
from workbench.widgets.statements import statements_as_html


class PersonaBuilder(StudyWidget):
    """Personas with what stands behind every trait: proposed from groups of participants, edited, and held against later data.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    persona : name of the one to show first; the first one by default
    coder : whose changes these are; by default the study's
    height : in pixels

    The same without a widget: ``study.personas``, and :func:`propose_personas`, :func:`validate_persona` and
    :func:`compare_personas` of ``workbench.analysis``.

    Raises
    ------
    UnknownName
        There is no such persona.
    BadSetting
        The study was opened as it was at an earlier moment.
    """

    _esm = joined_module("persona_builder.js")
    _css = joined_styles("canvas.css", "persona_builder.css")

    def __init__(self, study: Study, persona: str | None = None, *, coder: str | None = None, **traits: Any) -> None:
        study.check_it_is_now()
        self.study, self.coder = study, coder or study.coder
        super().__init__(PersonaDesk(study, coder=self.coder, persona=persona), **traits)

    def __repr__(self) -> str:
        return f'PersonaBuilder("{self._desk.current.name}")'

    def static_form(self) -> str:
        """The persona that is shown, as HTML without scripts; words of people are not in it."""
        return statements_as_html(repr(self), self._desk.as_html_state())
