"""What the pages need to know of each architecture.

Everything in which the architectures differ is decided here and in the registry.
"""

from collections.abc import Mapping

from mnist_core.models.architectures import ARCHITECTURES

__all__ = ["ARCHITECTURES", "batch_sizes", "first_sizes", "gains_from_bfloat16", "size_title", "title"]

_FIRST_SIZES: dict[str, dict[int, float]] = {
    "mlp": {64: 0.125, 128: 0.25, 256: 0.5, 512: 1.0, 1024: 2.0, 2048: 4.0},
    "cnn": {8: 0.25, 16: 0.5, 32: 1.0, 48: 1.5, 64: 2.0},
}
_SIZE_TITLES = {"mlp": "Hidden units", "cnn": "Filters in the first block"}
_BATCH_SIZES = {"mlp": [16, 32, 64, 100, 128, 250, 500, 1000, 2000], "cnn": [16, 32, 64, 100, 128, 250, 500]}


def title(architecture: str) -> str:
    """The name that people see; of an unknown architecture, its own name."""
    known = ARCHITECTURES.get(architecture)
    return known.title if known else architecture


def first_sizes(architecture: str) -> Mapping[int, float]:
    """The sizes of the first hidden layer that the training form offers, and the width that makes each."""
    return _FIRST_SIZES[architecture]


def size_title(architecture: str) -> str:
    """What the form calls these sizes."""
    return _SIZE_TITLES[architecture]


def batch_sizes(architecture: str) -> list[int]:
    """The batch sizes that the training form offers."""
    return _BATCH_SIZES[architecture]


def gains_from_bfloat16(architecture: str) -> bool:
    """Whether training in bfloat16 arithmetic is faster, on a processor that has it."""
    return architecture == "cnn"
