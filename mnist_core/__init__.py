"""Digit Duel: two networks that classify handwritten digits, and how they compare.

>>> import mnist_core
>>> mnist_core.load_run("cnn-robust").architecture
'cnn'

This is the whole public interface. Each name is imported when it is first used, so that `import mnist_core` takes a few
milliseconds:

    load_run, list_runs         trained runs
    predict, predict_picture    predict arrays and pictures
    evaluate                    measure a run on labelled digits
    train                       train a run with a data set or with arrays of your own
    recipe_config               the settings of a training, from a recipe
    TrainingConfig, Run, Prediction, Accuracy, DigitDuelError
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnist_core.api import evaluate, list_runs, load_run, predict, predict_picture, train
    from mnist_core.errors import DigitDuelError
    from mnist_core.metrics.accuracy import Accuracy
    from mnist_core.models.classifier import Prediction
    from mnist_core.runs.recipes import TrainingConfig, recipe_config
    from mnist_core.runs.run import Run

__version__ = "0.1.0"

__all__ = [
    "Accuracy",
    "DigitDuelError",
    "Prediction",
    "Run",
    "TrainingConfig",
    "__version__",
    "evaluate",
    "list_runs",
    "load_run",
    "predict",
    "predict_picture",
    "recipe_config",
    "train",
]

_HOMES = {
    "Accuracy": "mnist_core.metrics.accuracy",
    "DigitDuelError": "mnist_core.errors",
    "Prediction": "mnist_core.models.classifier",
    "Run": "mnist_core.runs.run",
    "TrainingConfig": "mnist_core.runs.recipes",
    "evaluate": "mnist_core.api",
    "list_runs": "mnist_core.api",
    "load_run": "mnist_core.api",
    "predict": "mnist_core.api",
    "predict_picture": "mnist_core.api",
    "recipe_config": "mnist_core.runs.recipes",
    "train": "mnist_core.api",
}
"""The module that each public name comes from."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, and what the module has besides."""
    return sorted({*globals(), *__all__})
