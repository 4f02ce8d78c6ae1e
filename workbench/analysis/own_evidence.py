"""What stands behind the statements that people wrote on a map themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from workbench.analysis.scope import StudyTables, find_scope
from workbench.analysis.statements import quotes_from, rows_by_place, supported
from workbench.model import Journey, Measured, Quote, Statement, basis_of


def with_own_evidence(
    journey: Journey, saved: Journey, study: StudyTables, on: date | None = None, *, within: Collection[str] | None = None
) -> Journey:
    """A rebuilt map whose own statements have the evidence that somebody put behind them, as the study has it now.

    A rebuilt map knows only the passages that stand on it; a person may have chosen others.  Words and consent are today's, and a
    passage that is coded no more stands behind nothing.

    Parameters
    ----------
    journey : from :func:`~workbench.analysis.journey_rebuilding.rebuild_journey`
    saved : the map that was laid over the data
    within : count these participants only (aliases), as in a view of some of them
    """
    chosen = {s.id: s.evidence for c in saved.cells for s in c.statements if s.asserted_by and not s.code and s.evidence}
    if not chosen:
        return journey
    scope = find_scope(study, None, None, on)
    wanted = {e.coding for own in chosen.values() for e in own if isinstance(e, Quote)}
    rows = rows_by_place(study.codings[study.codings["coding"].isin(wanted)])
    kinds = {lane.name: lane.kind for lane in journey.lanes}
    heard = scope.people.index if within is None else list(within)

    def renewed(s: Statement, lane: str) -> Statement:
        own = {e.coding for e in chosen[s.id] if isinstance(e, Quote)}
        quotes = quotes_from([r for r in rows if r.coding in own and r.participant in heard], scope)
        numbers = [e for e in chosen[s.id] if isinstance(e, Measured)]
        return supported(s, [*quotes, *numbers], basis_of(kinds[lane]), len(heard))

    cells = (replace(c, statements=tuple(renewed(s, c.lane) if s.id in chosen else s for s in c.statements)) for c in journey.cells)
    return replace(journey, cells=tuple(cells))
