"""What the persona builder asks of a study: personas, trait by trait with their evidence, proposed from groups and held against data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from workbench.analysis.persona_checks import population_share, validate_persona
from workbench.analysis.persona_evidence import rest_on_codes
from workbench.analysis.personas import describe_group, propose_personas
from workbench.analysis.scope import find_persona, show_segment
from workbench.charts.persona_picture import picture_of
from workbench.errors import BadSetting, WorkbenchError
from workbench.model import Basis, EmpathyMap, Estimate, Journey, Persona, Quote, Statement, Trait, TraitKind
from workbench.store import Transaction, load_documents, remove_document, save_document
from workbench.study import Study
from workbench.widgets import persona_forms as forms
from workbench.widgets import persona_shown as shown
from workbench.widgets.canvas_desk import StatementCanvas
from workbench.widgets.saving import Answer, Request, Touched


class PersonaDesk(StatementCanvas[Persona]):
    """Answers the requests of a persona builder for one coder.

    Every request says with ``doc`` which persona its view shows: two views, or one that was loaded again, may show others.

    Parameters
    ----------
    persona : name of the one to show first; without it the first one
    """

    kind = Persona

    def __init__(self, study: Study, *, coder: str, persona: str | None = None) -> None:
        self._blank = uuid4().hex
        super().__init__(study, coder=coder, id=self._blank)
        self._stay_somewhere()
        if persona is not None:
            self.id = find_persona(self._personas(), persona).id
        on_document = {
            "place": (lambda r: f"place on {r['scale']}", self._place),
            "keep_checks": (lambda _: f"checks of {self.title(self.current)}", self._keep_checks),
        }
        self.ops |= {op: self.doing(label, self._on_document(do)) for op, (label, do) in on_document.items()}
        self.ops |= {
            "open": self._open, "new": self._new, "duplicate": self._duplicate, "remove_persona": self._remove_persona, "propose": self._propose,
            "describe": self._describe, "accept": self._accept, "validate": self._validate, "compare": self._compare,
        }  # fmt: skip

    # which persona

    def answer(self, request: Request) -> Answer:
        """Do what is asked, of the persona that the request is about."""
        if request.get("doc") and request["doc"] != self.id:
            self.id, self._current = str(request["doc"]), None
        return super().answer(request)

    def _personas(self) -> list[Persona]:
        return load_documents(self.db, Persona)

    def _turn_to(self, id: str) -> None:
        self.id, self._current = id, None

    def _stay_somewhere(self, near: Collection[str] = ()) -> None:
        """Where the persona that was shown is gone, show another one."""
        ids = [p.id for p in self._personas()]
        if self.id not in ids:
            self._turn_to(next((id for id in near if id in ids), ids[0] if ids else self._blank))

    def truth(self, request: Request) -> Answer:
        """The canvas as it is; a form that could not be saved opens again with what was written in it."""
        self._stay_somewhere()
        told = super().truth(request)
        if request.get("op") == "fill" and not request.get("remove"):
            with suppress(WorkbenchError, KeyError):
                told["form"] = {"of": request["of"], **self.form(str(request["of"])), "mine": dict(request["values"])}
        return told

    def effect(self, touched: Touched, request: Request) -> Answer:
        """The whole canvas; what was undone in another persona is shown there."""
        documents = touched.get("document", set())
        if request["op"] in ("undo", "redo") and documents and self.id not in documents:
            ids = {p.id for p in self._personas()}
            self._turn_to(next((id for id in sorted(documents) if id in ids), self.id))
        self._stay_somewhere()
        return super().effect(touched, request)

    def _hello(self, request: Request) -> Answer:
        self._stay_somewhere()
        return super()._hello(request)

    # the persona as it is shown

    def make(self, saved: Persona | None) -> Persona:
        """A saved persona with its evidence as it is now; an empty one where the study has none."""
        if saved is None:
            if self._personas():
                raise BadSetting("persona", "it is not there any more", "Somebody removed it; choose another one at the top.")
            return Persona(self.id, "New persona")
        named = rest_on_codes(self.shelf.tables, shown.with_trait_ids(saved))
        traits = tuple(replace(t, statement=self._renewed(t)) for t in named.traits)
        quotes = self.shelf.quotes([saved.quote.coding]) if saved.quote else ()
        share = self._share(saved)
        return self._finished(replace(named, traits=traits, quote=quotes[0] if quotes else None, share=share))

    def _share(self, doc: Persona) -> Estimate | None:
        return population_share(self.shelf.tables, doc) if doc.segment else doc.share

    def _renewed(self, t: Trait) -> Statement:
        now = self.shelf.renewed(t.statement, shown.known_basis(t.kind))
        return now if now.evidence else replace(now, basis=Basis.ASSUMED, said_by=(), n_of=0)

    def _finished(self, doc: Persona) -> Persona:
        return replace(doc, traits=shown.counted(doc.traits, shown.people_behind(doc, self.shelf.tables.participants)))

    def lists(self, doc: Persona) -> Mapping[str, Sequence[Statement]]:
        """One list for each kind of trait."""
        return {kind.value: [t.statement for t in doc.traits if t.kind == kind] for kind in shown.NAMES}

    def with_list(self, doc: Persona, id: str, statements: Sequence[Statement]) -> Persona:
        """Other traits of one kind; each keeps its stage."""
        stage = {t.statement.id: t.stage for t in doc.traits}
        own = tuple(Trait(TraitKind(id), s, stage.get(s.id, "")) for s in statements)
        return replace(doc, traits=(*(t for t in doc.traits if t.kind != id), *own))

    def _move(self, doc: Persona, request: Request) -> Persona:
        stage = {t.statement.id: t.stage for t in doc.traits}
        moved = super()._move(doc, request)
        return replace(moved, traits=tuple(replace(t, stage=stage[t.statement.id]) for t in moved.traits))

    def basis(self, list_id: str) -> Basis:
        """Goals and needs are read into what people say."""
        return shown.known_basis(TraitKind(list_id))

    def tone(self, list_id: str) -> str:
        """What hinders and what pleases."""
        return shown.TONES.get(TraitKind(list_id), "")

    @staticmethod
    def _is_own(s: Statement) -> bool:  # noqa: ARG004
        """A persona is what people made of it: a trait that a code brought may go, and may get more evidence."""
        return True

    def _reword(self, doc: Persona, request: Request) -> Persona:
        changed = super()._reword(doc, request)

        def by(s: Statement) -> Statement:  # a trait of a code keeps saying so
            return replace(s, asserted_by="", reworded_by=self.coder) if s.code else s

        return self._changed(changed, request["item"], by)

    def more(self, s: Statement, list_id: str) -> Answer:  # noqa: ARG002
        """The stage that it belongs to, and what came of its last check."""
        doc = self.current
        stage = next((t.stage for t in doc.traits if t.statement.id == s.id), "")
        said = shown.last_checks(doc)
        checked = [said[claim] for claim in (s.text, *(m.name for m in s.measures)) if claim in said]
        words = [self._stage_names.get(stage, stage), *(shown.mark(c) for c in checked)]
        return {
            "form": True, "extra": " · ".join(w for w in words if w), "elsewhere": s.note if shown.is_count(s.note) else "",
            "checked": " ".join(f"{shown.mark(c)} on {c.on}: {c.against}" for c in checked),
        }  # fmt: skip

    def note(self, s: Statement) -> str:
        """A proposal notes how many say it here and elsewhere; that is nobody's remark."""
        return "" if shown.is_count(s.note) else s.note

    @property
    def _stage_names(self) -> dict[str, str]:
        return {s.id: s.name for s in self.study.settings.stages}

    def frame(self, doc: Persona) -> Answer:
        """The tabs, the card, objectives by stage, scales and checks."""
        people, personas = self.shelf.tables.participants, self._personas()
        heard = people[people["heard"].astype(bool)]
        return {
            "doc": doc.id, "names": {k.value: n for k, n in shown.NAMES.items()}, "hints": {k.value: n for k, n in shown.HINTS.items()},
            "filled": sorted({t.kind.value for t in doc.traits}), "saved": any(p.id == doc.id for p in personas),
            "personas": [{"id": p.id, "name": p.name, "n": len(shown.people_behind(p, people))} for p in personas],
            "pictures": {name: picture_of(name) for name in {doc.name, *(p.name for p in personas)}},
            "card": shown.card(doc, people), "objectives": shown.objectives(doc, self.study.settings.stages), "scales": shown.scales(doc, people),
            "heard": [{"who": str(a), "name": n} for a, n in heard["pseudonym"].items()], "checks": shown.as_rows(doc.checks),
        }  # fmt: skip

    def title(self, doc: Persona) -> str:
        """``the persona …``."""
        return f"the persona {doc.name}"

    def changes_since(self, before: Persona, now: Persona) -> list[str]:
        """What came, went or says something else, in sentences."""
        return shown.changes(before, now, self.shelf.tables.participants, self._stage_names)

    # forms

    def form(self, of: str) -> Answer:
        """The card, who stands behind it, the scenario, the quote, a scale, a trait."""
        return forms.form_of(self.current, of, self.shelf.tables.participants, self._stage_names)

    def filled(self, doc: Persona, of: str, values: Mapping[str, Any], *, remove: bool) -> Persona:
        """The persona with what was written in a form."""
        what, _, which = of.partition(":")
        if what == "scale":
            return forms.with_scale(doc, which, values, remove=remove)
        if what == "item":
            return forms.with_stage(doc, which, str(values["stage"]))
        now = forms.with_people(forms.with_texts(doc, values), values, self.shelf.tables.participants)
        if "name" in values:
            now = replace(now, name=self._free_name(str(values["name"]).strip(), doc.id))
        if "quote" in values:
            now = replace(now, quote=self._quote(str(values["quote"])))
        return now if now.segment == doc.segment else replace(now, share=self._share(replace(now, share=None)))

    def _quote(self, coding: str) -> Quote | None:
        found = self.shelf.quotes([coding]) if coding else ()
        return found[0] if found else None

    def _free_name(self, name: str, id: str) -> str:
        others = {p.name.casefold() for p in self._personas() if p.id != id}
        if not name or name.casefold() in others:
            problem = "another persona has this name" if name else "it has no name"
            raise BadSetting(f'persona "{name}"', problem, "Maps find a persona by its name: give it one of its own.")
        return name

    def _on_document(self, do: Callable[[Persona, Request], Persona]) -> Callable[[Transaction, Request], object]:
        """As for every canvas; maps of a persona that gets another name go with it."""
        edit = super()._on_document(lambda doc, request: self._finished(do(doc, request)))

        def edit_with_maps(transaction: Transaction, request: Request) -> None:
            before = self.current.name
            edit(transaction, request)
            if self.current.name != before:
                self._rename_in_maps(transaction, before, self.current.name)

        return edit_with_maps

    def _rename_in_maps(self, transaction: Transaction, before: str, now: str) -> None:
        for journey in load_documents(self.db, Journey):
            if journey.persona == before:
                save_document(transaction, replace(journey, persona=now))
        for map in load_documents(self.db, EmpathyMap):
            if map.persona == before:  # an empathy map is found by an id that holds the name
                remove_document(transaction, map.id)
                save_document(transaction, replace(map, persona=now, about=map.about.replace(before, now), id=map.id.replace(before, now)))

    def _place(self, doc: Persona, request: Request) -> Persona:
        return forms.with_place(doc, str(request["scale"]), str(request["who"]), request["at"], self.shelf.tables.participants)

    # several personas

    def _open(self, request: Request) -> Answer:
        self._turn_to(str(request["of"]))
        return {"state": self.state()}

    def _saving(self, request: Request, action: str, do: Callable[[Transaction], object], go_to: str | None) -> Answer:
        """Something is done to personas as a whole, and one of them is shown then."""
        touched = self.once(request, action, do)
        self.forget(touched)
        if go_to:
            self._turn_to(go_to)
        self._stay_somewhere()
        return {"state": self.state(), "undo": action, "redo": ""}

    def _new(self, request: Request) -> Answer:
        made = Persona(str(request["item"]), self._unlike_others("New persona"))
        return self._saving(request, "new persona", lambda t: save_document(t, made), made.id)

    def _duplicate(self, request: Request) -> Answer:
        of = self.current
        made = replace(of, id=str(request["item"]), name=self._unlike_others(f"{of.name}, a copy"), checks=(), version=1)
        return self._saving(request, f"duplicate {self.title(of)}", lambda t: save_document(t, made), made.id)

    def _remove_persona(self, request: Request) -> Answer:
        personas = self._personas()
        ids = [p.id for p in personas]
        gone = next((p for p in personas if p.id == self.id), None)
        if gone is None:
            return {"state": self.truth(request)["state"]}
        k = ids.index(gone.id)
        beside = (ids[k + 1 :] or ids[:k][::-1] or [None])[0]
        return self._saving(request, f"remove {self.title(gone)}", lambda t: remove_document(t, gone.id), beside)

    def _unlike_others(self, name: str) -> str:
        taken = {p.name.casefold() for p in self._personas()}
        return next(n for k in range(1, len(taken) + 2) if (n := name if k == 1 else f"{name} {k}").casefold() not in taken)

    # proposals and checks

    def _propose(self, request: Request) -> Answer:
        k = request.get("k")
        return {"proposal": shown.proposal_shown(self.study, propose_personas(self.study, k=k), k)}

    def _describe(self, request: Request) -> Answer:
        """Two groups as one."""
        return {"merged": shown.group_shown(self.study, request["group"], str(request["called"]), request["everybody"])}

    def _accept(self, request: Request) -> Answer:
        made = [
            replace(describe_group(self.study, g["group"], str(g["called"]), among=request["everybody"]), id=str(g["item"]))
            for g in request["groups"]
        ]
        made = [replace(p, name=self._unlike_others(p.name)) for p in made]
        called = f'accept "{made[0].name}"' if len(made) == 1 else f"accept {len(made)} personas"
        return self._saving(request, called, lambda t: [save_document(t, p) for p in made], made[0].id)

    def _checks(self, doc: Persona, request: Request) -> tuple[Any, ...]:
        since = date.fromisoformat(request["since"]) if request.get("since") else None
        on = date.fromisoformat(request["on"]) if request.get("on") else None
        return validate_persona(self.study, shown.visible(doc), since, on=on)

    def _validate(self, request: Request) -> Answer:
        doc = shown.visible(self.current)
        checks = self._checks(doc, request)
        silent = [t.statement.text for t in doc.traits if not t.statement.code and not t.statement.measures]
        on = str(checks[0].on) if checks else ""
        return {"held": {"checks": shown.as_rows(checks), "since": request.get("since", ""), "on": on, "silent": silent, "name": doc.name}}

    def _keep_checks(self, doc: Persona, request: Request) -> Persona:
        return replace(doc, checks=tuple(dict.fromkeys((*doc.checks, *self._checks(doc, request)))))

    def _compare(self, _request: Request) -> Answer:
        made = [self.make(p) for p in self._personas()]
        return {"side": shown.side_by_side(made, self.shelf.tables.participants)}

    def as_html_state(self) -> Answer:
        """The lists of the canvas under the fields of the card, for where nothing can be asked."""
        doc, state = self.current, self.state()
        facts = [(n, v) for n, v in (*state["card"]["facts"], *doc.demographics.items(), ("Segment", show_segment(doc.segment))) if v]
        told = [
            ("Summary", doc.summary),
            ("Scenario", doc.scenario),
            ("Share of the population", (state["card"]["share"] or {}).get("words", "")),
        ]
        head = [
            {"text": f"{n}: {v}", "hidden": False, "n": 0, "of": 0, "measured": None, "assumed": False} for n, v in (*facts, *told) if v
        ]
        return {"names": {**state["names"], "card": doc.name}, "lists": {"card": head, **state["lists"]}}
