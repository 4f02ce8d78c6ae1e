"""A map with its views, fresh from the data, and what people saved on it laid over each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench.analysis.checkup import check_people
from workbench.analysis.journey import build_journey, segments_of
from workbench.analysis.journey_rebuilding import rebuild_journey
from workbench.analysis.own_evidence import with_own_evidence
from workbench.analysis.scope import show_segment
from workbench.errors import BadSetting, UnknownName
from workbench.model import Journey, JourneyKind, JourneyState
from workbench.reports.sections.map_block import View, without_hidden
from workbench.study import Study
from workbench.study.snapshot import Snapshot


@dataclass(frozen=True)
class MapViews:
    """The views of a map, the saved map that is laid over them, and how many of its statements people took off."""

    views: Sequence[View]
    participants: pd.DataFrame
    on: date
    saved: Journey | None
    n_hidden: int
    notes: Sequence[str]

    @property
    def quotable(self) -> frozenset[str]:
        """The codings whose words may be shown on the day."""
        statements = [s for c in self.views[0].journey.cells for s in c.statements]
        return frozenset(q.coding for s in statements for q in s.quotes if q.quotable)


def read_views(
    study: Study,
    persona: str | None,
    segment: str | None,
    journey: str | None,
    on: date | None,
    *,
    kind: JourneyKind | None = None,
    only_first: bool = False,
) -> MapViews:
    """The views of a study's map, or ``only_first``; with ``kind``, a map that was saved as one is taken first.

    Raises
    ------
    UnknownName, BadSetting
    """
    day = on or date.today()  # noqa: DTZ011 - consent ends with a day of the reader's calendar
    tables, saved = Snapshot(study), study.journeys
    named = _named(study, saved, journey) if journey else None
    if named:
        check_people(named, tables.personas)
    if named and not persona and not segment:
        persona, segment = named.persona or None, _own_segment(named, tables)
    built = build_journey(tables, persona, segment, on=day)
    if named and not _same_people(named, built):
        raise BadSetting(
            f'journey "{named.title}"', f"it is the map of {_people(named)}, not of {_people(built)}", "Leave persona and segment out."
        )
    fitting = [] if named else _fitting(saved, built, kind)
    over = named or next(iter(fitting), None)
    whole = [View("all", "Everyone", "", built)]
    if not persona and not segment and not only_first:
        for chosen in segments_of(tables):
            ((name, value),) = chosen.items()
            whole.append(View(f"{name}-{value}", value, name, build_journey(tables, segment=chosen, on=day)))
        whole += [View(f"persona-{i}", p.name, "persona", build_journey(tables, p.name, on=day)) for i, p in enumerate(tables.personas)]
    laid = [View(v.key, v.label, v.group, _laid_over(over, v, tables, day) if over else v.journey) for v in whole]
    views = tuple(View(v.key, v.label, v.group, without_hidden(v.journey)) for v in laid)
    n_hidden = sum(s.hidden for c in laid[0].journey.cells for s in c.statements)
    return MapViews(views, tables.participants, day, over, n_hidden, _notes(over, fitting))


def _laid_over(saved: Journey, view: View, tables: Snapshot, day: date) -> Journey:
    """What people wrote over what the data say of a view's people."""
    made = rebuild_journey(saved, view.journey)
    return with_own_evidence(made, saved, tables, day, within=None if view.key == "all" else view.journey.participants)


def _named(study: Study, saved: Sequence[Journey], name: str) -> Journey:
    """The saved map with this id or title."""
    found = [j for j in saved if j.id == name] or [j for j in saved if j.title.casefold() == name.strip().casefold()]
    for damaged in study.unreadable if not found else ():
        if damaged.kind is Journey and name.strip() in (damaged.id, damaged.name):
            raise BadSetting(f'journey "{name}"', "it cannot be shown", str(damaged))
    if not found:
        raise UnknownName("saved journey", name, [j.title for j in saved])
    if len(found) > 1:
        raise BadSetting(
            f'journey "{name}"', f"{len(found)} saved maps have this title", f"Name one by its id: {', '.join(j.id for j in found)}."
        )
    return found[0]


def _fitting(saved: Sequence[Journey], built: Journey, kind: JourneyKind | None) -> list[Journey]:
    """The saved maps of the same people: of the wanted kind first, and what is before what is wanted."""
    same = [j for j in saved if _same_people(j, built)]
    first = kind or built.kind
    return sorted(same, key=lambda j: (j.kind != first, j.state != JourneyState.AS_IS, j.title))


def _same_people(saved: Journey, built: Journey) -> bool:
    """Whether two maps are of the same people; a persona may bring a segment of its own, which need not be saved again."""
    return saved.persona == built.persona and saved.segment in ((built.segment, "") if built.persona else (built.segment,))


def _own_segment(saved: Journey, tables: Snapshot) -> str | None:
    """The segment that was asked for beside the persona."""
    brought = {show_segment(p.segment) for p in tables.personas if p.name == saved.persona}
    return None if saved.segment in brought else saved.segment or None


def _notes(over: Journey | None, fitting: Sequence[Journey]) -> list[str]:
    others = [f"“{j.title}” ({j.kind}, {j.state})" for j in fitting if j is not over]
    return [f"Also saved for the same people, and shown with the parameter journey: {', '.join(others)}."] if others else []


def _people(journey: Journey) -> str:
    return journey.persona or journey.segment or "everyone"
