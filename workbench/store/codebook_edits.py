"""The codebook as it is worked on: codes added, revised, moved, merged and split, several steps in one transaction.

Everything is checked before anything is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import select

from workbench.errors import BadSetting, StaleEdit, UnknownCode, UnknownName
from workbench.model import Code, Codebook, CodeKind
from workbench.store import schema
from workbench.store.changes import Transaction
from workbench.store.database import Database

_REVISABLE = ("name", "kind", "colour", "definition", "use", "dont_use", "example", "valence", "retired")

Row = Mapping[str, Any]


def load_code_versions(db: Database) -> dict[str, int]:
    """How often each code has been written, by its id: what :func:`revise_code` and :func:`move_code` ask for as ``version``."""
    with db.reading() as connection:
        return {row.id: row.version for row in connection.execute(select(schema.code.c.id, schema.code.c.version))}


def add_code(transaction: Transaction, code: Code, before: str | None = None) -> Code:
    """Put a new code under its parent, before a sibling or last; give it back with its position.

    Parameters
    ----------
    before : the id of a code under the same parent

    Raises
    ------
    BadSetting
        A sibling has the name, the parent or the sibling is not there, or the code is in the codebook already.
    """
    codes = _read_codes(transaction)
    if code.id in codes:
        raise BadSetting(f'code "{code.name}"', "it is in the codebook already", "Revise it, or give the new one an id of its own.")
    after = _placed(codes, code, before)
    Codebook(after.values())
    made = after.pop(code.id)
    transaction.add(schema.code, [{**asdict(made), "kind": made.kind.value}])
    _write_places(transaction, codes, after)
    return made


def revise_code(transaction: Transaction, id: str, version: int, values: Mapping[str, Any]) -> None:
    """Change what a code is called, says and looks like, or retire it and bring it back.

    Parameters
    ----------
    values : any of ``name``, ``kind``, ``colour``, ``definition``, ``use``, ``dont_use``, ``example``, ``valence``, ``retired``

    Raises
    ------
    StaleEdit
        It is not at ``version`` any more.
    BadSetting
        A sibling has the name, the valence is out of range, or ``values`` holds something else.
    UnknownName
        There is no such kind of code.
    """
    what = _check_version(transaction, id, version)
    codes = _read_codes(transaction)
    for name in sorted(set(values) - set(_REVISABLE)):
        raise BadSetting(what, f'"{name}" is not something to revise', f"Accepted: {', '.join(_REVISABLE)}.")
    if "kind" in values:
        values = {**values, "kind": _kind(values["kind"]).value}
    Codebook({**codes, id: _code({**asdict(codes[id]), **values})}.values())
    transaction.update(schema.code, id, values, expected_version=version, what=what)


def move_code(transaction: Transaction, id: str, version: int, parent: str | None, before: str | None = None) -> None:
    """Put a code, with all below it, under another parent or elsewhere among its siblings.  Where it lies already, nothing is written.

    Parameters
    ----------
    parent : the id of the code above, or ``None`` for the top
    before : the id of the sibling that comes next, or ``None`` for the last place

    Raises
    ------
    StaleEdit
        It is not at ``version`` any more.
    UnknownCode
        The parent is not there.
    BadSetting
        The parent is the code itself or below it, a new sibling has its name, or ``before`` is not under the parent.
    """
    what = _check_version(transaction, id, version)
    codes = _read_codes(transaction)
    moved = codes[id]
    if parent is not None and moved in _line(codes, _known(codes, parent)):
        raise BadSetting(f'code "{moved.name}"', "it cannot lie under itself or a code below it", "Choose another parent.")
    after = _placed(codes, replace(moved, parent=parent), before)
    Codebook(after.values())
    place = after.pop(id)
    if place != moved:
        values = {"parent": place.parent, "position": place.position}
        transaction.update(schema.code, id, values, expected_version=version, what=what)
    _write_places(transaction, codes, after)


def merge_codes(transaction: Transaction, from_id: str, into_id: str) -> None:
    """Make two codes one: codings, memos and children of the first go to the second, and the first is removed.

    Where a coder has both codes on the same passage, the two codings become one: their memos are joined, and the intensity is
    that of the second code's coding, or else that of the first's.  So are a coder's memos on the two codes.  When the second
    code lies below the first, its branch takes the place of the first.

    Raises
    ------
    UnknownCode
    BadSetting
        The codes are one and the same, the second is retired, or a child would come to lie beside another of its name.
    """
    codes = _read_codes(transaction)
    gone, kept = _known(codes, from_id), _known(codes, into_id)
    if gone == kept:
        raise BadSetting(f'code "{gone.name}"', "it cannot be merged into itself", "Choose another code.")
    _check_takes_codings(kept)
    after = _without(codes, gone, kept)
    joined = _merge_codings(transaction, from_id, into_id)
    _carry_memos(transaction, "coding", joined)
    _carry_memos(transaction, "code", {from_id: into_id})
    _write_places(transaction, codes, after)
    transaction.remove(schema.code, from_id, what=f'The code "{gone.name}"')


def split_code(transaction: Transaction, id: str, new: Code, codings: Collection[str]) -> Code:
    """Give some of a code's codings, whoever made them, a new code right after it; give back the new code.

    Parameters
    ----------
    new : the new code.  Its parent and position are found here; its kind and colour, where it has none of its own, are those
        of the code that is split, and so is the valence of an emotion
    codings : the ids of the codings that go to the new code

    Raises
    ------
    UnknownCode
    BadSetting
        No codings are picked, some are not the code's (any more), the new code is retired, or a sibling has its name.
    """
    codes = _read_codes(transaction)
    old, picked = _known(codes, id), dict.fromkeys(codings)
    _check_takes_codings(new)
    its_own = {row["id"] for row in transaction.find(schema.coding, code=id)}
    n_lost = len(picked.keys() - its_own)
    if n_lost or not picked:
        found = f"{n_lost} of the {len(picked)} picked codings are not its own" if picked else "no codings are picked to go to the new one"
        raise BadSetting(f'code "{old.name}"', found, "Read its codings again and pick some of them.")
    siblings = [c.id for c in _children(codes, old.parent)]
    after_it = siblings[siblings.index(id) + 1 :]
    made = add_code(transaction, _like(old, new), after_it[0] if after_it else None)
    transaction.update_many(schema.coding, {coding: {"code": made.id} for coding in picked}, what="A picked coding")
    return made


def remove_code(transaction: Transaction, id: str, version: int) -> None:
    """Take a code away that nothing rests on: no codings and no codes below it; the memos on it go with it.

    Raises
    ------
    UnknownCode
    StaleEdit
        It is not at ``version`` any more.
    BadSetting
        Something rests on it.
    """
    codes = _read_codes(transaction)
    old = _known(codes, id)
    what = _check_version(transaction, id, version)
    n_codings, n_below = len(transaction.find(schema.coding, code=id)), len(_children(codes, id))
    if n_codings or n_below:
        found = f"{n_codings} codings and {n_below} codes below it rest on it"
        raise BadSetting(f'code "{old.name}"', found, "Merge it into another code, or retire it.")
    for note in transaction.find(schema.memo, about="code", about_id=id):
        transaction.remove(schema.memo, note["id"])
    transaction.remove(schema.code, id, expected_version=version, what=what)


def _like(old: Code, new: Code) -> Code:
    kind = old.kind if new.kind == CodeKind.OTHER else new.kind
    valence = old.valence if new.valence is None and kind == old.kind else new.valence
    return replace(new, parent=old.parent, kind=kind, colour=new.colour or old.colour, valence=valence)


# the tree, in memory


def _read_codes(transaction: Transaction) -> dict[str, Code]:
    return {row["id"]: _code(row) for row in transaction.find(schema.code)}


def _code(row: Row) -> Code:
    return Code(**{**{k: v for k, v in row.items() if k != "version"}, "kind": CodeKind(row["kind"])})


def _children(codes: Mapping[str, Code], parent: str | None) -> list[Code]:
    """In the order that :class:`Codebook` gives them; it cannot be asked while a change is half thought out."""
    return sorted((c for c in codes.values() if c.parent == parent), key=lambda c: (c.position, c.name.casefold(), c.id))


def _line(codes: Mapping[str, Code], code: Code) -> list[Code]:
    """A code and those above it."""
    line = [code]
    while line[-1].parent is not None:
        line.append(codes[line[-1].parent])
    return line


def _path(codes: Mapping[str, Code], code: Code) -> str:
    return " / ".join(c.name for c in reversed(_line(codes, code)))


def _placed(codes: Mapping[str, Code], code: Code, before: str | None) -> dict[str, Code]:
    """The codes with this one before a sibling, or last; those behind it move up only as far as there is no gap."""
    now = _children(codes, code.parent)
    order = [c for c in now if c.id != code.id]
    ids = [c.id for c in order]
    if before is not None and before not in ids:
        raise BadSetting(f'code "{code.name}"', "the code that it should come before is not beside it", "Choose one under the same parent.")
    k = len(ids) if before is None else ids.index(before)
    if [*ids[:k], code.id, *ids[k:]] == [c.id for c in now]:
        return dict(codes)
    at = order[k - 1].position + 1 if k else 0
    after = {**codes, code.id: replace(code, position=at)}
    for follower in order[k:]:
        if follower.position > at:
            break
        at += 1
        after[follower.id] = replace(follower, position=at)
    return after


def _without(codes: Mapping[str, Code], gone: Code, kept: Code) -> dict[str, Code]:
    """The codes when one has gone and its children are under another."""
    after, above = dict(codes), _line(codes, kept)
    for child in _children(codes, gone.id):
        parent, before = (gone.parent, gone.id) if child in above else (kept.id, None)
        twin = _of_name(after, parent, child.name, besides=gone)
        if twin is not None:
            found = f'it would come to lie beside "{_path(codes, twin)}", which has the same name'
            raise BadSetting(f'code "{_path(codes, child)}"', found, "Rename one of the two, then merge.")
        after = _placed(after, replace(child, parent=parent), before)
    del after[gone.id]
    return after


def _of_name(codes: Mapping[str, Code], parent: str | None, name: str, *, besides: Code) -> Code | None:
    same = (c for c in _children(codes, parent) if c.name.casefold() == name.casefold() and c.id != besides.id)
    return next(same, None)


# checks


def _check_version(transaction: Transaction, id: str, version: int) -> str:
    """What to call the code in messages, provided that it is as it was read."""
    row = transaction.current(schema.code, id)
    what = "The code" if row is None else f'The code "{row["name"]}"'
    if row is None or row["version"] != version:
        raise StaleEdit(what, transaction._last_editor(schema.code, id))
    return what


def _known(codes: Mapping[str, Code], id: str) -> Code:
    if id not in codes:
        raise UnknownCode(id, (c.name for c in codes.values()))
    return codes[id]


def _kind(found: str) -> CodeKind:
    try:
        return CodeKind(found)
    except ValueError:
        raise UnknownName("kind of code", str(found), list(CodeKind)) from None


def _check_takes_codings(code: Code) -> None:
    if code.retired:
        raise BadSetting(f'code "{code.name}"', "it is retired and takes no new codings", "Choose another code or bring it back.")


# rows


def _write_places(transaction: Transaction, before: Mapping[str, Code], after: Mapping[str, Code]) -> None:
    """Write the parents and positions that have changed."""
    moved = {id: {"parent": c.parent, "position": c.position} for id, c in after.items() if c != before[id]}
    transaction.update_many(schema.code, moved, what="A code beside it")


def _merge_codings(transaction: Transaction, from_id: str, into_id: str) -> dict[str, str]:
    """Give one code's codings to another; for each that is joined to one there, its id and the id of that one."""
    what = "A coding of the two codes"
    there = {_place(c): c for c in transaction.find(schema.coding, code=into_id)}
    given = transaction.find(schema.coding, code=from_id)
    twins = {c["id"]: (there[_place(c)], c) for c in given if _place(c) in there}
    joined = {kept["id"]: new for kept, c in twins.values() if not (new := _joined(kept, c)).items() <= kept.items()}
    transaction.update_many(schema.coding, joined, what=what)
    for id in twins:
        transaction.remove(schema.coding, id, what=what)
    transaction.update_many(schema.coding, {c["id"]: {"code": into_id} for c in given if c["id"] not in twins}, what=what)
    return {id: kept["id"] for id, (kept, _) in twins.items()}


def _place(coding: Row) -> tuple[Any, ...]:
    return (coding["transcript"], coding["coder"], coding["start"], coding["end"])


def _joined(kept: Row, gone: Row) -> dict[str, Any]:
    intensity = gone["intensity"] if kept["intensity"] is None else kept["intensity"]
    return {"memo": _both(kept["memo"], gone["memo"]), "intensity": intensity}


def _both(first: str, second: str) -> str:
    return "\n".join(words for words in (first, second) if words)


def _carry_memos(transaction: Transaction, about: str, to: Mapping[str, str]) -> None:
    """Let memos be about another thing; a coder's memo joins the one that they have there already."""
    memos = sorted(transaction.find(schema.memo, about=about), key=lambda m: (m["created"], m["id"])) if to else []
    there = {(m["about_id"], m["coder"]): m for m in memos if m["about_id"] in to.values()}
    changed: dict[str, dict[str, Any]] = {}
    joined: list[str] = []
    for m in (m for m in memos if m["about_id"] in to):
        kept = there.setdefault((to[m["about_id"]], m["coder"]), m)
        if kept is m:
            changed[m["id"]] = {"about_id": to[m["about_id"]], "text": m["text"]}
        else:
            so_far = changed.setdefault(kept["id"], {"text": kept["text"]})
            so_far["text"] = _both(so_far["text"], m["text"])
            joined.append(m["id"])
    transaction.update_many(schema.memo, changed, what="A memo")
    for id in joined:
        transaction.remove(schema.memo, id, what="A memo")
