"""One persona as data for the page: who it is, who stands behind it, its traits with their evidence, and what became of its claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.analysis.personas import objectives_by_stage
from workbench.analysis.scope import fitting, show_segment
from workbench.charts.persona_picture import picture_of
from workbench.model import Check, Estimate, Persona, Quote, Scale, StageSetting, Statement, Trait, TraitKind
from workbench.reports.blocks import clock
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing, mark_of, shown_statement

#: The kinds of trait as they stand on the page, in order.
TITLES: Mapping[TraitKind, str] = {
    TraitKind.GOAL: "Goals",
    TraitKind.NEED: "Needs",
    TraitKind.MOTIVATION: "Motivations",
    TraitKind.REASON: "Why they come",
    TraitKind.PAIN: "Pain points",
    TraitKind.CHALLENGE: "Challenges",
    TraitKind.DISAPPOINTS: "Would disappoint them",
    TraitKind.PLEASES: "Would please them",
    TraitKind.BEHAVIOUR: "Behaviour",
    TraitKind.PREFERENCE: "Preferences",
    TraitKind.CHANNEL: "Preferred channels",
    TraitKind.TECHNOLOGY: "Familiarity with technology",
    TraitKind.CONSUMPTION: "Consumption patterns",
    TraitKind.AMBITION: "Ambitions",
    TraitKind.ASPIRATION: "Aspirations",
    TraitKind.INTEREST: "Interests",
    TraitKind.HOBBY: "Hobbies",
}
MARKS = ("observed", "inferred", "measured", "assumed")
RESULTS = ("confirmed", "contradicted", "not seen")
_BAD = {TraitKind.PAIN, TraitKind.CHALLENGE, TraitKind.DISAPPOINTS}
#: The height of a scale without dots, and how far above each other two dots stand that would touch.
_GROUND, _STACK, _TOUCH = 34, 15, 0.03


def people_behind(persona: Persona, showing: Showing) -> list[str]:
    """Aliases of the participants who were heard and whom a persona stands for, by name or by segment."""
    people = showing.participants
    belongs = people.index.isin(list(persona.participants))
    if persona.segment:
        belongs = belongs | fitting(people, persona.segment)
    return [str(a) for a in people.index[belongs & people["heard"].astype(bool)]]


def profile(
    persona: Persona,
    showing: Showing,
    stages: Sequence[StageSetting],
    *,
    checks: Sequence[Check] = (),
    apart: Sequence[Trait] = (),
    proposed: bool = False,
) -> dict[str, Any]:
    """A persona as ``persona.html.j2`` takes it; its words are those that may be shown.

    ``apart`` is what sets its people apart and is not written into it.
    """
    behind = people_behind(persona, showing)
    names = {s.id: s.name for s in stages}
    return {
        "name": persona.name,
        "proposed": proposed,
        "picture": picture_of(persona.name),
        "summary": persona.summary,
        "facts": facts(persona),
        "quote": _quote(persona.quote),
        "share": share_in_words(persona.share),
        "segment": show_segment(persona.segment),
        "n_behind": len(behind),
        "behind": words.joined(showing.names(behind)),
        "marks": count_marks([t.statement for t in persona.traits]),
        "kinds": _kinds(persona.traits, showing, names),
        "apart": _kinds(apart, showing, names),
        "objectives": _objectives(persona, stages),
        "scales": [_scale(s, showing) for s in persona.scales],
        "scenario": [p for p in persona.scenario.split("\n") if p.strip()],
        "checks": [_check(c) for c in checks],
        "results": [[r, n] for r in RESULTS if (n := sum(c.result == r for c in checks))],
    }


def facts(persona: Persona) -> list[tuple[str, str]]:
    """Age, career, family and demographics: those that are known."""
    known = [("Age", persona.age), ("Career", persona.career), ("Family", persona.family)]
    known += [(name[:1].upper() + name[1:], value) for name, value in persona.demographics.items()]
    return [(name, value) for name, value in known if value]


def share_in_words(share: Estimate | None) -> dict[str, Any] | None:
    """The share of the population, how sure it is, and who says it."""
    if share is None:
        return None
    return {
        "value": words.number(share), "interval": words.interval(share), "n": f"{share.n:,}", "of": share.of, "small": share.small,
        "bounds": [round(100 * x, 1) for x in (share.low, share.value, share.high)],
        "how": f"{share.confidence:.0%} {share.method}" if share.method else "",
    }  # fmt: skip


def count_marks(statements: Sequence[Statement]) -> list[tuple[str, int]]:
    """How many statements are observed, inferred, measured and assumed."""
    counts = Counter(mark_of(s) for s in statements)
    return [(mark, counts[mark]) for mark in MARKS if counts[mark]]


def _quote(q: Quote | None) -> dict[str, str] | None:
    if q is None:
        return None
    time = clock(q.start_ms)
    return {"text": q.text, "who": q.speaker, "where": f"{q.transcript}{f', {time}' if time else ''}"}


def _kinds(traits: Sequence[Trait], showing: Showing, stages: Mapping[str, str]) -> list[dict[str, Any]]:
    """Traits by kind, in the order of the page; goals in their own order."""
    found = []
    for kind, title in TITLES.items():
        own = sorted((t for t in traits if t.kind == kind), key=lambda t: (t.statement.rank is None, t.statement.rank or 0))
        tone = "bad" if kind in _BAD else "good" if kind == TraitKind.PLEASES else ""
        items = [_trait(t, showing, stages) for t in own]
        ordered = len(own) > 1 and any(t.statement.rank for t in own)
        found += [{"title": f"{title}, in order" if ordered else title, "ordered": ordered, "tone": tone, "items": items}] if own else []
    return found


def _trait(trait: Trait, showing: Showing, stages: Mapping[str, str]) -> dict[str, Any]:
    at = stages.get(trait.stage, "")
    note = "; ".join(x for x in (trait.statement.note, f"at “{at}”" if at else "") if x)
    return shown_statement(replace(trait.statement, note=note), showing)


def _objectives(persona: Persona, stages: Sequence[StageSetting]) -> list[dict[str, Any]]:
    """One row per stage with the goals in it; none, where no goal belongs to a stage."""
    found = objectives_by_stage(persona, stages)
    if not found["stage"].where(found["goal"] != "", "").any():
        return []
    rows = []
    for _, own in found.groupby("stage", sort=False):
        goals = [
            {"text": r.goal, "count": "assumed" if r.assumed else f"{r.n} of {r.n_of}" if r.n else "", "assumed": r.assumed}
            for r in own.itertuples()
            if r.goal
        ]
        rows.append({"stage": own["stage_name"].iloc[0] or "Of no stage", "goals": goals})
    return rows


def _scale(scale: Scale, showing: Showing) -> dict[str, Any]:
    """Dots from left to right, those that would touch above each other, and the same in words."""
    placed = sorted((max(0.0, min(1.0, x)), showing.called[a]) for a, x in scale.placed.items() if a in showing.called)
    dots: list[dict[str, Any]] = []
    for x, name in placed:
        level = next(i for i in range(len(placed)) if all(d["level"] != i or x - d["at"] >= _TOUCH for d in dots))
        dots.append({"at": x, "x": round(3 + 94 * x, 1), "level": level, "name": name})
    height = _GROUND + _STACK * max((d["level"] for d in dots), default=0)
    for dot in dots:
        dot["y"] = height - 16 - _STACK * dot["level"]
    sides = [(f"towards “{scale.low}”", 0, 0.4), ("between", 0.4, 0.6), (f"towards “{scale.high}”", 0.6, 1.1)]
    said = [f"{side}: {words.joined(own)}" for side, low, high in sides if (own := [name for x, name in placed if low <= x < high])]
    return {
        "low": scale.low,
        "high": scale.high,
        "dots": dots,
        "height": height,
        "line": height - 16,
        "says": "; ".join(said) or "nobody is placed on it yet",
    }


def _check(check: Check) -> dict[str, str]:
    day = f"{check.on:%-d %b %Y}" if check.on else ""
    return {"claim": check.claim, "result": check.result, "against": check.against, "on": day, "kind": check.result.replace(" ", "-")}
