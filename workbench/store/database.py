"""One study's database: opened, brought up to date, and written to in whole transactions.

SQLite is the default (write-ahead log, foreign keys on, ``synchronous=FULL``: what was committed survives a power cut);
any SQLAlchemy URL does, PostgreSQL being the one for teams.  Nothing here is for SQLite alone but the settings of its connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, IntegrityError, OperationalError

from workbench.errors import BadSetting, DiskFull, FolderNotWritable, MissingTool, StaleEdit, StoreDamaged, StudyBusy, WorkbenchError
from workbench.store.changes import Transaction
from workbench.store.reads import note_read
from workbench.store.schema import HEAD, change

BUSY_TIMEOUT_S = 5.0

Row = Mapping[str, Any]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Database:
    """A study's tables.

    Parameters
    ----------
    url : the file of an SQLite database, or an SQLAlchemy URL: ``postgresql+psycopg://…``, or ``sqlite://`` for one in memory
    clock : gives the time that change records carry
    busy_timeout_s : how long to wait for another process's write

    Raises
    ------
    StoreDamaged
        The file is not a database, or a newer workbench has written it.
    FolderNotWritable
        The folder does not let us write.
    BadSetting
        The URL cannot be read.
    MissingTool
        The driver that the URL asks for is not installed.
    """

    def __init__(self, url: str | Path, *, clock: Callable[[], datetime] = utc_now, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url, self.clock, self.busy_timeout_s = url, clock, busy_timeout_s
        self.engine = _engine(url, busy_timeout_s)
        try:
            with self._explained():
                self._bring_up_to_date()
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        """Where it is, for messages: the file of an SQLite database, else the URL without its password."""
        return (
            self.engine.url.database or "the study in memory" if self._is_sqlite else self.engine.url.render_as_string(hide_password=True)
        )

    @property
    def _is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def atomic(
        self, who: str, action: str, *, undoes: str | None = None, redoes: str | None = None, batch: str | None = None
    ) -> Iterator[Transaction]:
        """All of what is done inside, with its change records, or nothing.

        Parameters
        ----------
        who : the coder whose change this is
        action : what is done, as history shows it ("add coding")
        batch : the name of the action in the change record, when whoever asks has named it already (see :func:`was_done`)
        """
        with self.writing() as connection:
            yield Transaction(
                connection, who=who, action=action, at=self.clock().astimezone(UTC).isoformat(timespec="microseconds"),
                batch=batch or uuid4().hex, undoes=undoes, redoes=redoes,
            )  # fmt: skip

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection for what is in no record of changes; committed at the end, or not at all."""
        with self._explained(), self.engine.connect().execution_options(wb_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state throughout."""
        with self._explained(), self.engine.connect().execution_options(**self._one_state) as connection, connection.begin():
            yield connection

    @property
    def _one_state(self) -> dict[str, Any]:
        """SQLite reads one state in a transaction anyway; others must be asked to."""
        return {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}

    def rows(self, table: Table, *, as_of: datetime | None = None, where: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a table, now or as they were at a moment; ``where`` asks for columns to be equal to a value."""
        wanted = dict(where or {})
        if as_of is None or as_of > self.clock():  # the past does not change
            note_read("table", self.place, " ".join([table.name, *(str(v) for k, v in wanted.items() if k == "kind")]))
        with self.reading() as connection:
            if as_of is not None:
                return [r for r in _rows_as_of(connection, table, as_of) if all(r.get(k) == v for k, v in wanted.items())]
            query = select(table).where(*(table.c[k] == v for k, v in wanted.items()))
            return [dict(r) for r in connection.execute(query).mappings()]

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def _bring_up_to_date(self) -> None:
        with self.engine.connect() as connection:
            found = None
            if inspect(connection).has_table("alembic_version"):
                found = connection.execute(text("select version_num from alembic_version")).scalar()
            elif inspect(connection).has_table("change") or (self._is_sqlite and inspect(connection).get_table_names()):
                raise StoreDamaged(self.place, "this database was not made by workbench. Name another file, or move this one away")
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise StoreDamaged(
                self.place,
                f"a newer workbench has written this study (its tables are {found}, this one knows {HEAD}). Install the newer one",
            )
        _migrate(self.engine)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Driver errors as sentences."""
        try:
            yield
        except IntegrityError as error:
            raise StaleEdit("Something that this change rests on") from error
        except (OperationalError, DatabaseError) as error:
            raise _explain(error, self.place, self.busy_timeout_s) from error


def _engine(url: str | Path, busy_timeout_s: float) -> Engine:
    # A path is not made into a URL: a folder may be called "What now?" or "50% off".
    place = URL.create("sqlite", database=str(url)) if isinstance(url, Path) else url
    try:
        parsed = make_url(place)
        engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s} if parsed.get_backend_name() == "sqlite" else {})
    except ArgumentError as error:
        accepted = 'Write for example "postgresql+psycopg://user@host/name", or leave it out for a file in the study\'s folder.'
        raise BadSetting("study.toml, [store] url", f"it is not the address of a database ({error})", accepted) from None
    except ModuleNotFoundError as error:
        raise MissingTool(f"The driver {error.name} of this study's database", 'pip install "ux-workbench[postgres]"') from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling commits behind our back around DDL; SQLAlchemy's recipe is to take it over.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: two writers then wait for each other instead of failing halfway.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("wb_write") else "BEGIN")


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect().execution_options(wb_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _rows_as_of(connection: Connection, table: Table, moment: datetime) -> list[Row]:
    """Each row's last image up to a moment; rows that were deleted by then are not there."""
    until = moment.astimezone(UTC).isoformat(timespec="microseconds")
    last = (
        select(func.max(change.c.seq))
        .where(change.c.entity == table.name, change.c.at <= until)
        .group_by(change.c.entity_id)
    )  # fmt: skip
    images = connection.execute(select(change.c.after).where(change.c.seq.in_(last)).order_by(change.c.seq)).scalars()
    return [image for image in images if image is not None]


def _explain(error: DBAPIError, place: str, timeout_s: float) -> WorkbenchError:
    reason = str(error.orig).lower()
    if "locked" in reason or "busy" in reason:
        return StudyBusy(place, timeout_s)
    if "disk is full" in reason or "no space left" in reason or "disk i/o error" in reason:
        return DiskFull(place)
    if "readonly" in reason or "unable to open" in reason or "permission" in reason:
        return FolderNotWritable(place, str(error.orig))
    if "not a database" in reason or "malformed" in reason:
        return StoreDamaged(place, f"this is not a readable database ({error.orig}). Restore it from a backup; nothing was written")
    return StoreDamaged(place, f"the database refused ({error.orig})")
