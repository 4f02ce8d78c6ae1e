"""The sample study: an invented grocery delivery service, see ``datasets/grocery``."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from workbench.resources import resource
from workbench.study.handle import SETTINGS_FILE, Study, make_folder, open_study
from workbench.study.importing import Imported, import_files

#: What the demo imports, in the folder of the sample.
FILES = (
    "participants.csv", "interviews/*", "survey.csv", "usability.csv", "tickets.csv", "events.parquet", "codebook.csv", "codings.csv",
    "synthesis.json",
)  # fmt: skip


def make_sample_study(folder: Path, *, again: bool = False) -> tuple[Study, list[Imported]]:
    """Make the sample study in a new or empty folder, or bring an earlier one up to date.

    Parameters
    ----------
    again : move what is there aside (nothing is deleted) and begin anew
    """
    if again and folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    sample = resource("datasets") / "grocery"
    if not _is_sample(folder, sample):
        make_folder(folder, lambda path: shutil.copyfile(sample / SETTINGS_FILE, path))
    study = open_study(folder)
    paths = [path for pattern in FILES for path in sorted(sample.glob(pattern))]
    return study, import_files(study, paths)


def _is_sample(folder: Path, sample: Path) -> bool:
    """Whether an earlier demo is there, so that running it twice is no mistake."""
    settings = folder / SETTINGS_FILE
    return settings.is_file() and settings.read_bytes() == (sample / SETTINGS_FILE).read_bytes()
