"""The page of an empathy map: the eight fields around a head, each note with its evidence, problems by stage, and how two maps differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from workbench.analysis.empathy import build_empathy_map
from workbench.analysis.empathy_changes import compare_empathy_maps, rebuild_empathy_map
from workbench.analysis.intervals import difference_of_shares
from workbench.analysis.problems import problem_statement
from workbench.analysis.scope import find_persona, find_scope, find_stage
from workbench.charts.persona_picture import picture_of
from workbench.model import CodeKind, EmpathyMap, Note, Quadrant, Statement
from workbench.reports.blocks import Block, Cell, Column, Finding, header, method, table
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing, people_block, shown_statement, verbatim
from workbench.study import Study
from workbench.study.snapshot import Snapshot

#: What stands under the name of each field.
ABOUT: Mapping[Quadrant, str] = {
    Quadrant.SAYS: "in their own words",
    Quadrant.THINKS: "read into what they said",
    Quadrant.DOES: "as they told it, or were seen",
    Quadrant.FEELS: "mean intensity, −2 to +2, and 95 % interval over people",
    Quadrant.SEES: "touchpoints and channels they meet",
    Quadrant.HEARS: "what others tell them",
    Quadrant.PAINS: "what gets in their way",
    Quadrant.GAINS: "what pleases them, and what they need and want",
}
#: How many notes of a field are shown at first; one more is never folded alone.
NOTES_PER_FIELD = {Quadrant.SAYS: 4, Quadrant.THINKS: 4, Quadrant.DOES: 4, Quadrant.FEELS: 4}
NOTES_ELSEWHERE = 6
DIFFERENCES = 30
_COUNTS = ["n_first", "n_of_first", "n_second", "n_of_second"]


@dataclass(frozen=True)
class EmpathyReport:
    """An empathy map with the words that may be shown, ready to be laid out.  Made by :func:`empathy_report`; each method is one block.

    ``problems`` are the same people's maps at one stage each; ``other`` is the map that it is held against.
    """

    study: Study
    shown: EmpathyMap
    people_in: tuple[str, ...]
    showing: Showing
    problems: Sequence[tuple[str, EmpathyMap]] = ()
    saved: EmpathyMap | None = None
    n_hidden: int = 0
    other: EmpathyMap | None = None
    others: frozenset[str] = frozenset()

    def summary(self) -> Block:
        """Headline, one sentence, and what can be read in ten seconds."""
        m = self.shown
        kind = "one participant" if m.participant else "persona" if m.persona else "segment" if m.segment else "everyone"
        kicker = " · ".join(["Empathy map", kind, self.study.settings.title, words.day_shown(self.study)])
        people = f"{words.spelled(m.n_of).capitalize()} {'person' if m.n_of == 1 else 'people'}"
        lede = f"{people}{f' at {self._place}' if self._place else ''}: what they say, think, do and feel, each note with who said it."
        if not m.n_of:
            lede = "Nobody was heard yet about whom this map could be drawn."
        return header(m.about, kicker=kicker, lede=lede, strong=m.problem, findings=self._findings())

    def map(self) -> Block:
        """The eight fields around a head; each note opens to its evidence."""
        fields = {str(q): self._field(q) for q in Quadrant}
        name = self.shown.about.split(" · ")[0]
        data = {
            "name": name.partition(",")[0] or name, "picture": picture_of(name), "n": self.shown.n_of, "fields": fields, "problem": self.shown.problem,
            "about": self.shown.about,
        }  # fmt: skip
        lines = [f"{q}: " + "; ".join(s.text for s in self.shown.notes_in(q)[:3]) for q in Quadrant if self.shown.notes_in(q)]
        return Block("empathy-map", data, "\n".join([f"Empathy map: {self.shown.about}", *lines]), landscape=True)

    def problem_statements(self) -> Block | None:
        """Who needs what, and because of what, stage by stage; nothing, where no stage has a need and a pain point."""
        rows = [row for stage, at in self.problems if (row := self._problem(stage, at))]
        if not rows:
            return None
        return Block(
            "problems", {"title": "Problem statements", "rows": rows}, "\n".join(f"{r['stage']}: {r['item']['text']}" for r in rows)
        )

    def differences(self) -> Block | None:
        """The notes on which the map and the other one differ most; nothing, where there is no other."""
        if self.other is None:
            return None
        found = _once_per_code(compare_empathy_maps(self.shown, self.other))
        found["gap"] = [_share(r.n_first, r.n_of_first) - _share(r.n_second, r.n_of_second) for r in found.itertuples()]
        found = found.sort_values("gap", key=abs, ascending=False, kind="stable")
        apart = not self.others & set(self.people_in)
        here, there = (m.about.partition(",")[0] if m.persona else m.about for m in (self.shown, self.other))
        rows = [self._difference(r, apart) for r in found.head(DIFFERENCES).itertuples()]
        columns = [Column("Note"), Column("Field"), Column("here", here), Column("there", there)]
        columns += [Column("Difference", kind="number")] if apart else []
        left = f" {len(found) - DIFFERENCES} more differ less." if len(found) > DIFFERENCES else ""
        why = (
            "in points, with a 95 % interval (Newcombe 1998)" if apart else "; some people stand behind both maps, so no interval is given"
        )
        caption = f"The largest differences first, {why}.{left}" if apart else f"The largest differences first{why}.{left}"
        return table(rows, columns, title=f"Beside {there}", caption=caption)

    def people(self) -> Block | None:
        """Who stands behind the map, by pseudonym; nothing, where nobody does."""
        return people_block(self.showing, self.people_in) if self.people_in else None

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How to read the map, how it was made, and what people wrote on it."""
        lines = [
            f"Each code of the passages becomes a note in the field of its kind. “n of {self.shown.n_of}” counts distinct participants, never passages. What people said and did "
            "is observed; what they think, feel, need and aim at is read into it and called inferred; what nobody said is called assumed.",
            "Words in quotation marks are a participant's, one quote for each code. A note without them is the name of the code or a person's wording. "
            "A feeling is the mean over participants of each one's mean coded intensity, with a bootstrap interval; every interval is 95 %.",
            "“Hears” is filled only from codes that the study keeps for what others told people. Problem statements join the most shared pain point of a stage to the need that most of "
            "the same people have: a proposal to be put into better words.",
            "Words are those of people who agree on the day of this report; of others only the count is given.",
        ]
        if self.saved is not None:
            lines.append(
                "What people wrote on the saved map is laid over what was coded: their words, order and remarks stay, numbers and quotes are of today."
            )
        if self.n_hidden:
            lines.append(
                f"{self.n_hidden} note{'s were' if self.n_hidden != 1 else ' was'} taken off the map by hand; the evidence is kept in the study."
            )
        return method(lines, facts)

    @property
    def _place(self) -> str:
        stage = next((s.name for s in self.study.settings.stages if s.id == self.shown.stage), "")
        return words.joined([f"“{x}”" for x in (stage, self.shown.touchpoint) if x])

    def _field(self, quadrant: Quadrant) -> dict[str, Any]:
        notes = self.shown.notes_in(quadrant)
        if quadrant == Quadrant.DOES:  # what people did tells more than what they met, which is among what they see as well
            notes = tuple(sorted(notes, key=lambda s: s.rank is None and s.note == CodeKind.TOUCHPOINT))
        items = [self._item(quadrant, s) for s in notes]
        most = NOTES_PER_FIELD.get(quadrant, NOTES_ELSEWHERE)
        n = len(items) if len(items) <= most + 1 else most
        marks = sorted({i["mark"] for i in items})
        known = marks[0] if len(marks) == 1 else ""
        return {
            "title": quadrant.value.capitalize(), "about": ABOUT[quadrant], "known": known,
            "items": items[:n], "more": items[n:],
        }  # fmt: skip

    def _item(self, quadrant: Quadrant, s: Statement) -> dict[str, Any]:
        told = (
            f"{s.note}: {s.code}" if s.code and s.note in set(CodeKind) and s.text != s.code else "" if s.note in set(CodeKind) else s.note
        )
        item = shown_statement(s, self.showing, told=told)
        return {**item, "counts": s.code if item["quoted"] else ""} if quadrant == Quadrant.SAYS else {**item, "quoted": False}

    def _problem(self, stage: str, at: EmpathyMap) -> dict[str, Any] | None:
        if at.problem:
            return {"stage": stage, "proposed": False, "item": {"text": at.problem}}
        found = problem_statement(at)
        if not found or not found.evidence:
            return None
        lacks = (
            "nobody's need was coded here"
            if " … because" in found.text
            else "no pain point was coded here"
            if found.text.endswith("…")
            else ""
        )
        item = {**shown_statement(found, self.showing, told=found.note or lacks), "quoted": False}
        return {"stage": stage, "proposed": True, "lacks": lacks, "item": item}

    def _difference(self, row: Any, apart: bool) -> dict[str, Any]:
        text = f"“{row.statement}”" if row.statement in self._verbatim else row.statement
        shown = {
            "Note": Cell(text, text, row.code if row.code != row.statement else ""), "Field": row.quadrant.capitalize(),
            "here": _count(row.n_first, row.n_of_first), "there": _count(row.n_second, row.n_of_second),
        }  # fmt: skip
        if apart and row.n_of_first and row.n_of_second:
            gap = difference_of_shares(row.n_first, row.n_of_first, row.n_second, row.n_of_second, of="participants")
            shown["Difference"] = Cell(
                gap.value, words.signed(100 * gap.value, 0), f"{words.signed(100 * gap.low, 0)} to {words.signed(100 * gap.high, 0)}"
            )
        return shown

    @cached_property
    def _verbatim(self) -> frozenset[str]:
        """What stands on either map in people's own words."""
        both = (*self.shown.notes_in(Quadrant.SAYS), *(self.other.notes_in(Quadrant.SAYS) if self.other else ()))
        return frozenset(s.text for s in both if verbatim(s))

    def _findings(self) -> list[Finding]:
        found = []
        for quadrant, what in ((Quadrant.PAINS, "say"), (Quadrant.GAINS, "speak of")):
            top = next((s for s in sorted(self.shown.notes_in(quadrant), key=lambda s: -s.n) if s.n), None)
            if top:
                found.append(
                    Finding(
                        f"{top.n} of {top.n_of}",
                        f"{what} “{top.text}”",
                        "pain point" if quadrant == Quadrant.PAINS else top.note,
                        f"#{quadrant}",
                    )
                )
        felt = [(m.estimate, s) for s in self.shown.notes_in(Quadrant.FEELS) for m in s.measures]
        if felt:
            e, s = max(felt, key=lambda pair: (pair[0].n, abs(pair[0].value)))
            found.append(
                Finding(
                    words.signed(e.value),
                    f"is how “{s.text}” feels, the feeling most people show",
                    f"{words.interval(e)}, {words.n_of_people(e)}",
                    "#feels",
                )
            )
        return found


def empathy_report(
    study: Study,
    *,
    persona: str | None = None,
    participant: str | None = None,
    segment: str | None = None,
    stage: str | None = None,
    touchpoint: str | None = None,
    compare_with: str | None = None,
    on: date | None = None,
) -> EmpathyReport:
    """The empathy map of a persona, of one participant, of a segment, or of everyone; what people saved on it is laid over it.

    Parameters
    ----------
    persona : its name, or what stands before the comma of its name
    participant : an alias
    segment : attributes and values, ``customer=new``
    stage, touchpoint : only what was said about it
    compare_with : another persona, or another segment as ``customer=returning``; ``everyone`` for all participants
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName, UnknownParticipant
        There is no such persona, participant, attribute, stage or touchpoint.
    BadSetting
        A participant is named beside a persona or a segment.
    """
    showing = Showing(study, on or date.today())  # noqa: DTZ011 - consent ends with a day of the reader's calendar
    maker = _Maker(Snapshot(study), study.empathy_maps, showing, stage, touchpoint)
    asked = {"persona": persona, "participant": participant, "segment": segment}
    map, saved, n_hidden = maker.make(asked)
    stages = [find_stage(study.settings.stages, stage)] if stage else study.settings.stages
    problems = [(s.name, maker.make(asked, at=s.id)[0]) for s in stages]
    other, others = None, frozenset[str]()
    if compare_with:
        whom = _whom(compare_with)
        other, others = maker.make(whom)[0], frozenset(maker.people(whom))
    return EmpathyReport(study, map, maker.people(asked), showing, problems, saved, n_hidden, other, others)


@dataclass(frozen=True)
class _Maker:
    """Makes maps of different people at the same place."""

    tables: Snapshot
    saved: Sequence[EmpathyMap]
    showing: Showing
    stage: str | None
    touchpoint: str | None

    def make(self, asked: Mapping[str, str | None], at: str | None = None) -> tuple[EmpathyMap, EmpathyMap | None, int]:
        """The map as it may be shown, what of it was saved, and how many notes people took off it."""
        built = build_empathy_map(self.tables, **self._named(asked), stage=at or self.stage, touchpoint=self.touchpoint, on=self.showing.on)
        saved = next((m for m in self.saved if _same(m, built)), None)
        laid = rebuild_empathy_map(saved, built) if saved else built
        notes = tuple(Note(n.quadrant, self.showing.statement(n.statement)) for n in laid.notes if not n.statement.hidden)
        return replace(laid, notes=notes), saved, sum(n.statement.hidden for n in laid.notes)

    def people(self, asked: Mapping[str, str | None]) -> tuple[str, ...]:
        """Those whom a map is about, at its stage."""
        if asked.get("participant"):
            return (str(asked["participant"]),)
        named = self._named(asked)
        scope = find_scope(self.tables, named["persona"], named["segment"], self.showing.on)
        people = scope.of_stage[find_stage(self.tables.settings.stages, self.stage).id] if self.stage else scope.people.index
        return tuple(a for a in scope.people.index if a in people)

    def _named(self, asked: Mapping[str, str | None]) -> dict[str, str | None]:
        persona = asked.get("persona")
        whole = find_persona(self.tables.personas, persona).name if persona else None
        return {"persona": whole, "participant": asked.get("participant") or None, "segment": asked.get("segment") or None}


def _whom(compare_with: str) -> dict[str, str | None]:
    if "=" in compare_with:
        return {"segment": compare_with}
    return {} if compare_with.strip().casefold() in ("everyone", "everybody") else {"persona": compare_with}


def _same(saved: EmpathyMap, built: EmpathyMap) -> bool:
    """Whether two maps are of the same people at the same place; a persona brings its segment, which need not be saved again."""
    whom = saved.persona == built.persona and saved.participant == built.participant
    segments = (dict(built.segment), {}) if built.persona else (dict(built.segment),)
    return whom and dict(saved.segment) in segments and (saved.stage, saved.touchpoint) == (built.stage, built.touchpoint)


def _once_per_code(differences: pd.DataFrame) -> pd.DataFrame:
    """One row where a code stands in several fields with the same counts: by its name, with all its fields."""
    whole = []
    for _, own in differences.groupby(
        [differences["code"].where(differences["code"] != "", differences.index.to_series()), *_COUNTS], sort=False
    ):
        named = own[own["statement"] == own["code"]]
        row = (named if len(named) else own).iloc[0].copy()
        row["quadrant"] = ", ".join(own["quadrant"])
        whole.append(row)
    return pd.DataFrame(whole, columns=differences.columns)


def _share(n: int, n_of: int) -> float:
    return n / n_of if n_of else 0.0


def _count(n: int, n_of: int) -> Cell:
    return Cell(_share(n, n_of), f"{n} of {n_of}" if n_of else "–")
