"""Opportunities as blocks of the page: what is worth doing first and why, where each stands, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import pandas as pd

from workbench.analysis import Effect, board, effect_of, find_alerts, propose_opportunities, rank_opportunities
from workbench.charts.opportunity_matrix import matrix_chart
from workbench.errors import WorkbenchError
from workbench.model import Estimate, Idea, Journey, Opportunity, OpportunityStatus, Quote, Statement
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, header, method, safe_href, table
from workbench.reports.sections import words
from workbench.reports.sections.map_block import QUOTES_PER_STATEMENT, passages, shown_quote
from workbench.reports.sections.map_views import read_views
from workbench.study import Study

PROPOSAL = (
    "Nobody has saved an opportunity in this study yet. What follows is proposed: the pain points, the unmet needs and the missed targets of the map, in its "
    "own words. Nothing is estimated and nothing is decided; value, effort and confidence are for people to give."
)
_MEANS = {
    OpportunityStatus.PROPOSED: "somebody's idea", OpportunityStatus.CHOSEN: "to be worked on", OpportunityStatus.IN_TEST: "a prototype is being tested",
    OpportunityStatus.REVIEWED: "the test was looked at", OpportunityStatus.SHIPPED: "people have it", OpportunityStatus.DROPPED: "not to be done",
}  # fmt: skip


_OVER = frozenset({OpportunityStatus.SHIPPED, OpportunityStatus.DROPPED})


@dataclass(frozen=True)
class OpportunitiesReport:
    """Opportunities beside the map they come from.  Made by :func:`opportunities_report`; each method is one block, or a chart."""

    study: Study
    journey: Journey
    opportunities: Sequence[Opportunity]
    proposed: bool
    participants: pd.DataFrame
    consents: frozenset[str]

    @property
    def ranked(self) -> pd.DataFrame:
        """One row per opportunity, the most worth doing first, as :func:`~workbench.analysis.rank_opportunities` makes it."""
        return rank_opportunities(self.opportunities, self.journey)

    def summary(self) -> Block:
        """Headline, what comes first and why, and how many stand where."""
        ranked, about = self.ranked, self.journey.persona or self.journey.segment
        kicker = " · ".join(x for x in ("Opportunities", "a proposal" if self.proposed else "", about, words.day_shown(self.study)) if x)
        open_ = [r for r in ranked.itertuples() if r.status not in _OVER]
        first = next(iter(open_), None)
        strong = f"How might we {_asked(first.opportunity)} {first.why}" if first and not self.proposed else ""
        lede = PROPOSAL if self.proposed else "What is worth doing first, of what is still to be done:"
        if not len(ranked):
            lede = "Nothing is recorded and the map gives no reason to propose anything: no pain point, no unmet need, no missed target."
        return header(
            self.journey.title, kicker=kicker, lede="" if not strong and not lede else f"{lede} ", strong=strong, findings=self._findings()
        )

    def alerts(self) -> Block:
        """What clearly got worse lately; mostly nothing."""
        found = find_alerts(self.study)
        if not found:
            text = "Nothing clearly got worse lately, and no measure of a stage misses its target beyond doubt. That is no proof that all is well."
            return callout(text, title="No alerts")
        title = f"{words.spelled(len(found)).capitalize()} {'thing' if len(found) == 1 else 'things'} to look at"
        return callout("\n\n".join(a.sentence for a in found), title=title, kind="warning")

    def ranking(self) -> Block:
        """All of them by what is expected of them for what they cost, with the reason in words."""
        rows = [self._row(r) for r in self.ranked.itertuples()]
        if not rows:
            return callout("There are none yet.", title="Ranking")
        numbers = ("Rank", "Said by", "Value", "Effort", "Worth")
        columns = [Column(name, kind="number" if name in numbers else "text") for name in rows[0] if self._any(rows, name)]
        caption = "Value is customer plus business value; worth is value, times how sure the team is, over effort. Only what the team judged is counted; “–” was not judged."
        reach = "Said by counts distinct participants at the stage, with a 95 % interval."
        return table(rows, columns, title="Ranking", caption=f"{caption} {reach}" if not self.proposed else reach)

    def matrix(self) -> Any:
        """The chart of expected value against effort; a sentence, where nobody estimated anything."""
        if len(self.ranked) and not (self.ranked["missing"] == "").any():
            text = "Once somebody gives customer value, business value, effort and confidence, they stand here by worth and cost."
            return callout(text, title="None is estimated yet")
        return matrix_chart(self.ranked)

    def board(self) -> Block | None:
        """Where each stands in its life; nothing, where nobody saved any."""
        if self.proposed:
            return None
        ranks = dict(zip(self.ranked["id"], self.ranked["rank"], strict=True))
        columns = [
            {"name": status.value, "means": _MEANS[status], "cards": [self._small(o, int(ranks[o.id])) for o in found]}
            for status, found in board(self.opportunities, self.journey).items()
        ]
        said = "; ".join(f"{c['name']}: {len(c['cards'])}" for c in columns)
        return Block("opportunity-board", {"title": "Where each stands", "columns": columns}, f"Where each stands: {said}")

    def details(self) -> Block:
        """One after the other: the question, the pain with its evidence, ideas, prototype, owner, and what changed."""
        by_id = {o.id: o for o in self.opportunities}
        cards = [self._card(by_id[r.id], r) for r in self.ranked.itertuples()]
        title = "One by one, as proposed" if self.proposed else "One by one"
        return Block("opportunities", {"title": title, "cards": cards}, "\n".join(f"{c['rank']}. {c['question']}" for c in cards) or title)

    def method(self, facts: dict[str, str] | None = None) -> Block:
        """How the ranking was made, and what a before and after does not prove."""
        return method(
            [
                "An opportunity is worth customer value plus business value (1 to 5 each), times confidence, over effort (1 to 5), as the team judged them: "
                "RICE without its reach, which stands beside it as participants who said it. What nobody judged is not filled in, and ranks after the rest.",
                "“n of N” counts distinct participants at the stage, with a Wilson score interval; how a stage feels is the mean coded valence over participants, "
                "−2 to +2, with a bootstrap interval. Every interval is 95 %.",
                "Before and after compare the same measure on both sides of the day of shipping. That is no experiment: the season and whatever else changed are in "
                "the difference too.",
            ],
            facts,
        )

    def _findings(self) -> list[Finding]:
        ranked, n = self.ranked, len(self.opportunities)
        if not n:
            return []
        if self.proposed:
            found = [Finding(str(n), "proposed from the map; nobody has chosen any", "", "#one-by-one")]
        else:
            stand = [f"{some} {status}" for status in OpportunityStatus if (some := sum(o.status == status for o in self.opportunities))]
            found = [Finding(str(n), f"opportunit{'y' if n == 1 else 'ies'}: {words.joined(stand)}", "", "#where-each-stands")]
        told = [r for r in ranked.itertuples() if r.n_of and r.status not in _OVER]
        if told:
            most = max(told, key=lambda r: r.reach)
            text = f"say what is behind number {most.rank}, the most shared that is not done: {_asked(most.opportunity)}"
            found.append(
                Finding(f"{most.n} of {most.n_of}", text, f"{100 * most.reach_low:.0f} to {100 * most.reach_high:.0f} %", f"#o-{most.id}")
            )
        if not self.proposed and (lacking := int((ranked["missing"] != "").sum())):
            found.append(Finding(f"{lacking} of {n}", "not estimated in full", "they rank after the rest", "#ranking"))
        return [*found, *self._effects()[:1]]

    def _effects(self) -> list[Finding]:
        found = []
        for o in self.opportunities:
            if isinstance(effect := self._effect(o), Effect):
                c, where = effect.change, f" ({', '.join(o.segment.values())})" if o.segment else ""
                text = (
                    f"after {o.shipped:%-d %B}, {words.number(c.before)} ({words.interval(c.before)}) before: {words.lower(c.name)}{where}"
                )
                found.append(Finding(words.number(c.after), text, f"{words.points(c.difference)}; no control group", f"#o-{o.id}"))
        return found

    def _effect(self, o: Opportunity) -> Effect | str | None:
        """What it changed; a sentence, where that cannot be said; ``None`` before it shipped."""
        if o.status != OpportunityStatus.SHIPPED and o.shipped is None:
            return None
        try:
            return effect_of(self.study, o)
        except WorkbenchError as error:
            return str(error)

    def _row(self, r: Any) -> dict[str, Any]:
        reach = f"{100 * r.reach_low:.0f} to {100 * r.reach_high:.0f} %" if r.n_of else ""
        return {
            "Rank": r.rank,
            "How might we…": Cell(r.opportunity, _asked(r.opportunity), r.why, f"#o-{r.id}"),
            "Stage": r.stage,
            "Status": "proposal" if self.proposed else r.status,
            "Said by": Cell(r.n if r.n_of else None, f"{r.n} of {r.n_of}" if r.n_of else "", reach),
            "Value": _given(r.customer_value + r.business_value, f"{r.customer_value:.0f} + {r.business_value:.0f}", _sure(r.confidence)),
            "Effort": _given(r.effort, f"{r.effort:.0f}"),
            "Worth": _given(r.value_over_effort, f"{r.value_over_effort:.1f}"),
        }

    def _any(self, rows: Sequence[dict[str, Any]], name: str) -> bool:
        """Whether any row says something in a column; a proposal has no judgements to show."""
        return any((v.value if isinstance(v, Cell) else v) not in (None, "") for v in (r[name] for r in rows))

    def _small(self, o: Opportunity, rank: int) -> dict[str, Any]:
        shipped = f"since {o.shipped:%-d %B %Y}" if o.shipped else ""
        return {
            "href": f"#o-{o.id}",
            "rank": rank,
            "text": _asked(o.how_might_we),
            "owner": o.owner,
            "shipped": shipped,
            "votes": _votes(o),
        }

    def _card(self, o: Opportunity, r: Any) -> dict[str, Any]:
        effect = self._effect(o)
        ticket = safe_href(o.ticket) if o.ticket.strip().lower().startswith(("http://", "https://")) else ""
        return {
            "id": f"o-{o.id}", "rank": r.rank, "question": _asked(o.how_might_we), "stage": r.stage, "why": r.why, "note": o.note,
            "facts": self._facts(o), "ticket": {"text": o.ticket, "href": ticket}, "sources": [self._source(kind, s) for kind, s in self._sources(o)],
            "ideas": [_idea(i) for i in sorted(o.ideas, key=lambda i: (not i.chosen, -i.n_votes))],
            "effect": _shown_effect(effect) if isinstance(effect, Effect) else None, "no_effect": effect if isinstance(effect, str) else "",
        }  # fmt: skip

    def _facts(self, o: Opportunity) -> list[list[str]]:
        judged = [
            ("Customer value", o.customer_value), ("Business value", o.business_value), ("Effort", o.effort),
        ]  # fmt: skip
        shipped = f"since {o.shipped.day} {o.shipped:%B %Y}" if o.shipped else ""
        found = [
            ("Status", " ".join(x for x in ("proposal, not saved" if self.proposed else o.status.value, shipped) if x)),
            ("Owner", o.owner or ("" if self.proposed else "nobody yet")),
            *((name, f"{value} of 5") for name, value in judged if value is not None),
            ("Confidence", f"{100 * o.confidence:.0f} %" if o.confidence is not None else ""),
            ("Importance", _asked_of(o.importance)),
            ("Satisfaction", _asked_of(o.satisfaction)),
            ("Measured by", o.measure + (f" ({', '.join(o.segment.values())})" if o.measure and o.segment else "")),
        ]
        return [[name, text] for name, text in found if text]

    def _sources(self, o: Opportunity) -> list[tuple[str, Statement]]:
        """What it comes from, with its kind of lane, as the data have it now; what was saved with it, where they hold none."""
        codes = {c.casefold() for c in o.codes}
        kinds = {lane.name: lane.kind.value.replace(" ", "-") for lane in self.journey.lanes}
        cells = [c for c in self.journey.cells if o.stage in ("", c.stage)]
        found = [(kinds[c.lane], s) for c in cells for s in c.statements if s.code and s.code.casefold() in codes]
        return found or ([("", o.statement)] if o.statement else [])

    def _source(self, kind: str, s: Statement) -> dict[str, Any]:
        quotes = [q for q in s.quotes if self._may_be_shown(q)]
        n_shown = min(len(quotes), QUOTES_PER_STATEMENT)
        shown = words.how_many_shown(len(s.quotes), n_shown, silent=len(s.quotes) - len(quotes))
        return {
            "text": s.text,
            "kind": kind,
            "n": f"{s.n} of {s.n_of}" if s.n else "",
            "assumed": s.assumed,
            "measures": [words.how_measured(m.estimate, m.source, m.note) for m in s.measures],
            "quotes": [shown_quote(q, self.participants, self.study.settings.segments) for q in quotes[:QUOTES_PER_STATEMENT]],
            "rests_on": "; ".join(x for x in (passages(s) if s.quotes else "", shown) if x),
        }

    def _may_be_shown(self, q: Quote) -> bool:
        """Consent of the day: what was saved with an opportunity may have been allowed then and not be now."""
        return q.quotable and (q.coding in self.consents)


def opportunities_report(
    study: Study, *, persona: str | None = None, segment: str | None = None, journey: str | None = None, on: date | None = None
) -> OpportunitiesReport:
    """A study's opportunities, or where nobody saved any, what its map proposes.

    Parameters
    ----------
    persona, segment : count and feel as these people do
    journey : title or id of a saved map, whose words are used; left out, the one that was saved for the same people
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName
    BadSetting
    """
    read = read_views(study, persona, segment, journey, on, only_first=True)
    saved, whole = list(read.views[0].journey.opportunities), read.views[0].journey
    shown = saved or list(propose_opportunities(whole))
    fresh = read.quotable
    return OpportunitiesReport(study, whole, tuple(shown), not saved, read.participants, fresh)


def _asked(question: str) -> str:
    """The question as it goes on after “How might we”."""
    text = " ".join(question.split()).rstrip("?")
    return f"{words.lower(text.removeprefix('How might we ').removeprefix('how might we '))}?"


def _given(value: float, text: str, note: str = "") -> Cell:
    return Cell(None) if isnan(value) else Cell(value, text, note)


def _sure(confidence: float) -> str:
    return "" if isnan(confidence) else f"{100 * confidence:.0f} % sure"


def _votes(o: Opportunity) -> str:
    n = sum(i.n_votes for i in o.ideas)
    return f"{n} vote{'s' * (n != 1)}" if n else ""


def _asked_of(e: Estimate | None) -> str:
    return f"{words.number(e)} ({words.interval(e)}), n {e.n:,}" if e else ""


def _idea(i: Idea) -> dict[str, Any]:
    tried = [f"Prototype: {i.prototype}" if i.prototype else "", f"test: {i.test_result}" if i.test_result else ""]
    return {
        "text": i.text, "votes": f"{i.n_votes} vote{'s' * (i.n_votes != 1)}" if i.n_votes else "no votes", "voted_by": words.joined(list(i.voted_by)),
        "chosen": i.chosen, "tried": "; ".join(x for x in tried if x),
    }  # fmt: skip


def _shown_effect(effect: Effect) -> dict[str, Any]:
    c = effect.change
    ends = [(name, e) for name, e in (("before", c.before), ("after", c.after))]
    scale = max([1.0 if c.before.unit == "share" else 0.0, *(abs(e.high) for _, e in ends)])
    bars = [
        {
            "name": name, "value": words.number(e), "interval": words.interval(e), "n": f"{e.n:,} {e.of}",
            "low": _percent(e.low, scale), "at": _percent(e.value, scale), "high": _percent(e.high, scale),
        }
        for name, e in ends
    ]  # fmt: skip
    verdict = {True: "better", False: "worse", None: "no clear change"}[effect.better]
    return {
        "name": c.name + (f" ({c.segment})" if c.segment else ""), "bars": bars, "difference": words.points(c.difference), "verdict": verdict,
        "drawn": min(c.before.low, c.after.low) >= 0, "sentences": list(effect.sentences),
    }  # fmt: skip


def _percent(value: float, scale: float) -> float:
    return round(100 * max(0.0, min(1.0, value / scale)), 1) if scale else 0.0
