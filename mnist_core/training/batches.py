"""Digits on their way into a network: batches of (n, 28, 28, 1) float32 in 0..1 and targets (n, 10) float32, epoch after epoch without an end between.

TensorFlow's tuning of such a stream is switched off. What little is to be done needs none, and its thread, asleep for up to ten seconds at a time,
is waited for whenever a stream ends: at the end of each epoch where each has a stream of its own, as in `model.fit` with arrays, and on every stop.

Only the training process imports this module: TensorFlow comes with it.
"""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_core.training.epochs import PreparedEpoch, TrainingSources

AHEAD = 2
"""Groups of batches that are made ready while others are learned."""


def shuffled(sources: TrainingSources, *, batch_size: int, epochs: int, seed: int) -> tf.data.Dataset:
    """The labelled digits as they are, each epoch in another order; the same orders for the same seed."""
    images, targets = (
        tf.constant(sources.images[..., np.newaxis]),
        tf.constant(np.eye(10, dtype=np.float32)[sources.labels]),
    )
    count = len(sources)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(count), seed=tf.stack([tf.constant(seed, tf.int64), number])
        )
        return tf.data.Dataset.range(0, count, batch_size).map(lambda start: order[start : start + batch_size])

    orders = tf.data.Dataset.range(epochs).flat_map(epoch)
    return _ready(orders.map(lambda order: (tf.gather(images, order), tf.gather(targets, order))))


def of_prepared_epochs(prepared: Iterator[PreparedEpoch], *, batch_size: int) -> tf.data.Dataset:
    """Prepared digits in the order of their lessons."""

    def cut() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        for prepared_epoch in prepared:
            for start in range(0, len(prepared_epoch.images), batch_size):
                yield (
                    prepared_epoch.images[start : start + batch_size, ..., np.newaxis],
                    prepared_epoch.targets[start : start + batch_size],
                )

    signature = (tf.TensorSpec((None, 28, 28, 1), tf.uint8), tf.TensorSpec((None, 10), tf.float32))
    return _ready(tf.data.Dataset.from_generator(cut, output_signature=signature))


def _ready(batches: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        batches.map(lambda images, targets: (tf.cast(images, tf.float32) / 255, targets))
        .prefetch(AHEAD)
        .with_options(options)
    )
