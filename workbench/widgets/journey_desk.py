"""What the journey map asks of a study: stages across, lanes down, built from the data, with what people wrote on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from workbench.analysis.checkup import check_people
from workbench.analysis.in_words import interval, number, signed
from workbench.analysis.journey import build_journey
from workbench.analysis.journey_changes import change_sentences, compare_journeys
from workbench.analysis.journey_rebuilding import rebuild_journey, written_part
from workbench.analysis.own_evidence import with_own_evidence
from workbench.analysis.scope import find_persona, parse_segment, show_segment
from workbench.analysis.stage_funnels import StageFunnel, StageFunnels, funnel_in_words
from workbench.analysis.statement_ids import with_ids
from workbench.errors import BadSetting, UnknownName, WorkbenchError
from workbench.model import (
    Basis,
    Cell,
    Estimate,
    Journey,
    JourneyState,
    Lane,
    LaneKind,
    MomentOfTruth,
    Stage,
    Statement,
    basis_of,
)
from workbench.model.journey_kinds import lines_across, shown_as
from workbench.store import save_document
from workbench.study import Study
from workbench.study.handle import moment_of
from workbench.widgets.canvas_desk import StatementCanvas
from workbench.widgets.journey_forms import filled_journey, journey_form
from workbench.widgets.saving import Answer, Request, Touched

_TONES = {LaneKind.PAIN: "bad", LaneKind.WEAKNESS: "bad", LaneKind.DELIGHT: "good", LaneKind.STRENGTH: "good"}
_MARKED = "marked by "
#: What the id of a map begins with that got it from its title.
_UNSAVED = "journey: "
#: What can be asked of the map of another day, and what is never about another day.
READING = frozenset({"evidence", "find", "form", "overlay"})
ALWAYS_NOW = frozenset({"hello", "changes", "versions", "as_of"})


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
        self._funnels: Mapping[str, StageFunnel] | None = None
        self._then: tuple[tuple[str, str], JourneyDesk] | None = None
        self._open(title, give=bool(persona or segment))
        self.ops |= {"open": self._open_another, "overlay": self._overlay, "as_of": self._as_of}
        self.ops |= {
            "moment": self.doing(lambda r: f"moment of truth {self._name(r)}", self._on_document(self._moment)),
            "critical": self.doing(lambda r: f"critical moment {self._name(r)}", self._on_document(self._critical)),
            "copy": self.doing(lambda r: f'new map "{r["title"]}"', self._copy),
        }
        self.ops = {op: do if op in ALWAYS_NOW else self._now_or_then(op, do) for op, do in self.ops.items()}

    # another day

    def _now_or_then(self, op: str, do: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        """A request that is about the map as it is, or, where it names a day in the past, as it was."""

        def asked(request: Request) -> Answer:
            if self.study.as_of is not None and op not in READING:
                raise BadSetting(
                    "journey map", f"{_as_it_was(self.study.as_of)}, and what was cannot be changed", "Go back to today first."
                )
            day = "" if self.study.as_of is not None else str(request.get("past") or "")
            return self._at(day).ops[op](request) if day else do(request)

        return asked

    def _as_of(self, request: Request) -> Answer:
        """The map as it was at the end of a day; without a day, or today, as it is."""
        day, today = str(request.get("day") or ""), self.db.clock().date().isoformat()
        if day > today:
            raise BadSetting("as of a day", f'"{day}" is not over yet', f"Choose a day up to today, {today}.")
        return {"state": self.state() if day in ("", today) else self._at(day).state()}

    def _at(self, day: str) -> JourneyDesk:
        """A desk of this map as it was at the end of a day, which answers and changes nothing."""
        if self._then is None or self._then[0] != (day, self.id):
            then = Study(self.study.folder, self.study.settings, self.db, coder=self.coder, as_of=moment_of(day))
            persona, segment = self._about
            known = any(j.id == self.id for j in then.journeys)
            desk = JourneyDesk(then, coder=self.coder, title=self.id if known else self._title, persona=persona, segment=segment)
            desk.id = self.id
            self._then = (day, self.id), desk
        return self._then[1]

    def truth(self, request: Request) -> Answer:
        """The map as it is; where another day was asked about, nothing, so that the view stays at that day."""
        return {} if request.get("past") else super().truth(request)

    def effect(self, touched: Touched, request: Request) -> Answer:
        """What others have changed reaches a view that shows another day when it is back at today."""
        found = super().effect(touched, request)
        return {} if request.get("past") else found

    def _versions(self, request: Request) -> Answer:
        """The versions, and up to which day the map can be shown as it was."""
        return {**super()._versions(request), "today": self.db.clock().date().isoformat()}

    def _saved(self) -> Journey | None:
        return next((j for j in self.study.journeys if j.id == self.id), None)

    def _open(self, title: str, *, give: bool = False) -> None:
        """Turn to a map; ``give`` one of a persona that was removed to whom this desk was opened for."""
        saved = self.study.journeys
        was = (self.id, self._title, self._about) if self.id else None
        about = (self._new["persona"], self._new["segment"])
        found = next((j for j in saved if title in (j.id, j.title, j.id.removeprefix(_UNSAVED))), None) if title else None
        if found is None and not title:
            found = next((j for j in saved if (j.persona, j.segment) == about and j.state == JourneyState.AS_IS), None)
        named = [self.study.settings.title, *(x for x in about if x)]
        self._title = title or " · ".join(named)
        if found is None:
            self._check_readable()
        elif not give:
            check_people(found, self.study.personas)
        self.id = found.id if found else f"{_UNSAVED}{self._title}"
        self._about = (found.persona, found.segment) if found and not self._lost(found) else about
        self._built = self._funnels = None
        try:
            self._current = self.make(found)
        except WorkbenchError:
            if was:
                self.id, self._title, self._about = was
            raise

    def _lost(self, saved: Journey) -> bool:
        """Whether a map is of a persona that was removed."""
        try:
            check_people(saved, self.study.personas)
        except BadSetting:
            return True
        return False

    def _check_readable(self) -> None:
        """Stop before a map is begun in the place of one that is kept and cannot be read."""
        for damaged in self.study.unreadable:
            if damaged.kind is Journey and self._title in (damaged.id, damaged.name, damaged.id.removeprefix(_UNSAVED)):
                advice = f'{damaged} Or begin another: wb.JourneyMap(study, "another title").'
                raise BadSetting(f'journey map "{damaged.name}"', "it cannot be shown", advice)

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

    @property
    def funnels(self) -> Mapping[str, StageFunnel]:
        """The funnels inside the stages, by stage."""
        if self._funnels is None:
            tables = self.shelf.tables
            self._funnels = StageFunnels(tables.events, tables.settings.stages).of_journey(self.built)
        return self._funnels

    def make(self, saved: Journey | None) -> Journey:
        """What people wrote, laid over what the data say."""
        if saved is None:
            return self.built
        theirs = replace(saved, persona=self._about[0], segment=self._about[1])
        return with_own_evidence(rebuild_journey(theirs, self.built), theirs, self.shelf.tables)

    def to_save(self, shown: Journey) -> Journey:
        """Stages, lanes, steps, and what people wrote on them."""
        return written_part(shown, self.built)

    def forget(self, touched: Touched) -> None:
        """Build anew when data or another document were touched: personas and opportunities are on the map too."""
        self._then = None  # a consent may have ended, and holds for the past too
        if touched.keys() - {"document"} or touched.get("document", set()) - {self.id}:
            self._built = self._shelf = self._funnels = None  # the shelf holds personas and opportunities too
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
        saved = self.study.journeys
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
            "trouble": [str(damaged) for damaged in self.study.unreadable],
            **({"past": {"day": f"{self.study.as_of:%Y-%m-%d}", "words": _as_it_was(self.study.as_of)}} if self.study.as_of else {}),
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
            "felt": curve, "hand": felt.hand_set, "steps": steps, "funnel": funnel_in_words(self.funnels[s.id]) if s.id in self.funnels else None,
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
        if not any(j.id == request["of"] for j in self.study.journeys) and request["of"] != self.id:
            raise UnknownName("journey map", str(request["of"]), [j.title for j in self.study.journeys])
        self._open(str(request["of"]))
        return {"state": self.state()}

    def _copy(self, transaction: Any, request: Request) -> None:
        """The same map under another title, as what is wanted."""
        title = str(request["title"]).strip()
        if any(j.title == title for j in self.study.journeys) or not title:
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
        return journey_form(self.current, of, self.built, self.study.journeys)

    def filled(self, doc: Journey, of: str, values: Mapping[str, Any], *, remove: bool) -> Journey:
        """The map with what was written in a form."""
        return filled_journey(doc, of, values, self.built, self.study.journeys, remove=remove)


def _in_order_of_kind(doc: Journey) -> list[Lane]:
    """The lanes as a map of this kind shows them, then the others that hold something."""
    shown = list(shown_as(doc, doc.kind).lanes)
    held = {c.lane for c in doc.cells if c.statements}
    return [*shown, *(lane for lane in doc.lanes if lane not in shown and lane.name in held)]


def _as_it_was(moment: datetime) -> str:
    return f"this is the map as it was at the end of {moment:%-d %B %Y}"


def _in_short(e: Estimate) -> str:
    return f"{number(e)} ({interval(e)})"
