"""``reports/index.html``: every report of a study on one page, with what failed, what its measures did, and a search in all of them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.errors import BadFile, WorkbenchError
from workbench.files import write_whole
from workbench.model import moments
from workbench.reports.blocks import PAGE_FOLDER, environment
from workbench.reports.index.page_runs import Measure, PageRun, Room, page_measures, page_runs
from workbench.reports.index.search_index import search_index
from workbench.reports.index.sparkline import HEIGHT, WIDTH, sparkline
from workbench.reports.locks import page_lock
from workbench.reports.planned import PlannedReport, planned_reports
from workbench.reports.provenance import RunRecord, read_record
from workbench.reports.templates.template_list import list_templates
from workbench.store import load_runs
from workbench.study import Study

INDEX_FILE = "index.html"
#: By this a page of all reports is told from a page of somebody's own.
_MARK = '<meta name="generator" content="workbench: all reports">'
_OWN_FOLDER = PAGE_FOLDER / "all_reports"
_FORMATS = {".html": "HTML", ".pdf": "PDF", ".md": "Markdown"}
#: So many days can be chosen to see what was made since.
_MOST_DAYS = 8


@dataclass(frozen=True)
class File:
    """A page in one of its forms, for a link."""

    form: str
    href: str
    size: str


@dataclass(frozen=True)
class Entry:
    """One page of the list.

    ``called`` is its parameters in words, or the name of its report; ``record`` the run that made the page that is there, ``failed``
    the last run, where it failed; ``planned`` whether study.toml still asks for it.
    """

    name: str
    called: str
    report: str
    template: str
    values: tuple[tuple[str, str], ...]
    planned: bool
    record: RunRecord | None
    made: datetime | None
    files: tuple[File, ...]
    runs: tuple[PageRun, ...]
    has_earlier: bool
    measures: tuple[Measure, ...]
    n_more_measures: int

    @property
    def data_of(self) -> datetime | None:
        """When what it shows had been changed last, where its record says so."""
        return moments.read(self.record.data_of) if self.record else None

    @property
    def failed(self) -> PageRun | None:
        """The last run, where it failed."""
        return self.runs[0] if self.runs and self.runs[0].failed else None

    @property
    def href(self) -> str:
        """The address of its page, where there is one."""
        return self.files[0].href if self.files and self.files[0].form == "HTML" else ""


@dataclass(frozen=True)
class Group:
    """The pages of one template, or those that no report asks for any more."""

    id: str
    title: str
    note: str
    entries: tuple[Entry, ...]


def write_index(study: Study) -> Path:
    """Write the page of all reports; the same records give the same bytes, and a page that has them already stays as it lies.

    Raises
    ------
    BadFile
        A page of somebody's own is called ``index.html``, or what is called so cannot be read.
    BadSetting
        study.toml names a report that cannot be.
    FolderNotWritable, DiskFull
        The page from before is still there.
    """
    folder = study.folder / "reports"
    path = folder / INDEX_FILE
    with page_lock(folder, INDEX_FILE):
        before = _there(path)
        if before and _MARK.encode() not in before[:4000]:
            raise BadFile(path, "this is a page of your own, so the list of all reports was not written", "Give that page another name.")
        write_whole(path, index_page(study).encode("utf-8", "replace"))
    return path


def _there(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error


def index_problem(study: Study) -> str:
    """Write the page of all reports, and say why it was not written: the reports themselves are made in either case."""
    try:
        write_index(study)
    except WorkbenchError as error:
        return str(error)
    return ""


def index_page(study: Study) -> str:
    """The page of all reports, as HTML."""
    entries = _entries(study)
    groups = _groups(study, entries)
    listed = [e for g in groups for e in g.entries]
    fingerprints = {e.name: e.record.output_sha256 for e in listed if e.record and e.href}
    packed = search_index(study.folder / "reports", fingerprints)
    days = _days(listed)
    style, head, script = (
        path.read_text(encoding="utf-8") for path in (PAGE_FOLDER / "page.css", PAGE_FOLDER / "head.js", _OWN_FOLDER / "index.js")
    )
    return environment().get_template("all_reports/page.html.j2").render(
        title=study.settings.title, language=study.settings.language or "en", mark=_MARK, policy=_policy(head, script), head=head, script=script,
        css=style + (_OWN_FOLDER / "index.css").read_text(encoding="utf-8"), groups=groups, n_pages=len(fingerprints),
        failed=[e for e in listed if e.planned and e.failed], last=max((e.made for e in listed if e.made), default=None),
        searched=packed, place={name: n for n, name in enumerate(fingerprints)}, values=_values(listed), days=days,
        measured=any(e.measures for e in listed),
        since=lambda made: next((n for n, day in enumerate(days) if f"{made:%Y-%m-%d}" >= day[0]), len(days)) if made else len(days),
        value_number=_numbers(listed), sparkline=sparkline, width=WIDTH, height=HEIGHT,
    )  # fmt: skip


def _entries(study: Study) -> list[Entry]:
    """The pages that study.toml asks for, in its order, and then those that lie in the folder beside them."""
    folder = study.folder / "reports"
    planned = {p.name: p for p in planned_reports(study)}
    records = {p.with_suffix("").relative_to(folder).as_posix(): p for p in folder.rglob("*.json") if p.with_suffix(".html").is_file()}
    others = [name for name in sorted(records) if name not in planned and not Path(name).name.startswith(".")]
    names = [*planned, *others]
    room = Room.for_pages(len(names))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in load_runs(study.db, of_each=room.n_read):
        rows.setdefault(row["name"], []).append(row)
    found = [_entry(study, name, planned.get(name), room, rows.get(name, [])) for name in names]
    return [e for e in found if e.planned or e.record]


def _entry(study: Study, name: str, planned: PlannedReport | None, room: Room, rows: Sequence[Mapping[str, Any]]) -> Entry:
    page = study.folder / "reports" / f"{name}.html"
    record = read_record(page) if page.is_file() else None
    measures, n_more = page_measures(rows, room.n_measures)
    runs = page_runs(rows, study.folder)
    template = Path(planned.template).stem if planned else record.template if record else ""
    values = _in_words(planned.parameters if planned else record.parameters if record else {})
    report = planned.report if planned else ""
    return Entry(
        name=name, called=" · ".join(f"{what}: {value}" for what, value in values) or (report if report != template else "") or "The whole study",
        report=report if report != template else "", template=template, values=values, planned=planned is not None, record=record,
        made=moments.read(record.started) if record else None, files=tuple(_files(page, name)),
        runs=tuple(runs[: room.n_runs]), has_earlier=len(runs) > room.n_runs, measures=tuple(measures), n_more_measures=n_more,
    )  # fmt: skip


def _in_words(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """``("customer", "new")`` for ``segment="customer=new"``, ``("persona", "Nora")`` for ``persona="Nora"``."""
    found = []
    for name, value in parameters.items():
        if value in (None, "", []):
            continue
        words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        what, is_segment, which = words.partition("=") if name == "segment" else (name.replace("_", " "), "", "")
        found.append((what.strip(), which.strip()) if is_segment else (name.replace("_", " "), words))
    return tuple(found)


def _files(page: Path, name: str) -> Iterable[File]:
    for ending, form in _FORMATS.items():
        if (path := page.with_suffix(ending)).is_file():
            yield File(form, quote(f"{name}{ending}"), _size(path.stat().st_size))


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(n_bytes / 1e3, 1):.0f} KB"


def _groups(study: Study, entries: Sequence[Entry]) -> list[Group]:
    """By template, in the order of study.toml; what no report asks for stands last."""
    titles = {t.name: t.title for t in list_templates(study.folder, {e.template for e in entries})}
    asked = [e for e in entries if e.planned]
    found = [
        Group(f"g{n}", titles.get(name) or name, "", tuple(e for e in asked if e.template == name))
        for n, name in enumerate(dict.fromkeys(e.template for e in asked))
    ]
    rest = tuple(e for e in entries if not e.planned)
    note = "Made by hand, or for a report that study.toml no longer names. No batch makes them again; they show what was known then."
    return [*found, *([Group("rest", "In no [[report]] of study.toml", note, rest)] if rest else [])]


def _values(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """What the pages were made for: the values by parameter."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for what, value in entry.values:
            found.setdefault(what, {})[value] = None
    return {what: list(values) for what, values in found.items()}


def _numbers(entries: Sequence[Entry]) -> dict[tuple[str, str], int]:
    """A number for each value, by which the style finds its pages."""
    pairs = [(what, value) for what, values in _values(entries).items() for value in values]
    return {pair: n for n, pair in enumerate(pairs)}


def _days(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """The latest days on which a page was made last, newest first, for the machine and for the reader."""
    days = {f"{e.made:%Y-%m-%d}": f"{e.made:%-d %B %Y}" for e in entries if e.made}
    return sorted(days.items(), reverse=True)[:_MOST_DAYS]


def _policy(*scripts: str) -> str:
    """Only these scripts run, and nothing is fetched."""
    hashes = " ".join(f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
