"""The tables of a study.  Ids are made by us and never used again; dates and times are ISO text in UTC; every row counts its changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

#: The newest migration.  A database that says so is opened without asking Alembic.
HEAD = "0002"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _entity(name: str, *columns: Column[Any] | UniqueConstraint) -> Table:
    return Table(name, metadata, Column("id", Text, primary_key=True), *columns, Column("version", Integer, nullable=False, default=1))


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, default="")


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


participant = _entity(
    "participant",
    Column("alias", Text, nullable=False, unique=True),
    _text("pseudonym"),
    _json("attributes"),
    Column("consent_quote", Boolean, nullable=False),
    Column("consent_share", Boolean, nullable=False),
    Column("consent_until", Text),
)

#: Real names and contact details, and nowhere else.  ``id`` is the participant's.
contact = _entity("contact", _text("name"), _text("email"), _text("phone"))

#: ``utterances`` is a list of ``[start, end, speaker, start_ms, end_ms, participant]``: an utterance has no life of its own.
transcript = _entity(
    "transcript",
    Column("name", Text, nullable=False, unique=True),
    _text("text"),
    _json("utterances"),
    _text("kind"),
    Column("participant", ForeignKey("participant.id")),
    Column("held", Text),
    _text("language"),
    Column("internal", Boolean, nullable=False),
    _text("source"),
    _text("media"),
    _json("attributes"),
)

code = _entity(
    "code",
    Column("name", Text, nullable=False),
    _text("kind"),
    Column("parent", ForeignKey("code.id")),
    _text("colour"),
    _text("definition"),
    _text("use"),
    _text("dont_use"),
    _text("example"),
    Column("valence", Integer),
    Column("retired", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
)

#: ``start`` and ``end`` are Unicode code points, ``end`` excluded.
coding = _entity(
    "coding",
    Column("transcript", ForeignKey("transcript.id"), nullable=False),
    Column("code", ForeignKey("code.id"), nullable=False),
    Column("coder", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    _text("text"),
    _text("memo"),
    Column("intensity", Integer),
    _text("created"),
    UniqueConstraint("transcript", "code", "coder", "start", "end"),
)
Index(None, coding.c.code)

memo = _entity("memo", _text("about"), _text("about_id"), _text("coder"), _text("text"), _text("created"))

response = _entity(
    "response",
    Column("survey", Text, nullable=False),
    Column("respondent", Text, nullable=False),
    Column("participant", ForeignKey("participant.id")),
    Column("answered", Text),
    _json("attributes"),
    _json("answers"),
    UniqueConstraint("survey", "respondent"),
)

source = _entity(
    "source",
    Column("sha256", Text, nullable=False),
    _text("name"),
    _text("kind"),
    _text("stored_as"),
    Column("size_bytes", Integer, nullable=False),
    _text("imported"),
    _text("by"),
    _json("options"),
    Column("n_rows", Integer, nullable=False),
    UniqueConstraint("sha256", "kind"),
)

#: Personas, empathy maps, journeys and opportunities, whole: ``body`` is the dataclass as JSON.
document = _entity("document", Column("kind", Text, nullable=False), Column("name", Text, nullable=False), _json("body"))
Index(None, document.c.kind)

#: The record of every change.  ``before`` and ``after`` are whole rows; a ``batch`` is what one action did in one transaction.
change = Table(
    "change",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("batch", Text, nullable=False, index=True),
    Column("undoes", Text),
    Column("redoes", Text),
    Column("entity", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Index(None, "entity", "entity_id"),
    Index(None, "who"),
)

#: One row for each run of a report: ``name`` is the page's, ``record`` the run record.
report_run = Table(
    "report_run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("template", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("result", Text, nullable=False),
    _json("record"),
)

ENTITIES = {t.name: t for t in (participant, contact, transcript, code, coding, memo, response, source, document)}
