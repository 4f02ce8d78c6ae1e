"""One report, one writer: two batches of the same study wait for each other's pages, and nothing stays when a process is killed."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import NoLocks, cannot_write

LOCK_FILE = ".lock"

#: A place in the file for each report; no byte is ever written there.
_PLACES = 1 << 40


@contextmanager
def page_lock(folder: Path, name: str) -> Iterator[None]:
    """Hold the page ``name`` of a ``reports`` folder; waits while another process holds it, and is let go when this process ends.

    A process holds one page at a time: a system lets go of all that a process holds in a file when it closes it once.

    Raises
    ------
    FolderNotWritable
    NoLocks
        The file system, such as some network folders, gives none.
    """
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % _PLACES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise cannot_write(folder / LOCK_FILE, error) from error
    try:
        try:
            _lock(held, place)
        except OSError as error:
            raise NoLocks(folder / LOCK_FILE, error.strerror or str(error)) from error
        yield
    finally:
        os.close(held)  # which lets go


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, place: int) -> None:
        os.lseek(file, place % (1 << 31), os.SEEK_SET)
        while True:
            try:
                msvcrt.locking(file, msvcrt.LK_LOCK, 1)
                return
            except OSError as error:
                if error.errno != errno.EDEADLOCK:  # which says that somebody has held it for ten seconds
                    raise

else:
    import fcntl

    def _lock(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
