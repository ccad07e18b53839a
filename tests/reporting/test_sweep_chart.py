"""The charts of a sweep: what is drawn, and what is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core.errors import ReportError
from mnist_core.reporting import report_sections
from mnist_core.reporting.sweep_chart import heat_chart, sweep_chart
from mnist_core.reporting.sweep_figure import sweep_figure, write_sweep_figure
from mnist_core.reporting.sweep_view import (
    SweepView,
    ended_early_each,
    ended_early_in_words,
    in_words,
    is_logarithmic,
    point_rows,
    table_rows,
    usual_view,
)
from mnist_core.reporting.vega import specification
from mnist_core.sweeps.sweep_plan import SweepPlan
from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_store import Sweep
from mnist_core.sweeps.training_result import TrainingResult
from tests.sweeps.sweeps_on_disk import plan

ENDED = {
    "mlp-learning-rate-0.1-seed-2": 3,
    "mlp-learning-rate-1.0-seed-1": 6,
    "mlp-learning-rate-1.0-seed-2": 3,
}
"""After how many epochs these runs were ended early."""


def sweep_of(made: SweepPlan, *, finished: int = 1000) -> Sweep:
    """A sweep whose first trainings are finished, each with other figures."""
    runs = [training.run for training in made.trainings()][:finished]
    results = {
        run: TrainingResult(300 - 10 * number, 10_000, 50_000 + number, 3.0 + number, 2, 0.97)
        for number, run in enumerate(runs)
    }
    return Sweep("mine", made, None, results=results)


def test_the_interval_over_test_digits_and_the_range_over_seeds_are_told_apart() -> None:
    made = plan("width=64,128,256", architectures=("mlp", "cnn"), seeds=(1, 2))
    sweep = sweep_of(made)
    layers = specification(sweep_chart(made, points_of(sweep), usual_view(made)))["layer"]
    marks = [layer["mark"]["type"] for layer in layers]
    assert marks == ["area", "errorbar", "line", "point", "circle"]
    first = layers[0]["data"]["values"][0]
    assert (first["run"], first["x"], first["lowest"], first["highest"]) == ("MLP", 64, 0.97, 0.976)
    assert first["low"] < first["lowest"]
    assert first["high"] > first["y"] > first["lowest"]
    assert len(layers[0]["data"]["values"]) == 6
    dots = layers[-1]["data"]["values"]
    assert len(dots) == 12
    assert dots[0]["name"] == "mlp-width-64-seed-1"
    assert layers[2]["encoding"]["x"]["scale"]["type"] == "log"


def test_what_was_ended_early_is_named_in_the_table_and_left_out_of_the_chart() -> None:
    made = plan("learning_rate=0.01,0.1,1", seeds=(1, 2), end_worse=True)
    sweep = sweep_of(made)
    ended = {run: replace(sweep.results.pop(run), ended_after=after) for run, after in ENDED.items()}
    sweep = replace(sweep, ended_early=ended)
    rows = [cells for _, cells in table_rows(sweep)]
    assert [(cells[0], cells[1], cells[2]) for cells in rows] == [
        ("0.01", "2", "97.15 %"),
        ("0.1", "1 of 2", "97.10 %"),
        ("1", "0 of 2", "ended after 3 to 6 of 12 epochs"),
    ]
    assert [row["x"] for row in point_rows(made, points_of(sweep), SweepView())] == [0.01, 0.1]
    words = ended_early_in_words(sweep)
    assert words.startswith("3 of 6 trainings were ended early, because others had a better validation accuracy")
    assert ended_early_each(sweep)["mlp-learning-rate-1.0-seed-1"] == (
        "ended after 6 of 12 epochs, validation accuracy 97.00 %"
    )
    assert words in report_sections.sweep(sweep)
    assert sweep_figure(sweep).get_suptitle() == words
    assert ended_early_in_words(sweep_of(made)) == sweep_figure(sweep_of(made)).get_suptitle() == ""


def test_other_figures_have_no_interval_and_what_was_not_measured_is_left_out() -> None:
    made = plan("epochs=1,2")
    points = points_of(sweep_of(made))
    layers = specification(sweep_chart(made, points, SweepView(up="seconds", across="parameters")))["layer"]
    assert "errorbar" not in [layer["mark"]["type"] for layer in layers]
    assert [row["x"] for row in layers[0]["data"]["values"]] == [50_000, 50_001]
    layers = specification(sweep_chart(made, points, SweepView(up="robustness")))["layer"]
    assert [layer["data"]["values"] for layer in layers] == [[], [], [], []]


def test_the_axis_is_as_wide_as_it_will_be_from_the_first_result_on() -> None:
    made = plan("epochs=1,2,8")
    spec = specification(sweep_chart(made, points_of(sweep_of(made, finished=1)), SweepView()))
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [1, 8]


def test_an_axis_with_zero_or_with_words_is_never_logarithmic() -> None:
    for varied in ("augmentation=0,0.5,1", "optimizer=adam,rmsprop", "normalisation=yes,no"):
        made = plan(varied)
        sweep = sweep_of(made)
        view = SweepView(logarithmic=True)
        assert not is_logarithmic(made, points_of(sweep), view)
        assert specification(sweep_chart(made, points_of(sweep), view))
        assert sweep_figure(sweep, view)
    assert usual_view(plan("fraction=0.01,1")).logarithmic
    assert not usual_view(plan("epochs=4,8")).logarithmic


def test_two_settings_give_a_heat_table_with_a_cell_for_each_finished_pair() -> None:
    made = plan("epochs=1,2", "batch_size=100,1000")
    sweep = sweep_of(made, finished=3)
    cells = specification(heat_chart(made, points_of(sweep), "mlp"))["layer"][0]["data"]["values"]
    assert [(cell["x"], cell["y"], cell["text"]) for cell in cells] == [
        ("1", "100", "97.00 %"),
        ("1", "1,000", "97.10 %"),
        ("2", "100", "97.20 %"),
    ]


def test_the_words_for_who_cannot_see_the_chart_tell_both_ends() -> None:
    made = plan("width=64,128", architectures=("mlp",))
    words = in_words(made, points_of(sweep_of(made)), SweepView())
    assert words == "Test accuracy against units in the last hidden layer. MLP: 97.00 % at 64, 97.10 % at 128."


@pytest.mark.parametrize(
    "varied", [("epochs=1,2",), ("epochs=1,2", "batch_size=100,1000"), ("optimizer=adam,rmsprop",)]
)
def test_the_chart_is_written_as_a_file(varied: tuple[str, ...], tmp_path: Path) -> None:
    made = plan(*varied, architectures=("mlp", "cnn"))
    sweep = sweep_of(made, finished=3)
    write_sweep_figure(sweep, tmp_path / "chart.svg")
    assert "Test accuracy" in (svg := (tmp_path / "chart.svg").read_text()) or "test accuracy" in svg
    write_sweep_figure(sweep, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ReportError, match="cannot be written"):
        write_sweep_figure(sweep, tmp_path / "none" / "chart.svg")
    assert len(list(tmp_path.iterdir())) == 2
