"""How long a training will take: measured, never guessed."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.jobs import estimates
from mnist_core.jobs.estimates import Estimate, Estimates, duration
from mnist_core.runs.recipes import TrainingConfig, recipe_config

SPEED: dict[str, Any] = {
    "training": 10_000.0,
    "validation": 50_000.0,
    "testing": 20_000.0,
    "once": 1.5,
    "preparing": None,
    "writing": None,
    "startup": 3.0,
}
AROUND = 3 + 1.5 + 0.5
"""Seconds of a training besides its epochs: to start, to build and write, to read 10,000 test digits."""


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[TrainingConfig]:
    """What was measured, in place of measuring."""
    asked: list[TrainingConfig] = []

    def measure(config: TrainingConfig, training_runs: Callable[[], bool]) -> dict[str, Any]:
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


def test_what_computes_otherwise_is_measured_again(measured: list[TrainingConfig]) -> None:
    every = Estimates()
    for changes in ({}, {"width": 2.0}, {"batch_size": 64}, {"optimizer": "adam"}, {"augmentation": 1.0}):
        known(every, recipe_config("specified", "cnn", **changes))
    assert len(measured) == 5


def test_while_a_training_runs_nothing_is_measured(measured: list[TrainingConfig]) -> None:
    assert Estimates(lambda: True).of(recipe_config("specified", "cnn")) == Estimate()
    assert measured == []


def test_what_was_measured_while_a_training_began_counts_for_nothing_and_its_process_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = False
    begun: list[Any] = []

    def start(*arguments: Any, **settings: Any) -> Any:
        begun.append(popen(*arguments, **settings))
        return begun[-1]

    popen = estimates.subprocess.Popen
    monkeypatch.setattr(estimates.subprocess, "Popen", start)
    every, config = Estimates(lambda: runs), recipe_config("specified", "mlp", data="offline")
    assert every.of(config).measuring
    end = time.monotonic() + 20
    while not begun:
        assert time.monotonic() < end
        time.sleep(0.01)
    runs = True
    assert begun[0].wait(20) == -9
    assert every.of(config) == Estimate()


def test_a_failure_is_looked_into_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([{"message": "no memory"}, SPEED])
    monkeypatch.setattr(estimates, "_measured", lambda config, training_runs: next(results))
    every, config = Estimates(), recipe_config("specified", "cnn")
    assert known(every, config).message == "no memory"
    assert known(every, config).message == "no memory"
    now = time.monotonic()
    monkeypatch.setattr(estimates.time, "monotonic", lambda: now + estimates.TRIED_AGAIN_AFTER + 1)
    assert known(every, config).seconds


def test_lessons_that_take_longer_than_learning_set_the_pace() -> None:
    config = recipe_config("specified", "mlp", epochs=10, augmentation=1.0)
    slow = duration(config, {**SPEED, "preparing": 1000.0})
    assert slow == pytest.approx(AROUND + 55 + 10 * 55)
    assert (
        duration(
            recipe_config("specified", "mlp", epochs=10, augmentation=1.0, repeats=10), {**SPEED, "preparing": 1000.0}
        )
        < slow / 3
    )


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
