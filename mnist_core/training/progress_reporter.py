"""The callback that turns Keras' calls into events, a history and the best epoch, and ends a training on request."""

import time

import numpy as np
from numpy.typing import NDArray

from mnist_core.events import EpochEnd, OnEvent, Progress
from mnist_core.models.keras_blocks import plain_weights
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.training.backend import keras
from mnist_core.training.stopping import Stop
from mnist_core.training.throughput import Throughput
from mnist_core.training.validation import BestEpoch, Validator, round_to_float16

SECONDS_BETWEEN_PROGRESS = 0.2
"""The time between two progress events, at least. Nobody can see more."""

METRICS = ("loss", "accuracy")


class ProgressReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports progress, validates each epoch, and raises StoppedError on a request to stop.

    Keras calls back once in a group of batches, not once in a batch: see `fitting.STEPS_PER_EXECUTION`.

    history: one value an epoch for each of loss, accuracy, val_loss, val_accuracy, learning_rate and seconds.
    best: the best epoch so far.
    """

    def __init__(
        self,
        config: TrainingConfig,
        validator: Validator,
        *,
        on_event: OnEvent,
        stop: Stop,
        digits: int,
        test_digits: int,
    ) -> None:
        """digits: how many make an epoch. test_digits: how many are predicted when the training is over."""
        super().__init__()
        self._config, self._validator, self._on_event, self._stop = config, validator, on_event, stop
        self._digits, self._test_digits = digits, test_digits
        self._batches = -(-digits // config.batch_size)
        self._throughput = Throughput(len(validator.validation_set))
        self.history: dict[str, list[float]] = {}
        self.best = BestEpoch()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._initial_weights = plain_weights(self.model)

    def _kept_weights(self) -> list[NDArray[np.float32]]:
        """The weights that this epoch would be kept with: the model's, mixed with those that it began with."""
        fraction = np.float32(self._config.initial_fraction)
        weights = plain_weights(self.model)
        if not fraction:
            return weights
        return [fraction * old + (1 - fraction) * new for old, new in zip(self._initial_weights, weights, strict=True)]

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        now = time.perf_counter()
        self._epoch, self._epoch_start = epoch + 1, now
        self._digits_done, self._group_start = 0, now
        self._digits_reported, self._sums_reported, self._reported_at = 0, np.zeros(len(METRICS)), now

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        now = time.perf_counter()
        done = min((batch + 1) * self._config.batch_size, self._digits)
        self._throughput.add_batches(done - self._digits_done, now - self._group_start)
        self._digits_done, self._group_start = done, now
        if now - self._reported_at >= SECONDS_BETWEEN_PROGRESS or done >= self._digits:
            # Keras may count the last group of batches as whole.
            self._on_event(self._progress(min(batch + 1, self._batches), logs or {}))
            self._reported_at = now

    def _progress(self, batch: int, logs: dict[str, float]) -> Progress:
        """The event after a batch of this epoch.

        batch: its number, from 1. logs: Keras' means since the epoch began.
        """
        # The means over the batches since the last event show more.
        sums = np.array([logs[metric] for metric in METRICS], np.float64) * self._digits_done
        loss, accuracy = (sums - self._sums_reported) / (self._digits_done - self._digits_reported)
        self._digits_reported, self._sums_reported = self._digits_done, sums
        epochs_left = self._config.epochs - self._epoch
        seconds_left = self._throughput.seconds_left(
            digits=self._digits - self._digits_done + epochs_left * self._digits,
            validations=epochs_left + 1,
            test_digits=self._test_digits,
        )
        return {
            "event": "progress",
            "epoch": self._epoch,
            "epochs": self._config.epochs,
            "batch": batch,
            "batches": self._batches,
            "fraction": round((self._epoch - 1 + self._digits_done / self._digits) / self._config.epochs, 4),
            "loss": float(loss),
            "accuracy": float(np.clip(accuracy, 0, 1)),
            "digits_per_second": self._throughput.digits_per_second,
            "seconds_left": round(seconds_left, 1),
        }

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        event = self._validated_epoch(epoch + 1, logs or {})
        for name in (*METRICS, *(f"val_{metric}" for metric in METRICS), "learning_rate", "seconds"):
            self.history.setdefault(name, []).append(event[name])  # type: ignore[literal-required]
        self._on_event(event)
        if self._config.early_stopping and event["epoch"] - self.best.epoch >= self._config.early_stopping:
            self.model.stop_training = True

    def _validated_epoch(self, epoch: int, logs: dict[str, float]) -> EpochEnd:
        """Validate the model, keep it if it is the best so far, and return the event."""
        start = time.perf_counter()
        weights = round_to_float16(self._kept_weights())
        probabilities = self._validator.predict(weights)
        now = time.perf_counter()
        self._throughput.add_validation(now - start)
        accuracy, loss = self._validator.accuracy_and_loss(probabilities)
        better = self.best.keep_if_better(
            epoch, accuracy=accuracy, loss=loss, weights=weights, probabilities=probabilities
        )
        return {
            "event": "epoch",
            "epoch": epoch,
            "loss": float(logs["loss"]),
            "accuracy": float(logs["accuracy"]),
            "val_loss": loss,
            "val_accuracy": accuracy,
            "learning_rate": float(self.model.optimizer.learning_rate),
            "seconds": round(now - self._epoch_start, 3),
            "best": better,
            "mistakes": self._validator.mistakes(probabilities),
        }
