"""The way through one stage: how many users do each of its events, in order, and where most of them are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from workbench.analysis.events import EventLog, funnel
from workbench.analysis.in_words import interval, number
from workbench.analysis.intervals import estimate_share
from workbench.analysis.scope import parse_segment, show_segment
from workbench.model import Estimate, Journey, StageSetting

HOW = (
    "Users who did each event after the one before it, at any later time; who passes a stage several times counts once. "
    "Shares have Wilson score intervals at 95\N{NO-BREAK SPACE}%."
)
BESIDE = "Fewer than half of those who went on did it on their way, so it is counted beside the way and is no step of it."


@dataclass(frozen=True)
class FunnelStep:
    """One event of a stage.

    Parameters
    ----------
    n : users who did it after the step before it
    of_first, of_previous : ``n`` over the users of the first event, and of the step before; nothing in the first
    beside : it is no step but lies beside the way; ``n`` users did it after the first event, and it has no ``of_previous``
    largest_drop : more users are lost on the way to it than to any other step
    """

    event: str
    n: int
    of_first: Estimate | None = None
    of_previous: Estimate | None = None
    beside: bool = False
    largest_drop: bool = False


@dataclass(frozen=True)
class StageFunnel:
    """The events of a stage in order: of ``segment``, or of everyone where that is empty; ``note`` says why, where more was asked for."""

    stage: str
    steps: Sequence[FunnelStep]
    segment: str = ""
    note: str = ""

    @property
    def way(self) -> list[FunnelStep]:
        """The steps, without what lies beside the way."""
        return [s for s in self.steps if not s.beside]


class StageFunnels:
    """The funnel of every stage that names two or more events of the log; each is counted once.

    Parameters
    ----------
    log : the event log; none, and there are no funnels
    stages : the stages with their ``events``, as study.toml has them

    Whether an event is a step or lies beside the way is decided on all users, so that the funnels of two segments have the same
    steps: it is a step where at least half of those who went from the first event to the next stage did it in between.  Without
    that, whoever pays in time would be lost at "slot expired".  In the last stage the last event stands for the next stage.
    """

    def __init__(self, log: EventLog | None, stages: Sequence[StageSetting]) -> None:
        self._log = log
        self._events = _known_events(log, stages)
        self._beside = {id: _beside(log, self._events, id) for id in self._events} if log else {}
        self._counted: dict[str, dict[str, StageFunnel]] = {}

    def of_segment(self, segment: Mapping[str, str] | str | None = None) -> dict[str, StageFunnel]:
        """The funnels by stage: of the users whose first event of the stage has these attributes.

        Where the log lacks one of the attributes, the funnels are everyone's and their note says so.  A stage that names fewer
        than two events of the log has none, nor has one that nobody of the segment entered.
        """
        asked = parse_segment(segment)
        lacking = [name for name in asked if self._log and name not in self._log.attributes]
        if lacking:
            note = f"of all users: the event log has no attribute “{'”, “'.join(lacking)}”"
            return {id: replace(f, note=note) for id, f in self.of_segment().items()}
        said = show_segment(asked)
        if said not in self._counted:
            found = (self._count(id, asked) for id, events in self._events.items() if len(events) > 1)
            self._counted[said] = {f.stage: f for f in found if f is not None}
        return self._counted[said]

    def of_journey(self, journey: Journey) -> dict[str, StageFunnel]:
        """The funnels of the people of a map: its segment, which its persona may bring."""
        found = self.of_segment(journey.segment)
        if journey.persona and not journey.segment:
            note = f"of all users: the persona {journey.persona} names no attribute by which the event log could tell them"
            return {id: replace(f, note=note) for id, f in found.items()}
        return found

    def _count(self, stage: str, where: Mapping[str, str]) -> StageFunnel | None:
        assert self._log is not None  # noqa: S101 - without a log no stage has events
        events, beside = self._events[stage], self._beside[stage]
        way = [e for e in events if e not in beside]
        ns = _users(self._log, way, where)
        if not ns[0]:
            return None
        seen = {event: _users(self._log, [way[0], event], where)[1] for event in beside}
        steps = _steps(way, ns) | {event: FunnelStep(event, n, _share(n, ns[0]), beside=True) for event, n in seen.items()}
        return StageFunnel(stage, tuple(steps[e] for e in events), show_segment(where))


def funnel_in_words(f: StageFunnel) -> dict[str, Any]:
    """A funnel as a reader reads it.

    Returns
    -------
    ``name`` (first and last step), ``value``, ``interval``, ``n`` and ``few`` of those who get through, ``drop`` (of three or more
    steps, the one before which most are lost), ``whose`` (where it is not the segment's), ``rows`` of the events, ``notes`` on how they were counted.
    """
    first, last = f.way[0], f.way[-1]
    assert last.of_first is not None  # noqa: S101 - a way has two steps, and somebody did the first
    worst = next((s.event for s in f.way if s.largest_drop and len(f.way) > 2), "")
    notes = [f"{f.note[:1].upper()}{f.note[1:]}."] if f.note else []
    notes += [HOW, *([BESIDE] if len(f.way) < len(f.steps) else [])]
    return {
        "name": f"{first.event} → {last.event}", "value": number(last.of_first), "interval": interval(last.of_first), "n": f"{first.n:,}",
        "few": last.of_first.small, "drop": worst, "whose": "all users" if f.note else "", "rows": [_row(f, s) for s in f.steps], "notes": notes,
    }  # fmt: skip


def _row(f: StageFunnel, s: FunnelStep) -> dict[str, Any]:
    k = f.way.index(s) if s in f.way else 0
    lost = f"largest drop: {f.way[k - 1].n - s.n:,} of {f.way[k - 1].n:,} are lost" if s.largest_drop else ""
    return {
        "event": s.event, "n": f"{s.n:,} user{'s' * (s.n != 1)}", "percent": round(100 * s.of_first.value, 1) if s.of_first else 100.0,
        "of_first": f"{_in_short(s.of_first)} of the first" if s.of_first else "",
        "of_previous": f"{_in_short(s.of_previous)} of the step before" if s.of_previous and k > 1 else "", "beside": s.beside, "drop": lost,
    }  # fmt: skip


def _steps(way: Sequence[str], ns: Sequence[int]) -> dict[str, FunnelStep]:
    """The steps with their shares; the first of the largest drops is marked, if anybody is lost at all."""
    lost = [before - n for before, n in pairwise(ns)]
    worst = lost.index(max(lost)) if any(lost) else -1
    later = zip(way[1:], pairwise(ns), strict=True)
    made = [FunnelStep(e, n, _share(n, ns[0]), _share(n, before), largest_drop=k == worst) for k, (e, (before, n)) in enumerate(later)]
    return {s.event: s for s in (FunnelStep(way[0], ns[0]), *made)}


def _in_short(e: Estimate) -> str:
    return f"{number(e)} ({interval(e)}{', few' if e.small else ''})"


def _known_events(log: EventLog | None, stages: Sequence[StageSetting]) -> dict[str, list[str]]:
    """Of each stage the events that the log has, each once."""
    names = set(log.event_names) if log else set()
    return {s.id: [e for e in dict.fromkeys(s.events) if e in names] for s in stages}


def _beside(log: EventLog, events: Mapping[str, Sequence[str]], stage: str) -> list[str]:
    """The events of a stage that are no step on its way."""
    own, order = events[stage], list(events)
    if len(own) < 3:
        return []  # two events are a way, whatever happens between them
    later = next((events[s] for s in order[order.index(stage) + 1 :] if events[s]), own[-1:])
    out = [e for e in later if e not in own[:-1]] or own[-1:]
    went = _users(log, [own[0], out])[1]
    found = [e for e in own[1:] if [e] != out and 2 * _users(log, [own[0], e, out])[2] < went]
    return found if len(own) - len(found) > 1 else []


def _users(log: EventLog, steps: Sequence[str | Sequence[str]], where: Mapping[str, str] | None = None) -> list[int]:
    """How many users get to each step; a user's entry counts that gets furthest."""
    return [int(n) for n in funnel(log, steps, count="any entry", where=where)["n"]]


def _share(n: int, of: int) -> Estimate | None:
    return estimate_share(n, of, of="users") if of else None
