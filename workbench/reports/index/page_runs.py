"""The runs of one page: when, what became of it and why; and the measures that it shows, from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

from workbench.analysis.in_words import interval, number
from workbench.model import Estimate, moments

#: So many runs and measures are shown of all pages together: a study of few pages shows all of each, one of hundreds stays readable.
RUNS_IN_ALL, MEASURES_IN_ALL = 1000, 400
_LEAST_RUNS, _MOST_RUNS = 5, 50
_LEAST_MEASURES, _MOST_MEASURES = 1, 6
#: So many runs make a line.
_POINTS = 8

OK = "ok"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Room:
    """How many runs and measures of each page are shown, the latest and the first."""

    n_runs: int
    n_measures: int

    @classmethod
    def for_pages(cls, n_pages: int) -> Room:
        """The room for each of so many pages."""
        runs, measures = (in_all // max(n_pages, 1) for in_all in (RUNS_IN_ALL, MEASURES_IN_ALL))
        return cls(min(max(runs, _LEAST_RUNS), _MOST_RUNS), min(max(measures, _LEAST_MEASURES), _MOST_MEASURES))

    @property
    def n_read(self) -> int:
        """How many runs are read: one more than is shown, for what the first is told against."""
        return max(self.n_runs, _POINTS) + 1


@dataclass(frozen=True)
class PageRun:
    """One run of a page; ``why`` is why it was made, or the sentence by which it failed."""

    started: datetime
    failed: bool
    why: str
    duration_s: float
    memory_mb: float | None


@dataclass(frozen=True)
class Point:
    """A measure as one run showed it."""

    day: datetime
    estimate: Estimate

    @property
    def words(self) -> str:
        """``+21 (14 to 28, n 100)``."""
        e = self.estimate
        sure = interval(e).replace("no interval", "no interval is known")
        return f"{number(e)} ({sure}, n {e.n:,})" if e.n else f"{number(e)} ({sure})"


@dataclass(frozen=True)
class Measure:
    """A measure over the runs of a page, oldest first."""

    name: str
    points: tuple[Point, ...]


def page_runs(rows: Sequence[Mapping[str, Any]], folder: Path) -> list[PageRun]:
    """The runs of a page, newest first.

    Parameters
    ----------
    rows : from :func:`~workbench.store.load_runs`, oldest first
    folder : the study's, which no sentence names
    """
    found = []
    made: Record | None = None
    for moment, row in _dated(rows):
        record = row["record"]
        failed = row["result"] != OK
        why = without_folder(row["result"], folder) if failed else why_made(record, made)
        made = made if failed else record
        found.append(PageRun(moment, failed, why, float(record.get("duration_s") or 0), record.get("memory_mb")))
    return found[::-1]


def page_measures(rows: Sequence[Mapping[str, Any]], most: int) -> tuple[list[Measure], int]:
    """The first ``most`` measures that the page shows now, over its runs, and how many more it shows."""
    made = _dated([row for row in rows if row["result"] == OK])[-_POINTS:]
    by_run = [(moment, {m["id"]: m for m in _shown(row["record"])}) for moment, row in made]
    now = list(by_run[-1][1].values()) if by_run else []
    chosen = [
        Measure(str(m["name"]), tuple(Point(day, _estimate(shown[m["id"]])) for day, shown in by_run if m["id"] in shown))
        for m in now[:most]
    ]
    return chosen, len(now) - len(chosen)


def why_made(record: Record, before: Record | None) -> str:
    """What differs from the run before."""
    if before is None:
        return "There was no page yet."
    return " ".join(_differences(record, before)) or "It was asked for."


def without_folder(sentence: str, folder: Path) -> str:
    """The sentence with paths as they are below the study's folder."""
    return sentence.replace(f"{folder.resolve()}/", "").replace(f"{folder.absolute()}/", "")


def _differences(record: Record, before: Record) -> Iterator[str]:
    inputs = _unlike(record.get("inputs"), before.get("inputs")) - {"study"}
    if inputs:
        yield f"Changed in the study: {', '.join(sorted(inputs))}."
    if record.get("template_sha256") != before.get("template_sha256"):
        yield "The template was changed."
    for what, name in (("parameters", "parameters"), ("files", "files"), ("versions", "packages")):
        if changed := _unlike(_content(record.get(name)), _content(before.get(name))):
            yield f"Other {what}: {', '.join(sorted(changed))}."


def _unlike(now: Record | None, before: Record | None) -> set[str]:
    now, before = now or {}, before or {}
    return {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}


def _content(facts: Record | None) -> Record:
    """Files by their content: that one was copied is no change."""
    return {name: fact.get("sha256") if isinstance(fact, Mapping) else fact for name, fact in (facts or {}).items()}


def _shown(record: Record) -> list[Mapping[str, Any]]:
    return list((record.get("shown") or {}).get("measures") or ())


def _estimate(m: Mapping[str, Any]) -> Estimate:
    low, high = (end if m.get(name) is None else m[name] for name, end in (("low", -inf), ("high", inf)))
    return Estimate(float(m["value"]), float(low), float(high), int(m.get("n") or 0), str(m.get("unit") or ""))


def _dated(rows: Sequence[Mapping[str, Any]]) -> list[tuple[datetime, Mapping[str, Any]]]:
    """Runs with when they were begun; one that does not say so is none."""
    return [(moment, row) for row in rows if (moment := moments.read(row["started"]))]
