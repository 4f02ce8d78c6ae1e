"""The headings of a survey file: one row, or up to three, as the tools that export them write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Qualtrics, since 2017: names, question wording, and a row of {"ImportId":"QID1"}.
_IMPORT_ID = re.compile(r'\{\s*"ImportId"')
#: Qualtrics before that: V1, V2, …, Q1 above ResponseID, ResponseSet, …, question wording.
_OLD_QUALTRICS = re.compile(r"V\d+")
#: LimeSurvey with code and text: G01Q02[SQ001]. How satisfied are you?
_LIMESURVEY = re.compile(r"([^\W\d]\w*(?:\[[^\]]*\])*)\.\s+(\S.*)", re.DOTALL)
#: SurveyMonkey writes these below a question that has one column only.
_NO_OPTION = {"response", "open-ended response", "antwort", "offene antwort"}


@dataclass(frozen=True)
class Heading:
    """One column of a file: its place from 0, the name to call it by, and the wording above it."""

    at: int
    name: str
    wording: str


def read_headings(rows: Sequence[Sequence[str]], depth: int | None = None) -> tuple[int, list[Heading]]:
    """How many of a file's first rows are headings, and what they say of each column."""
    depth = min(depth or _depth(rows), len(rows))
    width = max(map(len, rows[:depth]), default=0)
    layers = [[_one_line(row[i]) if i < len(row) else "" for i in range(width)] for row in rows[:depth] if not _import_ids(row)]
    if len(layers) == 1:
        pairs = _one_row(layers[0])
    elif _complete(layers):
        pairs = ((name, _wording(*rest) or name) for name, *rest in zip(*layers, strict=True))
    else:
        pairs = _grouped(layers)
    return depth, [Heading(i, *pair) for i, pair in enumerate(pairs)]


def _depth(rows: Sequence[Sequence[str]]) -> int:
    first, second, third = [*rows, [], [], []][:3]
    for n, row in enumerate(rows[:3], 1):
        if _import_ids(row):
            return n
    if first and _OLD_QUALTRICS.fullmatch(first[0]) and second[:1] and second[0].casefold().startswith("response"):
        return 2
    return _surveymonkey(first, second, third) or (2 if _repeats(first, second) >= 2 else 1)


def _surveymonkey(first: Sequence[str], second: Sequence[str], third: Sequence[str]) -> int:
    """SurveyMonkey's rows of headings: questions and options, at times below a row of codes; 0 when it is another tool's file."""

    def says_it(row: Sequence[str], at: int) -> bool:
        return at < len(row) and row[at].casefold() == "respondent id"

    for n, row, below in ((1, first, second), (2, second, third)):
        at = next((i for i in range(len(row)) if says_it(row, i)), None)
        if at is not None and (n == 1 or at >= len(first) or not first[at]):
            option_row = at < len(below) and (not below[at] or says_it(below, at))
            return n + option_row
    return 0


def _repeats(first: Sequence[str], second: Sequence[str]) -> int:
    """How many headings stand in the second row again, as StartDate above Start Date; no answer does that."""
    same = (re.sub(r"\W", "", a).casefold() == re.sub(r"\W", "", b).casefold() for a, b in zip(first, second, strict=False) if a)
    return sum(same)


def _import_ids(row: Sequence[str]) -> bool:
    return any(row) and all(_IMPORT_ID.match(cell) for cell in row if cell)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _one_row(cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    codes = [_LIMESURVEY.fullmatch(cell) for cell in cells if cell]
    for cell in cells:
        split = _LIMESURVEY.fullmatch(cell) if len(codes) > 1 and all(codes) else None
        yield (split[1], split[2]) if split else (cell, cell)


def _complete(layers: Sequence[Sequence[str]]) -> bool:
    """Whether the first row alone names every column, each differently."""
    names = [name for name, *rest in zip(*layers, strict=True) if name or any(rest)]
    return all(names) and len(set(names)) == len(names)


def _grouped(layers: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Names and wordings where a question stands once above the columns of its options."""
    columns = []
    code = question = ""
    for *above, option in zip(*layers, strict=True):
        own_code, own_question = above if len(above) == 2 else ("", above[0])
        if own_question:
            code, question = own_code, own_question
        code = own_code or code
        named = any((*above, option))
        columns.append((code or question or option, question, option) if named else ("", "", ""))
    shared = Counter(base for base, _, _ in columns)
    for base, question, option in columns:
        wording = _wording(question, option)
        yield (_wording(base, option) if shared[base] > 1 else base), wording or base


def _wording(*parts: str) -> str:
    """``question / option``, without what is empty, repeated or says nothing."""
    said = [p for p in dict.fromkeys(parts) if p and p.casefold() not in _NO_OPTION]
    return " / ".join(said)
