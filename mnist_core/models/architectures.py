"""The two networks, exactly as specified, behind one registry and one signature.

    >>> model = ARCHITECTURES["mlp"].build()      # doctest: +SKIP
    >>> model.count_params()                      # doctest: +SKIP
    407050

Both take (n, 28, 28, 1) float32 in 0..1 and give (n, 10) probabilities. This module imports Keras only when it builds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """name: as the command line and run.json call it. title: as pages call it.

    build: makes a fresh, uncompiled model. build(width=1.0, normalisation=False, dropout=0.0): width is a factor on the hidden layers' sizes; the
    other two act in training only: `plain_weights` takes them out again, and what is left has the layers and the parameters of `build(width=...)`.
    """

    name: str
    title: str
    description: str
    build: Callable[..., keras.Model]


def build_mlp(*, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
    """784 -> 512 ReLU -> 10 softmax: 401,920 + 5,130 = 407,050 parameters."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            layers.Flatten(name="flatten"),
            *_dense(round(512 * width), normalisation, dropout),
            layers.Dense(10, activation="softmax", dtype="float32", name="probabilities"),
        ],
        name="mlp",
    )


def build_cnn(*, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
    """Three times Conv2D 3x3 ReLU and MaxPooling2D (28-14-7-3), Flatten, Dense 128 ReLU, Dense 10 softmax: 241,546 parameters.

    'same' padding: with 'valid' the third block would end at 1x1 and see little of the digit.
    """
    from keras import Input, Sequential, layers

    blocks: list[Any] = []
    for number, filters in enumerate((32, 64, 128), start=1):
        blocks += _convolution(number, round(filters * width), normalisation)
    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            *blocks,
            layers.Flatten(name="flatten"),
            *([layers.Dropout(dropout)] if dropout else []),
            *_dense(round(128 * width), normalisation, dropout),
            layers.Dense(10, activation="softmax", dtype="float32", name="probabilities"),
        ],
        name="cnn",
    )


def plain_weights(model: keras.Model) -> list[NDArray[np.float32]]:
    """The weights of a model without what only acted in training: set on a plain model of the same width, it reads the same.

    Batch normalisation (Ioffe, Szegedy, "Batch Normalization", 2015) is at inference a fixed scale and offset for each feature, so
    it goes into the kernel and bias of the layer before it.
    """
    from keras import layers

    weights: list[NDArray[np.float32]] = []
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            offset, mean, variance = layer.get_weights()
            scale = 1 / np.sqrt(variance + layer.epsilon)
            weights[-1] = weights[-1] * scale
            weights.append(offset - mean * scale)
        else:
            weights += layer.get_weights()
    return weights


def _convolution(number: int, filters: int, normalisation: bool) -> list[Any]:
    """One block. Normalised after the pooling, where there is a quarter of the work: with a positive scale that commutes with the maximum and with ReLU."""
    from keras import layers

    name, pooling = f"convolution_{number}", layers.MaxPooling2D(name=f"pooling_{number}")
    if not normalisation:
        return [layers.Conv2D(filters, 3, padding="same", activation="relu", name=name), pooling]
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name),
        pooling,
        layers.BatchNormalization(scale=False),
        layers.ReLU(),
    ]


def _dense(units: int, normalisation: bool, dropout: float) -> list[Any]:
    from keras import layers

    hidden = (
        [layers.Dense(units, use_bias=False, name="hidden"), layers.BatchNormalization(scale=False), layers.ReLU()]
        if normalisation
        else [layers.Dense(units, activation="relu", name="hidden")]
    )
    return [*hidden, layers.Dropout(dropout)] if dropout else hidden


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        Architecture("mlp", "MLP", "multilayer perceptron, 784-512-10", build_mlp),
        Architecture("cnn", "CNN", "convolutional network, three Conv+MaxPool blocks", build_cnn),
    )
}
