"""What TensorFlow does once in a process, done before the first training: it finds kernels and compiles Python code.

>>> warm_up()  # doctest: +SKIP
"""

import numpy as np

from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import RECIPES, recipe_config
from mnist_core.training.backend import keras, tf
from mnist_core.training.batches import shuffled
from mnist_core.training.epochs import TrainingSources
from mnist_core.training.fitting import compile_model, training_model

BATCHES = 4
"""More than one, so that TensorFlow runs them as a group, as in a training."""

BATCH_SIZE = 5
WIDTH = 0.1


def warm_up() -> None:
    """Train a very small network of each architecture on a few blank digits. Nothing of it is left.

    A training afterwards gives the same weights as it would otherwise.
    """
    tf.config.experimental.enable_op_determinism()
    blank = TrainingSources(
        np.zeros((BATCHES * BATCH_SIZE, 28, 28), np.uint8), np.zeros(BATCHES * BATCH_SIZE, np.uint8)
    )
    for architecture in ARCHITECTURES:
        if architecture not in RECIPES["specified"]:
            continue
        config = recipe_config("specified", architecture, width=WIDTH, batch_size=BATCH_SIZE)
        model = training_model(config)
        compile_model(model, config, BATCHES)
        stream = shuffled(blank, batch_size=BATCH_SIZE, epochs=1, seed=config.seed)
        model.fit(stream, steps_per_epoch=BATCHES, shuffle=False, verbose=0)
    keras.backend.clear_session()
