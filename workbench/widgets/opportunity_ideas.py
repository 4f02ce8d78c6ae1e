"""What is done to the ideas of an opportunity: each is known by its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.errors import BadSetting, UnknownName
from workbench.model import Idea, Opportunity
from workbench.widgets.saving import Request


def find_idea(o: Opportunity, text: str) -> Idea:
    """The idea of these words.

    Raises
    ------
    UnknownName
        There is none.
    """
    found = next((i for i in o.ideas if i.text == text), None)
    if found is None:
        raise UnknownName("idea", text, [i.text for i in o.ideas])
    return found


def with_other(o: Opportunity, idea: Idea, *now: Idea) -> Opportunity:
    """An opportunity with others in the place of an idea; with none, the idea is gone."""
    k = list(o.ideas).index(idea)
    return replace(o, ideas=(*o.ideas[:k], *now, *o.ideas[k + 1 :]))


def with_idea(o: Opportunity, request: Request) -> Opportunity:
    """An opportunity with a new idea.

    Raises
    ------
    BadSetting
        It has this idea, or nothing was written.
    """
    return replace(o, ideas=(*o.ideas, Idea(_new_idea(o, request["text"]))))


def _new_idea(o: Opportunity, written: Any) -> str:
    text = " ".join(str(written).split())
    if not text or text in {i.text for i in o.ideas}:
        raise BadSetting("idea", f"“{text}” is there already" if text else "it says nothing", "Write another one, or vote for it.")
    return text


def idea_values(o: Opportunity, idea: Idea, values: Mapping[str, Any]) -> dict[str, str]:
    """What was written in the form of an idea."""
    known = {k: str(v).strip() for k, v in values.items() if k in ("text", "prototype", "test_result")}
    if known.get("text", idea.text) != idea.text:
        known["text"] = _new_idea(o, known["text"])
    return known


def choose_idea(o: Opportunity, request: Request) -> Opportunity:
    """One idea at most is chosen."""
    find_idea(o, request["idea"])
    return replace(o, ideas=tuple(replace(i, chosen=bool(request["chosen"]) and i.text == request["idea"]) for i in o.ideas))


def without_idea(o: Opportunity, request: Request) -> Opportunity:
    """An opportunity without one of its ideas."""
    return with_other(o, find_idea(o, request["idea"]))
