"""A journey map as blocks of the page: the summary, the grid with its views, opportunities, people, method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pandas as pd

from workbench.analysis.checkup import check_study
from workbench.analysis.contrasts import largest_contrast
from workbench.analysis.measures import before_after
from workbench.analysis.opportunities import statements_behind
from workbench.analysis.stage_funnels import StageFunnel, StageFunnels
from workbench.model import Journey, JourneyState, Opportunity, OpportunityStatus
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, header, method, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.reports.sections.map_block import MapBlock, View, find_statement, of_several
from workbench.reports.sections.map_views import MapViews, read_views
from workbench.study import Study
from workbench.study.snapshot import Snapshot

__all__ = ["JourneyReport", "View", "journey_report", "report_of"]

R = TypeVar("R", bound="JourneyReport")


@dataclass(frozen=True)
class JourneyReport:
    """A map with its views, ready to be laid out.  Made by :func:`journey_report`; each method is one block."""

    study: Study
    views: Sequence[View]
    participants: pd.DataFrame
    on: date
    saved: Journey | None = None
    n_hidden: int = 0
    notes: Sequence[str] = ()

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the maps that people saved, by id."""
        return {j.id: j.title for j in self.study.journeys}

    @property
    def journey(self) -> Journey:
        """The map of the first view."""
        return self.views[0].journey

    @property
    def funnels(self) -> list[dict[str, StageFunnel]]:
        """For each view the funnels inside its stages, by stage."""
        counted = StageFunnels(self.study.events, self.study.settings.stages)
        return [counted.of_journey(v.journey) for v in self.views]

    def summary(self) -> Block:
        """Headline, one sentence, and the findings that can be read in ten seconds."""
        journey = self.journey
        about = journey.persona or journey.segment
        wanted = journey.state == JourneyState.TO_BE
        state = "to-be: what is wanted, not what is" if wanted else f"{journey.state}"
        kicker = " · ".join(x for x in (journey.kind.capitalize(), state, about, words.day_shown(self.study)) if x)
        title = f"{journey.title} (to be)" if wanted else journey.title
        return header(title, kicker=kicker, lede=self._lede(), strong=self._strong(), findings=self._findings())

    def map(self) -> Block:
        """The grid: stages across, lanes down, the curve of feeling, every statement with its evidence."""
        return MapBlock(self.views, self.participants, self.study.settings.segments, titles=self.titles, funnels=self.funnels).block()

    def opportunities(self) -> Block:
        """What could be done about it: worth, effort, state, and the effect where something was shipped."""
        if not self.journey.opportunities:
            return callout("None are recorded in this study yet.", title="Opportunities")
        names = {s.id: s.name for s in self.journey.stages}
        by_worth = sorted(self.journey.opportunities, key=lambda o: (-(_value(o) or 0), o.effort or 9, o.how_might_we))
        rows = [self._opportunity(o, names) for o in by_worth]
        columns = [
            Column("How might we…"),
            Column("From"),
            Column("Value", kind="number"),
            Column("Effort", kind="number"),
            Column("Status"),
            Column("Effect"),
        ]
        return table(
            rows, columns, title="Opportunities", caption="Value is customer value plus business value, 2 to 10; effort is 1 to 5."
        )

    def to_know(self) -> Block | None:
        """What is missing from the map because something in the study is not there yet or does not fit; nothing, where all is well."""
        found = check_study(Snapshot(self.study))
        return callout("\n\n".join(found), title="Before you rely on this map", kind="warning") if found else None

    def people(self) -> Block:
        """Who took part, by pseudonym."""
        attributes = [a for a in self.study.settings.segments if a in self.participants]
        codings = self.study.codings
        silent = {p.alias for p in self.study.load_participants() if not p.consent.allows_quotes(self.on)}
        rows = [
            {
                "Participant": p["pseudonym"],
                **{a: p.get(a, "") for a in attributes},
                "Passages coded": int(codings[codings["participant"] == alias].drop_duplicates(["transcript", "start", "end"]).shape[0]),
                "Words in this report": "shown" if alias not in silent else "counted, not shown: no consent to quote",
            }
            for alias, p in self.participants.loc[list(self.journey.participants)].iterrows()
        ]
        columns = [
            Column("Participant"),
            *(Column(a, a.capitalize()) for a in attributes),
            Column("Passages coded", kind="number"),
            Column("Words in this report"),
        ]
        return table(rows, columns, title="People", caption=f"{len(rows)} participants, by pseudonym.")

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How the map was made, from what, and what it does not show."""
        return method([*words.how_it_was_made(self.study, self.journey), *self._by_hand()], facts)

    def _by_hand(self) -> list[str]:
        """What of the map people wrote, and what they took off it."""
        if self.saved is None:
            return list(self.notes)
        who = self.saved.title or "without a title"
        said = f"The saved map “{who}” is laid over what was coded: its words, steps, order and marks are people's, its numbers and quotes are of today."
        off = f"{self.n_hidden} statement{'s were' if self.n_hidden != 1 else ' was'} taken off the map by hand; the evidence is kept in the study."
        by_hand = any(f.hand_set is not None for f in self.journey.feelings)
        drawn = "A feeling that somebody set by hand is drawn as a hollow square beside the estimate; it is an opinion, not a count."
        return [said, *([off] if self.n_hidden else []), *([drawn] if by_hand else []), *self.notes]

    def _lede(self) -> str:
        counts = words.counts(self.study, self.journey)
        return f"{counts}. " if counts else ""

    def _strong(self) -> str:
        moment = self.journey.critical_moment
        if moment is None and not any(s.said_by for c in self.journey.cells for s in c.statements):
            return "Nothing that people said is on this map yet, so it holds no finding of theirs."
        if moment is None:
            return "No moment stands out clearly enough to be proposed as the critical one."
        stage = next(s.name for s in self.journey.stages if s.id == moment.stage)
        said = find_statement(self.journey, moment.stage, moment.statement)
        felt = self.journey.feeling(moment.stage).estimate
        worst = felt is not None and felt.value < 0
        who = f"as {said.n} of {said.n_of} say" if said and said.n else "as the team marked it; no participant is on record as saying so"
        return f"{'Most is at stake' if worst else 'The strongest moment is'} at “{stage}”: {words.lower(moment.statement)}, {who}."

    def _findings(self) -> list[Finding]:
        found = []
        moment = self.journey.critical_moment
        statement = find_statement(self.journey, moment.stage, moment.statement) if moment else None
        if moment and statement and statement.n:
            felt = self.journey.feeling(moment.stage).estimate
            detail = f"the stage feels {words.signed(felt.value)} ({words.interval(felt)}, {words.n_of_people(felt)})" if felt else ""
            found.append(Finding(f"{statement.n} of {statement.n_of}", f"say “{moment.statement}”", detail, f"#stage-{moment.stage}"))
        if contrast := largest_contrast(self.journey):
            high, low = contrast.high, contrast.low
            groups = f"{words.group(low.segment)} {words.number(low.estimate)}, {words.group(high.segment)} {words.number(high.estimate)}"
            gap = f"difference {words.points(contrast.difference)}{of_several(contrast)}{self._both_periods(contrast.name)}"
            found.append(Finding(words.number(low.estimate), f"{contrast.name}: {groups}", gap, f"#stage-{contrast.stage}"))
        felt_stages = [f for f in self.journey.feelings if f.estimate is not None and f.estimate.low > 0]
        if felt_stages:
            best = max(felt_stages, key=lambda f: f.estimate.value if f.estimate else 0)
            name = next(s.name for s in self.journey.stages if s.id == best.stage)
            assert best.estimate is not None  # noqa: S101 - chosen for having one
            found.append(
                Finding(
                    words.signed(best.estimate.value),
                    f"is how “{name}” feels: the best stage",
                    f"{words.interval(best.estimate)}, {words.n_of_people(best.estimate)}",
                    f"#stage-{best.stage}",
                )
            )
        for opportunity in self.journey.opportunities:
            if (change := self._effect(opportunity)) is not None:
                text = (
                    f"after {opportunity.shipped:%-d %B}, against {words.number(change.before)} before: {words.lower(opportunity.measure)}"
                    + _for(opportunity)
                )
                found.append(
                    Finding(
                        words.number(change.after),
                        text,
                        f"change {words.points(change.difference)}; no control group",
                        link_to("Opportunities"),
                    )
                )
        return found[:4]

    def _both_periods(self, measure: str) -> str:
        """A word of warning where something was changed in the middle of what a number covers."""
        days = [o.shipped for o in self.journey.opportunities if o.measure == measure and o.shipped]
        return f"; before and after {days[0]:%-d %B} together" if days else ""

    def _effect(self, opportunity: Opportunity) -> Any:
        setting = next((m for m in self.study.settings.measures if m.name == opportunity.measure), None)
        if setting is None or opportunity.shipped is None or opportunity.status != OpportunityStatus.SHIPPED:
            return None
        return before_after(
            setting, opportunity.shipped, responses=self.study.responses, events=self.study.events, segment=opportunity.segment
        )

    def _opportunity(self, o: Opportunity, names: Mapping[str, str]) -> dict[str, Any]:
        behind = statements_behind(o, self.journey)
        said, n_of = {p for s in behind for p in s.said_by}, max((s.n_of for s in behind), default=self.journey.n_of)
        change = self._effect(o)
        effect = (
            Cell(
                change.difference.value,
                f"{words.number(change.before)} → {words.number(change.after)}",
                f"change {words.points(change.difference)}, n {change.before.n:,} and {change.after.n:,}; before and after, without a control group",
            )
            if change
            else Cell(None, "not measured yet")
        )
        return {
            "How might we…": o.how_might_we.rstrip("?") + "?",
            "From": Cell(len(said), names.get(o.stage, "–"), f"{len(said)} of {n_of}", f"#stage-{o.stage}"),
            "Value": _value(o),
            "Effort": o.effort,
            "Status": o.status.value + (f", {o.shipped:%-d %b}" if o.shipped else ""),
            "Effect": effect,
        }


def journey_report(
    study: Study, *, persona: str | None = None, segment: str | None = None, journey: str | None = None, on: date | None = None
) -> JourneyReport:
    """A study's map with a view for everybody, for each segment that study.toml lists, and for each persona.

    Parameters
    ----------
    persona, segment : the map is of these people only
    journey : title or id of a map that somebody saved, which is laid over every view; left out, the one that was saved for the
        same people, if there is one
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName
        There is no such saved map, persona or attribute.
    BadSetting
        The saved map is of other people than ``persona`` and ``segment``.
    """
    return report_of(JourneyReport, study, read_views(study, persona, segment, journey, on))


def report_of(kind: type[R], study: Study, read: MapViews) -> R:
    """A report of some kind on a map with its views."""
    return kind(study, read.views, read.participants, read.on, read.saved, read.n_hidden, read.notes)


def _value(o: Opportunity) -> int | None:
    return o.customer_value + o.business_value if o.customer_value and o.business_value else None


def _for(opportunity: Opportunity) -> str:
    return f" ({', '.join(opportunity.segment.values())})" if opportunity.segment else ""
