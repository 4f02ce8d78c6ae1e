"""Two maps compared: what came, what went, what changed, and which evidence is the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from math import isfinite
from typing import Any, TypeVar

import pandas as pd

from workbench.analysis.in_words import number_of
from workbench.analysis.intervals import estimate_share
from workbench.analysis.statement_ids import Placed, match_statements
from workbench.model import Estimate, Feeling, Journey, Measured, MomentOfTruth, Quote, Stage, Statement, Step, Transition

T = TypeVar("T")
#: How something was, how it is, and the reason.
Aspect = tuple[str, str, str]
#: The names of a stage and of a lane.
Place = tuple[str, str]

#: What a field is called where its own name is no word.
_CALLED = {"asserted_by": "author", "opens": "linked map", "at": "time"}
_MINUS = "\N{MINUS SIGN}"
_SIGNED = {"valence", "NPS points"}


@dataclass(frozen=True)
class _Change:
    """One row of the comparison."""

    what: str
    stage: str
    lane: str
    text: str
    change: str
    before: str = ""
    after: str = ""
    because: str = ""
    clear: bool | None = None


def compare_journeys(before: Journey, after: Journey) -> pd.DataFrame:
    """What changed from one version of a map to another.

    Returns
    -------
    One row per change; none, where nothing changed:

    - ``what``: stage, lane, step, statement, measure, feeling, moment or transition
    - ``stage``, ``lane``: where, by name
    - ``text``: which one
    - ``change``: ``came``, ``went`` or ``changed``
    - ``before``, ``after``: in words, ``8 of 12`` and ``11 of 15``, ``mean −0.8 (−1.2 to −0.4)``
    - ``because``: ``3 new quotes from P09, P11``, ``2 quotes gone``, ``reworded by ana``
    - ``clear``: for a number that is in both, whether the two intervals do not overlap; missing for everything else

    A number that reads the same in both versions did not change.  A statement changed when other people say it, when quotes came or
    went, when somebody edited it, or when its share differs clearly because more people were asked.  What is off the map in both
    versions is left out.  Two intervals that do not overlap differ; two that do may still (Schenker & Gentleman 2001).  Versions
    of one study share most of their people, so ``clear`` describes, and is no test.
    """
    names = {s.id: s.name for j in (before, after) for s in j.stages}
    rows = [
        *_stages(before, after, names),
        *_lanes(before, after),
        *_steps(before, after, names),
        *_statements(before, after, names),
        *_feelings(before, after, names),
        *_moments(before, after, names),
        *_transitions(before, after, names),
    ]
    table = pd.DataFrame([astuple(r) for r in rows], columns=[f.name for f in fields(_Change)])
    return table.astype({f.name: "boolean" if f.name == "clear" else object for f in fields(_Change)})


def change_sentences(changes: pd.DataFrame) -> list[str]:
    """One sentence for each row of :func:`compare_journeys`: clear changes first, then what came and went, then the rest."""
    rows: list[Any] = list(changes.itertuples(index=False))
    return [_sentence(r) for r in sorted(rows, key=lambda r: 0 if r.clear is not pd.NA and r.clear else 1 if r.change != "changed" else 2)]


def _sentence(r: Any) -> str:
    place = ", ".join(x for x in (r.stage, r.lane) if x and x != r.text)
    name = f"{r.what} “{r.text}”" + (f" ({place})" if place else "")
    if r.change != "changed":
        told = "; ".join(x for x in (r.after or r.before, r.because) if x)
        return f"The {name} {'is new' if r.change == 'came' else 'is gone'}" + (f": {told}." if told else ".")
    why = f" ({r.because})" if r.because else ""
    return f"The {name} changed from {r.before or 'nothing'} to {r.after or 'nothing'}{why}{_how_clear(r)}."


def _how_clear(r: Any) -> str:
    """That so few people overlap goes without saying; of a number that was measured it must be said."""
    if r.clear is not pd.NA and r.clear:
        return ", which is clear: the intervals do not overlap"
    return "" if r.clear is pd.NA or r.what == "statement" else "; the intervals overlap, so it may be chance"


def _both(old: Iterable[T], new: Iterable[T], key: Callable[[T], Any]) -> Iterator[tuple[T | None, T | None, T]]:
    """The things of both maps side by side, by what names them; and the later of the two, or the only one."""
    before, after = {key(x): x for x in old}, {key(x): x for x in new}
    yield from ((before.get(k), after.get(k), here) for k, here in {**before, **after}.items())


def _row(what: str, place: Place, text: str, old: T | None, new: T | None, words: Callable[[T], str]) -> Iterator[_Change]:
    """The row of something that is on one of the two maps only."""
    if old is None and new is not None:
        yield _Change(what, *place, text, "came", after=words(new))
    elif new is None and old is not None:
        yield _Change(what, *place, text, "went", before=words(old))


def _changed(what: str, place: Place, text: str, aspects: Sequence[Aspect], clear: bool | None = None) -> Iterator[_Change]:
    """The row of something whose aspects differ."""
    if aspects:
        was, now, why = ("; ".join(dict.fromkeys(x for x in column if x)) for column in zip(*aspects, strict=True))
        yield _Change(what, *place, text, "changed", was, now, why, clear)


def _stages(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    for old, new, here in _both(before.stages, after.stages, lambda s: s.id):
        place = (here.name, "")
        yield from _row("stage", place, here.name, old, new, _spoken_of)
        if old and new:
            yield from _changed(
                "stage", place, here.name, [*_edits(old, new, ("name", "description", "problem", "opens")), *_speakers(old, new)]
            )
    orders = [[s.id for s in j.stages if s.id in {x.id for x in other.stages}] for j, other in ((before, after), (after, before))]
    if orders[0] != orders[1]:
        was, now = (", ".join(names[s] for s in order) for order in orders)
        yield _Change("stage", "", "", "order of the stages", "changed", was, now)


def _spoken_of(s: Stage) -> str:
    return f"{s.n} of {s.n_of} spoke of it" if s.n_of else ""


def _speakers(old: Stage, new: Stage) -> list[Aspect]:
    return [(_spoken_of(old), _spoken_of(new), "")] if old.n != new.n else []


def _edits(old: Any, new: Any, names: Iterable[str]) -> list[Aspect]:
    """The fields that say something else."""
    values = ((_CALLED.get(n, n.replace("_", " ")), getattr(old, n), getattr(new, n)) for n in names)
    return [(_said(n, a), _said(n, b), "") for n, a, b in values if a != b]


def _said(name: str, value: object) -> str:
    if value in ("", None):
        return f"no {name}"
    return f"{name} “{value}”" if isinstance(value, str) else f"{name} {('no', 'yes')[value] if isinstance(value, bool) else value}"


def _lanes(before: Journey, after: Journey) -> Iterator[_Change]:
    for old, new, here in _both(before.lanes, after.lanes, lambda lane: lane.name):
        place = ("", here.name)
        yield from _row("lane", place, here.name, old, new, lambda lane: lane.note)
        if old and new:
            yield from _changed("lane", place, here.name, _edits(old, new, ("note",)))


def _steps(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    told = [f.name for f in fields(Step) if f.name not in ("id", "stage")]
    for old, new, here in _both(before.steps, after.steps, lambda s: s.id):
        place = (names[here.stage], "")
        yield from _row("step", place, here.name, old, new, lambda s: " · ".join(x for x in (s.touchpoint, s.channel) if x))
        if old and new:
            moved = [(names[old.stage], names[new.stage], "moved")] if old.stage != new.stage else []
            yield from _changed("step", place, here.name, [*moved, *_edits(old, new, told)])


def _statements(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    for old, new in match_statements(before, after):
        here = new or old
        if here is None or all(p is None or p.statement.hidden for p in (old, new)):
            continue
        place, text = (names[here.stage], here.lane), here.statement.text
        said = old.statement if old else None, new.statement if new else None
        if not all(s is None or _only_measured(s) for s in said):
            yield from _statement(place, text, old, new, names)
        was, now = (s.measures if s else () for s in said)
        for a, b, m in _both(was, now, lambda m: (m.name, m.segment, m.source)):
            yield from _measure(place, ", ".join(x for x in (m.name, m.segment) if x), a, b)


def _only_measured(s: Statement) -> bool:
    return bool(s.measures) and not s.quotes


def _statement(place: Place, text: str, old: Placed | None, new: Placed | None, names: Mapping[str, str]) -> Iterator[_Change]:
    if old and new:
        clear = _clear_share(old.statement, new.statement)
        counted = _evidence(old.statement, new.statement, bool(clear))
        yield from _changed("statement", place, text, [*_edited(old, new, names), *counted], clear if counted else None)
    elif new:
        yield _Change("statement", *place, text, "came", after=_standing(new.statement), because=_why((), new.statement.quotes))
    elif old:
        yield _Change("statement", *place, text, "went", before=_standing(old.statement), because=_why(old.statement.quotes, ()))


def _edited(old: Placed, new: Placed, names: Mapping[str, str]) -> list[Aspect]:
    """What somebody did to a statement."""
    a, b = old.statement, new.statement
    found: list[Aspect] = []
    if a.text != b.text:
        found.append((f"“{a.text}”", f"“{b.text}”", f"reworded by {b.reworded_by}" if b.reworded_by else "called otherwise"))
    if (old.stage, old.lane) != (new.stage, new.lane):
        found.append((f"in {names[old.stage]}, {old.lane}", f"in {names[new.stage]}, {new.lane}", "moved"))
    if a.hidden != b.hidden:
        found.append(("off the map", "on the map", "put back") if a.hidden else ("on the map", "off the map", "taken off"))
    return [*found, *_edits(a, b, ("note", "rank", "asserted_by", "step"))]


def _evidence(a: Statement, b: Statement, clear: bool) -> list[Aspect]:
    """The count and the quotes, where other people say it, quotes came or went, or the share is clearly another."""
    why = _why(a.quotes, b.quotes)
    if set(a.said_by) == set(b.said_by) and not why and a.assumed == b.assumed and not clear:
        return []
    was, now = _standing(a), _standing(b)
    if was == now:
        was, now = (f"{x}, {number_of(len(s.quotes), 'quote')}" for x, s in ((was, a), (now, b)))
    return [(was, now, why or (f"{b.n_of - a.n_of} more could have said it" if b.n_of > a.n_of else ""))]


def _standing(s: Statement) -> str:
    return f"{s.n} of {s.n_of}" if s.said_by else "assumed" if s.assumed else number_of(len(s.evidence), "piece") + " of evidence"


def _why(old: Sequence[Quote], new: Sequence[Quote]) -> str:
    """``3 new quotes from P09, P11; 2 quotes gone``."""
    came, n_gone = _others(new, old), len(_others(old, new))
    people = ", ".join(sorted({q.participant for q in came}))
    said = [f"{number_of(len(came), 'new quote')} from {people}"] if came else []
    return "; ".join([*said, *([f"{number_of(n_gone, 'quote')} gone"] if n_gone else [])])


def _others(some: Sequence[Quote], known: Sequence[Quote]) -> list[Quote]:
    """Quotes that are not known: one is the same passage, even when another coder marked it a little otherwise."""
    codings = {q.coding for q in known}
    fresh = [q for q in some if q.coding not in codings]
    return [q for q in fresh if not any(_overlap(q, k) for k in known)]


def _overlap(a: Quote, b: Quote) -> bool:
    return a.start < b.end and b.start < a.end and (a.transcript, a.participant) == (b.transcript, b.participant)


def _clear_share(a: Statement, b: Statement) -> bool | None:
    if not (a.n_of and b.n_of):
        return None
    return _apart(estimate_share(min(a.n, a.n_of), a.n_of), estimate_share(min(b.n, b.n_of), b.n_of))


def _measure(place: Place, text: str, old: Measured | None, new: Measured | None) -> Iterator[_Change]:
    yield from _row("measure", place, text, old, new, lambda m: in_words(m.estimate))
    if old and new:
        numbers = _numbers(old.estimate, new.estimate)
        clear = _clearly(numbers, old.estimate, new.estimate)
        yield from _changed("measure", place, text, [*numbers, *_edits(old, new, ("target",))], clear)


def _numbers(a: Estimate | None, b: Estimate | None, what: str = "") -> list[Aspect]:
    """Two estimates that do not read the same."""
    was, now = (what + in_words(e) if e else "not measured" for e in (a, b))
    return [(was, now, f"n {a.n:,} → {b.n:,} {b.of}" if a and b and a.n != b.n else "")] if was != now else []


def _clearly(numbers: Sequence[Aspect], a: Estimate | None, b: Estimate | None) -> bool | None:
    return _apart(a, b) if numbers and a and b else None


def _feelings(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    steps = {s.id: s.name for j in (before, after) for s in j.steps}
    was, now = ([f for f in j.feelings if f.estimate or f.hand_set is not None] for j in (before, after))
    for old, new, here in _both(was, now, lambda f: (f.stage, f.step)):
        place, text = (names[here.stage], ""), steps.get(here.step, here.step) or names[here.stage]
        yield from _row("feeling", place, text, old, new, _felt)
        if old and new:
            numbers = _numbers(old.estimate, new.estimate, "mean ")
            hands = [(_by_hand(old), _by_hand(new), "")] if old.hand_set != new.hand_set else []
            yield from _changed("feeling", place, text, [*numbers, *hands], _clearly(numbers, old.estimate, new.estimate))


def _felt(f: Feeling) -> str:
    return "; ".join(([f"mean {in_words(f.estimate)}"] if f.estimate else []) + ([_by_hand(f)] if f.hand_set is not None else []))


def _by_hand(f: Feeling) -> str:
    return "nothing by hand" if f.hand_set is None else f"{_signed(f.hand_set, 1)} by hand"


def _moments(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    now = {(o.stage, o.statement.text): n.statement.text for o, n in match_statements(before, after) if o and n and o.stage == n.stage}
    was = [replace(m, statement=now.get((m.stage, m.statement), m.statement)) for m in before.moments]
    for old, new, here in _both(was, after.moments, lambda m: (m.stage, m.statement, m.step)):
        place = (names[here.stage], "")
        yield from _row("moment", place, here.statement, old, new, _importance)
        if old and new and old.critical != new.critical:
            yield from _changed("moment", place, here.statement, [(_importance(old), _importance(new), "")])


def _importance(m: MomentOfTruth) -> str:
    return "the critical moment" if m.critical else "a moment of truth"


def _transitions(before: Journey, after: Journey, names: Mapping[str, str]) -> Iterator[_Change]:
    for old, new, here in _both(before.transitions, after.transitions, lambda t: (t.from_stage, t.to_stage)):
        place, text = (names[here.from_stage], ""), f"{names[here.from_stage]} → {names[here.to_stage]}"
        yield from _row("transition", place, text, old, new, _passage)
        if old and new:
            was, now = (x.rate.estimate if x.rate else None for x in (old, new))
            numbers = _numbers(was, now)
            yield from _changed("transition", place, text, [*numbers, *_edits(old, new, ("quality",))], _clearly(numbers, was, now))


def _passage(t: Transition) -> str:
    return in_words(t.rate.estimate) if t.rate else t.quality or "not measured"


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether two intervals do not overlap."""
    return a.high < b.low or b.high < a.low


def in_words(e: Estimate) -> str:
    """``52 % (48 to 56)``, ``+0.6 (+0.1 to +1.0)``, ``68 s (61 to 75)``."""
    scale = 100 if e.unit == "share" else 1
    digits = 1 if e.unit == "valence" or (e.unit != "NPS points" and scale * abs(e.high - e.low) < 2) else 0
    write = _signed if e.unit in _SIGNED else _plain
    unit = {"share": " %", "s": " s"}.get(e.unit, "")
    ends = f"{write(scale * e.low, digits)} to {write(scale * e.high, digits)}" if isfinite(e.low) and isfinite(e.high) else "no interval"
    return f"{write(scale * e.value, digits)}{unit} ({ends})"


def _signed(value: float, digits: int) -> str:
    text = _plain(value, digits)
    return text if text.startswith(_MINUS) or not text.strip("0.") else f"+{text}"


def _plain(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}".replace("-", _MINUS)
    return text if text.strip(f"{_MINUS}0.,") else text.removeprefix(_MINUS)
