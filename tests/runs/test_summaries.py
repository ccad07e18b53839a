"""Runs side by side: the figures, who leads, and what differs."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from mnist_core.errors import RunError
from mnist_core.formatting import count, duration, percent, size
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.reporting import comparison_cards, tables
from mnist_core.reporting.run_styles import run_styles
from mnist_core.runs.measurements import SHIFTS, Measured
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.runs.summaries import (
    METRICS,
    RunSummary,
    best,
    differing_settings,
    ranked,
    same_digits,
    summarise,
    to_json,
)
from tests.conftest import ROOT
from tests.runs.made_up_results import made_up_results

NAMES = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")


def measured(microseconds: float, incorrect: int) -> Measured:
    return Measured(microseconds, tuple(Accuracy.from_counts(incorrect * by, 1000) for by in SHIFTS))


@pytest.fixture(scope="module")
def summaries() -> list[RunSummary]:
    found = []
    for number, name in enumerate(NAMES, start=1):
        run = load_run(name)
        corruptions = made_up_results(400, fraction=0.4 / number, seed=number)
        found.append(
            summarise(run, load_test_predictions(run), measured(20.0 * number, 100 // number), corruptions=corruptions)
        )
    return found


def test_the_stored_figures_are_scikit_learn_s(summaries: list[RunSummary]) -> None:
    for summary in summaries:
        stored = load_test_predictions(summary.run)
        assert METRICS["accuracy"].value(summary) == pytest.approx(accuracy_score(stored.labels, stored.predicted))
        assert METRICS["incorrect"].value(summary) == len(stored.labels) - accuracy_score(
            stored.labels, stored.predicted, normalize=False
        )
        normal = stored.probabilities / stored.probabilities.sum(axis=1, keepdims=True, dtype=float)
        assert METRICS["loss"].value(summary) == pytest.approx(log_loss(stored.labels, normal), abs=1e-4)


def test_the_sizes_are_those_of_the_files(summaries: list[RunSummary]) -> None:
    for summary in summaries:
        files = {file.name: file.stat().st_size for file in summary.run.folder.iterdir()}
        assert summary.model_bytes == files["model.tflite"]
        assert summary.folder_bytes == sum(files.values())


def test_the_specification_s_conclusion_follows_from_the_figures(summaries: list[RunSummary]) -> None:
    leaders = {
        key: ranked(METRICS[key], summaries)[0].run.architecture
        for key in ("multiply_adds", "microseconds", "accuracy", "shifted")
    }
    assert leaders == {"multiply_adds": "mlp", "microseconds": "mlp", "accuracy": "cnn", "shifted": "cnn"}


def test_the_best_is_marked_only_where_the_figures_differ(summaries: list[RunSummary]) -> None:
    assert best(METRICS["accuracy"], summaries) == max(summary.run.test.fraction for summary in summaries)
    assert best(METRICS["incorrect"], summaries) == min(summary.run.test.incorrect for summary in summaries)
    assert best(METRICS["accuracy"], summaries[:1]) is None
    assert best(METRICS["parameters"], [summaries[0], summaries[2]]) is None


def test_figures_that_are_missing_or_no_numbers_are_dashes_and_rank_nowhere(summaries: list[RunSummary]) -> None:
    broken = dataclasses.replace(
        summaries[0],
        measured=None,
        multiply_adds=None,
        run=dataclasses.replace(summaries[0].run, test_loss=float("nan"), duration_seconds=float("inf")),
    )
    for key in ("microseconds", "shifted", "multiply_adds", "loss", "training_time"):
        assert METRICS[key].text(broken) == "–"
        assert ranked(METRICS[key], [broken, summaries[1]]) == [summaries[1]]
    assert "NaN" not in json.dumps(to_json(broken))


def test_settings_that_differ_are_listed_and_no_others(summaries: list[RunSummary]) -> None:
    runs = [dataclasses.replace(summary.run, config={**summary.run.config, "seed": 1}) for summary in summaries]
    precision = (
        {"precision"} if len({run.config["precision"] for run in runs[:2]}) > 1 else set()
    )  # by the machine that trained them
    assert set(differing_settings(runs[:2])) == {"architecture", "optimizer", "learning_rate", "batch_size", *precision}
    assert differing_settings(runs[:2])["batch_size"] == [1000, 128]
    assert differing_settings(runs[:1]) == {}
    foreign = dataclasses.replace(runs[0], config={"colour": "blue"}, data={})
    assert differing_settings([runs[0], foreign])["colour"] == [None, "blue"]


def test_runs_tested_on_different_digits_are_known_as_such(summaries: list[RunSummary]) -> None:
    assert same_digits(summaries)
    other = dataclasses.replace(summaries[0], digest="another")
    assert not same_digits([other, *summaries])


def test_a_run_that_has_gone_is_an_error_with_its_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mine")
    run = load_run("mine", tmp_path)
    shutil.rmtree(tmp_path / "mine")
    with pytest.raises(RunError, match="'mine' cannot be read any more"):
        summarise(run, None, None)


def test_figures_are_written_as_people_read_them() -> None:
    assert [percent(0.99349), count(406528), count(7599872), size(489744), size(2_154_000)] == [
        "99.35 %",
        "406,528",
        "7.60 million",
        "490 kB",
        "2.2 MB",
    ]
    assert [duration(seconds) for seconds in (7.54, 130.68, 744.87)] == ["7.5 s", "2 min 10 s", "12 min"]


def everything(summaries: list[RunSummary]) -> str:
    found = run_styles({summary.run.name: summary.run.architecture for summary in summaries})
    pair = comparison_cards.ratios(summaries[0], summaries[-1], found)
    return "".join(
        [
            comparison_cards.leaders(summaries, found),
            tables.side_by_side(summaries, found),
            tables.settings(summaries, found),
            pair,
        ]
    )


def test_the_tables_show_every_figure_of_every_run(summaries: list[RunSummary]) -> None:
    html = everything(summaries)
    for summary in summaries:
        for metric in METRICS.values():
            assert metric.text(summary) in html
    assert html.count("(best)") >= len(METRICS) - 1
    assert "<caption>All figures</caption>" in html


def test_what_is_not_measured_yet_is_announced_and_not_invented(summaries: list[RunSummary]) -> None:
    html = everything([dataclasses.replace(summary, measured=None) for summary in summaries])
    assert html.count(tables.PENDING) == 3 * len(summaries) + 1 + 2  # rows of the table, cards, tiles
    assert "µs" not in html


def test_a_foreign_run_cannot_bring_markup_into_the_page(summaries: list[RunSummary]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    run: Run = dataclasses.replace(
        summaries[0].run, name=evil, title=evil, architecture=evil, config={evil: evil, "x": [evil]}
    )
    assert "<img" not in everything([dataclasses.replace(summaries[0], run=run), summaries[1]])


def test_ratios_say_by_how_much_and_who_leads(summaries: list[RunSummary]) -> None:
    found = run_styles({summary.run.name: summary.run.architecture for summary in summaries})
    html = comparison_cards.ratios(summaries[0], summaries[1], found)
    assert "19 × less" in html  # multiply-adds: 7,599,872 / 406,528
    assert "2.0 × less" in html  # microseconds: 40 / 20
    assert f"{summaries[0].run.test.incorrect / summaries[1].run.test.incorrect:.1f} × less" in html  # mistakes
    assert "+15.0 points" in html  # moved by 3: 70 and 85 %
    np.testing.assert_equal(html.count("class='tile'"), 5)


def said(left: RunSummary, right: RunSummary) -> str:
    found = run_styles({summary.run.name: summary.run.architecture for summary in (left, right)})
    return comparison_cards.conclusion(left, right, found)


def test_more_robust_is_said_with_its_figures_and_its_interval(summaries: list[RunSummary]) -> None:
    mlp, cnn = summaries[0], summaries[1]
    texts = [METRICS["corruptions"].text(summary) for summary in (cnn, mlp)]
    assert f"more robust ({texts[0]} of corrupted digits correct, not {texts[1]}; " in said(mlp, cnn)
    assert "points more with 95 % confidence" in said(mlp, cnn)
    assert said(mlp, cnn).count("more robust") == 1


def test_more_robust_is_not_said_if_it_is_not_measured_or_may_be_chance(summaries: list[RunSummary]) -> None:
    mlp, cnn = summaries[0], summaries[1]
    assert "more robust" not in said(dataclasses.replace(mlp, corruptions=None), cnn)
    alike = [dataclasses.replace(each, corruptions=made_up_results(400, seed=at)) for at, each in enumerate((mlp, cnn))]
    assert METRICS["corruptions"].value(alike[0]) != METRICS["corruptions"].value(alike[1])
    assert "more robust" not in said(*alike)


def test_the_card_says_how_many_runs_are_not_measured_on_corrupted_digits(summaries: list[RunSummary]) -> None:
    found = run_styles({summary.run.name: summary.run.architecture for summary in summaries})
    some = [dataclasses.replace(summaries[0], corruptions=None), *summaries[1:]]
    assert "1 is not measured" in comparison_cards.leaders(some, found)
    none = [dataclasses.replace(summary, corruptions=None) for summary in summaries]
    assert comparison_cards.NOT_MEASURED in comparison_cards.leaders(none, found)
