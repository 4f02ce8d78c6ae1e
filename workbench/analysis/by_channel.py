"""Which channel something is told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from workbench.model import CodeKind


def told_of_channels(staged: pd.DataFrame, stage: str) -> pd.DataFrame:
    """The codings of a stage that are told of a channel.

    What is told in the same words as a channel is told of it; else, what is told in the same passage of the stage, if the person names
    one channel there; else, it is told of the channel that they named last, if they have not spoken of another stage since.

    Parameters
    ----------
    staged : codings beside their stage, see :func:`~workbench.analysis.passages.put_into_stages`
    stage : id of the stage

    Returns
    -------
    One row per coding of the stage and channel, with the columns of ``staged`` and ``channel``, its path.  What is told in the words
    of two channels is told of both; codings of stages are left out.
    """
    rows = [
        (index, path)
        for _, own in staged.groupby(["transcript", "participant"], sort=True)
        for index, path in _of_one_person(list(own.itertuples()), stage)
    ]
    found = staged.loc[[index for index, _ in rows]].reset_index(drop=True)
    return found.assign(channel=pd.Series([path for _, path in rows], dtype=object))


def _of_one_person(rows: Sequence[Any], stage: str) -> Iterator[tuple[Any, str]]:
    """Each coding's row in the table, and its channel."""
    here = [r for r in rows if r.stage == stage]
    named = [r for r in here if r.kind == CodeKind.CHANNEL]
    if not named:
        return
    passages = [r for r in here if r.kind == CodeKind.STAGE]
    elsewhere = [r for r in rows if r.kind == CodeKind.STAGE and r.stage != stage and not _near(r, passages)]
    for row in here:
        if row.kind != CodeKind.STAGE:
            yield from ((row.Index, path) for path in sorted(_channels_of(row, named, passages, elsewhere)))


def _channels_of(row: Any, named: Sequence[Any], passages: Sequence[Any], elsewhere: Sequence[Any]) -> set[str]:
    same_words = {row.path} if row.kind == CodeKind.CHANNEL else {c.path for c in _near(row, named)}
    if same_words:
        return same_words
    same_passage = {c.path for passage in _near(row, passages) for c in _near(passage, named)}
    if same_passage:
        return same_passage if len(same_passage) == 1 else set()
    last = max((c for c in named if c.end <= row.start), key=lambda c: (c.end, c.path), default=None)
    if last is None or any(last.end <= other.start < row.start for other in elsewhere):
        return set()
    return {last.path}


def _near(row: Any, others: Sequence[Any]) -> list[Any]:
    return [o for o in others if row.start < o.end and o.start < row.end]
