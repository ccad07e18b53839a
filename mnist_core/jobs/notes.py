"""Notes in which versions without a database wrote down the jobs that waited or ran.

After such a server has died, the next one finds in them what became of its jobs.

Each server has one note in the folder of the runs. Its name is `.jobs.` and the mark of the server's process, see
`runs.processes`. Of several processes that find the note of a dead server, the one that can rename it takes its jobs.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mnist_core.errors import ConfigError
from mnist_core.jobs.job import FAILED, RUNNING, Job
from mnist_core.runs.processes import is_alive, mark
from mnist_core.runs.recipes import TrainingConfig

NOTES = ".jobs*.*"
"""What follows the last dot is a mark."""


def take_interrupted_jobs(folder: Path) -> Iterator[Job]:
    """The jobs that dead servers left waiting or running, as failed jobs without a number.

    A note is removed once all of its jobs were taken. One that cannot be renamed is left alone.
    """
    for path in sorted(folder.glob(NOTES)):
        if is_alive(path.suffix[1:], file=path):
            continue
        taken = path.with_name(f".jobs-taken{path.name.replace('.', '-')}.{mark()}")
        try:
            path.rename(taken)
        except OSError:  # another process has taken it, or nothing can be written here
            continue
        yield from _read(taken)
        with suppress(OSError):
            taken.unlink()


def _read(path: Path) -> list[Job]:
    """The jobs of a note. A damaged one has none."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return [
            replace(
                _failed(str(job["name"]), TrainingConfig.from_json(job["config"]), running=job["state"] == RUNNING),
                started_by=str(job.get("started_by", "")),
            )
            for job in noted
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError):
        return []


def _failed(name: str, config: TrainingConfig, *, running: bool) -> Job:
    when = "while this training ran" if running else "before this training began"
    message = f"The app was stopped {when}. Nothing was written; it can be started again."
    return Job(0, name, config, FAILED, message)
