"""Whether more interviews would still bring something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

#: As Guest, Namey & Chen propose: codes of the first interviews as the base, the new ones of a run of interviews set against it.
BASE_SIZE, RUN_LENGTH, THRESHOLD = 4, 2, 0.05


@dataclass(frozen=True)
class Saturation:
    """How much the last interviews added to what the first ones had brought (Guest, Namey & Chen 2020).

    Parameters
    ----------
    n_base : different codes in the first ``base`` interviews
    n_new : codes that appear for the first time in the last ``run`` interviews
    reached : after how many interviews a run first stayed at or below ``threshold``; ``None`` if none did
    """

    base: int
    run: int
    threshold: float
    n_base: int
    n_new: int
    reached: int | None

    @property
    def share(self) -> float:
        """New codes of the last run over those of the base: 0 to 1, and above where more is new than the base held."""
        return self.n_new / self.n_base


def code_saturation(codings: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """How many codes have appeared by each interview, in the order they were held.

    Parameters
    ----------
    codings : one row per coding, with columns ``transcript`` and ``path``
    order : names of transcripts, earliest first; those without codings are left out, since nobody has looked for codes there

    Returns
    -------
    One row per coded transcript: ``transcript``, ``n_codes`` (different codes in it), ``n_new`` (codes never seen before it),
    ``n_seen`` (codes so far), ``new_share`` (``n_new`` over ``n_seen``, 0 to 1).
    """
    codes_in = {str(name): set(own) for name, own in codings.groupby("transcript")["path"]}
    seen: set[str] = set()
    rows = []
    for name in (n for n in order if n in codes_in):
        new = codes_in[name] - seen
        seen |= new
        rows.append((name, len(codes_in[name]), len(new), len(seen), len(new) / len(seen)))
    return pd.DataFrame(rows, columns=["transcript", "n_codes", "n_new", "n_seen", "new_share"])


def saturation(table: pd.DataFrame, *, base: int = BASE_SIZE, run: int = RUN_LENGTH, threshold: float = THRESHOLD) -> Saturation | None:
    """How much of what the last interviews brought was new, and when little enough first was.

    Parameters
    ----------
    table : one row per interview, as from :func:`code_saturation`
    base, run : how many interviews are the base, and how many make a run
    threshold : what counts as little: new codes of a run over the codes of the base

    Returns
    -------
    The saturation; ``None`` with fewer interviews than a base and a run.
    """
    n_new = table["n_new"].astype(int).tolist()
    if len(n_new) < base + run:
        return None
    n_base = sum(n_new[:base])
    ends = range(base + run, len(n_new) + 1)
    reached = next((end for end in ends if sum(n_new[end - run : end]) <= threshold * n_base), None)
    return Saturation(base, run, threshold, n_base, sum(n_new[-run:]), reached)
