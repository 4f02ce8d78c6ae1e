"""A service blueprint as blocks of the page: the map with its lines, and the work under the customer's steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workbench.analysis.lanes import LANES, lane_name, lane_order
from workbench.model import Basis, Cell, Journey, JourneyKind, Lane, LaneKind, StageSetting, Statement, lines_across, shown_as
from workbench.reports.blocks import Block, Column, Finding, callout, header, table
from workbench.reports.sections import words
from workbench.reports.sections.journey_page import JourneyReport, report_of
from workbench.reports.sections.map_block import MapBlock, View, passages
from workbench.reports.sections.map_views import read_views
from workbench.study import Study

#: The organisation's own side of the service, from the counter down.
WORK = (LaneKind.ON_STAGE, LaneKind.ACTOR, LaneKind.BACKSTAGE, LaneKind.PROCESS, LaneKind.DEPARTMENT, LaneKind.SYSTEM)
#: What is done, rather than who does it and with what.
DONE = (LaneKind.BACKSTAGE, LaneKind.PROCESS, LaneKind.ON_STAGE)
#: A blueprint without one of these would not show what is missing from it.
_ALWAYS = (LaneKind.ACTION, LaneKind.ON_STAGE, LaneKind.BACKSTAGE, LaneKind.PROCESS)
_CALLED = {LaneKind.ACTION: "Customer actions", LaneKind.PROCESS: "Support processes"}
_NOTES = {
    LaneKind.ON_STAGE: "what the customer sees us do", LaneKind.ACTOR: "who the customer meets", LaneKind.BACKSTAGE: "what the customer does not see",
    LaneKind.PROCESS: "what makes it possible", LaneKind.DEPARTMENT: "who is in charge", LaneKind.SYSTEM: "what it runs on",
}  # fmt: skip
_OF_STEP = {LaneKind(name.replace("_", " ")): name for name in ("on_stage", "actor", "backstage", "process", "department", "system")}


@dataclass(frozen=True)
class BlueprintReport(JourneyReport):
    """A map seen from both sides of the counter.  Made by :func:`blueprint_report`; each method is one block."""

    def summary(self) -> Block:
        """Headline, where most is at stake and what lies under it, and how much of the work is only assumed."""
        plain = super().summary().data
        parts = [x for x in plain["kicker"].split(" · ") if x]
        kicker = " · ".join([JourneyKind.BLUEPRINT.capitalize(), *parts[1:]])
        return header(
            plain["title"], kicker=kicker, lede=plain["lede"], strong=f"{plain['strong']}{self._under()}", findings=self._findings()
        )

    def map(self) -> Block:
        """The grid, with the lines of interaction, of visibility and of internal interaction between its lanes."""
        lines = lines_across(self.journey.lanes, JourneyKind.BLUEPRINT)
        own = [lane.name for lane in self.journey.lanes if lane.kind in WORK]
        heading = "The blueprint"
        return MapBlock(self.views, self.participants, self.study.settings.segments, heading, lines, own, self.titles, self.funnels).block()

    def work(self) -> Block:
        """Everything that the organisation does, one row each, with how it is known."""
        names = {s.id: s.name for s in self.journey.stages}
        work = list(self._work())
        said = {(stage, part) for lane, stage, s in work if lane.kind in DONE for part in s.note.split(" · ")}
        told = [(lane, stage, s) for lane, stage, s in work if lane.kind in DONE or (stage, s.text) not in said]
        rows = [
            {"What": s.text, "Stage": names[stage], "Lane": lane.name, "Who and with what": s.note, "Known from": _known(s)}
            for lane, stage, s in told
        ]
        if not rows:
            return callout(
                "Nothing is written down yet of what goes on behind the steps. Add it under work in study.toml, or to the steps of a saved map.",
                title="The work behind it",
            )
        columns = [Column(name) for name in rows[0] if any(r[name] for r in rows)]
        n_assumed = sum(s.assumed for _, _, s in told)
        caption = (
            f"{len(rows)} statements, of which {words.spelled(n_assumed)} {'is' if n_assumed == 1 else 'are'} assumed: nobody checked them."
        )
        return table(rows, columns, title="The work behind it", caption=caption)

    def _work(self) -> Iterator[tuple[Lane, str, Statement]]:
        """The statements about the organisation's own work, stage by stage."""
        lanes = [lane for lane in self.journey.lanes if lane.kind in WORK]
        for stage in self.journey.stages:
            for lane in lanes:
                yield from ((lane, stage.id, s) for s in self.journey.cell(stage.id, lane.name).statements)

    def _under(self) -> str:
        """What lies under the critical moment, in words."""
        moment = self.journey.critical_moment
        under = [(lane.kind, s) for lane, stage, s in self._work() if moment and stage == moment.stage]
        found = [s for kind in DONE for its, s in under if its == kind]
        if not moment:
            return ""
        if not found:
            return " Nothing is written down of what lies under it."
        where = f" ({found[0].note})" if found[0].note else ""
        return f" Under it{', as is assumed' if found[0].assumed else ''}: {words.lower(found[0].text)}{where}."

    def _findings(self) -> list[Finding]:
        work = list(self._work())
        done = [s for lane, _, s in work if lane.kind in DONE]
        assumed = sum(s.assumed for s in done)
        bare = [s for s in self.journey.stages if not any(stage == s.id for _, stage, _ in work)]
        found = super()._findings()[:2]
        if done:
            checked = "nobody checked them yet" if assumed == len(done) else "the others were told or seen"
            found.append(Finding(f"{assumed} of {len(done)}", "statements about our own work are assumed", checked, "#The-work-behind-it"))
        if bare:
            told = f"with nothing written down of what goes on behind {'it' if len(bare) == 1 else 'them'}"
            found.append(
                Finding(
                    f"{len(bare)} of {len(self.journey.stages)}",
                    f"stages {told}",
                    words.joined([s.name for s in bare]),
                    f"#stage-{bare[0].id}",
                )
            )
        shared = _shared(work, LaneKind.SYSTEM) or _shared(work, LaneKind.DEPARTMENT)
        return [
            *found,
            *([Finding(f"{shared[1]} stages", f"rest on “{shared[0]}”", "the most of any", "#The-work-behind-it")] if shared else []),
        ]


def blueprint_report(
    study: Study, *, persona: str | None = None, segment: str | None = None, journey: str | None = None, on: date | None = None
) -> BlueprintReport:
    """A study's map as a service blueprint: the steps of customers, and under them the work that makes them possible.

    Parameters
    ----------
    persona, segment : the map is of these people only
    journey : title or id of a saved map; left out, a blueprint that was saved for the same people, else another map of theirs
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName
    BadSetting
    """
    read = read_views(study, persona, segment, journey, on, kind=JourneyKind.BLUEPRINT)
    views = tuple(View(v.key, v.label, v.group, as_blueprint(v.journey, study.settings.stages)) for v in read.views)
    return report_of(BlueprintReport, study, replace(read, views=views))


def as_blueprint(journey: Journey, stages: Sequence[StageSetting] = ()) -> Journey:
    """The map in the lanes of a blueprint, with what its steps and study.toml say of the work in lanes of their own."""
    added = list(_added(journey, stages))
    cells = {(c.stage, c.lane): c for c in journey.cells}
    for stage, lane, statement in added:
        cell = cells.get((stage, lane), Cell(stage, lane))
        cells[stage, lane] = replace(cell, statements=_with(cell.statements, statement))
    there = {lane.kind for lane in journey.lanes}
    wanted = {*_ALWAYS, *(kind for kind, name, _ in LANES if any(lane == name for _, lane, _ in added))}
    lanes = [*journey.lanes, *(Lane(kind, lane_name(kind)) for kind in wanted - there)]
    lanes.sort(key=lambda lane: lane_order(lane.name) if lane.name in {name for _, name, _ in LANES} else len(LANES))
    return _called(shown_as(replace(journey, lanes=tuple(lanes), cells=tuple(cells.values())), JourneyKind.BLUEPRINT))


def _added(journey: Journey, stages: Iterable[StageSetting]) -> Iterator[tuple[str, str, Statement]]:
    """Stage, lane and statement of each field of a step, and of each department and system of study.toml."""
    names = {lane.kind: lane.name for lane in reversed(journey.lanes)}
    on_map = {s.id for s in journey.stages}
    for step in journey.steps:
        for kind, field in _OF_STEP.items():
            if text := getattr(step, field):
                more = (step.actor, step.department, step.system) if kind in DONE else ()
                note = " · ".join(x for x in (f"at “{step.name}”", *more) if x)
                yield step.stage, names.get(kind, lane_name(kind)), Statement(text, Basis.ASSUMED, note=note, step=step.id)
    for stage in (s for s in stages if s.id in on_map):
        for work in stage.work:
            for kind, text in ((LaneKind.DEPARTMENT, work.department), (LaneKind.SYSTEM, work.system)):
                if text and kind != work.lane:
                    yield stage.id, names.get(kind, lane_name(kind)), Statement(text, Basis.ASSUMED, asserted_by=work.asserted_by)


def _with(statements: Sequence[Statement], new: Statement) -> tuple[Statement, ...]:
    """The statements and another one; what says the same only gains its note."""
    same = next((i for i, s in enumerate(statements) if s.text.casefold() == new.text.casefold()), None)
    if same is None:
        return (*statements, new)
    old = statements[same]
    notes = dict.fromkeys(x for x in (*old.note.split(" · "), *new.note.split(" · ")) if x)
    both = replace(old, note=" · ".join(notes), asserted_by=old.asserted_by or new.asserted_by)
    return (*statements[:same], both, *statements[same + 1 :])


def _called(journey: Journey) -> Journey:
    """The same map with a blueprint's names and notes for lanes that nobody gave a name of their own."""
    usual = {lane_name(kind): name for kind, name in _CALLED.items()}
    taken = {lane.name for lane in journey.lanes}
    new = {old: name for old, name in usual.items() if old in taken and name not in taken}
    lanes = [replace(lane, name=new.get(lane.name, lane.name), note=_NOTES.get(lane.kind, lane.note)) for lane in journey.lanes]
    return replace(journey, lanes=tuple(lanes), cells=tuple(replace(c, lane=new.get(c.lane, c.lane)) for c in journey.cells))


def _known(statement: Statement) -> str:
    if statement.assumed:
        return f"assumed: {statement.asserted_by}" if statement.asserted_by else "assumed"
    return f"{statement.n} of {statement.n_of} told it, {passages(statement)}" if statement.n else "measured"


def _shared(work: Iterable[tuple[Lane, str, Statement]], kind: LaneKind) -> tuple[str, int] | None:
    """The system or department that most stages rest on, where that is more than one."""
    stages: dict[str, set[str]] = {}
    for lane, stage, s in work:
        if lane.kind == kind:
            stages.setdefault(s.text, set()).add(stage)
    name: Any = max(stages, key=lambda text: len(stages[text]), default=None)
    return (name, len(stages[name])) if name and len(stages[name]) > 1 else None
