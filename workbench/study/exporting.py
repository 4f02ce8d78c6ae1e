"""A study out of its folder: the codings as a table, or everything as JSON.  Aliases stand for people; names stay here."""

from __future__ import annotations

from pathlib import Path

import msgspec

from workbench.errors import FolderNotWritable, UnknownFormat
from workbench.io.codings import write_codings
from workbench.study.handle import Study

EXPORTS = (".csv", ".json")


def export_study(study: Study, path: Path) -> str:
    """Write what the extension asks for, and say what was written.

    Raises
    ------
    UnknownFormat, FolderNotWritable
    """
    suffix = path.suffix.lower()
    if suffix not in EXPORTS:
        raise UnknownFormat(path, EXPORTS)
    try:
        return _codings(study, path) if suffix == ".csv" else _everything(study, path)
    except OSError as error:
        raise FolderNotWritable(path, error.strerror or str(error)) from error


def _codings(study: Study, path: Path) -> str:
    codings = study.codings
    write_codings(codings, path)
    return f"{path}: {len(codings):,} codings"


def _everything(study: Study, path: Path) -> str:
    whole = {
        "workbench": 1,
        "title": study.settings.title,
        "participants": study.load_participants(),
        "transcripts": study.load_transcripts(),
        "codes": list(study.codebook),
        "codings": study.load_codings(),
        "responses": study.load_responses(),
        "personas": study.personas,
        "opportunities": study.opportunities,
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1))
    return f"{path}: the whole study, {path.stat().st_size / 1000:,.0f} KB (aliases instead of names; the words are all in it)"
