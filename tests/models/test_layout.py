"""What a layout costs, against counting in the models that Keras builds."""

import json
import subprocess
import sys

import pytest

from mnist_core.models.layout import layout
from mnist_core.runs.run import layout_of
from mnist_core.runs.store import load_run
from tests.conftest import ROOT

COUNT = """
import json, math
from mnist_core.models.architectures import ARCHITECTURES
counted = {}
for name in ("mlp", "cnn"):
    for width in (0.5, 1.0, 1.5):
        model = ARCHITECTURES[name].build(width=width)
        adds = 0
        for layer in model.layers:
            if layer.weights:
                # Every number that comes out is the sum of as many products as its column of the kernel has weights.
                kernel = layer.weights[0].shape
                adds += math.prod(layer.output.shape[1:]) * math.prod(kernel[:-1])
        counted[f"{name} {width}"] = [adds, model.count_params()]
print(json.dumps(counted))
"""


def test_the_layouts_have_the_parameters_and_multiply_adds_of_keras_own_models() -> None:
    ended = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True, cwd=ROOT)
    for key, counted in json.loads(ended.stdout.splitlines()[-1]).items():
        name, width = key.split()
        layers = layout(name, width=float(width))
        assert [sum(layer.multiply_adds for layer in layers), sum(layer.parameters for layer in layers)] == counted, key


@pytest.mark.parametrize("name", ["mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust"])
def test_the_shipped_runs_are_laid_out_as_their_config_says(name: str) -> None:
    run = load_run(name)
    assert sum(layer.parameters for layer in layout_of(run)) == run.parameters


def test_a_foreign_network_has_no_layout_rather_than_a_wrong_one() -> None:
    import dataclasses

    run = load_run("mlp-specified")
    assert layout_of(dataclasses.replace(run, architecture="transformer")) == ()
    assert layout_of(dataclasses.replace(run, parameters=run.parameters + 1)) == ()
    for width in ("wide", -1, None, 1e9, float("nan")):
        assert layout_of(dataclasses.replace(run, config={**run.config, "width": width})) == ()
