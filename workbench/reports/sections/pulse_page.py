"""The surveys as blocks of the page: every measure, how it moved, by segment, before and after, and every answer that was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.analysis.code_frequency import code_frequency
from workbench.analysis.contrasts import Contrast
from workbench.analysis.measures import Change
from workbench.analysis.survey_numbers import TICKETS, SurveyNumbers
from workbench.analysis.survey_trend import Period, answer_distribution, scales_of, unanswered
from workbench.charts.answers import answers_chart
from workbench.charts.measures import COLUMNS, measures_chart
from workbench.charts.trend import trend_chart
from workbench.errors import UnknownName
from workbench.model import Estimate, Measured, MeasureSetting, Response, SourceKind
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, header, method, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.reports.sections.evidence import shown_measure
from workbench.study import Study
from workbench.study.snapshot import Snapshot

TREND = ("measure", "period", "value", "low", "high", "n", "unit", "target", "note")


@dataclass(frozen=True)
class PulseReport:
    """What the surveys say.  Made by :func:`pulse_report`; each method is one block, or a chart.

    ``answers`` has a table for each survey that is shown, one row per sheet and one column per question.
    """

    study: Study
    tables: Snapshot
    numbers: SurveyNumbers
    answers: Mapping[str, pd.DataFrame]

    def summary(self) -> Block:
        """What stands out: a measure that moved, one that misses its target, or the first."""
        kicker = " · ".join(x for x in ("Survey pulse", self.study.settings.title, words.day_shown(self.study)) if x)
        if not self.n_sheets:
            return header(
                "No survey answers yet",
                kicker=kicker,
                lede="Import them: workbench import survey.csv. Then say in study.toml what is measured.",
            )
        lede = f"{self.n_sheets:,} answer sheets, {words.spelled(len(self.numbers.measured))} measure{'s' * (len(self.numbers.measured) != 1)}."
        return header(self._headline(), kicker=kicker, lede=lede, strong=self._strong(), findings=self._findings())

    def responses(self) -> Block | None:
        """How many answered each survey, and when."""
        rows = [self._survey_row(survey) for survey in self.numbers.surveys if len(self.numbers.sheets(survey))]
        if not rows:
            return None
        columns = [
            Column("Survey"),
            Column("Sheets", kind="number"),
            Column("First day"),
            Column("Last day"),
            Column("Left out", kind="share"),
        ]
        caption = "Left out: of all questions on all sheets, the share without an answer. How many were asked is not known, so there is no response rate."
        return table(rows, columns, title="Who answered", caption=caption)

    def problems(self) -> Block | None:
        """What cannot be measured, and why; nothing, where all can."""
        found = [text for _, text in self.numbers.computed if isinstance(text, str)]
        return callout("\n\n".join(found), title="What cannot be measured", kind="warning") if found else None

    def measures(self) -> Block | None:
        """Every measure with its interval, n and target."""
        if not self.numbers.measured:
            return callout(self._why_none(), title="No measures yet") if self.n_sheets else None
        rows = [_measure_row(m) for _, m in self.numbers.measured]
        columns = [Column("Measure"), Column("Value", kind="number"), Column("Target"), Column("What was counted")]
        return table(
            rows, columns, title="Every measure", caption="With its 95 % interval; as study.toml defines it, for everybody it asks about."
        )

    def picture(self) -> Any:
        """The measures side by side; nothing, where there are none."""
        stages = {s.id: s.name for s in self.study.settings.stages}
        rows = [
            (stages.get(s.stage, ""), m.name, m.segment, m.estimate.value, m.estimate.low, m.estimate.high, m.estimate.n, m.estimate.of, m.estimate.unit,
             m.target, m.source) for s, m in self.numbers.measured
        ]  # fmt: skip
        return measures_chart(pd.DataFrame(rows, columns=list(COLUMNS)), title="The measures by stage") if rows else None

    def trends(self) -> Any:
        """Each measure over waves, weeks or months; a sentence, where all answers came within a month."""
        if not self.numbers.measured:
            return None
        rows = [self._trend_row(s, p, e, note) for s, values, note in self.numbers.trends for p, e in values]
        if not rows:
            return callout("All answers came within a month, or without a day, so nothing can be said of a trend.", title="No trend yet")
        return trend_chart(pd.DataFrame(rows, columns=list(TREND)), title=self._trend_title())

    def changes(self) -> Block | None:
        """Before and after: measures of two times, and those of a stage where something was shipped; nothing, where there are none."""
        rows = [_change_row(when, c) for when, c in self.numbers.changes]
        if not rows:
            return None
        columns = [
            Column("Measure"),
            Column("Between"),
            Column("Before", kind="number"),
            Column("After", kind="number"),
            Column("Difference", kind="number"),
        ]
        caption = "A before and after, no experiment: whatever else changed is in the difference too. Several are looked at, so one may differ by chance."
        return table(rows, columns, title="Before and after", caption=caption)

    def segments(self) -> Block | None:
        """Each measure in each group, the clearest differences first."""
        rows = [_segment_row(a, found, c) for a, found, c in self.numbers.by_segment]
        if not rows:
            return None
        columns = [Column("Measure"), Column("By"), Column("Groups"), Column("Widest difference", kind="number"), Column("Clear?")]
        caption = (
            f"The interval of the widest difference is as wide as its choice among several groups asks (Bonferroni). {len(rows)} differences are looked at: "
            "where nothing differs, about one in twenty is still called clear."
        )
        return table(rows, columns, title="By segment", caption=caption)

    def distribution(self) -> Any:
        """Every answer to every scale question; nothing, where there is none."""
        several = sum(len(frame) > 0 for frame in self.answers.values()) > 1
        found = []
        for survey, frame in self.answers.items():
            settings = [m for m in self.numbers.settings if m.survey == survey]
            own = answer_distribution(frame, scales_of(frame, settings))
            found.append(own.assign(question=f"{survey}: " + own["question"]) if several and len(own) else own)
        rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
        return answers_chart(rows, title="Every answer to every scale question") if len(rows) else None

    def unanswered(self) -> Block | None:
        """How many left each question out, most first."""
        rows = [
            self._unanswered_row(survey, r)
            for survey, frame in self.answers.items()
            if len(frame.columns)
            for r in unanswered(frame).itertuples()
        ]
        rows = sorted((r for r in rows if r["Left out"].value), key=lambda r: -r["Left out"].value)
        if not rows:
            return None
        columns = [Column("Question"), Column("Survey"), Column("Answers", kind="number"), Column("Left out", kind="share")]
        return table(
            rows,
            columns,
            title="What was left out",
            caption="Of all sheets of the survey, those without an answer to the question, most first.",
        )

    def open_answers(self) -> Block | None:
        """How many wrote something, and which codes were put on it."""
        wrote = [
            (s.title or s.id, self._n_wrote(s.id, s.comment))
            for s in self.study.settings.surveys
            if s.comment and s.id in self.numbers.surveys
        ]
        wrote = [(name, n) for name, n in wrote if n]
        codings = self.tables.codings
        coded = codings[codings["source"] == SourceKind.OPEN_ANSWER]
        if len(coded):
            rows = [{"Code": r.path, "Kind": r.kind, "Passages": int(r.n_excerpts)} for r in code_frequency(coded).itertuples()]
            return table(rows, [Column("Code"), Column("Kind"), Column("Passages", kind="number")], title="What the open answers say")
        if not wrote:
            return None
        said = words.joined([f"{n:,} wrote something in “{name}”" for name, n in wrote])
        return callout(f"{said}; none of it is coded yet. Import the answers as text to code them.", title="Open answers")

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How the numbers were made."""
        paragraphs = [
            "Shares have Wilson score intervals, NPS the adjusted Wald interval, means the t interval; every interval is 95 % and holds for people like those "
            "who answered. Who was asked and did not answer is not known.",
            "Over time, answers are cut into waves where two weeks without any part them, else into weeks from Monday, or into months where there are more than "
            "sixteen weeks. A trend is a straight line through them, each weighing as much as its n; with several measures its interval is wider, so that one "
            "survey in twenty at most shows a trend where there is none (Bonferroni).",
        ]
        return method(paragraphs, facts)

    @property
    def n_sheets(self) -> int:
        """Answer sheets of all surveys that are shown."""
        return sum(len(self.numbers.sheets(survey)) for survey in self.numbers.surveys)

    def _headline(self) -> str:
        """The clearest change, else the clearest trend, else a missed target, else the first measure."""
        n = self.numbers
        if (c := n.clearest_change) is not None:
            return f"{_named(c)}: {words.number(c.before)} before, {words.number(c.after)} after"
        if n.moved:
            s, trend = n.moved[0]
            return f"“{s.name}” {'rises' if trend.value > 0 else 'falls'} by {_a_week(trend)}"
        missed = next((m for _, m in n.measured if m.target_met is False), None)
        if missed is not None:
            return f"“{missed.name}” misses its target: {words.number(missed.estimate)}"
        return (
            f"“{n.measured[0][1].name}” stands at {words.number(n.measured[0][1].estimate)}"
            if n.measured
            else "Answers, and nothing measured yet"
        )

    def _strong(self) -> str:
        clear = [(a, c) for a, _, c in self.numbers.by_segment if c.clear]
        if not clear:
            return "No group differs clearly from another." if self.numbers.by_segment else ""
        attribute, c = max(clear, key=lambda f: f[1].difference.value / (f[1].difference.value - f[1].difference.low))
        high, low = (f"{words.number(m.estimate)} ({words.group(m.segment)})" for m in (c.high, c.low))
        return f"Groups differ most on “{c.name}” by {attribute}: {high} against {low}."

    def _findings(self) -> list[Finding]:
        """First what clearly moved when something was shipped, then what misses its target, then the others in order."""
        found = [_change_card(when, c) for when, c in self.numbers.changes if c is self.numbers.clearest_change]
        sure = sorted((m for _, m in self.numbers.measured), key=lambda m: m.target_met is not False)
        found += [
            Finding(words.number(m.estimate), m.name, f"{words.interval(m.estimate)}, n {m.estimate.n:,}", link_to("Every measure"))
            for m in sure
        ]
        return found[:4]

    def _why_none(self) -> str:
        if found := self.problems():
            return "\n\n".join(found.data["paragraphs"])
        return "study.toml measures nothing from these surveys. Add [[measure]] with name, kind, survey and question."

    def _survey_row(self, survey: str) -> dict[str, Any]:
        sheets, frame = self.numbers.sheets(survey), self.answers.get(survey, pd.DataFrame())
        days = sheets["answered"].dropna()
        first, last = (f"{days.min():%-d %b %Y}", f"{days.max():%-d %b %Y}") if len(days) else ("not known", "not known")
        left = unanswered(frame) if len(frame.columns) else pd.DataFrame({"n_missing": [], "n_of": []})
        share = left["n_missing"].sum() / left["n_of"].sum() if left["n_of"].sum() else None
        return {"Survey": self._title(survey), "Sheets": len(sheets), "First day": first, "Last day": last, "Left out": share}

    def _title(self, survey: str) -> str:
        found = next((s.title for s in self.study.settings.surveys if s.id == survey), "")
        return found or ("Support tickets" if survey == TICKETS else survey)

    def _trend_row(self, s: MeasureSetting, p: Period, e: Estimate, trend: Estimate | None) -> tuple[Any, ...]:
        note = f"{_a_week(trend, signed=True)}" if trend else "too few weeks for a trend"
        return (s.name, p.name, e.value, e.low, e.high, e.n, e.unit, s.target, note)

    def _trend_title(self) -> str:
        moved = [f"“{s.name}” {'rises' if t.value > 0 else 'falls'}" for s, t in self.numbers.moved]
        rest = len(self.numbers.trends) - len(moved)
        others = "no measure clearly rises or falls" if not moved else "the rest show no clear trend" if rest else ""
        said = ", ".join(x for x in (words.joined(moved), others) if x)
        return said[:1].upper() + said[1:]

    def _unanswered_row(self, survey: str, r: Any) -> dict[str, Any]:
        share = Cell(float(r.share), f"{100 * r.share:.0f} %", f"{r.n_missing:,} of {r.n_of:,}")
        return {"Question": r.question, "Survey": self._title(survey), "Answers": r.n_given, "Left out": share}

    def _n_wrote(self, survey: str, question: str) -> int:
        frame = self.answers.get(survey, pd.DataFrame())
        return int(frame[question].notna().sum()) if question in frame else 0


def pulse_report(study: Study, *, survey: str | None = None) -> PulseReport:
    """What the surveys of a study say.

    Parameters
    ----------
    survey : the id of one; left out, all of them, and the reasons of support tickets

    Raises
    ------
    UnknownName
        There is no such survey.
    """
    tables = Snapshot(study)
    given = list(dict.fromkeys([*(s.id for s in study.settings.surveys), *tables.responses["survey"]]))
    if survey is not None and survey not in given:
        raise UnknownName("survey", survey, given)
    surveys = [survey] if survey else given
    sheets = study.load_responses()
    answers = {s: _answers(r for r in sheets if r.survey == s) for s in surveys if s != TICKETS}
    return PulseReport(study, tables, SurveyNumbers(tables, surveys), answers)


def _answers(sheets: Iterable[Response]) -> pd.DataFrame:
    """One row per sheet, one column per question, in the order in which they were first answered."""
    return pd.DataFrame([dict(sheet.answers) for sheet in sheets])


def _a_week(trend: Estimate, *, signed: bool = False) -> str:
    """``3.6 points a week (0.5 to 6.7)``; ``signed`` with a plus or minus before it."""
    scale = 100 if trend.unit == "share" else 1
    value, low, high = (x * scale for x in (trend.value, trend.low, trend.high))
    if not signed and value < 0:
        value, low, high = -value, -high, -low
    digits = 1 if high - low >= 1 else 2
    shown = words.signed(value, digits) if signed else f"{value:.{digits}f}"
    return f"{shown} {_unit(trend)} a week ({f'{low:.{digits}f} to {high:.{digits}f}'.replace('-', '−')})"


def _unit(e: Estimate) -> str:
    return "s" if e.unit == "s" else "points"


def _gap(e: Estimate) -> Cell:
    shown, _, interval = words.points(e).partition(" (")
    return Cell(e.value, shown.replace("points", _unit(e)), interval.rstrip(")"))


def _measure_row(m: Measured) -> dict[str, Any]:
    shown = shown_measure(m)
    value = Cell(m.estimate.value, shown["value"], f"{shown['interval']} · n {shown['n']}{', few' if m.estimate.small else ''}")
    name = Cell(m.name, m.name, words.group(m.segment))
    return {"Measure": name, "Value": value, "Target": shown["target"] or "none set", "What was counted": shown["how"]}


def _change_row(when: str, c: Change) -> dict[str, Any]:
    def cell(e: Estimate) -> Cell:
        return Cell(e.value, words.number(e), f"{words.interval(e)} · n {e.n:,}")

    name = c.name + (f", {words.group(c.segment)}" if c.segment else "")
    return {
        "Measure": name,
        "Between": when,
        "Before": cell(c.before),
        "After": cell(c.after),
        "Difference": _gap(c.difference),
    }


def _change_card(when: str, c: Change) -> Finding:
    text = f"now, {words.number(c.before)} before: {_named(c)} ({when})"
    return Finding(words.number(c.after), text, f"difference {words.points(c.difference)}; no control group", link_to("Before and after"))


def _named(c: Change) -> str:
    return f"{c.name}, {words.group(c.segment)}" if c.segment else c.name


def _segment_row(attribute: str, groups: Sequence[Measured], c: Contrast) -> dict[str, Any]:
    said = "; ".join(
        f"{_group_of(m, attribute)} {words.number(m.estimate)} ({words.interval(m.estimate)}, n {m.estimate.n:,})" for m in groups
    )
    return {
        "Measure": c.name,
        "By": attribute,
        "Groups": said,
        "Widest difference": _gap(c.difference),
        "Clear?": "clear" if c.clear else "not clear",
    }


def _group_of(m: Measured, attribute: str) -> str:
    return next((part.split(" = ", 1)[1] for part in m.segment.split(", ") if part.startswith(f"{attribute} = ")), m.segment)
