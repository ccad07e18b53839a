"""The digits that a network learns from, epoch by epoch, prepared ahead while it trains.

    >>> source = Sources(np.zeros((100, 28, 28), np.uint8), np.zeros(100, np.uint8))
    >>> lesson = prepare(source, TrainingConfig("mlp", "adam", 0.01, batch_size=10, epochs=1, augmentation=1.0), 0)
    >>> lesson.images.shape, lesson.images.dtype, lesson.targets.shape
    ((100, 28, 28), dtype('uint8'), (100, 10))

A lesson is one epoch's digits, each with the ten probabilities that the network should give: a label, a smoothed label, a teacher's
opinion, or ten equal ones for what is no digit. So the training itself knows of no such thing: it only meets digits and targets.
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
"""Prepared lessons that are kept to be used again, 45 MB each."""

SECONDS_BETWEEN_CHECKS = 0.1
"""How often somebody who waits for a lesson looks whether the training is to stop."""

ASKED_AT_ONCE = 1000
"""Digits that a teacher reads in one go."""

Teacher = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Digits (n, 28, 28) float32 to probabilities (n, 10) float32."""


def _none() -> NDArray[np.uint8]:
    return np.zeros((0, SIDE, SIDE), np.uint8)


@dataclass(frozen=True)
class TrainingSources:
    """What lessons are made from. All images are (n, 28, 28) uint8, 255 is ink; labels (n,) uint8.

    images, labels: MNIST's, without the validation digits. written, written_labels: the generator's. scribbles: no digits.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    written: NDArray[np.uint8] = field(default_factory=_none)
    written_labels: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    out_of_distribution: NDArray[np.uint8] = field(default_factory=_none)

    def __len__(self) -> int:
        """Digits in a lesson."""
        return len(self.images)


@dataclass(frozen=True)
class PreparedEpoch:
    """images: (n, 28, 28) uint8. targets: (n, 10) float32, each row sums to 1."""

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]


def prepare(
    sources: TrainingSources,
    config: TrainingConfig,
    number: int,
    teacher: Teacher | None = None,
    stop: Stop | None = None,
) -> PreparedEpoch:
    """Lesson `number` of a training: as many digits as MNIST gives, in random order. Same config and number, same lesson.

    Raises StoppedError on a request to stop: half a lesson is of use to nobody, and whoever stopped waits for the processor.
    """
    stop = stop or Stop()
    random = np.random.default_rng((config.seed, number))
    count = len(sources)
    written, out_of_distribution = round(count * config.handwriting), round(count * config.out_of_distribution)
    digits = _chosen(random, count, count - written - out_of_distribution)
    drawn, strange = (
        _chosen(random, len(sources.written), written),
        _chosen(random, len(sources.out_of_distribution), out_of_distribution),
    )
    images = np.concatenate([sources.images[digits], sources.written[drawn], sources.out_of_distribution[strange]])
    one_hot = np.eye(10, dtype=np.float32)
    targets = np.concatenate(
        [
            one_hot[sources.labels[digits]],
            one_hot[sources.written_labels[drawn]],
            np.full((out_of_distribution, 10), 0.1, np.float32),
        ]
    )
    order = random.permutation(count)
    images, targets = images[order], targets[order]
    shown = augment(images, random=random, strength=config.augmentation, go_on=stop.check)
    if teacher:
        targets = at_temperature(_opinion(teacher, shown, stop), config.distillation_temperature).astype(np.float32)
    if config.label_smoothing:
        targets = targets * np.float32(1 - config.label_smoothing) + np.float32(config.label_smoothing / 10)
    return PreparedEpoch(as_bytes(shown), targets)


def prepared_epochs(
    sources: TrainingSources, config: TrainingConfig, teacher: Teacher | None = None, stop: Stop | None = None
) -> Generator[PreparedEpoch, None, None]:
    """One lesson an epoch. The next is prepared in another thread while the network learns from this one.

    With `repeats` above 1 a new one comes every so many epochs; between them, one of the last 16 comes again, in another order.
    A request to stop ends it, also while a lesson is being waited for; the thread then ends with its process.
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
            if stop.requested:  # the lesson may have been left half done
                return
            kept = [*kept[1 - KEPT :], coming.result()] if config.repeats > 1 else [coming.result()]
            if (number := epoch // config.repeats + 1) < total:
                coming = _in_background(partial(prepare, sources, config, number, teacher, stop))
            yield kept[-1]
        else:
            prepared_epoch = kept[random.integers(len(kept))]
            order = random.permutation(len(prepared_epoch.images))
            yield PreparedEpoch(prepared_epoch.images[order], prepared_epoch.targets[order])


def _opinion(teacher: Teacher, shown: NDArray[np.float32], stop: Stop) -> NDArray[np.float32]:
    """The teacher's probabilities, asked for in parts, between which a request to stop is honoured."""
    opinions = []
    for start in range(0, len(shown), ASKED_AT_ONCE):
        stop.check()
        opinions.append(teacher(shown[start : start + ASKED_AT_ONCE]))
    return np.concatenate(opinions)


def _in_background(task: Callable[[], PreparedEpoch]) -> Future[PreparedEpoch]:
    """Run in a thread that does not keep the process alive: a lesson takes up to a minute, and a stopped training must end at once."""
    future: Future[PreparedEpoch] = Future()

    def work() -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # told to whoever waits for the lesson
            future.set_exception(error)

    Thread(target=work, name="lessons", daemon=True).start()
    return future


def _chosen(random: np.random.Generator, available: int, count: int) -> NDArray[np.intp]:
    """`count` indices below `available`, each as often as any other as far as that goes."""
    if count == 0:
        return np.zeros(0, np.intp)
    whole, rest = divmod(count, available)
    return np.concatenate([np.tile(np.arange(available), whole), random.permutation(available)[:rest]]).astype(np.intp)
