"""What a worker of the cluster does: it trains in a folder of its own, and returns the files of the run as bytes.

Its code, the digits and the runs that the training begins with come from the process that uses the cluster, by Ray's
own means. So the worker's machine needs Python with the packages, and nothing else of Digit Duel.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnist_core.data.datasets import DigitSet
from mnist_core.data.pen_files import PenDigits
from mnist_core.errors import DigitDuelError
from mnist_core.events import Event
from mnist_core.runs.folders import run_path
from mnist_core.runs.processes import mark
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import is_alive_by_suffix

FOLDER = "digit-duel-training"
"""How the names of the folders begin in which workers train, below the machine's folder for temporary files."""


@dataclass(frozen=True)
class Order:
    """A training that a worker is to do.

    number: by which the mailbox knows it. name: of the run, also SWEEP/RUN. keras_model: whether it gets a model.keras.
    """

    number: int
    name: str
    config: TrainingConfig
    keras_model: bool


@dataclass(frozen=True)
class RunFiles:
    """A run as it travels. files: the content of each by its path within the run's folder."""

    name: str
    files: Mapping[str, bytes]

    @classmethod
    def read(cls, name: str, folder: Path) -> "RunFiles":
        """All files of the run in that folder."""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return cls(name, {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})

    @property
    def epochs(self) -> int:
        """How many its training had."""
        return len(json.loads(self.files["history.json"])["loss"])

    def write(self, folder: Path) -> None:
        """Write all files below that folder. Raises OSError."""
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


@dataclass(frozen=True)
class Outcome:
    """How a training ended: with a run and its finished event, or with the reason why there is none."""

    run: RunFiles | None = None
    finished: dict[str, Any] = field(default_factory=dict)
    failed_because: str = ""


def train_remotely(
    order: Order, mailbox: Any, digit_set: DigitSet, pens: PenDigits | None, *further_runs: RunFiles
) -> Outcome:
    """Train one run, as a task of Ray.

    mailbox: the actor that takes the events. pens: the strokes that the config names, None if it names none.
    further_runs: those that the config names, as teacher or to begin with.
    """
    import ray

    from mnist_core.training.backend import keras
    from mnist_core.training.stopping import Stop, StoppedError
    from mnist_core.training.trainer import train

    attempt = ray.get(mailbox.begin.remote(order.number))
    stop, finished = Stop(), dict[str, Any]()
    unanswered: list[Any] = []

    def tell(event: Event) -> None:
        if event["event"] == "finished":  # it is so only when the run is written where it belongs
            finished.update(event)
            return
        if event["event"] == "progress" and unanswered and not ray.wait(unanswered, timeout=0)[0]:
            return  # the mailbox is busy with many trainings, and none of them has to wait for it
        hear()
        unanswered.append(mailbox.tell.remote(order.number, attempt, event))

    def hear() -> None:
        if unanswered and ray.get(unanswered.pop()):
            stop.request(keep=True)

    # The process may have trained before. Keras counts the layers of all of its networks for their names.
    keras.utils.clear_session()
    folder = _own_folder()
    try:
        run_path(folder, order.name).parent.mkdir(parents=True, exist_ok=True)
        for run in further_runs:
            run.write(run_path(folder, run.name))
        trained = train(
            order.config,
            order.name,
            digit_set,
            folder=folder,
            keras_model=order.keras_model,
            on_event=tell,
            stop=stop,
            pens=pens,
        )
        hear()  # the last event is in the mailbox before the run arrives
        return Outcome(RunFiles.read(order.name, trained.folder), finished)
    except DigitDuelError as error:
        return Outcome(failed_because=str(error))
    except StoppedError:
        return Outcome(failed_because="It was stopped before its first epoch had ended.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_folder() -> Path:
    """A folder for this process, which need not exist yet. What killed workers left on this machine is removed."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{FOLDER}.*"):
        if not is_alive_by_suffix(left):
            shutil.rmtree(left, ignore_errors=True)
    return place / f"{FOLDER}.{mark()}"
