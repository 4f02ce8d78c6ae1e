"""What a report was made from: the run record, and fingerprints of everything that it read."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from workbench.model import moments
from workbench.store import load_done, load_memos, newest_seq
from workbench.store.reads import tables_read
from workbench.study import Study

PACKAGES = ("pandas", "altair", "vl-convert-python", "papermill", "nbconvert", "duckdb", "numpy")


@dataclass(frozen=True)
class RunRecord:
    """One run of one report.

    ``inputs`` are SHA-256 fingerprints by name of input, ``files`` those of the files that it read (by path, below the study's folder
    where they are) with size and time; ``seq`` is the number of the study's last change when it began.  ``started`` is UTC;
    ``memory_mb`` the most that its process took, where it could be told; ``engine`` says how its cells were run.
    ``data_of`` is when the study had been changed last (UTC), ``shown`` what the page shows, and ``before`` these two of the last page
    that was made of other data: what is new on this page is told against that.  ``result`` is ``ok`` or the error in one sentence.
    """

    template: str
    template_sha256: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    packages: Mapping[str, str]
    python: str
    started: str
    duration_s: float
    result: str
    output: str = ""
    output_sha256: str = ""
    engine: str = ""
    interactive: bool = False
    formats: tuple[str, ...] = ()
    memory_mb: float | None = None
    seq: int = 0
    tables: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data_of: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default_factory=tuple)

    def as_json(self) -> str:
        """As it lies beside the page."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


class _Before(TypedDict):
    """What a record keeps of the page before."""

    data_of: str
    shown: Mapping[str, Any]


def kept(record: RunRecord) -> dict[str, Any]:
    """A record as the store keeps it: of what was shown only the measures, which are followed from run to run."""
    return {**asdict(record), "before": {}, "shown": {"measures": record.shown.get("measures", [])}}


def read_record(page: Path) -> RunRecord | None:
    """The record beside a page; ``None`` where there is none, or it is damaged."""
    try:
        # json, because a number in it may be none (NaN), which msgspec refuses to read.
        record = msgspec.convert(json.loads(page.with_suffix(".json").read_text("utf-8")), RunRecord)
        told = [record.started, record.data_of]
        if record.before:
            told.append(msgspec.convert(record.before, _Before)["data_of"])
    except (OSError, ValueError, RecursionError):
        return None
    # Of a study in which nothing was done yet there is no moment.
    return record if record.started and all(moments.read(text) for text in told if text) else None


#: What a report can read of a study, by the table of the store that it lies in.
_PARTS: Mapping[str, tuple[str, Callable[[Study], Any]]] = {
    "participant": ("participants", lambda s: [s.load_participants(), _ended(s)]),
    "transcript": ("transcripts", lambda s: s.load_transcripts()),
    "code": ("codebook", lambda s: list(s.codebook)),
    "coding": ("codings", lambda s: [replace(c, version=1) for c in s.load_codings()]),  # undone and redone is as it was
    "memo": ("memos", lambda s: [[replace(m, version=1) for m in load_memos(s.db, as_of=s.as_of)], load_done(s.db, as_of=s.as_of)]),
    "response": ("responses", lambda s: s.load_responses()),
    "document persona": ("personas", lambda s: s.personas),
    "document opportunity": ("opportunities", lambda s: s.opportunities),
    "document empathy map": ("empathy maps", lambda s: s.empathy_maps),
    "document journey": ("journeys", lambda s: s.journeys),
    "source events": ("events", lambda s: sorted(x.sha256 for x in s.event_sources)),
    "source": ("sources", lambda s: s.sources),
    "change": ("history", lambda s: [newest_seq(s.db), s.as_of]),
}

#: What is read of the record of changes, or in a way that has no name here, is taken to depend on all of it.
_ANYTHING = "change"


def fingerprints(study: Study, tables: Iterable[str] | None = None) -> dict[str, str]:
    """SHA-256 of each kind of thing that a report can read, and one of them together under ``study``.

    Parameters
    ----------
    tables : only what lies in these tables of the store, as :func:`~workbench.store.reads.tables_read` names them
    """
    wanted = {t if t in _PARTS else _ANYTHING for t in tables} if tables is not None else {*_PARTS} - {_ANYTHING}
    # Which reports there are, and when, is not in any of them.
    known = _known((study.db.place, study.as_of, newest_seq(study.db), date.today()))  # noqa: DTZ011
    for table, (name, load) in _PARTS.items():
        if table in wanted and name not in known:
            known[name] = _sha256(load(study))
    hashes = {"settings": _sha256(replace(study.settings, reports=(), schedules=(), notify=()))}
    hashes |= {name: known[name] for table, (name, _) in _PARTS.items() if table in wanted}
    return {"study": hashlib.sha256("".join(hashes.values()).encode()).hexdigest(), **hashes}


@lru_cache(maxsize=4)
def _known(_state: tuple[Any, ...]) -> dict[str, str]:
    """The fingerprints that were made of one state of a study; every report of a batch asks for them."""
    return {}


def _sha256(thing: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(thing, order="sorted")).hexdigest()


def _ended(study: Study) -> list[str]:
    """Whose consent has ended by today."""
    today = date.today()  # noqa: DTZ011 - consent ends with a day of the calendar on the wall
    return [p.alias for p in study.load_participants() if p.consent.is_over(today)]


def provenance_facts(study: Study) -> dict[str, str]:
    """The facts that end a report: what was read of the study until now, when that was changed last, and by what it was made.

    When it was made is in the run record: the same data give the same page on every day.
    """
    prints = fingerprints(study, tables_read(study.db.place))
    changed = study.last_changed
    return {
        "study": study.folder.resolve().name,
        "data": prints["study"][:12],
        **({"codebook": prints["codebook"][:8]} if "codebook" in prints else {}),
        "data of": moments.to_the_minute(changed) if changed else "nothing yet",
        "workbench": version("ux-workbench"),
    }


@cache
def package_versions() -> dict[str, str]:
    """The versions that can change how a report looks."""
    return {"workbench": version("ux-workbench"), **{name: version(name) for name in PACKAGES}}


def file_facts(path: Path) -> dict[str, Any]:
    """Size, time and SHA-256 of a file; nothing of one that is not there."""
    try:
        about = path.stat()
        with path.open("rb") as file:
            return {"size": about.st_size, "mtime_ns": about.st_mtime_ns, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError:
        return {}


def python_version() -> str:
    """Python's, in full."""
    return platform.python_version()
