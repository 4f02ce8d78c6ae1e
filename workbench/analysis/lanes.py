"""The rows of a map, from the top: what fills each, what it is called, what is written below its name."""

from __future__ import annotations

from workbench.model import LaneKind

LANES: tuple[tuple[LaneKind, str, str], ...] = (
    (LaneKind.EMOTION, "In words", "feelings as the coders named them"),
    (LaneKind.ACTION, "Doing", "as seen or told"),
    (LaneKind.SAYS, "Saying", ""),
    (LaneKind.THOUGHT, "Thinking", "inferred from what was said"),
    (LaneKind.MOTIVE, "Motives", "inferred"),
    (LaneKind.GOAL, "Goals", "inferred"),
    (LaneKind.NEED, "Needs", "inferred"),
    (LaneKind.EXPECTATION, "Expectations", "inferred"),
    (LaneKind.TOUCHPOINT, "Touchpoints", "where they meet the service"),
    (LaneKind.CHANNEL, "Channels", ""),
    (LaneKind.PAIN, "Pain points", ""),
    (LaneKind.DELIGHT, "Delights", ""),
    (LaneKind.STRENGTH, "Strengths", ""),
    (LaneKind.WEAKNESS, "Weaknesses", ""),
    (LaneKind.OUTCOME, "Outcome", ""),
    (LaneKind.ON_STAGE, "On stage", ""),
    (LaneKind.BACKSTAGE, "Backstage", "as the process owner says"),
    (LaneKind.ACTOR, "Actors", ""),
    (LaneKind.PROCESS, "Processes", ""),
    (LaneKind.DEPARTMENT, "Departments", ""),
    (LaneKind.SYSTEM, "Systems", ""),
    (LaneKind.STRATEGY, "Strategy", ""),
    (LaneKind.CONTENT, "Content", ""),
    (LaneKind.MEASURE, "Measured", "events and survey, 95 % interval"),
    (LaneKind.OPPORTUNITY, "Opportunities", "ideas of participants and of the team"),
    (LaneKind.SOLUTION, "Solutions", ""),
    (LaneKind.CUSTOM, "Also", ""),
)

_NAMES = {kind: name for kind, name, _ in LANES}
_ORDER = {name: i for i, (_, name, _) in enumerate(LANES)}


def lane_name(kind: LaneKind) -> str:
    """What a lane is called on the map."""
    return _NAMES[kind]


def lane_order(name: str) -> int:
    """Where a lane stands, from the top."""
    return _ORDER[name]
