"""The first tables: the queue of trainings, promotions, the audit log, and what was taken over from files."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("run_name", sa.Text, nullable=False, server_default=""),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False, server_default=""),
        sa.Column("started_by", sa.Text, nullable=False, server_default=""),
        sa.Column("most_seconds", sa.Float),
        sa.Column("stop", sa.String(8), nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("trainer", sa.Integer),
        sa.Column("owner", sa.String(200), nullable=False, server_default=""),
        sa.Column("beat", sa.Integer, nullable=False, server_default="0"),
        sa.Column("snapshot", sa.Text, nullable=False, server_default=""),
        sa.Column("snapshot_position", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.UniqueConstraint("trainer", name="uq_jobs_trainer"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "job_events",
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.number"], name="fk_job_events_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "position", name="pk_job_events"),
    )
    op.create_table(
        "promotions",
        sa.Column("architecture", sa.String(100), nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("architecture", name="pk_promotions"),
    )
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "imports",
        sa.Column("name", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_imports"),
    )
