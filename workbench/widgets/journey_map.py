"""The widget in which a journey map is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.analysis.checkup import check_people
from workbench.model import Journey
from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.journey_desk import JourneyDesk
from workbench.widgets.statements import statements_as_html


class JourneyMap(StudyWidget):
    """A journey map that is built from the data and then edited: what people write stays when the data change.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    journey : title or id of a saved map, or the title of a new one; by default the map of ``persona`` and ``segment``
    persona, segment : whom a new map is about, or a saved one whose persona was removed; everyone by default
    coder : whose changes these are; by default the study's
    height : in pixels

    The same without a widget is ``workbench.build_journey(study, …)``; what was written is in ``study.journeys``.

    Raises
    ------
    UnknownName
        There is no such persona or attribute.
    BadSetting
        study.toml names no stages, the saved map cannot be read or is of a persona that was removed, or the study was opened as it
        was at an earlier moment.
    """

    _esm = joined_module("journey_map.js")
    _css = joined_styles("canvas.css", "journey_map.css")

    def __init__(
        self, study: Study, journey: str | Journey = "", *, persona: str = "", segment: Mapping[str, str] | str | None = None,
        coder: str | None = None, **traits: Any,
    ) -> None:  # fmt: skip
        study.check_it_is_now()
        self.study, self.coder = study, coder or study.coder
        if isinstance(journey, Journey):
            if not persona:
                check_people(journey, study.personas)
            persona, segment, journey = persona or journey.persona, segment or journey.segment.replace(" = ", "=") or None, journey.id
        super().__init__(JourneyDesk(study, coder=self.coder, title=journey, persona=persona, segment=segment), **{"height": 820, **traits})

    def __repr__(self) -> str:
        return f'JourneyMap("{self._desk.current.title}")'

    def static_form(self) -> str:
        """The cells with their statements, as HTML without scripts; words of people are not in it."""
        return statements_as_html(repr(self), self._desk.state())
