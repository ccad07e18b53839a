"""Runs side by side: the figures, who leads, and what differs."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.reporting import markup
from mnist_core.reporting.run_styles import looks
from mnist_core.runs.measurements import SHIFTS, Measured
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.store import Run, load_run
from mnist_core.runs.summaries import CRITERIA, Standing, best, count, differing_settings, duration, percent, ranked, same_digits, size, stand, to_json
from tests.conftest import ROOT

NAMES = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")


def measured(microseconds: float, wrong: int) -> Measured:
    return Measured(microseconds, tuple(Accuracy.from_counts(wrong * by, 1000) for by in SHIFTS))


@pytest.fixture(scope="module")
def standings() -> list[Standing]:
    found = []
    for number, name in enumerate(NAMES, start=1):
        run = load_run(name)
        found.append(stand(run, load_test_predictions(run), measured(20.0 * number, 100 // number)))
    return found


def test_the_stored_figures_are_scikit_learn_s(standings: list[Standing]) -> None:
    for standing in standings:
        stored = load_test_predictions(standing.run)
        assert CRITERIA["accuracy"].value(standing) == pytest.approx(accuracy_score(stored.labels, stored.read))
        assert CRITERIA["wrong"].value(standing) == len(stored.labels) - accuracy_score(stored.labels, stored.read, normalize=False)
        normal = stored.probabilities / stored.probabilities.sum(axis=1, keepdims=True, dtype=float)
        assert CRITERIA["loss"].value(standing) == pytest.approx(log_loss(stored.labels, normal), abs=1e-4)


def test_the_sizes_are_those_of_the_files(standings: list[Standing]) -> None:
    for standing in standings:
        files = {file.name: file.stat().st_size for file in standing.run.folder.iterdir()}
        assert standing.model_bytes == files["model.tflite"]
        assert standing.folder_bytes == sum(files.values())


def test_the_specification_s_conclusion_follows_from_the_figures(standings: list[Standing]) -> None:
    leaders = {key: ranked(CRITERIA[key], standings)[0].run.architecture for key in ("multiply_adds", "microseconds", "accuracy", "shifted")}
    assert leaders == {"multiply_adds": "mlp", "microseconds": "mlp", "accuracy": "cnn", "shifted": "cnn"}


def test_the_best_is_marked_only_where_the_figures_differ(standings: list[Standing]) -> None:
    assert best(CRITERIA["accuracy"], standings) == max(standing.run.test.share for standing in standings)
    assert best(CRITERIA["wrong"], standings) == min(standing.run.test.wrong for standing in standings)
    assert best(CRITERIA["accuracy"], standings[:1]) is None
    assert best(CRITERIA["parameters"], [standings[0], standings[2]]) is None


def test_figures_that_are_missing_or_no_numbers_are_dashes_and_rank_nowhere(standings: list[Standing]) -> None:
    broken = dataclasses.replace(
        standings[0], measured=None, multiply_adds=None, run=dataclasses.replace(standings[0].run, test_loss=float("nan"), duration_seconds=float("inf"))
    )
    for key in ("microseconds", "shifted", "multiply_adds", "loss", "training_time"):
        assert CRITERIA[key].text(broken) == "–"
        assert ranked(CRITERIA[key], [broken, standings[1]]) == [standings[1]]
    assert "NaN" not in json.dumps(to_json(broken))


def test_settings_that_differ_are_listed_and_no_others(standings: list[Standing]) -> None:
    runs = [dataclasses.replace(standing.run, config={**standing.run.config, "seed": 1}) for standing in standings]
    precision = {"precision"} if len({run.config["precision"] for run in runs[:2]}) > 1 else set()  # by the machine that trained them
    assert set(differing_settings(runs[:2])) == {"architecture", "optimizer", "learning_rate", "batch_size", *precision}
    assert differing_settings(runs[:2])["batch_size"] == [1000, 128]
    assert differing_settings(runs[:1]) == {}
    foreign = dataclasses.replace(runs[0], config={"colour": "blue"}, data={})
    assert differing_settings([runs[0], foreign])["colour"] == [None, "blue"]


def test_runs_tested_on_different_digits_are_known_as_such(standings: list[Standing]) -> None:
    assert same_digits(standings)
    other = dataclasses.replace(standings[0], digest="another")
    assert not same_digits([other, *standings])


def test_a_run_that_has_gone_is_an_error_with_its_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mine")
    run = load_run("mine", tmp_path)
    shutil.rmtree(tmp_path / "mine")
    with pytest.raises(RunError, match="'mine' cannot be read any more"):
        stand(run, None, None)


def test_figures_are_written_as_people_read_them() -> None:
    assert [percent(0.99349), count(406528), count(7599872), size(489744), size(2_154_000)] == ["99.35 %", "406,528", "7.60 million", "490 kB", "2.2 MB"]
    assert [duration(seconds) for seconds in (7.54, 130.68, 744.87)] == ["7.5 s", "131 s", "12 min 24 s"]


def everything(standings: list[Standing]) -> str:
    found = looks({standing.run.name: standing.run.architecture for standing in standings})
    pair = markup.ratios(standings[0], standings[-1], found)
    return "".join([markup.leaders(standings, found), markup.side_by_side(standings, found), markup.settings(standings, found), pair])


def test_the_tables_show_every_figure_of_every_run(standings: list[Standing]) -> None:
    html = everything(standings)
    for standing in standings:
        for criterion in CRITERIA.values():
            assert criterion.text(standing) in html
    assert html.count("(best)") >= len(CRITERIA) - 1
    assert "<caption>All figures</caption>" in html


def test_what_is_not_measured_yet_is_announced_and_not_invented(standings: list[Standing]) -> None:
    html = everything([dataclasses.replace(standing, measured=None) for standing in standings])
    assert html.count(markup.PENDING) == 3 * len(standings) + 2 + 2  # rows of the table, cards, tiles
    assert "µs" not in html


def test_a_foreign_run_cannot_bring_markup_into_the_page(standings: list[Standing]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    run: Run = dataclasses.replace(standings[0].run, name=evil, title=evil, architecture=evil, config={evil: evil, "x": [evil]})
    assert "<img" not in everything([dataclasses.replace(standings[0], run=run), standings[1]])


def test_ratios_say_by_how_much_and_who_leads(standings: list[Standing]) -> None:
    found = looks({standing.run.name: standing.run.architecture for standing in standings})
    html = markup.ratios(standings[0], standings[1], found)
    assert "19 × less" in html  # multiply-adds: 7,599,872 / 406,528
    assert "2.0 × less" in html  # microseconds: 40 / 20
    assert f"{standings[0].run.test.wrong / standings[1].run.test.wrong:.1f} × less" in html  # mistakes
    assert "+15.0 points" in html  # moved by 3: 70 and 85 %
    np.testing.assert_equal(html.count("class='tile'"), 4)
