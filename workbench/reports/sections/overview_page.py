"""A study at a glance as blocks of the page: what it asks, who took part, what was collected, how far the coding is, what is next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from workbench.analysis.checkup import check_study
from workbench.analysis.saturation import Saturation, code_saturation, saturation
from workbench.analysis.team import absent_roles, made_by
from workbench.charts.saturation import saturation_chart
from workbench.model import CodeKind, Consent, SourceKind
from workbench.reports.blocks import Block, Column, Finding, callout, header, method, table
from workbench.reports.html.outline import link_to
from workbench.reports.sections import words
from workbench.study import Study
from workbench.study.snapshot import Snapshot

#: What is written and not held.
_WRITTEN = (SourceKind.TICKET, SourceKind.REVIEW, SourceKind.OPEN_ANSWER, SourceKind.DOCUMENT)


@dataclass(frozen=True)
class OverviewReport:
    """What a study is and how far it is.  Made by :func:`overview_report`; each method is one block, or a chart."""

    study: Study
    tables: Snapshot
    on: date

    def summary(self) -> Block:
        """The study's title and question, and how far it is in four numbers."""
        settings = self.study.settings
        kicker = " · ".join(x for x in ("Study overview", words.day_shown(self.study)) if x)
        lede = settings.question or "study.toml asks no question yet."
        return header(settings.title, kicker=kicker, lede=lede, strong=self._how_far(), findings=self._findings())

    def about(self) -> Block:
        """Question, goals, scope, stages and team, as study.toml says."""
        s = self.study.settings
        goals = [(f"Goal {i}" if len(s.goals) > 1 else "Goal", goal) for i, goal in enumerate(s.goals, start=1)]
        absent = absent_roles(s.team)
        given = [
            ("Question", s.question),
            *(goals or [("Goals", "")]),
            ("Scope", s.scope),
            ("Stages", " → ".join(stage.name for stage in s.stages)),
            ("Team", made_by(s.team)),
            *([("Nobody in the team is", words.joined(list(absent)))] if s.team and absent else []),
        ]
        rows = [{"About": name, "As study.toml says": text or "not said yet"} for name, text in given]
        return table(rows, [Column("About"), Column("As study.toml says")], title="What the study asks")

    def people(self) -> Block:
        """Who was heard, by segment, and how many agree to be quoted and shared."""
        heard = self._heard
        if heard.empty:
            text = "Import the list of participants and their interviews: workbench import participants.csv interviews/*"
            return callout(text, title="Nobody was heard yet")
        rows = [self._group("Everyone", "", heard)]
        for attribute in (a for a in self.study.settings.segments if a in heard):
            values = heard[attribute].fillna("").map(str).replace("", "not known")
            rows += [self._group(attribute.capitalize(), value, heard[values == value]) for value in sorted(values.unique())]
        numbers = [Column(name, kind="number") for name in ("Heard", "May be quoted", "May be shared")]
        unheard = len(self.tables.participants) - len(heard)
        rest = f" {unheard} more are on the list and speak in no transcript." if unheard else ""
        caption = f"Participants who speak in a transcript, by segment; consent as it stands.{rest}"
        return table(rows, [Column("Segment"), Column("Group"), *numbers], title="Who took part", caption=caption)

    def collected(self) -> Block:
        """What came in of each kind: how many, from when to when."""
        rows = [*self._conversations(), *self._sheets(), *self._log()]
        if not rows:
            return callout("Nothing was imported yet. Begin with: workbench import FILE…", title="What was collected")
        columns = [Column("What"), Column("n", kind="number"), Column("Holds"), Column("First day"), Column("Last day")]
        return table(rows, columns, title="What was collected")

    def coding(self) -> Block:
        """How far the coding is, interview by interview in the order they were held."""
        held = self._held
        if held.empty:
            return callout("There are no interviews to code yet.", title="How far the coding is")
        by_name = self.saturation_table.set_index("transcript")
        rows = [
            {
                "Interview": name,
                "Held": f"{row.held:%-d %b %Y}" if not pd.isna(row.held) else "",
                "Kind": row.kind,
                "Words": int(row.n_words),
                "Coded by": row.coders or "nobody yet",
                "Codings": int(row.n_codings),
                "Different codes": int(by_name["n_codes"].get(name, 0)),
                "New codes": int(by_name["n_new"].get(name, 0)),
            }
            for name, row in zip(held.index, held.itertuples(), strict=True)
        ]
        numbers = {"Words", "Codings", "Different codes", "New codes"}
        columns = [Column(name, kind="number" if name in numbers else "text") for name in rows[0]]
        caption = "In the order they were held; a code is new where no earlier interview has it. Stages are not counted as codes here."
        return table(rows, columns, title=self._coded_title(), caption=caption)

    def saturation(self) -> Any:
        """The curve of new codes; nothing, before two interviews are coded."""
        found = self.saturation_table
        return saturation_chart(found, title=self._saturation_title()) if len(found) > 1 else None

    def made(self) -> Block:
        """Personas, maps and opportunities that are there, and what makes the next."""
        s = self.study
        kinds = [
            ("Personas", [p.name for p in s.personas], "persona_profile"),
            ("Journey maps", [j.title for j in s.journeys], "journey_map"),
            ("Empathy maps", [m.persona or m.stage or "everyone" for m in s.empathy_maps], "empathy_map"),
            ("Opportunities", [f"{o.how_might_we.rstrip('?')}? ({o.status})" for o in s.opportunities], "opportunities"),
        ]
        rows = [
            {"What": what, "Saved": len(names), "Which": "; ".join(names) or "none yet; the report proposes some", "Report": template}
            for what, names, template in kinds
        ]
        caption = "What people saved. A report is made with: workbench report NAME"
        columns = [Column("What"), Column("Saved", kind="number"), Column("Which"), Column("Report")]
        return table(rows, columns, title="What is there already", caption=caption)

    def next_steps(self) -> Block:
        """What is missing, the most basic first."""
        steps = self.steps
        if not steps:
            return callout("Nothing is missing that can be told from the data.", title="Next step")
        first, rest = steps[0], steps[1:]
        kind = "warning" if self.gaps else "note"
        return callout("\n\n".join([first, *(f"Then: {step}" for step in rest)]), title="Next step", kind=kind)

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How the numbers were counted."""
        paragraphs = [
            "A participant is heard who speaks in a transcript of research with customers. Consent is asked for the day of the report: who "
            "does not agree to be quoted is counted, and their words are in no report.",
            "An interview counts as coded when it holds one coding. Saturation follows Guest, Namey & Chen (2020): the codes that are new in the "
            "last two coded interviews, over the different codes of the first four; 5 % or less is little. It says that these people bring little "
            "new, not that others would not.",
        ]
        return method(paragraphs, facts)

    @cached_property
    def saturation_table(self) -> pd.DataFrame:
        """New codes of each coded interview, with the day it was held."""
        held, codings = self._held, self.tables.codings
        found = code_saturation(codings[codings["kind"] != CodeKind.STAGE], order=[str(name) for name in held.index])
        return found.assign(held=[held.loc[name, "held"] for name in found["transcript"]])

    @cached_property
    def steps(self) -> list[str]:
        """What to do, the most basic first."""
        s, held, codings = self.study.settings, self._held, self.tables.codings
        uncoded = [str(name) for name, n in held["n_codings"].items() if not n] if len(held) and len(codings) else []
        alone = len(codings) > 0 and not uncoded and codings["coder"].nunique() == 1
        still_new = self._saturation is not None and self._saturation.share > self._saturation.threshold
        later = [
            (bool(uncoded), f"Code {_some(uncoded)} in wb.InterviewCoder(study)."),
            (alone, "Have a second person code two interviews, so that it can be told how well two agree."),
            (still_new, f"Hear more people, or say why these are enough: {words.lower(self._saturation_title())}."),
            (
                not s.surveys and self.study.events is None,
                "Bring numbers beside the words: survey answers or events, so that a map can measure.",
            ),
            (bool(s.surveys) and not s.measures, "Say in study.toml what is measured: [[measure]] with name, kind and stage."),
            (not self.study.personas, "Propose personas with wb.propose_personas(study), and save those that hold."),
            (not self.study.opportunities, "Save the first opportunities in wb.OpportunityBoard(study)."),
            (not self.study.journeys, "Save a journey map in wb.JourneyMap(study), so that what people write on it is kept."),
        ]
        first = [
            (not s.question, "Say in study.toml what the study asks, with question under [study]."),
            (
                not (s.goals and s.scope),
                "Say in study.toml what the map is for and where it begins and ends, with goals and scope under [study].",
            ),
        ]
        return [*(text for is_missing, text in first if is_missing), *self.gaps, *(text for is_missing, text in later if is_missing)]

    @cached_property
    def gaps(self) -> list[str]:
        """What is not there yet or does not fit together, so that a map would lack it."""
        return check_study(self.tables)

    @cached_property
    def _heard(self) -> pd.DataFrame:
        people = self.tables.participants
        return people[people["heard"].astype(bool)]

    @cached_property
    def _held(self) -> pd.DataFrame:
        """The conversations, in the order they were held; those without a day last."""
        found = self.tables.transcripts
        if found.empty:
            return found
        talks = found[~found["kind"].isin([str(kind) for kind in _WRITTEN])]
        return talks.assign(day=pd.to_datetime(talks["held"])).sort_values("day", kind="stable").drop(columns="day")

    @cached_property
    def _saturation(self) -> Saturation | None:
        return saturation(self.saturation_table)

    def _how_far(self) -> str:
        coded = f"{self._coded_title()}. " if len(self._held) else ""
        new = f"{self._saturation_title()}. " if self._saturation else ""
        return coded + new + (f"Next: {words.lower(self.steps[0])}" if self.steps else "")

    def _findings(self) -> list[Finding]:
        heard, held = self._heard, self._held
        n_coded = int((held["n_codings"] > 0).sum()) if len(held) else 0
        found = [
            Finding(
                str(len(heard)),
                f"participant{'s were' if len(heard) != 1 else ' was'} heard",
                self._quotable(),
                link_to("Who took part") if len(heard) else "",
            )
        ]
        coders = sorted(self.tables.codings["coder"].unique())
        by = f"{len(self.tables.codings):,} codings by {words.joined(coders)}" if coders else "nobody has coded yet"
        found.append(Finding(f"{n_coded} of {len(held)}", "interviews are coded", by, link_to(self._coded_title()) if len(held) else ""))
        if (reached := self._saturation) is not None:
            text = f"of the codes of the first {reached.base} interviews: so much was new in the last {reached.run}"
            detail = f"{reached.n_new} new codes against {reached.n_base}" + _since(reached)
            found.append(Finding(f"{100 * reached.share:.0f} %", text, detail, link_to(self._coded_title())))
        n = len(self.steps)
        found.append(Finding(str(n), f"thing{'s' * (n != 1)} to do next", "", ""))
        return found

    def _quotable(self) -> str:
        return f"{self._n_agree(self._heard, Consent.allows_quotes)} may be quoted" if len(self._heard) else ""

    def _n_agree(self, people: pd.DataFrame, to: Callable[[Consent, date], bool]) -> int:
        return sum(to(self._consents[alias], self.on) for alias in people.index)

    @cached_property
    def _consents(self) -> dict[str, Consent]:
        return {p.alias: p.consent for p in self.study.load_participants()}

    def _group(self, segment: str, value: str, people: pd.DataFrame) -> dict[str, Any]:
        return {
            "Segment": segment, "Group": value or "all", "Heard": len(people),
            "May be quoted": self._n_agree(people, Consent.allows_quotes), "May be shared": self._n_agree(people, Consent.allows_sharing),
        }  # fmt: skip

    def _conversations(self) -> list[dict[str, Any]]:
        found = self.tables.transcripts
        if found.empty:
            return []
        rows = []
        for kind, own in found[found["kind"] != SourceKind.TICKET].groupby("kind", sort=False):
            rows.append(_row(f"{str(kind).capitalize()}s", len(own), f"{int(own['n_words'].sum()):,} words", own["held"]))
        return rows

    def _sheets(self) -> list[dict[str, Any]]:
        titles = {s.id: s.title or s.id for s in self.study.settings.surveys} | {"tickets": "Support tickets"}
        rows = []
        for survey, own in self.tables.responses.groupby("survey", sort=False):
            known = own["participant"].fillna("").ne("").sum()
            holds = f"{known:,} from participants who were recruited" if known else "nobody who was interviewed"
            name = titles.get(str(survey), f"Survey {survey}, not described in study.toml")
            rows.append(_row(name, len(own), holds, own["answered"]))
        return rows

    def _log(self) -> list[dict[str, Any]]:
        log = self.study.events
        if log is None or not log.n_events:
            return []
        days = pd.Series(pd.to_datetime([int(log.times.min()), int(log.times.max())], unit="us"))
        return [_row("Events", log.n_events, f"{log.n_users:,} users, {len(log.event_names)} kinds of event", days)]

    def _coded_title(self) -> str:
        held = self._held
        n = int((held["n_codings"] > 0).sum()) if len(held) else 0
        return "All interviews are coded" if n == len(held) else f"{n} of {len(held)} interviews are coded"

    def _saturation_title(self) -> str:
        reached = self._saturation
        if reached is None:
            return "Too few interviews are coded to speak of saturation"
        if reached.n_new == 0:
            return f"The last {words.spelled(reached.run)} interviews brought no new code"
        return f"The last {words.spelled(reached.run)} interviews still brought {words.spelled(reached.n_new)} new code{'s' * (reached.n_new != 1)}"


def overview_report(study: Study, *, on: date | None = None) -> OverviewReport:
    """What a study is and how far it is.

    Parameters
    ----------
    on : the day for which consent is asked (today)
    """
    return OverviewReport(study, Snapshot(study), on or date.today())  # noqa: DTZ011 - consent ends with a day of the reader's calendar


def _since(reached: Saturation) -> str:
    if reached.reached is None:
        return f"; never {reached.threshold:.0%} or less so far".replace("%", " %")
    return f"; {reached.threshold:.0%} or less first after {reached.reached} interviews".replace("%", " %")


def _row(what: str, n: int, holds: str, days: pd.Series) -> dict[str, Any]:
    known = pd.to_datetime(days.dropna())
    first, last = (f"{known.min():%-d %b %Y}", f"{known.max():%-d %b %Y}") if len(known) else ("not known", "not known")
    return {"What": what, "n": n, "Holds": holds, "First day": first, "Last day": last}


def _some(names: Sequence[str], most: int = 4) -> str:
    return words.joined([*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])])
