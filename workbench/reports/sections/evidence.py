"""A statement and what stands behind it, as data for the page: its mark, its count, the words that may be shown, the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from workbench.analysis.intervals import estimate_share
from workbench.model import Basis, Measured, Persona, Quote, Statement, Transcript
from workbench.reports.blocks import Block, Column, QuoteLine, clock, table
from workbench.reports.sections import words
from workbench.reports.sections.map_block import passages, shown_quote
from workbench.study import Study

QUOTES_PER_STATEMENT = 12
NOT_FOR_SHOWING = "words not for showing"


class Showing:
    """Whose words may be shown on a day, and under which pseudonym.

    A saved persona or map keeps the quotes of the day on which it was saved.  Since then a consent may have ended or been taken
    back, and a transcript may have changed: words are shown when they still stand in it, and all who speak in them agree.

    Parameters
    ----------
    study : an opened study
    on : the day for which consent is asked
    """

    def __init__(self, study: Study, on: date) -> None:
        self.study, self.on = study, on
        people = study.load_participants()
        self.called = {p.alias: p.shown_as for p in people}
        self.silent = frozenset(p.alias for p in people if not p.consent.allows_quotes(on))
        self._alias = {p.id: p.alias for p in people}

    @cached_property
    def participants(self) -> pd.DataFrame:
        """One row per participant, by alias."""
        return self.study.participants

    @cached_property
    def _transcripts(self) -> dict[str, Transcript]:
        return {t.name: t for t in self.study.load_transcripts()}

    def agreed(self, quote: Quote) -> bool:
        """Whether everybody who speaks in a quote is in the study and agrees that it is shown."""
        return all(v in self.called and v not in self.silent for v in self._voices(quote))

    def stands(self, quote: Quote) -> bool:
        """Whether the words still stand where they were quoted from."""
        found = self._transcripts.get(quote.transcript)
        return found is not None and bool(quote.text) and found.text[quote.start : quote.end] == quote.text

    def quote(self, quote: Quote) -> Quote:
        """A quote as it may be shown on the day."""
        quotable = quote.quotable and self.agreed(quote) and self.stands(quote)
        return replace(quote, quotable=quotable, speaker=self.called.get(quote.participant, ""))

    def statement(self, statement: Statement) -> Statement:
        """A statement whose quotes are as they may be shown; its text gives way to its code where it is somebody's words that may not."""
        evidence = tuple(self.quote(e) if isinstance(e, Quote) else e for e in statement.evidence)
        hidden = {q.text.strip() for q in evidence if isinstance(q, Quote) and not q.quotable}
        shown = {q.text.strip() for q in evidence if isinstance(q, Quote) and q.quotable}
        taken = statement.text.strip() in hidden - shown
        return replace(statement, evidence=evidence, text=(statement.code or NOT_FOR_SHOWING) if taken else statement.text)

    def persona(self, persona: Persona) -> Persona:
        """A persona with the words that may be shown on the day; without its quote where that may not."""
        quote = self.quote(persona.quote) if persona.quote else None
        traits = tuple(replace(t, statement=self.statement(t.statement)) for t in persona.traits)
        return replace(persona, traits=traits, quote=quote if quote and quote.quotable else None)

    def names(self, aliases: Iterable[str]) -> list[str]:
        """The pseudonyms of those who are in the study."""
        return [self.called[a] for a in aliases if a in self.called]

    def _voices(self, quote: Quote) -> set[str]:
        found = self._transcripts.get(quote.transcript)
        turns = found.utterances if found else ()
        inside = {u.participant for u in turns if u.participant and u.start < quote.end and quote.start < u.end}
        return {quote.participant, *(self._alias.get(v, v) for v in inside)}


def mark_of(statement: Statement) -> str:
    """How a statement is known: ``observed``, ``inferred``, ``measured``, or ``assumed`` where nothing stands behind it."""
    return str(Basis.ASSUMED if statement.assumed else statement.basis)


def verbatim(statement: Statement) -> bool:
    """Whether a statement is observed, and its text the words of one of its quotes: only then does it stand in quotation marks."""
    return mark_of(statement) == Basis.OBSERVED and statement.text.strip() in {q.text.strip() for q in statement.quotes if q.quotable}


def shown_statement(statement: Statement, showing: Showing, *, told: str | None = None) -> dict[str, Any]:
    """A statement as the macro ``known`` of ``evidence.html.j2`` takes it.

    ``told`` is the remark beside it; left out, the statement's own.
    """
    quotes = [q for q in statement.quotes if q.quotable]
    attributes = showing.study.settings.segments
    return {
        "text": statement.text,
        "quoted": verbatim(statement),
        "mark": mark_of(statement),
        "n": [statement.n, statement.n_of] if statement.n and statement.n_of else None,
        "fair": _fair_guess(statement),
        "note": statement.note if told is None else told,
        "measures": [shown_measure(m) for m in statement.measures],
        "quotes": [shown_quote(q, showing.participants, attributes) for q in quotes[:QUOTES_PER_STATEMENT]],
        "rests_on": rests_on(statement, showing),
        "from": _whose_word(statement) if statement.assumed else "",
    }


def shown_measure(m: Measured) -> dict[str, Any]:
    """A number with its interval, what it rests on, and whether it reaches its target."""
    said = {True: "reached", False: "missed", None: "within the interval"}[m.target_met]
    target = f"target {words.number(replace(m.estimate, value=m.target))} {said}" if m.target is not None else ""
    e = m.estimate
    return {
        "name": m.name, "segment": words.group(m.segment), "value": words.number(e), "interval": words.interval(e), "n": f"{e.n:,}", "small": e.small,
        "target": target, "how": words.how_measured(e, m.source, m.note),
    }  # fmt: skip


def quote_line(statement: Statement, quote: Quote) -> QuoteLine:
    """A quote on its own, with the statement that it stands for and how many said that."""
    said = f"{statement.text} ({statement.n} of {statement.n_of})" if statement.n_of else statement.text
    return QuoteLine(quote.text, quote.speaker, quote.transcript, clock(quote.start_ms), said)


def rests_on(statement: Statement, showing: Showing) -> str:
    """Passages, coders, who put it into words, and how much of it is not on the page, and why."""
    quotes = statement.quotes
    coders = sorted({c for q in quotes for c in q.coders})
    n_quotable = sum(q.quotable for q in quotes)
    kept = [q for q in quotes if not q.quotable]
    n_changed = sum(showing.agreed(q) and not showing.stands(q) for q in kept)
    parts = [passages(statement)] if quotes else []
    parts += [f"coded by {words.joined(coders)}"] if coders else []
    parts += [_worded(statement)] if statement.reworded_by or statement.asserted_by else []
    n_shown = min(n_quotable, QUOTES_PER_STATEMENT)
    shown = words.how_many_shown(len(quotes), n_shown, silent=len(kept) - n_changed, changed=n_changed)
    return "; ".join([*parts, *([shown] if shown else [])])


def people_block(
    showing: Showing, aliases: Sequence[str], *, title: str = "People", columns: Sequence[tuple[str, dict[str, str]]] = ()
) -> Block:
    """Who took part, by pseudonym; ``columns`` adds a heading with a text by alias."""
    people, codings = showing.participants, showing.study.codings
    attributes = [a for a in showing.study.settings.segments if a in people]
    passages_of = codings.drop_duplicates(["transcript", "start", "end", "participant"])["participant"].value_counts()
    rows = [
        {
            "Participant": showing.called[alias],
            **{name: text.get(alias, "") for name, text in columns},
            **{a: people.loc[alias, a] for a in attributes},
            "Passages coded": int(passages_of.get(alias, 0)),
            "Words in this report": "counted, not shown: no consent to quote" if alias in showing.silent else "shown",
        }
        for alias in aliases
    ]
    shown = [Column("Participant"), *(Column(name) for name, _ in columns), *(Column(a, a.capitalize()) for a in attributes)]
    shown += [Column("Passages coded", kind="number"), Column("Words in this report")]
    caption = f"{len(rows)} participant{'s' * (len(rows) != 1)}, by pseudonym."
    return table(rows, shown, title=title, caption=caption)


def _fair_guess(statement: Statement) -> str:
    """The interval of the share of people like these, in percent."""
    if not statement.n or not statement.n_of:
        return ""
    e = estimate_share(statement.n, statement.n_of)
    return f"{round(100 * e.low)} to {round(100 * e.high)}"


def _worded(statement: Statement) -> str:
    if statement.reworded_by:
        return f"worded by {statement.reworded_by}" + (f"; the code is “{statement.code}”" if statement.code else "")
    return f"written by {statement.asserted_by}"


def _whose_word(statement: Statement) -> str:
    who = statement.reworded_by or statement.asserted_by
    return f"the word of {who}; no participant said it" if who else "no participant said it"
