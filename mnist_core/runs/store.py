"""Trained runs on disk: one folder each below trained_models/, complete or absent. They are listed, opened, renamed, deleted and written here.

Nothing here imports Keras: a page lists, opens and compares runs without it.
"""

import errno
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from mnist_core.errors import RunError
from mnist_core.models.classifier import check_model
from mnist_core.runs.file_format import FILES, parse
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.processes import is_alive, mark
from mnist_core.runs.promotion import promoted, write_promoted
from mnist_core.runs.run import DamagedRun, Run

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")
"""Runs that are part of the project: they can be replaced by training them anew, but neither renamed nor deleted."""


LONGEST_NAME = 60

NAME = re.compile(rf"[a-z0-9]([a-z0-9._-]{{0,{LONGEST_NAME - 2}}}[a-z0-9])?")


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
        names = (
            sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
            if folder.is_dir()
            else []
        )
        raise RunError(
            f"There is no run {name!r} in {folder}. "
            + (f"There are: {', '.join(names)}." if names else "Train one with `python -m mnist_core train cnn`.")
        )
    missing = [file for file in FILES if not (path / file).is_file()]
    if missing:
        raise RunError(
            f"The run {name!r} is incomplete: {', '.join(missing)} is missing. Delete {path} and train it again."
        )
    if not zipfile.is_zipfile(path / "model.keras"):
        raise RunError(
            f"model.keras of the run {name!r} is damaged: it is no whole zip file. Copy {path} again, or delete it and train the run again."
        )
    try:
        check_model(path / "model.tflite")
    except RunError:
        raise RunError(
            f"model.tflite of the run {name!r} is damaged: it is no whole LiteRT model. Copy {path} again, or delete it and train again."
        ) from None
    try:
        text = (path / "run.json").read_text(encoding="utf-8")
        return parse(path, json.loads(text))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise RunError(
            f"run.json of the run {name!r} is damaged ({type(error).__name__}: {error}). Delete {path} and train it again."
        ) from error


def rename(name: str, new_name: str, folder: Path | None = None) -> Run:
    """Give a run another name, in one step. Raises RunError if it is absent or shipped, or if the new name is taken or none."""
    folder = folder or runs_folder()
    path = _own_run(name, "renamed", folder)
    check_free(new_name, folder)
    try:
        path.rename(folder / new_name)
    except OSError as error:
        raise RunError(
            f"The run {name!r} could not be renamed to {new_name!r} ({error}). It has kept its name."
        ) from error
    chosen = promoted(folder)
    if name in chosen.values():
        write_promoted({architecture: new_name if run == name else run for architecture, run in chosen.items()}, folder)
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
        write_promoted({architecture: run for architecture, run in chosen.items() if run != name}, folder)


def abandon(name: str, folder: Path | None = None) -> None:
    """Remove what this process has begun to write as a run of that name; for one that ends without unwinding."""
    shutil.rmtree(_beside(name, folder or runs_folder()), ignore_errors=True)


def sweep(folder: Path | None = None) -> None:
    """Remove what processes that died while they wrote, replaced or deleted a run have left behind."""
    folder = folder or runs_folder()
    for kind in ("writing", "deleted"):
        for left in folder.glob(f".{kind}-*"):
            if not is_alive_by_suffix(left):
                shutil.rmtree(left, ignore_errors=True)
    for old in folder.glob(".replaced-*"):
        if is_alive_by_suffix(old):
            continue
        name = old.stem.removeprefix(".replaced-")
        if (folder / name).exists():
            shutil.rmtree(old, ignore_errors=True)
        else:  # it died between the two renames: the old run is the run
            old.rename(folder / name)


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
    return next(
        name
        for name in numbered(checked_name(stem))
        if not (folder / name).exists() and not _being_written(name, folder)
    )


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
        raise RunError(
            f"No run can be written to {folder} ({error}). Set TRAINED_MODELS to a folder that can be written."
        ) from error
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
        advice = (
            "Free some space"
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            else "Look whether it can be written to"
        )
        raise RunError(
            f"The run {name!r} could not be written to {folder} ({error}). {advice}, or set TRAINED_MODELS to another place."
        ) from error
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
        if is_alive_by_suffix(beside):
            return True
        shutil.rmtree(beside, ignore_errors=True)
    return False


def _own_run(name: str, what: str, folder: Path) -> Path:
    """The folder of a run that is the user's own."""
    path = folder / checked_name(name)
    if name in SHIPPED:
        raise RunError(
            f"The run {name!r} is part of the project and cannot be {what}. `python -m mnist_core train` with --replace trains it anew."
        )
    if not path.is_dir():
        raise RunError(f"There is no run {name!r} in {folder}. It may have been renamed or deleted meanwhile.")
    return path


def is_alive_by_suffix(path: Path) -> bool:
    """Whether the process whose mark ends that name is alive."""
    return is_alive(path.suffix[1:])
