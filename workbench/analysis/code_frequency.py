"""How often each code was used, and by how many people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from workbench.analysis.intervals import share_bounds
from workbench.errors import UnknownName

UNKNOWN = "(not known)"

_CODE = ["path", "code", "kind"]


def code_frequency(
    codings: pd.DataFrame, by: str | None = None, *, participants: pd.DataFrame | Iterable[str] | None = None
) -> pd.DataFrame:
    """How often each code was used, and how many participants stand behind it.

    Parameters
    ----------
    codings : one row per coding
    by : a column of ``codings`` to count apart by: ``coder``, ``transcript``, ``kind`` …
    participants : everybody who could have said it, as aliases or as a frame indexed by them; passages of others are left
        out.  Without it, everybody in ``codings`` (with ``by``: in the same group)

    Returns
    -------
    One row per code (and value of ``by``, in a first column of that name), most participants first:

    - ``code``, ``path`` (with the codes above it) and ``kind``
    - ``n_codings``: how often it was put on a passage, by whichever coder
    - ``n_excerpts``: different passages (transcript, start, end)
    - ``n_participants``: participants with at least one of them, and ``n_of``: those who could have
    - ``share``: ``n_participants`` over ``n_of``, with Wilson's interval ``low`` to ``high``

    Raises
    ------
    UnknownName
        ``codings`` has no column ``by``.
    """
    if by is not None and by not in codings.columns:
        raise UnknownName("column of codings", by, codings.columns)
    people = None if participants is None else aliases_of(participants)
    rows = codings if people is None else codings[codings["participant"].isin(people)]
    if by is None:
        return _frequency(rows, _n_of(rows, people))
    groups = [_frequency(own, _n_of(own, people)).assign(**{by: name}) for name, own in rows.groupby(by, observed=True, dropna=False)]
    table = pd.concat(groups, ignore_index=True) if groups else _frequency(rows, 0).assign(**{by: pd.Series(dtype=object)})
    return table[[by, *(c for c in table.columns if c != by)]]


def code_by_participant(codings: pd.DataFrame, *, participants: pd.DataFrame | Iterable[str] | None = None) -> pd.DataFrame:
    """How often each code was put on each participant's words.

    Returns
    -------
    One row per code (its path) and one column per participant (alias), in alphabetical order: the number of codings, 0 where
    there is none.  ``participants`` adds columns for those without codings, and leaves out others.
    """
    rows = codings[_has_participant(codings)]
    table = pd.crosstab(rows["path"].astype(object), rows["participant"].astype(object))
    columns = sorted(table.columns) if participants is None else aliases_of(participants)
    return table.reindex(columns=columns, fill_value=0).rename_axis(index="code", columns="participant")


def code_by_attribute(codings: pd.DataFrame, participants: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """How many participants of each kind stand behind each code.

    Parameters
    ----------
    codings : one row per coding; those of people who are not in ``participants`` are left out
    participants : one row per participant, indexed by alias
    attribute : a column of ``participants``

    Returns
    -------
    One row per code and value of the attribute, also where nobody said it: ``code``, ``path``, ``kind``, ``attribute`` (its name),
    ``value`` ("(not known)" where a participant has none), ``n`` participants of ``n_of``, ``share`` with Wilson's interval
    ``low`` to ``high``.

    Raises
    ------
    UnknownName
        There is no such attribute.
    """
    if attribute not in participants.columns:
        raise UnknownName("attribute of participants", attribute, participants.columns)
    values = participants[attribute].map(_shown)
    n_of = values.value_counts().sort_index()
    rows = codings[codings["participant"].isin(participants.index)]
    said = rows.assign(value=rows["participant"].map(values))[[*_CODE, "participant", "value"]].drop_duplicates()
    codes = codings[_CODE].drop_duplicates().sort_values(_CODE)
    table = codes.merge(pd.DataFrame({"value": n_of.index, "n_of": n_of.to_numpy()}), how="cross")
    n = said.groupby([*_CODE, "value"], observed=True).size().rename("n").reset_index()
    table = table.merge(n, how="left", on=[*_CODE, "value"])
    table["n"] = table["n"].fillna(0).astype("int64")
    table["attribute"] = attribute
    return _with_share(table, "n")[["code", "path", "kind", "attribute", "value", "n", "n_of", "share", "low", "high"]]


def aliases_of(participants: pd.DataFrame | Iterable[str]) -> list[str]:
    """The aliases of some participants, given as such or as the index of their table."""
    return list(dict.fromkeys(participants.index if isinstance(participants, pd.DataFrame) else participants))


def _n_of(codings: pd.DataFrame, people: list[str] | None) -> int:
    return int(codings.loc[_has_participant(codings), "participant"].nunique()) if people is None else len(people)


def _has_participant(codings: pd.DataFrame) -> pd.Series:
    return codings["participant"].notna() & (codings["participant"] != "")


def _frequency(rows: pd.DataFrame, n_of: int) -> pd.DataFrame:
    grouped = rows.groupby(_CODE, observed=True)
    excerpts = rows[[*_CODE, "transcript", "start", "end"]].drop_duplicates().groupby(_CODE, observed=True).size()
    people = rows[_has_participant(rows)].groupby(_CODE, observed=True)["participant"].nunique()
    table = pd.DataFrame({"n_codings": grouped.size(), "n_excerpts": excerpts, "n_participants": people})
    table = table.fillna(0).astype("int64").reset_index().assign(n_of=n_of)
    table = table.sort_values(["n_participants", "n_codings", "path"], ascending=[False, False, True], ignore_index=True)
    columns = ["code", "path", "kind", "n_codings", "n_excerpts", "n_participants", "n_of", "share", "low", "high"]
    return _with_share(table, "n_participants")[columns]


def _with_share(table: pd.DataFrame, numerator: str) -> pd.DataFrame:
    low, high = share_bounds(table[numerator], table["n_of"])
    return table.assign(share=table[numerator] / table["n_of"].where(table["n_of"] > 0), low=low, high=high)


def _shown(value: Any) -> str:
    return UNKNOWN if value is None or pd.isna(value) or value == "" else str(value)
