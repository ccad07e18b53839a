"""Who started the training of a run, on a server with roles. It stands in a small file in the run's folder.

So it goes along when the run is renamed. A run without that file was started by nobody in particular.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "started_by.json"


@dataclass(frozen=True)
class Starter:
    """identity: of the person, see `access.roles.Person`. Empty if it is not known. at: when the run was finished, UTC;
    None if that is not known.
    """

    identity: str = ""
    at: datetime | None = None


def write_starter(folder: Path, identity: str) -> None:
    """Remember who started the run in that folder. If that cannot be written, the run belongs to nobody."""
    partial = folder / f"{FILE}.partial"
    try:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        partial.write_text(json.dumps({"started_by": identity, "at": at}) + "\n", encoding="utf-8")
        partial.replace(folder / FILE)
    except OSError:
        with suppress(OSError):  # a folder that cannot be written says so even of a file that is not there
            partial.unlink(missing_ok=True)


def starter_of(folder: Path) -> Starter:
    """Who started the run in that folder. Nothing is known if the file is absent or damaged."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(str(values["at"]))
        return Starter(str(values["started_by"]), at if at.tzinfo else None)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Starter()
