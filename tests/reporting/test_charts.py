"""What holds for every chart: it draws only fields that its data have, and says '98.1 %', never '98.1%'."""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mnist_core.dataset_statistics.statistics import load_statistics
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.metrics.calibration import reliability
from mnist_core.metrics.selective_accuracy import selective_accuracy_curve
from mnist_core.reporting.axes import ends, position, ticks
from mnist_core.reporting.compare_charts import cost_scatter, shift_lines
from mnist_core.reporting.confusion_charts import reliability_chart, selective_accuracy_chart
from mnist_core.reporting.curve_charts import learning_chart
from mnist_core.reporting.dataset_charts import digit_map, ridges
from mnist_core.reporting.run_styles import run_styles
from mnist_core.reporting.training_charts import training_chart
from mnist_core.reporting.vega import Chart, specification
from mnist_core.runs.file_format import load_history
from mnist_core.runs.learning_curves import View, learning_curve
from mnist_core.runs.measurements import SHIFTS, Measured
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.store import load_run
from mnist_core.runs.summaries import METRICS, summarise

NAMES = ("mlp-specified", "cnn-robust")


def charts() -> dict[str, Chart]:
    """Every chart of the pages, of two shipped runs."""
    runs = [load_run(name) for name in NAMES]
    stored = {run.name: load_test_predictions(run) for run in runs}
    styles = run_styles({run.name: run.architecture for run in runs})
    measured = Measured(20.0, tuple(Accuracy.from_counts(10 * by, 1000) for by in SHIFTS))
    summaries = [summarise(run, stored[run.name], measured) for run in runs]
    curves = [learning_curve(run, load_history(run)) for run in runs]
    probabilities = {name: (its.probabilities, its.labels) for name, its in stored.items()}
    statistics = load_statistics()
    pictures = {int(index): "data:" for index in statistics.map_indices}
    return {
        "cost": cost_scatter(summaries, styles, METRICS["parameters"], METRICS["accuracy"]),
        "shifts": shift_lines(summaries, styles),
        "loss": learning_chart(curves, styles, "loss", View(smoothing=0.5)),
        "accuracy": learning_chart(curves, styles, "accuracy", View("seconds", True, True)),
        "reliability": reliability_chart(
            {name: reliability(*its) for name, its in probabilities.items()}, styles, dict.fromkeys(NAMES, 0.01)
        ),
        "selective": selective_accuracy_chart(
            {name: selective_accuracy_curve(*its) for name, its in probabilities.items()}, styles
        ),
        "ridges": ridges(statistics, 0, yours=0.1),
        "map": digit_map(statistics, "PCA", pictures=pictures, yours=(0.0, 0.0)),
    }


@pytest.fixture(scope="module")
def specifications() -> dict[str, dict[str, Any]]:
    return {name: specification(chart) for name, chart in charts().items()}


def fields(part: Any) -> Iterator[str]:
    """Every field that an encoding names."""
    if isinstance(part, dict):
        if isinstance(part.get("field"), str):
            yield part["field"]
        for value in part.values():
            yield from fields(value)
    elif isinstance(part, list):
        for value in part:
            yield from fields(value)


def test_every_field_that_a_chart_names_is_in_its_data(specifications: dict[str, dict[str, Any]]) -> None:
    for name, found in specifications.items():
        for layer in found["layer"]:
            columns = set().union(*layer["data"]["values"])
            named = set(fields(layer["encoding"]))
            assert named <= columns, f"{name}: {named - columns}"
            assert named or name in {"ridges", "map"}


def test_a_chart_of_a_training_names_only_the_fields_of_its_rows() -> None:
    run_style = run_styles({"a": "mlp"})["a"]
    for metric in ("loss", "accuracy"):
        for layer in training_chart(metric=metric, epochs=3, run_style=run_style)["layer"]:
            computed = {step["as"] for step in layer["transform"] if "calculate" in step}
            assert set(fields(layer["encoding"])) <= {"epoch", "value", "series"} | computed


def test_percentages_have_a_space_before_their_sign(specifications: dict[str, dict[str, Any]]) -> None:
    for name, found in specifications.items():
        for layer in found["layer"]:
            for channel in layer["encoding"].values():
                for part in channel if isinstance(channel, list) else [channel]:
                    axis = part.get("axis") or {}
                    assert "%" not in part.get("format", ""), name
                    assert "%" not in axis.get("format", "") or "' %'" in axis["labelExpr"], name
        texts = json.dumps([found["description"], *(layer["data"] for layer in found["layer"])])
        assert not re.search(r"\d%", texts), name


def test_a_logarithmic_axis_holds_its_values_and_has_ticks() -> None:
    for values in ([1e-4, 0.02], [5.0, 5.0], [1.0, 1e6]):
        axis = ends(values, margin=0.1)
        assert all(0 < position(value, axis) < 1 for value in values)
        shown = ticks(axis)
        assert 1 <= len(shown) <= 10
        assert all(axis[0] <= tick <= axis[1] for tick in shown)
        np.testing.assert_array_equal(shown, sorted(shown))
    assert ends([], margin=0.1) == [1.0, 10.0]


def test_a_chart_of_accuracy_is_labelled_with_accuracies(specifications: dict[str, dict[str, Any]]) -> None:
    height = next(
        layer["encoding"]["y"] for layer in specifications["cost"]["layer"] if "axis" in layer["encoding"]["y"]
    )
    assert height["title"].startswith("test accuracy")
    assert "1 - datum.value" in height["axis"]["labelExpr"]
