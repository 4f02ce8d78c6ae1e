"""Every number that the surveys of a study give: measures, how they moved, before and after, and by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from workbench.analysis.contrasts import Contrast, contrast_of, widened
from workbench.analysis.effects import day_in_words
from workbench.analysis.measures import Change, before_after, compute_measure, compute_measures, unanswered
from workbench.analysis.scope import StudyTables
from workbench.analysis.survey_trend import Period, changes_between, measure_over_time, periods_of, trend_among
from workbench.errors import WorkbenchError
from workbench.model import Basis, Estimate, Measured, MeasureKind, MeasureSetting, Statement

#: Support tickets come with a reason, which is counted as if it were the answer to a question.
TICKETS = "tickets"

Trend = tuple[MeasureSetting, tuple[tuple[Period, Estimate], ...], Estimate | None]


@dataclass(frozen=True)
class SurveyNumbers:
    """The measures of some surveys, each computed once.

    Parameters
    ----------
    study : an opened study, or a snapshot of one
    surveys : ids of the surveys that are looked at
    """

    study: StudyTables
    surveys: Sequence[str]

    @cached_property
    def settings(self) -> list[MeasureSetting]:
        """The measures of study.toml that come from these surveys."""
        return [m for m in self.study.settings.measures if m.kind != MeasureKind.CONVERSION and m.survey in self.surveys]

    @cached_property
    def computed(self) -> list[tuple[MeasureSetting, Measured | str | None]]:
        """Each measure; a sentence where it cannot be computed, and ``None`` where nobody answered."""
        return [(s, self._compute(s)) for s in self.settings]

    @cached_property
    def measured(self) -> list[tuple[MeasureSetting, Measured]]:
        """The measures that could be computed."""
        return [(s, m) for s, m in self.computed if isinstance(m, Measured)]

    @cached_property
    def trends(self) -> list[Trend]:
        """Each measure over time, and how much it moves a week, with an interval for one of so many."""
        every = [(s, measure_over_time(s, self._periods(s.survey), responses=self.study.responses)) for s, _ in self.measured]
        several = [(s, values) for s, values in every if len(values) > 1]
        return [(s, values, trend_among(values, len(several))) for s, values in several]

    @cached_property
    def moved(self) -> list[tuple[MeasureSetting, Estimate]]:
        """The measures that clearly rise or fall, the surest first."""
        clear = [(s, t) for s, _, t in self.trends if t is not None and not t.low <= 0 <= t.high]
        return sorted(clear, key=lambda found: -abs(found[1].value) / (found[1].high - found[1].low))

    @cached_property
    def changes(self) -> list[tuple[str, Change]]:
        """Before and after, with what lies between: the two times of study.toml, or what was shipped at the stage on which day."""
        settings = [s for s, _ in self.measured]
        between = [("two times in study.toml", c) for c in changes_between(settings, responses=self.study.responses)]
        return between + list(self._shipped(settings))

    @cached_property
    def clearest_change(self) -> Change | None:
        """The change that is furthest from none, by an interval for one of so many that are looked at; ``None`` where all may be chance."""
        gaps = [(c, widened(c.difference, len(self.changes))) for _, c in self.changes]
        clear = [(c, gap) for c, gap in gaps if not gap.low <= 0 <= gap.high]
        return max(clear, key=lambda found: abs(found[1].value) / (found[1].high - found[1].low), default=(None, None))[0]

    @cached_property
    def by_segment(self) -> list[tuple[str, tuple[Measured, ...], Contrast]]:
        """Each measure in the groups of each attribute, with the widest difference; the clear ones first."""
        found = []
        for s, _ in self.measured:
            for attribute in self._attributes(s):
                groups = compute_measures(replace(s, by=attribute), responses=self.study.responses, events=None)
                contrast = contrast_of(Statement(s.name, Basis.MEASURED, groups))
                if contrast is not None:
                    found.append((attribute, groups, contrast))
        return sorted(found, key=lambda one: not one[2].clear)

    def sheets(self, survey: str) -> pd.DataFrame:
        """The answer sheets of one survey."""
        responses = self.study.responses
        return responses[responses["survey"] == survey]

    def _compute(self, setting: MeasureSetting) -> Measured | str | None:
        responses = self.study.responses
        try:
            found = compute_measure(setting, responses=responses, events=None)
        except WorkbenchError as error:
            return str(error)
        lacking = unanswered(setting, responses) if found is None and len(self.sheets(setting.survey)) else {}
        said = (
            f'Measure "{setting.name}": nobody answered "{name}" of survey "{setting.survey}". {hint}' for name, hint in lacking.items()
        )
        return " ".join(said) or found

    def _periods(self, survey: str) -> tuple[Period, ...]:
        return periods_of([day.date() for day in self.sheets(survey)["answered"].dropna()])

    def _attributes(self, s: MeasureSetting) -> list[str]:
        sheets = self.sheets(s.survey)
        wanted = dict.fromkeys([*([s.by] if s.by else []), *self.study.settings.segments])
        return [a for a in wanted if a in sheets and sheets[a].notna().any() and a not in s.where]

    def _shipped(self, settings: Sequence[MeasureSetting]) -> Iterator[tuple[str, Change]]:
        """The measures of a stage before and after something was shipped there, for those it was for."""
        for o in self.study.opportunities:
            if o.shipped is None:
                continue
            for s in (s for s in settings if s.stage == o.stage and not s.since and not s.until):
                change = before_after(s, o.shipped, responses=self.study.responses, events=None, segment=o.segment)
                if change is not None:
                    yield f"{day_in_words(o.shipped)}: {o.how_might_we.rstrip('?')}", change
