"""Everything that a training needs before its first epoch: training, validation and synthetic digits, and the teacher.

>>> digits = Split(np.zeros((100, 28, 28), np.uint8), np.zeros(100, np.uint8))
>>> training, validation = split_validation(digits, 20, fraction=0.5)
>>> len(training), len(validation)
(40, 20)
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from mnist_core.data.datasets import Split, as_bytes
from mnist_core.data.pen_files import PenDigits
from mnist_core.data.pen_sources import MISSING_PENS, UCI_PENS, has_uci_pens, load_pens_by_name
from mnist_core.errors import ConfigError
from mnist_core.events import OnEvent
from mnist_core.handwriting.generator import out_of_distribution, write
from mnist_core.handwriting.pens import redraw
from mnist_core.jobs.cores import given_cores
from mnist_core.models.classifier import Classifier
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import load_run
from mnist_core.training.augmentation import augment
from mnist_core.training.epochs import Teacher, TrainingSources
from mnist_core.training.validation import ValidationSet

VALIDATION_SEED = 20_000
"""Every training holds out the same digits, whatever its seed, so that validation figures can be compared."""

WRITTEN_DIGITS = 40_000
"""Digits that the handwriting generator writes before a training. Each epoch takes some of them and distorts them
anew."""

PEN_DIGITS = 40_000
"""Digits that are drawn from real pen strokes before a training, at most. Each epoch takes some of them and distorts
them anew."""

OUT_OF_DISTRIBUTION_SAMPLES = 12_000
"""Pictures of no digit that the generator draws before a training. Each epoch takes some of them and distorts them
anew."""

VALIDATION_WRITTEN_DIGITS = 3000
"""Digits that the generator writes, with another seed, to validate a network that learns from the generator."""


def split_validation(train: Split, validation_digits: int, *, fraction: float = 1.0) -> tuple[Split, Split]:
    """Divide the training digits of a data set into those to learn from and those to validate with.

    validation_digits: how many are held out. The choice depends on the size of the data set alone.
    fraction: how many of the others are used, above 0 and at most 1.
    Raises ConfigError if no training digit would be left.
    """
    if not 0 < validation_digits < len(train):
        raise ConfigError(
            f"validation_digits is {validation_digits:,}, expected 1 to {len(train) - 1:,}: "
            f"the data set has {len(train):,} training digits."
        )
    order = np.random.default_rng(VALIDATION_SEED).permutation(len(train))
    used = max(1, round(fraction * (len(train) - validation_digits)))
    held_out, kept = np.sort(order[:validation_digits]), np.sort(order[validation_digits:][:used])
    return Split(train.images[kept], train.labels[kept]), Split(train.images[held_out], train.labels[held_out])


def validation_set(config: TrainingConfig, validation: Split) -> ValidationSet:
    """The digits that epochs are compared by.

    validation: the digits held out. They come first, as they are. Distorted copies follow where the training distorts
    its digits, and synthetic digits where it learns from them. People draw neither just like the data set nor quite
    unlike it, and the choice between two good epochs needs many digits.
    """
    digits, labels = [validation.pixels()], [validation.labels]
    if config.augmentation:
        random = np.random.default_rng(VALIDATION_SEED)
        digits.append(augment(validation.images, random=random, strength=config.augmentation))
        labels.append(validation.labels)
    if config.handwriting:
        written = write(VALIDATION_WRITTEN_DIGITS, seed=VALIDATION_SEED)
        digits.append(written.digits)
        labels.append(written.labels)
    return ValidationSet(np.concatenate(digits), np.concatenate(labels), len(validation))


def training_sources(
    config: TrainingConfig, training: Split, on_event: OnEvent, *, pens: PenDigits | None = None
) -> TrainingSources:
    """Everything that epochs are prepared from. The generator writes its digits here, once, and pen strokes are drawn.

    pens: the pen strokes that the config asks for, see `load_pens`.
    """
    sources = TrainingSources(training.images, training.labels)
    if config.handwriting or config.out_of_distribution:
        on_event({"event": "preparing", "what": "generating digits in further styles of handwriting"})
        written = write(WRITTEN_DIGITS if config.handwriting else 0, seed=config.seed)
        no_digits = out_of_distribution(
            OUT_OF_DISTRIBUTION_SAMPLES if config.out_of_distribution else 0, seed=config.seed
        )
        sources = replace(
            sources,
            handwriting=as_bytes(written.digits),
            handwriting_labels=written.labels,
            out_of_distribution=as_bytes(no_digits.pictures),
        )
    if pens is not None:
        on_event({"event": "preparing", "what": f"drawing {len(pens):,} digits from the strokes of real pens"})
        prepared_epochs = -(-config.epochs // config.repeats)
        needed = round(config.pen_fraction * len(training)) * prepared_epochs
        redrawn = redraw(pens, min(PEN_DIGITS, needed), seed=config.seed)
        sources = replace(sources, pens=as_bytes(redrawn.digits), pen_labels=redrawn.labels)
    return sources


def load_pens(config: TrainingConfig, on_event: OnEvent) -> PenDigits | None:
    """The pen strokes that the config asks for. None where it asks for none.

    The usual file is not on every machine. Where it is missing, an event says what the training lacks, and the result
    is None. A file that somebody names must be there: DatasetError otherwise.
    """
    if not config.pen_fraction:
        return None
    if config.pens == UCI_PENS and not has_uci_pens():
        on_event({"event": "preparing", "what": MISSING_PENS})
        return None
    return load_pens_by_name(config.pens)


def load_teacher(config: TrainingConfig, folder: Path | None) -> Teacher | None:
    """A function that gives the probabilities of the run named as teacher, or None where none is named.

    Raises RunError if there is no such run.
    """
    if not config.teacher:
        return None
    # The teacher has far more to compute than the network that learns from it, so it gets all cores.
    return Classifier(load_run(config.teacher, folder).model_path, threads=given_cores()).probabilities
