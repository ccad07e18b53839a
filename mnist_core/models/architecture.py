"""The description of one kind of network: everything in which it differs from the others.

    >>> from mnist_core.models.registry import ARCHITECTURES
    >>> cnn = ARCHITECTURES["cnn"]
    >>> cnn.title, cnn.hidden_sizes(), f"{cnn.multiply_adds():,}"
    ('CNN', (32, 64, 128, 128), '7,599,872')

To add an architecture, write a file like those in the folder `architectures`. See `registry`. Nothing here imports
Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Layer:
    """A layer with weights. It turns `inputs` numbers into `outputs` numbers, at each of `positions` places.

    For a 3×3 convolution, `inputs` is 9 times the number of channels, and `positions` is the number of pixels.

    >>> Layer("hidden", positions=1, inputs=784, outputs=512).parameters
    401920
    """

    name: str
    positions: int
    inputs: int
    outputs: int

    @property
    def multiply_adds(self) -> int:
        """The multiplications for one digit, each followed by an addition. Biases, ReLU and pooling are not counted, as
        is usual.
        """
        return self.positions * self.inputs * self.outputs

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return (self.inputs + 1) * self.outputs


class Builder(Protocol):
    """Makes a fresh, uncompiled Keras model that takes (n, 28, 28, 1) float32 in 0..1 and gives (n, 10) probabilities.

    width: a factor on the sizes of the hidden layers.
    normalisation, dropout: batch normalisation, and the fraction of features left out. Both act in training only.
    `keras_blocks.plain_weights` removes them again, and the weights that remain must fit `build(width=width)`.
    """

    def __call__(self, *, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
        """Build the model."""


class LayerList(Protocol):
    """Lists the layers with weights, first to last, as `build(width=width)` makes them."""

    def __call__(self, width: float = 1.0) -> tuple[Layer, ...]:
        """List the layers."""


@dataclass(frozen=True)
class Architecture:
    """One kind of network.

    name: used by the command line, in run.json and in the names of runs. title, description: shown to people.
    explanation: a sentence or two on what such a network does, for people who meet its title for the first time.
    build, layers: see `Builder` and `LayerList`. Both must agree; a test compares them.
    recipes: settings of a training by the recipe's name, as keyword arguments of `TrainingConfig` without architecture
    and recipe. The recipe 'specified' must be among them, because custom settings start from it.
    order: the place in lists; lower comes first. The first two architectures are compared unless somebody chooses
    others.
    size_title: what the page calls the size of the first hidden layer.
    widths, batch_sizes: the values that the training page offers.
    gains_from_bfloat16: whether training in bfloat16 arithmetic is faster, on processors that have it.
    colours: pairs of hexadecimal colours for charts, for a light and for a dark background. symbols: Vega's names of
    chart symbols. Runs of one architecture use them in turn. Charts have neutral ones for an architecture without its
    own.
    """

    name: str
    title: str
    description: str
    build: Builder
    layers: LayerList
    recipes: Mapping[str, Mapping[str, Any]]
    explanation: str = ""
    order: int = 100
    size_title: str = "Size of the first hidden layer"
    widths: tuple[float, ...] = (0.25, 0.5, 1.0, 1.5, 2.0)
    batch_sizes: tuple[int, ...] = (16, 32, 64, 100, 128, 250, 500)
    gains_from_bfloat16: bool = False
    colours: tuple[tuple[str, str], ...] = field(default=())
    symbols: tuple[str, ...] = field(default=())

    def hidden_sizes(self, width: float = 1.0) -> tuple[int, ...]:
        """The number of units or filters of each hidden layer, first to last."""
        return tuple(layer.outputs for layer in self.layers(width)[:-1])

    def parameters(self, width: float = 1.0) -> int:
        """The number of weights and biases."""
        return sum(layer.parameters for layer in self.layers(width))

    def multiply_adds(self, width: float = 1.0) -> int:
        """The multiplications for one digit, each followed by an addition."""
        return sum(layer.multiply_adds for layer in self.layers(width))

    def first_sizes(self) -> dict[int, float]:
        """The sizes of the first hidden layer that the training page offers, and the width that makes each.

        >>> from mnist_core.models.registry import ARCHITECTURES
        >>> ARCHITECTURES["cnn"].first_sizes()
        {8: 0.25, 16: 0.5, 32: 1.0, 48: 1.5, 64: 2.0}
        """
        return {self.layers(width)[0].outputs: width for width in self.widths}
