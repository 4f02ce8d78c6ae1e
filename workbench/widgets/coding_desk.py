"""What the interview coder asks of a study: a transcript with its codings, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.errors import BadFile, BadSetting, StaleEdit, UnknownTranscript
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
    revise_coding,
    save_codes,
    save_memo,
    take_coding,
    touched_by,
)
from workbench.study import Study, find_recording
from workbench.widgets.saving import Answer, Desk, Request, Touched
from workbench.widgets.sight import Sight, codes_of

#: Bytes of a recording that travel at once: Jupyter stops a kernel that sends faster than a megabyte a second.
_PIECE = 450_000
_WORDS = {
    "code": "code", "change": "change a coding", "nudge": "move an end", "recode": "recode", "split": "split a coding",
    "merge": "merge codings", "remove": "remove a coding", "memo": "memo", "intensity": "intensity",
}  # fmt: skip


class CodingDesk(Desk):
    """Answers the requests of an interview coder for one coder.

    Parameters
    ----------
    study : where to read and write
    coder : whose codings are made
    blind : keep others' codings of a transcript back until both have marked it done
    first : the name of the transcript to begin with; by default the first one that is not marked done
    """

    def __init__(self, study: Study, *, coder: str, blind: bool = False, first: str | None = None) -> None:
        super().__init__(study, coder=coder)
        self.sight = Sight(self.db, coder, blind=blind)
        self._transcripts: dict[str, Transcript] = {}
        self._shown_as = {p.id: p.shown_as for p in study.load_participants()}
        self._read_transcripts()
        self.first = self._find(first) if first is not None else self._next_to_code()
        self.ops |= {
            "hello": self._hello, "open": self._open, "overview": self._overview, "edit": self._edit, "memo": self._memo,
            "done": self._done, "excerpts": self._excerpts, "recording": self._recording,
        }  # fmt: skip

    # reading

    def _hello(self, request: Request) -> Answer:
        wanted = self._transcripts.get(str(request.get("transcript"))) or self.first
        answer = self.greeting() | {
            "blind": self.sight.blind, "kinds": [k.value for k in CodeKind], "transcripts": self._list(), **codes_of(self.db),
        }  # fmt: skip
        return answer | (self._open({"transcript": wanted.id}) if wanted else {"seq": newest_seq(self.db)})

    def _open(self, request: Request) -> Answer:
        seq = newest_seq(self.db)  # before the rest is read: what comes in between is then sent twice, not never
        self._read_transcripts()
        t = self._transcript(request["transcript"])
        codings = self.sight.of(load_codings(self.db, transcript=t.id))
        return {
            "transcript": {"id": t.id, "name": t.name, "language": t.language, "text": t.text, "utterances": _utterances(t), "recording": self._offer(t)},
            "codings": [_plain(c, t) for c in codings], "seq": seq, **self._marks(t.id), **codes_of(self.db), "counts": self._counts(t.id),
        }  # fmt: skip

    def _overview(self, _request: Request) -> Answer:
        """How much of each transcript is coded, by whom: covered characters over the characters that are worth coding."""
        spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for s in self.sight.of(load_spans(self.db)):
            spans.setdefault((s.transcript, s.coder), []).append((s.start, s.end))
        shares: dict[str, dict[str, float]] = {}
        for (id, coder), covered in spans.items():
            if id in self._transcripts:
                shares.setdefault(id, {})[coder] = round(_share(self._transcripts[id], covered), 4)
        return {"shares": shares, "transcripts": self._list()}

    def _excerpts(self, request: Request) -> Answer:
        """The passages of one code in all transcripts."""
        return {"of": request["code"], "excerpts": self.sight.excerpts(str(request["code"]), self._transcripts, self._shown_as)}

    def _offer(self, t: Transcript) -> Answer | None:
        """What the browser must know to ask Jupyter's file server for the recording; ``None`` without one, or when it is gone."""
        try:
            found = find_recording(self.study, t)
        except BadFile:
            return None  # the doctor says so; the words can be coded without it
        if found is None:
            return None
        size = found.path.stat().st_size
        return {"transcript": t.id, "name": found.path.name, "type": found.media_type, "size": size, "path": found.path.as_posix()}

    def _recording(self, request: Request) -> Answer:
        """The next piece of a recording, where Jupyter's file server cannot reach it."""
        t = self._transcript(request["transcript"])
        found = find_recording(self.study, t)
        if found is None:
            raise BadSetting(f"transcript {t.name}", "it has no recording", "Import one, with: workbench import recordings/P03.mp3")
        with found.path.open("rb") as file:
            file.seek(int(request.get("from", 0)))
            return {"transcript": t.id, "buffers": [file.read(_PIECE)]}

    # writing

    def _edit(self, request: Request) -> Answer:
        """Add, change and remove codings in one go; this is coding, recoding, nudging, splitting, merging and removing."""
        there: dict[str, str] = {}

        def do(transaction: Transaction) -> None:
            self._add_codes(transaction, request.get("codes", ()))
            self._check_what_it_rests_on([*request.get("remove", ()), *request.get("change", ())])
            for c in request.get("remove", ()):  # first: what is merged may become what it is merged with
                take_coding(transaction, c["id"], int(c["version"]))
            for c in request.get("change", ()):
                patch = {k: v for k, v in c["patch"].items() if k in ("code", "start", "end", "text", "intensity", "memo")}
                revise_coding(transaction, self._transcript(request["transcript"]), c["id"], int(c["version"]), patch)
            new = [self._new_coding(c, request["transcript"], transaction.at) for c in request.get("add", ())]
            there.update(add_codings(transaction, self._transcript(request["transcript"]), new) if new else {})

        answer = self.effect(self.once(request, self._label(request), do), request)
        if not there and request.get("add"):  # asked again: the codings of the first time may lie under other ids
            known = {c["id"] for c in answer["upserts"]}
            there = {c["id"]: "" for c in request["add"] if c["id"] not in known}
        if there:
            t = self._transcript(request["transcript"])
            answer["upserts"] += [_plain(c, t) for c in load_codings_by_id(self.db, [i for i in there.values() if i])]
            answer["removed"] += list(there)
        return answer | {"undo": self._label(request), "redo": ""}

    def _check_what_it_rests_on(self, edits: Iterable[Request]) -> None:
        """A change that was made upon another one, before that had an answer, is refused together with it: versions alone may agree by chance."""
        for c in edits:
            if "upon" in c and c["id"] not in touched_by(self.db, c["upon"]).get("coding", ()):
                raise StaleEdit("The coding")

    def _memo(self, request: Request) -> Answer:
        about, about_id = request["about"], request["about_id"]
        if about not in ("transcript", "code"):
            raise BadSetting("memo", f'"{about}" takes none here', "Use transcript or code.")
        label = f"memo on a {about}"
        self.once(request, label, lambda transaction: save_memo(transaction, about, about_id, str(request["text"])))
        return {**self._marks(request["transcript"]), "undo": label, "redo": ""}

    def _done(self, request: Request) -> Answer:
        t = self._transcript(request["transcript"])
        label = f"{'mark' if request['done'] else 'unmark'} {t.name} as done"
        self.once(request, label, lambda transaction: mark_done(transaction, t.id, bool(request["done"])))
        return {**self._marks(t.id), "transcripts": self._list(), "reload": self.sight.blind, "undo": label, "redo": ""}

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

    def effect(self, touched: Touched, request: Request) -> Answer:
        """The codings that were touched as they are now, and what else is drawn anew."""
        transcript = str(request.get("transcript", ""))
        if "transcript" in touched:
            self._read_transcripts()
        ids = touched.get("coding", set())
        found = load_codings_by_id(self.db, ids) if ids else []
        t = self._transcripts.get(transcript)
        seen = [c for c in self.sight.of(found) if c.transcript == transcript]
        answer: Answer = {"upserts": [_plain(c, t) for c in seen], "removed": sorted(ids - {c.id for c in found})}
        if "code" in touched:
            answer |= codes_of(self.db)
        if "memo" in touched and t:
            answer |= {**self._marks(t.id), "transcripts": self._list(), "reload": self.sight.blind}
        if "transcript" in touched:
            answer |= {"transcripts": self._list(), "reload": transcript in touched["transcript"]}
        if ids - {c.id for c in found if c.transcript == transcript} and t:
            answer["counts"] = self._counts(transcript)
        return answer

    def truth(self, request: Request) -> Answer:
        """The codings that a failed request was about, as they are."""
        edits = [c for name in ("add", "change", "remove") for c in request.get(name, ())]
        ids = {str(c["id"]) for c in edits if isinstance(c, Mapping) and "id" in c}
        return {**self.effect({"coding": ids}, request), **codes_of(self.db)} if ids else {}

    def _counts(self, transcript: str) -> dict[str, int]:
        """How often each code is used elsewhere; in this transcript the browser counts itself."""
        counts: dict[str, int] = {}
        for (code, where, coder), n in count_codings(self.db).items():
            if where != transcript and (not self.sight.blind or coder == self.coder):
                counts[code] = counts.get(code, 0) + n
        return counts

    def _marks(self, transcript: str) -> Answer:
        done = load_done(self.db).get(transcript, set())
        seen = [m for m in load_memos(self.db) if not self.sight.blind or m.coder == self.coder]
        return {"done": sorted(done), "memos": [_plain_memo(m) for m in seen if m.about == "code" or m.about_id == transcript]}

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
