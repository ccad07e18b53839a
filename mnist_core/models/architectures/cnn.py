"""The convolutional network: three blocks of 3×3 convolution and max-pooling (28-14-7-3 pixels), then 128 ReLU → 10
softmax.

>>> ARCHITECTURE.parameters(), ARCHITECTURE.parameters(width=1.5)
(241546, 542026)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_core.models.architecture import Architecture, Layer
from mnist_core.models.keras_blocks import convolution_block, dense_block, output_layer

if TYPE_CHECKING:
    import keras

FILTERS = (32, 64, 128)
UNITS = 128


def build(*, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
    """See `architecture.Builder`.

    The padding is 'same', because with 'valid' the third block would end at 1×1 pixel and see little of the digit.
    """
    from keras import Input, Sequential, layers

    blocks: list[Any] = []
    for number, filters in enumerate(FILTERS, start=1):
        blocks += convolution_block(number, round(filters * width), normalisation=normalisation)
    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            *blocks,
            layers.Flatten(name="flatten"),
            *([layers.Dropout(dropout)] if dropout else []),
            *dense_block(round(UNITS * width), normalisation=normalisation, dropout=dropout),
            output_layer(),
        ],
        name="cnn",
    )


def list_layers(width: float = 1.0) -> tuple[Layer, ...]:
    """See `architecture.LayerList`."""
    first, second, third = (round(filters * width) for filters in FILTERS)
    units = round(UNITS * width)
    return (
        Layer("convolution_1", 28 * 28, 9, first),
        Layer("convolution_2", 14 * 14, 9 * first, second),
        Layer("convolution_3", 7 * 7, 9 * second, third),
        Layer("hidden", 1, 3 * 3 * third, units),
        Layer("probabilities", 1, units, 10),
    )


ARCHITECTURE = Architecture(
    name="cnn",
    title="CNN",
    description="convolutional network, three Conv+MaxPool blocks",
    explanation="A convolutional neural network. Small filters slide over the digit and find strokes wherever they "
    "are.",
    order=2,
    build=build,
    layers=list_layers,
    size_title="Filters in the first block",
    widths=(0.25, 0.5, 1.0, 1.5, 2.0),
    batch_sizes=(16, 32, 64, 100, 128, 250, 500),
    gains_from_bfloat16=True,
    # The learning rates and schedules were chosen on the validation digits, see docs/models.md.
    recipes={
        "specified": {
            "optimizer": "rmsprop",
            "learning_rate": 0.001,
            "batch_size": 128,
            "epochs": 12,
            "schedule": "cosine",
            "precision": "fastest",
        },
        "robust": {
            "optimizer": "adam",
            "learning_rate": 0.002,
            "batch_size": 125,
            "epochs": 12,
            "schedule": "cosine",
            "width": 1.5,
            "augmentation": 0.8,
            "handwriting": 0.2,
            "pen_fraction": 0.2,
            "out_of_distribution": 0.05,
            "normalisation": True,
            "calibrated": True,
            "precision": "fastest",
        },
    },
    # Cool colours, because those of the MLP are warm.
    colours=(("#1f5fa8", "#74b2f4"), ("#0d2c5c", "#cfe4ff"), ("#16899c", "#43cbd6"), ("#6a5acd", "#8a76f5")),
    symbols=("square", "diamond", "cross", "triangle-down"),
)
