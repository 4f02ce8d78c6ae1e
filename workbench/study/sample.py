"""The sample study: an invented grocery delivery service, see ``datasets/grocery``."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from workbench.errors import FolderNotEmpty, WorkbenchError, cannot_write
from workbench.resources import resource
from workbench.study.handle import SETTINGS_FILE, Study, make_folder, open_study
from workbench.study.importing import Imported, import_files

#: What the demo imports, in the folder of the sample.
FILES = (
    "participants.csv", "interviews/*", "survey.csv", "usability.csv", "tickets.csv", "events.parquet", "codebook.csv", "codings.csv",
    "synthesis.json",
)  # fmt: skip


def make_sample_study(folder: str | Path, *, again: bool = False) -> tuple[Study, list[Imported]]:
    """Make the sample study in a new or empty folder, or bring an earlier one up to date.

    Parameters
    ----------
    again : move the study that is there aside (nothing is deleted) and begin anew

    Raises
    ------
    StudyExists
        Another study is there.
    FolderNotEmpty, FolderNotWritable
    """
    folder = Path(folder)
    if again:
        move_aside(folder)
    sample = resource("datasets") / "grocery"
    if not _is_sample(folder, sample):
        make_folder(folder, lambda path: shutil.copyfile(sample / SETTINGS_FILE, path))
    study = open_study(folder)
    paths = [path for pattern in FILES for path in sorted(sample.glob(pattern))]
    return study, import_files(study, paths)


def move_aside(folder: Path) -> Path | None:
    """Give a study's folder another name, and say which; a folder that holds anything else is left alone.

    Raises
    ------
    FolderNotEmpty, FolderNotWritable
    """
    here = folder.resolve()
    try:
        if not here.is_dir() or not any(here.iterdir()):
            return None
        if not (here / SETTINGS_FILE).is_file():
            raise FolderNotEmpty(folder)
        stem = f"{here.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        names = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
        return here.rename(next(place for name in names if not (place := here.with_name(name)).exists()))
    except WorkbenchError:
        raise
    except OSError as error:
        raise cannot_write(folder, error) from error


def _is_sample(folder: Path, sample: Path) -> bool:
    """Whether an earlier demo is there, so that running it twice is no mistake."""
    settings = folder / SETTINGS_FILE
    return settings.is_file() and settings.read_bytes() == (sample / SETTINGS_FILE).read_bytes()
