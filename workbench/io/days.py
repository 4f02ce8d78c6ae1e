"""Days as people and programs write them.

The order of day and month is never guessed: a whole column has to settle it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from workbench.errors import BadFile
from workbench.io.bad_cells import BadCells
from workbench.io.tables import Table

_TIME = r"(?:,?[T ]\s*\d{1,2}[:.]\d{2}.*)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})" + _TIME)
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})" + _TIME)
_EITHER = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
#: Days since the end of 1899, as spreadsheets count and SurveyMonkey exports them; 27 to 2119 is what is believed.
_SERIAL = re.compile(r"([2-7]\d{4})(?:[.,]\d+)?")
_SERIAL_ZERO = date(1899, 12, 30)

HOW_TO_WRITE = "Write days as 2026-09-15."


def read_days(table: Table, column: str, bad: BadCells) -> dict[int, date]:
    """The day in each filled cell of a column, by row number; cells that hold none are noted as bad.

    Understood are 2026-09-15 and 2026/9/15, 15.9.2026, spreadsheet serial numbers such as 46280.5, and 9/15/2026 or 15/9/2026
    where the column says which it is; a time behind any of them is left out.

    Raises
    ------
    BadFile
        The cells do not settle whether the day or the month comes first.
    """
    cells = [(n, row[column].strip()) for n, row in table.numbered() if row[column].strip()]
    month_first = _month_first(table, column, (cell for _, cell in cells))
    days: dict[int, date] = {}
    for n, cell in cells:
        day = read_day(cell, month_first=month_first)
        if day is None:
            bad.add(n, column, f'"{cell}" is not a day', HOW_TO_WRITE)
        else:
            days[n] = day
    return days


def read_day(cell: str, *, month_first: bool = False) -> date | None:
    """The day that a cell holds, if it is one; ``month_first`` settles what 9/10/2026 is."""
    if m := _YEAR_FIRST.fullmatch(cell):
        return _day(m[1], m[3], m[4])
    if m := _DAY_FIRST.fullmatch(cell):
        return _day(m[3], m[2], m[1])
    if m := _EITHER.fullmatch(cell):
        return _day(m[4], *((m[1], m[3]) if month_first else (m[3], m[1])))
    if m := _SERIAL.fullmatch(cell):
        return _SERIAL_ZERO + timedelta(days=int(m[1]))
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _month_first(table: Table, column: str, cells: Iterable[str]) -> bool:
    pairs = {(int(m[1]), int(m[3])): cell for cell in cells if (m := _EITHER.fullmatch(cell))}
    day_first = next((cell for (a, _), cell in pairs.items() if a > 12), None)
    month_first = next((cell for (_, b), cell in pairs.items() if b > 12), None)
    either = next((cell for (a, b), cell in pairs.items() if a != b), None)
    where = f'in column "{column}" the day comes first in'
    if day_first and month_first:
        raise BadFile(table.path, f'{where} "{day_first}" and the month in "{month_first}"', HOW_TO_WRITE)
    if either and not day_first and not month_first:
        raise BadFile(table.path, f'{where} "{either}", or the month does; no row settles it', HOW_TO_WRITE)
    return month_first is not None
