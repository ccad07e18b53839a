"""The parts from which the builders of the architectures make Keras models, and the way back to plain weights.

Keras is imported inside the functions, because a page must list and open runs without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


def dense_block(units: int, *, normalisation: bool = False, dropout: float = 0.0) -> list[Any]:
    """Keras layers: a dense hidden layer with ReLU."""
    from keras import layers

    hidden = (
        [layers.Dense(units, use_bias=False, name="hidden"), layers.BatchNormalization(scale=False), layers.ReLU()]
        if normalisation
        else [layers.Dense(units, activation="relu", name="hidden")]
    )
    return [*hidden, layers.Dropout(dropout)] if dropout else hidden


def convolution_block(number: int, filters: int, *, normalisation: bool = False) -> list[Any]:
    """Keras layers: a 3×3 convolution with ReLU, then 2×2 max-pooling. number: of the block, from 1, for the layers'
    names.

    Batch normalisation stands after the pooling, where it has a quarter of the work. The result is the same, because a
    positive scale does not change which value is the maximum.
    """
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


def output_layer() -> Any:
    """A Keras layer: ten probabilities, in float32 whatever the precision of the layers before it."""
    from keras import layers

    return layers.Dense(10, activation="softmax", dtype="float32", name="probabilities")


def plain_weights(model: keras.Model) -> list[NDArray[np.float32]]:
    """The weights of a model without its batch normalisation and dropout.

    Set on a plain model of the same width, they give the same probabilities. At inference, batch normalisation (Ioffe
    and Szegedy, "Batch Normalization", 2015) is a fixed scale and offset of each feature. The scale is multiplied into
    the kernel before it, and the offset becomes the bias. This needs a layer without bias directly before each
    normalisation (pooling may lie between).
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
