"""The first tables: participants, transcripts, codebook, codings, answers, sources, documents, and the record of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False)


def upgrade() -> None:
    op.create_table(
        "participant", _id(), _text("alias"), _text("pseudonym"), sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("consent_quote", sa.Boolean, nullable=False), sa.Column("consent_share", sa.Boolean, nullable=False),
        sa.Column("consent_until", sa.Text), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_participant"), sa.UniqueConstraint("alias", name="uq_participant_alias"),
    )  # fmt: skip
    op.create_table(
        "contact", _id(), _text("name"), _text("email"), _text("phone"), _version(), sa.PrimaryKeyConstraint("id", name="pk_contact")
    )
    op.create_table(
        "transcript", _id(), _text("name"), _text("text"), sa.Column("utterances", sa.JSON, nullable=False), _text("kind"),
        sa.Column("participant", sa.Text), sa.Column("held", sa.Text), _text("language"), sa.Column("internal", sa.Boolean, nullable=False),
        _text("source"), _text("media"), sa.Column("attributes", sa.JSON, nullable=False), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_transcript"), sa.UniqueConstraint("name", name="uq_transcript_name"),
        sa.ForeignKeyConstraint(["participant"], ["participant.id"], name="fk_transcript_participant_participant"),
    )  # fmt: skip
    op.create_table(
        "code", _id(), _text("name"), _text("kind"), sa.Column("parent", sa.Text), _text("colour"), _text("definition"), _text("use"),
        _text("dont_use"), _text("example"), sa.Column("valence", sa.Integer), sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_code"), sa.ForeignKeyConstraint(["parent"], ["code.id"], name="fk_code_parent_code"),
    )  # fmt: skip
    op.create_table(
        "coding", _id(), sa.Column("transcript", sa.Text, nullable=False), sa.Column("code", sa.Text, nullable=False), _text("coder"),
        sa.Column("start", sa.Integer, nullable=False), sa.Column("end", sa.Integer, nullable=False), _text("text"), _text("memo"),
        sa.Column("intensity", sa.Integer), _text("created"), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_coding"),
        sa.ForeignKeyConstraint(["transcript"], ["transcript.id"], name="fk_coding_transcript_transcript"),
        sa.ForeignKeyConstraint(["code"], ["code.id"], name="fk_coding_code_code"),
        sa.UniqueConstraint("transcript", "code", "coder", "start", "end", name="uq_coding_transcript_code_coder_start_end"),
    )  # fmt: skip
    op.create_index("ix_coding_code", "coding", ["code"])
    op.create_table(
        "memo", _id(), _text("about"), _text("about_id"), _text("coder"), _text("text"), _text("created"), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_memo"),
    )  # fmt: skip
    op.create_table(
        "response", _id(), _text("survey"), _text("respondent"), sa.Column("participant", sa.Text), sa.Column("answered", sa.Text),
        sa.Column("attributes", sa.JSON, nullable=False), sa.Column("answers", sa.JSON, nullable=False), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_response"),
        sa.ForeignKeyConstraint(["participant"], ["participant.id"], name="fk_response_participant_participant"),
        sa.UniqueConstraint("survey", "respondent", name="uq_response_survey_respondent"),
    )  # fmt: skip
    op.create_table(
        "source", _id(), _text("sha256"), _text("name"), _text("kind"), _text("stored_as"), sa.Column("size_bytes", sa.Integer, nullable=False),
        _text("imported"), _text("by"), sa.Column("options", sa.JSON, nullable=False), sa.Column("n_rows", sa.Integer, nullable=False),
        _version(), sa.PrimaryKeyConstraint("id", name="pk_source"), sa.UniqueConstraint("sha256", "kind", name="uq_source_sha256_kind"),
    )  # fmt: skip
    op.create_table(
        "document", _id(), _text("kind"), _text("name"), sa.Column("body", sa.JSON, nullable=False), _version(),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )  # fmt: skip
    op.create_index("ix_document_kind", "document", ["kind"])
    op.create_table(
        "change", sa.Column("seq", sa.Integer, autoincrement=True, nullable=False), _text("at"), _text("who"), _text("action"),
        _text("batch"), sa.Column("undoes", sa.Text), sa.Column("redoes", sa.Text), _text("entity"), _text("entity_id"),
        sa.Column("before", sa.JSON), sa.Column("after", sa.JSON), sa.PrimaryKeyConstraint("seq", name="pk_change"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_change_batch", "change", ["batch"])
    op.create_index("ix_change_entity_entity_id", "change", ["entity", "entity_id"])
    op.create_index("ix_change_who", "change", ["who"])
