"""A study out of its folder: the codings as a table, or everything as JSON.  Aliases stand for people; names stay here."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pandas as pd

from workbench.errors import BadFile
from workbench.io.codings import write_codings
from workbench.io.tables import write_file
from workbench.study.handle import Study


def export_study(study: Study, path: str | Path) -> str:
    """Write what the extension asks for, all of it or nothing, and say what was written.

    Raises
    ------
    BadFile
        The extension is neither ``.csv`` nor ``.json``, or the path leads nowhere.
    FolderNotWritable, DiskFull
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".json"):
        raise BadFile(path, f'a study cannot be written as "{suffix or path.name}"', "Use .csv for the codings or .json for everything.")
    return _codings(study, path) if suffix == ".csv" else _everything(study, path)


def _codings(study: Study, path: Path) -> str:
    # An emotion without an intensity of its own goes out without one, and stays what its code says wherever it comes in.
    codings = study.codings
    codings["intensity"] = pd.array([c.intensity for c in study.load_codings()], dtype="Int64")
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
    write_file(path, msgspec.json.format(msgspec.json.encode(whole), indent=1).decode())
    return f"{path}: the whole study, {path.stat().st_size / 1000:,.0f} KB (aliases instead of names; the words are all in it)"
