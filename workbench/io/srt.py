"""Captions as SubRip (.srt): numbered, with comma milliseconds, without a header and without voices."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from workbench.errors import BadFile, BadRows
from workbench.io.formats import Format
from workbench.io.speakers import as_ms
from workbench.io.text_file import read_text
from workbench.io.webvtt import Cue, transcript_of
from workbench.model import Transcript

EXTENSIONS = (".srt", ".txt")

_CLOCK = r"(?:[0-9]+:)?[0-9]{1,2}:[0-5]?[0-9](?:[.,][0-9]{1,3})?"
_TIMING = re.compile(rf"\s*({_CLOCK})\s*-->\s*({_CLOCK})(?![0-9])")
_HEAD = re.compile(rf"(?:\xef\xbb\xbf)?\s*[0-9]+[ \t]*\r?\n{_TIMING.pattern}".encode("latin-1"))
_TAG = re.compile(r"</?(?:b|i|u|s|c|v|font|span|ruby|rt|lang)(?:[\s.][^<>]*)?>|\{\\[^{}]*\}|\{[biusBIUS]\}", re.IGNORECASE)
_REFERENCE = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|lrm|rlm|#39);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "#39": "'", "nbsp": "\u00a0", "lrm": "\u200e", "rlm": "\u200f"}


def sniff(path: Path, head: bytes) -> bool:
    """A .srt file, or one that begins with a number and a pair of times under .txt."""
    return path.suffix.lower() == ".srt" or _HEAD.match(head) is not None


def read(
    path: Path, *, name: str | None = None, speakers: str | None = None, encoding: str | None = None, skip_bad_rows: bool = False
) -> Transcript:
    """The transcript in a SubRip file: one line of text per utterance, consecutive cues of one speaker joined.

    Parameters
    ----------
    path : the file
    name : of the transcript; the file's name without its extension, if not given
    speakers : how speakers are named, see :data:`workbench.io.speakers.STRATEGIES`; ``None`` to find out
    encoding : ``None`` to find out
    skip_bad_rows : leave out cues whose times cannot be read or run backwards

    Raises
    ------
    BadFile
        There are no cues, or nothing is said in them.
    BadRows
        Some cues cannot be imported; all of them are named with their lines.
    """
    text, _ = read_text(path, encoding)
    if "-->" not in text:
        raise BadFile(path, "there are no times such as 00:01:02,500 --> 00:01:04,000 in it", "If this is plain text, name the file .txt.")
    cues, problems = parse(text)
    if problems and not skip_bad_rows:
        raise BadRows(path, problems, len(cues))
    return transcript_of(path, cues, name, speakers)


def parse(text: str) -> tuple[list[Cue], list[str]]:
    """The cues of a SubRip text, and a sentence about each that cannot be read.

    A cue lasts until the next line with times, so that a blank line inside it loses no words.
    """
    lines = text.split("\n")
    cues: list[Cue] = []
    problems: list[str] = []
    arrows = [i for i, line in enumerate(lines) if "-->" in line]
    for at, following in pairwise([*arrows, len(lines)]):
        times = _times(lines[at], at + 1)
        if isinstance(times, str):
            problems.append(times)
        else:
            cues.append(Cue(*times, [(None, _plain(lines[at + 1 : following], last=following == len(lines)))]))
    return cues, problems


def _times(line: str, number: int) -> tuple[int, int] | str:
    found = _TIMING.match(line)
    if not found:
        return f'line {number}: the times "{line.strip()[:60]}" cannot be read; write 00:01:02,500 --> 00:01:04,000'
    start, end = as_ms(found[1]), as_ms(found[2])
    if end < start:
        return f"line {number}: the cue ends ({found[2]}) before it starts ({found[1]})"
    return start, end


def _plain(lines: list[str], *, last: bool) -> str:
    """A cue's words, without the number of the cue after it, tags and character references."""
    if lines and not last and re.fullmatch(r"\s*[0-9]+\s*", lines[-1]):
        lines = lines[:-1]
    bare = _TAG.sub("", "\n".join(lines))
    return _REFERENCE.sub(lambda found: _CHARACTERS[found[1]], bare)


FORMAT = Format("srt", "Captions as SubRip", "interview", EXTENSIONS, sniff, read)
