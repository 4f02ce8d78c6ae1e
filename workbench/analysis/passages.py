"""Which codings share a passage: what was said at a stage, or at a touchpoint."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from workbench.model import CodeKind, StageSetting


def put_into_stages(codings: pd.DataFrame, stages: Sequence[StageSetting]) -> pd.DataFrame:
    """Each coding beside the stage of the passage it lies in.

    Parameters
    ----------
    codings : one row per coding
    stages : which code names mean which stage

    Returns
    -------
    One row per coding and stage that its passage overlaps by at least one character in the same transcript, with the columns of
    ``codings`` and ``stage`` (id).  Where the coder of the coding has put a stage on the passage, only that coder's stages
    count; else anybody's do.  Stage codings themselves are in the table under their own stage.
    """
    stage_of = {name.casefold(): s.id for s in stages for name in (s.codes or (s.name,))}
    is_stage = (codings["kind"] == CodeKind.STAGE) & codings["code"].str.casefold().isin(list(stage_of))
    staged = codings[is_stage].assign(stage=codings.loc[is_stage, "code"].str.casefold().map(stage_of))
    return pd.concat([_beside(codings[codings["kind"] != CodeKind.STAGE], staged, "stage"), staged], ignore_index=True)


def codings_at(codings: pd.DataFrame, kind: CodeKind, paths: Collection[str]) -> pd.DataFrame:
    """The codings whose passage overlaps one that carries any of these codes, and the codings of these codes themselves.

    Parameters
    ----------
    codings : one row per coding
    kind : what the codes are of, for example touchpoints
    paths : the codes, by path

    Returns
    -------
    Some rows of ``codings``.  Where the coder of a coding has put codes of this kind on its passage, only these decide; else
    anybody's do.
    """
    placed = codings[codings["kind"] == kind].assign(at=lambda rows: rows["path"])
    found = _beside(codings[codings["kind"] != kind], placed, "at")
    there = {*found.loc[found["at"].isin(list(paths)), "coding"], *placed.loc[placed["at"].isin(list(paths)), "coding"]}
    return codings[codings["coding"].isin(there)]


def _beside(codings: pd.DataFrame, placed: pd.DataFrame, label: str) -> pd.DataFrame:
    """One row per coding and label of a placed coding that it overlaps; the coder's own come before anybody's."""
    spans = placed[["transcript", "start", "end", "coder", label]].rename(columns={"start": "from", "end": "to", "coder": "placed_by"})
    joined = codings.merge(spans, on="transcript")
    joined = joined[(joined["start"] < joined["to"]) & (joined["from"] < joined["end"])]
    own = joined["placed_by"] == joined["coder"]
    has_own = own.groupby(joined["coding"]).transform("any")
    return joined[own | ~has_own].drop_duplicates(["coding", label])[[*codings.columns, label]]
