"""Personas and opportunities as JSON, as a researcher writes them or as they were exported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from workbench.errors import BadFile, BadSetting, did_you_mean
from workbench.io.formats import Format
from workbench.io.tables import head_columns, read_json, write_file
from workbench.model import Opportunity, Persona


@dataclass(frozen=True)
class Synthesis:
    """What a study came to: its personas and its opportunities."""

    personas: Sequence[Persona] = ()
    opportunities: Sequence[Opportunity] = ()


def read_synthesis(path: Path, *, encoding: str | None = None) -> Synthesis:
    """The personas and opportunities of a JSON file.

    ``{"personas": [{"name": "Dana", …}], "opportunities": [{"how_might_we": "…", …}]}``, with names as in the model. An id that is
    not given is empty; a statement or an idea may be its text alone.

    Raises
    ------
    BadFile
        The file is not JSON, or a name is unknown, missing or of the wrong type; every such place is named.
    """
    given, _ = read_json(path, encoding)
    problems: list[str] = []
    synthesis = _build(Synthesis, given, "it", problems)
    if problems:
        shown = "; ".join(problems[:20]) + (f"; and {len(problems) - 20} more" if len(problems) > 20 else "")
        raise BadFile(path, shown, "Mend the file; nothing of it was imported.")
    return synthesis  # type: ignore[no-any-return]


def write_synthesis(synthesis: Synthesis, path: Path) -> None:
    """Write personas and opportunities as JSON that reads back the same.

    Raises
    ------
    FolderNotWritable
    """
    write_file(path, json.dumps(_plain(synthesis), ensure_ascii=False, indent=1) + "\n")


def _plain(value: Any) -> Any:
    """A model object as JSON values, without what is as it would be anyway."""
    if is_dataclass(value):
        pairs = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: _plain(v) for f, v in pairs if v != _default(f) or _needed(f)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(v) for v in value]
    return msgspec.to_builtins(value)


def _build(wanted: Any, given: Any, where: str, problems: list[str]) -> Any:
    """A value of the wanted type from JSON; what is wrong with it is noted."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _object(wanted, given, where, problems)
    arguments = get_args(wanted)
    if get_origin(wanted) in (Union, UnionType):
        if given is None and NoneType in arguments:
            return None
        return _build(_best_fit([a for a in arguments if a is not NoneType], given), given, where, problems)
    if get_origin(wanted) is Sequence:
        items = given if isinstance(given, list) else [given]
        return tuple(_build(arguments[0], item, f"{where}[{i}]", problems) for i, item in enumerate(items))
    return _leaf(wanted, given, where, problems)


def _object(cls: type, given: Any, where: str, problems: list[str]) -> Any:
    known = {f.name: f for f in fields(cls)}
    needed = [f.name for f in known.values() if _needed(f)]
    if isinstance(given, str) and needed in (["text"], ["how_might_we"]):
        given = {needed[0]: given}
    if not isinstance(given, dict):
        problems.append(f"{where} is {_shown(given)}, and should be an object with {', '.join(needed) or 'names and values'}")
        return None
    problems += [f'{where}: "{name}" is not known here ({did_you_mean(name, known).rstrip(".")})' for name in given if name not in known]
    problems += [f'{where}: "{name}" is missing' for name in needed if name not in given]
    hints = get_type_hints(cls)
    before = len(problems)
    values = {
        name: _build(hints[name], value, name if where == "it" else f"{where}.{name}", problems)
        for name, value in given.items()
        if name in known
    }
    if len(problems) > before or not set(needed) <= values.keys():
        return None
    try:
        return cls(**({"id": ""} if "id" in known else {}) | values)
    except BadSetting as error:
        problems.append(str(error).rstrip("."))
        return None


def _best_fit(candidates: Sequence[Any], given: Any) -> Any:
    """Of several kinds of object, the one whose names fit best: a quote has other names than a measure."""
    names = given.keys() if isinstance(given, dict) else set()
    return max(candidates, key=lambda c: len(names & get_type_hints(c).keys()) if is_dataclass(c) else 0)


def _leaf(wanted: Any, given: Any, where: str, problems: list[str]) -> Any:
    try:
        return msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        is_choice = isinstance(wanted, type) and issubclass(wanted, Enum)
        accepted = "accepted: " + ", ".join(str(v) for v in wanted) if is_choice else str(error)
        problems.append(f"{where} is {_shown(given)} ({accepted})")
        return None


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING and field.name != "id"


def _default(field: Field[Any]) -> Any:
    if field.name == "id":
        return ""
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _shown(given: Any) -> str:
    text = json.dumps(given, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def sniff(path: Path, head: bytes) -> bool:
    """Whether JSON begins with personas or opportunities."""
    return bool(head_columns(path, head) & {"personas", "opportunities"})


FORMAT = Format("synthesis", "Personas and opportunities (JSON)", "synthesis", (".json",), sniff, read_synthesis)
