"""One code, or a branch of the codebook, as blocks of the page: what it means, who marked it, where, and every word behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from workbench.analysis.code_frequency import code_by_attribute
from workbench.analysis.code_profile import (
    branch_of,
    codes_beside,
    find_code,
    marked_by_coder,
    most_said,
    number_passages,
    places_in_interviews,
    widened_to_stages,
)
from workbench.analysis.intervals import estimate_share
from workbench.analysis.scope import Scope, codings_in_scope, find_scope
from workbench.analysis.statements import quotes_from, rows_by_place
from workbench.charts.places import places_chart
from workbench.model import FEW, Code, CodeKind, Estimate, Quote, SourceKind, Transcript
from workbench.reports.blocks import Block, Cell, Column, Finding, QuoteLine, callout, clock, header, method, quotes, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing
from workbench.store.memos import load_memos
from workbench.study import Study
from workbench.study.snapshot import Snapshot

#: How many of the codes beside it are shown.
_MOST_BESIDE = 15
#: What people do with what a code of some kind names.
_DO = dict.fromkeys((CodeKind.STAGE, CodeKind.TOUCHPOINT, CodeKind.CHANNEL, CodeKind.THEME), "speak of") | {CodeKind.EMOTION: "feel"}


@dataclass(frozen=True)
class CodeReport:
    """Everything behind one code and those below it.  Made by :func:`code_report`; each method is one block, or a chart.

    ``code`` is ``None`` where the study has no codes yet.
    """

    study: Study
    tables: Snapshot
    scope: Scope
    showing: Showing
    code: Code | None

    def summary(self) -> Block:
        """How many said it, and how much there is."""
        kicker = " · ".join(x for x in ("Code report", self.study.settings.title, words.day_shown(self.study)) if x)
        if self.code is None:
            lede = "Make codes in the notebook with wb.CodebookEditor(study), or import them: workbench codes import codebook.csv"
            return header("The codebook is empty", kicker=kicker, lede=lede)
        if self.own.empty:
            return header(f"Nobody said “{self.code.name}” yet", kicker=kicker, lede=self._definition_or("It has no definition yet."))
        share = self.share
        title = f"{share.numerator} of {share.n} {_DO.get(self.code.kind, 'say')} “{self.code.name}”"
        return header(title, kicker=kicker, lede=self._definition_or(""), findings=self._findings(share))

    def definition(self) -> Block | None:
        """What the codebook says of the code."""
        if self.code is None:
            return None
        code = self.code
        given = [
            ("Path", self.tables.codebook.path(code)), ("Kind", str(code.kind)), ("Definition", code.definition), ("Use for", code.use),
            ("Do not use for", code.dont_use), ("Example", code.example),
            ("Valence", words.signed(code.valence, 0) if code.valence is not None else ""), ("Retired", "yes, it takes no new codings" if code.retired else ""),
        ]  # fmt: skip
        rows = [{"About": name, "Codebook": text} for name, text in given if text]
        if not code.definition:
            rows.append({"About": "Definition", "Codebook": "none yet; two coders can hardly mean the same by it"})
        return table(rows, [Column("About"), Column("Codebook")], title="What it means")

    def branch(self) -> Block | None:
        """The codes below it, each with its counts; nothing, where there are none."""
        if len(self.codes) < 2:
            return None
        rows = [self._branch_row(code) for code in self.codes]
        columns = [Column("Code"), Column("Kind"), Column("Said by", kind="number"), Column("Passages", kind="number")]
        caption = "Everything below counts the whole branch: a participant once, however many of its codes they said."
        return table(rows, columns, title="The branch", caption=caption)

    def places(self) -> Any:
        """A strip for each interview with the passages on it; nothing, before it was said."""
        if self.own.empty:
            return None
        found = places_in_interviews(self.own, {t.name: len(t.text) for t in self._transcripts})
        where = {t.name: self._called(t) for t in self._transcripts}
        return places_chart(found.assign(name=found["transcript"].map(where)), title=self._places_title())

    def interviews(self) -> Block | None:
        """How often it was said in each interview, with a link to the first excerpt."""
        if self.own.empty:
            return None
        shown = {line.where: line.id for line in reversed(self._lines)}
        n_passages = self.own.groupby("transcript")["passage"].nunique()
        rows = [
            {
                "Interview": Cell(t.name, self._called(t), "", f"#{shown[t.name]}" if t.name in shown else ""),
                "Held": f"{t.held:%-d %b %Y}" if t.held else "",
                "Passages": int(n_passages[t.name]),
                "Coded by": words.joined(sorted(self.own.loc[self.own["transcript"] == t.name, "coder"].unique())),
            }
            for t in self._transcripts
            if t.name in n_passages.index
        ]
        columns = [Column("Interview"), Column("Held"), Column("Passages", kind="number"), Column("Coded by")]
        caption = "Codings that overlap in one person's words are one passage, whoever marked them."
        return table(rows, columns, title="By interview", caption=caption)

    def coders(self) -> Block | None:
        """Who marked it how often; nothing, before anybody did."""
        if self.own.empty:
            return None
        found = marked_by_coder(self._codings, self.own)
        rows = [
            {
                "Coder": r.coder,
                "Interviews coded": r.n_transcripts,
                "Passages marked": r.n_passages,
                "Where two coded": Cell(r.n_shared, f"{r.n_shared} of {r.n_shared_of}" if r.n_shared_of else "no interview of two coders"),
            }
            for r in found.itertuples()
        ]
        columns = [Column("Coder"), *(Column(name, kind="number") for name in ("Interviews coded", "Passages marked", "Where two coded"))]
        caption = (
            "The last column counts, in interviews that more than one person coded, how many of all marked passages each of them marked."
        )
        return table(rows, columns, title="By coder", caption=caption)

    def segments(self) -> Block | None:
        """How many said it in each group; nothing, where study.toml lists no segments."""
        if self.own.empty or not self.attributes:
            return None
        rows = [self._group_row(r) for a in self.attributes for r in code_by_attribute(self.own, self.scope.people, a).itertuples()]
        columns = [Column("Segment"), Column("Group"), Column("Said by"), Column("Share", kind="share")]
        caption = "Participants of each group who were heard, with the 95 % interval of their share. Several groups are looked at, so a difference is a hint."
        return table(rows, columns, title="By segment", caption=caption)

    def beside(self) -> Block | None:
        """Which codes stand in the same words and in the same breath."""
        if self.own.empty:
            return None
        same = codes_beside(self._codings, self.own).set_index("path")
        near = self._near
        rows = [self._beside_row(r, same) for r in near[near["n"] > 0].head(_MOST_BESIDE).itertuples()]
        if not rows:
            return callout("No other code stands in the same words, or in the same passage of a stage.", title="What is said beside it")
        columns = [
            Column("Code"), Column("Kind"), Column("Same words", kind="number"), Column("Same stage passage", kind="number"),
            Column("By people"),
        ]  # fmt: skip
        more = f" {len(near) - len(rows)} more are not shown." if len(near) > len(rows) else ""
        caption = f"Of {self.n_passages} passages, and of the {self.own['participant'].nunique()} people who said it at all.{more}"
        return table(rows, columns, title="What is said beside it", caption=caption)

    def memos(self) -> Block | None:
        """The coders' notes on the code and on its passages; nothing, where there are none."""
        now = self.study.as_of is None  # only the memos of today are kept apart by what they are about
        about = [m for code in self.codes for m in load_memos(self.study.db, about="code", about_id=code.id)] if now else []
        rows = [{"Note": m.text, "By": m.coder, "On": "the code"} for m in about]
        quotable = {c for q in self._quotes if q.quotable for c in self._together[q.coding]}
        noted = self.own[self.own["memo"].fillna("") != ""]
        rows += [{"Note": r.memo, "By": r.coder, "On": self._place(r)} for r in noted.itertuples() if r.coding in quotable]
        if not rows:
            return None
        n_kept = int((~noted["coding"].isin(list(quotable))).sum())
        caption = f"{n_kept} more on words that may not be shown." if n_kept else ""
        return table(rows, [Column("Note"), Column("By"), Column("On")], title="Memos", caption=caption)

    def excerpts(self) -> Block | None:
        """Every excerpt in the order of the interviews, each with a link of its own."""
        if self.own.empty:
            return None
        n_kept = len(self._quotes) - len(self._lines)
        title = f"All {len(self._quotes)} excerpts" if not n_kept else f"{len(self._lines)} of {len(self._quotes)} excerpts"
        return quotes(self._lines, title=title)

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How passages and people were counted."""
        n_kept = len(self._quotes) - len(self._lines) if not self.own.empty else 0
        hidden = (
            f" {n_kept} excerpt{'s are' if n_kept != 1 else ' is'} counted and not shown, as a speaker did not agree to be quoted or the transcript has changed since."
            if n_kept
            else ""
        )
        paragraphs = [
            "“n of N” counts distinct participants who were heard, with the 95 % Wilson score interval of their share. Codings that overlap in one "
            f"person's words are one passage, whoever marked them.{hidden}",
            "A code stands in the same words where the two overlap by a character, and in the same passage of a stage where both overlap a passage "
            "that was coded with a stage, by whichever coder. Passages of one person are not independent of each other, so only people have an interval.",
        ]
        return method(paragraphs, facts)

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """The code and all below it."""
        return branch_of(self.tables.codebook, self.code) if self.code else ()

    @cached_property
    def own(self) -> pd.DataFrame:
        """The codings of the branch as of one code, with the passage that each belongs to."""
        if self.code is None:
            return self._rows
        path = self.tables.codebook.path(self.code)
        return number_passages(self._rows).assign(code=self.code.name, path=path, kind=str(self.code.kind))

    @property
    def attributes(self) -> list[str]:
        """The segments of study.toml that participants have."""
        return [a for a in self.study.settings.segments if a in self.scope.people]

    @property
    def n_passages(self) -> int:
        """Different passages."""
        return int(self.own["passage"].nunique())

    @property
    def share(self) -> Estimate:
        """Of those who were heard, the share who said it."""
        return estimate_share(int(self.own["participant"].nunique()), len(self.scope.people), of="participants")

    @cached_property
    def _codings(self) -> pd.DataFrame:
        return codings_in_scope(self.tables.codings, self.scope)

    @cached_property
    def _rows(self) -> pd.DataFrame:
        paths = [self.tables.codebook.path(code) for code in self.codes]
        return self._codings[self._codings["path"].isin(paths)]

    @cached_property
    def _transcripts(self) -> list[Transcript]:
        """The coded transcripts of research with customers, in the order they were held."""
        coded = set(self._codings["transcript"])
        found = [t for t in self.study.load_transcripts() if t.name in coded]
        return sorted(found, key=lambda t: (t.held is None, t.held or date.min, t.name))

    @cached_property
    def _quotes(self) -> list[Quote]:
        """One for each passage, in the order of the interviews."""
        order = {t.name: i for i, t in enumerate(self._transcripts)}
        found = (self.showing.quote(q) for q in quotes_from(rows_by_place(self.own), self.scope))
        return sorted(found, key=lambda q: (order[q.transcript], q.start))

    @cached_property
    def _lines(self) -> list[QuoteLine]:
        return [
            QuoteLine(q.text, q.speaker, q.transcript, clock(q.start_ms), f"coded by {words.joined(list(q.coders))}{self._which(q)}")
            for q in self._quotes
            if q.quotable
        ]

    @cached_property
    def _together(self) -> dict[str, list[str]]:
        """For each coding those of the same passage."""
        by_passage, first = self.own.groupby("passage")["coding"].agg(list), self.own.drop_duplicates("coding")
        return {coding: by_passage[passage] for coding, passage in zip(first["coding"], first["passage"], strict=True)}

    @cached_property
    def _near(self) -> pd.DataFrame:
        """The codes in the same breath."""
        return codes_beside(self._codings, widened_to_stages(self.own, self._codings))

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return self.study.aliases

    def _which(self, quote: Quote) -> str:
        """The codes of the branch on a passage, where there are several to choose from."""
        if len(self.codes) < 2:
            return ""
        names = self._rows.loc[self._rows["coding"].isin(self._together[quote.coding]), "code"].unique()
        return f" as {words.joined(sorted(names))}"

    def _findings(self, share: Estimate) -> list[Finding]:
        n_transcripts = self.own["transcript"].nunique()
        found = [
            Finding(
                words.number(share),
                "of the participants who were heard",
                f"{words.interval(share)} %, n {share.n}",
                link_to("By segment") if self.attributes else "",
            ),
            Finding(
                str(self.n_passages),
                f"passages in {n_transcripts} of {len(self._transcripts)} coded interviews",
                "",
                link_to("By interview"),
            ),
        ]
        near = self._near[self._near["kind"] != CodeKind.STAGE]
        for first in near.head(1).itertuples():
            text, who = f"passages stand in the same breath with “{first.code}”", f"{first.n} of {first.n_of} people"
            found.append(Finding(f"{first.n_passages} of {first.n_passages_of}", text, who, link_to("What is said beside it")))
        return found

    def _definition_or(self, text: str) -> str:
        return self.code.definition if self.code and self.code.definition else text

    def _places_title(self) -> str:
        n, silent = len(self._transcripts), len(self._transcripts) - self.own["transcript"].nunique()
        name = f"“{self.code.name if self.code else ''}”"
        return f"{name} comes up in {n - silent} of {n} coded interviews" if silent else f"{name} comes up in every coded interview"

    def _called(self, transcript: Transcript) -> str:
        who = self.showing.called.get(self._aliases.get(transcript.participant or "", ""), "")
        name = who or ("" if transcript.kind == SourceKind.INTERVIEW else str(transcript.kind))
        return f"{transcript.name}, {name}" if name else transcript.name

    def _place(self, row: Any) -> str:
        time = clock(None if pd.isna(row.start_ms) else int(row.start_ms))
        return ", ".join(x for x in (self.showing.called.get(row.participant, ""), row.transcript, time) if x)

    def _branch_row(self, code: Code) -> dict[str, Any]:
        path, n_of = self.tables.codebook.path(code), len(self.scope.people)
        rows = number_passages(self._rows[self._rows["path"] == path])
        said = Cell(0, f"0 of {n_of}")
        if len(rows):
            share = estimate_share(rows["participant"].nunique(), n_of, of="participants")
            said = Cell(share.numerator, f"{share.numerator} of {n_of}", f"{words.interval(share)} %")
        return {"Code": path, "Kind": str(code.kind), "Said by": said, "Passages": rows["passage"].nunique()}

    def _group_row(self, r: Any) -> dict[str, Any]:
        interval = f"{100 * r.low:.0f} to {100 * r.high:.0f} %" + (", few" if r.n_of < FEW else "")
        share = Cell(float(r.share), f"{100 * r.share:.0f} %", interval)
        return {"Segment": r.attribute.capitalize(), "Group": r.value, "Said by": f"{r.n} of {r.n_of}", "Share": share}

    def _beside_row(self, r: Any, same: pd.DataFrame) -> dict[str, Any]:
        people = Cell(r.n, f"{r.n} of {r.n_of}", f"{100 * r.low:.0f} to {100 * r.high:.0f} %")
        n_same = int(same["n_passages"].get(r.path, 0))
        return {
            "Code": r.path,
            "Kind": r.kind,
            "Same words": n_same,
            "Same stage passage": r.n_passages,
            "By people": people,
        }


def code_report(study: Study, *, code: str | None = None, on: date | None = None) -> CodeReport:
    """Everything behind one code.

    Parameters
    ----------
    code : its name or path, with all below it; left out, the one that most participants said that is no stage
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownCode
        There is no such code, or several have the name.
    """
    tables = Snapshot(study)
    scope = find_scope(tables, None, None, on)
    wanted = find_code(tables.codebook, code) if code else most_said(codings_in_scope(tables.codings, scope), tables.codebook)
    return CodeReport(study, tables, scope, Showing(study, scope.on), wanted)
