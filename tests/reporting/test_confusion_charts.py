"""The charts of the page Confusion."""

import json
from typing import Any

import numpy as np
import pytest

from mnist_core.metrics.calibration import Bin
from mnist_core.metrics.selective_accuracy import selective_accuracy_curve
from mnist_core.reporting.confusion_charts import reliability_chart, selective_accuracy_chart
from mnist_core.reporting.run_styles import run_styles
from mnist_core.reporting.vega import Chart


def rows_of(chart: Chart) -> list[list[dict[str, Any]]]:
    """The data of a chart, as Vega gets them: one list for each table."""
    return list(json.loads(chart.to_json())["datasets"].values())


def test_reliability_tells_each_run_s_error_and_joins_only_points_of_ten_predictions_or_more() -> None:
    bins = {"a": [Bin(0.4, 0.5, 3, 0.45, 0.0), Bin(0.9, 1.0, 500, 0.99, 0.98)]}
    chart = reliability_chart(bins, run_styles({"a": "mlp"}), {"a": 0.0123})
    assert "a 1.23 %" in chart.description
    assert {
        "run": "a",
        "confidence": 0.99,
        "accuracy": 0.98,
        "predictions": 500,
        "confident": "99.0 %",
        "correct": "98.0 %",
    } in next(rows for rows in rows_of(chart) if "predictions" in rows[0])
    assert "datum.predictions >= 10" in chart.to_json()


def test_with_every_digit_answered_the_selective_accuracy_is_the_accuracy() -> None:
    random = np.random.default_rng(1)
    probabilities, labels = random.dirichlet(np.full(10, 0.2), 400), random.integers(0, 10, 400)
    (rows,) = rows_of(
        selective_accuracy_chart({"a": selective_accuracy_curve(probabilities, labels)}, run_styles({"a": "cnn"}))
    )
    assert max(rows, key=lambda row: row["answered"])["accuracy"] == pytest.approx(
        (probabilities.argmax(axis=1) == labels).mean()
    )
