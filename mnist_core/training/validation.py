"""The validation of a network while it learns.

After each epoch the network predicts the validation digits, and the best epoch is kept.

The network is validated as it would be written: in float32 arithmetic, with weights rounded to float16, and without the
layers that act in training only. So the predictions of the best epoch need not be made again when the training ends.

    >>> validator = Validator(model, ValidationSet(digits, labels, original_count=5000), Stop())   # doctest: +SKIP
    >>> validator.accuracy_and_loss(validator.predict(model.get_weights()))                        # doctest: +SKIP
    (0.9858, 0.0507)
"""

import base64
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.datasets import Split, as_bytes
from mnist_core.events import Mistake, Untrained
from mnist_core.metrics.accuracy import log_loss
from mnist_core.training.backend import keras, tf
from mnist_core.training.stopping import Stop

Weights = list[NDArray[np.float32]]

BATCH = 250
"""Validation digits that are predicted between two checks whether the training is to stop."""

MISTAKES = 12
"""How many misclassified validation digits an event shows, at most."""


@dataclass(frozen=True)
class ValidationSet:
    """The digits that epochs are compared by.

    digits: (n, 28, 28) float32 in 0..1. labels: (n,) uint8.
    original_count: the first so many digits come from the data set as they are. The others are distorted or synthetic.
    """

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    original_count: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def original_labels(self) -> NDArray[np.uint8]:
        """The labels of the original digits, (original_count,) uint8."""
        return self.labels[: self.original_count]


class Validator:
    """Predicts the same digits again and again, each time with other weights."""

    def __init__(self, model: keras.Model, validation_set: ValidationSet, stop: Stop) -> None:
        """model: a float32 network. The validator sets its weights, so nobody else may use it meanwhile."""
        self.model, self.validation_set = model, validation_set
        self._digits, self._stop = validation_set.digits[..., np.newaxis], stop
        signature = [tf.TensorSpec((None, *self._digits.shape[1:]), tf.float32)]
        self._network = tf.function(lambda batch: model(batch, training=False), input_signature=signature)

    def predict(self, weights: Weights) -> NDArray[np.float32]:
        """The probabilities (n, 10) that the network with these weights gives.

        Raises StoppedError on a request to stop.
        """
        self.model.set_weights(weights)
        parts = []
        for start in range(0, len(self._digits), BATCH):
            self._stop.check()
            parts.append(self._network(self._digits[start : start + BATCH]).numpy())
        return np.concatenate(parts)

    def untrained(self, weights: Weights, training: Split) -> Untrained:
        """The event that tells how a network with its first weights predicts a batch of training digits."""
        self.model.set_weights(weights)
        few = Split(training.images[:BATCH], training.labels[:BATCH])
        probabilities = self._network(few.pixels()[..., np.newaxis]).numpy()
        return {
            "event": "untrained",
            "loss": log_loss(probabilities, few.labels),
            "accuracy": float((probabilities.argmax(axis=1) == few.labels).mean()),
        }

    def accuracy_and_loss(self, probabilities: NDArray[np.float32]) -> tuple[float, float]:
        """The accuracy, 0..1, and the mean cross-entropy in nats, on all digits of the validation set."""
        labels = self.validation_set.labels
        return float((probabilities.argmax(axis=1) == labels).mean()), log_loss(probabilities, labels)

    def original_accuracy(self, probabilities: NDArray[np.float32]) -> float:
        """The accuracy, 0..1, on the original digits alone."""
        labels = self.validation_set.original_labels
        return float((probabilities[: len(labels)].argmax(axis=1) == labels).mean())

    def mistakes(self, probabilities: NDArray[np.float32]) -> list[Mistake]:
        """The first few original digits that are misclassified."""
        labels = self.validation_set.original_labels
        predicted = probabilities[: len(labels)].argmax(axis=1)
        return [
            {
                "index": int(index),
                "label": int(labels[index]),
                "predicted": int(predicted[index]),
                "pixels": base64.b64encode(as_bytes(self.validation_set.digits[index]).tobytes()).decode(),
            }
            for index in np.flatnonzero(predicted != labels)[:MISTAKES]
        ]


@dataclass
class BestEpoch:
    """The best epoch so far, by accuracy and then by loss on the validation set.

    epoch: its number, from 1; 0 before the first epoch has ended. probabilities: its predictions on the validation set,
    (n, 10).
    """

    epoch: int = 0
    accuracy: float = -1.0
    loss: float = float("inf")
    weights: Weights = field(default_factory=list)
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 10), np.float32))

    def keep_if_better(
        self, epoch: int, *, accuracy: float, loss: float, weights: Weights, probabilities: NDArray[np.float32]
    ) -> bool:
        """Take this epoch's place if it is better, and return whether it was."""
        better = (accuracy, -loss) > (self.accuracy, -self.loss)
        if better:
            self.epoch, self.accuracy, self.loss = epoch, accuracy, loss
            self.weights, self.probabilities = weights, probabilities
        return better


def round_to_float16(weights: Weights) -> Weights:
    """The weights rounded to float16, as float32.

    >>> round_to_float16([np.array([0.1, 1.0], np.float32)])[0].tolist()
    [0.0999755859375, 1.0]
    """
    return [weight.astype(np.float16).astype(np.float32) for weight in weights]
