"""How an opportunity looks as a card: what it shows, what its forms hold, and what is read from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import isnan
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pandas as pd

from workbench.analysis.alerts import Alert, AlertKind
from workbench.analysis.effects import Effect, day_in_words
from workbench.analysis.opportunities import in_words, segment_of, statements_behind, target_in_words
from workbench.analysis.scope import parse_segment
from workbench.errors import BadSetting, UnknownName
from workbench.model import Basis, Evidence, Idea, Journey, Measured, Opportunity, OpportunityStatus, Statement, StudySettings
from workbench.widgets.canvas_desk import Field, choice, field
from workbench.widgets.evidence import in_figures
from workbench.widgets.saving import Answer

LEAD = "How might we"
HINTS = {
    OpportunityStatus.PROPOSED: "Worth a look: nobody has decided yet.", OpportunityStatus.CHOSEN: "The team means to solve these next.",
    OpportunityStatus.IN_TEST: "A prototype is in front of people.", OpportunityStatus.REVIEWED: "The test is done; what was learned is written down.",
    OpportunityStatus.SHIPPED: "Out in the world: with a measure and a day, its effect is shown.", OpportunityStatus.DROPPED: "Not now, and not lost.",
}  # fmt: skip
_JUDGED = {"customer_value": "Customer value, 1 to 5", "business_value": "Business value, 1 to 5", "effort": "Effort, 1 little to 5 much"}
_LEAD = re.compile(r"^\s*how\s+might\s+we\b[\s:,…]*", re.IGNORECASE)


# reading


def question(text: Any) -> str:
    """A how-might-we without its first words, with its question mark.

    Raises
    ------
    BadSetting
        Nothing is left.
    """
    asked = _LEAD.sub("", " ".join(str(text).split())).rstrip("?… ")
    if not asked:
        raise BadSetting("opportunity", "it asks nothing", f"Write on from “{LEAD} …”.")
    return f"{asked}?"


def behind(o: Opportunity, journey: Journey | None) -> Statement:
    """What stands behind an opportunity: what people said of its codes, and what was attached to it."""
    found = statements_behind(o, journey)
    evidence: list[Evidence] = [e for s in found for e in s.evidence]
    if o.statement:
        evidence += [e for e in o.statement.evidence if e not in evidence and (isinstance(e, Measured) or not found)]
    people = tuple(sorted({who for s in found for who in s.said_by}))
    basis = Basis.OBSERVED if people else Basis.MEASURED if evidence else Basis.ASSUMED
    text = o.statement.text if o.statement else ""
    return Statement(text, basis, tuple(evidence), said_by=people, n_of=max((s.n_of for s in found), default=0))


def card(o: Opportunity, said: Statement, ranked: Mapping[str, Any], settings: StudySettings, coder: str) -> Answer:
    """An opportunity as an item of the board."""
    votes = ranked["votes"]
    extra = [f"rank {ranked['rank']}", f"{votes} {'vote' if votes == 1 else 'votes'}" if votes else "", o.owner]
    return {
        "id": o.id, "lead": LEAD, "edit": o.how_might_we, "text": f"{LEAD} {o.how_might_we}", "basis": said.basis.value, "n": said.n, "of": said.n_of,
        "quotes": len(said.quotes), "assumed": said.assumed and not said.said_by, "hidden": False, "note": o.note, "code": "", "by": "", "reworded": False,
        "own": True, "tone": "", "form": True, "extra": " · ".join(e for e in extra if e), "status": o.status.value,
        "measured": in_figures(said.measures[0].estimate) if said.measures and not said.said_by else None,
        "why": ranked["why"], "facts": _facts(o, ranked, settings), "ticket": o.ticket, "ideas": [_idea(i, coder) for i in o.ideas],
    }  # fmt: skip


def ranking_row(row: Mapping[str, Any]) -> Answer:
    """A row of the ranking as the browser takes it: what is not known is ``None``."""
    kept = ("rank", "id", "opportunity", "stage", "n", "n_of", "severity_of", "customer_value", "business_value", "effort", "confidence")
    found = {k: _known(row[k]) for k in (*kept, "votes", "value_over_effort", "opportunity_score", "severity", "missing", "why")}
    return {**found, "status": str(row["status"])}


def _known(value: Any) -> Any:
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def _idea(idea: Idea, coder: str) -> Answer:
    return {
        "text": idea.text, "votes": idea.n_votes, "mine": coder in idea.voted_by, "by": ", ".join(idea.voted_by), "chosen": idea.chosen,
        "prototype": idea.prototype, "result": idea.test_result,
    }  # fmt: skip


def _facts(o: Opportunity, ranked: Mapping[str, Any], settings: StudySettings) -> list[tuple[str, str]]:
    """What is known of an opportunity, each in words; what nobody said is left out."""
    stage = {s.id: s.name for s in settings.stages}.get(o.stage, o.stage)
    score = _known(ranked["opportunity_score"])
    facts = {
        "Stage": " · ".join(x for x in (stage, o.step) if x),
        "Codes": ", ".join(o.codes),
        "Importance": in_figures(o.importance) if o.importance else "",
        "Satisfaction": in_figures(o.satisfaction) if o.satisfaction else "",
        "Opportunity score": f"{score:.1f} of 20 ({ranked['score_low']:.1f} to {ranked['score_high']:.1f})" if score is not None else "",
        "Value": " · ".join(f"{word} {v}" for word, v in (("customer", o.customer_value), ("business", o.business_value)) if v is not None),
        "Effort": "" if o.effort is None else f"{o.effort} of 5",
        "Confidence": "" if o.confidence is None else f"{100 * o.confidence:.0f} %",
        "Not estimated yet": ranked["missing"],
        "Owner": o.owner,
        "Measure": " · ".join(x for x in (o.measure, segment_in_words(o)) if x),
        "Shipped": day_in_words(o.shipped) if o.shipped else "",
    }
    return [(name, words) for name, words in facts.items() if words]


def segment_in_words(o: Opportunity) -> str:
    """``device=phone, customer=new``, as it is written in a form."""
    return ", ".join(f"{k}={v}" for k, v in o.segment.items())


def effect_in_words(effect: Effect) -> Answer:
    """Before, after and the difference with their intervals, and the sentences on what they do not prove."""
    c = effect.change
    rows = [("Before", in_words(c.before), c.before.n), ("After", in_words(c.after), c.after.n)]
    named = [[word, words, f"n {n:,}"] for word, words, n in rows]
    sides = [[e.value, e.low, e.high] for e in (c.before, c.after)]
    segment = f" ({c.segment})" if c.segment else ""
    return {
        "of": f"{c.name}{segment}, shipped {day_in_words(effect.shipped)}", "rows": [*named, ["Difference", in_words(c.difference, change=True), ""]], "sides": sides,
        "better": effect.better, "sentences": list(effect.sentences[1:]),
    }  # fmt: skip


# what an alert makes


def from_alert(alert: Alert) -> Opportunity:
    """An opportunity of an alert: what to bring back, or what to spare people.  The same alert always has the same id."""
    id = uuid5(NAMESPACE_OID, f"alert/{alert.kind}/{alert.stage}/{alert.what}").hex
    pieces = tuple(_named_apart(e, k) for k, e in enumerate(alert.evidence))
    said = tuple(sorted({e.participant for e in pieces if not isinstance(e, Measured)}))
    statement = Statement(alert.sentence, Basis.MEASURED, pieces, id=id)
    first = next((e for e in alert.evidence if isinstance(e, Measured)), None)
    made = Opportunity(id, question(_asked(alert, first)), alert.stage, statement=statement)
    if alert.kind == AlertKind.COMPLAINT:
        return replace(made, codes=(alert.what.rpartition(" / ")[2],) if said else ())
    return replace(made, measure=first.name, segment=segment_of(first)) if first else made


def _asked(alert: Alert, m: Measured | None) -> str:
    if alert.kind == AlertKind.COMPLAINT or m is None:
        return f"spare people “{alert.what}”"
    way = "down" if m.lower_is_better else "up"
    if alert.kind == AlertKind.TARGET:
        return f"bring “{alert.what}” {way} to {target_in_words(m)}"
    return f"bring “{alert.what}” back {way}{f' to {in_words(alert.before)}' if alert.before else ''}"


def _named_apart(e: Evidence, k: int) -> Evidence:
    """The same measure lately and before has two names, so that both can stand behind a statement."""
    return replace(e, name=f"{e.name}, {'before' if k else 'lately'}") if isinstance(e, Measured) else e


# forms


def card_form(o: Opportunity, settings: StudySettings) -> list[Field]:
    """All that is written on a card, save its ideas."""
    measures = [m.name for m in settings.measures]
    measures += [o.measure] if o.measure and o.measure not in measures else []
    scale = [("", "not estimated yet"), *((str(k), str(k)) for k in range(1, 6))]
    return [
        field("how_might_we", LEAD, o.how_might_we, "area"),
        choice("stage", "Stage", o.stage, [("", "the whole journey"), *((s.id, s.name) for s in settings.stages)]),
        field("step", "Step", o.step),
        *(choice(name, label, _or_empty(getattr(o, name)), scale) for name, label in _JUDGED.items()),
        field("confidence", "Confidence, 0 to 1", _or_empty(o.confidence), "number", "0.8"),
        field("owner", "Owner", o.owner),
        field("ticket", "Ticket", o.ticket, hint="https://…"),
        choice("measure", "Measure that shows the effect", o.measure, [("", "none yet"), *((m, m) for m in measures)]),
        field("segment", "Measured among", segment_in_words(o), hint="device=phone"),
        field("shipped", "Shipped on", o.shipped.isoformat() if o.shipped else "", "date"),
        field("codes", "Codes it comes from, one a line", "\n".join(o.codes), "area"),
        field("note", "Note", o.note, "area"),
    ]


def idea_form(idea: Idea) -> list[Field]:
    """An idea, how it was tried, and what came of it."""
    return [
        field("text", "Idea", idea.text, "area"),
        field("prototype", "Prototype", idea.prototype, hint="a click dummy, a paper sheet, https://…"),
        field("test_result", "What the test showed", idea.test_result, "area", "4 of 5 paid in time"),
    ]


def filled_card(o: Opportunity, values: Mapping[str, Any], settings: StudySettings, codes: Sequence[str]) -> Opportunity:
    """A card with what was written in its form.

    Raises
    ------
    BadSetting, UnknownName
        A value is none that the field can have.
    """
    readers: dict[str, Callable[[str], Any]] = {
        "how_might_we": question, "stage": str, "step": str, "owner": str, "ticket": str, "note": str, "segment": parse_segment,
        **dict.fromkeys(_JUDGED, _whole), "confidence": _share, "shipped": _day,
        "measure": lambda name: _named("measure", name, [o.measure, *(m.name for m in settings.measures)]),
        "codes": lambda words: tuple(_named("code", c, [*o.codes, *codes]) for c in dict.fromkeys(map(str.strip, words.splitlines())) if c),
    }  # fmt: skip
    return replace(o, **{name: readers[name](str(value).strip()) for name, value in values.items()})


def _whole(written: str) -> int | None:
    if written and not re.fullmatch("[1-5]", written):
        raise BadSetting("estimate", f'"{written}" is not on the scale', "Use 1 to 5.")
    return int(written) if written else None


def _share(written: str) -> float | None:
    try:
        value = float(written.replace(",", ".")) if written else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value <= 1:
        raise BadSetting("confidence", f'"{written}" is not 0 to 1', "Write 0.8 for four of five.")
    return value


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise BadSetting("shipped", f'"{written}" is no day', "Write it as 2026-10-05.") from None


def _named(what: str, name: str, known: Sequence[str]) -> str:
    found = next((k for k in known if k.casefold() == name.casefold()), None)
    if found is None and name:
        raise UnknownName(what, name, [k for k in known if k])
    return found or ""


def _or_empty(value: Any) -> str:
    return "" if value is None else f"{value:g}"


def by_id(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a ranking by the id of their opportunity."""
    return {row["id"]: row for row in table.to_dict("records")}
