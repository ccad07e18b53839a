"""The curves page, run as Streamlit runs it."""

import json
from pathlib import Path

import pytest

from mnist_core.formatting import duration
from mnist_core.runs.store import load_run
from tests.pages.comparing_pages import SHIPPED, copy, html, opened


def test_the_choices_of_the_curves_are_taken_from_the_link(folder: Path) -> None:
    copy(folder, "mine")
    app = opened("curves", curves_across="Seconds", curves_lines=["Training"], curves_log="", curves_smoothing="0.5")
    spec = json.loads(app.get("vega_lite_chart")[1].proto.spec)
    assert spec["description"].startswith("Accuracy against seconds.")
    assert "seconds of training" in json.dumps(spec)
    assert '"type": "log"' not in json.dumps(spec)
    assert any("Smoothed by 0.50" in caption.value for caption in app.caption)


def test_a_chart_is_drawn_once_for_all_visitors(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_core.reporting import curve_charts

    copy(folder, "mine-alone")
    drawn: list[str] = []
    original = curve_charts.learning_chart
    monkeypatch.setattr(
        curve_charts,
        "learning_chart",
        lambda curves, run_styles, measure, view: drawn.append(measure) or original(curves, run_styles, measure, view),
    )
    opened("curves").run()
    opened("curves")
    assert drawn == ["loss", "accuracy"]


def test_the_page_opens_with_linear_axes_validation_in_front_and_short_runs_readable(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    history = folder / "mlp-robust" / "history.json"
    longer = {name: 10 * values for name, values in json.loads(history.read_text()).items()}
    history.write_text(json.dumps(longer))
    app = opened("curves")
    loss, accuracy = (json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart"))
    assert [chart["title"] for chart in (loss, accuracy)] == ["Loss", "Accuracy"]
    for chart in (loss, accuracy):
        assert '"type": "log"' not in json.dumps(chart)
        rows = chart["layer"][0]["data"]["values"]
        assert max(row["x"] for row in rows) == 24, "twice the 12 epochs of the specified runs"
        splits = [row["split"] for row in rows]
        assert splits == sorted(splits), "training first, so that validation lies in front"
        assert {"training", "validation"} == set(splits)
    assert any("The first 24 epochs" in caption.value for caption in app.caption)
    app.segmented_control(key="curves_part").set_value("All").run()
    whole = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert max(row["x"] for row in whole["layer"][0]["data"]["values"]) > 100


def test_runs_of_one_length_are_shown_whole(folder: Path) -> None:
    for name in ("mlp-specified", "cnn-specified"):
        copy(folder, name, name)
    assert "curves_part" not in [control.key for control in opened("curves").segmented_control]


def test_training_times_are_the_same_figure_on_every_page(folder: Path) -> None:
    copy(folder, "mine", "cnn-robust")
    time = duration(load_run("mine", folder).duration_seconds)
    for page in ("curves", "compare"):
        assert time in html(opened(page)), page
