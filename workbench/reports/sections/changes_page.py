"""What changed in a study since a moment, as blocks of the page and as one callout for the end of any report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from workbench.analysis.in_words import number_of, some
from workbench.analysis.journey_changes import compare_journeys
from workbench.analysis.whats_new import Arrivals, CodeChange, MeasureChange, code_changes, find_arrivals, measure_changes
from workbench.errors import BadParameter
from workbench.model import Journey, Statement, moments
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, header, method, quotes, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing, quote_line
from workbench.reports.sections.map_views import read_views
from workbench.study import Study
from workbench.study.snapshot import Snapshot

#: How far back it is looked where nobody says.
A_WEEK = timedelta(days=7)
_MOST_QUOTES, _MOST_ROWS, _MOST_MEASURES = 8, 25, 3
_TICKETS = "tickets"


@dataclass(frozen=True)
class WhatChanged:
    """A study then and now.  Made by :func:`what_changed`; each method is one block."""

    study: Study
    since: datetime
    arrivals: Arrivals
    code_changes: Sequence[CodeChange]
    measure_changes: Sequence[MeasureChange]
    map_changes: pd.DataFrame
    journey: Journey
    showing: Showing
    was_empty: bool = False

    def __bool__(self) -> bool:
        return bool(self.arrivals or self.code_changes or self.measure_changes or len(self.map_changes))

    def block(self) -> Block:
        """All of it in a sentence or two, for the end of another report."""
        if not self:
            return callout(self._nothing, title="What changed")
        parts = [x for x in (words.joined(list(self._came())), self._measures_in_words(), words.joined(list(self._on_the_map()))) if x]
        return callout(f"{self._since_in_words}: {'; '.join(parts)}.{self._from_nothing}", title="What changed")

    def summary(self) -> Block:
        """Headline, what came, and the changes that are more than chance."""
        kicker = f"What changed · since {moments.in_words(self.since)}"
        if not self:
            return header(self.study.settings.title, kicker=kicker, strong=self._nothing)
        came = words.joined(list(self._came()))
        clear = [m for m in self.measure_changes if m.clear]
        compared = [m for m in self.measure_changes if m.difference is not None]
        strong = f"Clearly moved: {words.joined([_moved(m) for m in clear])}." if clear else ""
        if compared and not clear:
            strong = "No measure moved by more than chance."
        return header(
            self.study.settings.title,
            kicker=kicker,
            lede=f"{came[:1].upper()}{came[1:]}.{self._from_nothing} " if came else "",
            strong=strong,
            findings=self._findings(),
        )

    def arrived(self) -> Block | None:
        """One row per kind of thing that came, with which ones."""
        rows = [{"What": what, "n": n, "Which": which} for what, n, which in self._arrived()]
        gone = [{"What": f"{what}, gone", "n": n, "Which": ""} for what, n in self.arrivals.n_gone.items()]
        if not rows and not gone:
            return None
        return table([*rows, *gone], [Column("What"), Column("n", "How many", kind="number"), Column("Which")], title="What came")

    def codes(self) -> Block | None:
        """Codes that came, went, were merged or renamed."""
        rows = [{"Code": c.code, "Kind": c.kind, "Change": _code_in_words(c), "n": c.n_codings} for c in self.code_changes[:_MOST_ROWS]]
        columns = [Column("Code"), Column("Kind"), Column("Change"), Column("n", "Passages", kind="number")]
        caption = _cut(len(self.code_changes), "Passages that bear the code now; of a code that went, those that bore it.")
        return table(rows, columns, title="Codes", caption=caption) if rows else None

    def quotes(self) -> Block | None:
        """New words of those who agree to be quoted, one for each statement, the most shared first."""
        new = [(s, q) for s in self._said() for q in s.quotes if q.coding in self.arrivals.codings]
        if not new:
            return None
        first = {s.text: (s, q) for s, q in reversed(new) if q.quotable}
        shown = sorted(first.values(), key=lambda pair: -pair[0].n)[:_MOST_QUOTES]
        if not shown:
            return callout(f"{len(new)} passages are new on the map. Nobody in them agreed to be quoted.", title="New words")
        return quotes([quote_line(s, q) for s, q in shown], title="New words")

    def measures(self) -> Block | None:
        """Every measure that reads otherwise, then and now, and what came in between."""
        rows = [self._measure_row(m) for m in self.measure_changes]
        columns = [
            Column("Measure"),
            Column("Then", kind="number"),
            Column("Now", kind="number"),
            Column("Came since", kind="number"),
            Column("Difference", align="end"),
        ]
        n = len(self.study.settings.measures)
        caption = (
            "Difference is what came since minus what was there then: these two share no answers. "
            f"{words.spelled(n).capitalize()} measures are looked at, and one in twenty would differ by chance alone."
        )
        return table(rows, columns, title="Measures", caption=caption) if rows else None

    def map(self) -> Block | None:
        """What came, went and changed on the map, and because of which evidence."""
        if self.was_empty and len(self.map_changes):
            return callout("There was no map then, so all of it is new: see the report journey_map.", title="On the map")
        rows = [self._map_row(r) for r in self.map_changes.head(_MOST_ROWS).itertuples()]
        columns = [Column(c) for c in ("What", "Where", "Change", "Then", "Now", "Because of")]
        return table(rows, columns, title="On the map", caption=_cut(len(self.map_changes), "")) if rows else None

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """What then and now mean."""
        return method(
            [
                f"Then is the study as its change records say it was on {moments.in_words(self.since)}; now is what it holds. "
                "What counts is when something was put into the study, not when it was said. What was made and undone in between is not shown.",
                "study.toml keeps no record of its changes: stages, measures and targets are those of today in both.",
                "A measure now rests on all data, those of then included. Whether it moved by more than chance is therefore asked of what came since "
                "against what was there then, with the interval of their difference at 95 % (Newcombe's hybrid score interval for shares, the "
                "square-and-add interval otherwise). People who answered twice are in both.",
                "A code was merged when most of its passages bear one other code now. Words are shown of those who agree to it on the day of this report.",
            ],
            facts,
        )

    @property
    def _nothing(self) -> str:
        return f"{self._since_in_words}, nothing changed in this study."

    @property
    def _from_nothing(self) -> str:
        return " The study was empty then, so everything in it is new." if self.was_empty else ""

    @property
    def _since_in_words(self) -> str:
        return f"Since {moments.in_words(self.since)}"

    def _came(self) -> Iterator[str]:
        """``2 interviews``, ``41 codings``."""
        a = self.arrivals
        yield from (number_of(len(names), kind) for kind, names in a.transcripts.items() if kind != "ticket")
        yield from ([number_of(len(a.participants), "participant")] if a.participants and not a.transcripts else [])
        n_sheets = sum(n for survey, n in a.answers.items() if survey != _TICKETS)
        n_gone = sum(a.n_gone.values())
        for n, what in (
            (n_sheets, "answer sheet"),
            (a.answers.get(_TICKETS, 0), "support ticket"),
            (len(a.codings), "coding"),
            (a.n_events, "event"),
        ):
            yield from [number_of(n, what)] if n else []
        yield from [f"{n_gone:,} taken away"] if n_gone else []

    def _measures_in_words(self) -> str:
        both = [m for m in self.measure_changes if m.difference is not None][:_MOST_MEASURES]
        return "; ".join(f"{_moved(m)} ({_verdict(m)})" for m in both)

    def _on_the_map(self) -> Iterator[str]:
        """``3 new statements``, ``1 gone``."""
        n = self.map_changes.loc[self.map_changes["what"] == "statement", "change"].value_counts()
        for change, said in (("came", "new {}"), ("changed", "changed {}"), ("went", "{} gone")):
            if k := int(n.get(change, 0)):
                yield f"{k} {said.format('statement' + 's' * (k != 1))}"

    def _findings(self) -> list[Finding]:
        n = self.map_changes.loc[self.map_changes["what"] == "statement", "change"].value_counts()
        found = []
        for m in [m for m in self.measure_changes if m.clear][:2]:
            if m.then and m.came and m.difference:
                said = f"{_named(m)}, of what came since; {words.number(m.then)} before"
                found.append(Finding(words.number(m.came), said, f"difference {words.points(m.difference)}", link_to("Measures")))
        for change, text in (("came", "new on the map"), ("went", "gone from the map")):
            if k := int(n.get(change, 0)):
                found.append(Finding(str(k), f"statement{'s' * (k != 1)} {text}", "", "" if self.was_empty else link_to("On the map")))
        if k := len(self.code_changes):
            kinds = pd.Series([c.change for c in self.code_changes]).value_counts()
            found.append(
                Finding(
                    str(k),
                    f"change{'s' * (k != 1)} in the codebook",
                    ", ".join(f"{n} {what}" for what, n in kinds.items()),
                    link_to("Codes"),
                )
            )
        return found[:4]

    def _arrived(self) -> Iterator[tuple[str, int, str]]:
        a, titles = self.arrivals, {s.id: s.title or s.id for s in self.study.settings.surveys}
        if a.participants:
            yield "participants", len(a.participants), some(self.showing.names(a.participants))
        for kind, names in a.transcripts.items():
            if kind != "ticket":  # counted one by one below
                yield f"{kind}s", len(names), some(names)
        for survey, n in a.answers.items():
            yield (
                ("support tickets" if survey == _TICKETS else "answer sheets"),
                n,
                "" if survey == _TICKETS else titles.get(survey, survey),
            )
        if a.codings:
            yield "codings", len(a.codings), ""
        if a.n_events:
            yield "events", a.n_events, ""

    def _said(self) -> list[Statement]:
        return [s for c in self.journey.cells for s in c.statements]

    def _measure_row(self, m: MeasureChange) -> dict[str, Any]:
        gap = Cell(None, words.points(m.difference), _verdict(m)) if m.difference else Cell(None, "–", "nothing to compare")
        shown = {"Then": m.then, "Now": m.now, "Came since": m.came}
        cells = {
            k: Cell(e.value, words.number(e), f"{words.interval(e)} · n {e.n:,}{', few' if e.small else ''}") if e else Cell(None)
            for k, e in shown.items()
        }
        return {"Measure": _named(m), **cells, "Difference": gap}

    def _map_row(self, r: Any) -> dict[str, Any]:
        place = ", ".join(x for x in (r.stage, r.lane) if x and x != r.text)
        return {"What": Cell(r.text, r.text, r.what), "Where": place, "Change": {"came": "new", "went": "gone"}.get(r.change, r.change),
                "Then": r.before, "Now": r.after, "Because of": self._with_pseudonyms(r.because)}  # fmt: skip

    def _with_pseudonyms(self, because: str) -> str:
        """``3 new quotes from Mara, Joon`` for ``… from P01, P04``."""
        return re.sub(r"(?<= from )[^;]+", lambda m: ", ".join(self.showing.called.get(a, a) for a in m[0].split(", ")), because)


def what_changed(study: Study, *, since: datetime | date | str | None = None, on: date | None = None) -> WhatChanged:
    """What is new in a study since a moment: its ``block()`` is a callout for the end of any report.

    Parameters
    ----------
    since : a day means its first moment, a time without a zone is UTC; left out, a week before the last change in the study
    on : the day for which consent is asked (today)

    Raises
    ------
    BadParameter
        ``since`` is not a day or a time.
    """
    moment = _read_moment(since) if since is not None else _a_week_before_the_last_change(study)
    then = Study(study.folder, study.settings, study.db, coder=study.coder, as_of=moment)
    before, after = Snapshot(then), Snapshot(study)
    new = read_views(study, None, None, None, on, only_first=True)
    old = read_views(then, None, None, None, new.on, only_first=True)
    changes = compare_journeys(old.views[0].journey, new.views[0].journey)
    own_table = changes["what"].isin(["measure"])  # measures have a table of their own, of the data and not of the map
    return WhatChanged(
        study,
        moment,
        find_arrivals(before, after),
        code_changes(before, after),
        measure_changes(before, after),
        _most_telling_first(changes[~own_table]),
        new.views[0].journey,
        Showing(study, new.on),
        before.participants.empty and before.transcripts.empty and before.responses.empty,
    )


def _most_telling_first(changes: pd.DataFrame) -> pd.DataFrame:
    """What clearly changed, then what came, what went, and the rest; statements before what only counts."""
    order = changes["change"].map({"came": 1, "went": 2, "changed": 3}).where(~changes["clear"].fillna(False).astype(bool), 0)
    counts = changes["what"].isin(["stage", "lane", "feeling", "transition"])
    return (
        changes.assign(order=order, counts=counts)
        .sort_values(["order", "counts"], kind="stable")
        .drop(columns=["order", "counts"])
        .reset_index(drop=True)
    )


def _read_moment(since: datetime | date | str) -> datetime:
    try:
        moment = datetime.fromisoformat(since) if isinstance(since, str) else since
    except ValueError:
        raise BadParameter(f'parameter "since" is "{since}", and takes a day or a time such as 2026-11-13 or 2026-11-13T09:30.') from None
    return moments.in_utc(moment)


def _a_week_before_the_last_change(study: Study) -> datetime:
    # of the history and not of last_changed, so that the page counts as having read it: any later change moves this moment
    changes = (datetime.fromisoformat(entry.at) for entry in study.history())
    last = next((at for at in changes if study.as_of is None or at <= study.as_of), None)
    return (last or datetime.now(UTC)) - A_WEEK


def _named(m: MeasureChange) -> str:
    return f"{m.name} ({words.group(m.segment)})" if m.segment else m.name


def _moved(m: MeasureChange) -> str:
    """``NPS +31 → +28``."""
    then, now = (words.number(e) if e else "–" for e in (m.then, m.now))
    return f"{_named(m)} {then} → {now}"


def _verdict(m: MeasureChange) -> str:
    if m.difference is None:
        return ""
    return {True: "clearly better", False: "clearly worse", None: "may be chance"}[m.better]


def _code_in_words(c: CodeChange) -> str:
    said = {"came": "new", "went": "gone", "merged": f"took in “{c.before}”", "renamed": f"was “{c.before}”"}
    return said.get(c.change, c.change)


def _cut(n: int, caption: str) -> str:
    return f"{caption} The first {_MOST_ROWS} of {n} changes.".strip() if n > _MOST_ROWS else caption
