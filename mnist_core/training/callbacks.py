"""What listens to Keras while a model is fitted: it tells of the training, has its epochs judged, averages its weights, and ends it on request.

Keras calls back once a group of batches, not once a batch: see `training.STEPS_PER_EXECUTION`.
"""

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from mnist_core.models.keras_blocks import plain_weights
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.training.stopping import Stop
from mnist_core.training.throughput import Pace
from mnist_core.training.validation import Best, Validator, Weights, round_to_float16

Event = dict[str, Any]
OnEvent = Callable[[Event], None]

SECONDS_BETWEEN_PROGRESS = 0.2
"""Groups of batches that follow each other faster are told of together: nobody can see more."""


class EMA(keras.callbacks.Callback):  # type: ignore[misc]
    """The weights' moving average, which is what is judged and kept: it reads better than the weights at any one batch (Polyak, Juditsky, 1992).

    Taken whenever Keras comes back from its batches, which is often enough. batches: those over which the average fades by a factor of e.
    It stands before the Teller in the list of callbacks, which then finds the average in the model; the next epoch goes on from the weights themselves.
    """

    def __init__(self, batches: float) -> None:
        super().__init__()
        self._fading = batches
        self._seen = 0
        self._average: Weights = []
        self._current: Weights = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._last = -1
        if self._current:
            self.model.set_weights(self._current)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        passed, self._last = batch - self._last, batch
        self._seen += passed
        # At first the mean of all so far, so that the random beginning is soon forgotten.
        fraction = max(1 - np.exp(-passed / self._fading), min(1.0, 2 * passed / self._seen))
        weights = self.model.get_weights()
        self._average = [
            old + np.float32(fraction) * (new - old) for old, new in zip(self._average or weights, weights, strict=True)
        ]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._current = self.model.get_weights()
        self.model.set_weights(self._average)


class ProgressReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras' calls become events, a history and the best epoch; a request to stop becomes an end.

    digits: those of an epoch. test_digits: those that are read when it is over.
    """

    def __init__(
        self,
        config: TrainingConfig,
        validator: Validator,
        on_event: OnEvent,
        stop: Stop,
        *,
        digits: int,
        test_digits: int,
    ) -> None:
        super().__init__()
        self._config, self._validator, self._on_event, self._stop, self._digits, self._test_digits = (
            config,
            validator,
            on_event,
            stop,
            digits,
            test_digits,
        )
        self.history: dict[str, list[float]] = {}
        self.best = Best()
        self._pace = Pace(len(validator.validation_set))

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        self._epoch, self._epoch_start = epoch + 1, time.perf_counter()
        self._done, self._group_start = 0, self._epoch_start
        self._told, self._told_sums, self._told_at = 0, np.zeros(2), self._epoch_start

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        now = time.perf_counter()
        done = min((batch + 1) * self._config.batch_size, self._digits)
        self._pace.learned(done - self._done, now - self._group_start)
        self._done, self._group_start = done, now
        if now - self._told_at >= SECONDS_BETWEEN_PROGRESS or done >= self._digits:
            self._report_progress(min(batch + 1, -(-self._digits // self._config.batch_size)), now, logs or {})

    def _report_progress(self, batch: int, now: float, logs: dict[str, float]) -> None:
        """batch: of this epoch; Keras may count the last group of batches as whole."""
        # Keras gives means since the epoch began; of the batches since the last event alone they say more.
        sums = np.array([logs["loss"], logs["accuracy"]], np.float64) * self._done
        loss, accuracy = (sums - self._told_sums) / (self._done - self._told)
        self._told, self._told_sums, self._told_at = self._done, sums, now
        epochs_left = self._config.epochs - self._epoch
        seconds_left = self._pace.seconds_left(
            digits=self._digits - self._done + epochs_left * self._digits,
            validations=epochs_left + 1,
            test_digits=self._test_digits,
        )
        self._on_event(
            {
                "event": "progress",
                "epoch": self._epoch,
                "epochs": self._config.epochs,
                "batch": batch,
                "batches": -(-self._digits // self._config.batch_size),
                "fraction": round((self._epoch - 1 + self._done / self._digits) / self._config.epochs, 4),
                "loss": float(loss),
                "accuracy": float(np.clip(accuracy, 0, 1)),
                "digits_per_second": self._pace.digits_per_second,
                "seconds_left": round(seconds_left, 1),
            }
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        start = time.perf_counter()
        weights = round_to_float16(plain_weights(self.model))
        probabilities = self._validator.predict(weights)
        now = time.perf_counter()
        self._pace.validation_set(now - start)
        accuracy, loss = self._validator.accuracy_and_loss(probabilities)
        better = self.best.take(epoch + 1, accuracy, loss, weights, probabilities)
        values = {
            **{key: float(value) for key, value in (logs or {}).items()},
            "val_loss": loss,
            "val_accuracy": accuracy,
            "learning_rate": float(self.model.optimizer.learning_rate),
            "seconds": round(now - self._epoch_start, 3),
        }
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)
        self._on_event(
            {
                "event": "epoch",
                "epoch": epoch + 1,
                **values,
                "best": better,
                "mistakes": self._validator.mistakes(probabilities),
            }
        )
        if self._config.early_stopping and epoch + 1 - self.best.epoch >= self._config.early_stopping:
            self.model.stop_training = True
