"""The folder for temporary files of a run, which says whose it is, so that nothing stays of a process that was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psutil

#: How our temporary folders begin; the process that made one follows.
_OURS = "wb-"


def own_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that is there as long as it is used."""
    return tempfile.TemporaryDirectory(prefix=f"{_OURS}{os.getpid()}-")


def sweep() -> None:
    """Remove what processes that were killed while they ran a report left in the folder for temporary files."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_OURS}*-*"):
        pid = folder.name.removeprefix(_OURS).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
