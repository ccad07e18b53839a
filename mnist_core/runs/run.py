"""One trained run, as run.json describes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.architecture import Layer
from mnist_core.models.registry import ARCHITECTURES


@dataclass(frozen=True)
class Run:
    """A trained network and what run.json says about it.

    config: the settings of its training, also those that this version does not know. versions: of Python and packages.
    data: name and digest of the digits, and how many were used. created: ISO 8601, UTC.
    duration_seconds: of the training itself. best_epoch: the epoch whose weights were kept, from 1.
    test: the accuracy on the test digits, which are predicted once.
    temperature: the divisor of the logits, already part of the stored models. It is 1 if none was fitted.
    entropy_threshold: the normalised entropy above which an image may be no digit, see `metrics.entropy`. It is None if
    the network did not learn from images that are no digits.
    keras_model: whether model.keras is among the files. Without it no other training can begin with the run's weights.
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
    entropy_threshold: float | None = None
    keras_model: bool = True

    @property
    def model_path(self) -> Path:
        """The model with which pages and the command line predict."""
        return self.folder / "model.tflite"

    @property
    def size_bytes(self) -> int:
        """The size of all files together, in bytes."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())


@dataclass(frozen=True)
class DamagedRun:
    """A folder that is no usable run, and the reason in words."""

    name: str
    reason: str


def layers_of(run: Run) -> tuple[Layer, ...]:
    """The layers of the run's network, first to last.

    Empty where the run's parameters do not add up to those of the layers, because then it is another network.
    """
    architecture, width = ARCHITECTURES.get(run.architecture), run.config.get("width", 1.0)
    if architecture is None or not isinstance(width, (int, float)) or not 0 < width < 1000:
        return ()
    layers = architecture.layers(width)
    return layers if sum(layer.parameters for layer in layers) == run.parameters else ()
