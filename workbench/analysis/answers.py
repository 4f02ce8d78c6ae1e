"""Survey answers as numbers: what is missing is counted, what does not fit is named.

Answers may be numbers or text that is one (``"9"``); ``None``, NaN and empty text are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import BadAnswers, BadSetting, NoAnswers

Answers = pd.Series | Sequence[object] | NDArray[np.generic]
Floats = NDArray[np.float64]
Scale = tuple[int, int]

_YES, _NO = {"1", "1.0", "yes", "true"}, {"0", "0.0", "no", "false"}


def given_answers(answers: Answers) -> tuple[pd.Series, int]:
    """The answers that are there, text without blanks around it; and how many are missing."""
    every = pd.Series(answers, dtype=object).map(lambda v: v.strip() if isinstance(v, str) else v)
    missing = every.isna() | every.map(lambda v: isinstance(v, str) and not v)
    return every[~missing.astype(bool)], int(missing.sum())


def read_scale(answers: Answers, what: str, scale: Scale) -> tuple[Floats, int]:
    """The answers as whole numbers of a scale, and how many are missing.

    Raises
    ------
    BadAnswers, NoAnswers
    """
    low, high = scale
    return _read(answers, what, f"whole numbers from {low} to {high}", lambda x: (x >= low) & (x <= high) & (x == np.round(x)))


def read_numbers(answers: Answers, what: str) -> tuple[Floats, int]:
    """The answers as numbers of any size, and how many are missing.

    Raises
    ------
    BadAnswers, NoAnswers
    """
    return _read(answers, what, "numbers", np.isfinite)


def read_times(answers: Answers, what: str) -> tuple[Floats, int]:
    """The answers as times above zero, and how many are missing.

    Raises
    ------
    BadAnswers, NoAnswers
    """
    return _read(answers, what, "times above 0", lambda x: (x > 0) & np.isfinite(x))


def read_yes_no(answers: Answers, what: str) -> tuple[NDArray[np.bool_], int]:
    """The answers as true or false, and how many are missing.

    Raises
    ------
    BadAnswers, NoAnswers
    """
    given, n_missing = given_answers(answers)
    words = given.map(lambda v: str(v).casefold())
    fits = words.isin(_YES | _NO).to_numpy(dtype=bool)
    _check(given, fits, what, "1 or 0, yes or no, true or false")
    return words.isin(_YES).to_numpy(dtype=bool), n_missing


def read_items(items: pd.DataFrame, what: str, n_items: int, scale: Scale) -> Floats:
    """Respondents x items, NaN where an answer is missing.

    Raises
    ------
    BadAnswers
    BadSetting
        There are not ``n_items`` columns.
    """
    if items.shape[1] != n_items:
        raise BadSetting(what, f"{items.shape[1]} columns were given", f"Give its {n_items} items, in the order of the questionnaire.")
    x = np.full(items.shape, np.nan)
    for i in range(n_items):
        given, _ = given_answers(items.iloc[:, i].reset_index(drop=True))
        if len(given):
            x[given.index.to_numpy(), i], _ = read_scale(given, f'{what}, item "{items.columns[i]}"', scale)
    return x


def _read(answers: Answers, what: str, accepted: str, fits: Callable[[Floats], NDArray[np.bool_]]) -> tuple[Floats, int]:
    given, n_missing = given_answers(answers)
    x = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float)
    _check(given, fits(x), what, accepted)
    return x, n_missing


def _check(given: pd.Series, fits: NDArray[np.bool_], what: str, accepted: str) -> None:
    if not fits.all():
        raise BadAnswers(what, given[~fits].tolist(), len(given), accepted)
    if not len(given):
        raise NoAnswers(what)
