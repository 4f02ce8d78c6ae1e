"""Coded passages as a page that needs nothing: no script, no kernel, no network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape

from workbench.model import Codebook, Coding, Participant, Transcript
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
    return f'<section class="wb-excerpts"><p><strong>{head}</strong></p>{"".join(items)}{note}</section>'


def _item(words: str, who: str, codings: list[Coding], book: Codebook) -> str:
    tags = " ".join(_tag(c, book) for c in codings)
    by = f'<span style="{_QUIET}"> — {escape(who)}</span>' if who else ""
    return f'<figure style="margin:0 0 10px"><blockquote style="margin:0">{escape(words)}{by}</blockquote><figcaption>{tags}</figcaption></figure>'


def _tag(c: Coding, book: Codebook) -> str:
    code = book.by_id(c.code)
    colour = code.colour if _COLOUR.fullmatch(code.colour) else "#5b6b7b"
    level = "" if c.intensity is None else f" {c.intensity:+d}".replace("-", "−")
    style = f"border-left:4px solid {colour};padding:0 10px 0 5px;font-size:90%"
    return f'<span style="{style}">{escape(code.name)}{level} <span style="{_QUIET}">{escape(c.coder)}</span></span>'


def _speakers(t: Transcript, start: int, end: int, people: Mapping[str, Participant]) -> str | None:
    """Who says a passage, by pseudonym; ``None`` when one of them does not want to be quoted."""
    today = datetime.now(UTC).date()
    ids = [u.participant for u in t.utterances if u.start < end and u.end > start] or [t.participant]
    spoken = [people[id] for id in dict.fromkeys(ids) if id in people]
    if not all(p.consent.allows_quotes(today) for p in spoken):
        return None
    return ", ".join(p.shown_as for p in spoken)
