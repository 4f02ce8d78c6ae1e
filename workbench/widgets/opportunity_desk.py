"""What the opportunity board asks of a study: opportunities by where they stand, what speaks for each, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from workbench.analysis.alerts import Alert, find_alerts
from workbench.analysis.effects import effect_of
from workbench.analysis.journey import build_journey
from workbench.analysis.opportunities import LIFE_CYCLE, propose_opportunities, rank_opportunities
from workbench.errors import BadSetting, UnknownName, WorkbenchError
from workbench.model import Basis, Idea, Journey, Opportunity, OpportunityStatus, Statement
from workbench.store import Transaction, earlier_states, last_editor, load_documents, remove_document, save_document
from workbench.study import Study
from workbench.widgets.canvas_desk import _DATA, Canvas
from workbench.widgets.evidence import evidence_behind, in_figures, measure_key
from workbench.widgets.opportunity_cards import (
    HINTS,
    behind,
    by_id,
    card,
    card_form,
    effect_in_words,
    filled_card,
    from_alert,
    idea_form,
    question,
    ranking_row,
)
from workbench.widgets.opportunity_ideas import choose_idea, find_idea, idea_values, with_idea, with_other, without_idea
from workbench.widgets.saving import Answer, Request, Touched

Edit = Callable[[Transaction, Request], object]


class OpportunityDesk(Canvas):
    """Answers the requests of an opportunity board for one coder.  Every card is a document of its own."""

    def __init__(self, study: Study, *, coder: str) -> None:
        super().__init__(study, coder=coder)
        self._forget_cards()
        self._journey: Journey | None = None
        self._alerts: list[Alert] | None = None
        self._trouble = ""
        edits: dict[str, tuple[Callable[[Request], str], Edit]] = {
            "add": (lambda r: f'write "{_short(r["text"])}"', self._add),
            "accept": (lambda _: "take up what was proposed", self._accept),
            "take_alert": (lambda _: "make an opportunity of an alert", self._take_alert),
            "remove": (lambda r: f"remove {self._name(r)}", lambda t, r: remove_document(t, self._card(r).id)),
            "drop": (lambda r: f"{'drop' if r['dropped'] else 'take up again'} {self._name(r)}", self._drop),
            "move": (lambda r: f"move {self._name(r)} to {r['list']}", self._move),
            "reword": (lambda r: f"reword {self._name(r)}", self._on_card(self._reworded)),
            "note": (lambda r: f"note on {self._name(r)}", self._on_card(self._noted)),
            "attach": (lambda r: f"evidence for {self._name(r)}", self._on_card(self._attached)),
            "detach": (lambda r: f"less evidence for {self._name(r)}", self._on_card(self._detached)),
            "fill": (lambda r: f"fill in {self._name(_card_of(r))}", lambda t, r: self._on_card(self._filled)(t, {**r, **_card_of(r)})),
            "idea": (lambda r: f'idea "{_short(r["text"])}"', self._on_card(with_idea)),
            "vote": (lambda r: f'{"vote for" if r["vote"] else "no vote for"} "{_short(r["idea"])}"', self._on_card(self._voted)),
            "choose": (lambda r: f'{"choose" if r["chosen"] else "do not choose"} "{_short(r["idea"])}"', self._on_card(choose_idea)),
            "drop_idea": (lambda r: f'remove the idea "{_short(r["idea"])}"', self._on_card(without_idea)),
        }  # fmt: skip
        self.ops |= {op: self.doing(label, do) for op, (label, do) in edits.items()}
        self.ops |= {"evidence": self._evidence, "propose": self._propose}

    # reading

    @property
    def cards(self) -> dict[str, Opportunity]:
        """The opportunities as they are, by id."""
        if self._cards is None:
            self._cards = {o.id: o for o in load_documents(self.db, Opportunity)}
        return self._cards

    @property
    def journey(self) -> Journey | None:
        """The map that the cards are held against; none when it cannot be built, which :attr:`_trouble` then says."""
        if self._alerts is None:
            self._read_study()
        return self._journey

    @property
    def alerts(self) -> list[Alert]:
        """What somebody should look at."""
        if self._alerts is None:
            self._read_study()
        return self._alerts or []

    def state(self) -> Answer:
        """The cards by where they stand, the ranking and the alerts."""
        if self._state is None:
            self._state = self._made_state()
        return self._state

    def forget(self, touched: Touched) -> None:
        """Read anew what was touched."""
        super().forget(touched)
        self._forget_cards()
        if touched.keys() & _DATA:
            self._alerts = None

    def truth(self, request: Request) -> Answer:
        """The board as it is; what was written in a form that could not be saved is in it again."""
        self._forget_cards()
        try:
            written = _written(request)
            of = str(written.get("of", ""))
            form = {"form": {"of": of, **self.form(of), "mine": dict(written["values"])}} if written else {}
        except (WorkbenchError, KeyError, TypeError, ValueError, AttributeError):
            form = {}  # the card is gone, and the sentence says so
        return {"state": self.state(), **form}

    def form(self, of: str) -> Answer:
        """The form of a card or of an idea."""
        o, idea = self._of(of)
        if idea is None:
            return {"title": f"How might we {o.how_might_we}", "fields": card_form(o, self.study.settings)}
        return {"title": f"Idea for “{o.how_might_we}”", "fields": idea_form(idea), "remove": "Remove this idea"}

    def _forget_cards(self) -> None:
        self._cards: dict[str, Opportunity] | None = None
        self._state: Answer | None = None
        self._effects: dict[str, Answer] = {}

    def _read_study(self) -> None:
        self._journey, self._alerts, self._trouble = None, [], ""
        try:
            self._journey = build_journey(self.shelf.tables)
            self._alerts = find_alerts(self.shelf.tables)
        except WorkbenchError as error:
            self._trouble = str(error)

    def _renewed(self, o: Opportunity) -> Opportunity:
        return replace(o, statement=self.shelf.renewed(o.statement, o.statement.basis)) if o.statement else o

    def _made_state(self) -> Answer:
        cards = [self._renewed(o) for o in self.cards.values()]
        ranking = by_id(rank_opportunities(cards, self.journey))
        order = {id: k for k, id in enumerate(ranking)}
        cards.sort(key=lambda o: (_rank(o) is None, _rank(o) or 0, order[o.id]))
        items = {o.id: card(o, behind(o, self.journey), ranking[o.id], self.study.settings, self.coder) for o in cards}
        return {
            "lists": {status.value: [items[o.id] for o in cards if o.status == status] for status in LIFE_CYCLE},
            "names": {s.value: s.value.capitalize() for s in LIFE_CYCLE}, "hints": {s.value: hint for s, hint in HINTS.items()},
            "title": "opportunities", "ranking": [ranking_row(row) for row in ranking.values()],
            "alerts": [self._notice(a) for a in self.alerts], "trouble": self._trouble,
        }  # fmt: skip

    def _notice(self, alert: Alert) -> Answer:
        """An alert and, where it has one, its card."""
        made = from_alert(alert)
        same = [o.id for o in self.cards.values() if o.measure and (o.measure, dict(o.segment)) == (made.measure, dict(made.segment))]
        return {"key": _key(alert), "sentence": alert.sentence, "card": made.id if made.id in self.cards else "", "beside": same}

    def _evidence(self, request: Request) -> Answer:
        o = self._renewed(self._card(request))
        found = evidence_behind(behind(o, self.journey), o.id)
        if o.shipped or o.status == OpportunityStatus.SHIPPED:
            found["effect"] = self._effect(o)
        return {"evidence": found}

    def _effect(self, o: Opportunity) -> Answer:
        if o.id not in self._effects:
            try:
                self._effects[o.id] = effect_in_words(effect_of(self.shelf.tables, o))
            except WorkbenchError as error:
                self._effects[o.id] = {"lacks": str(error)}
        return self._effects[o.id]

    def _propose(self, _request: Request) -> Answer:
        rows = []
        found = [(o, behind(o, self.journey)) for o in self._proposals()]
        for o, said in sorted(found, key=lambda pair: -pair[1].n):
            count = f"{said.n} of {said.n_of}" if said.n_of else in_figures(said.measures[0].estimate) if said.measures else ""
            rows.append(
                {"id": o.id, "text": f"How might we {o.how_might_we}", "count": count, "from": o.statement.text if o.statement else ""}
            )
        return {"proposals": rows}

    def _proposals(self) -> tuple[Opportunity, ...]:
        if self.journey is None:
            raise BadSetting("proposals", "there is no map to propose from", self._trouble)
        return propose_opportunities(replace(self.journey, opportunities=tuple(self.cards.values())))

    def _card(self, request: Request) -> Opportunity:
        o = self.cards.get(str(request["item"]))
        if o is None:
            written = f' Yours was: "{words}".' if (words := _words(request)) else ""
            raise BadSetting(
                "opportunity", "this card is not there any more", f"Somebody took it away; the history of the study has it.{written}"
            )
        return o

    def _of(self, of: str) -> tuple[Opportunity, Idea | None]:
        """The card that a form is about, and the idea."""
        request = _card_of({"of": of})
        o = self._card(request)
        return o, find_idea(o, request["idea"]) if "idea" in request else None

    def _name(self, request: Request) -> str:
        o = self.cards.get(str(request["item"]))
        return f'"{_short(o.how_might_we)}"' if o else "an opportunity"

    # writing

    def _on_card(self, change: Callable[[Opportunity, Request], Opportunity]) -> Edit:
        def edit(transaction: Transaction, request: Request) -> None:
            self._forget_cards()  # what others did since is under this change
            o = self._card(request)
            if request["op"] == "fill" and "idea" in request and request["idea"] not in {i.text for i in o.ideas}:
                found = "somebody took it away or gave it other words"
                raise BadSetting(f'idea "{_short(request["idea"])}"', found, f'Yours was: "{_words(request)}".')
            self._check_nobody_else_did(transaction, o, request)
            save_document(transaction, change(o, request))

        return edit

    def _check_nobody_else_did(self, transaction: Transaction, o: Opportunity, request: Request) -> None:
        """Stop an edit of a field that says something else now than its writer saw."""
        written = _written(request)
        if not written or not request.get("before"):
            return
        before = request["before"] if isinstance(request["before"], Mapping) else {next(iter(written["values"])): request["before"]}
        for f in self.form(str(written["of"]))["fields"]:
            name, now = f["name"], f"{f['value']}"
            if name in before and now not in (f"{before[name]}", f"{written['values'][name]}"):
                who = last_editor(transaction, o.id) or "somebody"
                found = f'{who} made it "{now}" meanwhile' if now else f"{who} emptied it meanwhile"
                raise BadSetting(
                    f"{f['label']}, “{_short(o.how_might_we)}”", found, "Yours is still in the form: save it over that, or leave it."
                )

    def _add(self, transaction: Transaction, request: Request) -> None:
        made = Opportunity(str(request["item"]), question(request["text"]), status=_status(request["list"]))
        save_document(transaction, self._attached(made, request) if request.keys() & {"codings", "measures"} else made)

    def _accept(self, transaction: Transaction, request: Request) -> None:
        self._forget_cards()
        chosen = [o for o in self._proposals() if o.id in request["items"]]
        if not chosen:
            raise BadSetting("proposals", "none of these is proposed any more", "Look at the board: somebody may have taken them up.")
        for o in chosen:
            save_document(transaction, o)

    def _take_alert(self, transaction: Transaction, request: Request) -> None:
        self._forget_cards()
        alert = next((a for a in self.alerts if _key(a) == request["alert"]), None)
        if alert is None:
            raise BadSetting("alert", "it is not raised any more", "The data have changed since; look at the row of alerts.")
        made = from_alert(alert)
        if made.id in self.cards:
            raise BadSetting("alert", "it is on the board already", f"Look for “{made.how_might_we}”.")
        save_document(transaction, made)

    def _move(self, transaction: Transaction, request: Request) -> None:
        """To another status, where its worth says its place; or to a place that somebody gives it."""
        self._forget_cards()
        o, to = self._card(request), _status(request["list"])
        if o.status != to and request.get("before") is None:
            save_document(transaction, replace(_ranked(o, None), status=to))
            return
        ids = [item["id"] for item in self.state()["lists"][to.value] if item["id"] != o.id]
        place = ids.index(request["before"]) if request.get("before") in ids else len(ids)
        ids.insert(place, o.id)
        for k, id in enumerate(ids, 1):
            save_document(transaction, replace(_ranked(self.cards[id], k), status=to))

    def _drop(self, transaction: Transaction, request: Request) -> None:
        """Drop a card, or take it up again where it was before."""
        self._forget_cards()
        o, status = self._card(request), OpportunityStatus.DROPPED
        if not request["dropped"]:
            before = (was.status for was in earlier_states(transaction, Opportunity, o.id))
            status = next((s for s in before if s != OpportunityStatus.DROPPED), OpportunityStatus.PROPOSED)
        save_document(transaction, replace(_ranked(o, None), status=status))

    def _reworded(self, o: Opportunity, request: Request) -> Opportunity:
        return replace(o, how_might_we=question(request["text"]))

    def _noted(self, o: Opportunity, request: Request) -> Opportunity:
        return replace(o, note=str(request["text"]).strip())

    def _attached(self, o: Opportunity, request: Request) -> Opportunity:
        """With evidence of its own, beside what its codes say."""
        own = o.statement or Statement("", Basis.ASSUMED, asserted_by=self.coder)
        kept = () if own.code and own.code in o.codes else own.evidence  # its code says that by itself, and keeps it up to date
        pieces = [*kept, *self.shelf.quotes(request.get("codings", ())), *self.shelf.measures(request.get("measures", ()))]
        return replace(o, statement=self.shelf.support(replace(own, code=""), pieces, Basis.OBSERVED))

    def _detached(self, o: Opportunity, request: Request) -> Opportunity:
        key, own = request["key"], o.statement
        kept = [*(q for q in own.quotes if q.coding != key), *(m for m in own.measures if measure_key(m) != key)] if own else []
        left = replace(o, statement=self.shelf.support(own, kept, Basis.OBSERVED)) if own else o
        if own is None or any(q.coding == key for q in behind(left, self.journey).quotes):
            raise BadSetting(
                "evidence",
                f"it comes with a code of the card ({', '.join(o.codes)})",
                "Take the code off the card (d), or off the passage.",
            )
        return left

    def _filled(self, o: Opportunity, request: Request) -> Opportunity:
        values = request["values"]
        if "idea" in request:
            idea = find_idea(o, request["idea"])
            return without_idea(o, request) if request.get("remove") else with_other(o, idea, replace(idea, **idea_values(o, idea, values)))
        return filled_card(o, values, self.study.settings, [c.name for c in self.shelf.tables.codebook])

    def _voted(self, o: Opportunity, request: Request) -> Opportunity:
        idea = find_idea(o, request["idea"])
        others = tuple(who for who in idea.voted_by if who != self.coder)
        return with_other(o, idea, replace(idea, voted_by=(*others, self.coder) if request["vote"] else others))


def _status(value: Any) -> OpportunityStatus:
    if value not in set(OpportunityStatus):
        raise UnknownName("status", str(value), [s.value for s in OpportunityStatus])
    return OpportunityStatus(value)


def _rank(o: Opportunity) -> int | None:
    return o.statement.rank if o.statement else None


def _ranked(o: Opportunity, rank: int | None) -> Opportunity:
    """At a place that somebody gave it; an opportunity keeps it with its statement."""
    if o.statement is None and rank is None:
        return o
    return replace(o, statement=replace(o.statement or Statement("", Basis.ASSUMED), rank=rank))


def _card_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The card, and the idea, that a form is about: ``item:…``, or ``idea:…`` with the idea in the next line."""
    kind, _, rest = str(request["of"]).partition(":")
    id, _, idea = rest.partition("\n")
    return {"item": id, "idea": idea} if kind == "idea" else {"item": rest}


def _written(request: Request) -> dict[str, Any]:
    """What somebody wrote, as the form that holds it: ``of`` and ``values``; nothing when a request writes nothing."""
    match request.get("op"):
        case "fill" if not request.get("remove"):
            return {"of": request["of"], "values": request["values"]}
        case "reword":
            return {"of": f"item:{request['item']}", "values": {"how_might_we": request["text"]}}
        case "note":
            return {"of": f"item:{request['item']}", "values": {"note": request["text"]}}
    return {}


def _words(request: Request) -> str:
    values: Sequence[Any] = (*_written(request).get("values", {}).values(), *([request["text"]] if request.get("op") == "idea" else []))
    return "; ".join(str(v) for v in values if v)


def _key(alert: Alert) -> str:
    """What an alert is told by: another look at the same data gives the same one, other numbers another."""
    return uuid5(NAMESPACE_OID, f"{alert.kind}/{alert.stage}/{alert.sentence}").hex


def _short(text: Any) -> str:
    words = str(text)
    return words if len(words) <= 40 else f"{words[:39]}…"
