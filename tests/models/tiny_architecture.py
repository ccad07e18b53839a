"""A third architecture in one file: a perceptron on the digit reduced to 7×7 pixels. Only tests use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_core.models.architecture import Architecture, Layer
from mnist_core.models.keras_blocks import dense_block, output_layer

if TYPE_CHECKING:
    import keras

UNITS = 16


def build(*, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            layers.AveragePooling2D(4),
            layers.Flatten(),
            *dense_block(round(UNITS * width), normalisation=normalisation, dropout=dropout),
            output_layer(),
        ],
        name="tiny",
    )


def list_layers(width: float = 1.0) -> tuple[Layer, ...]:
    units = round(UNITS * width)
    return (Layer("hidden", 1, 7 * 7, units), Layer("probabilities", 1, units, 10))


ARCHITECTURE = Architecture(
    name="tiny",
    title="Tiny",
    description="perceptron on 7×7 pixels",
    explanation="A perceptron that sees the digit at a quarter of its size.",
    build=build,
    layers=list_layers,
    recipes={"specified": {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 50, "epochs": 3}},
    colours=(("#3f7d20", "#9ad17b"), ("#1f4010", "#d3efc5")),
    symbols=("triangle-right", "stroke"),
)
