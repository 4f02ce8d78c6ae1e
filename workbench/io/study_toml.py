"""study.toml: read with every mistake named, and the first one of a new study written."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from workbench.errors import BadFile, BadSetting, did_you_mean
from workbench.model import (
    EventMapping,
    InterviewSetting,
    MeasureSetting,
    NotifySetting,
    ReportSetting,
    ScheduleSetting,
    SourceKind,
    StageSetting,
    StageWork,
    StudySettings,
    SurveyMapping,
    TeamMember,
)
from workbench.model.durations import parse_duration

T = TypeVar("T")

#: What study.toml calls a field when that reads better than the field's own name.
_WRITTEN_AS = {"from_event": "from", "to_event": "to", "whom": "for"}
_ALSO = {"question": "questions", "format": "formats"}

_TABLES: dict[str, type] = {
    "team": TeamMember,
    "stage": StageSetting,
    "survey": SurveyMapping,
    "measure": MeasureSetting,
    "interview": InterviewSetting,
    "report": ReportSetting,
    "schedule": ScheduleSetting,
    "notify": NotifySetting,
}

#: Lists that are called in StudySettings as they are in study.toml.
_AS_WRITTEN = {"team", "notify"}


def read_settings(path: Path) -> StudySettings:
    """What a study.toml says.

    Raises
    ------
    BadFile
        The file is not TOML.
    BadSetting
        A name is unknown or misspelt, a value has the wrong type, or two parts contradict each other.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(path, f"it is not valid TOML ({error})", "Mend that line; strings need quotes.") from None
    except UnicodeDecodeError:
        raise BadFile(path, "it is not UTF-8 text", "Save it as UTF-8.") from None
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error
    return parse_settings(given, str(path))


def parse_settings(given: Mapping[str, Any], where: str = "study.toml") -> StudySettings:
    """Settings from parsed TOML.

    Raises
    ------
    BadSetting
    """
    accepted = {"study", "events", "store", *_TABLES}
    for name in given:
        if name not in accepted:
            raise BadSetting(where, f"[{name}] is not a part of it", did_you_mean(name, accepted))
    study = _table(given.get("study", {}), f"{where}, [study]")
    store = _table(given.get("store", {}), f"{where}, [store]")
    _only({"url"}, store, f"{where}, [store]")
    lists: dict[str, Any] = {
        name if name in _AS_WRITTEN else f"{name}s": tuple(
            _build(cls, t, f"{where}, [[{name}]] {_called(t, i)}") for i, t in enumerate(_tables(given, name, where), 1)
        )
        for name, cls in _TABLES.items()
    }
    own = {f.name for f in fields(StudySettings)} - {*lists, "events", "store_url"} | {"team"}
    if "team" in study and lists.pop("team"):
        raise BadSetting(where, "the team stands under [study] and under [[team]]", "Keep one of them.")
    _only(own, study, f"{where}, [study]")
    events = _build(EventMapping, _table(given.get("events", {}), f"{where}, [events]"), f"{where}, [events]")
    settings: StudySettings = _build(StudySettings, study, f"{where}, [study]", events=events, store_url=str(store.get("url", "")), **lists)
    _check(settings, where)
    return settings


def _build(cls: type[T], given: Mapping[str, Any], where: str, **ready: Any) -> T:
    """A dataclass from a TOML table, its names and types checked."""
    hints = get_type_hints(cls)
    accepted = {_WRITTEN_AS.get(f.name, f.name): f.name for f in fields(cls)}  # type: ignore[arg-type]
    accepted.update({also: name for also, name in _ALSO.items() if name in accepted and also not in accepted})
    values: dict[str, Any] = dict(ready)
    for key, value in given.items():
        name = accepted.get(key)
        if name is None:
            raise BadSetting(where, f'"{key}" is not a setting here', did_you_mean(key, accepted))
        values[name] = _value(value, hints[name], f'{where}, "{key}"')
    for f in fields(cls):  # type: ignore[arg-type]
        if f.name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise BadSetting(where, f'"{f.name}" is missing', "Add it.")
    return cls(**values)


def _value(value: Any, wanted: Any, where: str) -> Any:
    """A TOML value as a field wants it."""
    if get_origin(wanted) in (Union, UnionType):
        return _value(value, next(a for a in get_args(wanted) if a is not type(None)), where)
    origin = get_origin(wanted)
    if origin is Sequence:
        (inner,) = get_args(wanted)
        items = value if isinstance(value, list) else [value]
        return tuple(_item(v, inner, where) for v in items)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise BadSetting(where, f"{value!r} is not a table", 'Write { name = "value" }.')
        inner = get_args(wanted)[1]
        return {str(k): str(v) if inner is str else _value(v, inner, where) for k, v in value.items()}
    return _item(value, wanted, where)


def _item(value: Any, wanted: Any, where: str) -> Any:
    if wanted is Any:
        return value
    if wanted in (StageWork, TeamMember):
        return _build(wanted, _table(value, where), where)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        if value not in set(wanted):
            raise BadSetting(where, f"{value!r} is not one of its values", did_you_mean(str(value), list(wanted)))
        return wanted(value)
    if wanted is datetime or wanted is date:
        return _moment(value, wanted, where)
    if getattr(wanted, "__name__", "") == "timedelta":
        return parse_duration(value, where)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, wanted):
        names = {str: "text in quotes", float: "a number", bool: "true or false", int: "a whole number"}
        raise BadSetting(where, f"{value!r} is not {names.get(wanted, wanted.__name__)}", "Correct the value.")
    return value


def _moment(value: Any, wanted: type, where: str) -> date | datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, date):
        raise BadSetting(where, f"{value!r} is not a date", "Write 2026-10-05 without quotes.")
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if wanted is datetime else value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadSetting(where, f"{value!r} is not a table", "Write its settings below a heading in brackets.")
    return value


def _tables(given: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    value = given.get(name, [])
    if not isinstance(value, list):
        raise BadSetting(where, f"[{name}] stands in single brackets", f"Write [[{name}]], once for each.")
    return [_table(v, f"{where}, [[{name}]]") for v in value]


def _called(table: Mapping[str, Any], number: int) -> str:
    name = table.get("name") or table.get("id") or table.get("file") or table.get("template")
    return f'number {number} ("{name}")' if name else f"number {number}"


def _only(accepted: set[str], table: Mapping[str, Any], where: str) -> None:
    for key in table:
        if key not in accepted:
            raise BadSetting(where, f'"{key}" is not a setting here', did_you_mean(key, accepted))


def _check(settings: StudySettings, where: str) -> None:
    """What one table says of another."""
    stages = [s.id for s in settings.stages]
    surveys = [s.id for s in settings.surveys]
    team, measures = [m.name for m in settings.team], [m.name for m in settings.measures]
    for kind, ids in (("team", team), ("stage", stages), ("survey", surveys), ("measure", measures)):
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise BadSetting(where, f'two of [[{kind}]] are called "{twice[0]}"', "Give each a name of its own.")
    for id in stages:
        if not id.strip() or set(id) & set("/>@"):
            raise BadSetting(
                f'{where}, stage "{id}"', "an id needs a letter and no / > @", "Write it like check_out; its name may hold anything."
            )
    for m in settings.measures:
        place = f'{where}, measure "{m.name}"'
        if m.stage and m.stage not in stages:
            raise BadSetting(place, f'there is no stage "{m.stage}"', did_you_mean(m.stage, stages))
        if m.survey and m.survey not in [*surveys, "tickets"]:
            raise BadSetting(place, f'there is no survey "{m.survey}"', did_you_mean(m.survey, [*surveys, "tickets"]))
        if m.kind == "conversion" and not (m.from_event and m.to_event):
            raise BadSetting(place, "a conversion needs two events", 'Add from = "…" and to = "…".')
        if m.kind != "conversion" and not (m.survey and m.questions):
            raise BadSetting(place, f"kind {m.kind} needs a survey and a question", 'Add survey = "…" and question = "…".')
    _check_reports(settings, where)
    for i in settings.interviews:
        if i.kind not in set(SourceKind):
            raise BadSetting(f'{where}, interview "{i.file}"', f'there is no kind "{i.kind}"', did_you_mean(i.kind, list(SourceKind)))


def _check_reports(settings: StudySettings, where: str) -> None:
    names = [r.name or r.template for r in settings.reports]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise BadSetting(where, f'two of [[report]] are called "{twice[0]}"', 'Give each a name = "…" of its own.')
    called = [s.name for s in settings.schedules]
    if twice := sorted({n for n in called if called.count(n) > 1}):
        raise BadSetting(where, f'two of [[schedule]] are called "{twice[0]}"', 'Give each a name = "…" of its own.')
    for s in settings.schedules:
        for name in s.reports:
            if name not in names:
                raise BadSetting(f'{where}, schedule "{s.name}"', f'there is no report "{name}"', did_you_mean(name, names))


def write_new_settings(path: Path, title: str, stages: Sequence[str] = ()) -> None:
    """The study.toml of a new study, with an example of everything in it as a comment; ``stages`` are the names to begin with."""
    path.write_text(new_settings_text(title, [f'id = "{_id(s)}"\nname = "{s}"' for s in stages]), encoding="utf-8")


def new_settings_text(title: str, stages: Sequence[str] = (), note: str = "", measures: str = "") -> str:
    """The text of such a study.toml.

    Parameters
    ----------
    stages : what stands below each ``[[stage]]``, in place of those of the example
    note : comments above the stages
    measures : comments below those about measures
    """
    quoted = json.dumps(title, ensure_ascii=False).replace("\x7f", "\\u007f")  # else a JSON string is a TOML one
    example = Path(__file__).with_name("new_study.toml").read_text(encoding="utf-8")
    if stages:
        begin, end = example.index('[[stage]]\nid = "consider"'), example.index("# What an interview file")
        rest = "".join(f"[[stage]]\n{s}\n\n" for s in stages[1:])
        example = example[:begin] + rest + example[end:]
        example = example.replace('id = "aware"\nname = "Become aware"', stages[0], 1)
        if "description =" in stages[0]:
            example = example.replace('# description = "Hears about it"\n', "", 1)
    for before, text in (("# The stages of the journey", note), ("# Where the study is kept", measures)):
        example = example.replace(before, text + before, 1)
    return example.replace('"{title}"', quoted, 1)


def _id(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.lower())
