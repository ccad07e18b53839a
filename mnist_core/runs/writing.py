"""Runs are written so that each is complete or absent, whatever ends the process that writes.

A run is written into a folder beside its place, which gets the run's name at the end:

    .writing-NAME.MARK      a run that is being written
    .replaced-NAME.MARK     the run that another one replaces, until that one has its name
    .deleted-NAME.MARK      a run that is being deleted

A run of a sweep is written beside its place too, which is in the folder of its sweep.

MARK says which process does it, see `processes`. What ended processes left behind is removed by `sweep`. Of a process
of another machine or container, nobody sees from here whether it has ended. What it left is removed by `discard` once
the queue of trainings takes it for dead, and otherwise a day later.
"""

import errno
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnist_core.errors import RunError
from mnist_core.runs.file_format import FILES
from mnist_core.runs.folders import SWEEPS, find_run_folder, run_path, runs_folder
from mnist_core.runs.names import checked_address, checked_name, numbered, sweep_of
from mnist_core.runs.processes import is_alive, is_of_place, mark


@contextmanager
def writing(
    name: str, folder: Path | None = None, *, replace: bool = False, without: Collection[str] = ()
) -> Iterator[Path]:
    """A folder to write a run into. It gets its name when the block ends well, and is removed when it does not.

    folder: where runs lie, `runs_folder()` unless given.
    replace: whether a run of that name may exist. It is then exchanged for the new one at the end.
    without: files that this run need not have.
    Raises RunError before the block if the name is taken or the folder cannot be written, and after it if a file of the
    run is missing or could not be written.
    """
    check_free(name, folder, replace=replace)
    folder = folder or runs_folder()
    target, partial = run_path(folder, name), _partial_folder(name, folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
    except OSError as error:
        raise RunError(
            f"No run can be written to {folder} ({error}). Set TRAINED_MODELS to a folder that can be written."
        ) from error
    try:
        yield partial
        missing = [file for file in FILES if file not in without and not (partial / file).is_file()]
        if missing:
            raise RunError(f"The run {name!r} was not completed: {', '.join(missing)} was not written. Train it again.")
        if target.exists() and replace:
            _exchange(target, partial)
        else:
            partial.rename(target)  # The system refuses this if a run of that name has appeared meanwhile.
    except BrokenPipeError:  # The process that listened to the training has gone; the folder is not the reason.
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        advice = "Free some space" if full else "Check that it can be written to"
        raise RunError(
            f"The run {name!r} could not be written to {folder} ({error}). {advice}, or set TRAINED_MODELS to another "
            "place."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_free(name: str, folder: Path | None = None, *, replace: bool = False) -> None:
    """Raise RunError if no run of that name can be written.

    This is so if there is one (unless it is to be replaced), or if another process is writing one.
    """
    sweep = sweep_of(checked_address(name))
    if sweep and not run_path(folder or runs_folder(), name).parent.is_dir():
        raise RunError(f"{name!r} cannot name a run, because there is no sweep {sweep!r}. It may have been deleted.")
    if find_run_folder(name, folder) and not replace:
        raise RunError(f"There is a run {name!r} already. Choose another name, or rename or delete that run first.")
    if is_being_written(name, folder):
        raise RunError(f"Another process is writing a run {name!r} just now. Choose another name, or wait for it.")


def free_name(stem: str, folder: Path | None = None) -> str:
    """The stem itself, or the first of stem-2, stem-3 and so on that no run has. Raises RunError if it is no name."""
    return next(
        name
        for name in numbered(checked_name(stem))
        if not find_run_folder(name, folder) and not is_being_written(name, folder)
    )


def is_being_written(name: str, folder: Path | None = None) -> bool:
    """Whether a living process is writing a run of that name. What an ended one left of it is removed."""
    for partial in _partial_folders(name, folder or runs_folder()):
        if is_alive_by_suffix(partial):
            return True
        shutil.rmtree(partial, ignore_errors=True)
    return False


def discard(name: str, folder: Path | None = None, *, place: str) -> None:
    """Remove what a process of that place has written of a run of that name. place: as `processes.here` says it there.

    Should the process live after all, it finds its folder gone and writes no run.
    """
    for partial in _partial_folders(name, folder or runs_folder()):
        if is_of_place(partial.suffix[1:], place):
            with suppress(OSError):  # Another process does this at the same moment.
                remove(partial)


def abandon(name: str, folder: Path | None = None) -> None:
    """Remove what this process has written of a run of that name. For a process that is about to end at once."""
    shutil.rmtree(_partial_folder(name, folder or runs_folder()), ignore_errors=True)


def remove(path: Path) -> None:
    """Delete a run's folder: it disappears in one step, and then from the disk. Raises OSError if it cannot."""
    deleted = path.with_name(f".deleted-{path.name}.{mark()}")
    path.rename(deleted)
    shutil.rmtree(deleted, ignore_errors=True)


def sweep(folder: Path | None = None) -> None:
    """Remove what ended processes left behind while they wrote, replaced or deleted a run."""
    folder = folder or runs_folder()
    for sweep_folder in (folder / SWEEPS).glob("[!.]*"):
        _sweep_one(sweep_folder)
    _sweep_one(folder / SWEEPS)
    _sweep_one(folder)


def _sweep_one(folder: Path) -> None:
    for kind in ("writing", "deleted"):
        for left in folder.glob(f".{kind}-*"):
            if not is_alive_by_suffix(left):
                shutil.rmtree(left, ignore_errors=True)
    for old in folder.glob(".replaced-*"):
        if is_alive_by_suffix(old):
            continue
        target = folder / old.stem.removeprefix(".replaced-")
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:  # The process ended between the two renames, so the old run is the run.
            with suppress(OSError):  # Another process does this at the same moment.
                old.rename(target)


def is_alive_by_suffix(path: Path) -> bool:
    """Whether the process whose mark ends that file's name is alive, see `processes.is_alive`."""
    return is_alive(path.suffix[1:], file=path)


def _partial_folders(name: str, folder: Path) -> list[Path]:
    """The folders into which any process writes a run of that name."""
    target = run_path(folder, name)
    # Others belong to a run whose name begins with this one and a dot.
    return [each for each in target.parent.glob(f".writing-{target.name}.*") if each.stem == f".writing-{target.name}"]


def _partial_folder(name: str, folder: Path) -> Path:
    """The folder into which this process writes a run of that name."""
    target = run_path(folder, name)
    return target.with_name(f".writing-{target.name}.{mark()}")


def _exchange(target: Path, successor: Path) -> None:
    """Give the successor the target's name. Between the two renames there is none; a failure restores the old."""
    old = target.with_name(f".replaced-{target.name}.{mark()}")
    target.rename(old)
    try:
        successor.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)
