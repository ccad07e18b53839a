"""Which runs are in use: the ones that the draw page shows unless a visitor chooses others."""

import json
from collections.abc import Collection
from pathlib import Path

from mnist_core.errors import RunError
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.processes import mark
from mnist_core.runs.run import Run

PROMOTED = ".promoted.json"
"""Beside the runs: which of them are in use in place of the usual ones, by architecture."""


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


def promote(run: Run, folder: Path | None = None) -> None:
    """Put a run in use in place of the one of its architecture. Promoting the robust run gives it back its place."""
    folder = folder or runs_folder()
    write_promoted({**promoted(folder), run.architecture: run.name}, folder)


def write_promoted(chosen: dict[str, str], folder: Path) -> None:
    """Write which runs are in use, by architecture, in one step. Raises RunError if that is impossible."""
    beside = folder / f"{PROMOTED}.{mark()}"
    try:
        beside.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        beside.replace(folder / PROMOTED)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RunError(
            f"{folder / PROMOTED} could not be written ({error}). The runs in use are as they were."
        ) from error
