"""The time of a training is computed from speeds that were measured on this machine."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.data.datasets import DigitSet, Split
from mnist_core.errors import DatasetError
from mnist_core.jobs import estimates
from mnist_core.jobs.estimates import Estimate, Estimates, digit_counts, duration
from mnist_core.jobs.speed import Speed
from mnist_core.runs.recipes import TrainingConfig, recipe_config

SPEED = Speed(training=10_000.0, validation=50_000.0, testing=20_000.0, once=1.5, startup=3.0)
AROUND = 3 + 1.5 + 0.5
"""Seconds of a training besides its epochs: to start, to build and write, and to predict 10,000 test digits."""


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[TrainingConfig]:
    """The configs that were measured. No measurement is made."""
    asked: list[TrainingConfig] = []

    def measure(config: TrainingConfig, training_runs: Callable[[], bool], variables: Mapping[str, str]) -> Speed:
        asked.append(config)
        return SPEED

    monkeypatch.setattr(estimates, "_measured", measure)
    return asked


def known(all_estimates: Estimates, config: TrainingConfig) -> Estimate:
    end = time.monotonic() + 20
    while (estimate := all_estimates.of(config)).measuring:
        assert time.monotonic() < end
        time.sleep(0.01)
    return estimate


def test_an_estimate_is_start_and_epochs_at_the_measured_speed(measured: list[TrainingConfig]) -> None:
    every = Estimates()
    assert every.of(recipe_config("specified", "cnn")) == Estimate(measuring=True)
    assert known(every, recipe_config("specified", "cnn")).seconds == pytest.approx(AROUND + 12 * (5.5 + 0.1))
    assert known(
        every, recipe_config("specified", "cnn", epochs=2, seed=9, fraction=0.5, learning_rate=0.1)
    ).seconds == pytest.approx(AROUND + 2 * (2.75 + 0.1))
    assert len(measured) == 1


def test_settings_that_change_the_time_of_a_batch_are_measured_anew(measured: list[TrainingConfig]) -> None:
    every = Estimates()
    for changes in ({}, {"width": 2.0}, {"batch_size": 64}, {"optimizer": "adam"}, {"augmentation": 1.0}):
        known(every, recipe_config("specified", "cnn", **changes))
    assert len(measured) == 5


def test_the_process_that_measures_is_given_the_cores_that_a_training_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []
    monkeypatch.setattr(estimates, "_measured", lambda config, runs, variables: given.append(dict(variables)) or SPEED)
    for every in (Estimates(), Estimates(cores=3)):
        known(every, recipe_config("specified", "mlp"))
    assert given == [{}, {"TF_NUM_INTRAOP_THREADS": "3", "TF_NUM_INTEROP_THREADS": "3"}]


def test_while_a_training_runs_nothing_is_measured(measured: list[TrainingConfig]) -> None:
    assert Estimates(lambda: True).of(recipe_config("specified", "cnn")) == Estimate()
    assert measured == []


def test_a_measurement_during_which_a_training_begins_is_dropped_and_its_process_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = False
    begun: list[Any] = []

    def start(*arguments: Any, **settings: Any) -> Any:
        begun.append(popen(*arguments, **settings))
        return begun[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", start)
    every, config = Estimates(lambda: runs), recipe_config("specified", "mlp", data="offline")
    assert every.of(config).measuring
    end = time.monotonic() + 20
    while not begun:
        assert time.monotonic() < end
        time.sleep(0.01)
    runs = True
    assert begun[0].wait(20) == (1 if sys.platform == "win32" else -9)
    assert every.of(config) == Estimate()


def test_a_failed_measurement_is_repeated_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter(["no memory", SPEED])
    monkeypatch.setattr(estimates, "_measured", lambda config, training_runs, variables: next(results))
    every, config = Estimates(), recipe_config("specified", "cnn")
    assert known(every, config).message == "no memory"
    assert known(every, config).message == "no memory"
    now = time.monotonic()
    monkeypatch.setattr(estimates.time, "monotonic", lambda: now + estimates.TRIED_AGAIN_AFTER + 1)
    assert known(every, config).seconds


def test_when_preparing_an_epoch_takes_longer_than_learning_it_counts() -> None:
    config = recipe_config("specified", "mlp", epochs=10, augmentation=1.0)
    slow = duration(config, replace(SPEED, preparing=1000.0))
    assert slow == pytest.approx(AROUND + 55 + 10 * 55)
    assert duration(replace(config, repeats=10), replace(SPEED, preparing=1000.0)) < slow / 3


@pytest.mark.slow
def test_a_real_process_measures_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = Estimates()
    end = time.monotonic() + 120
    config = recipe_config("specified", "mlp", data="offline", epochs=3)
    while (found := estimate.of(config)).measuring:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert found.message == ""
    assert found.seconds
    assert found.seconds > 1


@pytest.mark.slow
def test_a_speed_that_cannot_be_measured_comes_with_the_reason() -> None:
    estimate = Estimates()
    end = time.monotonic() + 120
    config = recipe_config("specified", "mlp", teacher="nobody")
    while (found := estimate.of(config)).measuring:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert found.seconds is None
    assert "nobody" in found.message


def test_a_file_of_digits_is_counted_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> DigitSet:
        count = int(Path(name).read_text())
        split = Split(np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.uint8))
        return DigitSet(split, split, digest="own", name=name)

    monkeypatch.setattr(estimates, "load_digit_set", load)
    path = tmp_path / "own.npz"
    for count, changed in ((3, 1_000_000_000), (5, 1_000_000_100)):
        path.write_text(str(count))
        os.utime(path, (changed, changed))
        assert digit_counts(str(path)) == (count, count)


def test_a_file_of_digits_that_is_missing_has_no_counts(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"missing\.npz"):
        digit_counts(str(tmp_path / "missing.npz"))


def test_the_generator_makes_as_many_digits_as_an_estimate_counts() -> None:
    from mnist_core.training import sources

    assert estimates.GENERATED == sources.WRITTEN_DIGITS + sources.OUT_OF_DISTRIBUTION_SAMPLES
