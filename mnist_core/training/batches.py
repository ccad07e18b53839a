"""The stream of batches that Keras trains on, epoch after epoch without a gap.

A batch is digits (n, 28, 28, 1) float32 in 0..1, and targets (n, 10) float32.

TensorFlow's automatic tuning of the stream is switched off. The work is too small to need it, and its thread sleeps for
up to ten seconds at a time. Whoever ends a stream waits for this thread: on every stop, and at the end of each epoch if
each had a stream of its own.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_core.training.backend import tf
from mnist_core.training.epochs import PreparedEpoch, TrainingSources

AHEAD = 2
"""Groups of batches that are prepared while the network learns from another."""


def shuffled(sources: TrainingSources, *, batch_size: int, epochs: int, seed: int) -> tf.data.Dataset:
    """The labelled digits as they are, in another order each epoch. The same seed gives the same orders."""
    images = tf.constant(sources.images[..., np.newaxis])
    targets = tf.constant(np.eye(10, dtype=np.float32)[sources.labels])
    count = len(sources)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        seeds = tf.stack([tf.constant(seed, tf.int64), number])
        order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=seeds)
        return tf.data.Dataset.range(0, count, batch_size).map(lambda start: order[start : start + batch_size])

    orders = tf.data.Dataset.range(epochs).flat_map(epoch)
    return _as_floats(orders.map(lambda order: (tf.gather(images, order), tf.gather(targets, order))))


def of_prepared_epochs(prepared: Iterator[PreparedEpoch], *, batch_size: int) -> tf.data.Dataset:
    """The digits of prepared epochs, in their order."""

    def batches() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        for prepared_epoch in prepared:
            for start in range(0, len(prepared_epoch.images), batch_size):
                batch = slice(start, start + batch_size)
                yield prepared_epoch.images[batch, ..., np.newaxis], prepared_epoch.targets[batch]

    signature = (tf.TensorSpec((None, 28, 28, 1), tf.uint8), tf.TensorSpec((None, 10), tf.float32))
    return _as_floats(tf.data.Dataset.from_generator(batches, output_signature=signature))


def _as_floats(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches with pixels from 0..255 scaled to 0..1, prepared ahead."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        batches.map(lambda images, targets: (tf.cast(images, tf.float32) / 255, targets))
        .prefetch(AHEAD)
        .with_options(options)
    )
