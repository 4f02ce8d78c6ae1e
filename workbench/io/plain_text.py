"""Interviews as plain text or Markdown.  The transcript's text is the file's; utterances are passages of it."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.io import srt, webvtt
from workbench.io.formats import Format
from workbench.io.speakers import Line, Naming, Piece, find_naming, is_time_range, split_line
from workbench.io.text_file import read_text, sha256_of
from workbench.model import Transcript, Utterance

EXTENSIONS = (".txt", ".md", ".markdown", ".text")
MARKDOWN = (".md", ".markdown")

_DASH_SHARE = 0.3
_HEADING_OR_RULE = re.compile(r" {0,3}(?:#{1,6}(?:\s|$)|(?:-{3,}|={3,}|\*{3,}|_{3,})\s*$)")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[\w-]+[ \t]*:)(?:.*\n){1,200}?(?:---|\.\.\.)[ \t]*(?:\n|$)")
_REST_OF_LINE = re.compile(r"[ \t]*(?:\n|$)")


@dataclass(frozen=True)
class Row:
    """One line of a text, with the place where it begins.  What is ``outside`` was not said: a heading, a comment."""

    start: int
    line: Line
    outside: bool = False


@dataclass
class _Turn:
    """An utterance that is still growing; it has no words while ``end`` is zero."""

    speaker: str | None
    ms: int | None
    start: int = 0
    end: int = 0


def sniff(path: Path, head: bytes) -> bool:
    """Any text that is not captions under another extension."""
    return path.suffix.lower() in EXTENSIONS and not (webvtt.sniff(path, head) or srt.sniff(path, head))


def read(path: Path, *, name: str | None = None, speakers: str | None = None, encoding: str | None = None) -> Transcript:
    """The transcript in a text file.

    A line continues the utterance before it unless it begins with a speaker or a time; where nobody is named, each paragraph is an
    utterance.  Markdown headings, HTML comments and front matter belong to no utterance.

    Parameters
    ----------
    path : the file
    name : of the transcript; the file's name without its extension, if not given
    speakers : how speakers are named, see :data:`workbench.io.speakers.STRATEGIES`; ``None`` to find out
    encoding : ``None`` to find out

    Raises
    ------
    BadFile
        The file is no text.
    """
    text, _ = read_text(path, encoding)
    dash_share = math.inf if path.suffix.lower() in MARKDOWN else _DASH_SHARE
    utterances = find_utterances(_rows(text), speakers, dash_share=dash_share)
    return Transcript(id="", name=name or path.stem, text=text, utterances=utterances, source=sha256_of(path))


def find_utterances(rows: Iterable[Row], asked: str | None = None, *, dash_share: float = _DASH_SHARE) -> tuple[Utterance, ...]:
    """The utterances in the rows of a text, in order, each without the name and the time before it."""
    rows = list(rows)
    spoken = [row.line for row in rows if not row.outside and row.line.text.strip()]
    naming = find_naming(spoken, asked, stamped=True, dash_share=dash_share)
    said = [turn for turn in _turns(rows, naming) if turn.end and not _is_title(turn, naming)]
    next_ms = [*(turn.ms for turn in said[1:]), None]
    return tuple(
        Utterance(turn.start, turn.end, turn.speaker or "", turn.ms, _end_ms(turn.ms, following))
        for turn, following in zip(said, next_ms, strict=False)
    )


def _turns(rows: Sequence[Row], naming: Naming) -> Iterator[_Turn]:
    turn: _Turn | None = None
    speaker: str | None = None
    interrupted = paragraph = False
    for row in rows:
        if row.outside or not row.line.text.strip():
            interrupted, paragraph = interrupted or row.outside, True
            continue
        for piece in split_line(row.line, naming):
            if turn is None or interrupted or _begins(piece, turn, naming, paragraph):
                if turn:
                    yield turn
                turn = _Turn(speaker if naming.strategy == "names" else None, None)
            _add(turn, piece, row.start)
            speaker, interrupted, paragraph = turn.speaker, False, False
    if turn:
        yield turn


def _is_title(turn: _Turn, naming: Naming) -> bool:
    """Whether a turn is what stands above the first name: a title, the place, the date."""
    return naming.strategy == "names" and turn.speaker is None and turn.ms is None


def _begins(piece: Piece, turn: _Turn, naming: Naming, paragraph: bool) -> bool:
    """Whether a piece begins an utterance; what follows a name or a time alone on its line does not."""
    if not turn.end:
        return False
    if piece.ms is not None or piece.new_turn:
        return True
    if naming.strategy == "names":
        return piece.speaker is not None
    if naming.strategy == "brackets":
        return turn.speaker is not None
    return paragraph and naming.strategy != "dashes"


def _add(turn: _Turn, piece: Piece, offset: int) -> None:
    turn.speaker = turn.speaker if piece.speaker is None else piece.speaker
    turn.ms = turn.ms if piece.ms is None else piece.ms
    if piece.end > piece.start:
        turn.start = turn.start if turn.end else offset + piece.start
        turn.end = offset + piece.end


def _end_ms(ms: int | None, following: int | None) -> int | None:
    """When the next utterance starts, unless the times run backwards."""
    return following if ms is not None and following is not None and following >= ms else None


def _rows(text: str) -> Iterator[Row]:
    outside = deque(_outside(text))
    at, after_range = 0, False
    for line in text.split("\n"):
        while outside and outside[0][1] <= at:
            outside.popleft()
        hidden = bool(outside) and outside[0][0] <= at
        mark = (0, len(line)) if after_range else None
        yield Row(at, Line(line, mark), hidden or _HEADING_OR_RULE.match(line) is not None)
        after_range = is_time_range(line)
        at += len(line) + 1


def _outside(text: str) -> Iterator[tuple[int, int]]:
    """Where front matter stands, and each HTML comment that has its lines to itself."""
    at = 0
    front = _FRONT_MATTER.match(text)
    if front:
        at = front.end()
        yield 0, at
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        line_start = text.rfind("\n", max(0, at - 1), begin) + 1
        alone = (line_start > 0 or at == 0) and not text[line_start:begin].strip()
        rest = _REST_OF_LINE.match(text, end + 3)
        at = rest.end() if rest else end + 3
        if alone and rest:
            yield line_start, at


FORMAT = Format("text", "Interview as plain text or Markdown", "interview", EXTENSIONS, sniff, read)
