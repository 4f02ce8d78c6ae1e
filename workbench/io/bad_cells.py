"""What is wrong with the rows of a table, and what its cells say where they say something simple."""

from __future__ import annotations

import re
from collections.abc import Callable

from workbench.errors import BadRows
from workbench.io.tables import Table


class BadCells:
    """What is wrong with the rows of a table, gathered so that all of it is said at once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._said: dict[int, list[str]] = {row: [problem] for row, problem in table.problems.items()}

    def add(self, row: int, column: str, found: str, advice: str) -> None:
        """Note that a cell is bad: ``row 14, column "end": "x" is not a whole number. Use …``."""
        said = self._said.setdefault(row, [])
        said.append(f'{"Column" if said else f"row {row}, column"} "{column}": {found}. {advice}')

    def expect_unique(self, column: str, advice: str, key: Callable[[str], str] = str) -> None:
        """Note every row whose cell is empty, or the same as in an earlier row."""
        first: dict[str, int] = {}
        for n, row in self._table.numbered():
            cell = row[column].strip()
            if not cell:
                self.add(n, column, "it is empty", advice)
            elif first.setdefault(key(cell), n) != n:
                self.add(n, column, f'"{cell}" is in row {first[key(cell)]} already', advice)

    def whole_number(self, n: int, column: str, cell: str, low: int | None = None, high: int | None = None) -> int | None:
        """The number in a cell, ``None`` for an empty one; anything else is noted, and so is a number out of range."""
        text = cell.strip().replace("\u2212", "-")
        if not text:
            return None
        limits = f" from {low} to {high}" if high is not None else f" from {low}" if low is not None else ""
        number = int(float(text)) if re.fullmatch(r"[+-]?\d{1,15}(?:\.0+)?", text, re.ASCII) else None
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            self.add(n, column, f'"{cell.strip()}" is not a whole number{limits}', f"Use a whole number{limits}.")
            return None
        return number

    def __contains__(self, row: int) -> bool:
        return row in self._said

    def check(self, *, skip_bad_rows: bool = False) -> None:
        """Stop the import if any row is bad.

        Raises
        ------
        BadRows
        """
        if self._said and not skip_bad_rows:
            n_good = sum(row not in self._said for row in self._table.row_numbers)
            raise BadRows(self._table.path, [" ".join(said) for _, said in sorted(self._said.items())], n_good)


def truth(cell: str) -> bool | None:
    """Whether a cell says yes or no; ``None`` when it says neither."""
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(cell.strip().casefold())
