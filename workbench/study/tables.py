"""The study as pandas frames: one row per participant, transcript, coding, answer sheet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import islice, takewhile

import pandas as pd

from workbench.model import Codebook, CodeKind, Coding, Participant, Response, Transcript

CODING_COLUMNS = [
    "coding", "participant", "transcript", "source", "internal", "code", "path", "kind", "coder", "start", "end", "text", "speaker", "start_ms",
    "intensity", "memo", "created", "voices",
]  # fmt: skip


def participants_table(participants: Iterable[Participant], transcripts: Iterable[Transcript]) -> pd.DataFrame:
    """One row per participant, indexed by alias.

    ``pseudonym``, ``consent_quote``, ``consent_share``, ``consent_until``, ``heard`` (whether they speak in any transcript), then
    a column for each attribute.
    """
    heard = {who for t in transcripts if not t.internal for who in (t.participant, *(u.participant for u in t.utterances))}
    rows = {}
    for p in participants:
        own = {
            "pseudonym": p.shown_as,
            "consent_quote": p.consent.quote,
            "consent_share": p.consent.share,
            "consent_until": p.consent.until,
            "heard": p.id in heard,
        }
        rows[p.alias] = own | dict(p.attributes) | own  # an attribute may be called "heard"; what we know ourselves wins
    table = pd.DataFrame.from_dict(rows, orient="index")
    return (
        table.rename_axis("participant")
        if len(table)
        else _empty(["pseudonym", "consent_quote", "consent_share", "consent_until", "heard"])
    )


def transcripts_table(transcripts: Iterable[Transcript], codings: pd.DataFrame, aliases: Mapping[str, str]) -> pd.DataFrame:
    """One row per transcript, indexed by name: ``kind``, ``participant``, ``held``, ``n_words``, ``n_utterances``, ``minutes``,
    ``n_codings``, ``coders``.
    """
    rows = {}
    for t in transcripts:
        own = codings[codings["transcript"] == t.name]
        last = max((u.end_ms or u.start_ms or 0 for u in t.utterances), default=0)
        rows[t.name] = {
            "kind": t.kind.value,
            "participant": aliases.get(t.participant or "", ""),
            "speakers_known": t.participant is not None or any(u.participant for u in t.utterances),
            "held": t.held,
            "n_words": sum(len(t.text[u.start : u.end].split()) for u in t.utterances),
            "n_utterances": len(t.utterances),
            "minutes": round(last / 60_000, 1) if last else None,
            "n_codings": len(own),
            "coders": ", ".join(sorted(own["coder"].unique())),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return (
        table.rename_axis("transcript")
        if len(table)
        else _empty(["kind", "participant", "speakers_known", "held", "n_words", "n_codings", "coders"])
    )


def codings_table(
    codings: Iterable[Coding], transcripts: Iterable[Transcript], codebook: Codebook, aliases: Mapping[str, str]
) -> pd.DataFrame:
    """One row per coding.

    ``participant`` is the alias of who spoke where the passage begins; ``start`` and ``end`` are code points in the
    transcript's text; ``start_ms`` the time in the recording; ``intensity`` of an emotion is the coding's own, else the code's
    valence; ``voices`` the aliases of all participants who speak in the passage.
    """
    by_id = {t.id: t for t in transcripts}
    rows = []
    for c in codings:
        t, code = by_id[c.transcript], codebook.by_id(c.code)
        spoken = t.utterance_at(c.start)
        who = (spoken.participant if spoken else None) or t.participant
        intensity = c.intensity if c.intensity is not None or code.kind != CodeKind.EMOTION else code.valence
        rows.append(
            (c.id, aliases.get(who or "", ""), t.name, t.kind.value, t.internal, code.name, codebook.path(code), code.kind.value, c.coder, c.start, c.end,
             c.text, spoken.speaker if spoken else "", spoken.start_ms if spoken else None, intensity, c.memo, c.created,
             tuple(sorted(aliases[v] for v in _voices(t, c.start, c.end) if v in aliases)))
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=CODING_COLUMNS)
    return table.astype({"start": "int64", "end": "int64", "intensity": "Float64", "start_ms": "Int64"})


def _voices(transcript: Transcript, start: int, end: int) -> set[str]:
    """Ids of the participants who speak in a passage."""
    turns = transcript.utterances
    first = bisect_right(turns, start, key=lambda u: u.start) - 1
    inside = takewhile(lambda u: u.start < end, islice(turns, max(first, 0), None))
    return {u.participant for u in inside if u.participant and start < u.end}


def responses_table(responses: Iterable[Response], aliases: Mapping[str, str]) -> pd.DataFrame:
    """One row per answer sheet: ``survey``, ``respondent``, ``participant`` (alias), ``answered``, then attributes and answers as text."""
    rows = []
    for r in responses:
        own = {
            "survey": r.survey,
            "respondent": r.respondent,
            "participant": aliases.get(r.participant or "", ""),
            "answered": pd.Timestamp(r.answered) if r.answered else pd.NaT,
        }
        rows.append(own | dict(r.attributes) | dict(r.answers) | own)  # a question may be called "survey"
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["survey", "respondent", "participant", "answered"])


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns, index=pd.Index([], name="participant"))
