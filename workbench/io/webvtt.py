"""Captions as WebVTT: what Zoom, Teams and most players write.

The format is read here, and not by a library, because of what real files hold: two voices in one cue, an end before its start,
times without leading zeros (Teams).  Its rules: W3C WebVTT, Candidate Recommendation of 2019-04-04.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from workbench.errors import BadFile, BadRows
from workbench.io.formats import Format
from workbench.io.speakers import Line, Naming, clock_ms, find_naming, split_line
from workbench.io.text_file import read_text, sha256_of
from workbench.model import Transcript, Utterance

EXTENSIONS = (".vtt", ".txt")

#: Cues of one speaker this close together are one utterance.
MAX_GAP_MS = 2000
#: Where nobody is named, a sentence ends an utterance, and so does this length.
MAX_UNNAMED_MS = 30_000

_DASH_SHARE = 0.05
_CLOCK = r"(?:[0-9]+:)?[0-5][0-9]:[0-5][0-9][.,][0-9]{3}"
_TEAMS_CLOCK = r"(?:[0-9]|[1-9][0-9]+):[0-5]?[0-9]:[0-5]?[0-9]\.[0-9]{1,3}"
_TIMING = re.compile(rf"[ \t\f]*({_CLOCK})[ \t\f]*-->[ \t\f]*({_CLOCK})(?![0-9])")
_TEAMS_TIMING = re.compile(rf"[ \t\f]*({_TEAMS_CLOCK})[ \t\f]*-->[ \t\f]*({_TEAMS_CLOCK})(?![0-9])")
_VOICE = re.compile(r"v(?:\.\S*)?(?:\s+(.*))?", re.DOTALL)
_SENTENCE_END = re.compile(r"[.?!…。？！][\"'”’»)\]]*$")


@dataclass(frozen=True)
class Cue:
    """One caption: when it shows, and its text in parts, each with the voice that a tag gives it."""

    start_ms: int
    end_ms: int
    parts: Sequence[tuple[str | None, str]]


@dataclass
class _Turn:
    """An utterance that is still growing."""

    speaker: str
    start_ms: int
    end_ms: int
    cue_start_ms: int
    words: list[str] = field(default_factory=list)


def sniff(path: Path, head: bytes) -> bool:
    """A .vtt file, or the same under .txt."""
    return path.suffix.lower() == ".vtt" or head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def read(
    path: Path, *, name: str | None = None, speakers: str | None = None, encoding: str | None = None, skip_bad_rows: bool = False
) -> Transcript:
    """The transcript in a WebVTT file: one line of text per utterance, consecutive cues of one speaker joined.

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
        The file is no WebVTT, or nothing is said in it.
    BadRows
        Some cues cannot be imported; all of them are named with their lines.
    """
    text, _ = read_text(path, encoding)
    if not re.match(r"WEBVTT(?:[ \t\n]|$)", text):
        advice = "If these are SubRip captions, name the file .srt; if it is plain text, .txt."
        raise BadFile(path, 'a WebVTT file begins with the word "WEBVTT", and this one does not', advice)
    cues, problems = parse(text)
    if problems and not skip_bad_rows:
        raise BadRows(path, problems, len(cues))
    return transcript_of(path, cues, name, speakers)


def parse(text: str) -> tuple[list[Cue], list[str]]:
    """The cues of a WebVTT text, and a sentence about each that cannot be read."""
    cues: list[Cue] = []
    problems: list[str] = []
    for number, block in _blocks(text):
        arrows = [i for i, line in enumerate(block) if "-->" in line]
        stray = block[: max(0, arrows[0] - 1)] if arrows else block
        if stray and cues and not re.match(r"(?:NOTE|STYLE|REGION)\b|[0-9]+\s*$", stray[0]):
            problems.append(f'line {number}: text without a time, "{stray[0][:60]}"')
        for at, following in pairwise([*arrows, len(block)]):
            times = read_times(block[at], number + at)
            if isinstance(times, str):
                problems.append(times)
            else:
                cues.append(Cue(*times, voices("\n".join(block[at + 1 : following]))))
    return cues, problems


def read_times(line: str, number: int) -> tuple[int, int] | str:
    """Start and end in milliseconds, or what is wrong with them."""
    found = _TIMING.match(line) or _TEAMS_TIMING.match(line)
    if not found:
        return f'line {number}: the times "{line.strip()[:60]}" cannot be read; write 00:01:02.500 --> 00:01:04.000'
    start, end = clock_ms(found[1]), clock_ms(found[2])
    if end < start:
        return f"line {number}: the cue ends ({found[2]}) before it starts ({found[1]})"
    return start, end


def voices(payload: str) -> list[tuple[str | None, str]]:
    """A cue's text in parts, each with the name in its ``<v Name>``; tags are gone, character references decoded once."""
    parts: list[tuple[str | None, list[str]]] = [(None, [])]
    for is_tag, token in _tokens(payload):
        voice = _VOICE.fullmatch(token) if is_tag else None
        if not is_tag:
            parts[-1][1].append(html.unescape(token).replace("\r", "\n"))
        elif voice:
            parts.append((_voice_name(voice[1] or ""), []))
        elif token.strip() == "/v":
            parts.append((None, []))
    said = [(voice, "".join(texts)) for voice, texts in parts]
    return [(voice, text) for voice, text in said if text]


def transcript_of(path: Path, cues: Sequence[Cue], name: str | None, speakers: str | None) -> Transcript:
    """The transcript that cues make.

    Raises
    ------
    BadFile
        Nothing is said in them.
    """
    lines = [Line(line) for cue in cues for _, text in cue.parts for line in text.split("\n") if line.strip()]
    if not lines:
        raise BadFile(path, "nothing is said in it: there are no cues with words", "Export the captions again from where they came.")
    voiced = any(voice for cue in cues for voice, _ in cue.parts)
    naming = find_naming(lines, speakers, voiced=voiced, stamped=False, dash_share=_DASH_SHARE)
    text, utterances, at = [], [], 0
    for turn in _turns(cues, naming):
        words = " ".join(turn.words)
        utterances.append(Utterance(at, at + len(words), turn.speaker, turn.start_ms, turn.end_ms))
        text.append(words)
        at += len(words) + 1
    return Transcript(id="", name=name or path.stem, text="\n".join(text), utterances=tuple(utterances), source=sha256_of(path))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines between blank lines, with the number of the first; the line with the signature is left out."""
    block: list[str] = []
    number = 1
    for number, line in enumerate(text.split("\n")[1:], 2):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield number - len(block) + 1, block


def _tokens(payload: str) -> Iterator[tuple[bool, str]]:
    """Text and what is inside tags, in turn.  A "<" before a blank, or one that is never closed and has words after it, is said."""
    at = begin = 0
    while (opened := payload.find("<", begin)) >= 0:
        closed = payload.find(">", opened)
        if closed < 0:
            end = opened if len(payload[opened:].split(maxsplit=1)) < 2 else len(payload)
            yield False, payload[at:end]
            return
        if payload[opened + 1].isspace():
            begin = opened + 1
            continue
        yield False, payload[at:opened]
        yield True, payload[opened + 1 : closed]
        at = begin = closed + 1
    yield False, payload[at:]


def _voice_name(annotation: str) -> str:
    """The name in a voice tag; what holds an angle bracket is markup that went wrong, and nobody's name."""
    name = " ".join(html.unescape(annotation).split())
    return name if name.isprintable() and not re.search("[<>]", name) else ""


def _turns(cues: Sequence[Cue], naming: Naming) -> list[_Turn]:
    turns: list[_Turn] = []
    last: Cue | None = None
    for cue, speaker, words, new_turn in _said(cues, naming):
        turn = turns[-1] if turns and not new_turn and turns[-1].speaker == speaker else None
        if turn is None or not (cue is last or _continues(turn, cue, naming)):
            turn = _Turn(speaker, cue.start_ms, cue.end_ms, cue.start_ms)
            turns.append(turn)
        turn.words.append(words)
        turn.end_ms, turn.cue_start_ms = max(turn.end_ms, cue.end_ms), cue.start_ms
        last = cue
    return turns


def _continues(turn: _Turn, cue: Cue, naming: Naming) -> bool:
    """Whether a cue of the same speaker belongs to the utterance before it."""
    if cue.start_ms < turn.cue_start_ms or cue.start_ms - turn.end_ms >= MAX_GAP_MS:
        return False
    if turn.speaker or naming.strategy == "dashes":
        return True
    return not _SENTENCE_END.search(turn.words[-1][-8:]) and cue.end_ms - turn.start_ms <= MAX_UNNAMED_MS


def _said(cues: Sequence[Cue], naming: Naming) -> list[tuple[Cue, str, str, bool]]:
    """Each stretch of words with its cue, its speaker, and whether a dash says that somebody else speaks now."""
    found: list[tuple[Cue, str | None, str, bool]] = []
    for cue in cues:
        for voice, text in cue.parts:
            for line in text.split("\n"):
                for piece in split_line(Line(line), naming):
                    speaker = (voice or "") if naming.strategy == "voices" else piece.speaker
                    found.append((cue, speaker, line[piece.start : piece.end], piece.new_turn))
    named = _carried(reversed(found))[::-1] if naming.strategy == "brackets" else _carried(found)
    return [said for said in named if said[2]]


def _carried(said: Iterable[tuple[Cue, str | None, str, bool]]) -> list[tuple[Cue, str, str, bool]]:
    """Who is not named speaks on: the one named before or, seen from the end, the one named after."""
    speaker = ""
    result = []
    for cue, named, words, new_turn in said:
        speaker = speaker if named is None else named
        result.append((cue, speaker, words, new_turn))
    return result


FORMAT = Format("webvtt", "Captions as WebVTT (Zoom, Teams)", "interview", EXTENSIONS, sniff, read)
