"""Coded passages as a page that needs nothing: no script, no kernel, no network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from itertools import pairwise

from workbench.model import Code, Codebook, Coding, Participant, Transcript, Utterance
from workbench.study import Study

#: A notebook is no archive: what goes into its output is bounded.
MOST_SHOWN = 150

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_QUIET = "color:#5c6470"


def coded_excerpts(study: Study, transcript: Transcript, codings: Iterable[Coding]) -> str:
    """The coded passages of a transcript in their order, each with its codes and who said it, under pseudonyms.

    Passages of participants who do not want to be quoted are counted and not shown.
    """
    people = {p.id: p for p in study.load_participants()}
    book = study.codebook
    passages: dict[tuple[int, int], list[Coding]] = {}
    for c in sorted(codings, key=lambda c: (c.start, c.end)):
        passages.setdefault((c.start, c.end), []).append(c)
    items: list[str] = []
    kept_back, n_more = 0, 0
    for (start, end), own in passages.items():
        speakers = _speakers(transcript, start, end, people)
        if speakers is None:
            kept_back += 1
        elif len(items) >= MOST_SHOWN:
            n_more += 1
        else:
            items.append(_item(transcript.text[start:end], speakers, own, book))
    left_out = ((n_more, "more are in study.codings"), (kept_back, "kept back: no consent to be quoted"))
    note = "".join(f'<p style="{_QUIET}">{n} {why}.</p>' for n, why in left_out if n)
    head = f"{escape(transcript.name)}: coded passages, {len(items) + n_more} in all"
    return f'<section class="wb-excerpts" style="max-height:480px;overflow:auto"><p><strong>{head}</strong></p>{"".join(items)}{note}</section>'


def coded_transcript(study: Study, transcript: Transcript, codings: Iterable[Coding]) -> str:
    """A whole transcript with its coded passages marked; participants under pseudonyms, everybody else is "Interviewer".

    Turns of participants who do not want to be quoted are kept back.  Names inside what somebody says stay as they are.
    """
    people = {p.id: p for p in study.load_participants()}
    book, today, all_codings = study.codebook, datetime.now(UTC).date(), list(codings)
    turns: list[str] = []
    for u in transcript.utterances or (Utterance(0, len(transcript.text), participant=transcript.participant),):
        person = people.get(u.participant or "")
        who = person.shown_as if person else "Interviewer" if u.speaker else ""
        kept_back = person is not None and not person.consent.allows_quotes(today)
        words = (
            f'<span style="{_QUIET}">(kept back: no consent to be quoted)</span>'
            if kept_back
            else _marked(transcript, u, all_codings, book)
        )
        turns.append(f'<p style="margin:0 0 8px"><strong style="{_QUIET}">{escape(who)}</strong> {words}</p>')
    used = [code for code in book if code.id in {c.code for c in all_codings}]
    legend = " ".join(f'<span style="font-size:90%">{_colour_of(code)}{escape(code.name)}</span>' for code in used)
    return f'<section class="wb-excerpts" style="max-height:480px;overflow:auto"><p><strong>{escape(transcript.name)}</strong> {legend}</p>{"".join(turns)}</section>'


def _marked(t: Transcript, u: Utterance, codings: Iterable[Coding], book: Codebook) -> str:
    """The words of a turn, cut where a coding begins or ends; each piece with its codes as its title."""
    inside = [c for c in codings if c.start < u.end and c.end > u.start]
    cuts = sorted({u.start, u.end, *(max(u.start, c.start) for c in inside), *(min(u.end, c.end) for c in inside)})
    pieces: list[str] = []
    for start, end in pairwise(cuts):
        own = sorted((c for c in inside if c.start <= start and c.end >= end), key=lambda c: c.end - c.start)
        words = escape(t.text[start:end])
        names = ", ".join(f"{book.by_id(c.code).name} ({c.coder})" for c in own)
        colour = _safe_colour(book.by_id(own[0].code)) if own else ""
        pieces.append(f'<span title="{escape(names)}" style="border-bottom:3px solid {colour}">{words}</span>' if own else words)
    return "".join(pieces)


def codebook_table(book: Codebook, counts: Mapping[str, Mapping[str, int]], title: str) -> str:
    """The codes in their tree, each with its kind, its definition and how often it is used.  ``title`` is HTML."""
    rows = "".join(
        f'<tr><td style="text-align:left;padding-left:{1 + 1.2 * _depth(book, c)}em">{_colour_of(c)}{escape(c.name)}{" (retired)" if c.retired else ""}</td>'
        f'<td style="text-align:left">{escape(c.kind.value)}</td><td style="text-align:left">{escape(c.definition)}</td>'
        f"<td>{counts.get(c.id, {}).get('codings', 0)}</td><td>{counts.get(c.id, {}).get('transcripts', 0)}</td></tr>"
        for c in book
    )
    head = "".join(f'<th style="text-align:left">{name}</th>' for name in ("Code", "Kind", "Definition", "Codings", "Transcripts"))
    return f'<section class="wb-excerpts" style="max-height:480px;overflow:auto"><p><strong>{title}</strong></p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>'


def _depth(book: Codebook, code: Code) -> int:
    return 1 + _depth(book, book.by_id(code.parent)) if code.parent else 0


def _colour_of(code: Code) -> str:
    return f'<span style="border-left:4px solid {_safe_colour(code)};padding-right:5px"></span>'


def _safe_colour(code: Code) -> str:
    return code.colour if _COLOUR.fullmatch(code.colour) else "#5b6b7b"


def _item(words: str, who: str, codings: list[Coding], book: Codebook) -> str:
    tags = " ".join(_tag(c, book) for c in codings)
    by = f'<span style="{_QUIET}"> — {escape(who)}</span>' if who else ""
    return f'<figure style="margin:0 0 10px"><blockquote style="margin:0">{escape(words)}{by}</blockquote><figcaption>{tags}</figcaption></figure>'


def _tag(c: Coding, book: Codebook) -> str:
    code = book.by_id(c.code)
    level = "" if c.intensity is None else f" {c.intensity:+d}".replace("-", "−")
    style = f"border-left:4px solid {_safe_colour(code)};padding:0 10px 0 5px;font-size:90%"
    return f'<span style="{style}">{escape(code.name)}{level} <span style="{_QUIET}">{escape(c.coder)}</span></span>'


def _speakers(t: Transcript, start: int, end: int, people: Mapping[str, Participant]) -> str | None:
    """Who says a passage, by pseudonym; ``None`` when one of them does not want to be quoted."""
    today = datetime.now(UTC).date()
    ids = [u.participant for u in t.utterances if u.start < end and u.end > start] or [t.participant]
    spoken = [people[id] for id in dict.fromkeys(ids) if id in people]
    if not all(p.consent.allows_quotes(today) for p in spoken):
        return None
    return ", ".join(p.shown_as for p in spoken)
