"""Starters: stages, codes, questions and measures that studies of one industry often begin with, as hypotheses to be tested."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.errors import BadFile
from workbench.io.study_toml import new_settings_text, parse_settings
from workbench.model import Code, Codebook, CodeKind
from workbench.model.plain import build

#: The survey and its respondents that measures of starters may name; a new study.toml shows it as an example.
_SURVEY = {"id": "pulse", "respondent": "response_id"}

#: The kinds of code that a stage of a starter may guess, and the field that holds them.
GUESSED = {
    CodeKind.ACTION: "actions",
    CodeKind.THOUGHT: "thoughts",
    CodeKind.NEED: "needs",
    CodeKind.GOAL: "goals",
    CodeKind.PAIN: "pains",
    CodeKind.DELIGHT: "delights",
}

#: What a code that is only a guess says of itself.
HYPOTHESIS = "A hypothesis to be tested: keep it if somebody says or does it."


@dataclass(frozen=True)
class StarterTouchpoint:
    """Where a stage may be met, by which channel, and whether online."""

    name: str
    channel: str
    online: bool


@dataclass(frozen=True)
class StarterStage:
    """One stage with what to ask there and the names of codes that may turn up in it."""

    id: str
    name: str
    description: str
    questions: Sequence[str] = ()
    touchpoints: Sequence[StarterTouchpoint] = ()
    actions: Sequence[str] = ()
    thoughts: Sequence[str] = ()
    needs: Sequence[str] = ()
    goals: Sequence[str] = ()
    pains: Sequence[str] = ()
    delights: Sequence[str] = ()

    def guesses(self, kind: CodeKind) -> Sequence[str]:
        """The names of its codes of one kind of :data:`GUESSED`."""
        names: Sequence[str] = getattr(self, GUESSED[kind])
        return names


@dataclass(frozen=True)
class Starter:
    """What studies of an industry often begin with.  ``measures`` are settings as in study.toml, ``feelings`` have a valence."""

    title: str
    about: str
    stages: Sequence[StarterStage]
    feelings: Mapping[str, int] = field(default_factory=dict)
    measures: Sequence[Mapping[str, Any]] = ()


def read_starter(path: Path) -> Starter:
    """A starter from its TOML file.

    Raises
    ------
    BadFile
        It is not TOML, or a name is unknown, missing or of the wrong type; every such place is named.
    BadSetting
        A measure cannot be read, or names a stage that is not there; two codes of different kinds share a name.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(path, f"it is not valid TOML ({error})", "Mend that line; strings need quotes.") from None
    measures = given.pop("measure", [])
    problems: list[str] = []
    starter = build(Starter, {"stages" if name == "stage" else name: value for name, value in given.items()}, "it", problems)
    if problems:
        raise BadFile(path, "; ".join(problems), "Mend the file.")
    stages = [{"id": s.id, "name": s.name} for s in starter.stages]
    parse_settings({"study": {"title": starter.title}, "stage": stages, "survey": [_SURVEY], "measure": measures}, str(path))
    read = replace(starter, measures=tuple(measures))
    Codebook(starter_codes(read))
    return read  # type: ignore[no-any-return]


def starter_codes(starter: Starter) -> list[Code]:
    """The codes of a starter, in order; their ids are their names.  A guess of several stages is one code."""
    made: dict[tuple[str, CodeKind], Code] = {}
    for name, kind, definition, valence in _codes(starter):
        made.setdefault((name, kind), Code(name, name, kind, definition=definition, valence=valence, position=len(made)))
    return list(made.values())


def _codes(starter: Starter) -> Iterator[tuple[str, CodeKind, str, int | None]]:
    """Name, kind, definition and valence."""
    touchpoints = [t for s in starter.stages for t in s.touchpoints]
    yield from ((s.name, CodeKind.STAGE, f"{s.description}.", None) for s in starter.stages)
    yield from ((t.name, CodeKind.TOUCHPOINT, f"{_where(t)}. {HYPOTHESIS}", None) for t in touchpoints)
    yield from ((t.channel, CodeKind.CHANNEL, HYPOTHESIS, None) for t in touchpoints)
    yield from ((name, CodeKind.EMOTION, "Give the intensity.", valence) for name, valence in starter.feelings.items())
    for kind in GUESSED:
        yield from ((name, kind, HYPOTHESIS, None) for s in starter.stages for name in s.guesses(kind))


def write_started_settings(path: Path, title: str, starter: Starter) -> None:
    """The study.toml of a new study that begins with a starter; its questions, touchpoints and measures stand in it as comments."""
    note = (
        f"# Begun with the starter “{starter.title}”: {starter.about}\n# Its stages, codes, touchpoints and measures are hypotheses to be "
        "tested with data.  Change what does not fit, and take nothing of it for a finding.\n\n"
    )
    path.write_text(new_settings_text(title, [_stage(s) for s in starter.stages], note, _measures(starter)), encoding="utf-8")


def _stage(s: StarterStage) -> str:
    lines = [f"{name} = {_toml(value)}" for name, value in (("id", s.id), ("name", s.name), ("description", s.description))]
    lines += [f"# To ask: {question}" for question in s.questions]
    lines += [f"# To look for: {t.name} ({_where(t)})" for t in s.touchpoints]
    return "\n".join(lines)


def _where(t: StarterTouchpoint) -> str:
    return f"{t.channel}, {'online' if t.online else 'offline'}"


def _measures(starter: Starter) -> str:
    tables = ["\n".join(["# [[measure]]", *(f"# {k} = {_toml(v)}" for k, v in m.items())]) for m in starter.measures]
    return (
        "\n\n".join(["# What is often measured here: take away the # of what you have the data for, and correct the names.", *tables, ""])
        + "\n"
    )


def _toml(value: object) -> str:
    """Text, numbers, truth and lists of them are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
