"""An empathy map that lives: made again with new data, and held against another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from workbench.model import Basis, CodeKind, EmpathyMap, Evidence, Note, Quadrant, Statement
from workbench.model.empathy_map import INFERRED

_ORDER = {quadrant: i for i, quadrant in enumerate(Quadrant)}
#: How a note is found again: by what it is called, by its code, by its words; the surest first.
_KEYS: tuple[Callable[[Note], Hashable], ...] = (
    lambda note: note.statement.id,
    lambda note: note.statement.code and (note.quadrant, note.statement.code),
    lambda note: (note.quadrant, note.statement.text),
)


def rebuild_empathy_map(before: EmpathyMap, built: EmpathyMap) -> EmpathyMap:
    """The map that people edited, with new data in it.

    Parameters
    ----------
    before : the map as a team left it
    built : the same map, fresh from :func:`build_empathy_map`

    Returns
    -------
    ``built`` with all that people wrote: notes that somebody asserted or reworded keep their words, and every note keeps its
    rank, its remark, the quadrant it was moved to, and whether it is hidden; title and problem statement stay.  A note without new
    data goes, unless somebody touched it: then it stays without evidence, and so is marked assumed.  A note of no code is
    somebody's own and keeps the evidence that was given to it, as far as the new data hold words of the same people.
    Notes are found again by id, else by quadrant and code, else by quadrant and words.
    """
    pairs = _pair(before.notes, built.notes)
    consent = {q.participant: False for n in built.notes for q in n.statement.quotes}
    consent |= {q.participant: True for n in built.notes for q in n.statement.quotes if q.quotable}
    now = [_carry_over(was, new) if was else new for was, new in pairs if new]
    left = [_without_data(was, built.n_of, consent) for was, new in pairs if was and not new and _touched(was)]
    notes = sorted([*now, *left], key=lambda n: (_ORDER[n.quadrant], n.statement.rank is None, n.statement.rank or 0))
    return replace(
        built,
        id=before.id,
        about=before.about or built.about,
        problem=before.problem or built.problem,
        version=before.version,
        notes=tuple(notes),
    )


def written_part(map: EmpathyMap) -> EmpathyMap:
    """What of a map is people's: the notes that somebody wrote, changed, moved or took off.  The rest is built from the codings."""
    return replace(map, notes=tuple(note for note in map.notes if _touched(note)))


def compare_empathy_maps(a: EmpathyMap, b: EmpathyMap) -> pd.DataFrame:
    """Two maps side by side.

    Returns
    -------
    One row per statement that stands on either map, by quadrant, most shared first: ``quadrant``, ``statement`` (its words in
    the first map, else in the second), ``code``, ``in_map`` ("both", "first", "second"), then how many of how many people are
    behind it in each: ``n_first``, ``n_of_first``, ``n_second``, ``n_of_second``.  Hidden notes stand on no map.
    """
    rows = []
    for first, second in _pair(a.notes, b.notes):
        shown = [bool(note and not note.statement.hidden) for note in (first, second)]
        note = first or second
        if note and any(shown):
            where = "both" if all(shown) else "first" if shown[0] else "second"
            rows.append((note.quadrant, note.statement.text, note.statement.code, where, *_count(first, a), *_count(second, b)))
    rows.sort(key=lambda r: (_ORDER[r[0]], -(r[4] + r[6]), r[1]))
    columns = ["quadrant", "statement", "code", "in_map", "n_first", "n_of_first", "n_second", "n_of_second"]
    return pd.DataFrame([(str(q), *rest) for q, *rest in rows], columns=columns)


def _pair(a: Sequence[Note], b: Sequence[Note]) -> list[tuple[Note | None, Note | None]]:
    """The notes of two maps side by side, in the second's order and then the first's."""
    left, right = list(a), list(b)
    found: dict[int, Note] = {}
    for key in _KEYS:
        mine, theirs = _only(left, key), _only(right, key)
        found |= {id(theirs[k]): mine[k] for k in mine.keys() & theirs.keys()}
        taken = {id(n) for n in found.values()}
        left, right = [n for n in left if id(n) not in taken], [n for n in right if id(n) not in found]
    return [*((found.get(id(n)), n) for n in b), *((n, None) for n in left)]


def _only(notes: Sequence[Note], key: Callable[[Note], Hashable]) -> dict[Hashable, Note]:
    """The notes whose key is theirs alone: what two notes share tells neither of them."""
    counts = Counter(key(n) for n in notes)
    return {key(n): n for n in notes if key(n) and counts[key(n)] == 1}


def _worded(statement: Statement) -> bool:
    return bool(statement.asserted_by or statement.reworded_by)


def remark(statement: Statement) -> str:
    """What somebody noted beside a statement; the kind of its code is not a remark."""
    return "" if statement.note in set(CodeKind) else statement.note


def _touched(note: Note) -> bool:
    s = note.statement
    moved = not s.id.startswith(f"{note.quadrant}/")  # also true of a note without an id, which no building has made
    return moved or _worded(s) or s.hidden or s.rank is not None or bool(remark(s))


def _carry_over(was: Note, new: Note) -> Note:
    old, now = was.statement, new.statement
    statement = replace(
        now,
        text=old.text if _worded(old) else now.text,
        asserted_by=old.asserted_by,
        reworded_by=old.reworded_by,
        hidden=old.hidden,
        rank=old.rank,
        step=old.step,
        note=remark(old) or now.note,
        basis=Basis.INFERRED if was.quadrant in INFERRED else now.basis,
    )
    return Note(was.quadrant, statement)


def _without_data(note: Note, n_of: int, consent: Mapping[str, bool]) -> Note:
    """A note that people keep although the new data do not say it."""
    s = note.statement
    quotes = [replace(q, quotable=q.quotable and consent[q.participant]) for q in s.quotes if q.participant in consent]
    evidence: tuple[Evidence, ...] = () if s.code else (*quotes, *s.measures)
    verbatim = not _worded(s) and any(q.text == s.text for q in s.quotes)
    said_by = tuple(p for p in s.said_by if p in consent) if evidence else ()
    text = s.code if verbatim and s.code else s.text
    basis = s.basis if evidence else Basis.ASSUMED
    return Note(note.quadrant, replace(s, text=text, evidence=evidence, said_by=said_by, n_of=n_of, basis=basis))


def _count(note: Note | None, of: EmpathyMap) -> tuple[int, int]:
    return (note.statement.n, note.statement.n_of) if note else (0, of.n_of)
