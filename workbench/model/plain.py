"""Model objects as JSON values and back, for the store and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from workbench.errors import BadSetting, did_you_mean

T = TypeVar("T")


def to_plain(value: Any, *, whole: bool = True) -> Any:
    """A model object as JSON values; with ``whole=False`` without what is as it would be anyway."""
    if is_dataclass(value):
        pairs = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: to_plain(v, whole=whole) for f, v in pairs if whole or v != _default(f) or is_needed(f)}
    if isinstance(value, Mapping):
        return {str(k): to_plain(v, whole=whole) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(v, whole=whole) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def from_plain(wanted: type[T], given: Any) -> T:
    """The model object that :func:`to_plain` wrote.

    Raises
    ------
    BadSetting
        Something is unknown, missing or of another type; every such place is named.
    """
    problems: list[str] = []
    made = build(wanted, given, "it", problems)
    if problems:
        raise BadSetting(wanted.__name__, "; ".join(problems), "It was not written by this version.")
    return made  # type: ignore[no-any-return]


def build(wanted: Any, given: Any, where: str, problems: list[str]) -> Any:
    """A value of the wanted type from JSON values; what is wrong with it is added to ``problems``."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _object(wanted, given, where, problems)
    arguments = get_args(wanted)
    if get_origin(wanted) in (Union, UnionType):
        if given is None and NoneType in arguments:
            return None
        return build(_best_fit([a for a in arguments if a is not NoneType], given), given, where, problems)
    if get_origin(wanted) is Sequence:
        items = given if isinstance(given, list) else [given]
        return tuple(build(arguments[0], item, f"{where}[{i}]", problems) for i, item in enumerate(items))
    if get_origin(wanted) is Mapping:
        if not isinstance(given, dict):
            problems.append(f"{where} is {given!r}, and should be an object")
            return {}
        return {str(k): build(arguments[1], v, f"{where}.{k}", problems) for k, v in given.items()}
    return _leaf(wanted, given, where, problems)


def is_needed(f: Field[Any]) -> bool:
    """Whether a field has no default; an id is given by whoever saves."""
    return f.name != "id" and f.default is MISSING and f.default_factory is MISSING


def _object(cls: type, given: Any, where: str, problems: list[str]) -> Any:
    known = {f.name: f for f in fields(cls)}
    needed = [f.name for f in known.values() if is_needed(f)]
    if isinstance(given, str) and needed in (["text"], ["how_might_we"]):
        given = {needed[0]: given}
    if not isinstance(given, dict):
        problems.append(f"{where} is {given!r}, and should be an object with {', '.join(needed) or 'names and values'}")
        return None
    before = len(problems)
    problems += [f'{where}: "{name}" is not known here ({did_you_mean(name, known).rstrip(".")})' for name in given if name not in known]
    problems += [f'{where}: "{name}" is missing' for name in needed if name not in given]
    hints = _hints(cls)
    inside = "" if where == "it" else f"{where}."
    values = {n: build(hints[n], value, f"{inside}{n}", problems) for n, value in given.items() if n in known}
    if len(problems) > before:
        return None
    try:
        return cls(**({"id": ""} if "id" in known else {}) | values)
    except BadSetting as error:
        problems.append(str(error).rstrip("."))
        return None


def _best_fit(candidates: Sequence[Any], given: Any) -> Any:
    """Of several kinds of object, the one whose names fit best: a quote has other names than a measure."""
    names = given.keys() if isinstance(given, dict) else set()
    return max(candidates, key=lambda c: len(names & {f.name for f in fields(c)}) if is_dataclass(c) else 0)


def _leaf(wanted: Any, given: Any, where: str, problems: list[str]) -> Any:
    accepted = {str: "text", int: "a whole number", float: "a number", bool: "true or false", date: "a day such as 2026-10-05"}
    try:
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            accepted[wanted] = f"one of {', '.join(str(e.value) for e in wanted)}"
            return wanted(given)
        if wanted in (date, datetime):
            return wanted.fromisoformat(given)
        if wanted is float and isinstance(given, int) and not isinstance(given, bool):
            return float(given)
        if isinstance(given, wanted) and not (wanted is not bool and isinstance(given, bool)):
            return given
    except (ValueError, TypeError):
        pass
    problems.append(f"{where} is {given!r}, and should be {accepted.get(wanted, getattr(wanted, '__name__', wanted))}")
    return None


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _default(f: Field[Any]) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default
