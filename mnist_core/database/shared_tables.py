"""The tables. A change here needs a new step in `migrations/versions`; a test compares the two.

A table of visitors' drawings, or of a class and its members, would be further tables beside these.
"""

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("run_name", Text, nullable=False, server_default="", doc="of a run that was renamed since"),
    Column("config", Text, nullable=False, doc="JSON"),
    Column("state", String(16), nullable=False),
    Column("message", Text, nullable=False, server_default=""),
    Column("started_by", Text, nullable=False, server_default=""),
    Column("most_seconds", Float),
    Column("stop", String(8), nullable=False, server_default="", doc="keep or discard, once somebody has asked"),
    Column("version", Integer, nullable=False, server_default="0", doc="counts the changes"),
    # The lease: who has the one trainer. The column is 1 there and null everywhere else, so no second one can be.
    Column("trainer", Integer),
    Column("owner", String(200), nullable=False, server_default=""),
    Column("beat", Integer, nullable=False, server_default="0", doc="goes up while the owner lives"),
    # What the training reported: a snapshot, and the events after it.
    Column("snapshot", Text, nullable=False, server_default="", doc="JSON"),
    Column("snapshot_position", Integer, nullable=False, server_default="0", doc="events within the snapshot"),
    UniqueConstraint("trainer"),
    sqlite_autoincrement=True,  # no number comes a second time
)

job_events = Table(
    "job_events",
    metadata,
    Column("job", Integer, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False, doc="JSON"),
)

promotions = Table(
    "promotions",
    metadata,
    Column("architecture", String(100), primary_key=True),
    Column("run", Text, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False, doc="ISO 8601, UTC"),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    sqlite_autoincrement=True,
)

imports = Table(
    "imports",
    metadata,
    Column("name", String(100), primary_key=True, doc="of what was taken over from the files of older versions"),
)
