"""The runs in use: the two that the draw page shows unless a visitor chooses others.

There is one on each side, left and right. The first architecture of the registry has the left side, and all others have
the right one. Promoting a run puts it in use on the side of its architecture.
"""

from collections.abc import Callable, Collection
from pathlib import Path

from mnist_core.errors import RunError
from mnist_core.models.classifier import check_prediction
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.names import sweep_of
from mnist_core.runs.promoted_runs import Promoted, change_promoted, promoted
from mnist_core.runs.run import Run

__all__ = ["default_pair", "in_use", "original", "promote", "promoted", "restore", "side_of"]

PREFERRED_RECIPES = ("robust", "specified")
"""Without a promoted run, that of the first of these recipes is in use."""


def default_pair(names: Collection[str], folder: Path | None = None) -> tuple[str, str]:
    """The two runs in use, left and right: two different ones if there are two.

    On each side it is the promoted run, else the robust run of the side's first architecture, else its specified run,
    else any. names: of the runs that exist, at least one. Raises RunError if there is none.
    """
    return _pair(names, promoted(folder))


def _pair(names: Collection[str], chosen: dict[str, str]) -> tuple[str, str]:
    """The two runs that are in use if these were promoted. chosen: their names by architecture."""
    if not names:
        raise RunError(
            f"There are no runs in {runs_folder()}. Train one with `digit-duel train mlp`, or in a checkout all four "
            "with `make train`."
        )
    left, right = (next((name for name in wanted if name in names), None) for wanted in _candidates(chosen))
    left = left or next((name for name in sorted(names) if name != right), right)
    right = right or next((name for name in sorted(names) if name != left), left)
    assert left
    assert right
    return left, right


def in_use(architecture: str, names: Collection[str], folder: Path | None = None) -> str:
    """The run in use on the side of an architecture, which a promoted run of that architecture would replace."""
    return default_pair(names, folder)[side_of(architecture)]


def original(architecture: str, names: Collection[str]) -> str:
    """The run that is in use on the side of an architecture as long as none is promoted there."""
    return _pair(names, {})[side_of(architecture)]


def side_of(architecture: str) -> int:
    """0 for the left side, 1 for the right one.

    >>> side_of("mlp"), side_of("cnn")
    (0, 1)
    """
    return 0 if architecture == next(iter(ARCHITECTURES)) else 1


def promote(run: Run, folder: Path | None = None) -> None:
    """Put a run in use on the side of its architecture.

    Its model predicts once before, because a model that cannot would stop the draw page for everybody. Raises RunError
    if it cannot, and DatabaseError if the choice cannot be written.
    """
    if sweep := sweep_of(run.name):
        raise RunError(
            f"The run {run.name!r} belongs to the sweep {sweep!r} and would go with it. Train its settings as a run of "
            f"its own first: digit-duel train --config {run.folder / 'run.json'}"
        )
    check_prediction(run.model_path)
    others = _without_side(side_of(run.architecture))
    change_promoted(folder or runs_folder(), lambda chosen: {**others(chosen), run.architecture: run.name})


def restore(architecture: str, folder: Path | None = None) -> None:
    """Put the original back in use on the side of an architecture. Raises DatabaseError if that cannot be written."""
    change_promoted(folder or runs_folder(), _without_side(side_of(architecture)))


def _without_side(side: int) -> Callable[[Promoted], Promoted]:
    """A function that leaves out the promoted runs of a side."""
    return lambda chosen: {architecture: name for architecture, name in chosen.items() if side_of(architecture) != side}


def _candidates(chosen: dict[str, str]) -> tuple[list[str], list[str]]:
    """The names of the runs that may be in use on each side, the best first."""
    sides: tuple[list[str], list[str]] = ([], [])
    for architecture, name in chosen.items():
        sides[side_of(architecture)].append(name)
    for architecture in ARCHITECTURES:
        sides[side_of(architecture)].extend(f"{architecture}-{recipe}" for recipe in PREFERRED_RECIPES)
    return sides
