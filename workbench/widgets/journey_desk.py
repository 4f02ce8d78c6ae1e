"""What the journey map asks of a study: stages across, lanes down, built from the data, with what people wrote on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from workbench.analysis.in_words import interval, number, signed
from workbench.analysis.journey import build_journey
from workbench.analysis.journey_changes import change_sentences, compare_journeys
from workbench.analysis.journey_rebuilding import rebuild_journey, written_part
from workbench.analysis.own_evidence import with_own_evidence
from workbench.analysis.problems import propose_problem
from workbench.analysis.scope import find_persona, parse_segment, show_segment
from workbench.analysis.statement_ids import with_ids
from workbench.errors import BadSetting, UnknownName, WorkbenchError
from workbench.model import (
    Basis,
    Cell,
    Estimate,
    Feeling,
    Journey,
    JourneyKind,
    JourneyState,
    Lane,
    LaneKind,
    MomentOfTruth,
    Stage,
    Statement,
    Step,
    Transition,
    basis_of,
)
from workbench.model.journey_kinds import JOURNEY_KINDS, lines_across, shown_as
from workbench.store import load_documents, save_document
from workbench.study import Study
from workbench.widgets.canvas_desk import Field, StatementCanvas, choice, field, whole_number
from workbench.widgets.saving import Answer, Request, Touched

_TONES = {LaneKind.PAIN: "bad", LaneKind.WEAKNESS: "bad", LaneKind.DELIGHT: "good", LaneKind.STRENGTH: "good"}
_YES_NO = (("", "not known"), ("yes", "yes"), ("no", "no"))
_MARKED = "marked by "
#: What the id of a map begins with that got it from its title.
_UNSAVED = "journey: "
#: The fields of a step in its form, with what they are called.
_STEP_WORDS = {
    "name": "Name", "touchpoint": "Touchpoint", "channel": "Channel", "preferred_channel": "Channel they would prefer", "at": "When, or how long",
    "actor": "Actors", "on_stage": "On stage: who or what they deal with", "backstage": "Backstage: work they do not see", "department": "Departments",
    "system": "Systems", "process": "Processes it starts", "motive": "Motive", "outcome": "Outcome", "strengths": "Strengths", "weaknesses": "Weaknesses",
    "gaps": "Gaps", "optimise": "What to optimise", "solution": "Solution",
}  # fmt: skip


class JourneyDesk(StatementCanvas[Journey]):
    """Answers the requests of a journey map for one coder.

    Parameters
    ----------
    title : title or id of a saved map, or the title of a new one; by default the map of ``persona`` and ``segment``
    persona, segment : whom a map is about that is not saved yet
    """

    kind = Journey

    def __init__(
        self, study: Study, *, coder: str, title: str = "", persona: str = "", segment: Mapping[str, str] | str | None = None
    ) -> None:
        persona = find_persona(study.personas, persona).name if persona else ""
        self._new = {"persona": persona, "segment": show_segment(parse_segment(segment))}
        super().__init__(study, coder=coder, id="")
        self._built: Journey | None = None
        self._open(title)
        self.ops |= {"open": self._open_another, "overlay": self._overlay}
        self.ops |= {
            "moment": self.doing(lambda r: f"moment of truth {self._name(r)}", self._on_document(self._moment)),
            "critical": self.doing(lambda r: f"critical moment {self._name(r)}", self._on_document(self._critical)),
            "copy": self.doing(lambda r: f'new map "{r["title"]}"', self._copy),
        }

    def _open(self, title: str) -> None:
        saved = load_documents(self.db, Journey)
        was = (self.id, self._title, self._about) if self.id else None
        about = (self._new["persona"], self._new["segment"])
        found = next((j for j in saved if title in (j.id, j.title, j.id.removeprefix(_UNSAVED))), None) if title else None
        if found is None and not title:
            found = next((j for j in saved if (j.persona, j.segment) == about and j.state == JourneyState.AS_IS), None)
        named = [self.study.settings.title, *(x for x in about if x)]
        self._title = title or " · ".join(named)
        self.id = found.id if found else f"{_UNSAVED}{self._title}"
        self._about = (found.persona, found.segment) if found else about
        self._built = None
        try:
            self._current = self.make(found)
        except WorkbenchError:
            if was:
                self.id, self._title, self._about = was
            raise

    def turn(self, request: Request) -> None:
        """To the map that the request is about: two views, or one that was loaded again, may show others."""
        if request.get("doc") and request["doc"] != self.id:
            self._open(str(request["doc"]).removeprefix(_UNSAVED))

    # the document

    @property
    def built(self) -> Journey:
        """The map fresh from the data."""
        if self._built is None:
            persona, segment = self._about
            asked = parse_segment(segment) or None
            made = build_journey(self.shelf.tables, persona or None, asked)
            self._built = with_ids(replace(made, id=self.id, title=self._title))
        return self._built

    def make(self, saved: Journey | None) -> Journey:
        """What people wrote, laid over what the data say."""
        if saved is None:
            return self.built
        return with_own_evidence(rebuild_journey(saved, self.built), saved, self.shelf.tables)

    def to_save(self, shown: Journey) -> Journey:
        """Stages, lanes, steps, and what people wrote on them."""
        return written_part(shown, self.built)

    def forget(self, touched: Touched) -> None:
        """Build anew when data or another document were touched: personas and opportunities are on the map too."""
        if touched.keys() - {"document"} or touched.get("document", set()) - {self.id}:
            self._built = self._shelf = None  # the shelf holds personas and opportunities too
        super().forget(touched)

    def lists(self, doc: Journey) -> Mapping[str, Sequence[Statement]]:
        """One list for each stage and lane."""
        held = {(c.stage, c.lane): c.statements for c in doc.cells}
        return {f"{s.id}/{lane.name}": held.get((s.id, lane.name), ()) for lane in doc.lanes for s in doc.stages}

    def with_list(self, doc: Journey, id: str, statements: Sequence[Statement]) -> Journey:
        """Other statements in one cell."""
        stage, _, lane = id.partition("/")
        others = [c for c in doc.cells if (c.stage, c.lane) != (stage, lane)]
        return replace(doc, cells=(*others, Cell(stage, lane, tuple(statements))))

    def basis(self, list_id: str) -> Basis:
        """Inferred in the lanes of thoughts, needs and goals, else observed."""
        return basis_of(self._lane_of(list_id).kind)

    def tone(self, list_id: str) -> str:
        """Pains and delights."""
        return _TONES.get(self._lane_of(list_id).kind, "")

    def more(self, s: Statement, list_id: str) -> Answer:
        """Whether a statement is a moment of truth."""
        stage = list_id.partition("/")[0]
        mark = next((m for m in self._shown.moments if (m.stage, m.statement) == (stage, s.text)), None)
        return {"extra": ("◆ critical moment" if mark.critical else "◇ moment of truth") if mark else ""}

    @property
    def _shown(self) -> Journey:
        return self._current or self.built

    def _lane_of(self, list_id: str) -> Lane:
        name = list_id.partition("/")[2]
        return next(lane for lane in self._shown.lanes if lane.name == name)

    def title(self, doc: Journey) -> str:
        """The map's own title."""
        return doc.title

    def frame(self, doc: Journey) -> Answer:
        """Stages with their curve, steps and ways on; lanes with the lines of a blueprint; the maps there are."""
        names = {s.id: s.name for s in doc.stages}
        lanes = _in_order_of_kind(doc)
        lines = lines_across(lanes, doc.kind)
        saved = load_documents(self.db, Journey)
        return {
            "names": {f"{s.id}/{lane.name}": f"{lane.name}, {s.name}" for lane in doc.lanes for s in doc.stages},
            "stages": [self._stage(doc, s) for s in doc.stages],
            "lanes": [{"name": lane.name, "kind": lane.kind.value, "note": lane.note, "line": lines.get(lane.name, "")} for lane in lanes],
            "ways": [
                {"from": t.from_stage, "to": t.to_stage, "rate": _in_short(t.rate.estimate) if t.rate else "", "quality": t.quality,
                 "label": f"{names[t.from_stage]} to {names[t.to_stage]}"} for t in doc.transitions
            ],
            "about": {
                "title": doc.title, "kind": doc.kind.value, "state": doc.state.value, "persona": doc.persona, "segment": doc.segment, "n_of": doc.n_of,
                "goals": list(doc.goals), "scope": doc.scope,
            },
            "maps": [{"id": j.id, "title": j.title, "state": j.state.value} for j in saved], "id": self.id, "doc": self.id,
        }  # fmt: skip

    def _stage(self, doc: Journey, s: Stage) -> Answer:
        felt = doc.feeling(s.id)
        e = felt.estimate
        curve = (
            {
                "value": e.value,
                "low": e.low,
                "high": e.high,
                "short": signed(e.value),
                "words": f"{signed(e.value)} ({interval(e)}, n {e.n})",
            }
            if e
            else None
        )
        steps = [
            {"id": x.id, "name": x.name, "channel": x.channel, "online": x.online, "touchpoint": x.touchpoint, "opens": x.opens}
            for x in doc.steps if x.stage == s.id
        ]  # fmt: skip
        return {
            "id": s.id, "name": s.name, "description": s.description, "n": s.n, "n_of": s.n_of, "problem": s.problem, "opens": s.opens,
            "felt": curve, "hand": felt.hand_set, "steps": steps,
        }  # fmt: skip

    def changes_since(self, before: Journey, now: Journey) -> list[str]:
        """What came, went and changed, and because of which evidence."""
        return change_sentences(compare_journeys(before, now))

    # moments, maps

    def _moment(self, doc: Journey, request: Request) -> Journey:
        """Mark a statement as a moment of truth, or take the mark away."""
        list_id, _, s = self._find_statement(doc, request["item"])
        stage = list_id.partition("/")[0]
        others = tuple(m for m in doc.moments if (m.stage, m.statement) != (stage, s.text))
        if len(others) < len(doc.moments):
            return replace(doc, moments=others)
        return replace(doc, moments=(*others, MomentOfTruth(stage, s.text, f"{_MARKED}{self.coder}")))

    def _changed(self, doc: Journey, id: str, change: Callable[[Statement], Statement | None]) -> Journey:
        """A moment of truth goes by the words of its statement, so it gets the new ones."""
        list_id, _, was = self._find_statement(doc, id)
        changed = super()._changed(doc, id, change)
        now = next((s for c in changed.cells for s in c.statements if s.id == id), was)
        here = (list_id.partition("/")[0], was.text)
        return replace(
            changed, moments=tuple(replace(m, statement=now.text) if (m.stage, m.statement) == here else m for m in changed.moments)
        )

    def _move(self, doc: Journey, request: Request) -> Journey:
        """A moment of truth goes along."""
        list_id, _, s = self._find_statement(doc, request["item"])
        here, to = (list_id.partition("/")[0], s.text), str(request["list"]).partition("/")[0]
        moved = super()._move(doc, request)
        return replace(moved, moments=tuple(replace(m, stage=to) if (m.stage, m.statement) == here else m for m in moved.moments))

    def _on_document(self, do: Callable[[Journey, Request], Journey]) -> Callable[[Any, Request], object]:
        """As for every canvas; what is a card of the board is changed there."""

        def checked(doc: Journey, request: Request) -> Journey:
            if request["op"] in ("note", "attach", "detach", "remove"):
                list_id, _, s = self._find_statement(doc, request["item"])
                cards = {x.id for c in self.built.cells for x in c.statements}
                if self._lane_of(list_id).kind == LaneKind.OPPORTUNITY and s.id in cards:
                    raise BadSetting(
                        f'"{s.text}"', "it is a card of the opportunity board", "Do this there, with wb.OpportunityBoard(study)."
                    )
            return do(doc, request)

        return super()._on_document(checked)

    def _critical(self, doc: Journey, request: Request) -> Journey:
        """The one moment that matters most."""
        list_id, _, s = self._find_statement(doc, request["item"])
        here = (list_id.partition("/")[0], s.text)
        moments = [replace(m, critical=False) for m in doc.moments if (m.stage, m.statement) != here]
        mark = next((m for m in doc.moments if (m.stage, m.statement) == here), MomentOfTruth(*here, f"{_MARKED}{self.coder}"))
        return replace(doc, moments=(*moments, replace(mark, critical=not mark.critical)))

    def _open_another(self, request: Request) -> Answer:
        if not any(j.id == request["of"] for j in load_documents(self.db, Journey)) and request["of"] != self.id:
            raise UnknownName("journey map", str(request["of"]), [j.title for j in load_documents(self.db, Journey)])
        self._open(str(request["of"]))
        return {"state": self.state()}

    def _copy(self, transaction: Any, request: Request) -> None:
        """The same map under another title, as what is wanted."""
        title = str(request["title"]).strip()
        if any(j.title == title for j in load_documents(self.db, Journey)) or not title:
            raise BadSetting(
                f'journey map "{title}"', "there is one of this title" if title else "it has no title", "Choose another title."
            )
        made = replace(self.current, id=uuid4().hex, title=title, state=JourneyState.TO_BE)
        save_document(transaction, self.to_save(made))
        self.id, self._title, self._built = made.id, title, None

    def _overlay(self, _request: Request) -> Answer:
        """How each persona feels, over the same stages."""
        curves = []
        for p in self.shelf.tables.personas:
            journey = build_journey(self.shelf.tables, p.name)
            felt = [journey.feeling(s.id).estimate for s in self.current.stages]
            curves.append({"name": p.name, "values": [None if e is None else e.value for e in felt]})
        return {"overlay": curves}

    # forms

    def form(self, of: str) -> Answer:
        """The form of the map, a stage, a lane, a step, or a way from one stage to the next."""
        what, _, id = of.partition(":")
        doc = self.current
        match what:
            case "stage":
                return self._stage_form(doc, id)
            case "lane":
                lane = next((x for x in doc.lanes if x.name == id), None)
                kinds = [(k.value, k.value) for k in LaneKind]
                fields = [field("name", "Name", lane.name if lane else ""), choice("kind", "Kind", lane.kind.value if lane else "custom", kinds), field("note", "Note", lane.note if lane else "", "area")]  # fmt: skip
                own = lane is not None and lane.name not in {x.name for x in self.built.lanes}
                return {"title": f"Lane “{id}”" if lane else "New lane", "fields": fields, **({"remove": "Remove the lane"} if own else {})}
            case "step":
                return self._step_form(doc, id)
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

    def _stage_form(self, doc: Journey, id: str) -> Answer:
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
        maps = [("", "nothing"), *((j.id, j.title) for j in load_documents(self.db, Journey) if j.id != self.id)]
        fields = [
            field("name", "Name", s.name), field("hand_set", "Feeling, set by hand (−2 to +2; kept beside the coded one)", "" if hand is None else hand, "number"),
            choice("opens", "Opens the map", s.opens, maps), field("description", "Description", s.description, "area"),
            field("problem", "Problem statement", s.problem, "area", hint),
        ]  # fmt: skip
        own = id not in {x.id for x in self.built.stages}
        return {"title": f"Stage “{s.name}”", "fields": fields, **({"remove": "Remove the stage"} if own else {})}

    def _step_form(self, doc: Journey, id: str) -> Answer:
        x = next((step for step in doc.steps if step.id == id), None)
        now = x or Step("", id.partition("@")[2], "")
        long = {"on_stage", "backstage", "motive", "outcome", "strengths", "weaknesses", "gaps", "optimise", "solution"}
        words: list[Field] = [
            field(name, label, getattr(now, name), "area" if name in long else "text") for name, label in _STEP_WORDS.items()
        ]
        marks = [choice(n, label, _yes_no(getattr(now, n)), _YES_NO) for n, label in (("online", "Online"), ("physical", "Physical"))]
        weight = choice(
            "significance", "Significance", str(now.significance or ""), [("", "not judged"), *((str(n), str(n)) for n in range(1, 6))]
        )
        maps = [("", "nothing"), *((j.id, j.title) for j in load_documents(self.db, Journey) if j.id != self.id)]
        fields = [*words[:4], *marks, weight, choice("opens", "Opens the map", now.opens, maps), *words[4:]]
        return {"title": f"Step “{x.name}”" if x else "New step", "fields": fields, **({"remove": "Remove the step"} if x else {})}

    def filled(self, doc: Journey, of: str, values: Mapping[str, Any], *, remove: bool) -> Journey:
        """The map with what was written in a form."""
        what, _, id = of.partition(":")
        match what:
            case "stage":
                return self._without_stage(doc, id) if remove else _with_stage(doc, id, values)
            case "lane":
                kind = next((x.kind for x in doc.lanes if x.name == id), None)
                if not remove and kind in {x.kind for x in self.built.lanes} and values.get("kind", kind) != kind:
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
                if not title or any(j.title == title and j.id != doc.id for j in load_documents(self.db, Journey)):
                    found = "there is one of this title" if title else "it has no title"
                    raise BadSetting(f'journey map "{title}"', found, "Choose another title.")
                about = {k: str(v) for k, v in values.items() if k in ("title", "scope")}
                if "goals" in values:
                    about["goals"] = tuple(g.strip() for g in str(values["goals"]).splitlines() if g.strip())  # type: ignore[assignment]
                kind, state = JourneyKind(values.get("kind", doc.kind)), JourneyState(values.get("state", doc.state))
                return replace(doc, kind=kind, state=state, **about)  # type: ignore[arg-type]

    def _without_stage(self, doc: Journey, id: str) -> Journey:
        if any(c.statements for c in doc.cells if c.stage == id):
            name = next(s.name for s in doc.stages if s.id == id)
            raise BadSetting(f'stage "{name}"', "statements stand in it", "Move or remove them first.")
        return replace(
            doc, stages=tuple(s for s in doc.stages if s.id != id), cells=tuple(c for c in doc.cells if c.stage != id),
            steps=tuple(x for x in doc.steps if x.stage != id), feelings=tuple(f for f in doc.feelings if f.stage != id),
            moments=tuple(m for m in doc.moments if m.stage != id),
            transitions=tuple(t for t in doc.transitions if id not in (t.from_stage, t.to_stage)),
        )  # fmt: skip


def _in_order_of_kind(doc: Journey) -> list[Lane]:
    """The lanes as a map of this kind shows them, then the others that hold something."""
    shown = list(shown_as(doc, doc.kind).lanes)
    held = {c.lane for c in doc.cells if c.statements}
    return [*shown, *(lane for lane in doc.lanes if lane not in shown and lane.name in held)]


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
    weight = {"significance": whole_number(values, "significance", "step")} if "significance" in values else {}
    made = replace(made, **words, **marks, **weight)  # type: ignore[arg-type]
    if not made.name.strip():
        raise BadSetting("step", "it has no name", "Give it one.")
    return replace(doc, steps=tuple(made if x.id == id else x for x in doc.steps) if now else (*doc.steps, made))


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _in_short(e: Estimate) -> str:
    return f"{number(e)} ({interval(e)})"
