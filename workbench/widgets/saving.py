"""The one place that joins the interview coder to the store: a request comes in, is done once, and its effect goes back.

Every request carries an ``id`` that the browser made. It becomes the name of the action in the change record, so a request that is
sent again, because the kernel was restarted before it answered, is recognised and answered again without being done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from workbench.errors import BadSetting, DiskFull, FolderNotWritable, NothingToUndo, StudyBusy, UnknownTranscript, WorkbenchError
from workbench.model import Code, Codebook, CodeKind, Coding, Memo, Transcript
from workbench.store import (
    Transaction,
    add_codings,
    count_codings,
    load_codebook,
    load_codings,
    load_codings_by_id,
    load_done,
    load_memos,
    load_spans,
    mark_done,
    newest_seq,
    next_redo,
    next_undo,
    redo,
    revise_coding,
    save_codes,
    save_memo,
    study_key,
    take_coding,
    touched_by,
    touched_since,
    undo,
    was_done,
)
from workbench.study import Study

Request = Mapping[str, Any]
Answer = dict[str, Any]

#: Passing troubles: the browser keeps such a request and sends it again.
_WILL_PASS = (StudyBusy, DiskFull, FolderNotWritable)
_WORDS = {
    "code": "code", "change": "change a coding", "nudge": "move an end", "recode": "recode", "split": "split a coding",
    "merge": "merge codings", "remove": "remove a coding", "memo": "memo", "intensity": "intensity",
}  # fmt: skip


class CodingDesk:
    """Answers the requests of an interview coder for one coder.

    Parameters
    ----------
    study : where to read and write
    coder : whose codings are made
    blind : keep others' codings of a transcript back until both have marked it done
    first : the name of the transcript to begin with; by default the first one that is not marked done
    """

    def __init__(self, study: Study, *, coder: str, blind: bool = False, first: str | None = None) -> None:
        self.study, self.db, self.coder, self.blind = study, study.db, coder, blind
        self._transcripts: dict[str, Transcript] = {}
        self._shown_as = {p.id: p.shown_as for p in study.load_participants()}
        self._read_transcripts()
        self.first = self._find(first) if first is not None else self._next_to_code()
        self._ops: dict[str, Callable[[Request], Answer]] = {
            "hello": self._hello, "open": self._open, "overview": self._overview, "edit": self._edit, "memo": self._memo,
            "done": self._done, "undo": self._undo, "redo": self._redo, "changes": self._changes,
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        """Do what is asked, once, and say what it changed; what went wrong is one sentence.

        An answer to a request that failed carries the codings it was about as they are, so that the browser can draw the truth.
        """
        asked = str(request.get("id", ""))
        try:
            return {"re": asked, "ok": True, **self._ops[request["op"]](request)}
        except WorkbenchError as error:
            again = isinstance(error, _WILL_PASS)
            truth = {} if again else self._truth(request)
            return {"re": asked, "ok": False, "error": str(error), "again": again, **truth}
        except (KeyError, TypeError, ValueError) as error:
            sentence = f"This request could not be read ({type(error).__name__}: {error}). Run the cell again."
            return {"re": asked, "ok": False, "error": sentence, "again": False, **self._truth(request)}

    def visible(self, codings: Iterable[Coding]) -> list[Coding]:
        """The codings that this coder may see."""
        if not self.blind:
            return list(codings)
        done = load_done(self.db)
        return [c for c in codings if c.coder == self.coder or {c.coder, self.coder} <= done.get(c.transcript, set())]

    # reading

    def _hello(self, request: Request) -> Answer:
        wanted = self._transcripts.get(str(request.get("transcript"))) or self.first
        settings = self.study.settings
        answer = {
            "study": {"title": settings.title, "key": study_key(self.db)}, "coder": self.coder, "blind": self.blind,
            "kinds": [k.value for k in CodeKind], "transcripts": self._list(), **self._codes(), **self._history(),
        }  # fmt: skip
        return answer | (self._open({"transcript": wanted.id}) if wanted else {"seq": newest_seq(self.db)})

    def _open(self, request: Request) -> Answer:
        seq = newest_seq(self.db)  # before the rest is read: what comes in between is then sent twice, not never
        self._read_transcripts()
        t = self._transcript(request["transcript"])
        codings = self.visible(load_codings(self.db, transcript=t.id))
        return {
            "transcript": {"id": t.id, "name": t.name, "language": t.language, "text": t.text, "utterances": _utterances(t)},
            "codings": [_plain(c, t) for c in codings], "seq": seq, **self._marks(t.id), **self._codes(), "counts": self._counts(t.id),
        }  # fmt: skip

    def _overview(self, _request: Request) -> Answer:
        """How much of each transcript is coded, by whom: covered characters over the characters that are worth coding."""
        spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
        done = load_done(self.db)
        for s in load_spans(self.db):
            hidden = self.blind and s.coder != self.coder and not {s.coder, self.coder} <= done.get(s.transcript, set())
            if not hidden:
                spans.setdefault((s.transcript, s.coder), []).append((s.start, s.end))
        shares: dict[str, dict[str, float]] = {}
        for (id, coder), covered in spans.items():
            if id in self._transcripts:
                shares.setdefault(id, {})[coder] = round(_share(self._transcripts[id], covered), 4)
        return {"shares": shares, "transcripts": self._list()}

    def _changes(self, request: Request) -> Answer:
        """What others (and other tabs) have changed since; nothing but a number when nothing has."""
        since = int(request["since"])
        seq, touched = touched_since(self.db, since)
        if not touched:
            return {"seq": since}
        if "transcript" in touched:
            self._read_transcripts()
        return {"seq": seq, **self._effect(touched, str(request.get("transcript", "")))}

    # writing

    def _edit(self, request: Request) -> Answer:
        """Add, change and remove codings in one go; this is coding, recoding, nudging, splitting, merging and removing."""
        there: dict[str, str] = {}

        def do(transaction: Transaction) -> None:
            self._add_codes(transaction, request.get("codes", ()))
            for c in request.get("change", ()):
                patch = {k: v for k, v in c["patch"].items() if k in ("code", "start", "end", "text", "intensity", "memo")}
                revise_coding(transaction, self._transcript(request["transcript"]), c["id"], int(c["version"]), patch)
            for c in request.get("remove", ()):
                take_coding(transaction, c["id"], int(c["version"]))
            new = [self._new_coding(c, request["transcript"], transaction.at) for c in request.get("add", ())]
            there.update(add_codings(transaction, self._transcript(request["transcript"]), new) if new else {})

        self._once(request, self._label(request), do)
        answer = self._effect(touched_by(self.db, request["id"]), request["transcript"])
        if not there and request.get("add"):  # asked again: the codings of the first time may lie under other ids
            known = {c["id"] for c in answer["upserts"]}
            there = {c["id"]: "" for c in request["add"] if c["id"] not in known}
        if there:
            t = self._transcript(request["transcript"])
            answer["upserts"] += [_plain(c, t) for c in load_codings_by_id(self.db, [i for i in there.values() if i])]
            answer["removed"] += list(there)
        return answer | {"undo": self._label(request), "redo": ""}

    def _memo(self, request: Request) -> Answer:
        about, about_id = request["about"], request["about_id"]
        if about not in ("transcript", "code"):
            raise BadSetting("memo", f'"{about}" takes none here', "Use transcript or code.")
        label = f"memo on a {about}"
        self._once(request, label, lambda transaction: save_memo(transaction, about, about_id, str(request["text"])))
        return {**self._marks(request["transcript"]), "undo": label, "redo": ""}

    def _done(self, request: Request) -> Answer:
        t = self._transcript(request["transcript"])
        label = f"{'mark' if request['done'] else 'unmark'} {t.name} as done"
        self._once(request, label, lambda transaction: mark_done(transaction, t.id, bool(request["done"])))
        return {**self._marks(t.id), "transcripts": self._list(), "reload": self.blind, "undo": label, "redo": ""}

    def _undo(self, request: Request) -> Answer:
        return self._back_or_forth(request, next_undo, lambda batch: undo(self.db, self.coder, batch, record_as=request["id"]), "undo")

    def _redo(self, request: Request) -> Answer:
        return self._back_or_forth(request, next_redo, lambda _: redo(self.db, self.coder, record_as=request["id"]), "redo")

    def _back_or_forth(self, request: Request, find: Callable[..., Any], do: Callable[[str], object], word: str) -> Answer:
        touched = touched_by(self.db, request["id"])
        what = ""
        if not touched:
            found = find(self.db, self.coder)
            if found is None:
                raise NothingToUndo(self.coder, word)
            do(found[0])
            what, touched = found[1], touched_by(self.db, request["id"])
        return {**self._effect(touched, request["transcript"]), **self._history(), "did": f"{word}: {what}"}

    def _once(self, request: Request, action: str, do: Callable[[Transaction], None]) -> None:
        """One action under the request's name, unless it is in the record already."""
        with self.db.atomic(self.coder, action, batch=request["id"]) as transaction:
            if not was_done(transaction):
                do(transaction)

    def _add_codes(self, transaction: Transaction, codes: Iterable[Request]) -> None:
        for c in codes:
            book = load_codebook(self.db)
            new = Code(
                c["id"], str(c["name"]).strip(), CodeKind(c["kind"]), c.get("parent") or None, c.get("colour", ""), position=len(book)
            )
            Codebook([*book, new])
            save_codes(transaction, [*book, new])

    def _new_coding(self, c: Request, transcript: str, at: str) -> Coding:
        return Coding(
            c["id"], transcript, c["code"], self.coder, int(c["start"]), int(c["end"]), c["text"], c.get("memo", ""), c.get("intensity"), at
        )

    # what an answer is made of

    def _effect(self, touched: Mapping[str, set[str]], transcript: str) -> Answer:
        """The rows of a set as they are now."""
        ids = touched.get("coding", set())
        found = load_codings_by_id(self.db, ids) if ids else []
        t = self._transcripts.get(transcript)
        seen = [c for c in self.visible(found) if c.transcript == transcript]
        answer: Answer = {"upserts": [_plain(c, t) for c in seen], "removed": sorted(ids - {c.id for c in found})}
        if "code" in touched:
            answer |= self._codes()
        if "memo" in touched and t:
            answer |= {**self._marks(t.id), "transcripts": self._list(), "reload": self.blind}
        if "transcript" in touched:
            answer |= {"transcripts": self._list(), "reload": transcript in touched["transcript"]}
        if ids - {c.id for c in found if c.transcript == transcript} and t:
            answer["counts"] = self._counts(transcript)
        return answer

    def _truth(self, request: Request) -> Answer:
        """The codings that a failed request was about, as they are."""
        edits = [c for name in ("add", "change", "remove") for c in request.get(name, ())]
        ids = {str(c["id"]) for c in edits if isinstance(c, Mapping) and "id" in c}
        return {**self._effect({"coding": ids}, str(request.get("transcript", ""))), **self._codes()} if ids else {}

    def _codes(self) -> Answer:
        book = load_codebook(self.db)
        depth: dict[str, int] = {}
        for c in book:
            depth[c.id] = depth[c.parent] + 1 if c.parent else 0
        return {"codes": [{**asdict(c), "kind": c.kind.value, "depth": depth[c.id]} for c in book]}

    def _counts(self, transcript: str) -> dict[str, int]:
        """How often each code is used elsewhere; in this transcript the browser counts itself."""
        counts: dict[str, int] = {}
        for (code, where, coder), n in count_codings(self.db).items():
            if where != transcript and (not self.blind or coder == self.coder):
                counts[code] = counts.get(code, 0) + n
        return counts

    def _marks(self, transcript: str) -> Answer:
        done = load_done(self.db).get(transcript, set())
        seen = [m for m in load_memos(self.db) if not self.blind or m.coder == self.coder]
        return {"done": sorted(done), "memos": [_plain_memo(m) for m in seen if m.about == "code" or m.about_id == transcript]}

    def _history(self) -> Answer:
        undoable, redoable = next_undo(self.db, self.coder), next_redo(self.db, self.coder)
        return {"undo": undoable[1] if undoable else "", "redo": redoable[1] if redoable else ""}

    def _list(self) -> list[Answer]:
        done = load_done(self.db)
        return [
            {"id": t.id, "name": t.name, "who": self._shown_as.get(t.participant or "", ""), "kind": t.kind.value, "done": sorted(done.get(t.id, ()))}
            for t in self._transcripts.values()
        ]  # fmt: skip

    # transcripts

    def _read_transcripts(self) -> None:
        self._transcripts = {t.id: t for t in self.study.load_transcripts()}

    def _transcript(self, id: str) -> Transcript:
        if id not in self._transcripts:
            self._read_transcripts()
        if id not in self._transcripts:
            raise UnknownTranscript(id, [t.name for t in self._transcripts.values()])
        return self._transcripts[id]

    def _find(self, name: str) -> Transcript:
        for t in self._transcripts.values():
            if name in (t.name, t.id):
                return t
        raise UnknownTranscript(name, [t.name for t in self._transcripts.values()])

    def _next_to_code(self) -> Transcript | None:
        done = load_done(self.db)
        left = [t for t in self._transcripts.values() if self.coder not in done.get(t.id, set())]
        return next(iter(left or self._transcripts.values()), None)

    def _label(self, request: Request) -> str:
        what = _WORDS.get(request.get("what", ""), "code")
        return f"{what} in {self._transcript(request['transcript']).name}"


def _utterances(t: Transcript) -> list[list[Any]]:
    """``[start, end, speaker, start_ms, is a participant]``, in code points."""
    named = any(u.participant for u in t.utterances)
    return [[u.start, u.end, u.speaker, u.start_ms, int(bool(u.participant) or not named)] for u in t.utterances]


def _plain(c: Coding, t: Transcript | None) -> Answer:
    moved = t is not None and t.text[c.start : c.end] != c.text
    return {
        "id": c.id, "code": c.code, "coder": c.coder, "start": c.start, "end": c.end, "memo": c.memo, "intensity": c.intensity,
        "version": c.version, **({"moved": True} if moved else {}),
    }  # fmt: skip


def _plain_memo(m: Memo) -> Answer:
    return {"about": m.about, "about_id": m.about_id, "coder": m.coder, "text": m.text}


def _share(t: Transcript, covered: list[tuple[int, int]]) -> float:
    """Covered characters over all characters of participants' turns (of everybody's, where no speaker is known)."""
    turns = [(u.start, u.end) for u in t.utterances if u.participant] or [(u.start, u.end) for u in t.utterances] or [(0, len(t.text))]
    total = sum(end - start for start, end in turns)
    inside, at = 0, 0
    for start, end in _joined(covered):
        while at < len(turns) and turns[at][1] <= start:
            at += 1
        k = at
        while k < len(turns) and turns[k][0] < end:
            inside += max(0, min(end, turns[k][1]) - max(start, turns[k][0]))
            k += 1
    return inside / total if total else 0.0


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
