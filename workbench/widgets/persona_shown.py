"""What the persona builder shows besides statements: the card, the journey's objectives, scales, proposed groups, and what has changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.analysis.grouping import GROUPING_KINDS, codings_heard
from workbench.analysis.in_words import how_measured
from workbench.analysis.personas import Proposal, compare_personas, describe_group, group_differences, objectives_by_stage
from workbench.analysis.scope import fitting, show_segment
from workbench.model import Basis, Check, Estimate, Persona, Stage, StageSetting, Statement, Trait, TraitKind
from workbench.study import Study
from workbench.widgets.evidence import in_figures
from workbench.widgets.persona_forms import as_lines, scale_key
from workbench.widgets.saving import Answer

NAMES = {
    TraitKind.GOAL: "Goals", TraitKind.NEED: "Needs", TraitKind.MOTIVATION: "Motivations", TraitKind.ASPIRATION: "Aspirations",
    TraitKind.AMBITION: "Ambitions", TraitKind.REASON: "Why they come", TraitKind.BEHAVIOUR: "Behaviours", TraitKind.CHANNEL: "Preferred channels",
    TraitKind.TECHNOLOGY: "Technology", TraitKind.CONSUMPTION: "Consumption", TraitKind.PREFERENCE: "Preferences", TraitKind.PAIN: "Pain points",
    TraitKind.CHALLENGE: "Challenges", TraitKind.DISAPPOINTS: "Would disappoint", TraitKind.PLEASES: "Would please",
    TraitKind.INTEREST: "Interests", TraitKind.HOBBY: "Hobbies",
}  # fmt: skip
HINTS = {
    TraitKind.GOAL: "What they are after, the most important first.", TraitKind.NEED: "What they cannot do without.",
    TraitKind.BEHAVIOUR: "What they did, as they told it.", TraitKind.PAIN: "What hinders and annoys.", TraitKind.REASON: "What brings them here.",
    TraitKind.TECHNOLOGY: "What they know and use.", TraitKind.PLEASES: "What they were or would be glad of.",
}  # fmt: skip
#: What is read into people's words; the rest was said or told as done.
INFERRED = {TraitKind.GOAL, TraitKind.NEED, TraitKind.MOTIVATION, TraitKind.ASPIRATION, TraitKind.AMBITION, TraitKind.REASON}
TONES = {TraitKind.PAIN: "bad", TraitKind.CHALLENGE: "bad", TraitKind.DISAPPOINTS: "bad", TraitKind.PLEASES: "good"}
_MARKS = {"confirmed": "✓ confirmed", "contradicted": "✗ contradicted", "not seen": "○ not seen"}
_FIELDS = (("name", "Name"), ("age", "Age"), ("career", "Career"), ("family", "Family"), ("summary", "Summary"), ("scenario", "Scenario"))


def people_behind(persona: Persona, people: pd.DataFrame) -> list[str]:
    """The aliases of those heard who are named in a persona or fit its segment."""
    heard = people[people["heard"].astype(bool)]
    belongs = heard.index.isin(list(persona.participants))
    if persona.segment:
        belongs = belongs | fitting(heard, persona.segment)
    return [str(alias) for alias in heard.index[belongs]]


def counted(traits: Iterable[Trait], behind: Collection[str]) -> tuple[Trait, ...]:
    """Traits whose n of N are people of the persona; words of others stand behind a trait and do not count."""

    def of_theirs(s: Statement) -> Statement:
        own = tuple(p for p in s.said_by if p in behind)
        return replace(s, said_by=own, n_of=len(behind) if own else 0) if behind and s.evidence else s

    return _ranked([replace(t, statement=of_theirs(t.statement)) for t in traits])


def _ranked(traits: Sequence[Trait]) -> tuple[Trait, ...]:
    """Goals with the numbers 1, 2, 3 in their order."""
    goals = sorted((t for t in traits if t.kind == TraitKind.GOAL), key=lambda t: (t.statement.rank is None, t.statement.rank or 0))
    numbered = [replace(t, statement=replace(t.statement, rank=k)) for k, t in enumerate(goals, 1)]
    return (*numbered, *(t for t in traits if t.kind != TraitKind.GOAL))


def with_trait_ids(persona: Persona) -> Persona:
    """Each trait with an id of its own: the one that it has, or its kind with its code or words."""
    taken = {t.statement.id for t in persona.traits} - {""}
    named = []
    for t in persona.traits:
        wanted = t.statement.id or f"{t.kind}/{t.statement.code or t.statement.text}"
        if not t.statement.id:
            while wanted in taken:
                wanted += "′"
            taken.add(wanted)
        named.append(replace(t, statement=replace(t.statement, id=wanted)))
    return replace(persona, traits=tuple(named))


def visible(persona: Persona) -> Persona:
    """A persona without what was taken off."""
    return replace(persona, traits=tuple(t for t in persona.traits if not t.statement.hidden))


# the canvas


def card(persona: Persona, people: pd.DataFrame) -> Answer:
    """What stands at the head of a profile."""
    q = persona.quote
    names = people["pseudonym"].to_dict()
    return {
        "name": persona.name, "summary": persona.summary, "scenario": persona.scenario, "segment": show_segment(persona.segment),
        "facts": [[label, value] for label, value in (("Age", persona.age), ("Career", persona.career), ("Family", persona.family)) if value],
        "demographics": [[k, v] for k, v in persona.demographics.items()],
        "quote": {"text": q.text if q.quotable else None, "speaker": q.speaker or q.participant} if q else None,
        "share": _share(persona.share), "people": [{"who": a, "name": names[a]} for a in people_behind(persona, people)],
    }  # fmt: skip


def _share(e: Estimate | None) -> Answer | None:
    return {"words": in_figures(e), "how": how_measured(e, "counted from its segment")} if e else None


def objectives(persona: Persona, stages: Iterable[Stage | StageSetting]) -> list[Answer]:
    """The goals that belong to stages, stage by stage; nothing while none does."""
    goals = [t for t in visible(persona).traits if t.kind == TraitKind.GOAL and t.stage]
    table = objectives_by_stage(replace(persona, traits=tuple(goals)), stages)
    ids = {t.statement.text: t.statement.id for t in goals}
    rows = [
        {"stage": name or stage, "goals": [{"id": ids[g], "text": g} for g in own["goal"] if g]}
        for (stage, name), own in table.groupby(["stage", "stage_name"], sort=False)
    ]
    return rows if goals else []


def scales(persona: Persona, people: pd.DataFrame) -> list[Answer]:
    """Each scale with those who have a place on it."""
    names = people["pseudonym"].to_dict()
    return [
        {"low": s.low, "high": s.high, "placed": [{"who": who, "name": names.get(who, who), "at": at} for who, at in s.placed.items()]}
        for s in persona.scales
    ]


def last_checks(persona: Persona) -> dict[str, Check]:
    """By claim its last check."""
    return {c.claim: c for c in persona.checks}


def mark(check: Check) -> str:
    """What came of a check, in two words."""
    return _MARKS.get(check.result, check.result)


def is_count(note: str) -> bool:
    """Whether a note is the count of a proposal: ``4 of 6 here, 1 of 6 elsewhere``."""
    return re.fullmatch(r"\d+ of \d+ here(, \d+ of \d+ elsewhere)?", note) is not None


def as_rows(checks: Iterable[Check]) -> list[Answer]:
    """Checks for their reader."""
    return [{"claim": c.claim, "against": c.against, "result": c.result, "on": str(c.on or "")} for c in checks]


def known_basis(kind: TraitKind) -> Basis:
    """How a trait of this kind is known when people's words stand behind it."""
    return Basis.INFERRED if kind in INFERRED else Basis.OBSERVED


# proposals


def proposal_shown(study: Study, proposal: Proposal, k: int | None) -> Answer:
    """Sentence, stability and groups of a proposal; the groups only where the data support them or somebody asked for ``k``."""
    found, choices = proposal.grouping, proposal.grouping.choices
    everybody = list(found.table.index)
    groups = [
        group_shown(study, group, f"Group {i}", everybody, persona)
        for i, (group, persona) in enumerate(zip(found.groups, proposal.personas, strict=False), 1)
    ]
    tried = [] if choices is None else choices.to_dict("records")
    return {
        "sentence": proposal.sentence, "supported": proposal.supported, "k": k, "n": found.n, "groups": groups, "everybody": everybody,
        "tried": [
            {"k": int(r["k"]), "groups": int(r["n_groups"]), "alone": int(r["n_alone"]), "silhouette": _two(r["silhouette"]),
             "stability": _two(r["stability"]), "chosen": bool(r["chosen"])} for r in tried
        ],
        "stability": [
            {"group": int(r["group"]), "n": int(r["n"]), "silhouette": _two(r["silhouette"]), "stability": _two(r["stability"]), "resamples": int(r["n_resamples"])}
            for r in proposal.stability.to_dict("records")
        ],
        "alone": [_name(study.participants, a) for a in found.alone], "left_out": [_name(study.participants, a) for a in found.left_out],
    }  # fmt: skip


def group_shown(study: Study, group: Sequence[str], name: str, everybody: Sequence[str], persona: Persona | None = None) -> Answer:
    """Who is in a group, and what sets them apart; the first of ``group`` is the most typical."""
    persona = persona or describe_group(study, group, name, among=everybody)
    people, codings = study.participants, codings_heard(study)
    table = group_differences(codings[codings["kind"].isin(GROUPING_KINDS)], group, everybody)
    q = persona.quote
    return {
        "called": name, "title": persona.name, "group": list(group), "people": sorted(_name(people, a) for a in group),
        "typical": _name(people, group[0]), "share": _share(persona.share), "quote": {"text": q.text, "speaker": q.speaker} if q else None,
        "apart": [
            {"text": r.code, "kind": r.kind, "n": int(r.n), "of": int(r.n_of), "elsewhere": int(r.n_elsewhere), "of_elsewhere": int(r.n_of_elsewhere)}
            for r in table[table["sets_apart"]].itertuples()
        ],
    }  # fmt: skip


def side_by_side(personas: Sequence[Persona], people: pd.DataFrame) -> Answer:
    """Personas as a table: one column each, under those who stand behind them."""
    table = compare_personas([visible(p) for p in personas])
    who = [", ".join(_name(people, a) for a in people_behind(p, people)) or "nobody yet" for p in personas]
    rows = [{"trait": "Who stands behind", "cells": who}]
    names = {"share": "Share of the population", **{k.value: n for k, n in NAMES.items()}}
    rows += [{"trait": names[trait], "cells": list(table.loc[trait])} for trait in names if trait in table.index]
    return {"names": list(table.columns), "rows": rows}


def _name(people: pd.DataFrame, alias: str) -> str:
    return str(people.loc[alias, "pseudonym"]) if alias in people.index else alias


def _two(x: Any) -> str:
    return "" if pd.isna(x) else f"{x:.2f}"


# what has changed


def changes(before: Persona, now: Persona, people: pd.DataFrame, stages: Mapping[str, str]) -> list[str]:
    """What came, went or says something else, in sentences."""
    return [*_fields_changed(before, now, people), *_traits_changed(before, now, stages), *_scales_changed(before, now)]


def _fields_changed(before: Persona, now: Persona, people: pd.DataFrame) -> Iterator[str]:
    for name, label in _FIELDS:
        was, is_now = getattr(before, name), getattr(now, name)
        if was != is_now:
            yield (
                f"{label}: “{was}” → “{is_now}”."
                if was and is_now
                else f"{label}: “{is_now}” came."
                if is_now
                else f"{label}: “{was}” went."
            )
    for label, was, is_now in (
        ("Segment", show_segment(before.segment), show_segment(now.segment)),
        ("Demographics", as_lines(before.demographics), as_lines(now.demographics)),
    ):
        if was != is_now:
            yield f"{label}: {was.replace(chr(10), '; ') or 'nothing'} → {is_now.replace(chr(10), '; ') or 'nothing'}."
    earlier, later = set(before.participants), set(now.participants)
    if later - earlier:
        yield f"Stands for now too: {', '.join(sorted(_name(people, a) for a in later - earlier))}."
    if earlier - later:
        yield f"Stands no more for: {', '.join(sorted(_name(people, a) for a in earlier - later))}."
    if (before.quote.coding if before.quote else "") != (now.quote.coding if now.quote else ""):
        yield "The quote is another one." if before.quote and now.quote else "A quote came." if now.quote else "The quote went."


def _traits_changed(before: Persona, now: Persona, stages: Mapping[str, str]) -> Iterator[str]:
    old = {t.statement.id: t for t in with_trait_ids(visible(before)).traits}
    new = {t.statement.id: t for t in with_trait_ids(visible(now)).traits}
    for id in new.keys() - old.keys():
        yield f"{NAMES[new[id].kind]}: “{new[id].statement.text}” came{_of(new[id].statement)}."
    for id in old.keys() - new.keys():
        yield f"{NAMES[old[id].kind]}: “{old[id].statement.text}” went{_of(old[id].statement)}."
    for id, t in new.items():
        if id in old:
            yield from _trait_changed(old[id], t, stages)


def _trait_changed(old: Trait, new: Trait, stages: Mapping[str, str]) -> Iterator[str]:
    was, s = old.statement, new.statement
    where = f"{NAMES[new.kind]}: “{s.text}”"
    if was.text != s.text:
        yield f"{where} said “{was.text}” before."
    if old.kind != new.kind:
        yield f"{where} stood under {NAMES[old.kind].lower()} before."
    if (was.n, was.n_of, was.assumed) != (s.n, s.n_of, s.assumed):
        yield f"{where}{_of(was) or ' (no count)'} →{_of(s) or ' (no count)'}."
    if new.kind == TraitKind.GOAL == old.kind and was.rank != s.rank and was.rank:
        yield f"{where} was number {was.rank} and is {s.rank}."
    if old.stage != new.stage:
        yield f"{where} belongs to {stages.get(new.stage, new.stage) or 'no stage'} now."


def _scales_changed(before: Persona, now: Persona) -> Iterator[str]:
    old, new = {scale_key(s): s for s in before.scales}, {scale_key(s): s for s in now.scales}
    for key in new.keys() - old.keys():
        yield f"The scale {key} came, with {len(new[key].placed)} people on it."
    for key in old.keys() - new.keys():
        yield f"The scale {key} went."
    for key in new.keys() & old.keys():
        a, b = dict(old[key].placed), dict(new[key].placed)
        moved = sum(a.get(who) != b.get(who) for who in a.keys() | b.keys())
        if moved:
            yield f"On the scale {key}, {moved} {'person has' if moved == 1 else 'people have'} another place."


def _of(s: Statement) -> str:
    return f" ({s.n} of {s.n_of})" if s.said_by else " (assumed)" if s.assumed else ""
