"""Events as a funnel: who goes on from step to step, where most leave and what they did there, and what interviews say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from workbench.analysis.contrasts import Contrast, contrast_of, widened
from workbench.analysis.events import EventLog, funnel
from workbench.analysis.events.drop_off import NOTHING_MORE, Ways, drop_off, follow_ways, leavers, step_times
from workbench.analysis.intervals import estimate_share
from workbench.charts.funnel import funnel_chart
from workbench.charts.theme import duration_in_words
from workbench.model import Estimate, Journey, LaneKind, Measured, Statement
from workbench.reports.blocks import Block, Cell, Column, Finding, callout, header, method, quotes, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.reports.sections.evidence import quote_line
from workbench.reports.sections.funnel_steps import Step, find_step, stage_steps, too_few
from workbench.reports.sections.map_views import read_views
from workbench.study import Study

_NEXT_EVENTS, _PAINS, _QUOTES_EACH = 5, 3, 2
_NO_EVENTS = "There are no events in this study yet. Import a log with workbench import events.parquet, and name its columns under [events] in study.toml."


@dataclass(frozen=True)
class FunnelReport:
    """A funnel ready to be laid out.  Made by :func:`funnel_report`; each method is one block, or a chart.

    ``missing`` says in a sentence why there is none; then only the summary and the method have something to say.
    """

    study: Study
    steps: Sequence[Step]
    within: str
    by: str | None
    journey: Journey
    missing: str = ""

    def summary(self) -> Block:
        """Headline, where most leave, and the numbers that can be read in ten seconds."""
        kicker = " · ".join(x for x in ("Funnel", "" if self.missing else f"within {self.within}", words.day_shown(self.study)) if x)
        if self.missing:
            return header(self.study.settings.title, kicker=kicker, strong=self.missing)
        overall = self._overall
        lede = f"Of {overall.n:,} users who came to “{self.steps[0].name}”, {overall.numerator:,} got as far as “{self.steps[-1].name}”. "
        return header(self.study.settings.title, kicker=kicker, lede=lede, strong=self._strong(), findings=self._findings())

    def chart(self) -> Any:
        """The funnel, drawn."""
        return None if self.missing else funnel_chart(self._named(self._reached))

    def to_know(self) -> Block | None:
        """Steps that many go around: what they do later is not counted as having come through."""
        around = [] if self.missing else [r for r in self._drops.itertuples() if r.n_around]
        if not around:
            return None
        said = [
            f"{r.n_around:,} of {r.n:,} did not do “{self.steps[r.step + 1].name}” after “{self.steps[r.step].name}”, "
            "but were seen at a later step."
            for r in around
        ]
        advice = (
            "They have not left, and are not followed further here. If a step is not for everybody, leave it out with the parameter steps."
        )
        return callout("\n\n".join([*said, advice]), title="Some go around a step")

    def ways(self) -> Block | None:
        """One row per step: users, how many go on, how many leave, how long it takes."""
        if self.missing:
            return None
        times = {r.step: r for r in step_times(self._ways).itertuples()}
        drops = {r.step: r for r in self._drops.itertuples()}
        rows = [self._row(i, r, times.get(i), drops.get(i)) for i, r in enumerate(self._reached.itertuples())]
        return table(
            rows, [Column("Step"), *(Column(c, kind="number") for c in list(rows[0])[1:])], title="Step by step", caption=self._counted()
        )

    def groups(self) -> Block | None:
        """The same rates group by group, with intervals wide enough for so many comparisons."""
        if self.missing or self.by is None:
            return None
        measured = self._by_group
        names = list(dict.fromkeys(m.segment for ms in measured.values() for m in ms))
        pairs = len(names) * (len(names) - 1) // 2
        rows = [self._group_row(step, ms, names, max(pairs, 1)) for step, ms in measured.items()]
        caption = f"Share of the users of the step before. {_wider(len(names), pairs)}"
        columns = [Column("To"), *(Column(n, words.group(n), kind="number") for n in names), Column("Furthest apart")]
        return table(rows, columns, title=f"By {self.by}", caption=caption)

    def leavers(self) -> Block | None:
        """What those who left where most leave did last there, and next."""
        if self.missing or self._largest is None:
            return None
        found = self._left
        here = self.steps[self._largest.step].name
        rows = []
        only = len(self.steps[self._largest.step].events) == 1
        for when, label in (("next", "Next"),) if only else (("last there", f"Last at “{here}”"), ("next", "Next")):
            some = found[found["when"] == when]
            rows += [
                {"When": label, "Event": r.event, "Users": estimate_share(r.n, r.n_of, of="users"), "n": r.n}
                for r in some.head(_NEXT_EVENTS).itertuples()
            ]
            if rest := int(some["n"][_NEXT_EVENTS:].sum()):
                rows.append(
                    {"When": label, "Event": f"{len(some) - _NEXT_EVENTS} other events", "Users": Cell(None, f"{rest:,} users"), "n": rest}
                )
        caption = f"The {self._largest.n_left:,} users who left at “{here}”: their last event there within {self.within}, and the event after it, whenever that was."
        return table(
            rows,
            [Column("When"), Column("Event"), Column("n", kind="number"), Column("Users", "Share of those who left", kind="number")],
            title="Where they went",
            caption=caption,
        )

    def pains(self) -> Block | None:
        """What hurts at that stage in the interviews, with how many people said it."""
        if self.missing or self._largest is None:
            return None
        name = next((s.name for s in self.journey.stages if s.id == self._stage), "")
        title = f"What people say of “{name}”" if name else "What people say of it"
        if not name:
            return callout("The events of this step belong to no stage in study.toml, so no interviews can be put beside it.", title=title)
        pains = self._pains()
        if not pains:
            return callout("No pain point was coded at this stage. That is no proof that there is none.", title=title)
        rows = [{"Pain point": s.text, "n": f"{s.n} of {s.n_of}", "Said by": estimate_share(s.n, s.n_of, of="participants")} for s in pains]
        columns = [Column("Pain point"), Column("n", "People", align="end"), Column("Said by", "Share", kind="number")]
        caption = "Pain points coded at this stage, the most shared first. Interviews say what there is, and not how often in the log."
        return table(rows, columns, title=title, caption=caption)

    def quotes(self) -> Block | None:
        """The same in the words of those who agreed to be quoted."""
        pains = [] if self.missing or self._largest is None else self._pains()
        shown = [quote_line(s, q) for s in pains for q in [q for q in s.quotes if q.quotable][:_QUOTES_EACH]]
        if pains and not shown:
            return callout("Nobody who said so agreed to be quoted, so only the counts are shown.", title="No words")
        return quotes(shown) if shown else None

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """What was counted and how."""
        lines = [
            f"A user counts at a step when its event came after the one of the step before and within {self.within} of their first event of the first step; "
            "each user is followed from their first entry only. Other events may lie between.",
            "Shares have Wilson score intervals at 95 %. Users are logged-in or device identifiers of the event log, which may not be persons.",
            "A user left at a step when neither the next nor any later step of this funnel was seen in time. They may have come back after it, or bought elsewhere; the log does not say.",
            "Interviews say why some people struggle at a stage. They are other people than the users of the log, unless study.toml joins them.",
        ]
        return method(lines, facts)

    # What the blocks are made from, each counted once.

    @cached_property
    def _log(self) -> EventLog:
        assert self.study.events is not None  # noqa: S101 - without events, ``missing`` is said instead
        return self.study.events

    @cached_property
    def _ways(self) -> Ways:
        return follow_ways(self._log, [s.events for s in self.steps], within=self.within)

    @cached_property
    def _drops(self) -> pd.DataFrame:
        return drop_off(self._ways)

    @cached_property
    def _largest(self) -> Any:
        """The step where the largest share leaves; ``None`` where nobody does.  The lower end decides, so that a few users do not."""
        rows: list[Any] = [r for r in self._drops.itertuples() if r.n_left]
        return max(rows, key=lambda r: r.low, default=None)

    @cached_property
    def _left(self) -> pd.DataFrame:
        """What those who left where most leave did last there, and next."""
        return leavers(self._ways, self._largest.step)

    @cached_property
    def _reached(self) -> pd.DataFrame:
        """How many came to each step."""
        return self._funnel()

    @property
    def _stage(self) -> str:
        return self.steps[self._largest.step].stage if self._largest is not None else ""

    @property
    def _overall(self) -> Estimate:
        n = self._ways.n
        return estimate_share(int(n[-1]), int(n[0]), of="users")

    def _funnel(self, by: str | None = None) -> pd.DataFrame:
        return funnel(self._log, [s.events for s in self.steps], within=self.within, until=self._ways.until, by=by)

    def _named(self, counted: pd.DataFrame) -> pd.DataFrame:
        """The table of a funnel with the names of our steps."""
        names = [s.name for s in self.steps]
        named = counted.assign(step=[names[i % len(names)] for i in range(len(counted))])
        named.attrs = {**counted.attrs}
        return named

    def _strong(self) -> str:
        drop = self._largest
        if drop is None:
            return "Nobody who can be followed left on the way."
        left = estimate_share(drop.n_left, drop.n, of="users")
        return f"The largest share leaves at “{self.steps[drop.step].name}”: {drop.n_left:,} of {drop.n:,} ({words.number(left)}, {words.interval(left)})."

    def _findings(self) -> list[Finding]:
        overall, drop = self._overall, self._largest
        found = [
            Finding(
                words.number(overall),
                f"get from “{self.steps[0].name}” to “{self.steps[-1].name}”",
                f"{words.interval(overall)}, n {overall.n:,} users",
                link_to("Step by step"),
            )
        ]
        if drop is not None:
            left = estimate_share(drop.n_left, drop.n, of="users")
            found.append(
                Finding(
                    words.number(left),
                    f"leave at “{self.steps[drop.step].name}”",
                    f"{words.interval(left)}, n {left.n:,}",
                    link_to("Where they went"),
                )
            )
            found.append(self._most_did())
        if contrast := self._widest():
            text = f"to “{contrast.name}”: {words.group(contrast.low.segment)}, against {words.number(contrast.high.estimate)} {words.group(contrast.high.segment)}"
            found.append(
                Finding(
                    words.number(contrast.low.estimate), text, f"difference {words.points(contrast.difference)}", link_to(f"By {self.by}")
                )
            )
        return found

    def _most_did(self) -> Finding:
        """What those who left did last there; what they did next, where the step is one event."""
        when, said = ("next", "next") if len(self.steps[self._largest.step].events) == 1 else ("last there", "last")
        row: Any = next(self._left[self._left["when"] == when].itertuples())
        share = estimate_share(row.n, row.n_of, of="users")
        text = "of these did nothing more" if row.event == NOTHING_MORE else f"of these did “{row.event}” {said}"
        return Finding(words.number(share), text, f"{words.interval(share)}, n {share.n:,}", link_to("Where they went"))

    def _row(self, i: int, r: Any, time: Any, drop: Any) -> dict[str, Any]:
        to_next = estimate_share(drop.n_next, drop.n, of="users") if drop is not None and drop.n else None
        spread = f"{duration_in_words(time.q1_s)} to {duration_in_words(time.q3_s)}" if time is not None and time.n else ""
        return {
            "Step": self.steps[i].name,
            "Users": r.n,
            "Of the first": estimate_share(r.n, self._overall.n, of="users") if i else Cell(1.0, "100\N{NO-BREAK SPACE}%"),
            "Go on to the next": to_next or Cell(None),
            "Leave here": estimate_share(drop.n_left, drop.n, of="users") if to_next is not None else Cell(None),
            "Time from the step before": Cell(time.median_s, duration_in_words(time.median_s), spread) if spread else Cell(None),
        }

    def _counted(self) -> str:
        recent = self._ways.n_recent
        who = f"Users, each from their first entry, within {self.within}."
        if recent and self._ways.until is not None:
            who += f" {recent:,} who came too late to be followed so long are left out."
        if self._ways.until is None:
            who += " The log is shorter than that, so the last steps may still come."
        return f"{who} Time is the median, with the quarter before and after it."

    @cached_property
    def _by_group(self) -> dict[str, list[Measured]]:
        """The rate to each step after the first, a measure for each group."""
        assert self.by is not None  # noqa: S101 - asked for by those who looked
        found: dict[str, list[Measured]] = {s.name: [] for s in self.steps[1:]}
        for group, own in self._named(self._funnel(self.by)).groupby(self.by, sort=True):
            for before, after in pairwise(own.itertuples()):
                if before.n:
                    rate = estimate_share(int(after.n), int(before.n), of="users")
                    found[str(after.step)].append(Measured(str(after.step), rate, "events", f"{self.by} = {group}"))
        return found

    def _group_row(self, step: str, measured: Sequence[Measured], names: Sequence[str], pairs: int) -> dict[str, Any]:
        contrast = contrast_of(Statement(step, evidence=tuple(measured)))
        gap = words.points(contrast.difference) if contrast else ""
        clear = "" if contrast is None else "clear" if contrast.clear else "may be chance"
        return {
            "To": step,
            **dict.fromkeys(names, Cell(None)),
            **{m.segment: widened(m.estimate, pairs) for m in measured},
            "Furthest apart": Cell(None, gap or "–", clear),
        }

    def _widest(self) -> Contrast | None:
        found = [contrast_of(Statement(step, evidence=tuple(ms))) for step, ms in self._by_group.items()] if self.by else []
        return max((c for c in found if c and c.clear), key=lambda c: c.difference.value, default=None)

    def _pains(self) -> list[Statement]:
        lanes = {lane.name for lane in self.journey.lanes if lane.kind == LaneKind.PAIN}
        said = [s for c in self.journey.cells if c.stage == self._stage and c.lane in lanes for s in c.statements if s.n and s.n_of]
        return sorted(said, key=lambda s: (-s.n, s.text))[:_PAINS]


def funnel_report(
    study: Study, *, steps: Sequence[str] | None = None, within: str = "7 days", by: str | None = None, on: date | None = None
) -> FunnelReport:
    """The event log of a study as a funnel.

    Parameters
    ----------
    steps : events, or names of stages of study.toml, in order; left out, the stages that name events and are for everybody
    within : the longest time from the first step to each later one, such as ``"7 days"``
    by : an attribute of events to compare by, such as ``"device"``
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName
        The log has no such event or attribute.
    BadSetting
        One step only, or a time without a unit.
    """
    read = read_views(study, None, None, None, on, only_first=True)
    chosen = [find_step(study, s) for s in steps] if steps else stage_steps(study)
    missing = _NO_EVENTS if study.events is None else "" if steps or len(chosen) > 1 else too_few(study)
    made = FunnelReport(study, chosen, within, by, read.views[0].journey, missing)
    if not missing:
        _check(made)
    return made


def _check(report: FunnelReport) -> None:
    """Say at once what is wrong with names and times, not in the middle of a page."""
    if report.by is not None:
        report._log.attribute(report.by)
    report._ways  # noqa: B018 - counted here, so that it fails here


def _wider(n_groups: int, pairs: int) -> str:
    if pairs < 2:
        return "Intervals are 95 %."
    return f"{n_groups} groups make {pairs} pairs, so each interval is wider than one of 95 % by as much (Bonferroni; Dunn 1961)."
