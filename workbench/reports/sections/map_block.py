"""A map as one block of the page: stages across, lanes down, each statement with its evidence, in every view."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from workbench.analysis.contrasts import Contrast, contrast_of
from workbench.analysis.intervals import estimate_share
from workbench.analysis.problems import problem_statement
from workbench.analysis.stage_funnels import StageFunnel, funnel_in_words
from workbench.model import Feeling, Journey, JourneyState, LaneKind, Measured, MomentOfTruth, Quote, Stage, Statement
from workbench.reports.blocks import Block, clock, quote_id
from workbench.reports.sections import curve, words
from workbench.reports.sections.map_steps import steps_of

#: How much a cell and a statement show at first; the rest is one click away, or counted.
STATEMENTS_PER_CELL = 5
QUOTES_PER_STATEMENT = 12

#: How a reason begins that the data gave; every other is a person's.
_PROPOSED = re.compile(r"\d+ of \d+ said it, and ")
TO_BE = "To be: a map of what is wanted. What people said and what was measured is of today."


@dataclass(frozen=True)
class View:
    """One way of looking at the map: everybody, one segment or one persona."""

    key: str
    label: str
    group: str
    journey: Journey


@dataclass(frozen=True)
class MapBlock:
    """What a map needs to be laid out.

    Parameters
    ----------
    views : the first is the map itself; the others show the same statements with the counts of their people
    participants : one row per participant, by alias
    attributes : which of their columns stand beside a quote
    lines : lines across the map, each by the name of the lane below it
    unchecked : lanes about the organisation's own work, where what nobody checked is called assumed
    titles : the titles of other maps, by id, for the stages and steps that open one
    funnels : for each view the funnels inside its stages
    """

    views: Sequence[View]
    participants: pd.DataFrame
    attributes: Sequence[str] = ()
    heading: str = "The map"
    lines: Mapping[str, str] = field(default_factory=dict)
    unchecked: Collection[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    funnels: Sequence[Mapping[str, StageFunnel]] = ()

    @property
    def journey(self) -> Journey:
        """The map of the first view."""
        return self.views[0].journey

    def block(self) -> Block:
        """The grid: stages across, lanes down, the curve of feeling, every statement with its evidence."""
        journey = self.journey
        to_be = journey.state == JourneyState.TO_BE
        data = {
            "heading": self.heading,
            "to_be": TO_BE if to_be else "",
            "assumed": "nobody checked it" if self.unchecked else "no participant said it",
            "views": [
                {"key": v.key, "label": v.label, "group": v.group, "n": v.journey.n_of, "people": list(v.journey.participants)} for v in self.views
            ],
            "stages": [self._stage(s) for s in journey.stages],
            "curves": [self._curve(v.journey) for v in self.views],
            "curve_says": [_feelings_in_words(v.journey) for v in self.views],
            "feelings": [[_feeling(v.journey.feeling(s.id)) for v in self.views] for s in journey.stages],
            "funnels": self._funnels(),
            "steps": steps_of(journey, self.titles),
            "problems": [[_problem(v.journey, s) for v in self.views] for s in journey.stages],
            "lanes": [
                {
                    "name": lane.name, "note": lane.note, "kind": lane.kind.value.replace(" ", "-"), "line": self.lines.get(lane.name, ""),
                    "none": "nothing written down yet" if lane.name in self.unchecked else "nobody mentioned any",
                    "cells": [self._cell(stage.id, lane.name, lane.kind) for stage in journey.stages],
                }
                for lane in journey.lanes
            ],
            "rows": [row for lane in journey.lanes for stage in journey.stages for row in _rows(journey, stage, lane.name)],
        }  # fmt: skip
        said = [f"{m.statement}: {m.reason}" for m in journey.moments]
        about = f"{self.heading.removeprefix('The ').capitalize()}: {journey.title}{' (to be)' if to_be else ''}"
        return Block("journey-map", data, "\n".join([about, *said]), landscape=True)

    def _stage(self, s: Stage) -> dict[str, Any]:
        own = [m for m in self.journey.moments if m.stage == s.id and not _on_the_map(self.journey, m)]
        return {
            "id": s.id, "name": s.name, "description": s.description, "n": [_spoken(v.journey, s.id) for v in self.views],
            "onward": [_onward(v.journey, s.id) for v in self.views],
            "ways": [f"to {self._name(t.to_stage)}: {t.quality}" for t in self.journey.transitions if t.from_stage == s.id and t.quality],
            "moments": [{"text": m.statement, **_moment(m)} for m in own],
            "opens": self.titles.get(s.opens, ""),
        }  # fmt: skip

    def _funnels(self) -> list[list[dict[str, Any] | None]]:
        """For each stage its funnel in every view; nothing, where no stage has one."""
        found = [[f.get(s.id) for f in self.funnels] for s in self.journey.stages]
        return [[funnel_in_words(f) if f else None for f in own] for own in found] if any(map(any, found)) else []

    def _name(self, stage: str) -> str:
        return next(s.name for s in self.journey.stages if s.id == stage)

    def _curve(self, journey: Journey) -> dict[str, Any]:
        felt = [journey.feeling(s.id) for s in self.journey.stages]
        marks = [curve.mark_by_hand(i, f.hand_set, beside=f.estimate is not None) for i, f in enumerate(felt) if f.hand_set is not None]
        return {**curve.draw([f.estimate for f in felt]), "by_hand": marks}

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
        step = next((s.name for s in self.journey.steps if s.id == statement.step), "")
        return {
            "text": statement.text,
            "assumed": statement.assumed,
            "from": _whose_word(statement, checked=lane not in self.unchecked) if statement.assumed else "",
            "note": "; ".join(x for x in (statement.note, f"at “{step}”" if step and f"“{step}”" not in statement.note else "") if x),
            **_moment(moment),
            "n": [_n_in(v.journey, stage, lane, statement, {q.coding for q in quotes[:QUOTES_PER_STATEMENT]}) for v in self.views],
            "quotes": [self._quote(q) for q in quotes[:QUOTES_PER_STATEMENT]],
            "rests_on": _rests_on(statement),
        }

    def _quote(self, quote: Quote) -> dict[str, Any]:
        return shown_quote(quote, self.participants, self.attributes)


def shown_quote(quote: Quote, participants: pd.DataFrame, attributes: Sequence[str]) -> dict[str, Any]:
    """A quote as a template shows it: the words, who said them, where and when."""
    person = participants.loc[quote.participant]
    where, time = quote.transcript, clock(quote.start_ms)
    about = ", ".join(str(person[a]) for a in attributes if a in person)
    return {
        "text": quote.text, "who": quote.speaker, "participant": quote.participant, "about": about, "where": where, "time": time,
        "id": quote_id(quote.text, quote.speaker, where, time),
    }  # fmt: skip


def without_hidden(journey: Journey) -> Journey:
    """The map without what somebody took off it, and without the moments that were that."""
    hidden = {(c.stage, s.text) for c in journey.cells for s in c.statements if s.hidden}
    shown = {(c.stage, s.text) for c in journey.cells for s in c.statements if not s.hidden}
    return replace(
        journey,
        cells=tuple(replace(c, statements=tuple(s for s in c.statements if not s.hidden)) for c in journey.cells),
        moments=tuple(m for m in journey.moments if (m.stage, m.statement) not in hidden - shown),
    )


def find_statement(journey: Journey, stage: str, text: str) -> Statement | None:
    """The statement of a stage with these words."""
    return next((s for c in journey.cells if c.stage == stage for s in c.statements if s.text == text), None)


def of_several(contrast: Contrast) -> str:
    """Words for where a difference was picked among more than two groups."""
    return f", the widest of {contrast.n_groups} groups" if contrast.n_groups > 2 else ""


def _on_the_map(journey: Journey, moment: MomentOfTruth) -> bool:
    return find_statement(journey, moment.stage, moment.statement) is not None


def _moment(moment: MomentOfTruth | None) -> dict[str, Any]:
    """What a template says of a moment: whether it is one, whether it is the critical one, and why."""
    if moment is None:
        return {"moment": "", "critical": False, "reason": ""}
    name = "critical moment" if moment.critical else "moment of truth"
    by_data = _PROPOSED.match(moment.reason) is not None
    how = "Proposed as" if by_data else "Marked by hand as"
    reason = f"{how} {'the' if moment.critical else 'a'} {name}{f': {moment.reason}' if moment.reason else '.'}"
    return {"moment": name.capitalize(), "critical": moment.critical, "reason": reason}


def _spoken(journey: Journey, stage: str) -> list[int]:
    found = next((s for s in journey.stages if s.id == stage), Stage(stage, ""))
    return [found.n, found.n_of]


def _onward(journey: Journey, stage: str) -> str:
    found = next((t for t in journey.transitions if t.from_stage == stage and t.rate), None)
    if not found or not found.rate:
        return ""
    e, name = found.rate.estimate, next(s.name for s in journey.stages if s.id == found.to_stage)
    return f"{words.number(e)} reach {name} ({words.interval(e)}, n {e.n:,})"


def _feelings_in_words(journey: Journey) -> str:
    by_hand = [
        f"{s.name} {words.signed(value)}" for s in journey.stages if (value := journey.feeling(s.id).hand_set) is not None
    ]  # fmt: skip
    return words.feelings(journey) + (f" Set by hand: {'; '.join(by_hand)}." if by_hand else "")


def _feeling(feeling: Feeling) -> dict[str, Any]:
    e = feeling.estimate
    by_hand = words.signed(feeling.hand_set) if feeling.hand_set is not None else ""
    if e is None:
        return {"value": "", "by_hand": by_hand}
    return {
        "value": words.signed(e.value), "sign": curve.sign(e), "interval": words.interval(e), "n": e.n, "small": e.small, "by_hand": by_hand
    }  # fmt: skip


def _problem(journey: Journey, stage: Stage) -> dict[str, Any] | None:
    """The problem statement of a stage: a person's words, or a proposal from what was coded."""
    if stage.problem:
        return {"text": stage.problem, "proposed": False, "note": ""}
    if not any(s.id == stage.id for s in journey.stages):
        return None
    found = problem_statement(journey, stage.id)
    return {"text": found.text, "proposed": True, "note": found.note} if found and found.evidence and "…" not in found.text else None


def _n_in(journey: Journey, stage: str, lane: str, statement: Statement, shown: Collection[str]) -> list[Any]:
    """How many said it of how many, the ends of the interval in percent, passages, transcripts, and which of the passages are shown."""
    same = next((s for s in journey.cell(stage, lane).statements if (s.id or s.text) == (statement.id or statement.text)), None)
    if same is None or not same.n_of:
        return [0, journey.n_of]
    if same.assumed:
        return [0, same.n_of]
    e = estimate_share(same.n, same.n_of)
    passed = words.how_many_shown(
        len(same.quotes), sum(q.coding in shown for q in same.quotes), silent=sum(not q.quotable for q in same.quotes)
    )
    n_transcripts = len({q.transcript for q in same.quotes})
    return [same.n, same.n_of, round(100 * e.low), round(100 * e.high), len(same.quotes), n_transcripts, passed]


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


def _whose_word(statement: Statement, *, checked: bool) -> str:
    """Who says so, where no participant does."""
    if not checked:
        return " · ".join(x for x in ("assumed", statement.asserted_by) if x)
    if statement.reworded_by and statement.code:
        return f"worded by {statement.reworded_by}; no participant says it any more (the code is “{statement.code}”)"
    return f"the word of {statement.asserted_by}, not of a participant" if statement.asserted_by else "no participant said it"


def _rests_on(statement: Statement) -> str:
    """Who coded it and put it into words."""
    coders = sorted({c for q in statement.quotes for c in q.coders})
    parts = [f"coded by {words.joined(coders)}"] if coders else []
    if statement.reworded_by:
        parts.append(
            f"worded by {statement.reworded_by}; the code is “{statement.code}”" if statement.code else f"worded by {statement.reworded_by}"
        )
    if statement.asserted_by and not statement.code:
        parts.append(f"written by {statement.asserted_by}")
    return "; ".join(parts)


def _rows(journey: Journey, stage: Stage, lane: str) -> Iterable[dict[str, Any]]:
    for s in journey.cell(stage.id, lane).statements:
        for m in s.measures:
            yield {"stage": stage.name, "lane": lane, "text": f"{s.text}, {words.group(m.segment)}" if len(s.measures) > 1 else s.text, "n": words.number(m.estimate), "value": m.estimate.value, "rests_on": f"{words.interval(m.estimate)}, {m.estimate.n:,} {m.estimate.of} ({m.source})", "low": m.estimate.low, "high": m.estimate.high, "count": m.estimate.n, "unit": m.estimate.unit}  # fmt: skip
        if not s.measures:
            n = f"{s.n} of {s.n_of}" if not s.assumed else "assumed"
            yield {"stage": stage.name, "lane": lane, "text": s.text, "n": n, "value": s.n, "rests_on": s.asserted_by if s.assumed else passages(s)}  # fmt: skip


def passages(statement: Statement) -> str:
    """``14 passages in 8 transcripts``."""
    quotes = statement.quotes
    n_transcripts = len({q.transcript for q in quotes})
    return f"{len(quotes)} passage{'s' * (len(quotes) != 1)} in {n_transcripts} transcript{'s' * (n_transcripts != 1)}"
