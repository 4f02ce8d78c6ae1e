"""The widget in which a team keeps its opportunities."""

from __future__ import annotations

from typing import Any

from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.opportunity_desk import OpportunityDesk
from workbench.widgets.statements import statements_as_html


class OpportunityBoard(StudyWidget):
    """What is worth solving, from a proposal to what it changed: a board, a ranking with its reasons, and value against effort.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    coder : whose changes and votes these are; by default the study's
    height : in pixels

    The same without a widget are ``study.opportunities``, and ``propose_opportunities``, ``rank_opportunities``, ``effect_of`` and
    ``find_alerts`` of :mod:`workbench.analysis`.

    Raises
    ------
    BadSetting
        The study was opened as it was at an earlier moment.
    """

    _esm = joined_module("opportunity_board.js")
    _css = joined_styles("canvas.css", "opportunity_board.css")

    def __init__(self, study: Study, *, coder: str | None = None, **traits: Any) -> None:
        study.check_it_is_now()
        self.study, self.coder = study, coder or study.coder
        super().__init__(OpportunityDesk(study, coder=self.coder), **traits)

    def __repr__(self) -> str:
        return f'OpportunityBoard("{self.study.settings.title}")'

    def static_form(self) -> str:
        """The board as lists, without scripts."""
        return statements_as_html(repr(self), self._desk.state())
