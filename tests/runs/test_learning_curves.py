"""Learning curves: the drawn, smoothed, shown and written values are the recorded ones."""

import csv
import dataclasses
import io

import numpy as np
import pytest

from mnist_core.errors import RunError
from mnist_core.reporting import matplotlib_figures as figures
from mnist_core.reporting.curve_charts import learning_chart
from mnist_core.reporting.run_styles import run_styles
from mnist_core.runs.file_format import load_history
from mnist_core.runs.learning_curves import (
    PLACES,
    LearningCurve,
    View,
    as_csv,
    curves_in_words,
    drawn,
    learning_curve,
    read_off,
    smoothed,
)
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run


@pytest.fixture(scope="module")
def run() -> Run:
    return load_run("mlp-specified")


@pytest.fixture(scope="module")
def curves() -> list[LearningCurve]:
    runs = [load_run(name) for name in ("mlp-specified", "cnn-specified", "mlp-robust")]
    return [learning_curve(run, load_history(run)) for run in runs]


def test_a_curve_holds_the_history_and_the_time_that_has_passed(run: Run) -> None:
    history = load_history(run)
    curve = learning_curve(run, history)
    assert curve.values["val_loss"].tolist() == history["val_loss"]
    assert curve.seconds[-1] == pytest.approx(sum(history["seconds"]))
    assert curve.epochs.tolist() == list(range(1, 13))


def test_a_foreign_history_is_drawn_as_far_as_it_goes(run: Run) -> None:
    curve = learning_curve(run, {"val_accuracy": [0.5, float("nan"), 0.9, float("inf")], "loss": [1.0]})
    np.testing.assert_array_equal(curve.values["val_accuracy"], [0.5, np.nan, 0.9, np.nan])
    np.testing.assert_array_equal(curve.values["loss"], [1.0, np.nan, np.nan, np.nan])
    assert np.isnan(curve.values["val_loss"]).all()
    assert curve.seconds[-1] == pytest.approx(run.duration_seconds)  # no times: as if each epoch took as long
    for view in (View(), View("seconds", True, True, 0.5)):
        for measure in ("loss", "accuracy"):
            learning_chart([curve], run_styles({run.name: "mlp"}), measure, view).to_dict()


def test_a_history_without_any_curve_is_an_error_that_says_what_is_expected(run: Run) -> None:
    with pytest.raises(RunError, match=r"'mlp-specified' holds neither loss nor accuracy.*val_accuracy"):
        learning_curve(run, {"seconds": [1.0], "loss": []})


def test_smoothing_keeps_a_constant_and_the_first_value_and_stays_within_what_was_recorded() -> None:
    np.testing.assert_allclose(smoothed(np.full(20, 0.3), 0.9), 0.3)
    values = np.random.default_rng(0).random(50)
    result = smoothed(values, 0.8)
    assert result[0] == pytest.approx(values[0])
    assert values.min() <= result.min()
    assert result.max() <= values.max()
    assert result[10:].std() < values[10:].std() / 2
    np.testing.assert_array_equal(smoothed(values, 0), values)


def test_smoothing_leaps_over_gaps() -> None:
    result = smoothed(np.array([1.0, np.nan, 1.0]), 0.5)
    np.testing.assert_allclose(result, [1.0, np.nan, 1.0])


def test_on_a_logarithmic_axis_accuracy_becomes_the_error_rate(curves: list[LearningCurve]) -> None:
    raw, _ = drawn(curves[0], "accuracy", "validation", View(log_values=True))
    np.testing.assert_allclose(raw, 1 - curves[0].values["val_accuracy"])
    perfect = dataclasses.replace(curves[0], values={**curves[0].values, "accuracy": np.ones(12)})
    raw, _ = drawn(perfect, "accuracy", "training", View(log_values=True))
    assert np.isnan(raw).all()  # no mistakes have no logarithm


def test_pointing_shows_every_run_at_that_epoch(curves: list[LearningCurve]) -> None:
    places, texts = read_off(curves, "loss", View(splits=("validation",)))
    assert places.tolist() == list(range(1, max(len(curve.epochs) for curve in curves) + 1))
    at = places.tolist().index(7)
    assert [text[at] for text in texts] == [f"{curve.values['val_loss'][6]:.4f}" for curve in curves]
    assert [text[-1] for text in texts[:2]] == ["–", "–"]  # they ended after 12


def test_on_a_logarithmic_axis_late_epochs_have_one_place_where_no_pointer_tells_them_apart(
    curves: list[LearningCurve],
) -> None:
    epochs = np.arange(1, 201)
    long = LearningCurve(
        "long", epochs, epochs * 2.0, {name: np.linspace(1, 0.1, 200) for name in curves[0].values}, 200, harder=False
    )
    places, _ = read_off([long], "loss", View(log_axis=True))
    assert places[:12].tolist() == list(range(1, 13))
    assert places[-1] == 200
    assert np.diff(np.log(places)).min() >= np.log(200) / PLACES * 0.999
    assert len(read_off([long], "loss", View())[0]) == 100  # every second


@pytest.mark.parametrize("view", [View(log_axis=True), View(), View("seconds"), View("seconds", log_axis=True)])
def test_the_epoch_that_was_kept_can_always_be_pointed_at(view: View) -> None:
    epochs = np.arange(1, 201)
    values = {name: np.linspace(1, 0.1, 200) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    slow = LearningCurve("slow", epochs, epochs * 3.0, values, 187, harder=False)
    quick = LearningCurve(
        "quick", epochs[:12], epochs[:12] * 0.4, {name: line[:12] for name, line in values.items()}, 8, harder=False
    )
    places, _ = read_off([slow, quick], "loss", view)
    assert {slow.across(view.axis)[186], quick.across(view.axis)[7]} <= set(places)
    assert (np.diff(places) > 0).all()


def test_a_run_of_one_epoch_and_runs_with_odd_names_have_curves_too(curves: list[LearningCurve]) -> None:
    one = LearningCurve(
        "epoch",
        np.array([1]),
        np.array([3.0]),
        {name: line[:1] for name, line in curves[0].values.items()},
        1,
        harder=False,
    )
    chart = learning_chart(
        [one, dataclasses.replace(one, run="title")], run_styles({"epoch": "mlp", "title": "cnn"}), "loss", View()
    ).to_dict()
    (band,) = (row for rows in chart["datasets"].values() for row in rows if "tooltip" in row)
    assert band["to"] > band["x"]
    assert band["tooltip"]["epoch"] == "1"
    assert len(band["tooltip"]) == 3
    assert not {"title", "image"} & set(band["tooltip"])


def test_pointing_at_a_time_shows_the_last_epoch_that_had_ended_by_then(curves: list[LearningCurve]) -> None:
    places, texts = read_off(curves, "accuracy", View("seconds", splits=("validation",)))
    assert len(places) <= PLACES + 1
    assert (places[0], places[-1]) == (
        min(curve.seconds[0] for curve in curves),
        max(curve.seconds[-1] for curve in curves),
    )
    for place, text in zip(places, texts[1], strict=True):
        ended = int((curves[1].seconds <= place).sum())
        if ended == 0 or place > curves[1].seconds[-1] * (1 + 1e-9):
            assert text == "–"
        else:
            assert text == f"epoch {ended}: {curves[1].values['val_accuracy'][ended - 1] * 100:.2f} %"


def test_the_csv_holds_everything_recorded(curves: list[LearningCurve]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(curves))))
    assert len(rows) == sum(len(curve.epochs) for curve in curves)
    row = next(row for row in rows if row["run"] == "cnn-specified" and row["epoch"] == "9")
    assert float(row["val_accuracy"]) == pytest.approx(curves[1].values["val_accuracy"][8])
    assert float(row["seconds"]) == pytest.approx(curves[1].seconds[8], abs=1e-3)


@pytest.mark.parametrize("view", [View(), View("seconds", True, True, 0.6), View(splits=("training",))])
def test_a_chart_has_a_line_a_run_and_says_what_it_shows(curves: list[LearningCurve], view: View) -> None:
    found = run_styles({curve.run: curve.run[:3] for curve in curves})
    for measure in ("loss", "accuracy"):
        chart = learning_chart(curves, found, measure, view)
        assert set(chart.layer[1 if view.smoothing else 0].data["run"]) == set(found)
        assert chart.description == curves_in_words(curves, measure, view)
        assert "mlp-specified: 12 epochs, validation" in chart.description
        chart.to_dict()


def test_smoothed_lines_have_the_recorded_ones_behind_them(curves: list[LearningCurve]) -> None:
    chart = learning_chart(
        curves[:1], run_styles({"mlp-specified": "mlp"}), "loss", View(smoothing=0.9, splits=("validation",))
    )
    behind, line = chart.layer[:2]
    assert behind.encoding.y.shorthand == "raw:Q"
    assert behind.mark.opacity < 0.5
    np.testing.assert_allclose(line.data["raw"], curves[0].values["val_loss"], rtol=1e-5)
    np.testing.assert_allclose(line.data["y"], smoothed(curves[0].values["val_loss"], 0.9), rtol=1e-5)


def test_the_symbol_stands_at_the_epoch_that_was_kept(curves: list[LearningCurve]) -> None:
    chart = learning_chart(curves, run_styles({curve.run: "mlp" for curve in curves}), "loss", View())
    marks = chart.layer[-2].data
    assert marks["x"].tolist() == [curve.best_epoch for curve in curves]
    assert marks["y"].tolist() == [curve.values["val_loss"][curve.best_epoch - 1] for curve in curves]


@pytest.mark.parametrize("view", [View(), View("seconds", True, True, 0.6), View("seconds", splits=("validation",))])
def test_the_files_for_download_are_a_png_and_an_svg_with_all_names(curves: list[LearningCurve], view: View) -> None:
    figure = figures.learning_figure(curves, run_styles({curve.run: curve.run[:3] for curve in curves}), view)
    assert figures.as_file(figure, "png").startswith(b"\x89PNG")
    svg = figures.as_file(figure, "svg").decode()
    assert svg.count("mlp-specified") == 1
    assert "cnn-specified" in svg
