"""The digits that a network learns from, prepared one epoch ahead while it trains.

    >>> sources = TrainingSources(np.zeros((100, 28, 28), np.uint8), np.zeros(100, np.uint8))
    >>> config = TrainingConfig("mlp", "adam", 0.01, batch_size=10, epochs=1, augmentation=1.0)
    >>> first = prepare(sources, config, number=0)
    >>> first.images.shape, first.images.dtype, first.targets.shape
    ((100, 28, 28), dtype('uint8'), (100, 10))

A prepared epoch holds digits, each with the ten probabilities that the network should give: a label, a smoothed label,
a teacher's probabilities, or ten equal ones for a picture of no digit. So the rest of the training needs to know of
digits and targets only.
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import SIDE
from mnist_core.metrics.calibration import at_temperature
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.training.augmentation import augment
from mnist_core.training.stopping import Stop

KEPT = 16
"""Prepared epochs that are kept to be used again. Those of MNIST take 45 MB each."""

SECONDS_BETWEEN_CHECKS = 0.1
"""How often a thread that waits for a prepared epoch checks whether the training is to stop."""

TEACHER_BATCH = 1000
"""Digits that a teacher predicts between two checks whether the training is to stop."""

Teacher = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From digits (n, 28, 28) float32 in 0..1 to probabilities (n, 10) float32."""


def _no_images() -> NDArray[np.uint8]:
    return np.zeros((0, SIDE, SIDE), np.uint8)


@dataclass(frozen=True)
class TrainingSources:
    """Everything that epochs are prepared from.

    All images are (n, 28, 28) uint8, where 255 is ink. All labels are (n,) uint8.

    images, labels: the data set's training digits, without the validation digits.
    handwriting, handwriting_labels: digits from the handwriting generator. out_of_distribution: pictures of no digit.
    pens, pen_labels: digits drawn from real pen strokes.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    handwriting: NDArray[np.uint8] = field(default_factory=_no_images)
    handwriting_labels: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    out_of_distribution: NDArray[np.uint8] = field(default_factory=_no_images)
    pens: NDArray[np.uint8] = field(default_factory=_no_images)
    pen_labels: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __len__(self) -> int:
        """The number of digits in an epoch."""
        return len(self.images)


@dataclass(frozen=True)
class PreparedEpoch:
    """The digits of one epoch. images: (n, 28, 28) uint8. targets: (n, 10) float32, where each row sums to 1."""

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]


def prepare(
    sources: TrainingSources,
    config: TrainingConfig,
    number: int,
    teacher: Teacher | None = None,
    stop: Stop | None = None,
) -> PreparedEpoch:
    """Prepare one epoch: as many digits as the data set has training digits, in random order.

    number: of the prepared epoch, from 0. The same config and number give the same digits.
    Raises StoppedError on a request to stop, because half an epoch is of no use.
    """
    stop = stop or Stop()
    random = np.random.default_rng((config.seed, number))
    images, targets = _mixed(sources, config, random)
    shown = augment(images, random=random, strength=config.augmentation, before_each_part=stop.check)
    if teacher:
        probabilities = _teacher_probabilities(teacher, shown, stop)
        targets = at_temperature(probabilities, config.distillation_temperature).astype(np.float32)
    if config.label_smoothing:
        targets = targets * np.float32(1 - config.label_smoothing) + np.float32(config.label_smoothing / 10)
    return PreparedEpoch(as_bytes(shown), targets)


def _mixed(
    sources: TrainingSources, config: TrainingConfig, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Images from all sources, in the fractions that the config asks for and in random order, and their targets."""
    count = len(sources)
    written, no_digits = round(count * config.handwriting), round(count * config.out_of_distribution)
    by_pen = round(count * config.pen_fraction) if len(sources.pens) else 0
    from_data = _chosen(random, len(sources.images), count - written - no_digits - by_pen)
    from_generator = _chosen(random, len(sources.handwriting), written)
    from_no_digits = _chosen(random, len(sources.out_of_distribution), no_digits)
    from_pens = _chosen(random, len(sources.pens), by_pen)
    images = np.concatenate(
        [
            sources.images[from_data],
            sources.handwriting[from_generator],
            sources.pens[from_pens],
            sources.out_of_distribution[from_no_digits],
        ]
    )
    one_hot = np.eye(10, dtype=np.float32)
    targets = np.concatenate(
        [
            one_hot[sources.labels[from_data]],
            one_hot[sources.handwriting_labels[from_generator]],
            one_hot[sources.pen_labels[from_pens]],
            np.full((no_digits, 10), 0.1, np.float32),
        ]
    )
    order = random.permutation(count)
    return images[order], targets[order]


def prepared_epochs(
    sources: TrainingSources, config: TrainingConfig, teacher: Teacher | None = None, stop: Stop | None = None
) -> Generator[PreparedEpoch, None, None]:
    """Yield one prepared epoch for each epoch.

    Another thread prepares the next one while the network learns from this one.

    With `repeats` above 1, a new one comes only every so many epochs. Between them, one of the last 16 comes again, in
    another order. A request to stop ends the generator, also while it waits. The thread then ends with its process.
    """
    stop = stop or Stop()
    random = np.random.default_rng((config.seed, 2**32))
    total = -(-config.epochs // config.repeats)
    kept: list[PreparedEpoch] = []
    coming = _in_background(partial(prepare, sources, config, 0, teacher, stop))
    for epoch in range(config.epochs):
        if epoch % config.repeats == 0:
            while not wait([coming], timeout=SECONDS_BETWEEN_CHECKS).done:
                if stop.requested:
                    return
            if stop.requested:  # the preparation may have been broken off
                return
            kept = [*kept[1 - KEPT :], coming.result()] if config.repeats > 1 else [coming.result()]
            if (number := epoch // config.repeats + 1) < total:
                coming = _in_background(partial(prepare, sources, config, number, teacher, stop))
            yield kept[-1]
        else:
            again = kept[random.integers(len(kept))]
            order = random.permutation(len(again.images))
            yield PreparedEpoch(again.images[order], again.targets[order])


def _teacher_probabilities(teacher: Teacher, shown: NDArray[np.float32], stop: Stop) -> NDArray[np.float32]:
    """The teacher's probabilities (n, 10) for the digits. Raises StoppedError on a request to stop."""
    parts = []
    for start in range(0, len(shown), TEACHER_BATCH):
        stop.check()
        parts.append(teacher(shown[start : start + TEACHER_BATCH]))
    return np.concatenate(parts)


def _in_background(task: Callable[[], PreparedEpoch]) -> Future[PreparedEpoch]:
    """Run the task in a thread that does not keep the process alive.

    The task may take a minute, and a stopped training must end at once.
    """
    future: Future[PreparedEpoch] = Future()

    def work() -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # raised again in the thread that waits for the result
            future.set_exception(error)

    Thread(target=work, name="prepared epochs", daemon=True).start()
    return future


def _chosen(random: np.random.Generator, available: int, count: int) -> NDArray[np.intp]:
    """`count` random indices below `available`, all equally often as far as that is possible."""
    if count == 0:
        return np.zeros(0, np.intp)
    whole, rest = divmod(count, available)
    return np.concatenate([np.tile(np.arange(available), whole), random.permutation(available)[:rest]]).astype(np.intp)
