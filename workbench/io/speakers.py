"""Who says a line: the ways in which transcripts name their speakers, and which of them a file uses.

A way is chosen by looking at the whole file, because a single line never shows it: "Note: the tram was late" and "Mara: the tram was
late" look alike until every second line begins with "Mara:".  Names are plain data, whatever they contain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.errors import BadSetting, did_you_mean

#: ``voices``: <v Name> in captions; ``names``: a name before what is said; ``dashes``: "- " begins a turn and nobody is named;
#: ``brackets``: [Name] or (Name) after what was said; ``none``: nobody is named.
STRATEGIES = ("voices", "names", "dashes", "brackets", "none")

TIME = r"(?:[0-9]{1,3}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,3})?"
_UNPADDED = r"[0-9]{1,3}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]{1,3})?"
_RANGE = re.compile(rf"\s*({_UNPADDED})\s*-->\s*{_UNPADDED}\s*$")
_STAMP = re.compile(rf"[\s\u200e\u200f]*(?:[\[(](?P<bracketed>{TIME})[\])]|(?P<bare>{TIME})(?=\s|$))(?:\s+[-–—|](?=\s))?\s*")
_NAMED = re.compile(
    rf"""[\s\u200e\u200f]*(?:\*\*|__)?(?P<name>[^\s:：<>*\[(•–—-][^:：<>]{{0,59}}?)(?:\*\*|__)?
    (?:\s{{0,20}}[\[(](?P<time>{TIME})[\])]|\s{{1,20}}(?P<bare>{TIME}))?(?:\*\*|__)?\s?
    (?:：|:(?=\*\*|__|[\s\u200e\u200f]|$))(?:\*\*|__)?[\u200e\u200f]*""",
    re.VERBOSE,
)
_HEADING = re.compile(rf"\s*(?:\*\*|__)?(?P<name>[^\s:：<>*][^:：<>]{{0,59}}?)(?:\*\*|__)?\s{{1,20}}[\[(]?(?P<time>{TIME})[\])]?\s*$")
_AFTER_MARK = re.compile(rf"[\s:：]*(?:[\[(]?(?P<time>{TIME})[\])]?(?=\s|$))?")
_DASH = re.compile(r"\s*(?:[-–—‐]\s+|[-–—](?=[^\W\d_]|[\"“«¿¡'(\[♪])|>>+\s*)(?=\S)")
_INNER_DASH = re.compile(r"(?<=[.?!,…\"'”’)\]])\s+-\s+(?=\S)")
_SENTENCE = re.compile(r"[!?;<>\"“”]|//|\w{5,}\.\s|\w{4,}[.,…]$|,\s\w+\s\w+\s\w+")
_BRACKET = re.compile(r"\s*[\[(]([^\[\]()]{1,60})[\])][\s.]*$")

#: Words before a colon or in brackets that are nobody, however often they come.
_NO_NAMES = frozenset(
    {"speaker", "name", "timestamp", "text", "date", "time", "title", "topic", "location", "place", "duration", "url", "link", "source"}
    | {"note", "notes", "nb", "ps", "warning", "hint", "tip", "todo", "example", "examples", "e.g", "i.e", "update", "edit", "summary"}
    | {"music", "applause", "laughter", "laughs", "crosstalk", "inaudible", "silence", "pause", "noise"}
)
_URL_SCHEMES = frozenset({"http", "https", "ftp", "mailto", "file"})
_SMALL_WORDS = frozenset(
    {"de", "da", "di", "del", "della", "der", "den", "van", "von", "zu", "la", "le", "el", "al", "bin", "ibn", "of", "and", "y", "e"}
)

#: Where this share of the lines is named, a name that comes once is a speaker too.
_DENSE = 0.6
#: The share of the lines that must be named, by several names that come again or by one.
_ENOUGH_OF_SEVERAL = 0.1
_ENOUGH_OF_ONE = 0.3
_ENOUGH_BARE_STAMPS = 0.2
#: More different names than this, each once, are headwords of a list.
_FEW = 3


@dataclass(frozen=True)
class Line:
    """One line of a file.  ``mark`` is where in it a name stands that only layout shows: bold type, or a table cell."""

    text: str
    mark: tuple[int, int] | None = None


@dataclass(frozen=True)
class Piece:
    """What was said in a line, from ``start`` to ``end``; ``speaker`` is ``None`` where the line names nobody."""

    start: int
    end: int
    speaker: str | None = None
    ms: int | None = None
    new_turn: bool = False


@dataclass(frozen=True)
class Naming:
    """How a file names its speakers: the way, the names that count as names, and which times at the start of a line are stamps."""

    strategy: str
    names: frozenset[str] = frozenset()
    bracketed_stamps: bool = False
    bare_stamps: bool = False


@dataclass(frozen=True)
class _Prefix:
    """What stands before the words of a line."""

    end: int
    name: str = ""
    ms: int | None = None


def find_naming(lines: Sequence[Line], asked: str | None = None, *, voiced: bool = False, stamped: bool, dash_share: float) -> Naming:
    """The way in which these lines name their speakers.

    Parameters
    ----------
    lines : every line that may hold speech, without blank ones
    asked : one of :data:`STRATEGIES`, to overrule the choice
    voiced : the file has ``<v Name>`` tags
    stamped : whether lines may begin with a time; captions have theirs apart
    dash_share : the share of lines that must begin with a dash before dashes mean turns

    Raises
    ------
    BadSetting
        ``asked`` is no way of naming speakers.
    """
    if asked is not None and asked not in STRATEGIES:
        raise BadSetting("speakers", f'"{asked}" is no way of naming speakers', did_you_mean(asked, STRATEGIES))
    blank = _stamp_styles(lines) if stamped else Naming("none")
    found = [p for p in (_prefix(line, blank) for line in lines) if p.name or p.ms is not None]
    names = frozenset(p.name for p in found if p.name) if asked == "names" else _accepted_names(found, len(lines))
    strategy = asked or _strategy(lines, voiced, names, dash_share)
    return Naming(strategy, names, blank.bracketed_stamps, blank.bare_stamps)


def split_line(line: Line, naming: Naming) -> list[Piece]:
    """What was said in a line, without the name, the time and the dash before it or the name after it."""
    prefix = _prefix(line, naming)
    if naming.strategy == "names":
        named = prefix.name in naming.names
        begin = prefix if named else _stamp(line, naming)
        return [_piece(line.text, begin.end, len(line.text), prefix.name if named else None, begin.ms)]
    stamp = _stamp(line, naming)
    if naming.strategy == "dashes":
        return _dashed(line.text, stamp)
    if naming.strategy == "brackets":
        after = _name_after(line.text)
        if after:
            return [_piece(line.text, stamp.end, after[0], after[1], stamp.ms)]
    return [_piece(line.text, stamp.end, len(line.text), None, stamp.ms)]


def as_ms(time: str) -> int:
    """``1:02:03.5`` or ``62:03`` as milliseconds."""
    whole, _, fraction = time.replace(",", ".").partition(".")
    seconds = 0
    for part in whole.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + int(fraction.ljust(3, "0") or 0)


def clock_ms(time: str) -> int:
    """A caption's time in milliseconds.  Teams does not pad: 0:0:6.90 is six seconds and ninety milliseconds."""
    whole, _, ms = time.replace(",", ".").partition(".")
    return as_ms(whole) + int(ms or 0)


def is_time_range(text: str) -> bool:
    """Whether a line is nothing but ``0:0:3.270 --> 0:0:4.250``; Teams then names the speaker on the next line."""
    return _RANGE.match(text) is not None


def is_name(text: str) -> bool:
    """Whether a few words could be somebody's name or role."""
    words = text.split()
    if not 1 <= len(words) <= 6 or len(text) > 60 or not any(c.isalpha() for c in text):
        return False
    return not _SENTENCE.search(text) and text.casefold().rstrip(".") not in _NO_NAMES and words[-1].casefold() not in _URL_SCHEMES


def _looks_proper(name: str) -> bool:
    """Whether every word of a name begins as names do; scripts without capitals always do."""
    return not any(w[0].islower() and w.casefold() not in _SMALL_WORDS for w in name.split())


def _clean(name: str) -> str:
    return " ".join(name.strip(" \t*_\u200e\u200f\u00a0").split())


def _stamp_styles(lines: Sequence[Line]) -> Naming:
    found = [m for m in (_STAMP.match(line.text) for line in lines) if m]
    bare = [m for m in found if m["bare"]]
    sure = len(bare) > 1 or any(m["bare"].count(":") > 1 for m in bare)
    return Naming("none", bracketed_stamps=len(bare) < len(found), bare_stamps=sure and len(bare) >= _ENOUGH_BARE_STAMPS * len(lines))


def _stamp(line: Line, naming: Naming, at: int = 0) -> _Prefix:
    """The time at a place of the line, if this file has such times."""
    between = _RANGE.match(line.text) if at == 0 else None
    if between:
        return _Prefix(len(line.text), ms=clock_ms(between[1]))
    found = _STAMP.match(line.text, at)
    if found and (naming.bracketed_stamps if found["bracketed"] else naming.bare_stamps):
        return _Prefix(found.end(), ms=as_ms(found["bracketed"] or found["bare"]))
    return _Prefix(at)


def _prefix(line: Line, naming: Naming) -> _Prefix:
    """The time and the name before the words, in either order."""
    stamp = _stamp(line, naming)
    colon = _colon(line.text, stamp.end)
    # "Mara (00:34):" all in bold is a name with its time, which the mark alone would take for a name.
    name = colon if colon and colon.ms is not None else _marked(line) or colon or _heading(line.text, stamp)
    if name is None:
        return stamp
    if stamp.ms is not None or name.ms is not None:
        return replace(name, ms=stamp.ms if name.ms is None else name.ms)
    inner = _stamp(line, naming, name.end)
    return replace(inner, name=name.name)


def _marked(line: Line) -> _Prefix | None:
    if line.mark is None:
        return None
    name = _clean(line.text[slice(*line.mark)].rstrip(" :："))
    rest = _AFTER_MARK.match(line.text, line.mark[1])
    if rest is None or not is_name(name):
        return None
    return _Prefix(rest.end(), name, as_ms(rest["time"]) if rest["time"] else None)


def _colon(text: str, at: int) -> _Prefix | None:
    found = _NAMED.match(text, at)
    if not found:
        return None
    name = _clean(found["name"])
    time = found["time"] or found["bare"]
    return _Prefix(found.end(), name, as_ms(time) if time else None) if is_name(name) else None


def _heading(text: str, stamp: _Prefix) -> _Prefix | None:
    """``Mara   0:05`` alone on a line, as Teams and Otter write it above what was said."""
    found = _HEADING.match(text) if stamp.ms is None else None
    if not found or not is_name(_clean(found["name"])) or not _looks_proper(_clean(found["name"])):
        return None
    return _Prefix(found.end(), _clean(found["name"]), as_ms(found["time"]))


def _accepted_names(found: Sequence[_Prefix], n_lines: int) -> frozenset[str]:
    """The names that explain enough of the lines to be speakers; none, if they do not."""
    stamped = sum(p.ms is not None for p in found)
    n_turns = stamped if stamped >= 0.1 * n_lines else n_lines
    counts = Counter(p.name for p in found if p.name)
    repeated = frozenset(n for n, count in counts.items() if count > 1)
    proper = frozenset(n for n in counts if _looks_proper(n))
    if counts.total() >= _DENSE * n_turns and (repeated or 1 < len(counts) <= _FEW):
        return repeated | proper
    enough = _ENOUGH_OF_SEVERAL if len(repeated) > 1 else _ENOUGH_OF_ONE
    if repeated and sum(counts[n] for n in repeated) >= enough * n_turns:
        return repeated | (proper & frozenset(p.name for p in found if p.ms is not None))
    return frozenset()


def _strategy(lines: Sequence[Line], voiced: bool, names: frozenset[str], dash_share: float) -> str:
    if voiced:
        return "voices"
    if names:
        return "names"
    after = Counter(found[1] for found in (_name_after(line.text) for line in lines) if found)
    if len(after) > 1 and after.total() >= _ENOUGH_OF_ONE * len(lines) and max(after.values()) > 1:
        return "brackets"
    dashed = sum(bool(_DASH.match(line.text)) for line in lines)
    return "dashes" if dashed > 1 and dashed >= dash_share * len(lines) else "none"


def _name_after(text: str) -> tuple[int, str] | None:
    """Where the words before a closing [Name] end, and the name."""
    tail = max(0, len(text) - 80)
    found = _BRACKET.search(text, tail)
    if not found or not is_name(_clean(found[1])) or not _looks_proper(_clean(found[1])):
        return None
    return found.start(), _clean(found[1])


def _dashed(text: str, stamp: _Prefix) -> list[Piece]:
    first = _DASH.match(text, stamp.end)
    begins = [first.end() if first else stamp.end]
    ends = []
    for inner in _INNER_DASH.finditer(text, begins[0]):
        ends.append(inner.start())
        begins.append(inner.end())
    pieces = zip(begins, [*ends, len(text)], strict=True)
    return [_piece(text, b, e, None, stamp.ms, new_turn=bool(first) or i > 0) for i, (b, e) in enumerate(pieces)]


def _piece(text: str, start: int, end: int, speaker: str | None, ms: int | None, *, new_turn: bool = False) -> Piece:
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    return Piece(start, start + len(said.strip()), speaker, ms, new_turn)
