"""What people say as blocks of the page: each finding with how many said it, in whose words, and who says otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from workbench.analysis.code_frequency import code_frequency
from workbench.analysis.contrasts import contrast_of
from workbench.analysis.findings import KINDS, InterviewFinding, find_findings
from workbench.analysis.scope import Scope, codings_in_scope, find_scope, show_segment
from workbench.charts.code_frequencies import code_frequency_chart
from workbench.errors import BadParameter, did_you_mean
from workbench.model import CodeKind, Quote, Statement
from workbench.reports.blocks import Block, Column, Finding, header, method, table
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing, people_block
from workbench.reports.sections.map_block import passages, shown_quote
from workbench.study import Study
from workbench.study.snapshot import Snapshot

#: Characters of a quote that says enough to stand alone, and not more than is read.
TELLING = 140


@dataclass(frozen=True)
class FindingsReport:
    """What people say, most shared first.  Made by :func:`findings_report`; each method is one block, or a chart."""

    study: Study
    scope: Scope
    tables: Snapshot
    showing: Showing
    kinds: Sequence[CodeKind]
    minimum: int
    quotes: int

    @cached_property
    def found(self) -> list[InterviewFinding]:
        """The findings, most shared first."""
        attributes = [a for a in self.study.settings.segments if a not in self.scope.segment]
        return find_findings(self.tables, self.scope, kinds=self.kinds, at_least=self.minimum, attributes=attributes)

    def summary(self) -> Block:
        """What most say, and the most shared finding of each kind."""
        n_of, found = len(self.scope.people), self.found
        about = show_segment(self.scope.segment)
        kicker = " · ".join(x for x in ("Interview findings", self.study.settings.title, about, words.day_shown(self.study)) if x)
        if not found:
            return header("No finding that enough people stand behind", kicker=kicker, lede=self._why_none())
        first = next((f for f in found if KINDS.get(f.kind)), found[0])  # a theme is a topic, and says nothing yet
        title = f"{first.statement.n} of {n_of} say it: {first.statement.text}"
        lede = f"{len(found)} things were said by at least {words.spelled(self.minimum)} of {words.spelled(n_of)} people."
        cards = [self._card(next(f for f in found if f.kind == kind)) for kind in dict.fromkeys(f.kind for f in found)]
        return header(title, kicker=kicker, lede=lede, strong=self._contrast(), findings=cards)

    def chart(self) -> Any:
        """The shares with their intervals, side by side; nothing, where there is no finding."""
        if not self.found:
            return None
        paths = [f.path for f in self.found]
        codings = codings_in_scope(self.tables.codings, self.scope)
        frequencies = code_frequency(codings[codings["path"].isin(paths)], participants=self.scope.people)
        return code_frequency_chart(frequencies, title="How many said each of them")

    def findings(self) -> Block | None:
        """One after the other: how many, in whose words, by segment, and what others say."""
        quoted: Counter[str] = Counter()
        cards = [self._finding(rank, f, quoted) for rank, f in enumerate(self.found, start=1)]
        if not cards:
            return None
        text = "\n".join(f"{c['rank']}. {c['text']}: {c['n'][0]} of {c['n'][1]}" for c in cards)
        return Block("interview-findings", {"title": "One by one, most shared first", "cards": cards}, text)

    def too_few(self) -> Block | None:
        """What fewer people said; nothing, where that is none."""
        codings = codings_in_scope(self.tables.codings, self.scope)
        own = code_frequency(codings[codings["kind"].isin(list(self.kinds))], participants=self.scope.people)
        rare = own[own["n_participants"].between(1, self.minimum - 1)]
        if rare.empty:
            return None
        rows = [{"Said by": int(r.n_participants), "Code": r.path, "Kind": r.kind} for r in rare.itertuples()]
        caption = f"Said by fewer than {words.spelled(self.minimum)} of {words.spelled(len(self.scope.people))} people: no findings, and not nothing."
        return table(rows, [Column("Code"), Column("Kind"), Column("Said by", kind="number")], title="Said by few", caption=caption)

    def people(self) -> Block:
        """Who took part, by pseudonym."""
        return people_block(self.showing, list(self.scope.people.index))

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How findings are counted, and what stands against them."""
        kinds = words.joined([str(kind) for kind in self.kinds])
        paragraphs = [
            f"A finding is a code of the kinds {kinds} that at least {words.spelled(self.minimum)} participants stand behind. “n of N” counts distinct participants "
            "who were heard, never passages; shares have Wilson score intervals of 95 %. Someone who did not bring it up did not deny it.",
            "Quotes are taken one from each participant before a second from anyone, first from those who are quoted least on the page so far, and of each the passage nearest to 140 characters. "
            "Whoever does not agree to be quoted is counted and not shown.",
            "What others say is coded at the same touchpoint, or at the same stage: delights against pain points and needs, pain points "
            "against delights, feelings of the other sign where there are none; against a theme, the feelings in the same breath that fewer people have. "
            "Both may be true, of different people or of the same on different days.",
            "Groups are compared with many codes at once, so a difference between them is a hint to look for, not a result.",
        ]
        return method(paragraphs, facts)

    def _why_none(self) -> str:
        if self.scope.people.empty:
            return "Nobody was heard yet. Import interviews: workbench import interviews/*"
        if self.tables.codings.empty:
            return "Nothing is coded yet. Code an interview in the notebook with wb.InterviewCoder(study, …)."
        return f"No code of the kinds {words.joined([str(k) for k in self.kinds])} was said by {self.minimum} people or more. Ask with a smaller minimum."

    def _card(self, f: InterviewFinding) -> Finding:
        detail = f"{words.interval(f.share)} %" + (f", at “{f.place}”" if f.place else "")
        return Finding(f"{f.statement.n} of {f.statement.n_of}", f"{f.kind}: {f.statement.text}", detail, f"#{_anchor(f)}")

    def _contrast(self) -> str:
        """The clearest difference between two groups, in words; a hint, as many were looked at."""
        pairs = [(f, c) for f in self.found for g in f.by_segment if (c := contrast_of(g)) is not None and c.clear]
        if not pairs:
            return ""
        f, c = max(pairs, key=lambda p: p[1].difference.value)
        high, low = (f"{m.estimate.numerator} of {m.estimate.n} ({words.group(m.segment)})" for m in (c.high, c.low))
        return f"Groups differ most on “{f.statement.text}”: {high} against {low}."

    def _finding(self, rank: int, f: InterviewFinding, quoted: Counter[str]) -> dict[str, Any]:
        s = f.statement
        quotes = self._chosen(s, self.quotes, quoted)
        return {
            "id": _anchor(f), "rank": rank, "kind": str(f.kind), "sign": KINDS.get(f.kind, 0), "text": s.text, "path": f.path if f.path != s.text else "",
            "n": [s.n, s.n_of], "share": words.number(f.share), "interval": words.interval(f.share), "small": f.share.small, "place": f.place,
            "quotes": quotes, "rests_on": self._rests_on(s, len(quotes)), "groups": [_groups(g) for g in f.by_segment],
            "otherwise": "What others say" if KINDS.get(f.kind) else "Who feels otherwise about it",
            "nobody": "Nothing that was coded at the same place says otherwise." if KINDS.get(f.kind) else "No feelings of two kinds were coded in the same breath.",
            "against": [self._other(a, quoted) for a in f.against],
        }  # fmt: skip

    def _other(self, s: Statement, quoted: Counter[str]) -> dict[str, Any]:
        quotes = self._chosen(s, min(2, self.quotes), quoted)
        hidden = words.how_many_shown(len(s.quotes), len(quotes), **self._kept(s))
        return {"text": s.text, "n": [s.n, s.n_of], "quotes": quotes, "hidden": hidden}

    def _rests_on(self, s: Statement, n_shown: int) -> str:
        """``26 passages in 9 transcripts; coded by ana and ben; 4 of 26 shown: 22 left out to keep the page short``."""
        coders = sorted({c for q in s.quotes for c in q.coders})
        shown = words.how_many_shown(len(s.quotes), n_shown, **self._kept(s))
        return "; ".join(x for x in (passages(s), f"coded by {words.joined(coders)}", shown) if x)

    def _kept(self, s: Statement) -> dict[str, int]:
        """How many passages may not be shown, by the reason."""
        silent = sum(not self.showing.agreed(q) for q in s.quotes)
        return {"silent": silent, "changed": sum(self.showing.agreed(q) and not self.showing.stands(q) for q in s.quotes)}

    def _chosen(self, s: Statement, n: int, quoted: Counter[str]) -> list[dict[str, Any]]:
        """Quotes of different participants, first of those who are quoted least so far, and of each the most telling in length."""
        turns: Counter[str] = Counter()
        ranked: list[tuple[int, int, int, Quote]] = []
        may_be_shown = [q for q in (self.showing.quote(q) for q in s.quotes) if q.quotable]
        for place, quote in enumerate(sorted(may_be_shown, key=lambda q: abs(len(q.text) - TELLING))):
            ranked.append((turns[quote.participant], quoted[quote.participant], place, quote))
            turns[quote.participant] += 1
        chosen = [q for *_, q in sorted(ranked, key=lambda r: r[:3])[:n]]
        quoted.update(q.participant for q in chosen)
        return [shown_quote(q, self.showing.participants, self.study.settings.segments) for q in chosen]


def findings_report(
    study: Study,
    *,
    segment: str | None = None,
    kinds: Sequence[str] = tuple(map(str, KINDS)),
    minimum: int = 3,
    quotes: int = 4,
    on: date | None = None,
) -> FindingsReport:
    """What the participants of a study say, most shared first.

    Parameters
    ----------
    segment : only people with this attribute, such as ``customer=new``
    kinds : which kinds of code are findings
    minimum : how many participants must have said it, 1 or more
    quotes : how many are shown with each, 0 or more
    on : the day for which consent is asked (today)

    Raises
    ------
    BadParameter
        A kind does not exist, or a number is too small.
    UnknownName, BadSetting
        There is no such attribute.
    """
    known = [str(kind) for kind in CodeKind]
    for kind in kinds:
        if kind not in known:
            raise BadParameter(f'kinds: there is no kind of code "{kind}". {did_you_mean(kind, known)}')
    if minimum < 1 or quotes < 0:
        raise BadParameter(f"minimum is {minimum} and quotes {quotes}: use 1 or more for minimum, and 0 or more for quotes.")
    tables = Snapshot(study)
    scope = find_scope(tables, None, segment, on)
    return FindingsReport(study, scope, tables, Showing(study, scope.on), [CodeKind(k) for k in dict.fromkeys(kinds)], minimum, quotes)


def _anchor(f: InterviewFinding) -> str:
    return "finding-" + "-".join(f.path.replace("/", " ").split())


def _groups(by: Statement) -> dict[str, Any]:
    contrast = contrast_of(by)
    shares = [
        {"name": words.group(m.segment), "n": [m.estimate.numerator, m.estimate.n], "interval": f"{words.interval(m.estimate)}\u00a0%"}
        for m in by.measures
    ]
    gap = ""
    if contrast is not None and contrast.clear:
        gap = f"{words.group(contrast.high.segment)} against {words.group(contrast.low.segment)}: {words.points(contrast.difference)}"
    return {"attribute": by.text, "shares": shares, "gap": gap}
