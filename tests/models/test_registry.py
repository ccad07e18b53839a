"""Each architecture owns all that differs for it, and one more is one more file."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.errors import ConfigError
from mnist_core.models import registry
from mnist_core.models.registry import ARCHITECTURES, VARIABLE, register
from mnist_core.runs.recipes import RECIPES, recipe_config
from mnist_core.runs.run import layers_of
from mnist_core.runs.store import load_run
from tests.conftest import ROOT

TINY = ROOT / "tests" / "models" / "tiny_architecture.py"

COUNT = """
import json, math
from mnist_core.models.registry import ARCHITECTURES
counted = {}
for name, architecture in ARCHITECTURES.items():
    for width in (0.5, 1.0, 1.5):
        model = architecture.build(width=width)
        adds = 0
        for layer in model.layers:
            if layer.weights:
                # Each output is the sum of as many products as its column of the kernel has weights.
                kernel = layer.weights[0].shape
                adds += math.prod(layer.output.shape[1:]) * math.prod(kernel[:-1])
        counted[f"{name} {width}"] = {
            "keras": [adds, model.count_params()],
            "layers": [architecture.multiply_adds(width), architecture.parameters(width)],
        }
print(json.dumps(counted))
"""


def run_python(*command: str, **environment: str) -> str:
    """What a new process prints. It also knows the tiny architecture."""
    ended = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(TINY), **environment},
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_the_layers_have_the_parameters_and_multiply_adds_of_keras_own_models() -> None:
    counted = json.loads(run_python("-c", COUNT).splitlines()[-1])
    assert {key.split()[0] for key in counted} == {"mlp", "cnn", "tiny"}
    for key, both in counted.items():
        assert both["layers"] == both["keras"], key


def test_the_first_two_architectures_are_the_mlp_and_the_cnn() -> None:
    assert list(ARCHITECTURES)[:2] == ["mlp", "cnn"]
    assert ARCHITECTURES["mlp"].hidden_sizes() == (512,)
    assert ARCHITECTURES["cnn"].hidden_sizes(width=1.5) == (48, 96, 192, 192)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_what_the_training_page_offers_holds_the_specified_values(name: str) -> None:
    architecture = ARCHITECTURES[name]
    assert 1.0 in architecture.first_sizes().values()
    assert architecture.recipes["specified"]["batch_size"] in architecture.batch_sizes


def test_no_two_architectures_have_the_same_colour_or_a_symbol() -> None:
    for values in ("colours", "symbols"):
        every = [value for architecture in ARCHITECTURES.values() for value in getattr(architecture, values)]
        assert len(set(every)) == len(every) > 0


@pytest.mark.parametrize("name", ["mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust"])
def test_the_shipped_runs_have_the_layers_that_their_config_says(name: str) -> None:
    run = load_run(name)
    assert sum(layer.parameters for layer in layers_of(run)) == run.parameters


def test_a_foreign_network_has_no_layers_rather_than_those_of_another() -> None:
    run = load_run("mlp-specified")
    assert layers_of(dataclasses.replace(run, architecture="transformer")) == ()
    assert layers_of(dataclasses.replace(run, parameters=run.parameters + 1)) == ()
    for width in ("wide", -1, None, 1e9, float("nan")):
        assert layers_of(dataclasses.replace(run, config={**run.config, "width": width})) == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "mlp"}, "two architectures named 'mlp'"),
        ({"name": "My Net"}, "a-z and 0-9"),
        ({"name": "other", "recipes": {"quick": {}}}, "'specified'"),
    ],
)
def test_an_incomplete_architecture_is_refused_with_the_reason(changes: dict[str, object], message: str) -> None:
    before = dict(ARCHITECTURES)
    with pytest.raises(ConfigError, match=message):
        register(dataclasses.replace(ARCHITECTURES["mlp"], **changes))  # type: ignore[arg-type]
    assert before == ARCHITECTURES


def test_a_registered_architecture_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ARCHITECTURES", {})
    register(ARCHITECTURES["cnn"])
    assert list(registry.ARCHITECTURES) == ["cnn"]


def test_an_architecture_that_is_registered_late_has_its_recipes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ARCHITECTURES["mlp"].recipes["specified"]
    late = dataclasses.replace(ARCHITECTURES["mlp"], name="late", recipes={"specified": settings, "quick": settings})
    monkeypatch.setitem(ARCHITECTURES, "late", late)  # so that it is taken out again at the end
    del ARCHITECTURES["late"]
    register(late)
    assert list(RECIPES) == ["specified", "robust", "quick"]
    assert recipe_config("specified", "late").architecture == "late"
    assert list(RECIPES["quick"]) == ["late"]
    with pytest.raises(ConfigError, match="architecture is 'rnn', expected one of mlp, cnn, late"):
        recipe_config("specified", "rnn")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("absent.py", None, "no file"),
        ("empty.py", "", "Add a constant ARCHITECTURE"),
        ("notes.txt", "", "must end in .py"),
        ("broken.py", "import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_named_file_without_an_architecture_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / file).write_text(text)
    monkeypatch.setenv(VARIABLE, str(tmp_path / file))
    with pytest.raises(ConfigError, match=message):
        list(map(registry._architecture_in, registry._named_modules()))


@pytest.mark.slow
def test_a_third_architecture_from_one_file_trains_predicts_and_is_listed(tmp_path: Path) -> None:
    folder = str(tmp_path / "runs")
    command = ("-m", "mnist_core")
    run_python(
        *command, "train", "tiny", "--data", "offline", "--epochs", "12", "--name", "first-tiny", TRAINED_MODELS=folder
    )
    assert "first-tiny" in run_python(*command, "runs", TRAINED_MODELS=folder)
    said = run_python(
        "-c",
        "import json, numpy as np\n"
        "from mnist_core.data.datasets import load_digit_set\n"
        "from mnist_core.models.classifier import Classifier\n"
        "from mnist_core.runs.run import layers_of\n"
        "from mnist_core.runs.store import load_run\n"
        "from mnist_core.runs.recipes import recipe_config\n"
        "run, test = load_run('first-tiny'), load_digit_set('offline').test\n"
        "digits = test.images.astype(np.float32) / 255\n"
        "predicted = Classifier(run.model_path).probabilities(digits).argmax(axis=1)\n"
        "print(json.dumps([run.title, run.parameters, len(layers_of(run)), float((predicted == test.labels).mean()),\n"
        "    run.test.fraction, recipe_config('specified', 'tiny').epochs]))",
        TRAINED_MODELS=folder,
    )
    title, parameters, layers, accuracy, tested, epochs = json.loads(said.splitlines()[-1])
    assert (title, parameters, layers, epochs) == ("Tiny, custom", 49 * 16 + 16 + 16 * 10 + 10, 2, 3)
    assert accuracy == pytest.approx(tested)
    assert accuracy > 0.6
