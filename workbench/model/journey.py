"""A journey map: stages across, lanes down, a statement with its evidence in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workbench.errors import BadSetting
from workbench.model.evidence import Basis, Estimate, Measured, Statement
from workbench.model.opportunity import Opportunity


class JourneyKind(StrEnum):
    """What kind of map it is."""

    CUSTOMER = "customer journey"
    USER = "user journey"
    BLUEPRINT = "service blueprint"
    BRAND = "brand journey"
    SERVICE = "service journey"
    SUPPORT = "support journey"
    FUNNEL = "funnel"
    ONBOARDING = "onboarding journey"
    RELATIONSHIP = "relationship journey"
    USE = "use journey"
    RENEWAL = "renewal journey"


class JourneyState(StrEnum):
    """Whether a map shows what is or what is wanted."""

    AS_IS = "as-is"
    TO_BE = "to-be"


class LaneKind(StrEnum):
    """What a row of the map is about."""

    ACTION = "action"
    THOUGHT = "thought"
    SAYS = "says"
    EMOTION = "emotion"
    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    GOAL = "goal"
    NEED = "need"
    EXPECTATION = "expectation"
    MOTIVE = "motive"
    OUTCOME = "outcome"
    PAIN = "pain point"
    DELIGHT = "delight"
    STRENGTH = "strength"
    WEAKNESS = "weakness"
    ON_STAGE = "on stage"
    BACKSTAGE = "backstage"
    ACTOR = "actor"
    PROCESS = "process"
    DEPARTMENT = "department"
    SYSTEM = "system"
    MEASURE = "measure"
    OPPORTUNITY = "opportunity"
    SOLUTION = "solution"
    STRATEGY = "strategy"
    CONTENT = "content"
    CUSTOM = "custom"


#: Lanes whose statements are read into what people say rather than seen or heard (decision D4).
INFERRED_LANES = frozenset({LaneKind.THOUGHT, LaneKind.NEED, LaneKind.GOAL, LaneKind.MOTIVE, LaneKind.EXPECTATION})


@dataclass(frozen=True)
class Stage:
    """One stretch of the journey, in order.  ``n`` of ``n_of`` participants talked about it.

    ``problem`` is the problem statement, ``opens`` the id of a journey inside this stage (linked levels).
    """

    id: str
    name: str
    description: str = ""
    n: int = 0
    n_of: int = 0
    problem: str = ""
    opens: str = ""


@dataclass(frozen=True)
class Step:
    """One step or touchpoint inside a stage.

    ``significance`` is 1 to 5; ``strengths``, ``weaknesses`` and ``optimise`` are a reviewer's words.
    """

    id: str
    stage: str
    name: str
    touchpoint: str = ""
    channel: str = ""
    online: bool | None = None
    physical: bool | None = None
    preferred_channel: str = ""
    significance: int | None = None
    on_stage: str = ""
    backstage: str = ""
    actor: str = ""
    department: str = ""
    system: str = ""
    process: str = ""
    motive: str = ""
    outcome: str = ""
    strengths: str = ""
    weaknesses: str = ""
    gaps: str = ""
    optimise: str = ""
    solution: str = ""
    at: str = ""
    opens: str = ""


@dataclass(frozen=True)
class Lane:
    """One row.  ``name`` is free for custom lanes."""

    kind: LaneKind
    name: str
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """Where a stage and a lane meet."""

    stage: str
    lane: str
    statements: Sequence[Statement] = ()


@dataclass(frozen=True)
class Feeling:
    """How a stage feels: mean coded valence over participants, -2 to +2.

    ``estimate`` is ``None`` where nobody's feeling was coded; ``hand_set`` is somebody's own value, kept apart.
    """

    stage: str
    estimate: Estimate | None
    hand_set: float | None = None
    step: str = ""


@dataclass(frozen=True)
class MomentOfTruth:
    """A moment that decides.  ``reason`` says why it was proposed; one of a journey may be ``critical``."""

    stage: str
    statement: str
    reason: str
    critical: bool = False
    step: str = ""
    at: str = ""


@dataclass(frozen=True)
class Transition:
    """The way from one stage to the next: how many go on, and what somebody noted about its quality."""

    from_stage: str
    to_stage: str
    rate: Measured | None = None
    quality: str = ""


@dataclass(frozen=True, repr=False)
class Journey:
    """One map, in one version, of one kind and state.

    Raises
    ------
    BadSetting
        Stage ids are not unique, a cell, step or feeling names a stage or lane that is not there, or two moments are critical.
    """

    id: str
    title: str
    stages: Sequence[Stage]
    lanes: Sequence[Lane] = ()
    cells: Sequence[Cell] = ()
    steps: Sequence[Step] = ()
    feelings: Sequence[Feeling] = ()
    moments: Sequence[MomentOfTruth] = ()
    transitions: Sequence[Transition] = ()
    opportunities: Sequence[Opportunity] = ()
    kind: JourneyKind = JourneyKind.CUSTOMER
    state: JourneyState = JourneyState.AS_IS
    persona: str = ""
    segment: str = ""
    goals: Sequence[str] = ()
    scope: str = ""
    n_of: int = 0
    participants: Sequence[str] = ()
    version: int = 1

    def __repr__(self) -> str:
        n_statements = sum(len(c.statements) for c in self.cells)
        about = self.persona or self.segment or "everyone"
        return f'Journey("{self.title}", {len(self.stages)} stages, {n_statements} statements, {about}: {self.n_of} participants)'

    def __post_init__(self) -> None:
        stages = [s.id for s in self.stages]
        lanes = {lane.name for lane in self.lanes}
        where = f'journey "{self.title}"'
        if len(set(stages)) != len(stages):
            raise BadSetting(where, "two stages share an id", "Give each stage an id of its own.")
        places = [(c.stage, c.lane) for c in self.cells]
        if len(set(places)) != len(places):
            raise BadSetting(where, "two cells stand in the same stage and lane", "Put their statements into one.")
        named = (
            [(m.stage, "moment of truth") for m in self.moments]
            + [(stage, "transition") for t in self.transitions for stage in (t.from_stage, t.to_stage)]
            + [(c.stage, "cell") for c in self.cells]
            + [(s.stage, "step") for s in self.steps]
            + [(f.stage, "feeling") for f in self.feelings]
        )
        for stage, what in named:
            if stage not in stages:
                raise BadSetting(where, f'a {what} names the stage "{stage}"', f"Its stages are {', '.join(stages)}.")
        for cell in self.cells:
            if cell.lane not in lanes:
                raise BadSetting(where, f'a cell names the lane "{cell.lane}"', f"Its lanes are {', '.join(sorted(lanes))}.")
        if sum(m.critical for m in self.moments) > 1:
            raise BadSetting(where, "two moments of truth are critical", "Mark one.")

    def cell(self, stage: str, lane: str) -> Cell:
        """The cell of a stage and a lane; an empty one where nothing was said."""
        return next((c for c in self.cells if c.stage == stage and c.lane == lane), Cell(stage, lane))

    def feeling(self, stage: str) -> Feeling:
        """How a stage feels."""
        return next((f for f in self.feelings if f.stage == stage), Feeling(stage, None))

    @property
    def critical_moment(self) -> MomentOfTruth | None:
        """The one moment that matters most."""
        return next((m for m in self.moments if m.critical), None)

    @property
    def n_contact_points(self) -> int:
        """How many different touchpoints the map holds: steps with one, and statements in touchpoint lanes."""
        lanes = {lane.name for lane in self.lanes if lane.kind == LaneKind.TOUCHPOINT}
        said = {s.text for c in self.cells if c.lane in lanes for s in c.statements}
        return len(said | {s.touchpoint for s in self.steps if s.touchpoint})


def basis_of(lane: LaneKind) -> Basis:
    """How statements of a lane are known when people's words stand behind them."""
    return Basis.INFERRED if lane in INFERRED_LANES else Basis.OBSERVED
