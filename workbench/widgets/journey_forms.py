"""The forms of a journey map: of the map, a stage, a lane, a step, or a way on; and the map with what was written in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from workbench.analysis.problems import propose_problem
from workbench.errors import BadSetting
from workbench.model import Feeling, Journey, JourneyKind, JourneyState, Lane, LaneKind, Stage, Step, Transition
from workbench.model.journey_kinds import JOURNEY_KINDS
from workbench.widgets.canvas_desk import Field, choice, field, whole_number
from workbench.widgets.saving import Answer

_YES_NO = (("", "not known"), ("yes", "yes"), ("no", "no"))
#: The fields of a step in its form, with what they are called.
_STEP_WORDS = {
    "name": "Name", "touchpoint": "Touchpoint", "channel": "Channel", "preferred_channel": "Channel they would prefer", "at": "When, or how long",
    "actor": "Actors", "on_stage": "On stage: who or what they deal with", "backstage": "Backstage: work they do not see", "department": "Departments",
    "system": "Systems", "process": "Processes it starts", "motive": "Motive", "outcome": "Outcome", "strengths": "Strengths", "weaknesses": "Weaknesses",
    "gaps": "Gaps", "optimise": "What to optimise", "solution": "Solution",
}  # fmt: skip


def journey_form(doc: Journey, of: str, built: Journey, maps: Sequence[Journey]) -> Answer:
    """The form of the map, a stage, a lane, a step, or a way from one stage to the next.

    Parameters
    ----------
    of : ``about``, or what and its id: ``stage:pay``, ``lane:Needs``, ``step:…``, ``way:pay>wait``; without an id a new one
    built : the map fresh from the data, whose stages and lanes are not to be removed
    maps : the saved maps, one of which a stage or a step can open
    """
    what, _, id = of.partition(":")
    match what:
        case "stage":
            return _stage_form(doc, id, built, maps)
        case "lane":
            lane = next((x for x in doc.lanes if x.name == id), None)
            kinds = [(k.value, k.value) for k in LaneKind]
            fields = [field("name", "Name", lane.name if lane else ""), choice("kind", "Kind", lane.kind.value if lane else "custom", kinds), field("note", "Note", lane.note if lane else "", "area")]  # fmt: skip
            own = lane is not None and lane.name not in {x.name for x in built.lanes}
            return {"title": f"Lane “{id}”" if lane else "New lane", "fields": fields, **({"remove": "Remove the lane"} if own else {})}
        case "step":
            return _step_form(doc, id, maps)
        case "way":
            start, _, end = id.partition(">")
            way = next((t for t in doc.transitions if (t.from_stage, t.to_stage) == (start, end)), Transition(start, end))
            return {"title": "The way from one stage to the next", "fields": [field("quality", "Its quality", way.quality, "area")]}
        case _:
            kinds = [(k.value, f"{k.value}: {JOURNEY_KINDS[k].meaning}"[:110]) for k in JourneyKind]
            fields = [
                field("title", "Title", doc.title), choice("kind", "Kind", doc.kind.value, kinds),
                choice("state", "State", doc.state.value, [(s.value, s.value) for s in JourneyState]),
                field("scope", "Scope", doc.scope, "area"), field("goals", "Goals, one a line", "\n".join(doc.goals), "area"),
            ]  # fmt: skip
            return {"title": "About this map", "fields": fields}


def _stage_form(doc: Journey, id: str, built: Journey, maps: Sequence[Journey]) -> Answer:
    s = next((x for x in doc.stages if x.id == id), None)
    if s is None:
        after = [(x.id, x.name) for x in doc.stages]
        return {
            "title": "New stage",
            "fields": [
                field("name", "Name", ""),
                choice("after", "After", after[-1][0] if after else "", [("", "at the beginning"), *after]),
            ],
        }
    hint = propose_problem(doc, id) or "… needs … because …"
    hand = doc.feeling(id).hand_set
    others = [("", "nothing"), *((j.id, j.title) for j in maps if j.id != doc.id)]
    fields = [
        field("name", "Name", s.name), field("hand_set", "Feeling, set by hand (−2 to +2; kept beside the coded one)", "" if hand is None else f"{hand:g}", "number"),
        choice("opens", "Opens the map", s.opens, others), field("description", "Description", s.description, "area"),
        field("problem", "Problem statement", s.problem, "area", hint),
    ]  # fmt: skip
    own = id not in {x.id for x in built.stages}
    return {"title": f"Stage “{s.name}”", "fields": fields, **({"remove": "Remove the stage"} if own else {})}


def _step_form(doc: Journey, id: str, maps: Sequence[Journey]) -> Answer:
    x = next((step for step in doc.steps if step.id == id), None)
    now = x or Step("", id.partition("@")[2], "")
    long = {"on_stage", "backstage", "motive", "outcome", "strengths", "weaknesses", "gaps", "optimise", "solution"}
    words: list[Field] = [field(name, label, getattr(now, name), "area" if name in long else "text") for name, label in _STEP_WORDS.items()]
    marks = [choice(n, label, _yes_no(getattr(now, n)), _YES_NO) for n, label in (("online", "Online"), ("physical", "Physical"))]
    weight = choice(
        "significance", "Significance", str(now.significance or ""), [("", "not judged"), *((str(n), str(n)) for n in range(1, 6))]
    )
    others = [("", "nothing"), *((j.id, j.title) for j in maps if j.id != doc.id)]
    fields = [*words[:4], *marks, weight, choice("opens", "Opens the map", now.opens, others), *words[4:]]
    return {"title": f"Step “{x.name}”" if x else "New step", "fields": fields, **({"remove": "Remove the step"} if x else {})}


def filled_journey(doc: Journey, of: str, values: Mapping[str, Any], built: Journey, maps: Sequence[Journey], *, remove: bool) -> Journey:
    """The map with what was written in a form of :func:`journey_form`, or without what it is of.

    Raises
    ------
    BadSetting
        A value is none that the field can have, or what is to be removed holds something.
    """
    what, _, id = of.partition(":")
    match what:
        case "stage":
            return _without_stage(doc, id) if remove else _with_stage(doc, id, values)
        case "lane":
            kind = next((x.kind for x in doc.lanes if x.name == id), None)
            if not remove and kind in {x.kind for x in built.lanes} and values.get("kind", kind) != kind:
                raise BadSetting(
                    f'lane "{id}"', "its kind says which codes stand in it", "Give it another name, or make a lane of your own."
                )
            return _without_lane(doc, id) if remove else _with_lane(doc, id, values)
        case "step":
            return replace(doc, steps=tuple(x for x in doc.steps if x.id != id)) if remove else _with_step(doc, id, values)
        case "way":
            start, _, end = id.partition(">")
            now = next((t for t in doc.transitions if (t.from_stage, t.to_stage) == (start, end)), Transition(start, end))
            others = [t for t in doc.transitions if (t.from_stage, t.to_stage) != (start, end)]
            return replace(doc, transitions=(*others, replace(now, quality=str(values["quality"]))))
        case _:
            title = str(values.get("title", doc.title)).strip()
            if not title or any(j.title == title and j.id != doc.id for j in maps):
                found = "there is one of this title" if title else "it has no title"
                raise BadSetting(f'journey map "{title}"', found, "Choose another title.")
            about = {k: str(v) for k, v in values.items() if k in ("title", "scope")}
            if "goals" in values:
                about["goals"] = tuple(g.strip() for g in str(values["goals"]).splitlines() if g.strip())  # type: ignore[assignment]
            kind, state = JourneyKind(values.get("kind", doc.kind)), JourneyState(values.get("state", doc.state))
            return replace(doc, kind=kind, state=state, **about)  # type: ignore[arg-type]


def _without_stage(doc: Journey, id: str) -> Journey:
    if any(c.statements for c in doc.cells if c.stage == id):
        name = next(s.name for s in doc.stages if s.id == id)
        raise BadSetting(f'stage "{name}"', "statements stand in it", "Move or remove them first.")
    return replace(
        doc, stages=tuple(s for s in doc.stages if s.id != id), cells=tuple(c for c in doc.cells if c.stage != id),
        steps=tuple(x for x in doc.steps if x.stage != id), feelings=tuple(f for f in doc.feelings if f.stage != id),
        moments=tuple(m for m in doc.moments if m.stage != id),
        transitions=tuple(t for t in doc.transitions if id not in (t.from_stage, t.to_stage)),
    )  # fmt: skip


def _with_stage(doc: Journey, id: str, values: Mapping[str, Any]) -> Journey:
    if not any(s.id == id for s in doc.stages):
        name = str(values.get("name", "")).strip()
        if not name:
            raise BadSetting("new stage", "it has no name", "Give it one.")
        place = next((k + 1 for k, s in enumerate(doc.stages) if s.id == values.get("after", doc.stages[-1].id if doc.stages else "")), 0)
        return replace(doc, stages=(*doc.stages[:place], Stage(f"own-{uuid4().hex[:8]}", name), *doc.stages[place:]))
    if not str(values.get("name", "-")).strip():
        raise BadSetting("stage", "it has no name", "Give it one.")
    words = {k: str(v) for k, v in values.items() if k in ("name", "description", "problem", "opens")}
    stages = tuple(replace(s, **words) if s.id == id else s for s in doc.stages)
    doc = replace(doc, stages=stages)
    return _by_hand(doc, id, str(values["hand_set"])) if "hand_set" in values else doc


def _by_hand(doc: Journey, stage: str, written: str) -> Journey:
    try:
        value = float(written.replace(",", ".").replace("−", "-")) if written else None
    except ValueError:
        value = 9.0
    if value is not None and not -2 <= value <= 2:
        raise BadSetting("feeling set by hand", f'"{written}" is not on the scale', "Write a number from −2 to 2.")
    others = [f for f in doc.feelings if f.stage != stage or f.step]
    return replace(
        doc, feelings=(*others, replace(doc.feeling(stage), hand_set=value) if doc.feeling(stage) else Feeling(stage, None, value))
    )


def _with_lane(doc: Journey, name: str, values: Mapping[str, Any]) -> Journey:
    now = next((lane for lane in doc.lanes if lane.name == name), Lane(LaneKind.CUSTOM, ""))
    lane = Lane(LaneKind(values.get("kind", now.kind)), str(values.get("name", now.name)).strip(), str(values.get("note", now.note)))
    if not lane.name or (lane.name != name and any(x.name == lane.name for x in doc.lanes)):
        raise BadSetting("lane", f'"{lane.name}" is there already' if lane.name else "it has no name", "Give it a name of its own.")
    if not now.name:
        return replace(doc, lanes=(*doc.lanes, lane))
    cells = tuple(replace(c, lane=lane.name) if c.lane == name else c for c in doc.cells)
    return replace(doc, lanes=tuple(lane if x.name == name else x for x in doc.lanes), cells=cells)


def _without_lane(doc: Journey, name: str) -> Journey:
    if any(c.statements for c in doc.cells if c.lane == name):
        raise BadSetting(f'lane "{name}"', "statements stand in it", "Move or remove them first.")
    return replace(doc, lanes=tuple(x for x in doc.lanes if x.name != name), cells=tuple(c for c in doc.cells if c.lane != name))


def _with_step(doc: Journey, id: str, values: Mapping[str, Any]) -> Journey:
    now = next((x for x in doc.steps if x.id == id), None)
    made = now or Step(f"step-{uuid4().hex[:8]}", id.partition("@")[2], "")
    words = {k: str(v) for k, v in values.items() if k in _STEP_WORDS or k == "opens"}
    marks = {k: {"yes": True, "no": False}.get(str(values[k])) for k in ("online", "physical") if k in values}
    weight = {"significance": _significance(values)} if "significance" in values else {}
    made = replace(made, **words, **marks, **weight)  # type: ignore[arg-type]
    if not made.name.strip():
        raise BadSetting("step", "it has no name", "Give it one.")
    return replace(doc, steps=tuple(made if x.id == id else x for x in doc.steps) if now else (*doc.steps, made))


def _significance(values: Mapping[str, Any]) -> int | None:
    found = whole_number(values, "significance", "step")
    if found is not None and not 1 <= found <= 5:
        raise BadSetting("step, significance", f"{found} is not on the scale", "Use 1 to 5, or nothing.")
    return found


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
