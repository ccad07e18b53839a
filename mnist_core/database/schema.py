"""The version of a database's tables, and the steps that bring them up to this program's.

The steps are in `migrations/versions`, and Alembic runs them. It is imported only when there is something to do.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mnist_core.errors import DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"

HEAD = "0001"
"""The last step. A test compares it with the files."""

KNOWN = ("0001",)
"""All steps, in their order."""


def version_of(connection: Connection) -> str | None:
    """The step up to which the tables are made. None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_up_to_date(connection: Connection, address: str) -> bool:
    """Whether the tables are this program's. Raises DatabaseError if a newer program has changed them."""
    version = version_of(connection)
    if version is not None and version not in KNOWN:
        raise DatabaseError(
            f"A newer version of Digit Duel has changed the database {address}: its tables have the version {version}, "
            f"and this program knows those up to {HEAD}. Install the newer version again, or use another database."
        )
    return version == HEAD


def bring_up_to_date(connection: Connection, address: str) -> None:
    """Run the steps that are missing, within the transaction of this connection."""
    if is_up_to_date(connection, address):  # another process has done it meanwhile
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
