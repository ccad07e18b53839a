"""The multilayer perceptron: 784 → 512 ReLU → 10 softmax, with 401,920 + 5,130 = 407,050 parameters.

>>> ARCHITECTURE.parameters(), ARCHITECTURE.multiply_adds()
(407050, 406528)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_core.models.architecture import Architecture, Layer
from mnist_core.models.keras_blocks import dense_block, output_layer

if TYPE_CHECKING:
    import keras

UNITS = 512


def build(*, width: float = 1.0, normalisation: bool = False, dropout: float = 0.0) -> keras.Model:
    """See `architecture.Builder`."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1), name="digit"),
            layers.Flatten(name="flatten"),
            *dense_block(round(UNITS * width), normalisation=normalisation, dropout=dropout),
            output_layer(),
        ],
        name="mlp",
    )


def list_layers(width: float = 1.0) -> tuple[Layer, ...]:
    """See `architecture.LayerList`."""
    units = round(UNITS * width)
    return (Layer("hidden", 1, 28 * 28, units), Layer("probabilities", 1, units, 10))


ARCHITECTURE = Architecture(
    name="mlp",
    title="MLP",
    description=f"multilayer perceptron, 784-{UNITS}-10",
    explanation="A multilayer perceptron. It weighs all pixels at once, without knowing which of them are neighbours.",
    order=1,
    build=build,
    layers=list_layers,
    size_title="Hidden units",
    widths=(0.125, 0.25, 0.5, 1.0, 2.0, 4.0),
    batch_sizes=(16, 32, 64, 100, 128, 250, 500, 1000, 2000),
    # The learning rates and schedules were chosen on the validation digits, see docs/models.md.
    recipes={
        "specified": {
            "optimizer": "adam",
            "learning_rate": 0.005,
            "batch_size": 1000,
            "epochs": 12,
            "schedule": "cosine",
        },
        "robust": {
            "optimizer": "adam",
            "learning_rate": 0.003,
            "batch_size": 500,
            "epochs": 160,
            "schedule": "cosine",
            "augmentation": 0.8,
            "handwriting": 0.2,
            "pen_fraction": 0.2,
            "out_of_distribution": 0.02,
            "teacher": "cnn-robust",
            "distillation_temperature": 2.0,
            "repeats": 16,
            "calibrated": True,
        },
    },
    # Warm colours, because those of the CNN are cool.
    colours=(("#b4510f", "#f0a35e"), ("#6b2c0a", "#ffdcb0"), ("#b08400", "#d3b021"), ("#c23b52", "#ff8a8f")),
    symbols=("circle", "triangle-up", "wye", "triangle-left"),
)
