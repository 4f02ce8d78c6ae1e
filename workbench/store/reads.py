"""What this process has read: a report is made again when that has changed, and only then.

Whoever runs a report names a file in the variable :data:`VARIABLE`; every table and file that the notebook reads is added to it once.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

VARIABLE = "WORKBENCH_READS"

#: Installed software and the system's own files are told by versions, not by content.
_NOT_DATA = tuple(
    {os.path.realpath(p) + os.sep for p in (sys.prefix, sys.base_prefix, sys.exec_prefix, Path(__file__).parents[1])}
    | {f"{top}{os.sep}" for top in ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/bin", "/var", "/System", "/Library")}
)
_SETTINGS = frozenset({".ipython", ".jupyter", ".config", ".cache", ".local", ".matplotlib", ".fonts", "__pycache__"})

_noted: set[tuple[str, ...]] = set()
_written: set[str] = set()
_watching = False


def note_read(*what: str) -> None:
    """Remember ``("table", place, name)`` or ``("file", path)``."""
    if what in _noted:
        return
    _noted.add(what)
    if path := os.environ.get(VARIABLE):
        # One short write to the end of a file: whoever else adds to it, lines stay whole.
        line = f"{json.dumps(what)}\n".encode()
        out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(out, line)
        finally:
            os.close(out)


def tables_read(place: str) -> set[str]:
    """The tables of one study that this process has read so far."""
    return {name for kind, *rest in _noted if kind == "table" for where, name in [rest] if where == place}


def noted_in(path: Path) -> set[tuple[str, ...]]:
    """What a process, and those that it started, noted in a file."""
    if not path.exists():
        return set()
    return {tuple(json.loads(line)) for line in path.read_text("utf-8").splitlines()}


def watch_files() -> None:
    """Note every file that Python opens to read from now on; what libraries open by themselves (Arrow, DuckDB) it does not see."""
    global _watching
    _noted.clear()
    if not _watching:
        _watching = True
        sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    # The hook must not open, import or fail.
    if event != "open" or VARIABLE not in os.environ or not isinstance(arguments[0], str):
        return
    path, mode, flags = arguments
    where = _source(os.path.abspath(path))  # noqa: PTH100
    if not _reads(mode, flags):
        _written.add(where)
    elif where not in _written and _is_data(where):
        note_read("file", where)


def _reads(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return not set(mode) & set("wax+")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) == 0


def _is_data(path: str) -> bool:
    real = os.path.realpath(path)
    return os.path.isfile(real) and not real.startswith(_NOT_DATA) and _SETTINGS.isdisjoint(Path(real).parts)  # noqa: PTH113


def _source(path: str) -> str:
    """A module's source in place of what Python made of it."""
    return source_from_cache(path) if path.endswith(".pyc") and "__pycache__" in path else path


if VARIABLE in os.environ:
    watch_files()
