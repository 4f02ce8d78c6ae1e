"""The runs of reports."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    names = ("id", "name", "template", "started", "result")
    op.create_table(
        "report_run", *(sa.Column(name, sa.Text, nullable=False) for name in names), sa.Column("record", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_run"),
    )  # fmt: skip
    op.create_index("ix_report_run_name", "report_run", ["name"])
