"""How long a training will take on this machine: figures that were measured here, put together.

    >>> estimates = Estimates()                                     # doctest: +SKIP
    >>> estimates.of(recipe_config("specified", "cnn")).seconds     # None at first: a process times a few batches
    132.0

What was measured once holds for every config that computes alike, so that changing the number of epochs costs nothing.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from mnist_core.data.datasets import MNIST, OFFLINE
from mnist_core.runs.recipes import TrainingConfig

ROOT = Path(__file__).resolve().parents[2]
TRAINING_DIGITS = {MNIST: 60_000, OFFLINE: 1437}
TEST_DIGITS = {MNIST: 10_000, OFFLINE: 360}
WRITTEN = 52_000
"""Digits and marks that the generator writes before a training that uses it, see training.py."""

VALIDATION_MULTIPLE = 3
"""With augmentation or handwriting, about so many times the validation digits are judged."""

GIVEN_UP_AFTER = 180
"""Seconds."""

TRIED_AGAIN_AFTER = 60
"""Seconds after which a failure is looked into anew."""

SECONDS_BETWEEN_CHECKS = 0.2
"""How often it is looked whether a training has begun beside a measurement."""

KEPT = 200


@dataclass(frozen=True)
class Estimate:
    """seconds: of the whole training, None while it is not known. measuring: whether it will be in a moment. message: why it will not."""

    seconds: float | None = None
    measuring: bool = False
    message: str = ""


class Estimates:
    """Measures one config at a time, the one that was asked about last. For all visitors of a server; any thread may ask."""

    def __init__(self, training_runs: Callable[[], bool] = lambda: False) -> None:
        """training_runs: whether one does just now. Then nothing is measured, and what was being measured is dropped: each would slow the other."""
        self._training_runs = training_runs
        self._lock = Lock()
        self._known: dict[TrainingConfig, dict[str, Any]] = {}
        self._wanted: TrainingConfig | None = None
        self._busy = False

    def of(self, config: TrainingConfig) -> Estimate:
        """What is known of that config. Where nothing is, it begins to measure, unless a training runs."""
        key = computes_alike(config)
        with self._lock:
            if (speed := self._fresh(key)) is not None:
                return (
                    Estimate(message=speed["message"])
                    if "message" in speed
                    else Estimate(seconds=duration(config, speed))
                )
            if self._training_runs():
                return Estimate()
            self._wanted = key
            if not self._busy:
                self._busy = True
                Thread(target=self._work, name="estimates", daemon=True).start()
            return Estimate(measuring=True)

    def _fresh(self, config: TrainingConfig) -> dict[str, Any] | None:
        """What was measured of it; a failure only for a while."""
        speed = self._known.get(config)
        return None if speed and speed.get("until", math.inf) < time.monotonic() else speed

    def _work(self) -> None:
        while True:
            with self._lock:
                config = self._wanted
                if config is None or self._fresh(config) is not None:
                    self._busy, self._wanted = False, None
                    return
            speed = _measured(config, self._training_runs)
            with self._lock:
                if speed is None:
                    self._wanted = None
                    continue
                self._known[config] = (
                    {**speed, "until": time.monotonic() + TRIED_AGAIN_AFTER} if "message" in speed else speed
                )
                while len(self._known) > KEPT:
                    self._known.pop(next(iter(self._known)))


def computes_alike(config: TrainingConfig) -> TrainingConfig:
    """The config without what changes nothing about a batch's time."""
    return replace(
        config,
        recipe="",
        epochs=1,
        ema_epochs=0.0,
        seed=1,
        validation_digits=1,
        learning_rate=0.001,
        schedule="constant",
        repeats=1,
        distillation_temperature=1.0,
        calibrated=False,
        data=MNIST,
        fraction=1.0,
        early_stopping=0,
        weight_decay=0.0,
        augmentation=float(config.augmentation > 0),
        handwriting=0.1 * (config.handwriting > 0),
        out_of_distribution=0.1 * (config.out_of_distribution > 0),
        label_smoothing=0.1 * (config.label_smoothing > 0),
        dropout=0.1 * (config.dropout > 0),
    )


def duration(config: TrainingConfig, speed: dict[str, Any]) -> float:
    """Seconds from the start of a training until its run is written, at that speed (see speed.Speed, None for what is not done; startup in seconds).

    A lesson is prepared while the network learns from the one before, so the slower of the two counts.
    """
    digits = config.fraction * (TRAINING_DIGITS[config.data] - config.validation_digits)
    validation_set = config.validation_digits * (
        VALIDATION_MULTIPLE if config.augmentation or config.handwriting else 1
    )
    epoch = digits / speed["training"] + validation_set / speed["validation"]
    prepared_epoch = digits / speed["preparing"] if speed["preparing"] else 0.0
    before = prepared_epoch + (WRITTEN / speed["writing"] if speed["writing"] else 0.0)
    around = speed["startup"] + speed["once"] + TEST_DIGITS[config.data] / speed["testing"]
    return float(around + before + config.epochs * max(epoch, prepared_epoch / config.repeats))


def _measured(config: TrainingConfig, training_runs: Callable[[], bool]) -> dict[str, Any] | None:
    """The speed of that config, or a message why it cannot be measured; None if a training has begun meanwhile."""
    command = [sys.executable, "-m", "mnist_core", "estimate", "--config", "-", "--commands", "--json"]
    start = time.perf_counter()
    try:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        return {"message": f"The time could not be measured: no process could be started ({error})."}
    watcher = Thread(target=_watch, args=(process, training_runs), daemon=True)
    watcher.start()
    with process:  # its standard input stays open meanwhile: when this server ends, it closes, and the process ends too
        assert process.stdin
        assert process.stdout
        assert process.stderr
        errors = ""
        try:
            process.stdin.write(json.dumps(config.to_json()) + "\n")
            process.stdin.flush()
            output, errors = process.stdout.read(), process.stderr.read()
            speed: dict[str, Any] = json.loads(output)
            measured = {**speed, "startup": time.perf_counter() - start - speed["measuring"]}
        except (OSError, ValueError, KeyError, TypeError):
            said = [line.removeprefix("error: ") for line in errors.splitlines() if line.startswith("error: ")]
            measured = {
                "message": said[-1]
                if said
                else "The time could not be measured: the process that times a few batches ended without a result."
            }
    return None if training_runs() else measured


def _watch(process: subprocess.Popen[str], training_runs: Callable[[], bool]) -> None:
    """End the process when a training begins, or when it takes far too long."""
    end = time.monotonic() + GIVEN_UP_AFTER
    while process.poll() is None:
        if training_runs() or time.monotonic() > end:
            process.kill()
        time.sleep(SECONDS_BETWEEN_CHECKS)
