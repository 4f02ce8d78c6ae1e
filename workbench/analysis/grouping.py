"""Participants grouped by what they said, felt and are; and whether the data support groups at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.analysis.answers import given_answers
from workbench.analysis.checkup import CheckedTables
from workbench.analysis.clusters import (
    Floats,
    Way,
    distances_by_column,
    divide,
    fill_unknown,
    jaccard_when_resampled,
    mean_distances,
    silhouette_when_shuffled,
)
from workbench.analysis.scope import codings_in_scope, find_scope
from workbench.errors import BadSetting, UnknownName
from workbench.model import CodeKind

#: What people are compared by: the codes they carry, how they feel on average, what they are, where a persona's scales place them.
BY = ("codes", "feelings", "attributes", "scales")
GROUPING_KINDS = (
    CodeKind.ACTION, CodeKind.THOUGHT, CodeKind.PAIN, CodeKind.DELIGHT, CodeKind.NEED, CodeKind.GOAL, CodeKind.CHANNEL,
)  # fmt: skip
MIN_PEOPLE = 8
#: A group that comes back with a lower mean Jaccard similarity is not to be trusted (Hennig 2007, 2008).
TRUSTED = 0.6
#: Groups that shuffled data show more often than this are no finding.
CHANCE = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Grouping:
    """The best way found to divide people into groups, and what speaks for it.

    Parameters
    ----------
    table : one row per participant: what they were compared by, in columns (kind, name)
    distances : (n, n), in the order of ``table``
    groups : aliases, larger groups first, the most typical of each (its medoid) first; only groups of two or more
    alone : those who fell into a group by themselves
    silhouette : mean over everybody, -1 to 1 (Rousseeuw 1987)
    silhouettes : mean over the people of each group
    stability : for each group the mean Jaccard similarity with the most similar group of each resample (Hennig 2007)
    n_seen : for each group in how many of the ``n_resamples`` somebody of it was drawn
    n_as_good : in how many of ``n_shuffles`` of the columns the silhouette was at least as high
    choices : one row per number of groups tried: ``k``, ``n_groups`` of two or more, ``n_alone``, ``silhouette``, ``stability`` (of
        the weakest group), ``chosen``
    left_out : those heard whose words nobody coded
    """

    table: pd.DataFrame
    distances: Floats
    groups: tuple[tuple[str, ...], ...] = ()
    alone: tuple[str, ...] = ()
    silhouette: float = float("nan")
    silhouettes: tuple[float, ...] = ()
    stability: tuple[float, ...] = ()
    n_seen: tuple[int, ...] = ()
    n_as_good: int = 0
    n_resamples: int = 100
    n_shuffles: int = 199
    choices: pd.DataFrame | None = None
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Grouping({self.n} people, {len(self.groups)} groups, {'' if self.supported else 'not '}supported)"

    @property
    def n(self) -> int:
        """How many people were compared."""
        return len(self.table)

    @property
    def p_value(self) -> float:
        """How often chance alone does as well, counting the data themselves as one of the shuffles (Phipson & Smyth 2010)."""
        return (1 + self.n_as_good) / (1 + self.n_shuffles)

    @property
    def supported(self) -> bool:
        """Whether the data speak for these groups."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks against these groups; nothing, where the data support them."""
        if self.n < MIN_PEOPLE:
            return (f"{self.n} people were compared, and {MIN_PEOPLE} are the least",)
        if len(self.groups) < 2:
            return (f"the {self.n} people cannot be divided into groups of two or more",)
        found = []
        if min(self.stability) < TRUSTED:
            found.append(
                f"the weakest of {len(self.groups)} groups comes back with a Jaccard similarity of {min(self.stability):.2f} in {self.n_resamples} "
                f"resamples, and below {TRUSTED} a group is not to be trusted"
            )
        if self.p_value > CHANCE:
            found.append(f"{self.n_as_good} of {self.n_shuffles} shuffles of the data look as grouped (silhouette {self.silhouette:.2f})")
        return tuple(found)

    @property
    def sentence(self) -> str:
        """In one sentence: whether there are groups, and how that is known."""
        if self.reasons:
            return f"The data do not support groups: {'; '.join(self.reasons)}."
        sizes = " and ".join(str(len(g)) for g in self.groups) + (f", and {len(self.alone)} by themselves" if self.alone else "")
        return (
            f"The {self.n} people fall into {len(self.groups)} groups ({sizes}): each came back with a Jaccard similarity of at least "
            f"{min(self.stability):.2f} in {self.n_resamples} resamples, and {self.n_as_good} of {self.n_shuffles} shuffles of the data "
            f"look as grouped (silhouette {self.silhouette:.2f})."
        )

    @cached_property
    def stability_table(self) -> pd.DataFrame:
        """One row per group: ``group`` (from 1), ``n``, ``typical``, ``participants``, ``silhouette``, ``stability``, ``n_resamples``."""
        rows = zip(self.groups, self.silhouettes, self.stability, self.n_seen, strict=True)
        return pd.DataFrame(
            [(i, len(g), g[0], ", ".join(sorted(g)), s, j, n) for i, (g, s, j, n) in enumerate(rows, 1)],
            columns=["group", "n", "typical", "participants", "silhouette", "stability", "n_resamples"],
        )


def group_participants(
    study: CheckedTables,
    by: Sequence[str] = BY,
    k: int | None = None,
    max_groups: int = 5,
    *,
    kinds: Collection[str] = GROUPING_KINDS,
    coders: Collection[str] | None = None,
    until: date | None = None,
    random_state: int = 0,
) -> Grouping:
    """The participants who were heard, in groups of those who are alike.

    Parameters
    ----------
    study : an opened study
    by : what to compare: ``codes``, ``feelings`` (mean valence), ``attributes``, ``scales``; or attributes by name
    k : how many groups; without it the data choose
    max_groups : the most groups to try
    kinds : kinds of codes to compare by; stages, touchpoints, emotions and themes are left out, since nearly everybody has them
    coders : use the codings of these coders only
    until : only what was said before this day, so that later interviews can be held against it
    random_state : seed of the resamples and shuffles

    Returns
    -------
    See :func:`group_people`.

    Raises
    ------
    UnknownName
        ``by`` names no attribute of the participants.
    BadSetting
    """
    codings = codings_heard(study, coders=coders, until=until)
    people = study.participants
    people = people[people["heard"].astype(bool)]
    coded = people.index.isin(codings["participant"])
    compared = people[coded] if {"codes", "feelings"} & set(by) else people
    table = _described(study, compared, codings[codings["participant"].isin(compared.index)], by, kinds)
    grouping = group_people(table, k, max_groups, random_state=random_state)
    return replace(grouping, left_out=tuple(people.index.difference(compared.index)))


def group_people(
    table: pd.DataFrame,
    k: int | None = None,
    max_groups: int = 5,
    *,
    random_state: int = 0,
    n_resamples: int = 100,
    n_shuffles: int = 199,
) -> Grouping:
    """The rows of a table in groups of those who are alike, by Gower's distance and average linkage.

    The number of groups is the one with the highest mean silhouette (Rousseeuw 1987) among those in which every group comes back
    when people are drawn anew with replacement (Hennig 2007, *Cluster-wise assessment of cluster stability*, with each person
    once in a resample); if there is none, the one with the highest silhouette.  Where shuffling each column by itself gives as
    good a silhouette, the groups are chance.  Both are asked, since among a dozen people chance groups come back too.

    Parameters
    ----------
    table : one row per participant; ``bool`` columns are codes, where both lacking one says nothing
    k : how many groups; without it the data choose
    max_groups : the most groups to try
    n_resamples, n_shuffles : how often people are drawn anew, and columns shuffled

    Returns
    -------
    The groups, and whether the data support them: at least 8 people, a Jaccard similarity of at least 0.6 for the weakest
    group, and at most one shuffle in twenty that does as well.

    Raises
    ------
    BadSetting
        ``k`` or ``max_groups`` is below 2, or ``k`` is more than there are people.
    """
    n = len(table)
    if (max_groups if k is None else k) < 2 or (k is not None and k > n):
        raise BadSetting("groups", f"{n} people cannot be divided into {max_groups if k is None else k} groups", "Ask for 2 or more.")
    codes = [c for c, kind in zip(table.columns, table.dtypes, strict=True) if pd.api.types.is_bool_dtype(kind)]
    apart, known = distances_by_column(table, codes)
    distances = fill_unknown(mean_distances(apart, known))
    nothing = Grouping(table, distances, n_resamples=n_resamples, n_shuffles=n_shuffles)
    ks = list(range(2, min(max_groups, n - 1) + 1)) if k is None else [k]
    ways = divide(distances, ks, any_size=k is not None)
    if not ways or not table.shape[1]:
        return nothing
    rng = np.random.default_rng(random_state)
    stability = jaccard_when_resampled(distances, ways, n_resamples, rng)
    chosen = _choose(ways, stability)
    n_as_good = sum(
        silhouette_when_shuffled(apart, known, ks, k is not None, rng) >= ways[chosen].silhouette - 1e-12 for _ in range(n_shuffles)
    )
    return _as_grouping(nothing, ways, stability, chosen, n_as_good)


def codings_heard(
    study: CheckedTables, *, coders: Collection[str] | None = None, since: date | None = None, until: date | None = None
) -> pd.DataFrame:
    """The codings of what participants said outside the organisation, in transcripts held in a period (``until`` excluded).

    A transcript without a day is in no period.
    """
    codings = codings_in_scope(study.codings, find_scope(study, None, None, None), None if coders is None else list(coders))
    if since is None and until is None:
        return codings
    held = study.transcripts["held"].dropna()
    inside = [(since or day) <= day < (until or date.max) for day in held]
    return codings[codings["transcript"].isin(held.index[inside])]


def attributes_of(people: pd.DataFrame) -> list[str]:
    """The columns of the participants table that the study's participants file brought."""
    return [c for c in people.columns if c not in ("pseudonym", "heard") and not c.startswith("consent_")]


def as_numbers(values: pd.Series) -> pd.Series | None:
    """A column as numbers, missing ones NaN; ``None`` when something in it is no number."""
    given, _ = given_answers(values)
    numbers = pd.to_numeric(given, errors="coerce")
    return None if numbers.isna().any() or given.empty else numbers.astype(float).reindex(values.index)


def tells_apart(values: pd.Series) -> bool:
    """Whether a column can be compared by: it has two values, and numbers or a value that two people share (names have none)."""
    given, _ = given_answers(values)
    n_values = given.nunique()
    return n_values > 1 and (as_numbers(values) is not None or n_values < len(given))


# What people are compared by


def _described(
    study: CheckedTables, people: pd.DataFrame, codings: pd.DataFrame, by: Sequence[str], kinds: Collection[str]
) -> pd.DataFrame:
    """One row per participant, columns (kind, name)."""
    columns: dict[tuple[str, str], pd.Series] = {}
    for what in by:
        if what == "codes":
            columns |= _codes(people, codings[codings["kind"].isin(kinds)])
        elif what == "feelings":
            felt = codings[(codings["kind"] == CodeKind.EMOTION) & codings["intensity"].notna()]
            columns["feeling", "mean valence"] = felt.groupby("participant")["intensity"].mean().astype(float).reindex(people.index)
        elif what == "scales":
            columns |= _scales(study, people)
        else:
            names = [a for a in attributes_of(people) if tells_apart(people[a])] if what == "attributes" else [what]
            columns |= {("attribute", name): _attribute(people, name) for name in names}
    table = pd.DataFrame(columns, index=people.index)
    return table.loc[:, [bool(given_answers(table[c])[0].nunique() > 1) for c in table.columns]]


def _codes(people: pd.DataFrame, codings: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Who carries a code, for codes that at least two people carry and one does not."""
    carried = {path: people.index.isin(own["participant"]) for path, own in codings.groupby("path")}
    return {("code", str(path)): pd.Series(who, people.index) for path, who in carried.items() if 2 <= who.sum() < len(people)}


def _scales(study: CheckedTables, people: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    placed: dict[tuple[str, str], dict[str, float]] = {}
    for scale in (s for p in study.personas for s in p.scales):
        placed.setdefault(("scale", f"{scale.low} to {scale.high}"), {}).update(scale.placed)
    return {name: pd.Series(who, dtype=float).reindex(people.index) for name, who in placed.items()}


def _attribute(people: pd.DataFrame, name: str) -> pd.Series:
    if name not in attributes_of(people):
        raise UnknownName("attribute of participants", name, [*BY, *attributes_of(people)])
    numbers = as_numbers(people[name])
    return given_answers(people[name])[0].reindex(people.index) if numbers is None else numbers


def _choose(ways: Mapping[int, Way], jaccard: Mapping[int, Floats]) -> int:
    trusted = [k for k, way in ways.items() if way.weakest(jaccard[k]) >= TRUSTED]
    return max(trusted or ways, key=lambda k: ways[k].silhouette)


def _as_grouping(empty: Grouping, ways: Mapping[int, Way], stability: Mapping[int, Floats], chosen: int, n_as_good: int) -> Grouping:
    way, jaccard, names = ways[chosen], stability[chosen], np.asarray(empty.table.index)
    members = [np.flatnonzero(way.labels == g) for g in way.real]
    central = [m[np.argsort(empty.distances[np.ix_(m, m)].sum(1), kind="stable")] for m in members]
    rows = [
        (k, len(w.real), k - len(w.real), w.silhouette, w.weakest(stability[k]), k == chosen) for k, w in ways.items()
    ]  # fmt: skip
    return replace(
        empty,
        groups=tuple(tuple(str(names[i]) for i in m) for m in central),
        alone=tuple(str(a) for i, a in enumerate(names) if way.labels[i] not in way.real),
        silhouette=way.silhouette,
        silhouettes=tuple(float(way.widths[m].mean()) for m in members),
        stability=tuple(float(x) for x in way.stability(jaccard)),
        n_seen=tuple(int(x) for x in (~np.isnan(jaccard[:, way.real])).sum(0)),
        n_as_good=n_as_good,
        choices=pd.DataFrame(rows, columns=["k", "n_groups", "n_alone", "silhouette", "stability", "chosen"]),
    )
