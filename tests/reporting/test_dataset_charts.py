"""The charts of the page Dataset."""

import json
from typing import Any

import numpy as np
import pytest

from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.statistics import Statistics, load_statistics
from mnist_core.reporting.dataset_charts import DIGIT_COLOURS, INK, RIDGE, YOURS, Chart, digit_map, ridges
from mnist_core.reporting.run_styles import run_styles
from mnist_core.reporting.training_charts import training_chart

GROUNDS = ("#fbfaf7", "#12151b")


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    return load_statistics()


def rows_of(chart: Chart) -> list[list[dict[str, Any]]]:
    """The data of a chart, as Vega gets them: one list a table."""
    return list(json.loads(chart.to_json())["datasets"].values())


def luminance(colour: str) -> float:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("feature", range(len(FEATURES)))
def test_hills_are_as_high_as_the_fractions_of_the_histogram(statistics: Statistics, feature: int) -> None:
    hills = next(rows for rows in rows_of(ridges(statistics, feature)) if "fraction" in rows[0])
    for digit in range(10):
        its = [row for row in hills if row["digit"] == digit]
        np.testing.assert_allclose(
            [row["fraction"] for row in its], statistics.histograms[feature, digit] / statistics.train_counts[digit]
        )
        assert {row["base"] for row in its} == {9.0 - digit}
    assert max(row["top"] - row["base"] for row in hills) == pytest.approx(RIDGE)


def test_one_s_own_drawing_is_marked_in_the_unit_of_the_axis(statistics: Statistics) -> None:
    assert [{"yours": pytest.approx(12.5)}] in rows_of(ridges(statistics, 0, yours=0.125))
    assert not any("yours" in rows[0] for rows in rows_of(ridges(statistics, 0)))


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_the_map_carries_every_digit_s_label_number_and_picture(statistics: Statistics, method: str) -> None:
    pictures = {int(index): f"picture {index}" for index in statistics.map_indices}
    points = next(rows for rows in rows_of(digit_map(statistics, method, pictures=pictures)) if "digit" in rows[0])
    assert len(points) == 2000
    assert [row["index"] for row in points] == statistics.map_indices.tolist()
    assert [row["digit"] for row in points] == [str(label) for label in statistics.map_labels]
    assert points[7]["image"] == f"picture {points[7]['index']}"
    places = statistics.map_pca if method == "PCA" else statistics.map_tsne
    assert (points[3]["x"], points[3]["y"]) == pytest.approx(tuple(map(float, places[3])))


def test_every_colour_stands_out_from_either_ground() -> None:
    for colour in (*DIGIT_COLOURS, YOURS, INK):
        for ground in GROUNDS:
            low, high = sorted((luminance(colour), luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4, colour


def test_no_chart_has_a_colour_that_a_downloaded_picture_would_lose(statistics: Statistics) -> None:
    for chart in (ridges(statistics, 0, yours=0.1), digit_map(statistics, "PCA", yours=(0.0, 0.0))):
        assert "light-dark" not in chart.to_json()
    assert "light-dark" not in json.dumps(
        training_chart(metric="loss", epochs=3, run_style=run_styles({"a": "cnn"})["a"])
    )
