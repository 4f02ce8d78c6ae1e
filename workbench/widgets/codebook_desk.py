"""What the codebook editor asks of a study: the tree of codes, the excerpts of each, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.errors import UnknownTranscript
from workbench.model import Code, CodeKind, Transcript
from workbench.store import (
    Transaction,
    add_code,
    count_codings,
    load_code_versions,
    load_memos,
    merge_codes,
    move_code,
    newest_seq,
    remove_code,
    revise_code,
    save_memo,
    split_code,
)
from workbench.study import Study
from workbench.widgets.saving import Answer, Desk, Request, Touched
from workbench.widgets.sight import Sight, codes_of

_CONTEXT = 500
_REVISABLE = ("name", "kind", "colour", "definition", "use", "dont_use", "example", "valence", "retired")


class CodebookDesk(Desk):
    """Answers the requests of a codebook editor for one coder.

    Parameters
    ----------
    study : where to read and write
    coder : whose changes these are
    blind : keep others' codings of a transcript back until both have marked it done
    """

    def __init__(self, study: Study, *, coder: str, blind: bool = False) -> None:
        super().__init__(study, coder=coder)
        self.sight = Sight(self.db, coder, blind=blind)
        self._shown_as = {p.id: p.shown_as for p in study.load_participants()}
        self._transcripts: dict[str, Transcript] = {}
        self._read_transcripts()
        edits: dict[str, Callable[[Transaction, Request], object]] = {
            "add": _add, "revise": _revise, "move": _move, "merge": _merge, "split": _split, "recode": _recode, "remove": _remove,
        }  # fmt: skip
        self.ops |= {name: self._doing(do) for name, do in edits.items()}
        self.ops |= {"hello": self._hello, "excerpts": self._excerpts, "context": self._context, "memo": self._memo}

    def truth(self, _request: Request) -> Answer:
        """The codebook as it is."""
        return self._state()

    def effect(self, touched: Touched, _request: Request) -> Answer:
        """The codebook anew when codes, codings or notes on codes were touched."""
        if "transcript" in touched:
            self._read_transcripts()
        return self._state() if touched.keys() & {"code", "coding", "memo", "transcript"} else {}

    # reading

    def _hello(self, _request: Request) -> Answer:
        seq = newest_seq(self.db)
        return self.greeting() | {"blind": self.sight.blind, "kinds": [k.value for k in CodeKind], "seq": seq, **self._state()}

    def _excerpts(self, request: Request) -> Answer:
        code = str(request["code"])
        return {"of": code, "excerpts": self.sight.excerpts(code, self._transcripts, self._shown_as)}

    def _context(self, request: Request) -> Answer:
        """A passage with the words around it."""
        t = self._transcripts.get(str(request["transcript"]))
        if t is None:
            raise UnknownTranscript(str(request["transcript"]), [t.name for t in self._transcripts.values()])
        start, end = int(request["start"]), int(request["end"])
        before, after = t.text[max(0, start - _CONTEXT) : start], t.text[end : end + _CONTEXT]
        return {"context": {"name": t.name, "before": before, "words": t.excerpt(start, end), "after": after}}

    def _state(self) -> Answer:
        versions = load_code_versions(self.db)
        codes = [{**c, "version": versions[c["id"]]} for c in codes_of(self.db)["codes"]]
        memos = [m for m in load_memos(self.db, about="code") if not self.sight.blind or m.coder == self.coder]
        notes = [{"about_id": m.about_id, "coder": m.coder, "text": m.text} for m in memos]
        return {"codes": codes, "counts": self._counts(), "memos": notes}

    def _counts(self) -> dict[str, dict[str, int]]:
        """Codings of each code, and in how many transcripts."""
        found: dict[str, dict[str, int]] = {}
        where: dict[str, set[str]] = {}
        for (code, transcript, coder), n in count_codings(self.db).items():
            if not self.sight.blind or coder == self.coder:
                where.setdefault(code, set()).add(transcript)
                found[code] = {"codings": found.get(code, {}).get("codings", 0) + n, "transcripts": len(where[code])}
        return found

    def _read_transcripts(self) -> None:
        self._transcripts = {t.id: t for t in self.study.load_transcripts()}

    # writing

    def _doing(self, do: Callable[[Transaction, Request], object]) -> Callable[[Request], Answer]:
        def done(request: Request) -> Answer:
            label = self._label(request)
            self.once(request, label, lambda transaction: do(transaction, request))
            made = request.get("code", {}).get("id") if request["op"] == "add" else request.get("into")
            return {**self._state(), "undo": label, "redo": "", **({"go": made} if made else {})}

        return done

    def _memo(self, request: Request) -> Answer:
        label = f'memo on the code "{self._name(request["code"])}"'
        self.once(request, label, lambda transaction: save_memo(transaction, "code", str(request["code"]), str(request["text"])))
        return {**self._state(), "undo": label, "redo": ""}

    def _label(self, request: Request) -> str:
        op, code = request["op"], request["code"]
        name = str(code["name"]) if isinstance(code, dict) else self._name(code)
        match op:
            case "add":
                return f'new code "{name}"'
            case "revise":
                return f'change the code "{name}"'
            case "merge":
                return f'merge "{name}" into "{self._name(request["into"])}"'
            case "split":
                return f'split "{request["new"]["name"]}" off "{name}"'
            case "recode":
                return f'recode "{name}" as "{self._name(request["into"])}"'
            case _:
                return f'{op} the code "{name}"'

    def _name(self, id: Any) -> str:
        return next((c["name"] for c in codes_of(self.db)["codes"] if c["id"] == id), "?")


def _new_code(c: Request, parent: str | None) -> Code:
    return Code(str(c["id"]), str(c["name"]).strip(), CodeKind(c["kind"]), parent, str(c.get("colour", "")))


def _add(transaction: Transaction, request: Request) -> None:
    c = request["code"]
    add_code(transaction, _new_code(c, c.get("parent") or None), before=request.get("before"))


def _revise(transaction: Transaction, request: Request) -> None:
    values = {k: v for k, v in request["values"].items() if k in _REVISABLE}
    if "kind" in values:
        values["kind"] = CodeKind(values["kind"])
    revise_code(transaction, request["code"], int(request["version"]), values)


def _move(transaction: Transaction, request: Request) -> None:
    move_code(transaction, request["code"], int(request["version"]), request["parent"], request["before"])


def _merge(transaction: Transaction, request: Request) -> None:
    merge_codes(transaction, request["code"], request["into"])


def _split(transaction: Transaction, request: Request) -> None:
    split_code(transaction, request["code"], _new_code(request["new"], None), request["codings"])


def _recode(transaction: Transaction, request: Request) -> None:
    """Some excerpts to another code: split off, and what was split off merged into the other."""
    part = Code(f"{request['id']}-part", f"{request['id']}-part")
    split_code(transaction, request["code"], part, request["codings"])
    merge_codes(transaction, part.id, request["into"])


def _remove(transaction: Transaction, request: Request) -> None:
    remove_code(transaction, request["code"], int(request["version"]))
