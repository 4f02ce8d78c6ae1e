"""Where people meet the service: each touchpoint with who speaks of it, how it feels, and what goes well or badly there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from workbench.analysis.intervals import bootstrap_mean, estimate_share
from workbench.analysis.journey import StudyTables, put_into_stages
from workbench.analysis.journey_changes import in_words
from workbench.model import CodeKind, Estimate, Journey, LaneKind, Measured, Statement, Step

COLUMNS = (
    "touchpoint", "stage", "n", "n_of", "share", "low", "high", "channels", "online", "valence", "valence_low", "valence_high", "n_felt",
    "pains", "delights", "measures", "stage_measures", "strengths", "weaknesses", "significance",
)  # fmt: skip


class Span(NamedTuple):
    """A passage: characters ``start`` to ``end`` of a transcript."""

    transcript: str
    start: int
    end: int


def touchpoint_analysis(journey: Journey, study: StudyTables | None = None, *, random_state: int = 0) -> pd.DataFrame:
    """Every touchpoint of a map with what is known of it there.

    Parameters
    ----------
    journey : a map with touchpoints: statements in a touchpoint lane, or steps that name one
    study : the study that it was made from; without it no touchpoint has a feeling
    random_state : seed of the bootstrap

    Returns
    -------
    One row per touchpoint and stage, in the order of the map:

    - ``touchpoint``, ``stage`` (name)
    - ``n`` of ``n_of`` participants speak of it there; ``share`` with Wilson's interval ``low`` to ``high``
    - ``channels``: of its steps, and those that people name in the same breath
    - ``online``: as its steps say; missing where they do not say or do not agree
    - ``valence``: mean over participants of each one's mean coded feeling in the same breath, -2 to +2, with a bootstrap interval
      ``valence_low`` to ``valence_high``, over ``n_felt`` participants
    - ``pains``, ``delights``: of its steps, and those told in the same breath, each with how many told it so
    - ``measures``: those that somebody tied to one of its steps; ``stage_measures``: those of the whole stage
    - ``strengths``, ``weaknesses``, ``significance`` (1 to 5): a reviewer's, from its steps

    In the same breath means: within a passage that was coded with the stage and in which the touchpoint is spoken of; without a study,
    in words that were coded with the touchpoint and with the other.
    """
    stages = [(s.id, s.name, _touchpoints(journey, s.id)) for s in journey.stages]
    staged = _staged(journey, study)
    rows = [_row(journey, id, name, t, staged, random_state) for id, name, found in stages for t in found]
    numbers = dict.fromkeys(("share", "low", "high", "valence", "valence_low", "valence_high"), "float64")
    whole = dict.fromkeys(("n", "n_of", "n_felt"), "int64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({**numbers, **whole, "online": "boolean", "significance": "Int64"})


def _touchpoints(journey: Journey, stage: str) -> list[str]:
    """Their names, those that people speak of first."""
    said = [s.text for s in _statements(journey, stage, LaneKind.TOUCHPOINT)]
    return list(dict.fromkeys([*said, *(s.touchpoint for s in journey.steps if s.stage == stage and s.touchpoint)]))


def _statements(journey: Journey, stage: str, *kinds: LaneKind) -> list[Statement]:
    lanes = [lane.name for lane in journey.lanes if lane.kind in kinds]
    return [s for lane in lanes for s in journey.cell(stage, lane).statements if not s.hidden]


def _staged(journey: Journey, study: StudyTables | None) -> pd.DataFrame | None:
    """The codings of the map's participants, each beside its stage."""
    if study is None:
        return None
    codings = study.codings
    theirs = codings["participant"].isin(list(journey.participants)) & ~codings["internal"].astype(bool)
    return put_into_stages(codings[theirs], study.settings.stages)


def _row(journey: Journey, stage: str, stage_name: str, touchpoint: str, staged: pd.DataFrame | None, random_state: int) -> tuple[Any, ...]:
    steps = [s for s in journey.steps if s.stage == stage and s.touchpoint == touchpoint]
    said = next((s for s in _statements(journey, stage, LaneKind.TOUCHPOINT) if s.text == touchpoint), None)
    spans = _breaths(said, stage, staged)
    here = staged[staged["stage"] == stage] if staged is not None else None
    n, n_of = (said.n, said.n_of or journey.n_of) if said else (0, journey.n_of)
    share = estimate_share(n, n_of, of="participants") if n_of else None
    felt = _felt(here, spans, random_state)
    channels = [s.channel for s in steps if s.channel] + [name for name, _ in _told(journey, stage, LaneKind.CHANNEL, spans, steps)]
    online = {s.online for s in steps if s.online is not None}
    significances = [s.significance for s in steps if s.significance is not None]
    return (
        touchpoint, stage_name, n, n_of, *_ends(share), _listed(channels), online.pop() if len(online) == 1 else None, *_ends(felt),
        felt.n if felt else 0,
        *(_listed(f"{name} ({count})" if count else name for name, count in _told(journey, stage, k, spans, steps)) for k in (LaneKind.PAIN, LaneKind.DELIGHT)),
        _measures(journey, stage, [s.id for s in steps]), _measures(journey, stage, [""]),
        _listed(s.strengths for s in steps), _listed(s.weaknesses for s in steps), max(significances, default=None),
    )  # fmt: skip


def _breaths(said: Statement | None, stage: str, staged: pd.DataFrame | None) -> list[Span]:
    """The passages in which a touchpoint is spoken of: those coded with the stage around it, or its own words."""
    own = [Span(q.transcript, q.start, q.end) for q in said.quotes] if said else []
    if staged is None:
        return own
    around = [span for span in _spans(staged[(staged["kind"] == CodeKind.STAGE) & (staged["stage"] == stage)]) if _meets(span, own)]
    return [*own, *around]


def _spans(codings: pd.DataFrame) -> Iterator[Span]:
    yield from (Span(t, int(a), int(b)) for t, a, b in zip(codings["transcript"], codings["start"], codings["end"], strict=True))


def _meets(one: Span, others: Iterable[Span]) -> bool:
    return any(one.transcript == o.transcript and one.start < o.end and o.start < one.end for o in others)


def _felt(here: pd.DataFrame | None, spans: Sequence[Span], random_state: int) -> Estimate | None:
    if here is None:
        return None
    felt = here[(here["kind"] == CodeKind.EMOTION) & here["intensity"].notna()]
    felt = felt[[_meets(span, spans) for span in _spans(felt)]]
    if felt.empty:
        return None
    by_person = felt.groupby("participant")["intensity"].mean().astype(float)
    return bootstrap_mean(by_person, limits=(-2, 2), unit="valence", of="participants", random_state=random_state)


def _told(journey: Journey, stage: str, lane: LaneKind, spans: Sequence[Span], steps: Sequence[Step]) -> list[tuple[str, int]]:
    """Statements of a lane that belong to the steps or are told in the same breath, and how many people told them so."""
    ids, found = {s.id for s in steps}, []
    for s in _statements(journey, stage, lane):
        people = {q.participant for q in s.quotes if _meets(Span(q.transcript, q.start, q.end), spans)}
        if people or (s.step and s.step in ids):
            found.append((s.text, len(people)))
    return sorted(found, key=lambda f: (-f[1], f[0]))


def _measures(journey: Journey, stage: str, steps: Iterable[str]) -> tuple[str, ...]:
    measured = [s for s in _statements(journey, stage, LaneKind.MEASURE) if s.step in steps]
    return _listed(_measured(m) for s in measured for m in s.measures)


def _measured(m: Measured) -> str:
    return f"{m.name}{f', {m.segment}' if m.segment else ''}: {in_words(m.estimate)}"


def _ends(e: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (e.value, e.low, e.high) if e else (None, None, None)


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
