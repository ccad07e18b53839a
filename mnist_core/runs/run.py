"""One trained run: what is known of it, as run.json says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.architecture import Layer
from mnist_core.models.registry import ARCHITECTURES


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
    entropy_threshold: float | None = None

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


def layers_of(run: Run) -> tuple[Layer, ...]:
    """The layers of the run's network, first to last.

    Empty where the run's parameters do not add up to those of the layers, because then it is another network.
    """
    architecture, width = ARCHITECTURES.get(run.architecture), run.config.get("width", 1.0)
    if architecture is None or not isinstance(width, (int, float)) or not 0 < width < 1000:
        return ()
    layers = architecture.layers(width)
    return layers if sum(layer.parameters for layer in layers) == run.parameters else ()
