"""The kinds of map: what each is for, the stages it usually has, the lanes it shows, and the lines of a blueprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.model.journey import Journey, JourneyKind, Lane, LaneKind


@dataclass(frozen=True)
class Line:
    """A line across a blueprint: everything from the lane ``above`` upwards is over it, from ``below`` downwards under it."""

    name: str
    above: LaneKind
    below: LaneKind


@dataclass(frozen=True)
class KindPreset:
    """What a kind of map is, in one sentence that tells it from the others, and how it is laid out.

    ``stages`` are the usual ones, to begin with; ``lanes`` are shown in this order, from the top; ``lines`` lie between two of them.
    """

    meaning: str
    stages: Sequence[str]
    lanes: Sequence[LaneKind]
    lines: Sequence[Line] = ()


_K, _L = JourneyKind, LaneKind
_FELT = (_L.THOUGHT, _L.EMOTION, _L.PAIN, _L.DELIGHT)

JOURNEY_KINDS: dict[JourneyKind, KindPreset] = {
    _K.CUSTOMER: KindPreset(
        "Everything a person goes through with an organisation, across channels and over weeks or months, also where no product of it is "
        "in use; one of its stages may open a user journey.",
        ("Awareness", "Consideration", "Purchase", "Use", "After-sales", "Advocacy"),
        (_L.GOAL, _L.NEED, _L.EXPECTATION, _L.ACTION, _L.SAYS, *_FELT, _L.TOUCHPOINT, _L.CHANNEL, _L.MEASURE, _L.OPPORTUNITY, _L.SOLUTION),
    ),
    _K.USER: KindPreset(
        "One person inside one product, from intent to result, screen by screen and often in a single session: a close-up of one stage of "
        "a customer journey.",
        ("Intent", "Entry", "Orientation", "Task", "Confirmation", "Exit"),
        (_L.GOAL, _L.ACTION, _L.TOUCHPOINT, _L.EXPECTATION, *_FELT, _L.OUTCOME, _L.SYSTEM, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.BLUEPRINT: KindPreset(
        "The same journey seen from both sides: under the customer's steps lies the work that makes them possible, seen and unseen, so "
        "that a pain can be followed down to the process that causes it.",
        ("Before the service", "Arrival", "Service", "Departure", "After the service"),
        (_L.TOUCHPOINT, _L.CHANNEL, _L.ACTION, _L.EMOTION, _L.PAIN, _L.DELIGHT, _L.ON_STAGE, _L.ACTOR, _L.BACKSTAGE, _L.PROCESS, _L.DEPARTMENT,
         _L.SYSTEM, _L.MEASURE, _L.OPPORTUNITY),
        # Shostack 1984; Bitner, Ostrom & Morgan 2008: physical evidence and customer actions on top, support processes at the bottom.
        (
            Line("line of interaction", above=_L.DELIGHT, below=_L.ON_STAGE),
            Line("line of visibility", above=_L.ACTOR, below=_L.BACKSTAGE),
            Line("line of internal interaction", above=_L.BACKSTAGE, below=_L.PROCESS),
        ),
    ),
    _K.BRAND: KindPreset(
        "What people come to expect, feel and say of a brand wherever they meet it, adverts and other people's words included; it follows an "
        "impression, where a customer journey follows an errand.",
        ("First impression", "Familiarity", "Preference", "Trial", "Attachment", "Recommendation"),
        (_L.TOUCHPOINT, _L.CHANNEL, _L.CONTENT, _L.EXPECTATION, _L.SAYS, *_FELT, _L.MOTIVE, _L.STRENGTH, _L.WEAKNESS, _L.STRATEGY, _L.MEASURE,
         _L.OPPORTUNITY),
    ),
    _K.SERVICE: KindPreset(
        "One service from the need for it until it has been rendered, in the order in which the customer lives through it and with the people "
        "they deal with; unlike a blueprint it stays on the customer's side of the counter.",
        ("Need", "Request", "Waiting", "Service", "Result", "Follow-up"),
        (_L.NEED, _L.EXPECTATION, _L.ACTION, _L.ON_STAGE, _L.TOUCHPOINT, _L.CHANNEL, *_FELT, _L.OUTCOME, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.SUPPORT: KindPreset(
        "From something going wrong until it is settled, over every call, email, chat and post it took; it begins where the other journeys "
        "have failed.",
        ("Problem", "Search for help", "First contact", "Handling", "Solution", "Afterwards"),
        (_L.MOTIVE, _L.ACTION, _L.CHANNEL, _L.TOUCHPOINT, _L.SAYS, *_FELT, _L.OUTCOME, _L.ACTOR, _L.PROCESS, _L.SYSTEM, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.FUNNEL: KindPreset(
        "The organisation's view: how many of those who enter a stage reach the next, and what is put before them there; it counts people "
        "where a journey says what they live through, and knows no way back.",
        ("Awareness", "Interest", "Consideration", "Intent", "Purchase", "Loyalty"),
        (_L.CONTENT, _L.MEASURE, _L.CHANNEL, _L.TOUCHPOINT, _L.STRATEGY, _L.PAIN, _L.OPPORTUNITY),
    ),
    _K.ONBOARDING: KindPreset(
        "From the decision to the first result of one's own: the part of a customer journey in which somebody is taken in and learns.",
        ("Decision", "Account", "Set-up", "First use", "First result", "Habit"),
        (_L.GOAL, _L.EXPECTATION, _L.ACTION, _L.TOUCHPOINT, _L.CHANNEL, _L.CONTENT, *_FELT, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.RELATIONSHIP: KindPreset(
        "What happens between purchases, in care, contact and reward: the part of a customer journey that decides whether somebody stays.",
        ("Purchase", "Care", "Contact", "Problem and repair", "Reward", "Recommendation"),
        (_L.NEED, _L.EXPECTATION, _L.ACTION, _L.TOUCHPOINT, _L.CHANNEL, _L.SAYS, *_FELT, _L.OUTCOME, _L.STRATEGY, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.USE: KindPreset(
        "Everyday use of what was bought, again and again, until it is routine or given up: longer than a user journey, and without the buying.",
        ("First use", "Learning", "Routine", "Trouble", "More advanced use"),
        (_L.GOAL, _L.NEED, _L.ACTION, _L.TOUCHPOINT, *_FELT, _L.OUTCOME, _L.MEASURE, _L.OPPORTUNITY),
    ),
    _K.RENEWAL: KindPreset(
        "From the first thought of the end of a contract or a device until it is renewed, replaced or left: the part of a customer journey in "
        "which somebody decides a second time, now with experience.",
        ("Reminder", "Looking back", "Comparison", "Negotiation", "Renewal or replacement", "Hand-over"),
        (_L.MOTIVE, _L.NEED, _L.EXPECTATION, _L.ACTION, _L.TOUCHPOINT, _L.CHANNEL, *_FELT, _L.OUTCOME, _L.CONTENT, _L.MEASURE, _L.OPPORTUNITY),
    ),
}  # fmt: skip


def shown_as(journey: Journey, kind: JourneyKind) -> Journey:
    """The same map looked at as one of this kind: its lanes in its order, then those that somebody added; the others are left out.

    It is a view: rebuild and save the whole map.
    """
    order = {k: i for i, k in enumerate([*JOURNEY_KINDS[kind].lanes, LaneKind.CUSTOM])}
    lanes = sorted((lane for lane in journey.lanes if lane.kind in order), key=lambda lane: order[lane.kind])
    names = {lane.name for lane in lanes}
    return replace(journey, kind=kind, lanes=tuple(lanes), cells=tuple(c for c in journey.cells if c.lane in names))


def lines_across(lanes: Sequence[Lane], kind: JourneyKind) -> dict[str, str]:
    """The lines of a kind of map, each by the name of the first of ``lanes`` below it.

    A line is there when lanes of the kind lie on both its sides, whichever of them the map has; where two lines would fall together,
    the lower one is drawn.
    """
    preset = JOURNEY_KINDS[kind]
    order = {k: i for i, k in enumerate(preset.lanes)}
    placed = [(order[lane.kind], lane.name) for lane in lanes if lane.kind in order]
    found = {}
    for line in preset.lines:
        under = [(place, name) for place, name in placed if place >= order[line.below]]
        if under and any(place <= order[line.above] for place, _ in placed):
            found[min(under)[1]] = line.name
    return found
