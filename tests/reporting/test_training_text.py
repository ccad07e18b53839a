"""The texts about a training, before, during and after it."""

import base64
import html
import re
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.job import FINISHED, RUNNING, Job
from mnist_core.reporting.run_styles import run_styles
from mnist_core.reporting.setting_expectations import EXPECTATIONS
from mnist_core.reporting.training_charts import axis_end, shared_range, training_chart, training_rows, with_range
from mnist_core.reporting.training_text import headline, mistakes_strip, outlook, parameters, summary
from mnist_core.runs.recipes import SETTINGS, recipe_config

PROGRESS = {
    "event": "progress",
    "epoch": 2,
    "epochs": 12,
    "batch": 20,
    "batches": 55,
    "fraction": 0.11,
    "loss": 0.9,
    "accuracy": 0.7,
    "digits_per_second": 9876,
    "seconds_left": 75.0,
}


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup)).split())


def test_parameters_are_those_of_the_network_that_would_be_built() -> None:
    assert parameters(recipe_config("specified", "mlp")) == 407_050
    assert parameters(recipe_config("specified", "cnn")) == 241_546


def test_the_outlook_names_each_difference_with_both_values() -> None:
    shown = words(outlook(recipe_config("specified", "cnn", epochs=3, batch_size=64), Estimate(seconds=61)))
    assert "241,546" in shown
    assert "Time for 3 epochs about 1 min" in shown
    assert "epochs 12 → becomes 3" in shown
    assert "batch size 128 → becomes 64" in shown
    assert "learning rate" not in shown
    assert "of the training digits are used" not in shown
    assert "5 % of the training digits are used" in words(
        outlook(recipe_config("specified", "cnn", fraction=0.05), Estimate(seconds=61))
    )
    assert "this is the specified recipe" in words(outlook(recipe_config("specified", "cnn"), Estimate(seconds=61)))


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(measuring=True), "timing a few batches"),
        (Estimate(), "when no training runs"),
        (Estimate(message="There is no run <nobody>"), "There is no run <nobody>"),
    ],
)
def test_a_time_that_is_not_known_says_why(estimate: Estimate, said: str) -> None:
    assert said in words(outlook(recipe_config("specified", "cnn"), estimate))


def test_a_job_tells_epoch_batch_time_left_speed_and_its_best_epoch() -> None:
    epochs = tuple(
        {"epoch": number, "val_accuracy": accuracy, "val_loss": 0.1} for number, accuracy in ((1, 0.975), (2, 0.962))
    )
    job = Job(1, "mine", recipe_config("specified", "cnn", data="offline"), RUNNING, points=(PROGRESS,), epochs=epochs)
    assert (
        words(summary(job))
        == "Epoch 2 of 12 Batch 20 of 55 Time left 1 min 20 s Images a second 9,876 Best epoch 1: 97.50 %"
    )
    assert "running mine CNN" in words(headline(job))
    assert "small offline set" in words(headline(job))


def test_before_the_first_batch_and_while_it_is_written_no_figure_is_made_up() -> None:
    config = recipe_config("specified", "cnn")
    assert (
        words(summary(Job(1, "mine", config, RUNNING))) == "Epoch – Batch – Time left – Images a second – Best epoch –"
    )
    assert "Time left –" in words(
        summary(Job(1, "mine", config, RUNNING, points=(PROGRESS,), doing="Reading the test digits"))
    )


def test_a_foreign_name_cannot_write_into_the_page() -> None:
    assert "<script>" not in headline(Job(1, "<script>", recipe_config("specified", "mlp"), RUNNING))


def test_mistakes_show_the_digit_its_label_and_the_prediction() -> None:
    pixels = base64.b64encode(np.zeros((28, 28), np.uint8).tobytes()).decode()
    strip = mistakes_strip({"epoch": 4, "mistakes": [{"index": 5, "label": 3, "predicted": 8, "pixels": pixels}]})
    assert "3 predicted as 8" in words(strip)
    assert strip.count("<img") == 1
    assert "None of the validation digits that were checked is misclassified" in words(
        mistakes_strip({"epoch": 4, "mistakes": []})
    )


def test_curves_hold_batches_where_they_were_and_both_lines_of_each_epoch() -> None:
    epoch = {"epoch": 1, "loss": 0.5, "val_loss": 0.4}
    rows = training_rows(
        Job(1, "mine", recipe_config("specified", "mlp"), RUNNING, points=(PROGRESS,), epochs=(epoch,)), "loss"
    )
    assert [(row["epoch"], row["value"]) for row in rows] == [(1.32, 0.9), (1, 0.5), (1, 0.4)]
    assert len({row["series"] for row in rows}) == 3


def test_the_curves_begin_with_the_untrained_network() -> None:
    config = recipe_config("specified", "mlp")
    job = Job(1, "mine", config, RUNNING, untrained={"event": "untrained", "loss": 2.3, "accuracy": 0.1})
    assert training_rows(job, "loss") == [{"epoch": 0.0, "value": 2.3, "series": "training, batches"}]
    assert training_rows(replace(job, points=(PROGRESS,)), "accuracy")[0]["value"] == 0.1


def test_every_expectation_is_one_line_about_a_setting_that_exists() -> None:
    assert set(EXPECTATIONS) <= set(SETTINGS)
    for text in EXPECTATIONS.values():
        assert len(text) <= 110
        assert text.endswith(".")


def test_two_trainings_side_by_side_have_one_range_of_values() -> None:
    config = recipe_config("specified", "mlp")
    jobs = [Job(1, "a", config, points=({**PROGRESS, "loss": 0.93},)), Job(2, "b", config, points=(PROGRESS,))]
    lower = Job(3, "c", config, points=({**PROGRESS, "loss": 0.04},))
    assert shared_range(jobs, "loss") == (0.9, 1.0)
    assert shared_range([*jobs, lower], "loss") == (0.0, 1.0)
    chart = training_chart(metric="loss", epochs=12, run_style=run_styles({"a": "mlp"})["a"])
    ranged = with_range(chart, (0.0, 1.0))
    assert [layer["encoding"]["y"]["scale"] for layer in ranged["layer"]] == [{"domain": [0.0, 1.0]}] * 2
    assert chart["layer"][0]["encoding"]["y"]["scale"] == {"zero": False}


@pytest.mark.parametrize(("passed", "end"), [(0, 5), (4.9, 5), (5, 10), (12, 20), (81, 100), (100, 100)])
def test_the_axis_grows_with_the_training_up_to_its_end(passed: float, end: int) -> None:
    progress = {**PROGRESS, "epochs": 100, "fraction": passed / 100}
    job = Job(1, "mine", recipe_config("specified", "cnn", epochs=100), RUNNING, points=(progress,))
    assert axis_end(job) == end


def test_the_axis_of_a_training_that_ended_early_ends_with_it() -> None:
    config = recipe_config("specified", "cnn", epochs=100)
    assert axis_end(Job(1, "mine", config, FINISHED, points=({**PROGRESS, "epochs": 100, "fraction": 0.37},))) == 37
    assert axis_end(Job(1, "mine", recipe_config("specified", "cnn", epochs=3), RUNNING)) == 3
