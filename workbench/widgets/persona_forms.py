"""The forms of the persona builder: what is asked, and a persona with what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.analysis.scope import parse_segment
from workbench.errors import BadSetting, UnknownName, UnknownParticipant
from workbench.model import Persona, Quote, Scale
from workbench.widgets.canvas_desk import choice, field
from workbench.widgets.saving import Answer

_TEXTS = ("age", "career", "family", "summary", "scenario")


def form_of(doc: Persona, of: str, people: pd.DataFrame, stages: Mapping[str, str]) -> Answer:
    """Title and fields of the card, of who stands behind it, the scenario, the quote, a scale or a trait.

    Raises
    ------
    UnknownName
        There is no such form, scale or trait.
    """
    what, _, which = of.partition(":")
    forms: dict[str, Callable[[], Answer]] = {
        "about": lambda: _card(doc), "card": lambda: _card(doc), "who": lambda: _who(doc, people), "scenario": lambda: _scenario(doc),
        "quote": lambda: _quote(doc), "scale": lambda: _scale(doc, which), "item": lambda: _trait(doc, which, stages),
    }  # fmt: skip
    if what not in forms:
        raise UnknownName("form", what, list(forms))
    return forms[what]()


def _card(doc: Persona) -> Answer:
    fields = [
        field("name", "Name", doc.name), field("age", "Age", doc.age), field("career", "Career", doc.career), field("family", "Family", doc.family),
        field("summary", "In one or two sentences", doc.summary, "area"),
        field("demographics", "Demographics, one on each line", as_lines(doc.demographics), "area", "device: mostly phones"),
    ]  # fmt: skip
    return {"title": "Who this persona is", "fields": fields}


def _who(doc: Persona, people: pd.DataFrame) -> Answer:
    heard = people[people["heard"].astype(bool)]
    boxes = [field(f"p:{a}", f"{n} ({a})", a in doc.participants, "yes") for a, n in heard["pseudonym"].items()]
    segment = ",".join(f"{k}={v}" for k, v in doc.segment.items())
    everybody = field("segment", "Everybody with", segment, hint="customer=new,device=phone")
    return {"title": "Who stands behind it", "fields": [everybody, *boxes]}


def _scenario(doc: Persona) -> Answer:
    return {"title": "A scenario", "fields": [field("scenario", "What happens, from start to end", doc.scenario, "area")]}


def _quote(doc: Persona) -> Answer:
    choices = [("", "none"), *((q.coding, f"{q.text} — {q.speaker}") for q in quotes_of(doc))]
    chosen = choice("quote", "From the evidence", doc.quote.coding if doc.quote else "", choices)
    return {"title": "Words that say it best", "fields": [chosen]}


def _scale(doc: Persona, which: str) -> Answer:
    scale = find_scale(doc, which) if which else Scale("", "")
    ends = [field("low", "One end", scale.low, hint="plans ahead"), field("high", "The other end", scale.high, hint="decides on the way")]
    return {"title": "A behavioural scale", "fields": ends, **({"remove": "Remove this scale"} if which else {})}


def _trait(doc: Persona, which: str, stages: Mapping[str, str]) -> Answer:
    trait = next((t for t in doc.traits if t.statement.id == which), None)
    if trait is None:
        raise UnknownName("trait", which, [t.statement.text for t in doc.traits])
    return {
        "title": trait.statement.text,
        "fields": [choice("stage", "Stage of the journey", trait.stage, [("", "none"), *stages.items()])],
    }


# what was written


def with_texts(doc: Persona, values: Mapping[str, Any]) -> Persona:
    """The persona with the fields of its card and its scenario."""
    texts: dict[str, Any] = {k: str(values[k]).strip() for k in _TEXTS if k in values}
    if "demographics" in values:
        texts["demographics"] = from_lines(str(values["demographics"]))
    return replace(doc, **texts)


def with_people(doc: Persona, values: Mapping[str, Any], people: pd.DataFrame) -> Persona:
    """The persona with the participants who were ticked, and with the segment.

    Raises
    ------
    UnknownParticipant, UnknownName, BadSetting
    """
    ticked = {k[2:]: bool(v) for k, v in values.items() if k.startswith("p:")}
    for alias in ticked.keys() - set(people.index):
        raise UnknownParticipant(alias, people.index)
    named = {*doc.participants, *(a for a, yes in ticked.items() if yes)} - {a for a, yes in ticked.items() if not yes}
    segment = parse_segment(str(values["segment"])) if "segment" in values else dict(doc.segment)
    attributes = [c for c in people.columns if not c.startswith("consent_") and c not in ("pseudonym", "heard")]
    for name in segment:
        if name not in attributes:
            raise UnknownName("attribute of participants", name, attributes)
    return replace(doc, participants=tuple(sorted(named)), segment=segment)


def with_stage(doc: Persona, which: str, stage: str) -> Persona:
    """The persona with a trait that belongs to a stage."""
    return replace(doc, traits=tuple(replace(t, stage=stage) if t.statement.id == which else t for t in doc.traits))


def with_scale(doc: Persona, which: str, values: Mapping[str, Any], *, remove: bool) -> Persona:
    """The persona with a scale more, with other ends of one, or with one less.

    Raises
    ------
    UnknownName, BadSetting
    """
    was = find_scale(doc, which) if which else Scale("", "")
    others = [s for s in doc.scales if s is not was]
    now = replace(was, **{k: str(v).strip() for k, v in values.items() if k in ("low", "high")})
    if remove:
        return replace(doc, scales=tuple(others))
    if not (now.low and now.high):
        raise BadSetting("scale", "one of its ends has no name", "Name both, for example: plans ahead, and decides on the way.")
    if scale_key(now) in map(scale_key, others):
        raise BadSetting(f"scale {scale_key(now)}", "it is there already", "Place people on that one.")
    return replace(doc, scales=tuple(now if s is was else s for s in doc.scales) if which else (*doc.scales, now))


def with_place(doc: Persona, key: str, who: str, at: float | None, people: pd.DataFrame) -> Persona:
    """The persona with somebody at a place from 0 to 1 of a scale, in steps of 0.05; without a place, off the scale.

    Raises
    ------
    UnknownName, UnknownParticipant
    """
    scale = find_scale(doc, key)
    if who not in people.index:
        raise UnknownParticipant(who, people.index)
    placed = {a: x for a, x in scale.placed.items() if a != who}
    if at is not None:
        placed[who] = round(round(min(1.0, max(0.0, float(at))) * 20) / 20, 2)
    now = replace(scale, placed=dict(sorted(placed.items())))
    return replace(doc, scales=tuple(now if s is scale else s for s in doc.scales))


def scale_key(scale: Scale) -> str:
    """What a scale is called in requests."""
    return f"{scale.low} ↔ {scale.high}"


def find_scale(doc: Persona, key: str) -> Scale:
    """The scale of a key.

    Raises
    ------
    UnknownName
    """
    found = next((s for s in doc.scales if scale_key(s) == key), None)
    if found is None:
        raise UnknownName("scale", key, [scale_key(s) for s in doc.scales])
    return found


def quotes_of(persona: Persona) -> list[Quote]:
    """The words behind its traits that may be shown, each passage once, with the one that is its quote."""
    own = [q for t in persona.traits for q in t.statement.quotes if q.quotable]
    chosen = [persona.quote] if persona.quote and persona.quote.quotable else []
    return list({q.coding: q for q in (*chosen, *own)}.values())


def as_lines(facts: Mapping[str, str]) -> str:
    """``customer: new`` line by line."""
    return "\n".join(f"{k}: {v}" for k, v in facts.items())


def from_lines(text: str) -> dict[str, str]:
    """Attributes and their values from lines.

    Raises
    ------
    BadSetting
        A line is not written ``attribute: value``.
    """
    pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
    for name, colon, value in pairs:
        if not (name.strip() and colon and value.strip()):
            hint = 'Write one on each line, for example "device: mostly phones".'
            raise BadSetting("demographics", f'"{name}" is not attribute: value', hint)
    return {name.strip(): value.strip() for name, _, value in pairs}
