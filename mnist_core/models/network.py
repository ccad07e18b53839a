"""The layers of a network with their weights, and the forward pass through them in NumPy.

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> network = read_network(Path("trained_models/mlp-specified/model.tflite"))
    >>> [(layer.name, layer.kind, layer.output_shape) for layer in network]
    [('flatten', 'flatten', (784,)), ('hidden', 'dense', (512,)), ('probabilities', 'dense', (10,))]
    >>> digits = np.zeros((3, 28, 28), np.float32)
    >>> predict(network, digits).shape
    (3, 10)
    >>> {name: output.shape for name, output in outputs(network, digits).items()}
    {'flatten': (3, 784), 'hidden': (3, 512), 'probabilities': (3, 10)}

A network is a tuple of layers, first to last. There are four kinds, those of the MLP and the CNN:

    Convolution  3x3, stride 1, padding 'same', bias, ReLU     (height, width, inputs) -> (height, width, outputs)
    Pooling      the largest of each 2x2 square                (height, width, c) -> (height // 2, width // 2, c)
    Flatten      the same numbers in one row                   (height, width, c) -> (height * width * c,)
    Dense        bias, ReLU or softmax                         (inputs,) -> (outputs,)

Convolution and Pooling have the size of their window, its stride, and the padding on each side, in cells.
Shapes are those of one digit, without the batch. Weights and outputs are float32, with Keras' order of axes.

LiteRT predicts faster than this module, but it shows neither weights nor gradients. The forward pass here is the
reference for the one in the browser (pages/parts/browser_predictor/network.js), and both agree with LiteRT's to the
rounding of float32: probabilities of digits differ by up to 2e-6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float32]

Activation = Literal["relu", "softmax"]


@dataclass(frozen=True, eq=False)
class Convolution:
    """A 3x3 convolution with padding 'same' and ReLU. kernel: (3, 3, inputs, outputs). bias: (outputs,)."""

    kind: ClassVar = "convolution"
    size: ClassVar = 3
    stride: ClassVar = 1
    padding: ClassVar = 1
    name: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    kernel: Array
    bias: Array
    activation: ClassVar[Activation] = "relu"

    @property
    def weights(self) -> dict[str, Array]:
        """The trained numbers by name."""
        return {"kernel": self.kernel, "bias": self.bias}

    def forward(self, inputs: Array) -> Array:
        """(n, height, width, outputs) for (n, height, width, inputs)."""
        padded = np.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = sliding_window_view(padded, (3, 3), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
        sums: Array = np.maximum(np.tensordot(windows, self.kernel, axes=3) + self.bias, 0)
        return sums


@dataclass(frozen=True, eq=False)
class Pooling:
    """The maximum of each 2x2 square. A last row or column without a partner is left out."""

    kind: ClassVar = "pooling"
    size: ClassVar = 2
    stride: ClassVar = 2
    padding: ClassVar = 0
    name: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def weights(self) -> dict[str, Array]:
        """None."""
        return {}

    def forward(self, inputs: Array) -> Array:
        """(n, height // 2, width // 2, c) for (n, height, width, c)."""
        height, width, channels = self.output_shape
        squares = inputs[:, : 2 * height, : 2 * width].reshape(-1, height, 2, width, 2, channels)
        maxima: Array = squares.max(axis=(2, 4))
        return maxima


@dataclass(frozen=True, eq=False)
class Flatten:
    """The numbers of (height, width, c) in one row, channels next to each other."""

    kind: ClassVar = "flatten"
    name: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def weights(self) -> dict[str, Array]:
        """None."""
        return {}

    def forward(self, inputs: Array) -> Array:
        """(n, height * width * c) for (n, height, width, c)."""
        return inputs.reshape(len(inputs), *self.output_shape)


@dataclass(frozen=True, eq=False)
class Dense:
    """Every output sees every input. kernel: (inputs, outputs). bias: (outputs,)."""

    kind: ClassVar = "dense"
    name: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    kernel: Array
    bias: Array
    activation: Activation

    @property
    def weights(self) -> dict[str, Array]:
        """The trained numbers by name."""
        return {"kernel": self.kernel, "bias": self.bias}

    def forward(self, inputs: Array) -> Array:
        """(n, outputs) for (n, inputs)."""
        sums: Array = self.logits(inputs)
        return np.maximum(sums, 0) if self.activation == "relu" else softmax(sums)

    def logits(self, inputs: Array) -> Array:
        """(n, outputs): the sums before the activation."""
        sums: Array = inputs @ self.kernel + self.bias
        return sums


Layer = Convolution | Pooling | Flatten | Dense

Network = tuple[Layer, ...]
"""Layers, first to last; each takes what the one before gives."""


def softmax(logits: Array) -> Array:
    """Probabilities (n, outputs) that sum to 1, for any logits (n, outputs)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def outputs(network: Sequence[Layer], digits: Array) -> dict[str, Array]:
    """The output of every layer by its name, in the order of the layers.

    digits: (n, 28, 28) float32 in 0..1. Each output is (n, *output_shape) float32.
    """
    result: dict[str, Array] = {}
    values = np.asarray(digits, np.float32).reshape(-1, *network[0].input_shape)
    for layer in network:
        values = result[layer.name] = layer.forward(values)
    return result


def predict(network: Sequence[Layer], digits: Array) -> Array:
    """Probabilities (n, 10) float32 for digits (n, 28, 28) float32 in 0..1."""
    return outputs(network, digits)[network[-1].name]
