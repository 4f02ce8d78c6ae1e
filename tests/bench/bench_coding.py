"""Coding from Python: what a researcher waits for when a code is put on a passage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

from tests.bench.figures import Figure, in_ms, times
from workbench.model import Code, Coding, Transcript
from workbench.store import Database, add_coding, load_codings, save_codes, save_codings, save_transcripts

N_SAVED = 300
N_LISTED = 20
TEXT = "The slot was gone before I had paid. " * 1_700  # about 60 KB
TRANSCRIPT = Transcript("t1", "P01", TEXT)
CODE = Code("c1", "Slot expires")


def figures() -> Iterator[Figure]:
    """One coding committed in a study that holds 1,000, and 10,000 codings listed."""
    with TemporaryDirectory() as folder:
        yield from _saved(Path(folder))
    with TemporaryDirectory() as folder:
        yield _listed(Path(folder))


def _saved(folder: Path) -> list[Figure]:
    db = _study(folder, n_codings=1_000)
    floor = _bare_sqlite(folder)
    ours, bare = [], []
    # In turns, so that a slow moment of the disk meets both.
    for i in range(N_SAVED):
        ours += times(lambda _, at=2 * i: add_coding(db, TRANSCRIPT, CODE, at, at + 30, coder="ana"), 1)
        bare += times(lambda _: _insert_two(floor), 1)
    assert len(load_codings(db, coder="ana")) == N_SAVED
    floor.close()
    db.close()
    return in_ms("coding.saved_1000", ours, limit=5, peer=("bare SQLite", bare))


def _listed(folder: Path) -> Figure:
    db = _study(folder, n_codings=10_000)
    taken = times(lambda _: load_codings(db), N_LISTED)
    db.close()
    return Figure("coding.listed_10000_median", median(taken), "s", N_LISTED, limit=0.1)


def _study(folder: Path, n_codings: int) -> Database:
    db = Database(f"sqlite:///{folder / 'study.db'}")
    with db.atomic("ben", "first things") as transaction:
        save_transcripts(transaction, [TRANSCRIPT])
        save_codes(transaction, [CODE])
        save_codings(transaction, [_coding(i) for i in range(n_codings)])
    return db


def _coding(i: int) -> Coding:
    start = 5 * i
    return Coding(uuid4().hex, TRANSCRIPT.id, CODE.id, "ben", start, start + 40, TEXT[start : start + 40])


def _bare_sqlite(folder: Path) -> sqlite3.Connection:
    """A database with the settings of a study's and nothing around it."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE row (id TEXT PRIMARY KEY, words TEXT)")
    return bare


def _insert_two(bare: sqlite3.Connection) -> None:
    bare.execute("BEGIN IMMEDIATE")
    bare.executemany("INSERT INTO row VALUES (?, ?)", [(uuid4().hex, TEXT[:40]), (uuid4().hex, TEXT[:200])])
    bare.execute("COMMIT")
