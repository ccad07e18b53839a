"""A database, SQLite or PostgreSQL, with the same promises on both.

    >>> with open_database(folder).writing() as connection:     # doctest: +SKIP
    ...     connection.execute(insert(promotions), {"architecture": "mlp", "run": "mine"})

Transactions that write run one after the other, in all processes. So whatever one of them reads stays true until its
end: two who look for a free name, or for room within a quota, never both find it.
"""

import errno
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from mnist_core.database.location import VARIABLE, Location
from mnist_core.database.read_only_file import can_only_be_read, connect_to_read
from mnist_core.database.schema import bring_up_to_date, is_up_to_date
from mnist_core.database.shared_tables import imports
from mnist_core.errors import DatabaseError, ReadOnlyError

SECONDS_TO_WAIT = 15
"""For other transactions, at most."""

SECONDS_TO_CONNECT = 5

WRITER_LOCK = 4_711_028_028
"""The number of PostgreSQL's lock that a writing transaction holds until its end. SQLite has one of its own."""

Import = Callable[[Connection], None]


class Database:
    """Connections to one database. Its methods may be called from any thread. All raise DatabaseError.

    What would write to a file that this user may only read raises ReadOnlyError.
    """

    def __init__(self, location: Location) -> None:
        """Nothing is read or written before the first connection. Then the tables are brought up to date."""
        self._location = location
        self._lock = Lock()
        self._is_checked = False
        self._imported: set[str] = set()
        with self._errors():
            self._engine = _engine(location)

    @property
    def is_read_only(self) -> bool:
        """Whether it is a file that this user may only read at this moment."""
        return self._location.path is not None and can_only_be_read(self._location.path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database, and writes nothing."""
        self._check()
        with self._errors(), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # by default, each statement would see a newer state
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it counts at the end of the block, or nothing of it if the block raises."""
        if self.is_read_only:
            raise ReadOnlyError(
                f"The database {self._location.address} can only be read by this user. To change anything, let the "
                "server's user write to that file and to its folder."
            )
        self._check()
        with self._errors(), self._writer() as connection:
            yield connection

    def import_once(self, name: str, load: Import) -> bool:
        """Take over what older versions kept in files, unless that was done before. name: of what is taken over.

        Returns False if it is still to be done and this user may only read the database.
        """
        if name in self._imported:
            return True
        found = select(imports.c.name).where(imports.c.name == name)
        with self.reading() as connection:
            is_done = connection.scalar(found) is not None
        if not is_done:
            if self.is_read_only:
                return False
            with self.writing() as connection:
                if connection.scalar(found) is None:
                    load(connection)
                    connection.execute(imports.insert(), {"name": name})
        self._imported.add(name)
        return True

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
            yield connection

    def _check(self) -> None:
        """Bring the tables up to date, at the first use and after the file was removed."""
        path = self._location.path
        with self._lock:
            if self._is_checked and (path is None or path.exists()):
                return
            self._imported.clear()
            try:
                if path:
                    _create(path)
            except OSError as error:
                is_closed = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
                raise (
                    ReadOnlyError(self._message(error)) if is_closed else DatabaseError(self._message(error))
                ) from None
            with self._errors():
                with self._engine.connect() as connection:
                    is_done = is_up_to_date(connection, self._location.address)
                if not is_done and self.is_read_only:
                    raise ReadOnlyError(
                        f"The database {self._location.address} can only be read by this user, and its tables are not "
                        "those of this version. Let a user who may write there start the server once."
                    )
                if not is_done:
                    if path:
                        self._use_write_ahead_log()
                    with self._writer() as connection:
                        bring_up_to_date(connection, self._location.address)
            self._is_checked = True

    def _use_write_ahead_log(self) -> None:
        """So that who reads a SQLite file and who writes it do not wait for each other. The file remembers it.

        On a file system that cannot do this, they wait.
        """
        connection = self._engine.raw_connection()  # outside of a transaction
        try:
            for _ in range(SECONDS_TO_WAIT * 10):
                try:
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
                    return
                except sqlite3.OperationalError:  # another process does the same at this moment
                    time.sleep(0.1)
        finally:
            connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what SQLAlchemy raises into DatabaseError, with a message that holds no password."""
        try:
            yield
        except SQLAlchemyError as error:
            raise DatabaseError(self._message(getattr(error, "orig", None) or error)) from None
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "psycopg":
                raise
            raise DatabaseError(
                f"{VARIABLE} names a PostgreSQL database, and the package psycopg is missing. Install it: pip install "
                "'psycopg[binary]'."
            ) from None

    def _message(self, error: BaseException) -> str:
        reason = " ".join(str(error).split())
        for secret in _secrets(self._location):
            reason = reason.replace(secret, "***")
        remedy = (
            "See that there is free space and that this user may write there."
            if self._location.path
            else f"See that the server runs, and that {VARIABLE} is right."
        )
        return f"The database {self._location.address} cannot be used ({reason}). {remedy}"


def storable(value: str) -> str:
    """The text without what a database does not take: PostgreSQL knows no NUL, and half characters are no UTF-8.

    >>> storable("a\\0b")
    'a b'
    """
    return value.replace("\0", " ").encode("utf-8", "replace").decode()


def _engine(location: Location) -> Engine:
    if location.path:
        path = location.path
        url = URL.create("sqlite", database=str(path))  # whatever signs are in the path
        engine = create_engine(url, poolclass=NullPool, creator=lambda: _connect(path))
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        location.url,
        poolclass=QueuePool,
        pool_size=3,
        pool_pre_ping=True,  # a server that was started again
        pool_timeout=SECONDS_TO_WAIT,
        connect_args={"connect_timeout": SECONDS_TO_CONNECT, "application_name": "digit-duel"},
    )
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _connect(path: Path) -> sqlite3.Connection:
    """A connection of its own for each transaction, so that a file whose rights change is read or written at once."""
    if can_only_be_read(path):
        return connect_to_read(path, seconds=SECONDS_TO_WAIT)
    return sqlite3.connect(path, timeout=SECONDS_TO_WAIT, check_same_thread=False)


def _set_up_postgresql(connection: Any, record: object) -> None:
    """Let no transaction wait or stay open for long, so that a process that hangs does not stop all the others."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{SECONDS_TO_WAIT}s'")
    connection.execute(f"SET statement_timeout = '{2 * SECONDS_TO_WAIT}s'")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{2 * SECONDS_TO_WAIT}s'")
    connection.autocommit = False


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # no transaction begins by itself; `_begin_sqlite` begins them
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes the lock at once. Otherwise two that have read could not both go on."""
    is_writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _create(path: Path) -> None:
    """Make the file of a SQLite database, for this user alone: it holds e-mail addresses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _secrets(location: Location) -> set[str]:
    """What a message must not hold: the password, as it is and as it stands in the URL."""
    if location.path:
        return set()
    from urllib.parse import unquote

    rest = location.url.partition("://")[2]
    found = [rest.rpartition("@")[0].partition(":")[2], *re.findall(r"[?&]password=([^&]*)", rest)]
    with suppress(SQLAlchemyError, ValueError):  # Whoever connects is told of an address that cannot be read.
        found.append(str(make_url(location.url).password or ""))
    return {secret for each in found for secret in (each, unquote(each)) if secret}
