"""A journey map as blocks of the page: the summary, the grid with its views, opportunities, people, method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from workbench.analysis.checkup import check_study
from workbench.analysis.contrasts import Contrast, contrast_of, largest_contrast
from workbench.analysis.intervals import estimate_share
from workbench.analysis.journey import build_journey, segments_of
from workbench.analysis.measures import before_after
from workbench.model import Feeling, Journey, LaneKind, Measured, Opportunity, OpportunityStatus, Quote, Statement
from workbench.reports import curve, words
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, clock, header, method, quote_id, table
from workbench.study import Study

#: How much a cell and a statement show at first; the rest is one click away, or counted.
STATEMENTS_PER_CELL = 5
QUOTES_PER_STATEMENT = 12


@dataclass(frozen=True)
class View:
    """One way of looking at the map: everybody, one segment or one persona."""

    key: str
    label: str
    group: str
    journey: Journey


@dataclass(frozen=True)
class JourneyReport:
    """A map with its views, ready to be laid out.  Made by :func:`journey_report`; each method is one block."""

    study: Study
    views: Sequence[View]
    participants: pd.DataFrame
    on: date

    @property
    def journey(self) -> Journey:
        """The map of the first view."""
        return self.views[0].journey

    def summary(self) -> Block:
        """Headline, one sentence, and the findings that can be read in ten seconds."""
        journey = self.journey
        about = journey.persona or journey.segment
        kicker = " · ".join(x for x in (journey.kind.capitalize(), f"{journey.state}", about, f"{self.on:%-d %B %Y}") if x)
        return header(journey.title, kicker=kicker, lede=self._lede(), strong=self._strong(), findings=self._findings())

    def map(self) -> Block:
        """The grid: stages across, lanes down, the curve of feeling, every statement with its evidence."""
        journey = self.journey
        data = {
            "views": [
                {"key": v.key, "label": v.label, "group": v.group, "n": v.journey.n_of, "people": list(v.journey.participants)} for v in self.views
            ],
            "stages": [
                {
                    "id": s.id, "name": s.name, "description": s.description, "n": [self._stage_n(v, s.id) for v in self.views],
                    "onward": [self._onward(v, s.id) for v in self.views],
                }
                for s in journey.stages
            ],
            "curves": [curve.draw([f.estimate for f in v.journey.feelings]) for v in self.views],
            "curve_says": [words.feelings(v.journey) for v in self.views],
            "feelings": [[_feeling(v.journey.feeling(s.id)) for v in self.views] for s in journey.stages],
            "lanes": [
                {
                    "name": lane.name, "note": lane.note, "kind": lane.kind.value.replace(" ", "-"),
                    "cells": [self._cell(stage.id, lane.name, lane.kind) for stage in journey.stages],
                }
                for lane in journey.lanes
            ],
            "rows": [row for lane in journey.lanes for stage in journey.stages for row in self._rows(stage.id, stage.name, lane.name)],
        }  # fmt: skip
        said = [f"{m.statement}: {m.reason}" for m in journey.moments]
        return Block("journey-map", data, "\n".join([f"Journey map: {journey.title}", *said]), landscape=True)

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
            rows, columns, title="Opportunities", caption="Value is customer value times business value, 1 to 25; effort is 1 to 5."
        )

    def to_know(self) -> Block | None:
        """What is missing from the map because something in the study does not fit together; nothing, where all does."""
        found = check_study(self.study)
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
        return method(words.how_it_was_made(self.study, self.journey), facts)

    def _lede(self) -> str:
        counts = words.counts(self.study, self.journey)
        return f"{counts}. " if counts else ""

    def _strong(self) -> str:
        moment = self.journey.critical_moment
        if moment is None:
            return "No moment stands out clearly enough to be proposed as the critical one."
        stage = next(s.name for s in self.journey.stages if s.id == moment.stage)
        said = self._statement(moment.stage, moment.statement)
        felt = self.journey.feeling(moment.stage).estimate
        worst = felt is not None and felt.value < 0
        return f"{'Most is at stake' if worst else 'The strongest moment is'} at “{stage}”: {words.lower(moment.statement)}, as {said.n} of {said.n_of} say."

    def _findings(self) -> list[Finding]:
        found = []
        if moment := self.journey.critical_moment:
            statement = self._statement(moment.stage, moment.statement)
            felt = self.journey.feeling(moment.stage).estimate
            detail = f"the stage feels {words.signed(felt.value)} ({words.interval(felt)}, {words.n_of_people(felt)})" if felt else ""
            found.append(Finding(f"{statement.n} of {statement.n_of}", f"say “{moment.statement}”", detail, f"#stage-{moment.stage}"))
        if contrast := largest_contrast(self.journey):
            high, low = contrast.high, contrast.low
            groups = f"{words.group(low.segment)} {words.number(low.estimate)}, {words.group(high.segment)} {words.number(high.estimate)}"
            gap = f"difference {words.points(contrast.difference)}{_of_several(contrast)}{self._both_periods(contrast.name)}"
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
                        words.number(change.after), text, f"change {words.points(change.difference)}; no control group", "#opportunities"
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
        said = {p for c in self.journey.cells for s in c.statements if s.code in o.codes for p in s.said_by}
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
            "From": Cell(len(said), names.get(o.stage, "–"), f"{len(said)} of {self.journey.n_of}", f"#stage-{o.stage}"),
            "Value": _value(o),
            "Effort": o.effort,
            "Status": o.status.value + (f", {o.shipped:%-d %b}" if o.shipped else ""),
            "Effect": effect,
        }

    def _statement(self, stage: str, text: str) -> Statement:
        return next(s for c in self.journey.cells if c.stage == stage for s in c.statements if s.text == text)

    def _stage_n(self, view: View, stage: str) -> list[int]:
        found = next(s for s in view.journey.stages if s.id == stage)
        return [found.n, found.n_of]

    def _onward(self, view: View, stage: str) -> str:
        found = next((t for t in view.journey.transitions if t.from_stage == stage and t.rate), None)
        names = {s.id: s.name for s in view.journey.stages}
        if not found or not found.rate:
            return ""
        e = found.rate.estimate
        return f"{words.number(e)} reach {names[found.to_stage]} ({words.interval(e)}, n {e.n:,})"

    def _cell(self, stage: str, lane: str, kind: LaneKind) -> dict[str, Any]:
        if kind == LaneKind.MEASURE:
            return {"measures": [[_measure(s) for s in v.journey.cell(stage, lane).statements] for v in self.views]}
        statements = self.journey.cell(stage, lane).statements
        n_shown = len(statements) if len(statements) <= STATEMENTS_PER_CELL + 1 else STATEMENTS_PER_CELL
        items = [self._item(stage, lane, s) for s in statements]
        return {"items": items[:n_shown], "more": items[n_shown:], "more_n": max((s.n for s in statements[n_shown:]), default=0)}

    def _item(self, stage: str, lane: str, statement: Statement) -> dict[str, Any]:
        moment = next((m for m in self.journey.moments if m.stage == stage and m.statement == statement.text), None)
        quotes = [q for q in statement.quotes if q.quotable]
        return {
            "text": statement.text,
            "assumed": statement.assumed,
            "asserted_by": statement.asserted_by,
            "note": statement.note,
            "critical": moment.critical if moment else False,
            "reason": moment.reason if moment else "",
            "n": [self._n_in(v, stage, lane, statement) for v in self.views],
            "quotes": [self._quote(q) for q in quotes[:QUOTES_PER_STATEMENT]],
            "rests_on": _rests_on(statement, len(quotes)),
        }

    def _n_in(self, view: View, stage: str, lane: str, statement: Statement) -> list[int]:
        """How many said it of how many, the ends of the interval in percent, passages, and transcripts."""
        same = self._same(view, stage, lane, statement)
        if same is None or not same.n_of:
            return [0, view.journey.n_of]
        if same.assumed:
            return [0, same.n_of]
        e = estimate_share(same.n, same.n_of)
        return [same.n, same.n_of, round(100 * e.low), round(100 * e.high), len(same.quotes), len({q.transcript for q in same.quotes})]

    def _same(self, view: View, stage: str, lane: str, statement: Statement) -> Statement | None:
        return next((s for s in view.journey.cell(stage, lane).statements if s.text == statement.text), None)

    def _quote(self, quote: Quote) -> dict[str, Any]:
        person = self.participants.loc[quote.participant]
        where, time = quote.transcript, clock(quote.start_ms)
        about = ", ".join(str(person[a]) for a in self.study.settings.segments if a in person)
        return {
            "text": quote.text, "who": quote.speaker, "participant": quote.participant, "about": about, "where": where, "time": time,
            "id": quote_id(quote.text, quote.speaker, where, time),
        }  # fmt: skip

    def _rows(self, stage: str, stage_name: str, lane: str) -> Iterable[dict[str, Any]]:
        for s in self.journey.cell(stage, lane).statements:
            for m in s.measures:
                yield {"stage": stage_name, "lane": lane, "text": f"{s.text}, {words.group(m.segment)}" if len(s.measures) > 1 else s.text, "n": words.number(m.estimate), "value": m.estimate.value, "rests_on": f"{words.interval(m.estimate)}, {m.estimate.n:,} {m.estimate.of} ({m.source})"}  # fmt: skip
            if not s.measures:
                n = f"{s.n} of {s.n_of}" if not s.assumed else "assumed"
                yield {"stage": stage_name, "lane": lane, "text": s.text, "n": n, "value": s.n, "rests_on": s.asserted_by if s.assumed else _passages(s)}  # fmt: skip


def journey_report(study: Study, *, persona: str | None = None, segment: str | None = None, on: date | None = None) -> JourneyReport:
    """A study's map with a view for everybody, for each segment that study.toml lists, and for each persona.

    With ``persona`` or ``segment`` the map is of those people only.
    """
    day = on or date.today()  # noqa: DTZ011 - consent ends with a day of the reader's calendar
    frozen = _read_once(study)
    first = View("all", "Everyone", "", build_journey(frozen, persona, segment, on=day))
    views = [first]
    if not persona and not segment:
        for chosen in segments_of(frozen):
            ((name, value),) = chosen.items()
            views.append(View(f"{name}-{value}", value, name, build_journey(frozen, segment=chosen, on=day)))
        views += [View(f"persona-{i}", p.name, "persona", build_journey(frozen, p.name, on=day)) for i, p in enumerate(study.personas)]
    return JourneyReport(study, tuple(views), frozen.participants, day)


@dataclass(frozen=True)
class _ReadOnce:
    """A study's tables, each loaded once for all views."""

    settings: Any
    codebook: Any
    participants: pd.DataFrame
    codings: pd.DataFrame
    responses: pd.DataFrame
    events: Any
    personas: Any
    opportunities: Any


def _read_once(study: Study) -> _ReadOnce:
    return _ReadOnce(
        study.settings,
        study.codebook,
        study.participants,
        study.codings,
        study.responses,
        study.events,
        study.personas,
        study.opportunities,
    )


def _feeling(feeling: Feeling) -> dict[str, Any] | None:
    e = feeling.estimate
    if e is None:
        return None
    return {
        "value": words.signed(e.value),
        "sign": curve.sign(e),
        "interval": words.interval(e),
        "n": e.n,
        "small": e.small,
    }


def _measure(statement: Statement) -> dict[str, Any]:
    contrast = contrast_of(statement)
    gap = (
        f"{words.group(contrast.high.segment)} against {words.group(contrast.low.segment)}: {words.points(contrast.difference)}"
        if contrast and contrast.clear
        else ""
    )
    return {"name": statement.text, "values": [_measured(m, named=len(statement.measures) > 1) for m in statement.measures], "gap": gap}


def _measured(m: Measured, *, named: bool) -> dict[str, Any]:
    target = ""
    if m.target is not None:
        said = {True: "reached", False: "missed", None: "within the interval"}[m.target_met]
        target = f"target {words.number(replace(m.estimate, value=m.target))} {said}"
    return {
        "segment": words.group(m.segment) if named else "", "value": words.number(m.estimate), "interval": words.interval(m.estimate), "n": f"{m.estimate.n:,}",
        "small": m.estimate.small, "target": target, "how": words.how_measured(m.estimate, m.source, m.note),
    }  # fmt: skip


def _rests_on(statement: Statement, n_quotable: int) -> str:
    """Who coded it, and how much of it is on the page."""
    coders = sorted({c for q in statement.quotes for c in q.coders})
    parts = [f"coded by {words.joined(coders)}"] if coders else []
    if n_quotable > QUOTES_PER_STATEMENT:
        parts.append(f"{QUOTES_PER_STATEMENT} shown")
    if kept_back := sum(not q.quotable for q in statement.quotes):
        parts.append(f"{kept_back} counted but not shown, as their speaker did not agree to be quoted")
    return "; ".join(parts)


def _passages(statement: Statement) -> str:
    quotes = statement.quotes
    n_transcripts = len({q.transcript for q in quotes})
    return f"{len(quotes)} passage{'s' * (len(quotes) != 1)} in {n_transcripts} transcript{'s' * (n_transcripts != 1)}"


def _of_several(contrast: Contrast) -> str:
    return f", the widest of {contrast.n_groups} groups" if contrast.n_groups > 2 else ""


def _value(o: Opportunity) -> int | None:
    return o.customer_value * o.business_value if o.customer_value and o.business_value else None


def _for(opportunity: Opportunity) -> str:
    return f" ({', '.join(opportunity.segment.values())})" if opportunity.segment else ""
