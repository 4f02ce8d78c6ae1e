"""The widget in which an empathy map is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.empathy_desk import EmpathyDesk
from workbench.widgets.statements import statements_as_html


class EmpathyMap(StudyWidget):
    """What people say, think, do and feel, see and hear, with their pains and gains: prefilled from codings, then edited.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    persona, participant, segment : whom it is about (one of them); everyone when none is named
    stage, touchpoint : only what was said at this stage or touchpoint; the whole journey by default
    coder : whose changes these are; by default the study's
    height : in pixels

    The same without a widget is ``workbench.build_empathy_map(study, …)``.

    Raises
    ------
    UnknownName, UnknownParticipant
        There is no such persona, participant, attribute, stage or touchpoint.
    BadSetting
        A participant is named beside a persona or a segment, or the study was opened as it was at an earlier moment.
    """

    _esm = joined_module("empathy_map.js")
    _css = joined_styles("canvas.css", "empathy_map.css")

    def __init__(
        self, study: Study, persona: str = "", *, participant: str = "", segment: Mapping[str, str] | str | None = None,
        stage: str = "", touchpoint: str = "", coder: str | None = None, **traits: Any,
    ) -> None:  # fmt: skip
        study.check_it_is_now()
        self.study, self.coder = study, coder or study.coder
        desk = EmpathyDesk(
            study, coder=self.coder, persona=persona, participant=participant, segment=segment, stage=stage, touchpoint=touchpoint
        )
        super().__init__(desk, **traits)

    def __repr__(self) -> str:
        return f'EmpathyMap("{self._desk.current.about}")'

    def static_form(self) -> str:
        """The eight fields with their statements, as HTML without scripts; words of people are not in it."""
        return statements_as_html(repr(self), self._desk.state())
