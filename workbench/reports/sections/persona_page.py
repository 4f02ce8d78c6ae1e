"""The page of personas: side by side, one profile each with its evidence, or what the data propose where nobody has made one yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workbench.analysis.persona_checks import CONFIRMED, CONTRADICTED, population_share, validate_persona
from workbench.analysis.persona_evidence import rest_on_codes
from workbench.analysis.personas import Proposal, compare_personas, describe_group, propose_personas
from workbench.analysis.scope import find_persona
from workbench.charts.persona_picture import picture_of
from workbench.model import FEW, Check, Persona, Trait, TraitKind
from workbench.reports.blocks import Block, Column, Finding, callout, header, method, table
from workbench.reports.sections import words
from workbench.reports.sections.evidence import Showing, people_block
from workbench.reports.sections.persona_profile import TITLES, count_marks, people_behind, profile, share_in_words
from workbench.study import Study
from workbench.study.snapshot import Snapshot

_HOW_TO_ACCEPT = """\
from dataclasses import replace
import workbench as wb
from workbench.store import save_document

proposal = wb.propose_personas(study)
with study.db.atomic(study.coder, "accept a persona") as transaction:
    save_document(transaction, replace(proposal.personas[0], name="Nora"))"""


@dataclass(frozen=True)
class PersonaReport:
    """Personas with the words that may be shown, ready to be laid out.  Made by :func:`persona_report`; each method is one block.

    ``apart`` is, for each persona, what sets its people apart and is not written into it.  ``proposal`` is there where the study has no personas; then ``personas`` are the proposed ones.
    """

    study: Study
    personas: Sequence[Persona]
    checks: Sequence[Sequence[Check]]
    showing: Showing
    apart: Sequence[Sequence[Trait]] = ()
    proposal: Proposal | None = None

    def summary(self) -> Block:
        """Headline, one sentence, and what can be read in ten seconds."""
        one = self.personas[0] if len(self.personas) == 1 and not self.proposal else None
        none = self.proposal is not None and not self.personas
        title = (
            one.name
            if one
            else "No personas yet"
            if none
            else "Personas, proposed"
            if self.proposal
            else f"{words.spelled(len(self.personas)).capitalize()} personas"
        )
        kicker = " · ".join(
            x for x in ("Proposal" if self.proposal else "Persona", self.study.settings.title, words.day_shown(self.study)) if x
        )
        if none:
            lede = "Nobody has made a persona in this study yet, and the data do not propose any."
        elif self.proposal:
            lede = "Nobody has made a persona in this study yet. This is what the data propose, for a person to accept, change or leave."
        elif one:
            lede = one.summary
        else:
            lede = f"{words.joined([p.name for p in self.personas])}: made-up people, each standing for real ones."
        return header(title, kicker=kicker, lede=lede, findings=self._findings(one))

    def proposed(self) -> Block | None:
        """Whether the data support groups, where personas are only proposed."""
        if self.proposal is None:
            return None
        sentence = self.proposal.sentence
        if self.personas:
            todo = "Found by grouping participants who said and felt alike; not yet anybody's judgement. Accept, change or merge the groups below."
            return callout(f"{sentence}\n\n{todo}", title="A proposal, not a finding")
        todo = "A persona can still be written by hand, and more interviews may show groups."
        return callout(f"{sentence}\n\n{todo}", title="No groups to propose", kind="warning")

    def stability(self) -> Block | None:
        """How well each group was found again when participants were drawn anew."""
        if self.proposal is None or self.proposal.stability.empty:
            return None
        t = self.proposal.stability
        rows = [
            {
                "Group": f"Group {r.group}", "People": r.n, "Most typical": self.showing.called[r.typical],
                "Participants": words.joined(self.showing.names(r.participants.split(", "))), "Silhouette": r.silhouette, "Stability": r.stability,
                "Resamples": r.n_resamples,
            }
            for r in t.itertuples()
        ]  # fmt: skip
        columns = [
            Column("Group"), Column("People", kind="number"), Column("Most typical"), Column("Participants"), Column("Silhouette", kind="number", digits=2),
            Column("Stability", kind="number", digits=2), Column("Resamples", kind="number"),
        ]  # fmt: skip
        caption = "Stability is the mean Jaccard similarity of the group with the most similar one of each resample, 0 to 1; below 0.6 a group is not to be trusted (Hennig 2007)."
        return table(rows, columns, title="How stable the groups are", caption=caption)

    def side_by_side(self) -> Block | None:
        """The personas beside each other, where there are several."""
        if len(self.personas) < 2:
            return None
        found = compare_personas(self.personas)
        behind = [people_behind(p, self.showing) for p in self.personas]
        rows = [
            {
                "label": "Who stands behind",
                "cells": [
                    [f"{len(b)} participant{'s' * (len(b) != 1)}: {words.joined(self.showing.names(b))}"] if b else [] for b in behind
                ],
            }
        ]
        shares = [share_in_words(p.share) for p in self.personas]
        rows += [
            {
                "label": "Share of the population",
                "cells": [[f"{s['value']} of {s['of']} ({s['interval']}, n {s['n']})"] if s else [] for s in shares],
            }
        ]
        kinds = [kind for kind in TITLES if kind in found.index]
        rows += [
            {"label": TITLES[kind], "cells": [[line for line in cell.split("\n") if line] for cell in found.loc[kind]]} for kind in kinds
        ]
        heads = [{"name": p.name, "picture": picture_of(p.name), "href": f"#persona-{i}"} for i, p in enumerate(self.personas, 1)]
        return Block("personas", {"personas": heads, "rows": rows}, "Personas side by side: " + ", ".join(p.name for p in self.personas))

    def profiles(self) -> Block | None:
        """Each persona with its evidence; nothing, where the data propose none."""
        if not self.personas:
            return None
        stages, several = self.study.settings.stages, len(self.personas) > 1
        shown = [
            profile(p, self.showing, stages, checks=checks, apart=apart, proposed=self.proposal is not None)
            for p, checks, apart in zip(self.personas, self.checks, self.apart, strict=True)
        ]
        data = {"personas": shown, "several": several or self.proposal is not None, "accept": _HOW_TO_ACCEPT if self.proposal else ""}
        return Block("persona", data, "\n".join(f"{p.name}. {p.summary}".strip() for p in self.personas))

    def people(self) -> Block | None:
        """Who stands behind the personas, by pseudonym; nothing, where nobody does."""
        behind = {p.name: people_behind(p, self.showing) for p in self.personas}
        people = [a for a in self.showing.called if any(a in own for own in behind.values())]
        if not people:
            return None
        stands = {a: words.joined([name for name, own in behind.items() if a in own]) for a in people}
        return people_block(self.showing, people, title="Who stands behind", columns=[("Persona", stands)] if len(behind) > 1 else [])

    def method(self, facts: Mapping[str, object] | None = None) -> Block:
        """How to read it, how it came about, and what it does not show."""
        lines = [
            "A persona is a made-up person who stands for real ones; the picture is drawn from the name and shows nobody. Each statement says how it is known: "
            "observed in what people said and did, inferred from it, measured in a survey or in events, or assumed, where nothing stands behind it yet. "
            "“n of N” counts distinct participants of the persona, never passages.",
            "A share of the population counts the people who answered or came and have the attributes of the persona; it has a Wilson score interval, and every interval is 95 %. "
            "Who did not answer, it does not count.",
            "Words are those of people who agree on the day of this report; of others, and of passages that have changed since, only the count is given.",
        ]
        if any(self.checks):
            lines.append(
                "A claim is held against data that it was not made from. Confirmed: somebody said it there, and not clearly fewer than before. Contradicted: more said the "
                "contrary, felt the other way, or the later interval lies wholly on the other side. Not seen: neither; silence is no contradiction."
            )
        if self.proposal and self.personas:
            lines.append(
                "Participants were grouped by the codes they carry, how they felt and what they are (Gower's distance, average linkage); the number of groups is the one with "
                "the best silhouette. What sets a group apart was chosen from the same codes that made it, so its difference from others proves nothing."
            )
        return method(lines, facts)

    def _findings(self, one: Persona | None) -> list[Finding]:
        return self._of_one(one) if one else [self._of_several(i, p) for i, p in enumerate(self.personas, 1)][:4]

    def _of_one(self, persona: Persona) -> list[Finding]:
        found = []
        if share := share_in_words(persona.share):
            found.append(Finding(share["value"], f"of {share['of']}", f"{share['interval']}, n {share['n']}", "#persona-1"))
        n = len(people_behind(persona, self.showing))
        found.append(
            Finding(f"{n}", f"participant{'s' * (n != 1)} stand{'s' * (n == 1)} behind it", "few" if n < FEW else "", "#Who-stands-behind")
        )
        marks = dict(count_marks([t.statement for t in persona.traits]))
        if total := sum(marks.values()):
            known = total - marks.get("assumed", 0)
            found.append(Finding(f"{known} of {total}", "statements rest on evidence", _listed(marks), "#persona-1"))
        checks = self.checks[0]
        if checks:
            n_yes, n_no = (sum(c.result == r for c in checks) for r in (CONFIRMED, CONTRADICTED))
            found.append(
                Finding(
                    f"{n_yes} of {len(checks)}",
                    "claims confirmed",
                    f"{n_no} contradicted, {len(checks) - n_yes - n_no} not seen",
                    "#persona-1",
                )
            )
        return found

    def _of_several(self, i: int, persona: Persona) -> Finding:
        n = len(people_behind(persona, self.showing))
        share = share_in_words(persona.share)
        of = f"{share['value']} of {share['of']} ({share['interval']}, n {share['n']})" if share else "share of the population not known"
        top = next(iter(persona.traits_of(TraitKind.GOAL)), None)
        wants = f"{persona.name}: {words.lower(top.text)}" if top else persona.name
        return Finding(f"{n} people", wants, of, f"#persona-{i}")


def persona_report(study: Study, *, persona: str | None = None, since: date | str | None = None, on: date | None = None) -> PersonaReport:
    """A study's personas, or the one that is named; what the data propose, where there are none.

    Parameters
    ----------
    persona : its name, or what stands before the comma of its name
    since : the day from which on interviews, answers and events are new to the personas: their claims are held against these
    on : the day for which consent is asked (today)

    Raises
    ------
    UnknownName
        There is no such persona, or several begin so.
    """
    showing = Showing(study, on or date.today())  # noqa: DTZ011 - consent ends with a day of the reader's calendar
    tables = Snapshot(study)
    day = date.fromisoformat(since) if isinstance(since, str) else since
    named = [find_persona(tables.personas, persona)] if persona else tables.personas
    chosen = [rest_on_codes(tables, p, showing.on) for p in named]
    if not chosen:
        proposal = propose_personas(tables, on=showing.on)
        personas = [showing.persona(p) for p in proposal.personas]
        nothing: list[tuple[()]] = [() for _ in personas]
        return PersonaReport(study, personas, nothing, showing, nothing, proposal)
    checks = [(*p.checks, *(validate_persona(tables, p, day, on=showing.on) if day else ())) for p in chosen]
    counted = [p if p.share else replace(p, share=population_share(tables, p)) for p in chosen]
    apart = [_not_written(tables, p, showing) for p in chosen]
    return PersonaReport(study, [showing.persona(p) for p in counted], checks, showing, apart)


def _not_written(study: Snapshot, persona: Persona, showing: Showing) -> tuple[Trait, ...]:
    """What the people of a persona say, and others do not, that no trait of it rests on."""
    codings = study.codings
    coded = set(codings["participant"])
    behind = [a for a in people_behind(persona, showing) if a in coded]
    if len(behind) < 2 or len(coded & set(showing.called)) == len(behind):
        return ()
    known = {x.casefold() for t in persona.traits for x in (t.statement.code, t.statement.text)}
    found = describe_group(study, behind, on=showing.on).traits
    own = [t for t in found if t.statement.text.casefold() not in known and t.statement.code.casefold() not in known]
    return tuple(replace(t, statement=showing.statement(replace(t.statement, rank=None))) for t in own)


def _listed(marks: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {mark}" for mark, n in marks.items())
