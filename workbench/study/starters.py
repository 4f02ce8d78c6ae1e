"""Starters by name, and the map that one draws before there are data."""

from __future__ import annotations

from workbench.analysis.lanes import lane_name, lane_order
from workbench.errors import UnknownName
from workbench.io.starters import GUESSED, Starter, StarterStage, read_starter
from workbench.model import Basis, Cell, Journey, Lane, LaneKind, Stage, Statement, Step
from workbench.resources import resource


def starter_names() -> list[str]:
    """The starters that come with the package."""
    return sorted(path.stem for path in (resource("datasets") / "starters").glob("*.toml"))


def find_starter(name: str) -> Starter:
    """The starter of this name, such as ``restaurant``.

    Raises
    ------
    UnknownName
    """
    if name not in starter_names():
        raise UnknownName("starter", name, starter_names())
    return read_starter(resource("datasets") / "starters" / f"{name}.toml")


def draft_journey(starter: Starter) -> Journey:
    """The map of a starter: its touchpoints as steps, its guesses as statements that are assumed.

    ``rebuild_journey(draft_journey(starter), build_journey(study))`` completes it with what people said: a guess that a code of the
    same name and stage confirms takes the evidence, and the others stay assumed.
    """
    author = f"starter “{starter.title}”"
    kinds = sorted((LaneKind(kind.value) for kind in GUESSED), key=lambda kind: lane_order(lane_name(kind)))
    return Journey(
        id="",
        title=starter.title,
        stages=tuple(Stage(s.id, s.name, s.description) for s in starter.stages),
        lanes=tuple(Lane(kind, lane_name(kind)) for kind in kinds),
        cells=tuple(cell for s in starter.stages for cell in _cells(s, author)),
        steps=tuple(
            Step(f"{s.id}/{t.name}", s.id, t.name, touchpoint=t.name, channel=t.channel, online=t.online)
            for s in starter.stages
            for t in s.touchpoints
        ),
        scope=starter.about,
    )


def _cells(stage: StarterStage, author: str) -> list[Cell]:
    guessed = [(lane_name(LaneKind(kind.value)), stage.guesses(kind)) for kind in GUESSED]
    return [
        Cell(stage.id, lane, tuple(Statement(name, Basis.ASSUMED, code=name, asserted_by=author) for name in names))
        for lane, names in guessed
        if names
    ]
