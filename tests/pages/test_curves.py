"""The curves page, run as Streamlit runs it."""

import json
from pathlib import Path

import pytest

from tests.pages.comparing_pages import copy, opened


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
