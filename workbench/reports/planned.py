"""The reports that study.toml asks for: each ``[[report]]`` becomes one page, or one for each of several values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from workbench.errors import BadParameter, BadSetting, UnknownName, did_you_mean
from workbench.model import ReportFormat, ReportSetting
from workbench.reports.templates.parameters import check_parameters
from workbench.reports.templates.template_files import find_template, template_parameters
from workbench.study import Study

_NAMED = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^\w.=+-]+")


@dataclass(frozen=True)
class PlannedReport:
    """One page that is wanted.

    ``name`` is its file below ``reports/`` without the ending, and is nobody else's; ``report`` the name of its ``[[report]]``.
    """

    name: str
    report: str
    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formats: Sequence[ReportFormat] = (ReportFormat.HTML,)
    interactive: bool = False
    reads: Sequence[str] = ()
    time_limit_s: float | None = None
    memory_limit_mb: int | None = None

    def page(self, study: Study) -> Path:
        """Where its HTML is written."""
        return study.folder / "reports" / f"{self.name}.html"


def planned_reports(study: Study, names: Sequence[str] = ()) -> list[PlannedReport]:
    """Every page that study.toml asks for, in its order.

    Parameters
    ----------
    names : only these: names of a ``[[report]]``, or of a single page

    Raises
    ------
    BadSetting
        A template, a parameter, a value of ``for_each`` or an output name does not fit; before anything runs.
    UnknownName
        There is no report of that name.
    """
    settings = [s for s in study.settings.reports if (s.name or s.template) in names]
    if len(settings) < len(set(names)) or not names:  # a page is asked for, or all
        settings = list(study.settings.reports)
    every = [page for setting in settings for page in _pages(study, setting)]
    seen: dict[str, PlannedReport] = {}
    for page in every:
        if (other := seen.setdefault(page.name.casefold(), page)) is not page:
            found = f'the reports "{other.report}" and "{page.report}" would both be written to reports/{page.name}.html'
            raise BadSetting(str(study.folder / "study.toml"), found, 'Give each an output = "…" of its own.')
    known = {name for page in every for name in (page.report, page.name)}
    for name in names:
        if name not in known:
            raise UnknownName("report", name, known)
    return [page for page in every if not names or page.report in names or page.name in names]


def _pages(study: Study, setting: ReportSetting) -> list[PlannedReport]:
    name = setting.name or setting.template
    where = f'{study.folder / "study.toml"}, report "{name}"'
    check_reads(study.folder, setting.reads, f"{where}, reads")
    try:
        template = find_template(setting.template, study)
        known = {p.name: p for p in template_parameters(setting.template, study)}
        for given in setting.for_each:
            if given not in known:
                raise BadSetting(where, f'for_each names "{given}", which is no parameter of it', did_you_mean(given, known))
        chosen = [
            dict(zip(setting.for_each, values, strict=True))
            for values in product(*(_values(study, p, v, where) for p, v in setting.for_each.items()))
        ]
        return [
            PlannedReport(
                _file(setting, each, where), name, setting.template, check_parameters(known, {**setting.parameters, **each}, template.name),
                tuple(dict.fromkeys((ReportFormat.HTML, *setting.formats))), setting.interactive, tuple(setting.reads),
                setting.time_limit.total_seconds() if setting.time_limit else None, setting.memory_limit_mb,
            )
            for each in chosen
        ]  # fmt: skip
    except (UnknownName, BadParameter) as error:
        raise BadSetting(where, str(error).rstrip("."), "Correct it there.") from error


def _values(study: Study, parameter: str, given: Sequence[Any], where: str) -> list[Any]:
    """The values of one parameter: those that are written, and those that a word stands for."""
    found: list[Any] = []
    for value in given:
        if value == "*" and parameter in _EVERY:
            found += _EVERY[parameter](study)
        elif parameter == "segment" and isinstance(value, str) and "=" not in value:
            found += _segments(study, value, where)
        else:
            found.append(value)
    return [value for n, value in enumerate(found) if value not in found[:n]]  # a list among them has no hash


_EVERY = {
    "persona": lambda study: [p.name for p in study.personas],
    "participant": lambda study: sorted(p.alias for p in study.load_participants()),
    "journey": lambda study: [j.title or j.id for j in study.journeys],
}


def _segments(study: Study, attribute: str, where: str) -> list[str]:
    """``attribute=value`` for every value that a participant has."""
    people = study.load_participants()
    known = {name for p in people for name in p.attributes}
    if attribute not in known and people:
        raise BadSetting(where, f'for_each, segment: no participant has the attribute "{attribute}"', did_you_mean(attribute, known))
    return [f"{attribute}={value}" for value in sorted({p.attributes[attribute] for p in people if p.attributes.get(attribute)})]


def _file(setting: ReportSetting, each: Mapping[str, Any], where: str) -> str:
    """The name of the file, with the values that tell it from the others."""
    values = {**setting.parameters, **each}
    pattern = setting.output or "-".join([_plain(setting.name or setting.template), *(f"{{{name}}}" for name in each)])

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise BadSetting(where, f'output names "{{{match[1]}}}", which has no value', did_you_mean(match[1], values))
        return _plain(_in_words(values[match[1]]))

    name = _NAMED.sub(value, pattern.removesuffix(".html"))
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in name or "\0" in name:
        raise BadSetting(where, f'output "{name}" is not a name below reports/', "Write it like maps/{segment}.")
    return name


def _in_words(value: Any) -> str:
    return ", ".join(map(_in_words, value)) if isinstance(value, list) else str(value)


def _plain(value: str) -> str:
    return _UNSAFE.sub("-", value).replace("=", "-").strip("-.").lower() or "none"


def check_reads(folder: Path, reads: Sequence[str], where: str) -> None:
    """See to it that a report is said to read only files, there already or not: no change in a folder would be seen.

    Raises
    ------
    BadSetting
    """
    for name in reads:
        path, found = folder / name, ""
        if path.is_dir():
            found = "is a folder, and a change in it would not be seen"
        elif set("*?") & set(name) and not path.exists():
            found = "is no file, and what it could stand for is not looked up"
        if found:
            raise BadSetting(where, f'"{name}" {found}', 'Name each file: reads = ["datasets/prices.csv", "datasets/rates.csv"].')
