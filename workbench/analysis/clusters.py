"""How alike people are, and ways to divide them: Gower's distance, average linkage, silhouettes, stability under resampling."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def gower_distances(table: pd.DataFrame, asymmetric: Collection[object] = ()) -> Floats:
    """How different each two rows of a table are, from 0 (alike in everything known) to 1.

    The mean over columns of: for numbers their difference over the range of the column, for everything else 0 where equal and 1
    where not.  A value that is missing leaves its column out of the pairs of its row (Gower 1971, *A general coefficient of
    similarity and some of its properties*, Biometrics 27).

    Parameters
    ----------
    table : one row per participant; ``bool`` columns are not numbers
    asymmetric : columns of true and false in which both being false says nothing, as with codes that neither carries: the pair is
        then compared without that column (with such columns only, this is Jaccard's distance)

    Returns
    -------
    Distances, (n, n), symmetric, 0 on the diagonal; NaN between two rows that no column compares.

    Examples
    --------
    >>> gower_distances(pd.DataFrame({"age": [20, 30, 60], "device": ["phone", "phone", "computer"]})).round(3).tolist()
    [[0.0, 0.125, 1.0], [0.125, 0.0, 0.875], [1.0, 0.875, 0.0]]
    """
    return mean_distances(*distances_by_column(table, asymmetric))


def distances_by_column(table: pd.DataFrame, asymmetric: Collection[object]) -> tuple[Floats, Bools]:
    """(p, n, n) twice: how far apart each two rows are in each column (0 where not known), and whether that is known."""
    n = len(table)
    found = [_apart(table.iloc[:, i], name in asymmetric) for i, name in enumerate(table.columns)]
    if not found:
        return np.zeros((0, n, n)), np.zeros((0, n, n), dtype=bool)
    known = np.stack([k for _, k in found])
    return np.stack([a for a, _ in found]) * known, known


def _apart(values: pd.Series, asymmetric: bool) -> tuple[Floats, Bools]:
    given = values.notna().to_numpy(dtype=bool)
    known = given[:, None] & given
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        x = values.to_numpy(dtype=float, na_value=np.nan)
        spread = np.ptp(x[given]) if given.any() else 0.0
        return np.nan_to_num(np.abs(x[:, None] - x) / (spread or 1.0)), known
    x = pd.factorize(values)[0]
    if asymmetric:
        true = values.fillna(False).to_numpy(dtype=bool)
        known &= true[:, None] | true
    return (x[:, None] != x).astype(float), known


def mean_distances(apart: Floats, known: Bools) -> Floats:
    """(n, n): the mean over the columns that are known of both; NaN where there is none."""
    with np.errstate(invalid="ignore"):
        distances: Floats = apart.sum(0) / known.sum(0)
    np.fill_diagonal(distances, 0.0)
    return distances


def fill_unknown(distances: Floats) -> Floats:
    """People of whom nothing comparable is known count as far apart."""
    return np.nan_to_num(distances, nan=1.0)


@dataclass(frozen=True)
class Way:
    """One way to divide people: the group of each, numbered from 0, and each one's silhouette."""

    labels: Ints
    widths: Floats

    @property
    def silhouette(self) -> float:
        return float(self.widths.mean())

    @property
    def real(self) -> Ints:
        """Groups of two or more, larger ones first."""
        sizes = np.bincount(self.labels)
        order = np.argsort(-sizes, kind="stable")
        return order[sizes[order] > 1]

    def stability(self, jaccard: Floats) -> Floats:
        """Of each real group the mean similarity over resamples."""
        return np.asarray(np.nanmean(jaccard[:, self.real], axis=0), dtype=float)

    def weakest(self, jaccard: Floats) -> float:
        """The stability of the least stable real group."""
        return float(self.stability(jaccard).min(initial=1.0)) if len(self.real) else 0.0


def divide(distances: Floats, ks: Iterable[int], *, any_size: bool = False) -> dict[int, Way]:
    """By number of groups the way to divide; only ways with two groups of two or more, unless ``any_size``."""
    found = {}
    for k, labels in _cut(distances, ks).items():
        if labels.max() + 1 < k:  # people at the same distance from each other are not divided by chance
            continue
        way = Way(labels, _silhouettes(distances, labels))
        if any_size or len(way.real) > 1:
            found[k] = way
    return found


def _cut(distances: Floats, ks: Iterable[int]) -> dict[int, Ints]:
    """Average linkage, cut into each number of groups."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(distances) < 2:
        return {k: np.zeros(len(distances), dtype=np.int64) for k in ks}
    tree = linkage(distances[np.triu_indices(len(distances), 1)], "average")
    return {k: fcluster(tree, k, "maxclust").astype(np.int64) - 1 for k in ks}


def _silhouettes(distances: Floats, labels: Ints) -> Floats:
    """Of each person, how much nearer the own group is than the next one, -1 to 1; 0 for somebody alone (Rousseeuw 1987)."""
    rows, inside = np.arange(len(labels)), labels[:, None] == np.arange(labels.max() + 1)
    sizes, sums = inside.sum(0), distances @ inside
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    others = sums / sizes
    others[rows, labels] = np.inf
    nearest = others.min(1)
    larger = np.maximum(own, nearest)
    return np.where((sizes[labels] > 1) & (larger > 0), (nearest - own) / np.where(larger > 0, larger, 1.0), 0.0)


def jaccard_when_resampled(distances: Floats, ways: Mapping[int, Way], n_resamples: int, rng: np.random.Generator) -> dict[int, Floats]:
    """By number of groups, (n_resamples, k): the Jaccard similarity of each group with the most similar one; NaN where nobody was drawn."""
    n = len(distances)
    found: dict[int, list[Floats]] = {k: [] for k in ways}
    for _ in range(n_resamples):
        drawn = np.unique(rng.integers(0, n, n))
        for k, labels in _cut(distances[np.ix_(drawn, drawn)], ways).items():
            found[k].append(_jaccard(ways[k].labels[drawn], labels, k))
    return {k: np.stack(rows) for k, rows in found.items()}


def _jaccard(before: Ints, after: Ints, k: int) -> Floats:
    """(k,): the largest similarity of each group before with one after, among the same people."""
    both = np.zeros((k, after.max() + 1))
    np.add.at(both, (before, after), 1)
    sizes = both.sum(1)
    most: Floats = (both / np.maximum(sizes[:, None] + both.sum(0) - both, 1)).max(1)
    return np.where(sizes > 0, most, np.nan)


def silhouette_when_shuffled(apart: Floats, known: Bools, ks: Sequence[int], any_size: bool, rng: np.random.Generator) -> float:
    """The best silhouette when each column is shuffled by itself, so that nothing holds together but by chance."""
    columns, n = apart.shape[0], apart.shape[1]
    order = rng.permuted(np.tile(np.arange(n), (columns, 1)), axis=1)
    at = (np.arange(columns)[:, None, None], order[:, :, None], order[:, None, :])
    ways = divide(fill_unknown(mean_distances(apart[at], known[at])), ks, any_size=any_size)
    return max((way.silhouette for way in ways.values()), default=-1.0)
