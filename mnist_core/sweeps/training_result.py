"""What one training of a sweep came to. It is read from its run, or stored with a sweep that is shipped without runs.

>>> result = TrainingResult(187, 10_000, parameters=407_050, seconds=5.0, best_epoch=11, validation_accuracy=0.98)
>>> TrainingResult.from_json(result.to_json()) == result
True
"""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.runs.corruption_results import FILE, load_corruption_results
from mnist_core.runs.file_format import parse, read_text
from mnist_core.runs.run import Run

ENDED_EARLY = "ended_early.json"
"""The file that a run has if its training was ended early because others were better, see `note_ended_early`."""

KEPT = 2000
"""How many results are remembered: those of ten sweeps of the largest size."""


@dataclass(frozen=True)
class TrainingResult:
    """incorrect, count: of the test digits. seconds: of the training itself. validation_accuracy: 0..1.

    robustness: the mean accuracy on corrupted digits, 0..1; None if that was not measured.
    ended_after: the epochs it had when it was ended early because others were better; None if it came to its end.
    """

    incorrect: int
    count: int
    parameters: int
    seconds: float
    best_epoch: int
    validation_accuracy: float
    robustness: float | None = None
    ended_after: int | None = None

    @property
    def accuracy(self) -> Accuracy:
        """On the test digits."""
        return Accuracy.from_counts(self.incorrect, self.count)

    def to_json(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingResult":
        """The opposite of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
        robustness, ended_after = values.get("robustness"), values.get("ended_after")
        return cls(
            incorrect=int(values["incorrect"]),
            count=int(values["count"]),
            parameters=int(values["parameters"]),
            seconds=float(values["seconds"]),
            best_epoch=int(values["best_epoch"]),
            validation_accuracy=float(values["validation_accuracy"]),
            robustness=None if robustness is None else float(robustness),
            ended_after=None if ended_after is None else int(ended_after),
        )


def note_ended_early(folder: Path, *, epochs: int) -> None:
    """Write into the folder of a run that its training was ended after so many epochs, because others were better.

    Raises OSError.
    """
    (folder / ENDED_EARLY).write_text(json.dumps({"epochs": epochs}) + "\n", encoding="utf-8")


def _ended_after(folder: Path) -> int | None:
    """The epochs after which the training of that run was ended early. Raises ValueError, KeyError or TypeError."""
    path = folder / ENDED_EARLY
    return int(json.loads(read_text(path))["epochs"]) if path.exists() else None


def result_of(run: Run) -> TrainingResult:
    """The result that a run stores. Raises ValueError, KeyError or TypeError for a damaged note of an early end."""
    try:
        corruptions = load_corruption_results(run)
    except RunError:  # a damaged measurement is none
        corruptions = None
    return TrainingResult(
        incorrect=run.test.incorrect,
        count=run.test.count,
        parameters=run.parameters,
        seconds=run.duration_seconds,
        best_epoch=run.best_epoch,
        validation_accuracy=run.validation_accuracy,
        robustness=corruptions.mean.fraction if corruptions else None,
        ended_after=_ended_after(run.folder),
    )


def read_result(folder: Path) -> TrainingResult | None:
    """The result of the run in that folder; None if there is no run, or if run.json is damaged.

    Only the figures are read. Whether the run's other files are whole is seen when it is opened.
    """
    try:
        written = (folder / "run.json").stat().st_mtime_ns
    except OSError:
        return None
    try:
        measured = (folder / FILE).stat().st_mtime_ns
    except OSError:
        measured = 0
    return _read(folder, written, measured)


@lru_cache(maxsize=KEPT)
def _read(folder: Path, written: int, measured: int) -> TrainingResult | None:
    """written, measured: when the files were written, so that newer ones are read again."""
    try:
        return result_of(parse(folder, json.loads(read_text(folder / "run.json"))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
