"""A study on one sheet of A4: what matters most, what is known of it, what is being done, and how sure all of that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any

from workbench.analysis.contrasts import largest_contrast
from workbench.analysis.effects import effect_of
from workbench.analysis.intervals import estimate_share
from workbench.analysis.opportunities import propose_opportunities, rank_opportunities, target_in_words
from workbench.errors import WorkbenchError
from workbench.model import Journey, LaneKind, Measured, MomentOfTruth, Opportunity, OpportunityStatus, Statement
from workbench.reports.blocks import Block, Finding
from workbench.reports.sections import curve, words
from workbench.reports.sections.map_block import find_statement, of_several
from workbench.reports.sections.map_views import MapViews, read_views
from workbench.study import Study

_FINDINGS, _OPPORTUNITIES, _MEASURES = 3, 3, 5
#: How many characters fit; a sheet has an end.
_QUOTE, _QUESTION, _HEADLINE, _TEXT, _MEASURE = 170, 110, 90, 120, 70
#: Fewer people than this, and it is said that they are few.
_FEW = 20


@dataclass(frozen=True)
class OnePager:
    """One sheet about a study.  Made by :func:`one_pager`; :meth:`page` is all of it."""

    study: Study
    read: MapViews
    opportunities: Sequence[Opportunity]
    proposed: bool

    @property
    def journey(self) -> Journey:
        """The map that the sheet is about."""
        return self.read.views[0].journey

    def page(self, facts: Mapping[str, object] | None = None) -> Block:
        """The sheet; ``facts`` are its last line."""
        data = {
            "kicker": " · ".join(
                x for x in (self.study.settings.title, self.journey.persona or self.journey.segment, words.day_shown(self.study)) if x
            ),
            "headline": self._headline(),
            "moment": self._moment(),
            "findings": [_finding(f) for f in self._findings()],
            "curve": self._curve(),
            "curve_says": words.feelings(self.journey),
            "opportunities": self._opportunities(),
            "proposed": self.proposed,
            "measures": [_measure(m) for m in self._measures()],
            "targets": self._targets(),
            "sure": self._sure(),
            "facts": [[k, str(v)] for k, v in (facts or {}).items()],
        }
        return Block("one-pager", data, f"{data['headline']}\n{data['sure']}")

    def _headline(self) -> str:
        moment = self.journey.critical_moment
        if moment is None:
            asked = self.study.settings.question or self.study.settings.title
            return shorten(asked, _HEADLINE, placeholder=" …")
        said = self._said(moment)
        who = f", say {said.n} of {said.n_of}" if said and said.n else ""
        return f"{self._stage(moment.stage)}: {shorten(words.lower(moment.statement), _HEADLINE, placeholder=' …')}{who}"

    def _moment(self) -> dict[str, str]:
        """The critical moment: how it feels, and words of somebody who agreed to be quoted."""
        moment = self.journey.critical_moment
        if moment is None:
            return {"text": "No moment stands out clearly enough to be proposed as the critical one.", "quote": "", "who": "", "sign": ""}
        felt, said = self.journey.feeling(moment.stage).estimate, self._said(moment)
        how = (
            f"“{self._stage(moment.stage)}” feels {words.signed(felt.value)} on a scale from −2 to +2 ({words.interval(felt)}, {words.n_of_people(felt)})"
            if felt
            else ""
        )
        share = estimate_share(said.n, said.n_of, of="participants") if said and said.n and said.n_of else None
        who = (
            f"{said.n} of {said.n_of} say so (95 % interval {words.interval(share)} %)"
            if said and share
            else "no participant is on record as saying so"
        )
        quote = next((q for q in said.quotes if q.quotable), None) if said else None
        return {
            "text": "; ".join(x for x in (who, how) if x) + ".",
            "quote": shorten(quote.text, _QUOTE, placeholder=" …") if quote else "",
            "who": quote.speaker if quote else "",
            "sign": curve.sign(felt) if felt else "",
        }

    def _findings(self) -> list[Finding]:
        """Where groups differ most, what feels best, what a change did; filled up with what most people say hurts or pleases."""
        shared = (_most_said(s, place) for s, place in self._shared(self.journey.critical_moment))
        found = [f for f in (self._contrast(), self._best_stage(), self._effect()) if f is not None]
        return [*found, *shared][:_FINDINGS]

    def _contrast(self) -> Finding | None:
        found = largest_contrast(self.journey)
        if found is None:
            return None
        low, high = found.low, found.high
        groups = f"{words.group(low.segment)} {words.number(low.estimate)}, {words.group(high.segment)} {words.number(high.estimate)}"
        detail = f"difference {words.points(found.difference)}, n {low.estimate.n:,} and {high.estimate.n:,}{of_several(found)}"
        return Finding(words.number(low.estimate), f"{found.name}: {groups}", detail)

    def _best_stage(self) -> Finding | None:
        felt = [(f.estimate, f.stage) for f in self.journey.feelings if f.estimate is not None and f.estimate.low > 0]
        if not felt:
            return None
        best, stage = max(felt, key=lambda pair: pair[0].value)
        text = f"is how “{self._stage(stage)}” feels, −2 to +2: the best stage"
        return Finding(words.signed(best.value), text, f"{words.interval(best)}, {words.n_of_people(best)}")

    def _effect(self) -> Finding | None:
        """What the solution changed that was shipped last."""
        shipped = sorted((o for o in self.opportunities if o.shipped and o.measure), key=lambda o: (o.shipped, o.id))
        for o in reversed(shipped):
            with suppress(WorkbenchError):  # the report of opportunities says why it cannot be told
                c = effect_of(self.study, o).change
                where = f" ({', '.join(o.segment.values())})" if o.segment else ""
                text = f"after {o.shipped:%-d %B}, {words.number(c.before)} before: {words.lower(c.name)}{where}"
                detail = f"change {words.points(c.difference)}, n {c.before.n:,} and {c.after.n:,}; no control group"
                return Finding(words.number(c.after), text, detail)
        return None

    def _shared(self, moment: MomentOfTruth | None) -> list[tuple[Statement, str]]:
        """Pains and delights but for the critical one, the most shared first, each with its stage."""
        lanes = {lane.name for lane in self.journey.lanes if lane.kind in (LaneKind.PAIN, LaneKind.DELIGHT)}
        told = [(s, self._stage(c.stage)) for c in self.journey.cells if c.lane in lanes for s in c.statements if s.n and s.n_of]
        others = [(s, place) for s, place in told if moment is None or s.text != moment.statement]
        return sorted(others, key=lambda pair: (-pair[0].n, pair[0].text))

    def _curve(self) -> dict[str, Any] | None:
        """The curve of feeling with the value of each stage; nothing, where nobody's feeling was coded."""
        felt = [self.journey.feeling(s.id).estimate for s in self.journey.stages]
        if not any(felt):
            return None
        stages = [
            {
                "name": s.name,
                "value": words.signed(e.value) if e else "–",
                "sign": curve.sign(e) if e else "level",
                "n": f"n {e.n}" if e else "not coded",
            }
            for s, e in zip(self.journey.stages, felt, strict=True)
        ]
        return {**curve.draw(felt), "stages": stages}

    def _opportunities(self) -> list[dict[str, str]]:
        """The best by rank, those first that are still to be done."""
        by_id = {o.id: o for o in self.opportunities if o.status != OpportunityStatus.DROPPED}
        ranked = [by_id[id] for id in rank_opportunities(by_id.values(), self.journey)["id"]]
        open_first = sorted(ranked, key=lambda o: o.status == OpportunityStatus.SHIPPED)
        return [self._opportunity(o) for o in open_first[:_OPPORTUNITIES]]

    def _opportunity(self, o: Opportunity) -> dict[str, str]:
        asked = " ".join(o.how_might_we.split()).rstrip("?").removeprefix("How might we ")
        since = f" since {o.shipped:%-d %B}" if o.shipped and o.status == OpportunityStatus.SHIPPED else ""
        status = "proposal" if self.proposed else f"{o.status}{since}"
        return {
            "text": f"{shorten(words.lower(asked), _QUESTION, placeholder=' …')}?",
            "stage": self._stage(o.stage),
            "status": status,
            "owner": o.owner or "no owner yet",
        }

    def _measures(self) -> list[Measured]:
        """Those with a target first, missed before reached."""
        found = {(m.name, m.segment): m for c in self.journey.cells for s in c.statements for m in s.measures}
        order = {False: 0, None: 1, True: 2}
        return sorted(found.values(), key=lambda m: (m.target is None, order[m.target_met]))[:_MEASURES]

    def _targets(self) -> str:
        measures = self._measures()
        if not measures:
            return "Nothing is measured yet: no [[measure]] in study.toml has answers or events."
        return "" if any(m.target is not None for m in measures) else "No measure has a target in study.toml yet."

    def _sure(self) -> str:
        """What all of it rests on, and what is only somebody's word."""
        statements = [s for c in self.journey.cells for s in c.statements]
        assumed, n = sum(s.assumed for s in statements), self.journey.n_of
        counts = words.counts(self.study, self.journey)
        few = "; so few people show what there is, not how often it is" if 0 < n < _FEW else ""
        said = (
            f"{assumed} of {len(statements)} statements on the map are assumed: nothing but somebody's word stands behind them."
            if assumed
            else ""
        )
        if not statements:
            said = "Nothing has been coded or measured yet, so this sheet can say little."
        return " ".join(
            x
            for x in (
                f"It rests on {words.lower(counts)}{few}.",
                said,
                "Intervals are 95 %. Every number is in the report journey_map, with the words behind it.",
            )
            if x
        )

    def _stage(self, id: str) -> str:
        return next((s.name for s in self.journey.stages if s.id == id), id)

    def _said(self, moment: MomentOfTruth) -> Statement | None:
        return find_statement(self.journey, moment.stage, moment.statement)


def one_pager(study: Study, *, persona: str | None = None, segment: str | None = None, on: date | None = None) -> OnePager:
    """A study on one sheet.

    Parameters
    ----------
    persona, segment : only these people
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName, BadSetting
    """
    read = read_views(study, persona, segment, None, on, only_first=True)
    journey = read.views[0].journey
    saved = tuple(journey.opportunities)
    return OnePager(study, read, saved or tuple(propose_opportunities(journey)), not saved)


def _most_said(s: Statement, stage: str) -> Finding:
    share = estimate_share(s.n, s.n_of, of="participants")
    return Finding(f"{s.n} of {s.n_of}", f"say “{s.text}” ({stage})", f"{words.number(share)}, {words.interval(share)}")


def _finding(f: Finding) -> dict[str, str]:
    return {"value": f.value, "text": shorten(f.text, _TEXT, placeholder=" …"), "detail": f.detail}


def _measure(m: Measured) -> dict[str, str]:
    verdict = {True: "reached", False: "missed", None: "cannot be told"}[m.target_met] if m.target is not None else ""
    return {
        "name": shorten(f"{m.name} ({words.group(m.segment)})" if m.segment else m.name, _MEASURE, placeholder=" …"),
        "value": words.number(m.estimate),
        "interval": f"{words.interval(m.estimate)} · n {m.estimate.n:,}{', few' if m.estimate.small else ''}",
        "target": target_in_words(m),
        "verdict": verdict,
    }
