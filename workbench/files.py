"""Files that are whole: what was there before stays until the new file is finished beside it, and nothing half-written is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from workbench.errors import cannot_write


def write_whole(path: Path, content: bytes | Path, *, flush: bool = False) -> None:
    """Write one file, all of it or nothing.

    Parameters
    ----------
    content : what it is to hold, or the file of which it becomes a copy
    flush : come back only when it is on the disk, so that it outlasts a power cut

    Raises
    ------
    FolderNotWritable, DiskFull, BadFile
    """
    write_together({path: content}, flush=flush)


def write_together(contents: Mapping[Path, bytes | Path], *, flush: bool = False) -> None:
    """Write several files, or none of them: each is finished before the first takes its place.

    One that holds already what it is to hold stays as it is, with its time, so that nobody copies or uploads it again.

    Raises
    ------
    FolderNotWritable, DiskFull, BadFile
    """
    unfinished = {path: path.with_name(f"{path.name}.part") for path, content in contents.items() if not _holds(path, content)}
    try:
        for path, part in unfinished.items():
            _fill(part, contents[path], flush)
        for path, part in unfinished.items():
            part.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        for part in unfinished.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _holds(path: Path, content: bytes | Path) -> bool:
    try:
        return isinstance(content, bytes) and path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _fill(part: Path, content: bytes | Path, flush: bool) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, part)
    else:
        part.write_bytes(content)
    if flush:
        with part.open("r+b") as file:
            os.fsync(file.fileno())
