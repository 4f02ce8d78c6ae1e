"""What a report was made from: the run record, and fingerprints of everything that it read."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import msgspec

from workbench.study import Study

PACKAGES = ("pandas", "altair", "vl-convert-python", "papermill", "nbconvert", "duckdb", "numpy")


@dataclass(frozen=True)
class RunRecord:
    """One run of one report.

    ``inputs`` are SHA-256 fingerprints by name of input; ``started`` is UTC; ``result`` is ``ok`` or the error in one sentence.
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
    engine: str = "papermill"
    notes: tuple[str, ...] = field(default_factory=tuple)

    def as_json(self) -> str:
        """As it lies beside the page."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def fingerprints(study: Study) -> dict[str, str]:
    """SHA-256 of each kind of thing that a report can read, and one of them together under ``study``."""
    parts: dict[str, Any] = {
        "settings": study.settings,
        "participants": study.load_participants(),
        "transcripts": study.load_transcripts(),
        "codebook": list(study.codebook),
        "codings": [replace(c, version=1) for c in study.load_codings()],  # undone and redone is as it was
        "responses": study.load_responses(),
        "personas": study.personas,
        "opportunities": study.opportunities,
        "empathy maps": study.empathy_maps,
        "journeys": study.journeys,
        "events": sorted(s.sha256 for s in study.sources if s.kind == "events"),
    }
    hashes = {name: hashlib.sha256(msgspec.json.encode(part, order="sorted")).hexdigest() for name, part in parts.items()}
    return {"study": hashlib.sha256("".join(hashes.values()).encode()).hexdigest(), **hashes}


def provenance_facts(study: Study, *, now: datetime | None = None) -> dict[str, str]:
    """The facts that end a report: what it was made from, by what, and when (``now``, in UTC)."""
    prints = fingerprints(study)
    made = (now or datetime.now(UTC)).astimezone(UTC)
    return {
        "study": study.folder.resolve().name,
        "data": prints["study"][:12],
        "codebook": prints["codebook"][:8],
        "workbench": version("ux-workbench"),
        "made": f"{made:%Y-%m-%d %H:%M} UTC",
    }


def package_versions() -> dict[str, str]:
    """The versions that can change how a report looks."""
    return {"workbench": version("ux-workbench"), **{name: version(name) for name in PACKAGES}}


def python_version() -> str:
    """Python's, in full."""
    return platform.python_version()
