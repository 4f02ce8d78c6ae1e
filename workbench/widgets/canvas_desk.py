"""What a canvas asks of a study: statements in named lists, what stands behind them, and what is done to them.

A widget's own desk says which document it is about, which lists it has, and what its forms hold; the rest is here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from workbench.errors import BadSetting, UnknownName
from workbench.model import Basis, EmpathyMap, Journey, Persona, Statement
from workbench.store import (
    Transaction,
    document_version,
    keep_version,
    load_documents,
    load_version,
    load_versions,
    newest_seq,
    save_document,
)
from workbench.study import Study
from workbench.study.snapshot import Snapshot
from workbench.widgets.evidence import EvidenceShelf, evidence_behind, in_figures, measure_key
from workbench.widgets.saving import Answer, Desk, Request, Touched

D = TypeVar("D", Persona, EmpathyMap, Journey)
Lists = Mapping[str, Sequence[Statement]]
Field = dict[str, Any]

#: Tables from which maps are built; when one of them is touched, a map is built anew.
_DATA = frozenset({"coding", "code", "transcript", "participant", "response", "source"})


class Canvas(Desk):
    """A desk whose widget shows lists of things; subclasses say what they are and what is done to them."""

    def __init__(self, study: Study, *, coder: str) -> None:
        super().__init__(study, coder=coder)
        self.ops |= {"hello": self._hello, "find": self._find, "form": self._form}

    @abstractmethod
    def state(self) -> Answer:
        """All that the widget draws: ``lists`` (items by list), ``names`` of the lists, and what its layout needs."""

    @abstractmethod
    def form(self, of: str) -> Answer:
        """``title`` and ``fields`` of what is no statement; what is written there comes back as ``fill``."""

    @property
    def shelf(self) -> EvidenceShelf:
        """The evidence of the study as it is."""
        if self._shelf is None:
            self._shelf = EvidenceShelf(Snapshot(self.study))
        return self._shelf

    _shelf: EvidenceShelf | None = None

    def forget(self, touched: Touched) -> None:
        """Read anew what was touched."""
        if touched.keys() & _DATA:
            self._shelf = None

    def forget_but_own(self, touched: Touched) -> None:
        """Read anew what was touched by a change of this desk's own, which knows what it has just written."""
        self.forget(touched)

    def effect(self, touched: Touched, _request: Request) -> Answer:
        """The whole canvas, when something of it may have changed."""
        if not touched.keys() & {*_DATA, "document"}:
            return {}
        self.forget(touched)
        return {"state": self.state()}

    def truth(self, _request: Request) -> Answer:
        """The canvas as it is."""
        self.forget({"coding": set()})
        return {"state": self.state()}

    def doing(self, label: Callable[[Request], str], do: Callable[[Transaction, Request], object]) -> Callable[[Request], Answer]:
        """A request that changes something: done once, and answered with the lists that it changed."""

        def done(request: Request) -> Answer:
            before, action = self.state(), label(request)
            try:
                touched = self.once(request, action, lambda transaction: do(transaction, request))
            except BaseException:
                self.forget({"document": {""}})  # what was not committed was not done
                raise
            self.forget_but_own(touched)
            after = self.state()
            made = request.get("item") if request["op"] in ("add", "move") else None
            return {**_difference(before, after), "undo": action, "redo": "", **({"go": made} if made else {})}

        return done

    def _hello(self, _request: Request) -> Answer:
        seq = newest_seq(self.db)
        return self.greeting() | {"seq": seq, "state": self.state()}

    def _find(self, request: Request) -> Answer:
        return {"hits": self.shelf.find(str(request["typed"]))}

    def _form(self, request: Request) -> Answer:
        return {"form": {"of": request["of"], **self.form(str(request["of"]))}}


class StatementCanvas(Canvas, Generic[D], ABC):
    """A canvas of one document: its lists hold statements, each with an id.

    :attr:`current` is the document as it is shown: what people wrote, laid over what the data say.
    """

    kind: type[D]

    def __init__(self, study: Study, *, coder: str, id: str) -> None:
        super().__init__(study, coder=coder)
        self.id = id
        self._saved_version = -1
        edits: dict[str, tuple[Callable[[Request], str], Callable[[D, Request], D]]] = {
            "add": (lambda r: f'write "{_short(r["text"])}"', self._add),
            "reword": (lambda r: f'reword "{_short(r["before"])}"', self._reword),
            "note": (lambda r: f"note on {self._name(r)}", self._note),
            "hide": (lambda r: f"{'take off' if r['hidden'] else 'bring back'} {self._name(r)}", self._hide),
            "remove": (lambda r: f"remove {self._name(r)}", self._remove),
            "move": (lambda r: f"move {self._name(r)}", self._move),
            "attach": (lambda r: f"evidence for {self._name(r)}", self._attach),
            "detach": (lambda r: f"less evidence for {self._name(r)}", self._detach),
            "fill": (lambda r: f"fill in {str(r['of']).partition(':')[0]} of {self.title(self.current)}", self._fill),
        }
        self.ops |= {op: self.doing(label, self._on_document(do)) for op, (label, do) in edits.items()}
        self.ops |= {"evidence": self._evidence, "versions": self._versions, "save_version": self._save_version}

    @property
    def id(self) -> str:
        """The id of the document."""
        return self._id

    @id.setter
    def id(self, id: str) -> None:
        self._id = id
        self._current: D | None = None
        self._version = -1  # of the document that `_current` is made from; -1 for one that was not looked at

    # what a subclass says

    @abstractmethod
    def make(self, saved: D | None) -> D:
        """The document as it is shown, from what is saved of it; ``None`` when nothing is."""

    def to_save(self, shown: D) -> D:
        """What of a document is kept: what people wrote."""
        return shown

    @abstractmethod
    def lists(self, doc: D) -> Lists:
        """Every list of the canvas by its id, empty ones too."""

    @abstractmethod
    def with_list(self, doc: D, id: str, statements: Sequence[Statement]) -> D:
        """The document with other statements in one list."""

    @abstractmethod
    def basis(self, list_id: str) -> Basis:
        """How a statement of a list is known when people's words stand behind it."""

    @abstractmethod
    def frame(self, doc: D) -> Answer:
        """What the layout needs besides the lists; ``names`` of the lists are of it."""

    @abstractmethod
    def filled(self, doc: D, of: str, values: Mapping[str, Any], *, remove: bool) -> D:
        """The document with what was written in a form, or without what the form is about."""

    @abstractmethod
    def title(self, doc: D) -> str:
        """What the document is called."""

    def tone(self, list_id: str) -> str:  # noqa: ARG002 - for those that have one
        """``good``, ``bad`` or nothing, for how the statements of a list are marked."""
        return ""

    def note(self, s: Statement) -> str:
        """What somebody noted on a statement."""
        return s.note

    def more(self, s: Statement, list_id: str) -> Answer:  # noqa: ARG002 - for those that have more
        """What an item shows besides: ``extra`` words beside the count, ``quoted`` words of somebody, ``form`` for more of it."""
        return {}

    @abstractmethod
    def changes_since(self, before: D, now: D) -> list[str]:
        """What has come, gone and changed, in sentences."""

    # reading

    @property
    def current(self) -> D:
        """The document as it is shown."""
        if self._current is None:
            self._current = self.make(self._saved())
        return self._current

    def state(self) -> Answer:
        """Lists and frame of the current document."""
        doc = self.current
        lists = {id: [self._item(s, id) for s in _in_order(own)] for id, own in self.lists(doc).items()}
        return {"lists": lists, "title": self.title(doc), **self.frame(doc)}

    def forget(self, touched: Touched) -> None:
        """Build anew from what was touched."""
        super().forget(touched)
        if touched.keys() & {*_DATA, "document"}:
            self._current = None

    def forget_but_own(self, touched: Touched) -> None:
        """Keep the document as this desk has just changed it."""
        others = touched.get("document", set()) - {self.id}
        self.forget({k: v for k, v in touched.items() if k != "document"} | ({"document": others} if others else {}))

    def _saved(self) -> D | None:
        return next((d for d in load_documents(self.db, self.kind) if d.id == self.id), None)

    def _item(self, s: Statement, list_id: str) -> Answer:
        return {
            "id": s.id, "text": s.text, "basis": s.basis.value, "n": s.n, "of": s.n_of, "quotes": len(s.quotes), "assumed": s.assumed, "hidden": s.hidden,
            "note": self.note(s), "code": s.code, "by": s.reworded_by or s.asserted_by, "reworded": bool(s.reworded_by), "own": self._is_own(s),
            "tone": self.tone(list_id), **self.more(s, list_id), "measured": in_figures(s.measures[0].estimate) if s.measures and not s.said_by else None,
        }  # fmt: skip

    def _evidence(self, request: Request) -> Answer:
        _, _, statement = self._find_statement(self.current, request["item"])
        return {"evidence": evidence_behind(statement, statement.id)}

    def _find_statement(self, doc: D, id: str) -> tuple[str, int, Statement]:
        """List, place in it, and statement of an id."""
        for list_id, own in self.lists(doc).items():
            for k, s in enumerate(own):
                if s.id == id:
                    return list_id, k, s
        raise BadSetting(self.title(doc), "this statement is not there any more", "Somebody took it away; undo brings back what you did.")

    def _name(self, request: Request) -> str:
        return f'"{_short(self._find_statement(self.current, request["item"])[2].text)}"'

    @staticmethod
    def _is_own(s: Statement) -> bool:
        """Whether somebody wrote it, and no code says it."""
        return not s.code

    # writing

    def _on_document(self, do: Callable[[D, Request], D]) -> Callable[[Transaction, Request], object]:
        def edit(transaction: Transaction, request: Request) -> None:
            if document_version(transaction, self.id) != self._version:
                self._current = None  # what others did since is under this change
            changed = do(self.current, request)
            save_document(transaction, self.to_save(changed))
            self._current, self._version = changed, document_version(transaction, self.id)

        return edit

    def _changed(self, doc: D, id: str, change: Callable[[Statement], Statement | None]) -> D:
        """The document with one statement changed; or without it."""
        list_id, k, s = self._find_statement(doc, id)
        own = list(self.lists(doc)[list_id])
        now = change(s)
        own[k : k + 1] = [] if now is None else [now]
        return self.with_list(doc, list_id, own)

    def _add(self, doc: D, request: Request) -> D:
        list_id = self._list(doc, request["list"])
        written = Statement(str(request["text"]).strip(), Basis.ASSUMED, asserted_by=self.coder, id=str(request["item"]))
        written = self.shelf.support(written, self._pieces(request), self.basis(list_id))
        return self.with_list(doc, list_id, [*self.lists(doc)[list_id], written])

    def _reword(self, doc: D, request: Request) -> D:
        def reworded(s: Statement) -> Statement:
            if s.text not in (request["before"], request["text"]):
                raise BadSetting(f'"{request["before"]}"', f'it says "{s.text}" now', "Look at it again and then change it.")
            by = {"asserted_by": self.coder} if self._is_own(s) else {"reworded_by": self.coder}
            return replace(s, text=str(request["text"]).strip(), **by)

        return self._changed(doc, request["item"], reworded)

    def _note(self, doc: D, request: Request) -> D:
        def noted(s: Statement) -> Statement:
            if request.get("before", self.note(s)) not in (self.note(s), request["text"]):
                raise BadSetting(f'note on "{_short(s.text)}"', f'it says "{self.note(s)}" now', f'Yours was: "{request["text"]}".')
            return replace(s, note=str(request["text"]))

        return self._changed(doc, request["item"], noted)

    def _hide(self, doc: D, request: Request) -> D:
        return self._changed(doc, request["item"], lambda s: replace(s, hidden=bool(request["hidden"])))

    def _remove(self, doc: D, request: Request) -> D:
        def removed(s: Statement) -> None:
            if not self._is_own(s):
                raise BadSetting(f'"{s.text}"', f'it comes from the code "{s.code}"', "Take it off with x: its evidence is kept.")

        return self._changed(doc, request["item"], removed)

    def _move(self, doc: D, request: Request) -> D:
        """To another place in its list, or to another list; the order of a list that somebody ordered is kept."""
        from_list, _, s = self._find_statement(doc, request["item"])
        to = self._list(doc, request["list"])
        known = self.basis(to) if s.said_by else s.basis
        doc = self._changed(doc, s.id, lambda _: None)
        own = list(_in_order(self.lists(doc)[to]))
        place = next((k for k, o in enumerate(own) if o.id == request.get("before")), len(own))
        own.insert(place, replace(s, basis=known) if to != from_list else s)
        return self.with_list(doc, to, [replace(o, rank=k + 1) for k, o in enumerate(own)])

    def _attach(self, doc: D, request: Request) -> D:
        list_id = self._find_statement(doc, request["item"])[0]

        def supported(s: Statement) -> Statement:
            if not self._is_own(s):
                raise BadSetting(f'"{s.text}"', f'it comes from the code "{s.code}"', "Put that code on the passage, and it counts here.")
            return self.shelf.support(s, [*s.evidence, *self._pieces(request)], self.basis(list_id))

        return self._changed(doc, request["item"], supported)

    def _detach(self, doc: D, request: Request) -> D:
        list_id, key = self._find_statement(doc, request["item"])[0], request["key"]

        def less(s: Statement) -> Statement:
            if not self._is_own(s):
                raise BadSetting(
                    f'"{s.text}"', f'it comes from the code "{s.code}"', "Take that code off the passage, and it counts here no more."
                )
            kept = [*(q for q in s.quotes if q.coding != key), *(m for m in s.measures if measure_key(m) != key)]
            return self.shelf.support(s, kept, self.basis(list_id))

        return self._changed(doc, request["item"], less)

    def _fill(self, doc: D, request: Request) -> D:
        if request.get("before") and not request.get("remove"):
            check_meanwhile(self.form(str(request["of"])), request["before"], request["values"])
        return self.filled(doc, str(request["of"]), request["values"], remove=bool(request.get("remove")))

    def _pieces(self, request: Request) -> list[Any]:
        return [*self.shelf.quotes(request.get("codings", ())), *self.shelf.measures(request.get("measures", ()))]

    def _list(self, doc: D, id: str) -> str:
        if id not in self.lists(doc):
            raise UnknownName("field", id, list(self.lists(doc)))
        return id

    # versions

    def _versions(self, request: Request) -> Answer:
        kept = load_versions(self.db, self.id)
        against = next((v for v in kept if v.id == request.get("against")), kept[0] if kept else None)
        changes = self.changes_since(load_version(self.db, self.kind, against.id), self.current) if against else []
        rows = [{"id": v.id, "name": v.name, "at": v.at[:16].replace("T", " "), "who": v.who} for v in kept]
        return {"versions": rows, "changes": changes, "against": against.id if against else ""}

    def _save_version(self, request: Request) -> Answer:
        name = str(request["name"]).strip()
        if not name:
            raise BadSetting("version", "it has no name", "Give it one: what it was kept for, or the date.")
        label = f'keep the version "{name}" of {self.title(self.current)}'
        self.once(request, label, lambda transaction: keep_version(transaction, self.id, name, self.current))
        return {**self._versions({}), "undo": label, "redo": ""}


def choice(name: str, label: str, value: Any, choices: Sequence[tuple[str, str]]) -> Field:
    """A field to choose from ``(value, words)``."""
    return {"name": name, "label": label, "type": "choice", "value": value, "choices": [list(c) for c in choices]}


def field(name: str, label: str, value: Any, type: str = "text", hint: str = "") -> Field:
    """A field to write in: ``text``, ``area``, ``number``, ``date`` or ``yes``."""
    return {"name": name, "label": label, "type": type, "value": value, "hint": hint}


def whole_number(values: Mapping[str, Any], name: str, where: str) -> int | None:
    """A number that was written in a form, or nothing.

    Raises
    ------
    BadSetting
    """
    written = str(values[name]).strip()
    if not written:
        return None
    try:
        return int(written)
    except ValueError:
        raise BadSetting(f"{where}, {name}", f'"{written}" is no whole number', "Write digits only.") from None


def check_meanwhile(form: Answer, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Stop where somebody else wrote another thing into a field since a form was opened."""
    now = {f["name"]: f for f in form["fields"]}
    for name, was in before.items():
        f = now.get(name)
        if f and str(f["value"] or "") != str(was or "") and str(f["value"]) != str(values.get(name)):
            raise BadSetting(f["label"], f'it says "{f["value"]}" now', f'Yours was: "{values.get(name)}".')


def _in_order(statements: Sequence[Statement]) -> list[Statement]:
    """Those that somebody put in order first."""
    return sorted(statements, key=lambda s: (s.rank is None, s.rank or 0))


def _short(text: Any) -> str:
    words = str(text)
    return words if len(words) <= 40 else f"{words[:39]}…"


def _difference(before: Answer, after: Answer) -> Answer:
    """The lists that differ, and the rest where it does."""
    old, new = before["lists"], after["lists"]
    if old.keys() != new.keys():
        return {"state": after}
    rest = {k: v for k, v in after.items() if k != "lists"}
    same = rest == {k: v for k, v in before.items() if k != "lists"}
    lists = {id: items for id, items in new.items() if old[id] != items}
    return {"lists": lists, **({} if same else {"rest": rest})}
