"""The two networks, exactly as specified, behind one registry and one signature.

    >>> model = ARCHITECTURES["mlp"].build()      # doctest: +SKIP
    >>> model.count_params()                      # doctest: +SKIP
    407050

Both take (n, 28, 28, 1) float32 in 0..1 and give (n, 10) probabilities. This module imports Keras only when it builds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """name: as the command line and run.json call it. title: as pages call it. build: makes a fresh, uncompiled model."""

    name: str
    title: str
    description: str
    build: Callable[[], keras.Model]


def build_mlp() -> keras.Model:
    """784 -> 512 ReLU -> 10 softmax: 401,920 + 5,130 = 407,050 parameters."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            layers.Flatten(name="flatten"),
            layers.Dense(512, activation="relu", name="hidden"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="mlp",
    )


def build_cnn() -> keras.Model:
    """Three times Conv2D 3x3 ReLU and MaxPooling2D (28-14-7-3), Flatten, Dense 128 ReLU, Dense 10 softmax: 241,546 parameters.

    'same' padding: with 'valid' the third block would end at 1x1 and see little of the digit.
    """
    from keras import Input, Sequential, layers

    blocks = []
    for number, filters in enumerate((32, 64, 128), start=1):
        blocks += [
            layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"convolution_{number}"),
            layers.MaxPooling2D(name=f"pooling_{number}"),
        ]
    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            *blocks,
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="hidden"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="cnn",
    )


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        Architecture("mlp", "MLP", "multilayer perceptron, 784-512-10", build_mlp),
        Architecture("cnn", "CNN", "convolutional network, three Conv+MaxPool blocks", build_cnn),
    )
}
