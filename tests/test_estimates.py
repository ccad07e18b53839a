"""How long a training will take: measured, never guessed."""

import time
from typing import Any

import pytest

from mnist_core import estimates
from mnist_core.estimates import Estimate, Estimates, duration
from mnist_core.recipes import TrainingConfig, recipe_config

SPEED: dict[str, Any] = {"training": 10_000.0, "validation": 50_000.0, "preparing": None, "writing": None, "startup": 5.0}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[TrainingConfig]:
    """What was measured, in place of measuring."""
    asked: list[TrainingConfig] = []

    def measure(config: TrainingConfig) -> dict[str, Any]:
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
    assert known(every, recipe_config("specified", "cnn")).seconds == pytest.approx(5 + 12 * (5.5 + 0.1))
    assert known(every, recipe_config("specified", "cnn", epochs=2, seed=9, share=0.5, learning_rate=0.1)).seconds == pytest.approx(5 + 2 * (2.75 + 0.1))
    assert len(measured) == 1


def test_what_computes_otherwise_is_measured_again(measured: list[TrainingConfig]) -> None:
    every = Estimates()
    for changes in ({}, {"width": 2.0}, {"batch_size": 64}, {"optimizer": "adam"}, {"augmentation": 1.0}):
        known(every, recipe_config("specified", "cnn", **changes))
    assert len(measured) == 5


def test_where_nothing_is_to_be_measured_nothing_is(measured: list[TrainingConfig]) -> None:
    assert Estimates().of(recipe_config("specified", "cnn"), measure=False) == Estimate()
    assert measured == []


def test_lessons_that_take_longer_than_learning_set_the_pace() -> None:
    config = recipe_config("specified", "mlp", epochs=10, augmentation=1.0)
    slow = duration(config, {**SPEED, "preparing": 1000.0})
    assert slow == pytest.approx(5 + 55 + 10 * 55)
    assert duration(recipe_config("specified", "mlp", epochs=10, augmentation=1.0, repeats=10), {**SPEED, "preparing": 1000.0}) < slow / 3


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


def test_what_cannot_be_measured_says_why() -> None:
    estimate = Estimates()
    end = time.monotonic() + 120
    config = recipe_config("specified", "mlp", teacher="nobody")
    while (found := estimate.of(config)).measuring:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert found.seconds is None
    assert "nobody" in found.message
