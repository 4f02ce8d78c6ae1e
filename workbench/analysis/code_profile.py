"""One code, or a branch of the codebook, looked at closely: who marked it, where it is said, and what is said beside it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.analysis.code_frequency import code_frequency
from workbench.analysis.intervals import share_bounds
from workbench.errors import UnknownCode
from workbench.model import Code, Codebook, CodeKind

#: What a code of these kinds says is where, not what.
FRAME = (CodeKind.STAGE, CodeKind.TOUCHPOINT, CodeKind.CHANNEL)


def branch_of(codebook: Codebook, code: Code) -> tuple[Code, ...]:
    """A code and all below it, in the order of the codebook."""
    kept = {code.id}
    for other in codebook:  # each parent stands before its children
        if other.parent in kept:
            kept.add(other.id)
    return tuple(c for c in codebook if c.id in kept)


def find_code(codebook: Codebook, name: str) -> Code:
    """The code with this name or path.

    Raises
    ------
    UnknownCode
        There is none; where some have these words in their path, it offers those.
    """
    try:
        return codebook.find(name)
    except UnknownCode:
        near = [codebook.path(c) for c in codebook if name.strip().casefold() in codebook.path(c).casefold()]
        if near:
            raise UnknownCode(name, near) from None
        raise


def most_said(codings: pd.DataFrame, codebook: Codebook) -> Code | None:
    """The code that most participants said; stages, touchpoints and channels, which frame a study, come after all others.

    Before anything is coded, the first of the codebook; ``None`` where that is empty.
    """
    found = code_frequency(codings)
    if found.empty:
        return codebook[0] if len(codebook) else None
    found = found.sort_values("kind", key=lambda kinds: kinds.isin(list(FRAME)), kind="stable")
    return codebook.find(str(found.iloc[0]["path"]))


def number_passages(codings: pd.DataFrame) -> pd.DataFrame:
    """The codings with the passage that each belongs to: those that overlap in one person's words are one, whoever marked them.

    Returns
    -------
    The rows by place, with ``passage`` (a number from 0), and its ``first`` and ``last`` position.
    """
    rows = codings.sort_values(["transcript", "participant", "start", "end"], ignore_index=True)
    voice = rows["transcript"].astype(str) + "\x1f" + rows["participant"].astype(str)
    furthest = rows.groupby(voice)["end"].cummax().shift()
    new = voice.ne(voice.shift()) | rows["start"].ge(furthest.fillna(-1))
    rows["passage"] = new.cumsum() - 1
    spans = rows.groupby("passage")
    return rows.assign(first=spans["start"].transform("min"), last=spans["end"].transform("max"))


def widened_to_stages(own: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """The passages of a code, each from the beginning to the end of the passages of stages that it overlaps.

    A coder puts a stage on a whole answer and the rest on a few words in it, so this is what was said in the same breath.

    Parameters
    ----------
    own : codings, as :func:`number_passages` gives them
    codings : every coding, one row each
    """
    stages = codings.loc[codings["kind"] == CodeKind.STAGE, ["transcript", "start", "end"]]
    spans = own[["transcript", "passage", "first", "last"]].drop_duplicates("passage").merge(stages, on="transcript")
    inside = spans[(spans["start"] < spans["last"]) & (spans["first"] < spans["end"])].groupby("passage")
    first, last = (own["passage"].map(ends) for ends in (inside["start"].min(), inside["end"].max()))
    ends = pd.DataFrame({"first": first.fillna(own["first"]), "last": last.fillna(own["last"])}).astype("int64")
    return own.assign(first=ends["first"].clip(upper=own["first"]), last=ends["last"].clip(lower=own["last"]))


def codes_beside(codings: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Which other codes were put on words of the same passages.

    Parameters
    ----------
    codings : every coding, one row each
    own : those of the code that is looked at, as :func:`number_passages` gives them

    Returns
    -------
    One row per other code, most passages first: ``code``, ``path``, ``kind``; ``n_passages`` of ``n_passages_of`` passages that
    it overlaps by at least one character; ``n`` participants of the ``n_of`` who said the code at all, said it beside the other
    at least once: ``share``, with Wilson's interval ``low`` to ``high``.  Passages of one person are not independent, so only
    people have an interval.
    """
    spans = own[["transcript", "participant", "passage", "first", "last"]].drop_duplicates("passage")
    others = codings[~codings["coding"].isin(own["coding"])].drop(columns="participant")
    beside = others.merge(spans, on="transcript")
    beside = beside[(beside["start"] < beside["last"]) & (beside["first"] < beside["end"])]
    counts = beside.groupby(["code", "path", "kind"], observed=True)
    table = pd.DataFrame({"n_passages": counts["passage"].nunique(), "n": counts["participant"].nunique()}).reset_index()
    table = table.assign(n_passages_of=len(spans), n_of=spans["participant"].nunique())
    low, high = share_bounds(table["n"], table["n_of"])
    table = table.assign(share=table["n"] / table["n_of"], low=low, high=high)
    return table.sort_values(["n_passages", "n", "path"], ascending=[False, False, True], ignore_index=True)


def marked_by_coder(codings: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """How often each coder marked a code, among the interviews that they coded.

    Parameters
    ----------
    codings : every coding, one row each
    own : those of the code that is looked at, as :func:`number_passages` gives them

    Returns
    -------
    One row per coder of the study, in alphabetical order: ``coder``, ``n_transcripts`` (those in which they coded anything),
    ``n_passages`` that they marked, and of the ``n_shared_of`` passages that anybody marked in transcripts which they and
    somebody else coded, the ``n_shared`` that they marked too.
    """
    coders_of = codings.groupby("transcript")["coder"].agg(set)
    shared = coders_of.index[coders_of.map(len) > 1]
    rows = []
    for coder in sorted(codings["coder"].unique()):
        coded = coders_of.index[coders_of.map(lambda who, coder=coder: coder in who)]
        mine = own[own["coder"] == coder]
        both = own[own["transcript"].isin(shared) & own["transcript"].isin(coded)]
        n_both = both["passage"].nunique()
        rows.append((coder, len(coded), mine["passage"].nunique(), mine.loc[mine["transcript"].isin(shared), "passage"].nunique(), n_both))
    return pd.DataFrame(rows, columns=["coder", "n_transcripts", "n_passages", "n_shared", "n_shared_of"])


def places_in_interviews(own: pd.DataFrame, lengths: Mapping[str, int]) -> pd.DataFrame:
    """Where in each interview the passages of a code lie.

    Parameters
    ----------
    own : codings of the code, as :func:`number_passages` gives them
    lengths : the number of characters of each transcript that is shown, in the order in which they are shown

    Returns
    -------
    One row per passage, interviews in the order of ``lengths``: ``transcript``, ``from_share`` and ``to_share`` (0 at the first
    character, 1 at the last).  An interview without passages has one row without places.
    """
    spans = own[["transcript", "passage", "first", "last"]].drop_duplicates("passage")
    rows: list[tuple[str, float | None, float | None]] = []
    for name, length in lengths.items():
        here = spans[spans["transcript"] == name].sort_values("first")
        rows += [(name, a / length, b / length) for a, b in zip(here["first"], here["last"], strict=True)] or [(name, None, None)]
    return pd.DataFrame(rows, columns=["transcript", "from_share", "to_share"]).astype({"from_share": float, "to_share": float})
