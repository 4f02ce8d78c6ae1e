"""The steps inside the stages of a map, as a reader reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.model import Journey, Step
from workbench.reports.sections import words

#: What opens below a step, in this order.
_FACTS = (
    ("actor", "Who"), ("department", "Department"), ("on_stage", "On stage"), ("backstage", "Backstage"), ("process", "Process"), ("system", "System"),
    ("preferred_channel", "Preferred channel"), ("motive", "Motive"), ("outcome", "Outcome"), ("strengths", "Strengths"), ("weaknesses", "Weaknesses"),
    ("gaps", "Gaps"), ("optimise", "To optimise"), ("solution", "Solution"), ("at", "When"),
)  # fmt: skip


def steps_of(journey: Journey, titles: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    """For each stage its steps: name, touchpoint and channel, and what else is known, as label and words; nothing, where no map has any."""
    if not journey.steps:
        return []
    felt = {f.step: f.hand_set for f in journey.feelings if f.step and f.hand_set is not None}
    return [[_shown(s, felt.get(s.id), titles) for s in journey.steps if s.stage == stage.id] for stage in journey.stages]


def channel_of(step: Step) -> str:
    """``app (online)``; how it is met in a shop is ``offline``."""
    how = [{True: "online", False: "offline"}.get(step.online, ""), "physical" if step.physical else ""]  # type: ignore[call-overload]
    said = ", ".join(x for x in how if x)
    return f"{step.channel} ({said})" if step.channel and said else step.channel or said


def _shown(step: Step, felt: float | None, titles: Mapping[str, str]) -> dict[str, Any]:
    facts = [(label, getattr(step, name)) for name, label in _FACTS if getattr(step, name)]
    if step.significance is not None:
        facts.insert(0, ("Significance", f"{step.significance} of 5"))
    if felt is not None:
        facts.insert(0, ("Feels", f"{words.signed(felt)}, set by hand"))
    if step.opens in titles:
        facts.append(("Opens", titles[step.opens]))
    where = " · ".join(x for x in (step.touchpoint if step.touchpoint != step.name else "", channel_of(step)) if x)
    return {"name": step.name, "where": where, "facts": [list(f) for f in facts]}
