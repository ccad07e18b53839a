"""Notes on disk of the jobs that wait or run.

After a server has died, the next one finds in them what became of its jobs.

Each server has one note in the folder of the runs. Its name is `.jobs.` and the mark of the server's process, see
`runs.processes`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mnist_core.errors import ConfigError
from mnist_core.jobs.job import FAILED, RUNNING, Job
from mnist_core.runs.processes import is_alive, mark
from mnist_core.runs.recipes import TrainingConfig

NOTE, PARTIAL = ".jobs.", ".jobs-partial."


def write_note(jobs: Iterable[Job], folder: Path) -> None:
    """Replace this process' note. Without an active job there is none.

    A note that cannot be written, because the disk is full for example, is left out: it must not stop a training.
    """
    path, partial = folder / f"{NOTE}{mark()}", folder / f"{PARTIAL}{mark()}"
    active = [
        {"name": job.name, "config": job.config.to_json(), "state": job.state, "started_by": job.started_by}
        for job in jobs
        if job.active
    ]
    try:
        if active:
            partial.write_text(json.dumps(active), encoding="utf-8")
            partial.replace(path)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        partial.unlink(missing_ok=True)


def take_interrupted_jobs(folder: Path) -> Iterator[Job]:
    """The jobs that dead servers left waiting or running, as failed jobs without a number. Their notes are removed."""
    for path in sorted(folder.glob(".jobs*.*")):
        if is_alive(path.name.removeprefix(NOTE).removeprefix(PARTIAL)):
            continue
        jobs = _read(path)
        path.unlink(missing_ok=True)
        yield from jobs


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
