"""The steps of a funnel: stages of study.toml with the events that belong to them, or events by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.model import StageSetting
from workbench.study import Study


@dataclass(frozen=True)
class Step:
    """One step of a funnel: its name, the events that count as it, and the id of the stage that they belong to."""

    name: str
    events: Sequence[str]
    stage: str = ""


def stage_steps(study: Study) -> list[Step]:
    """The stages with events that the log has, but for those that are not everybody's."""
    stages = [s for s in study.settings.stages if not s.whom]
    return [Step(s.name, seen, s.id) for s in stages if (seen := _seen(study, s))]


def find_step(study: Study, wanted: str) -> Step:
    """A stage by its id or name, else an event, with the stage that lists it."""
    stages = study.settings.stages
    for stage in stages:
        if wanted.casefold() in (stage.id.casefold(), stage.name.casefold()) and (seen := _seen(study, stage)):
            return Step(stage.name, seen, stage.id)
    return Step(wanted, (wanted,), next((s.id for s in stages if wanted in s.events), ""))


def _seen(study: Study, stage: StageSetting) -> tuple[str, ...]:
    known = set(study.events.event_names) if study.events is not None else set()
    return tuple(e for e in stage.events if e in known)


def too_few(study: Study) -> str:
    """Why the stages of study.toml make no funnel, and what to do."""
    n = len(stage_steps(study))
    return (
        f"A funnel needs two steps, and {'no stage' if not n else 'only one stage'} in study.toml names events that are in the log. "
        'Write events = ["visit", "view_offer"] under [[stage]], or give the parameter steps.'
    )
