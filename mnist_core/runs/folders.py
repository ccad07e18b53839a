"""The folders in which runs lie on this machine.

New runs are written to `runs_folder()`. The runs that come with the project lie in `shipped_folder()`. In a checkout,
both are its folder trained_models/. Elsewhere, the first is in the user's data folder and the second in this package.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
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


def search_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """The folders in which runs are searched for, the one for new runs first. folder: search only here."""
    if folder:
        return (folder,)
    if os.environ.get(VARIABLE):
        return (runs_folder(),)
    return tuple(dict.fromkeys((runs_folder(), shipped_folder())))


def find_run_folder(name: str, folder: Path | None = None) -> Path | None:
    """The folder of the run of that name, whole or damaged; None if there is none. folder: search only here."""
    return next((path for place in search_folders(folder) if (path := place / name).is_dir()), None)
