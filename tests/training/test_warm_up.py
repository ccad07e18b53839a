"""What is done before a training begins changes its speed and nothing else."""

from typing import Any

import numpy as np
import pytest

from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import recipe_config
from mnist_core.training.batches import shuffled
from mnist_core.training.epochs import TrainingSources
from mnist_core.training.fitting import compile_model, training_model
from mnist_core.training.warm_up import warm_up

BATCHES, BATCH_SIZE = 4, 5


def compiled(architecture: str) -> Any:
    model = training_model(recipe_config("specified", architecture, width=0.1))
    compile_model(model, recipe_config("specified", architecture, batch_size=BATCH_SIZE), BATCHES)
    return model


@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_the_first_batch_creates_no_variables_because_all_would_be_compiled_twice(architecture: str) -> None:
    model = compiled(architecture)
    before = len(model.optimizer.variables) + len(model.metrics_variables)
    assert not any(np.any(variable) for variable in model.metrics_variables), "nothing counts yet"
    digits = np.zeros((BATCHES * BATCH_SIZE, 28, 28), np.uint8)
    stream = shuffled(TrainingSources(digits, np.zeros(len(digits), np.uint8)), batch_size=BATCH_SIZE, epochs=1, seed=1)
    model.fit(stream, steps_per_epoch=BATCHES, shuffle=False, verbose=0)
    assert len(model.optimizer.variables) + len(model.metrics_variables) == before


def test_nothing_of_the_warm_up_is_left_in_the_names_of_a_network() -> None:
    warm_up()
    names = [layer.name for layer in compiled("mlp").layers]
    warm_up()
    assert [layer.name for layer in compiled("mlp").layers] == names
