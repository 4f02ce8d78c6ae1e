"""Personas from groups of participants: what sets each group apart, with who said it; and personas side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.analysis.answers import given_answers
from workbench.analysis.checkup import CheckedTables
from workbench.analysis.grouping import (
    BY,
    GROUPING_KINDS,
    Grouping,
    as_numbers,
    attributes_of,
    codings_heard,
    group_participants,
    tells_apart,
)
from workbench.analysis.intervals import difference_of_shares
from workbench.analysis.passages import put_into_stages
from workbench.analysis.persona_checks import population_share
from workbench.analysis.scope import find_scope
from workbench.analysis.statements import rows_by_place, state_codes
from workbench.errors import BadSetting, UnknownParticipant
from workbench.model import CodeKind, LaneKind, Persona, Quote, Stage, StageSetting, Statement, Trait, TraitKind, basis_of

#: What a code of each kind says about a persona.  A thought is left to a person's reading: it is in the table of differences.
TRAIT_OF = {
    CodeKind.GOAL: TraitKind.GOAL,
    CodeKind.NEED: TraitKind.NEED,
    CodeKind.PAIN: TraitKind.PAIN,
    CodeKind.DELIGHT: TraitKind.PLEASES,
    CodeKind.ACTION: TraitKind.BEHAVIOUR,
    CodeKind.CHANNEL: TraitKind.CHANNEL,
}
#: A code sets a group apart when at least half of the group carry it, and by 30 points more of them than of the others.
AT_LEAST, MORE_BY = 0.5, 0.3
_DIFFERENCES = ["path", "code", "kind", "n", "n_of", "n_elsewhere", "n_of_elsewhere", "difference", "low", "high", "sets_apart"]


@dataclass(frozen=True, eq=False, repr=False)
class Proposal:
    """Personas for a person to accept, edit or merge, and how far the data support them.

    ``differences`` has the columns of :func:`group_differences` and, first, ``persona``.  Its intervals describe these people: the
    groups were made from the same codes, so that an interval without zero proves nothing.
    """

    personas: tuple[Persona, ...]
    grouping: Grouping
    differences: pd.DataFrame

    def __repr__(self) -> str:
        return f"Proposal({len(self.personas)} personas. {self.sentence})"

    @property
    def supported(self) -> bool:
        """Whether the data speak for groups."""
        return self.grouping.supported

    @property
    def sentence(self) -> str:
        """Whether there are groups, and how that is known."""
        return self.grouping.sentence

    @property
    def stability(self) -> pd.DataFrame:
        """One row per group that was found: see :attr:`Grouping.stability_table`."""
        return self.grouping.stability_table


def propose_personas(
    study: CheckedTables,
    by: Sequence[str] = BY,
    k: int | None = None,
    max_groups: int = 5,
    *,
    kinds: Collection[str] = GROUPING_KINDS,
    coders: Collection[str] | None = None,
    until: date | None = None,
    on: date | None = None,
    random_state: int = 0,
) -> Proposal:
    """A persona for each group of participants who are alike.

    Parameters
    ----------
    by, k, max_groups, kinds, coders, until, random_state : see :func:`group_participants`
    on : the day for which consent is asked (today)

    Returns
    -------
    A :class:`Proposal`.  It has no personas when the data do not support groups and nobody asked for ``k`` of them; with ``k``, a
    person has decided, and the sentence still says what the data do.

    Raises
    ------
    UnknownName, BadSetting
    """
    grouping = group_participants(study, by, k, max_groups, kinds=kinds, coders=coders, until=until, random_state=random_state)
    wanted = grouping.groups if grouping.supported or k is not None else ()
    everybody = list(grouping.table.index)
    codings = codings_heard(study, coders=coders, until=until)
    personas, tables = [], []
    for i, group in enumerate(wanted, 1):
        persona = describe_group(study, group, f"Group {i}", among=everybody, coders=coders, until=until, on=on)
        personas.append(persona)
        tables.append(group_differences(codings[codings["kind"].isin(kinds)], group, everybody).assign(persona=persona.name))
    differences = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*_DIFFERENCES, "persona"])
    return Proposal(tuple(personas), grouping, differences[["persona", *_DIFFERENCES]])


def describe_group(
    study: CheckedTables,
    participants: Sequence[str],
    name: str = "Group",
    *,
    among: Collection[str] | None = None,
    coders: Collection[str] | None = None,
    until: date | None = None,
    on: date | None = None,
) -> Persona:
    """A persona that stands for these participants; of two merged personas, for the participants of both.

    Parameters
    ----------
    participants : aliases, the most typical first: the quote is the first one's whose words may be shown
    name : what its name begins with; what its participants have in common and others do not is added
    among : with whom they are compared (everybody whose words were coded)
    coders, until : see :func:`group_participants`
    on : the day for which consent is asked (today)

    Returns
    -------
    A :class:`Persona` with what sets the group apart, goals in the order of how many have them, and a segment where the values
    of attributes belong to everybody in the group and to nobody else.

    Raises
    ------
    UnknownParticipant
    BadSetting
        Nobody is named.
    """
    participants = list(dict.fromkeys(participants))  # of two merged personas, somebody may be in both
    codings = codings_heard(study, coders=coders, until=until)
    everybody = list(dict.fromkeys([*(sorted(set(codings["participant"])) if among is None else among), *participants]))
    people = study.participants
    if not participants:
        raise BadSetting(f'persona "{name}"', "it stands for nobody", "Name its participants.")
    for alias in everybody:
        if alias not in people.index:
            raise UnknownParticipant(alias, people.index)
    compared = people.loc[everybody]
    segment, leaning = _in_common(compared, participants)
    traits = _traits(study, codings, participants, everybody, on)
    persona = Persona(
        id="",
        name=_named(name, segment, leaning, traits),
        segment=segment,
        participants=tuple(sorted(participants)),
        age=_age(compared, participants),
        demographics=_demographics(compared, participants),
        quote=_typical_quote(participants, traits),
        traits=traits,
    )
    return replace(persona, share=population_share(study, persona))


def group_differences(codings: pd.DataFrame, group: Collection[str], everybody: Collection[str]) -> pd.DataFrame:
    """How many of a group carry each code, and how many of the others.

    Parameters
    ----------
    codings : one row per coding
    group : aliases
    everybody : those of the group and those they are compared with

    Returns
    -------
    One row per code, the largest difference first: ``path``, ``code``, ``kind``, ``n`` of ``n_of`` people in the group,
    ``n_elsewhere`` of ``n_of_elsewhere``, ``difference`` of the two shares with its hybrid score interval ``low`` to ``high``
    (Newcombe 1998; NaN where there are no others), ``sets_apart``: carried by at least half of the group, and by at least 30
    points more of them than of the others.
    """
    group, others = set(group), set(everybody) - set(group)
    rows = []
    for (path, code, kind), own in codings.groupby(["path", "code", "kind"]):
        carriers = set(own["participant"])
        n, elsewhere = len(carriers & group), len(carriers & others)
        gap = difference_of_shares(n, len(group), elsewhere, len(others), of="participants") if others else None
        bounds = (gap.value, gap.low, gap.high) if gap else (np.nan, np.nan, np.nan)
        apart = n >= AT_LEAST * len(group) and (gap is None or round(gap.value, 9) >= MORE_BY)
        rows.append((path, code, kind, n, len(group), elsewhere, len(others), *bounds, apart))
    table = pd.DataFrame(rows, columns=_DIFFERENCES)
    return table.sort_values(["difference", "n", "path"], ascending=[False, False, True], ignore_index=True)


def objectives_by_stage(persona: Persona, stages: Iterable[Stage | StageSetting]) -> pd.DataFrame:
    """A persona's goals along the journey.

    Returns
    -------
    One row per goal, in the order of stages and then of rank, and one row for each stage that has none: ``stage`` (id),
    ``stage_name``, ``rank``, ``goal``, ``n`` of ``n_of`` participants, ``assumed``.  Goals of no stage, or of one that the study does not have, come last.
    """
    goals = sorted((t for t in persona.traits if t.kind == TraitKind.GOAL), key=lambda t: (t.statement.rank is None, t.statement.rank or 0))
    names = {s.id: s.name for s in stages}
    rows: list[tuple[Any, ...]] = []
    for stage, name in names.items():
        own = [t.statement for t in goals if t.stage == stage]
        rows += [(stage, name, *_as_row(s)) for s in own] or [(stage, name, None, "", 0, 0, False)]
    rows += [(t.stage, "", *_as_row(t.statement)) for t in goals if t.stage not in names]
    return pd.DataFrame(rows, columns=["stage", "stage_name", "rank", "goal", "n", "n_of", "assumed"]).astype({"rank": "Int64"})


def compare_personas(personas: Sequence[Persona]) -> pd.DataFrame:
    """Two or more personas side by side.

    Returns
    -------
    One row per kind of trait that any of them has, under a row for the people behind it and one for its share of the
    population; one column per persona, by name.  A cell holds one line per statement, goals by rank, with how many said it or that it is assumed.
    """
    kinds = [kind for kind in TraitKind if any(p.traits_of(kind) for p in personas)]
    columns = [_column(p, kinds) for p in personas]
    names = [p.name if [q.name for q in personas].count(p.name) == 1 else f"{p.name} ({i})" for i, p in enumerate(personas, 1)]
    return pd.DataFrame(
        dict(zip(names, columns, strict=True)), index=pd.Index(["participants", "share", *kinds], name="trait", dtype=object)
    )


# What sets a group apart


def _traits(
    study: CheckedTables, codings: pd.DataFrame, group: Sequence[str], everybody: Sequence[str], on: date | None
) -> tuple[Trait, ...]:
    codings = codings[codings["participant"].isin(everybody)]
    said = codings[codings["kind"].isin(list(TRAIT_OF))]
    own = codings[codings["participant"].isin(group)]
    stage_of = _usual_stages(own, study.settings.stages)
    statements: dict[str, Statement] = {}
    for kind in TRAIT_OF:
        rows = rows_by_place(own[own["kind"] == kind])
        statements |= state_codes(rows, basis_of(LaneKind(kind)), find_scope(study, None, None, on), len(group))
    rows = list(group_differences(said, group, everybody).itertuples())
    chosen = [r for r in rows if r.sets_apart or (r.kind == CodeKind.GOAL and r.n >= 2)]
    return _ranked(
        [Trait(TRAIT_OF[CodeKind(r.kind)], replace(statements[r.path], note=_counts(r)), stage_of.get(r.path, "")) for r in chosen]
    )


def _counts(row: Any) -> str:
    return f"{row.n} of {row.n_of} here" + (f", {row.n_elsewhere} of {row.n_of_elsewhere} elsewhere" if row.n_of_elsewhere else "")


def _ranked(traits: Sequence[Trait]) -> tuple[Trait, ...]:
    """Goals first, by how many have them; everything else as it came, the largest difference first."""
    goals = sorted((t for t in traits if t.kind == TraitKind.GOAL), key=lambda t: -t.statement.n)
    ranked = [replace(t, statement=replace(t.statement, rank=i)) for i, t in enumerate(goals, 1)]
    return (*ranked, *(t for t in traits if t.kind != TraitKind.GOAL))


def _usual_stages(codings: pd.DataFrame, stages: Sequence[StageSetting]) -> dict[str, str]:
    """By code the stage in which most people said it; of equal ones the earlier."""
    order = [s.id for s in stages]
    said = put_into_stages(codings, stages)[["path", "stage", "participant"]].drop_duplicates()
    counts = {path: Counter(own["stage"]) for path, own in said.groupby("path")}
    return {str(path): max(order, key=lambda stage: n[stage]) for path, n in counts.items()}


def _typical_quote(participants: Sequence[str], traits: Sequence[Trait]) -> Quote | None:
    quotes = [q for t in traits for q in t.statement.quotes if q.quotable]
    return next((q for alias in participants for q in quotes if q.participant == alias), None)


# What a group is


def _in_common(people: pd.DataFrame, group: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Attributes that everybody in the group and nobody else has; and those of three in four of the group and of at most half as many elsewhere."""
    inside = people.index.isin(list(group))
    segment, leaning = {}, {}
    for name in (a for a in attributes_of(people) if tells_apart(people[a]) and as_numbers(people[a]) is None):
        values = people.loc[inside, name].value_counts()
        value = str(values.index[0]) if len(values) else ""
        here, elsewhere = (float((people.loc[who, name] == value).mean()) if who.any() else 0.0 for who in (inside, ~inside))
        if here == 1 and elsewhere == 0:
            segment[name] = value
        elif here >= 0.75 and elsewhere <= here / 2:
            leaning[name] = value
    return segment, leaning


def _named(name: str, segment: Mapping[str, str], leaning: Mapping[str, str], traits: Sequence[Trait]) -> str:
    """``Group 1: new (customer), mostly phone (device)``; without an attribute, what it says most differently from others."""
    words = [f"{value} ({what})" for what, value in segment.items()] + [f"mostly {value} ({what})" for what, value in leaning.items()]
    clearest = [f'"{t.statement.text}"' for t in traits][:1]
    return f"{name}: {', '.join(words or clearest)}" if words or clearest else name


def _demographics(people: pd.DataFrame, group: Collection[str]) -> dict[str, str]:
    """Attribute by attribute, in words; those that differ from person to person, as a name does, are left out."""
    own = people.loc[people.index.isin(list(group))]
    return {name: _summary(own[name]) for name in attributes_of(people) if tells_apart(people[name]) and name.casefold() != "age"}


def _age(people: pd.DataFrame, group: Collection[str]) -> str:
    own = people.loc[people.index.isin(list(group))]
    return next(
        (_summary(own[name]) for name in attributes_of(people) if name.casefold() == "age" and as_numbers(own[name]) is not None), ""
    )


def _summary(values: pd.Series) -> str:
    """``phone 5 of 6, computer 1 of 6``, or ``27 to 41``."""
    numbers, (given, n_missing) = as_numbers(values), given_answers(values)
    if numbers is not None:
        low, high = (f"{x:g}" for x in (numbers.min(), numbers.max()))
        return low if low == high else f"{low} to {high}"
    counts = [*given.value_counts(sort=True).items(), *([("not known", n_missing)] if n_missing else [])]
    return ", ".join(f"{value} {n} of {len(values)}" for value, n in counts)


# Side by side


def _as_row(s: Statement) -> tuple[int | None, str, int, int, bool]:
    return s.rank, s.text, s.n, s.n_of, s.assumed


def _column(persona: Persona, kinds: Sequence[TraitKind]) -> list[str]:
    share = persona.share
    known = f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%}) of {share.n} {share.of}" if share else ""
    return [", ".join(persona.participants), known, *("\n".join(_line(s) for s in persona.traits_of(kind)) for kind in kinds)]


def _line(s: Statement) -> str:
    count = f" ({s.n} of {s.n_of})" if s.said_by else " (assumed)" if s.assumed else ""
    return f"{s.text}{count}"
