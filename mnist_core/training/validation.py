"""What a network is worth while it learns: it reads the validation digits after each epoch, and the best epoch is kept.

It is judged as it would be written, in float32 arithmetic, with weights rounded to half precision and without what only acts in training; so
its readings of the best epoch need not be made again when the training ends.

    >>> judge = Judge(architecture.build(), Judged(digits, labels, held_out=5000), Stop())   # doctest: +SKIP
    >>> judge.accuracy_and_loss(judge.read(plain_weights(model)))                            # doctest: +SKIP
    (0.9858, 0.0507)
"""

import base64
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_core.metrics.accuracy import log_loss
from mnist_core.training.stopping import Stop

Weights = list[NDArray[np.float32]]

BATCH = 250
"""Validation digits that are read between two looks whether the training is to stop."""

MISTAKES = 12
"""Validation digits, still read wrongly, that are told of after an epoch."""


@dataclass(frozen=True)
class ValidationSet:
    """What epochs are judged by. digits: (n, 28, 28) float32 in 0..1, of which the first `held_out` are validation digits as they are; labels: (n,) uint8."""

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    held_out: int

    def __len__(self) -> int:
        return len(self.labels)


class Validator:
    """Reads the same digits again and again, each time with other weights."""

    def __init__(self, plain: keras.Model, validation_set: ValidationSet, stop: Stop) -> None:
        """plain: a float32 network, which becomes the judge's own."""
        self.plain, self.validation_set = plain, validation_set
        self._digits, self._stop = validation_set.digits[..., np.newaxis], stop
        signature = [tf.TensorSpec((None, *self._digits.shape[1:]), tf.float32)]
        self._network = tf.function(lambda batch: plain(batch, training=False), input_signature=signature)

    def predict(self, weights: Weights) -> NDArray[np.float32]:
        """The probabilities (n, 10) that the network with these weights gives. Raises StoppedError on a request to stop."""
        self.plain.set_weights(weights)
        parts = []
        for start in range(0, len(self._digits), BATCH):
            self._stop.check()
            parts.append(self._network(self._digits[start : start + BATCH]).numpy())
        return np.concatenate(parts)

    def accuracy_and_loss(self, probabilities: NDArray[np.float32]) -> tuple[float, float]:
        """The share that is read right, 0..1, and the mean cross-entropy in nats."""
        labels = self.validation_set.labels
        return float((probabilities.argmax(axis=1) == labels).mean()), log_loss(probabilities, labels)

    def mistakes(self, probabilities: NDArray[np.float32]) -> list[dict[str, Any]]:
        """Some validation digits that are read wrongly, the first ones: index, label, what was read, and the 784 pixels in base64."""
        predicted, labels = (
            probabilities[: self.validation_set.held_out].argmax(axis=1),
            self.validation_set.labels[: self.validation_set.held_out],
        )
        return [
            {
                "index": int(index),
                "label": int(labels[index]),
                "predicted": int(predicted[index]),
                "pixels": base64.b64encode(
                    (self.validation_set.digits[index] * 255).round().astype(np.uint8).tobytes()
                ).decode(),
            }
            for index in np.flatnonzero(predicted != labels)[:MISTAKES]
        ]


@dataclass
class Best:
    """The best epoch so far, by accuracy, then by loss, both on the digits that it is judged by; what it read there; its weights."""

    epoch: int = 0
    accuracy: float = -1.0
    loss: float = float("inf")
    weights: Weights = field(default_factory=list)
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 10), np.float32))

    def take(
        self, epoch: int, accuracy: float, loss: float, weights: Weights, probabilities: NDArray[np.float32]
    ) -> bool:
        """Keep this epoch if it is better; whether it was."""
        better = (accuracy, -loss) > (self.accuracy, -self.loss)
        if better:
            self.epoch, self.accuracy, self.loss, self.weights, self.probabilities = (
                epoch,
                accuracy,
                loss,
                weights,
                probabilities,
            )
        return better


def round_to_float16(weights: Weights) -> Weights:
    """Rounded to half precision, as float32."""
    return [weight.astype(np.float16).astype(np.float32) for weight in weights]
