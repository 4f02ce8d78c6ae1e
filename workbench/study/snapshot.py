"""A study's tables, each read once: what several analyses of one moment share."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.model import Codebook, Journey, Opportunity, Persona, StudySettings
from workbench.store import Unreadable
from workbench.study.handle import Study


class Snapshot:
    """The tables of a study as they are when each is first asked for.

    It satisfies :class:`~workbench.analysis.scope.StudyTables`, so whatever is built from a study is built from this.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.settings = study, study.settings

    settings: StudySettings

    @cached_property
    def codebook(self) -> Codebook:
        """The codes."""
        return self.study.codebook

    @cached_property
    def participants(self) -> pd.DataFrame:
        """One row per participant."""
        return self.study.participants

    @cached_property
    def transcripts(self) -> pd.DataFrame:
        """One row per transcript."""
        return self.study.transcripts

    @cached_property
    def codings(self) -> pd.DataFrame:
        """One row per coding."""
        return self.study.codings

    @cached_property
    def responses(self) -> pd.DataFrame:
        """One row per answered survey."""
        return self.study.responses

    @cached_property
    def events(self) -> EventLog | None:
        """The event log, where there is one."""
        return self.study.events

    @cached_property
    def personas(self) -> list[Persona]:
        """The personas, by name."""
        return self.study.personas

    @cached_property
    def journeys(self) -> list[Journey]:
        """The saved journey maps."""
        return self.study.journeys

    @cached_property
    def unreadable(self) -> list[Unreadable]:
        """Saved personas, opportunities and maps that cannot be read."""
        return self.study.unreadable

    @cached_property
    def opportunities(self) -> list[Opportunity]:
        """The opportunities."""
        return self.study.opportunities
