"""The folders in which runs lie on this machine.

New runs are written to `runs_folder()`, those of a sweep to a folder of the sweep's own in it. The runs that come with
the project lie in `shipped_folder()`. In a checkout, both are its folder trained_models/. Elsewhere,
the first is in the user's data folder and the second in this package.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
SWEEPS = ".sweeps"
"""The folder beside the runs that holds the sweeps. Each sweep is a folder there, and its runs are folders in it."""

VARIABLE = "TRAINED_MODELS"
"""The environment variable that names a folder for runs. Then no other folder is used."""


def checkout() -> Path | None:
    """The folder of the checkout that this package lies in. None for an installed package."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "trained_models").is_dir() else None


def runs_folder() -> Path:
    """The folder for new runs: TRAINED_MODELS, else trained_models/ of the checkout, else the user's data folder."""
    if named := os.environ.get(VARIABLE):
        return Path(os.path.expanduser(named))
    if root := checkout():
        return root / "trained_models"
    from platformdirs import user_data_path  # Only here: a checkout does not need it.

    return user_data_path("digit-duel", appauthor=False) / "trained_models"


def shipped_folder() -> Path:
    """The folder of the runs that come with the project."""
    root = checkout()
    return root / "trained_models" if root else PACKAGE / "app" / "trained_models"


def can_be_written(folder: Path) -> bool:
    """Whether this user may write runs there. A folder that is not there yet counts if it can be made."""
    place = next(each for each in (folder.absolute(), *folder.absolute().parents) if os.access(each, os.F_OK))
    return os.access(place, os.W_OK | os.X_OK)


def search_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """The folders in which runs are searched for, the one for new runs first. folder: search only here."""
    if folder:
        return (folder,)
    if os.environ.get(VARIABLE):
        return (runs_folder(),)
    return tuple(dict.fromkeys((runs_folder(), shipped_folder())))


def run_path(folder: Path, name: str) -> Path:
    """Where the run of that name lies, or would lie, below a folder of runs. name: also SWEEP/RUN, and checked before.

    >>> run_path(Path("runs"), "mine").as_posix(), run_path(Path("runs"), "how-wide/mlp-width-64-seed-1").as_posix()
    ('runs/mine', 'runs/.sweeps/how-wide/mlp-width-64-seed-1')
    """
    return folder / SWEEPS / name if "/" in name else folder / name


def name_of(path: Path) -> str:
    """The opposite of `run_path`: the name of the run in that folder.

    >>> name_of(Path("runs/.sweeps/how-wide/mlp-width-64-seed-1")), name_of(Path("runs/mine"))
    ('how-wide/mlp-width-64-seed-1', 'mine')
    """
    return f"{path.parent.name}/{path.name}" if path.parent.parent.name == SWEEPS else path.name


def find_run_folder(name: str, folder: Path | None = None) -> Path | None:
    """The folder of the run of that name, whole or damaged; None if there is none. folder: search only here."""
    return next((path for place in search_folders(folder) if (path := run_path(place, name)).is_dir()), None)
