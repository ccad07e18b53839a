"""Where the database is: a file beside the runs, unless the environment names another one.

>>> location_for(Path("/srv/runs"), {}).address
'/srv/runs/.digit-duel.db'
>>> location_for(Path("/srv/runs"), {VARIABLE: "postgresql://ada:secret@db.example.org/digits"}).address
'postgresql://db.example.org/digits'
>>> location_for(Path("/srv/runs"), {VARIABLE: "postgresql+psycopg://ada:secret@database:5432/digits"}).address
'postgresql://database:5432/digits'
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mnist_core.errors import DatabaseError

VARIABLE = "DIGIT_DUEL_DATABASE"
"""The environment variable that names another database."""

FILE = ".digit-duel.db"
"""The file beside the runs."""

EXPECTED = (
    "expected sqlite:////absolute/path/of/a/file.db or postgresql://user:password@host/name, with %40 for each @ of "
    "the password"
)


@dataclass(frozen=True)
class Location:
    """A database. url: for SQLAlchemy, with a password perhaps. path: of a SQLite file, None for a server.

    address: what a message may name. It holds neither a user nor a password.
    """

    url: str = field(repr=False)
    path: Path | None
    address: str


def location_for(folder: Path, environment: Mapping[str, str] = os.environ) -> Location:
    """The database of that folder of runs. Raises DatabaseError if the environment names none that can be used."""
    named = environment.get(VARIABLE, "").strip()
    if not named:
        return _file(folder.absolute() / FILE)
    scheme, _, rest = named.partition("://")
    kind = scheme.lower().partition("+")[0]
    if kind == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return _file(Path(rest[1:]).absolute())
    if kind in ("postgresql", "postgres") and rest:
        return Location(f"postgresql+psycopg://{rest}", None, _without_secrets(named))
    # What was given is not quoted: it may hold a password.
    raise DatabaseError(f"{VARIABLE} is no address of a database that can be used; {EXPECTED}.")


def _file(path: Path) -> Location:
    return Location(f"sqlite:///{path}", path, str(path))


def _without_secrets(url: str) -> str:
    head, _, query = url.partition("://")[2].partition("?")
    if "@" in query:  # A password with a question mark, perhaps: nobody knows where it ends.
        return "postgresql://…"
    try:
        if head.count("@") > 1:
            raise ValueError
        parts = urlsplit(f"postgresql://{head.rpartition('@')[2]}")  # A password may hold signs such as "/" and "#".
        host = f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}"
    except ValueError as error:
        raise DatabaseError(f"{VARIABLE} is no address of a database that can be used; {EXPECTED}.") from error
    return f"postgresql://{host}{parts.path}"
