"""What listens to Keras while a model is fitted: it tells of the training, keeps its best epoch, averages its weights, and ends it on request.

Keras calls back once a group of batches, not once a batch: see `training.STEPS_PER_EXECUTION`.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_core.datasets import Split
from mnist_core.recipes import TrainingConfig
from mnist_core.stopping import Stop

Event = dict[str, Any]
OnEvent = Callable[[Event], None]
Weights = list[NDArray[np.float32]]

SECONDS_BETWEEN_PROGRESS = 0.2
"""Groups of batches that follow each other faster are told of together: nobody can see more."""

MISTAKES = 12
"""Validation digits, still read wrongly, that are told of after an epoch."""

LOOKED_AT = 1500
"""Validation digits among which they are looked for: more would cost a CNN a tenth of an epoch."""


@dataclass
class Best:
    """The best epoch so far, by validation accuracy, then by validation loss."""

    epoch: int = 0
    accuracy: float = -1.0
    loss: float = float("inf")
    weights: Weights = field(default_factory=list)

    def take(self, epoch: int, logs: dict[str, float], weights: Weights) -> bool:
        """Keep this epoch if it is better; whether it was."""
        better = (logs["val_accuracy"], -logs["val_loss"]) > (self.accuracy, -self.loss)
        if better:
            self.epoch, self.accuracy, self.loss = epoch, float(logs["val_accuracy"]), float(logs["val_loss"])
            self.weights = weights
        return better


class Averager(keras.callbacks.Callback):  # type: ignore[misc]
    """The weights' moving average, which is what is measured and kept: it reads better than the weights at any one batch (Polyak, Juditsky, 1992).

    Taken whenever Keras comes back from its batches, which is often enough. batches: those over which the average fades by a factor of e.
    """

    def __init__(self, batches: float) -> None:
        super().__init__()
        self._fading = batches
        self._seen = 0
        self._average: Weights = []
        self._current: Weights = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._last = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        passed, self._last = batch - self._last, batch
        self._seen += passed
        # At first the mean of all so far, so that the random beginning is soon forgotten.
        share = max(1 - np.exp(-passed / self._fading), min(1.0, 2 * passed / self._seen))
        weights = self.model.get_weights()
        self._average = [old + np.float32(share) * (new - old) for old, new in zip(self._average or weights, weights, strict=True)]

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self._current = self.model.get_weights()
        self.model.set_weights(self._average)

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.set_weights(self._current)


class Teller(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras' calls become events, a history and the best weights; a request to stop becomes an end.

    digits: those of an epoch. held_out: the validation digits, among which mistakes are looked for. Comes before an Averager in the list of
    callbacks, so that it sees the averaged weights, which are the ones that are measured.
    """

    def __init__(self, config: TrainingConfig, digits: int, held_out: Split, best: Best, on_event: OnEvent, stop: Stop) -> None:
        super().__init__()
        self._config, self._digits, self._held_out, self._best, self._on_event, self._stop = config, digits, held_out, best, on_event, stop
        self.history: dict[str, list[float]] = {}
        self._start = time.perf_counter()
        self._measured: Weights = []
        self._mistakes: list[dict[str, Any]] = []
        self._fitting = True

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        self._epoch, self._epoch_start = epoch + 1, time.perf_counter()
        self._told, self._told_sums, self._told_at = 0, np.zeros(2), self._epoch_start

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()
        now = time.perf_counter()
        done = min((batch + 1) * self._config.batch_size, self._digits)
        if now - self._told_at < SECONDS_BETWEEN_PROGRESS and done < self._digits:
            return
        # Keras gives means since the epoch began; of this group of batches alone they say more.
        sums = np.array([(logs or {})["loss"], (logs or {})["accuracy"]], np.float64) * done
        loss, accuracy = (sums - self._told_sums) / (done - self._told)
        self._told, self._told_sums, self._told_at = done, sums, now
        batches = -(-self._digits // self._config.batch_size)
        share = (self._epoch - 1 + done / self._digits) / self._config.epochs
        self._on_event(
            {
                "event": "progress",
                "epoch": self._epoch,
                "epochs": self._config.epochs,
                "batch": min(batch + 1, batches),  # the last group of batches may be counted as whole
                "batches": batches,
                "share": round(share, 4),
                "loss": float(loss),
                "accuracy": float(np.clip(accuracy, 0, 1)),
                "digits_per_second": round(done / (now - self._epoch_start)),
                "seconds_left": round((now - self._start) * (1 - share) / share, 1),
            }
        )

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._stop.check()

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        self._measured = [weight.copy() for weight in self.model.get_weights()]
        self._mistakes = _mistakes(self.model, self._held_out)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = {key: float(value) for key, value in (logs or {}).items()}
        values["learning_rate"] = float(self.model.optimizer.learning_rate)
        values["seconds"] = round(time.perf_counter() - self._epoch_start, 3)
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)
        better = self._best.take(epoch + 1, values, self._measured)
        self._on_event({"event": "epoch", "epoch": epoch + 1, **values, "best": better, "mistakes": self._mistakes})
        if self._config.early_stopping and epoch + 1 - self._best.epoch >= self._config.early_stopping:
            self.model.stop_training = True


def _mistakes(model: keras.Model, held_out: Split) -> list[dict[str, Any]]:
    """Some validation digits that the model reads wrongly, the first ones in their order: index, label, what was read, and the 784 pixels in base64."""
    found: list[dict[str, Any]] = []
    for start in range(0, min(LOOKED_AT, len(held_out)), 500):
        images, labels = held_out.images[start : start + 500], held_out.labels[start : start + 500]
        probabilities = np.asarray(model(tf.constant(images[..., np.newaxis] / np.float32(255)), training=False))
        for place in np.flatnonzero(probabilities.argmax(axis=1) != labels):
            pixels = base64.b64encode(images[place].tobytes()).decode()
            found.append({"index": int(start + place), "label": int(labels[place]), "read": int(probabilities[place].argmax()), "pixels": pixels})
        if len(found) >= MISTAKES:
            break
    return found[:MISTAKES]
