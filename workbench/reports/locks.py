"""One report, one writer: two batches of the same study wait for each other's pages, and nothing stays when a process is killed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import cannot_write

LOCK_FILE = ".lock"

#: A place in the file for each report; no byte is ever written there.
_PLACES = 1 << 40


@contextmanager
def page_lock(folder: Path, name: str) -> Iterator[None]:
    """Hold the page ``name`` of a ``reports`` folder; waits while another process holds it, and is let go when this process ends.

    Raises
    ------
    FolderNotWritable
    """
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % _PLACES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise cannot_write(folder / LOCK_FILE, error) from error
    try:
        _lock(held, place)
        yield
    finally:
        os.close(held)  # which lets go


if os.name == "nt":
    import msvcrt

    def _lock(file: int, place: int) -> None:
        os.lseek(file, place % (1 << 31), os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
