"""The audit log of versions without a database: lines of JSON in two files beside the runs."""

import json
from collections.abc import Iterator
from pathlib import Path

from mnist_core.access.audit import Entry

NEWER, OLDER = ".audit.jsonl", ".audit.older.jsonl"


def read_older_files(folder: Path) -> list[Entry]:
    """The entries of both files, the oldest first. Lines that are no entries are left out."""
    return [entry for file in (OLDER, NEWER) for entry in _entries(folder / file)]


def _entries(path: Path) -> Iterator[Entry]:
    """The entries of a file, the oldest first. A file that is missing has none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            values = json.loads(line)
            yield Entry(**{name: str(values[name]) for name in Entry.__dataclass_fields__})
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
