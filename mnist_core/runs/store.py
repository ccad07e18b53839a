"""Trained runs: one folder each below trained_models/, complete or absent.

    trained_models/cnn-specified/
        model.keras           the network, float32, without optimizer state
        model.tflite          the same network for LiteRT, with the same weights
        run.json              config, seed, versions, data digest, duration, metrics
        history.json          loss and accuracy an epoch, training and validation
        test_predictions.npz  probabilities (10000, 10) float32 on MNIST's test digits, and their labels

Nothing here imports Keras: a page lists, opens and compares runs without it.
"""

import errno
import json
import os
import re
import shutil
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.architectures import ARCHITECTURES
from mnist_core.models.classifier import check_model
from mnist_core.models.layout import Layer, layout
from mnist_core.runs.processes import lives, mark

FORMAT = 1
"""Version of run.json. A reader refuses a newer one."""

FILES = ("model.keras", "model.tflite", "run.json", "history.json", "test_predictions.npz")

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")
"""Runs that are part of the project: they can be replaced by training them anew, but neither renamed nor deleted."""

PROMOTED = ".promoted.json"
"""Beside the runs: which of them are in use in place of the usual ones, by architecture."""

LONGEST_NAME = 60

NAME = re.compile(rf"[a-z0-9]([a-z0-9._-]{{0,{LONGEST_NAME - 2}}}[a-z0-9])?")


@dataclass(frozen=True)
class Run:
    """A trained network and what is known of it, as run.json says.

    config: the settings it was trained with. versions: of Python and the packages. test: its one reading of the test set.
    temperature: what the logits were divided by, already in the stored models; 1 where none was fitted.
    doubt_threshold: see doubt.py; None where the network never learned what is no digit.
    created: ISO 8601, UTC. duration_seconds: of the training itself.
    """

    folder: Path
    name: str
    architecture: str
    recipe: str
    title: str
    parameters: int
    config: dict[str, Any]
    versions: dict[str, str]
    data: dict[str, Any]
    created: str
    duration_seconds: float
    best_epoch: int
    validation_accuracy: float
    test: Accuracy
    test_loss: float
    temperature: float = 1.0
    doubt_threshold: float | None = None

    @property
    def model_path(self) -> Path:
        """The model that pages and the command line read with."""
        return self.folder / "model.tflite"

    @property
    def size_bytes(self) -> int:
        """Bytes on disk, all files together."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())


@dataclass(frozen=True)
class DamagedRun:
    """A folder below trained_models/ that is no usable run, and why."""

    name: str
    reason: str


def runs_folder() -> Path:
    """trained_models/ beside the code, or where the environment variable TRAINED_MODELS says."""
    named = os.environ.get("TRAINED_MODELS")
    return Path(os.path.expanduser(named)) if named else Path(__file__).resolve().parents[2] / "trained_models"


def list_runs(folder: Path | None = None) -> tuple[list[Run], list[DamagedRun]]:
    """All runs, by name, and the folders that are none, with the reason. No folder at all is no runs."""
    folder = folder or runs_folder()
    runs, damaged = [], []
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not entry.is_dir() or entry.name.startswith("."):
            continue
        try:
            runs.append(load_run(entry.name, folder))
        except RunError as error:
            damaged.append(DamagedRun(entry.name, str(error)))
    return runs, damaged


def load_run(name: str, folder: Path | None = None) -> Run:
    """The run of that name. Raises RunError if it is absent or damaged, saying what is wrong with it."""
    folder = folder or runs_folder()
    path = folder / checked_name(name)
    if not path.is_dir():
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")) if folder.is_dir() else []
        raise RunError(
            f"There is no run {name!r} in {folder}. " + (f"There are: {', '.join(names)}." if names else "Train one with `python -m mnist_core train cnn`.")
        )
    missing = [file for file in FILES if not (path / file).is_file()]
    if missing:
        raise RunError(f"The run {name!r} is incomplete: {', '.join(missing)} is missing. Delete {path} and train it again.")
    if not zipfile.is_zipfile(path / "model.keras"):
        raise RunError(f"model.keras of the run {name!r} is damaged: it is no whole zip file. Copy {path} again, or delete it and train the run again.")
    try:
        check_model(path / "model.tflite")
    except RunError:
        raise RunError(f"model.tflite of the run {name!r} is damaged: it is no whole LiteRT model. Copy {path} again, or delete it and train again.") from None
    try:
        text = (path / "run.json").read_text(encoding="utf-8")
        return _parse(path, json.loads(text))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise RunError(f"run.json of the run {name!r} is damaged ({type(error).__name__}: {error}). Delete {path} and train it again.") from error


def default_pair(names: Collection[str], folder: Path | None = None) -> tuple[str, str]:
    """The two runs that are compared unless somebody chooses: an MLP and a CNN, each the one that was promoted, else of the robust
    recipe, else of the specified one; else any two.

    names: of the runs there are, at least one. Raises RunError if there is none.
    """
    if not names:
        raise RunError(f"There are no runs in {runs_folder()}. Train them with `make train`.")
    chosen = promoted(folder)
    candidates = ((chosen.get(kind, ""), f"{kind}-robust", f"{kind}-specified") for kind in ("mlp", "cnn"))
    left, right = (next((name for name in wanted if name in names), None) for wanted in candidates)
    left = left or next((name for name in sorted(names) if name != right), right)
    right = right or next((name for name in sorted(names) if name != left), left)
    assert left
    assert right
    return left, right


def promoted(folder: Path | None = None) -> dict[str, str]:
    """The names of the runs that were put to use, by architecture. What cannot be read is as if nobody had promoted any."""
    try:
        chosen = json.loads(((folder or runs_folder()) / PROMOTED).read_text(encoding="utf-8"))
        return {str(architecture): str(name) for architecture, name in chosen.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def promote(name: str, folder: Path | None = None) -> Run:
    """Put a run to use on the draw page, in place of the one of its architecture. Promoting the robust one gives the place back."""
    folder = folder or runs_folder()
    run = load_run(name, folder)
    _write_promoted({**promoted(folder), run.architecture: name}, folder)
    return run


def rename(name: str, new_name: str, folder: Path | None = None) -> Run:
    """Give a run another name, in one step. Raises RunError if it is absent or shipped, or if the new name is taken or none."""
    folder = folder or runs_folder()
    path = _own_run(name, "renamed", folder)
    check_free(new_name, folder)
    try:
        path.rename(folder / new_name)
    except OSError as error:
        raise RunError(f"The run {name!r} could not be renamed to {new_name!r} ({error}). It has kept its name.") from error
    chosen = promoted(folder)
    if name in chosen.values():
        _write_promoted({architecture: new_name if run == name else run for architecture, run in chosen.items()}, folder)
    return load_run(new_name, folder)


def delete(name: str, folder: Path | None = None) -> None:
    """Delete a run, damaged ones as well: gone from sight in one step, then from the disk. Raises RunError if it is absent or shipped."""
    folder = folder or runs_folder()
    path = _own_run(name, "deleted", folder)
    gone = folder / f".deleted-{name}.{mark()}"
    try:
        path.rename(gone)
    except OSError as error:
        raise RunError(f"The run {name!r} could not be deleted ({error}). It is still whole.") from error
    shutil.rmtree(gone, ignore_errors=True)
    chosen = promoted(folder)
    if name in chosen.values():
        _write_promoted({architecture: run for architecture, run in chosen.items() if run != name}, folder)


def abandon(name: str, folder: Path | None = None) -> None:
    """Remove what this process has begun to write as a run of that name; for one that ends without unwinding."""
    shutil.rmtree(_beside(name, folder or runs_folder()), ignore_errors=True)


def sweep(folder: Path | None = None) -> None:
    """Remove what processes that died while they wrote, replaced or deleted a run have left behind."""
    folder = folder or runs_folder()
    for kind in ("writing", "deleted"):
        for left in folder.glob(f".{kind}-*"):
            if not lives_by_suffix(left):
                shutil.rmtree(left, ignore_errors=True)
    for old in folder.glob(".replaced-*"):
        if lives_by_suffix(old):
            continue
        name = old.stem.removeprefix(".replaced-")
        if (folder / name).exists():
            shutil.rmtree(old, ignore_errors=True)
        else:  # it died between the two renames: the old run is the run
            old.rename(folder / name)


def describe(run: Run) -> dict[str, Any]:
    """A run as plain JSON values: what run.json holds. `load_run` reads it back."""
    return {
        "format": FORMAT,
        "architecture": run.architecture,
        "recipe": run.recipe,
        "title": run.title,
        "parameters": run.parameters,
        "config": run.config,
        "versions": run.versions,
        "data": run.data,
        "created": run.created,
        "duration_seconds": round(run.duration_seconds, 2),
        "best_epoch": run.best_epoch,
        "validation_accuracy": run.validation_accuracy,
        "temperature": run.temperature,
        "doubt_threshold": run.doubt_threshold,
        "test": {**run.test.to_json(), "loss": run.test_loss},
    }


def layout_of(run: Run) -> tuple[Layer, ...]:
    """The layers of the run's network; nothing where its parameters do not add up to them, for then it is another network."""
    width = run.config.get("width", 1.0)
    layers = layout(run.architecture, width=width) if isinstance(width, (int, float)) and 0 < width < 1000 else ()
    return layers if sum(layer.parameters for layer in layers) == run.parameters else ()


def load_history(run: Run) -> dict[str, list[float]]:
    """loss, accuracy, val_loss, val_accuracy, learning_rate and seconds, a value an epoch each."""
    try:
        history = json.loads((run.folder / "history.json").read_text(encoding="utf-8"))
        return {str(key): [float(value) for value in values] for key, values in history.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RunError(f"history.json of the run {run.name!r} is damaged ({error}). Delete {run.folder} and train it again.") from error


def checked_name(name: str) -> str:
    """The name, if it can be a folder on any system; RunError if not."""
    if not NAME.fullmatch(name):
        raise RunError(
            f"{name[:80]!r} cannot name a run: expected 1 to {LONGEST_NAME} of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter or digit."
        )
    return name


def free_name(stem: str, folder: Path | None = None) -> str:
    """The stem itself, or with the first of -2, -3 ... that no run has."""
    folder = folder or runs_folder()
    return next(name for name in numbered(checked_name(stem)) if not (folder / name).exists() and not _being_written(name, folder))


def numbered(stem: str) -> Iterator[str]:
    """The stem, stem-2, stem-3 and so on; a long stem is cut so that each can be a name."""
    yield stem
    for number in count(2):
        ending = f"-{number}"
        yield stem[: LONGEST_NAME - len(ending)].rstrip("._-") + ending


def check_free(name: str, folder: Path | None = None, *, replace: bool = False) -> None:
    """Raise RunError if no run of that name can be written: there is one that is not to be replaced, or one is just being written."""
    folder = folder or runs_folder()
    if (folder / checked_name(name)).exists() and not replace:
        raise RunError(f"There is a run {name!r} already. Choose another name, or rename or delete that run first.")
    if _being_written(name, folder):
        raise RunError(f"Another process is writing a run {name!r} just now. Choose another name, or wait for it.")


@contextmanager
def writing(name: str, folder: Path | None = None, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write a run into. It gets its name when the block ends well, and vanishes when it does not.

    replace: an existing run of that name is exchanged for the new one at the end. Otherwise it raises RunError, before the block.
    """
    folder = folder or runs_folder()
    target = folder / checked_name(name)
    check_free(name, folder, replace=replace)
    beside = _beside(name, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
    except OSError as error:
        raise RunError(f"No run can be written to {folder} ({error}). Set TRAINED_MODELS to a folder that can be written.") from error
    try:
        yield beside
        missing = [file for file in FILES if not (beside / file).is_file()]
        if missing:
            raise RunError(f"The run {name!r} was not completed: {', '.join(missing)} was not written. Train it again.")
        if target.exists() and replace:
            _exchange(target, beside)
        else:
            beside.rename(target)  # refused by the system if a run of that name has appeared since
    except BrokenPipeError:  # who listened to the training has gone; that is nothing of the folder's
        raise
    except OSError as error:
        advice = "Free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Look whether it can be written to"
        raise RunError(f"The run {name!r} could not be written to {folder} ({error}). {advice}, or set TRAINED_MODELS to another place.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(name: str, folder: Path) -> Path:
    """Where this process writes a run of that name."""
    return folder / f".writing-{name}.{mark()}"


def _exchange(target: Path, successor: Path) -> None:
    """The successor takes the target's name; for the moment between two renames there is neither. A failure restores the old run."""
    old = target.with_name(f".replaced-{target.name}.{mark()}")
    target.rename(old)
    try:
        successor.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _being_written(name: str, folder: Path) -> bool:
    """Whether a living process is writing a run of that name. What a dead one left is swept away."""
    for beside in folder.glob(f".writing-{name}.*"):
        if beside.stem != f".writing-{name}":  # of a run whose name begins with this one and a dot
            continue
        if lives_by_suffix(beside):
            return True
        shutil.rmtree(beside, ignore_errors=True)
    return False


def _own_run(name: str, what: str, folder: Path) -> Path:
    """The folder of a run that is the user's own."""
    path = folder / checked_name(name)
    if name in SHIPPED:
        raise RunError(f"The run {name!r} is part of the project and cannot be {what}. `python -m mnist_core train` with --replace trains it anew.")
    if not path.is_dir():
        raise RunError(f"There is no run {name!r} in {folder}. It may have been renamed or deleted meanwhile.")
    return path


def _write_promoted(chosen: dict[str, str], folder: Path) -> None:
    beside = folder / f"{PROMOTED}.{mark()}"
    try:
        beside.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        beside.replace(folder / PROMOTED)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RunError(f"{folder / PROMOTED} could not be written ({error}). The runs in use are as they were.") from error


def lives_by_suffix(path: Path) -> bool:
    """Whether the process whose mark ends that name is alive."""
    return lives(path.suffix[1:])


def _parse(path: Path, facts: dict[str, Any]) -> Run:
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']!r}, this version reads {FORMAT}")
    if facts["architecture"] not in ARCHITECTURES:
        raise ValueError(f"architecture {facts['architecture']!r}, this version knows {', '.join(ARCHITECTURES)}")
    test = facts["test"]
    return Run(
        folder=path,
        name=path.name,
        architecture=str(facts["architecture"]),
        recipe=str(facts["recipe"]),
        title=str(facts["title"]),
        parameters=int(facts["parameters"]),
        config=dict(facts["config"]),
        versions=dict(facts["versions"]),
        data=dict(facts["data"]),
        created=str(facts["created"]),
        duration_seconds=float(facts["duration_seconds"]),
        best_epoch=int(facts["best_epoch"]),
        validation_accuracy=float(facts["validation_accuracy"]),
        test=Accuracy.from_counts(int(test["wrong"]), int(test["count"])),
        test_loss=float(test["loss"]),
        temperature=float(facts.get("temperature", 1.0)),
        doubt_threshold=None if facts.get("doubt_threshold") is None else float(facts["doubt_threshold"]),
    )
