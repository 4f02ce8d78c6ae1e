"""Codebooks, codings and what a study came to, into a study."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from workbench.analysis.in_words import number_of
from workbench.analysis.placing import PlacedCoding, Placing, place_codings
from workbench.errors import UnknownCode, UnknownTranscript, did_you_mean
from workbench.io.codebook import fields_told, read_codebook
from workbench.io.codings import CodingRow, read_coding_rows
from workbench.io.formats import Format
from workbench.io.synthesis import read_synthesis
from workbench.model import Code, Codebook, Coding, Opportunity, Persona, Transcript
from workbench.store import save_codes, save_codings, save_document
from workbench.study.known import Imported, ImportOptions, Known, check_rows, read_rows

Placed = PlacedCoding[CodingRow]
D = TypeVar("D", Persona, Opportunity)

_WAYS = ("position", "exact", "normalised", "approximate")


def take_codebook(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Codes, those of the same path brought up to date.  What the file has no column for stays as the study has it."""
    now = {known.codebook.path(c).casefold(): c for c in known.codebook}
    codes, problems = read_rows(options, read_codebook, path)
    check_rows(options, path, problems, len(codes))
    read = Codebook(codes)
    told = fields_told(path, encoding=options.encoding or None) & set(Code.__dataclass_fields__)
    above = {c.parent for c in read}
    there = {c.id: now[read.path(c).casefold()] for c in read if read.path(c).casefold() in now}
    ids = {c.id: there[c.id].id if c.id in there else uuid4().hex for c in read}
    taken = []
    for c in read:
        code = replace(c, id=ids[c.id], parent=ids.get(c.parent or ""))
        if c.id in there:
            code = there[c.id] if c.id in above and _says_nothing(c) else _merged(code, there[c.id], told)
        elif "position" not in told:
            code = replace(code, position=len(known.codes) + c.position)
        taken.append(code)
    new = sum(c.id not in known.codes for c in taken)
    changed = sum(c.id in known.codes and known.codes[c.id] != c for c in taken)
    known.codes.update({c.id: c for c in taken})
    everything = list(known.codebook)
    known.save.append(lambda t: save_codes(t, everything))
    return Imported(path, "codebook", number_of(len(codes), "code"), new, changed, len(codes) - new - changed, left_out=problems)


def _says_nothing(code: Code) -> bool:
    """Whether a code stands in a file for the sake of those below it only."""
    return code == Code(code.id, code.name, parent=code.parent, position=code.position)


def _merged(code: Code, now: Code, told: set[str]) -> Code:
    return replace(now, name=code.name, **{field: getattr(code, field) for field in told - {"name", "parent"}})


def take_codings(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Codings, each put on the passage that it quotes."""
    rows, unread = read_rows(options, read_coding_rows, path)
    placed, problems = _placed(known, rows)
    made, n_known, n_codes = [], 0, len(known.codes)
    for transcript, found in placed:
        try:
            code = _code(known, found.row.code, add=options.new_codes)
        except UnknownCode as error:
            problems.append((found.row.row, str(error)))
            continue
        coder = found.row.coder or options.coder or known.study.coder
        key = (transcript.id, code.id, coder, found.start, found.end)
        n_known += key in known.codings
        if key not in known.codings:
            known.codings.add(key)
            made.append(Coding(uuid4().hex, *key[:3], found.start, found.end, found.text, found.row.memo, found.row.intensity))
    left_out = sorted([*unread, *(f"row {row}: {why}" for row, why in problems)], key=_row_number)
    check_rows(options, path, left_out, len(made) + n_known)
    known.save.append(lambda t: save_codings(t, [replace(c, created=t.at) for c in made]))
    n_new_codes = len(known.codes) - n_codes
    notes = [*_how(placed), *([number_of(n_new_codes, "new code")] if n_new_codes else [])]
    return Imported(path, "codings", number_of(len(made) + n_known, "coding"), len(made), 0, n_known, tuple(notes), tuple(left_out))


def _row_number(problem: str) -> int:
    found = re.match(r"row (\d+)", problem)
    return int(found[1]) if found else 0


def _code(known: Known, name: str, *, add: bool) -> Code:
    """The code that a row means; a name that several codes have is never a new one."""
    book = known.codebook
    try:
        return book.find(name)
    except UnknownCode:
        if not add or any(c.name.casefold() == name.casefold() for c in book):
            raise
        return known.add_code(name)


def _placed(known: Known, rows: Sequence[CodingRow]) -> tuple[list[tuple[Transcript, Placed]], list[tuple[int, str]]]:
    """Each row with its transcript and passage, and the number of each that has none, with the reason.

    A row may name a transcript, or a participant; then the one of their transcripts that holds the quote best is taken.
    """
    aliases = {p.id: alias for alias, p in known.participants.items()}
    of_person: dict[str, list[Transcript]] = {}
    for t in known.transcripts.values():
        of_person.setdefault(aliases.get(t.participant or "", ""), []).append(t)
    found, problems = [], []
    for row in rows:
        named = known.transcripts.get(row.transcript)
        candidates = [named] if named else of_person.get(row.transcript, []) if row.transcript else []
        tried = [(t, place_codings([replace(row, transcript=t.name)], {t.name: t})) for t in candidates]
        hits = [(t, p) for t, placing in tried for p in placing.placed]
        if hits:
            found.append(max(hits, key=lambda hit: (-_WAYS.index(hit[1].how), hit[1].score)))
        else:
            problems.append((row.row, _why_not([p for _, p in tried]) or str(UnknownTranscript(row.transcript, known.transcripts))))
    return found, problems


def _why_not(tried: Sequence[Placing[CodingRow]]) -> str:
    missed = [n for placing in tried for n in placing.not_placed]
    if not missed:
        return ""
    best = max(missed, key=lambda n: n.best.score if n.best else 0)
    ambiguous = best.best is not None and best.best.how == "ambiguous"
    return best.reason + (" Add start and end, or the time it was said at." if ambiguous else "")


def _how(placed: Sequence[tuple[Transcript, Placed]]) -> list[str]:
    """How many were placed in which way, and each one that was only nearly found."""
    counts = {how: sum(p.how == how for _, p in placed) for how in _WAYS}
    return [
        "placed: " + (", ".join(f"{n} {how}" for how, n in counts.items() if n) or "none"),
        *(
            f'row {p.row.row}, approximate (score {p.score:.2f}): "{_short(p.row.quote)}" was put on "{_short(p.text)}"'
            for _, p in placed
            if p.how == "approximate"
        ),
    ]


def take_synthesis(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Personas and opportunities, those of the same name brought up to date."""
    read, _ = read_rows(options, read_synthesis, path)
    for persona in read.personas:
        for alias in persona.participants:
            known.participant(alias, f'{path}, persona "{persona.name}"', add=False)
    personas = _kept(read.personas, known.personas, lambda p: p.name)
    opportunities = _kept(read.opportunities, known.opportunities, lambda o: o.how_might_we)
    made: list[tuple[Persona | Opportunity, str]] = [*personas, *opportunities]
    known.save.append(lambda t: [save_document(t, thing) for thing, _ in made])
    n = Counter(how for _, how in made)
    return Imported(
        path, "synthesis", f"{number_of(len(personas), 'persona')}, {len(opportunities)} opportunities", n["new"], n["changed"], n["known"],
        notes=(*_stands_for_nobody(known, read.personas), *_leads_nowhere(known, read.opportunities)),
    )  # fmt: skip


def _kept(read: Sequence[D], there: dict[str, D], name: Callable[[D], str]) -> list[tuple[D, str]]:
    """Each with the id of the one that it replaces, and whether it is new, changed or known."""
    found = []
    for thing in read:
        now = there.get(name(thing))
        made = replace(thing, id=now.id if now else thing.id or uuid4().hex)
        there[name(thing)] = made
        found.append((made, "new" if now is None else "changed" if now != made else "known"))
    return found


def _stands_for_nobody(known: Known, personas: Sequence[Persona]) -> list[str]:
    people = known.participants.values()
    return [
        f'persona "{p.name}": no participant of the study belongs to it'
        for p in personas
        if not p.participants and not any(p.segment and p.segment.items() <= one.attributes.items() for one in people)
    ]


def _leads_nowhere(known: Known, opportunities: Sequence[Opportunity]) -> list[str]:
    """What opportunities name that the study does not have: they are kept, and their evidence will be missing on the map."""
    settings = known.study.settings
    there = {
        "stage": {s.id for s in settings.stages},
        "code": {c.name for c in known.codes.values()},
        "measure": {m.name for m in settings.measures},
    }
    return [
        f'opportunity "{_short(o.how_might_we)}": there is no {what} "{name}". {did_you_mean(name, there[what])}'
        for o in opportunities
        for what, names in (("stage", [o.stage]), ("code", o.codes), ("measure", [o.measure]))
        for name in names
        if name and name not in there[what]
    ]


def _short(words: str, length: int = 60) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"
