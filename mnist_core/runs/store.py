"""The trained runs on disk. They are listed, loaded, renamed and deleted here, and written by way of `writing`.

Each run is a folder below `folders.runs_folder()`, or below `folders.shipped_folder()` for those that come with the
project. A run of a sweep is named SWEEP/RUN; it can be loaded and deleted like any other, but is not listed with them.
Nothing here imports Keras, so a page can list, open and compare runs without it.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from mnist_core.errors import RunError
from mnist_core.models.classifier import check_prediction
from mnist_core.runs.file_format import FILES, KERAS_MODEL, parse, read_text
from mnist_core.runs.folders import find_run_folder, run_path, runs_folder, search_folders
from mnist_core.runs.names import SHIPPED, checked_address, checked_name, numbered, sweep_of
from mnist_core.runs.promoted_runs import Promoted, change_promoted, promoted
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.runs.writing import abandon, check_free, discard, free_name, is_alive_by_suffix, remove, sweep, writing

__all__ = [
    "SHIPPED",
    "abandon",
    "check_free",
    "checked_address",
    "checked_name",
    "delete",
    "discard",
    "free_name",
    "is_alive_by_suffix",
    "list_runs",
    "load_run",
    "numbered",
    "rename",
    "sweep",
    "writing",
]


def list_runs(folder: Path | None = None) -> tuple[list[Run], list[DamagedRun]]:
    """All runs by name, and the folders that are no usable run, with the reason. folder: search only here."""
    runs, damaged = [], []
    for name in _names(folder):
        try:
            runs.append(load_run(name, folder))
        except RunError as error:
            damaged.append(DamagedRun(name, str(error)))
    return runs, damaged


def load_run(name: str, folder: Path | None = None) -> Run:
    """The run of that name. folder: search only here. Raises RunError if it is absent or damaged, with the reason."""
    path = find_run_folder(checked_address(name), folder)
    sweep = sweep_of(name)
    if sweep and not any(run_path(place, name).parent.is_dir() for place in search_folders(folder)):
        raise RunError(f"{name!r} cannot name a run, because there is no sweep {sweep!r} in {folder or runs_folder()}.")
    if path is None and sweep:
        raise RunError(
            f"There is no run {name!r} in {folder or runs_folder()}. `digit-duel sweep --resume {sweep}` trains "
            "what is missing of a sweep."
        )
    if path is None:
        names = _names(folder)
        raise RunError(
            f"There is no run {name!r} in {folder or runs_folder()}. "
            + (f"There are: {', '.join(names)}." if names else "Train one with `digit-duel train cnn`.")
        )
    _check_files(path)
    try:
        return parse(path, json.loads(read_text(path / "run.json")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise RunError(
            f"run.json of the run {name!r} is damaged ({type(error).__name__}: {error}). Delete {path} and train it "
            "again."
        ) from error


def rename(name: str, new_name: str, folder: Path | None = None) -> Run:
    """Give a run another name, in one step.

    Raises RunError if it is absent or shipped, or if the new name is taken or cannot name a run. Raises DatabaseError
    if it is in use and that cannot be changed; then it keeps its name.
    """
    if sweep := sweep_of(checked_address(name)):
        raise RunError(f"The run {name!r} belongs to the sweep {sweep!r} and keeps its name there.")
    path = _own_run(name, "renamed", folder)
    checked_name(new_name)
    check_free(new_name, folder)
    folder = folder or runs_folder()

    def change() -> None:
        try:
            path.rename(folder / new_name)
        except OSError as error:
            raise RunError(
                f"The run {name!r} could not be renamed to {new_name!r} ({error}). It keeps its name."
            ) from error

    _change_with_promotion(name, new_name, folder, change=change)
    return load_run(new_name, folder)


def delete(name: str, folder: Path | None = None) -> None:
    """Delete a run, also a damaged one, in one step. Raises RunError if it is absent or shipped.

    Raises DatabaseError if it is in use and that cannot be changed; then it is still whole.
    """
    path = _own_run(name, "deleted", folder)

    def change() -> None:
        try:
            remove(path)
        except OSError as error:
            raise RunError(f"The run {name!r} could not be deleted ({error}). It is still whole.") from error

    _change_with_promotion(name, "", folder or runs_folder(), change=change)


def _change_with_promotion(name: str, new_name: str, folder: Path, *, change: Callable[[], None]) -> None:
    """Rename or delete a run's folder, and let the choice of the runs in use follow. new_name: empty for none.

    The folder is changed within the step that changes the choice. So a database that is away leaves both as they were.
    """
    if name not in promoted(folder).values():
        change()
        return

    def decide(chosen: Promoted) -> Promoted:
        change()
        renamed = {architecture: new_name if run == name else run for architecture, run in chosen.items()}
        return {architecture: run for architecture, run in renamed.items() if run}

    change_promoted(folder, decide)


def _names(folder: Path | None) -> list[str]:
    """The names of all folders that could be runs, sorted."""
    return sorted(
        {
            entry.name
            for place in search_folders(folder)
            if place.is_dir()
            for entry in place.iterdir()
            if entry.is_dir() and not entry.name.startswith(".")
        }
    )


def _check_files(path: Path) -> None:
    """Raise RunError if a file of the run is missing, or if one of its models is damaged."""
    missing = [file for file in FILES if not (path / file).is_file()]
    if missing == [KERAS_MODEL] and _is_without_keras_model(path):
        missing = []
    if missing:
        raise RunError(
            f"The run {path.name!r} is incomplete: {', '.join(missing)} is missing. Delete {path} and train it again."
        )
    if (path / KERAS_MODEL).is_file() and not zipfile.is_zipfile(path / KERAS_MODEL):
        raise RunError(
            f"model.keras of the run {path.name!r} is damaged: it is no whole zip file. Copy {path} again, or delete "
            "it and train the run again."
        )
    try:
        check_prediction(path / "model.tflite")
    except RunError:
        raise RunError(
            f"model.tflite of the run {path.name!r} is damaged: it is no whole LiteRT model of digits. Copy "
            f"{path} again, or delete it and train the run again."
        ) from None


def _is_without_keras_model(path: Path) -> bool:
    """Whether run.json says that this run has no model.keras."""
    try:
        return json.loads(read_text(path / "run.json")).get("keras_model") is False
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def _own_run(name: str, what: str, folder: Path | None) -> Path:
    """The folder of a run that belongs to the user. what: what is to be done with it, for the message."""
    path = run_path(folder or runs_folder(), checked_address(name))
    if name in SHIPPED:
        raise RunError(
            f"The run {name!r} is part of the project and cannot be {what}. `digit-duel train` with --replace trains "
            "it anew."
        )
    if not path.is_dir():
        raise RunError(f"There is no run {name!r} in {path.parent}. It may have been renamed or deleted meanwhile.")
    return path
