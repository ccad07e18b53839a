"""The public functions: load a run, predict an array or a picture, evaluate, train. `import mnist_core` offers them.

>>> import mnist_core
>>> run = mnist_core.load_run("cnn-robust")
>>> digits = np.zeros((2, 28, 28), np.uint8)
>>> digits[0, 4:24, 13:16] = 255                                 # a vertical line: a 1
>>> digits[1, 4:24, 9:12] = digits[1, 4:24, 17:20] = 255         # an angular 0
>>> digits[1, 4:7, 9:20] = digits[1, 21:24, 9:20] = 255
>>> mnist_core.predict(run, digits).argmax(axis=1)
array([1, 0])
>>> print(mnist_core.evaluate(run, digits, [1, 0]).incorrect)
0

Digits are white ink on black. They are uint8 with 255 for full ink, or floats from 0 to 1. Every other range raises an
error, because a model would classify such digits badly and say nothing.
"""

import dataclasses
from functools import lru_cache
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_core.data.datasets import OWN_ARRAYS, DigitSet, Split, as_bytes, load_digit_set
from mnist_core.data.labelled_files import SPLIT_SEED, TEST_FRACTION
from mnist_core.data.preprocessing import checked_digits, checked_labels, from_ink
from mnist_core.errors import ConfigError, DatasetError, PictureError, RunError
from mnist_core.events import OnEvent
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.classifier import Classifier, Prediction
from mnist_core.runs import store
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.run import Run


def load_run(name: str, *, folder: str | PathLike[str] | None = None) -> Run:
    """The trained run of that name, with its settings and its accuracy on the test digits.

    name: of one of the runs that are part of the project (mlp-specified, cnn-specified, mlp-robust, cnn-robust) or of
    your own. folder: where to look; the folders of the project if None.

    Raises RunError if there is no such run or if it is damaged.

    >>> run = load_run("mlp-specified")
    >>> run.parameters, run.test.incorrect, run.test.count
    (407050, 187, 10000)
    """
    return store.load_run(name, None if folder is None else Path(folder))


def list_runs(*, folder: str | PathLike[str] | None = None) -> list[Run]:
    """All runs that can be used, by name. Damaged ones are left out; `load_run` says what is wrong with one.

    folder: where to look; the folders of the project if None.

    >>> {"cnn-robust", "mlp-robust"} <= {run.name for run in list_runs()}
    True
    """
    return store.list_runs(None if folder is None else Path(folder))[0]


def predict(run: Run | str, digits: ArrayLike, *, drawn: bool = False) -> NDArray[np.float32]:
    """The probabilities of the ten digits for each of some digits: (n, 10) float32, each row sums to 1.

    run: a run or its name.
    digits: (28, 28), (n, 28, 28) or (n, 28, 28, 1), either uint8 with 255 for full ink or floats from 0 to 1.
    drawn: whether to crop, scale and centre each digit first, as is done with drawings.

    `.argmax(axis=1)` gives the predicted digits. Raises PictureError for another shape, type or range, and RunError.

    >>> line = np.zeros((28, 28), np.uint8)
    >>> line[4:24, 13:16] = 255
    >>> predict("mlp-robust", line).shape
    (1, 10)
    >>> predict("mlp-robust", line.astype(float))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    mnist_core.errors.PictureError: ...255, expected 0 ...
    """
    pixels = checked_digits(digits)
    return _classifier(run).probabilities(as_drawn(pixels) if drawn else pixels)


def predict_picture(run: Run | str, picture: str | PathLike[str] | bytes) -> Prediction:
    """The prediction for a picture of one digit: `digit`, `confidence`, `probabilities` and `milliseconds`.

    run: a run or its name. picture: the path of a PNG, JPEG or WebP file, or its bytes. The digit may be dark on light
    or light on dark, anywhere on the picture and of any size.

    Raises PictureError for a file that is no such picture or shows nothing, and RunError.

    >>> import io
    >>> from PIL import Image, ImageDraw
    >>> page, file = Image.new("L", (300, 200), "white"), io.BytesIO()
    >>> ImageDraw.Draw(page).line([(200, 40), (200, 120)], fill="black", width=9)
    >>> page.save(file, "PNG")
    >>> predict_picture("cnn-robust", file.getvalue()).digit
    1
    """
    from mnist_core.data.pictures import from_picture, open_picture  # SciPy's image functions take time to import

    if not isinstance(picture, bytes):
        try:
            picture = Path(picture).read_bytes()
        except OSError as error:
            raise PictureError(
                f"{picture!s} cannot be read ({error.strerror}). Name an existing PNG, JPEG or WebP file."
            ) from error
    return _classifier(run).predict(from_picture(open_picture(picture)))


def evaluate(run: Run | str, digits: ArrayLike, labels: ArrayLike, *, drawn: bool = False) -> Accuracy:
    """How many digits a run predicts correctly: `incorrect`, `count`, `fraction`, and a 95 % interval `low` to `high`.

    run, digits, drawn: as of `predict`. labels: (n,) whole numbers from 0 to 9.

    Raises PictureError and DatasetError for arrays of another shape, type or range, and RunError.

    >>> blank = np.zeros((1, 28, 28))
    >>> evaluate("cnn-robust", blank, [3, 4])
    Traceback (most recent call last):
    mnist_core.errors.DatasetError: Received 2 labels for 1 digits, expected one label for each digit.
    """
    pixels = checked_digits(digits)
    true = checked_labels(labels, len(pixels))
    return Accuracy.of(predict(run, pixels, drawn=drawn).argmax(axis=1), true)


def train(
    config: TrainingConfig,
    name: str,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    *,
    test_images: ArrayLike | None = None,
    test_labels: ArrayLike | None = None,
    folder: str | PathLike[str] | None = None,
    replace: bool = False,
    on_event: OnEvent | None = None,
) -> Run:
    """Train a model and write it as a run. TensorFlow is imported here and in no other function.

    config: the settings, see `recipe_config`. name: of the run, a-z, 0-9, '.', '_' and '-'.
    images: (n, 28, 28), uint8 with 255 for full ink or floats from 0 to 1. labels: (n,) whole numbers from 0 to 9.
    Without them, the run learns from the data set that `config.data` names. With them, the run says "own arrays" there,
    and its recipe is 'custom'.
    test_images, test_labels: digits to measure the run on. Without them, a random fifth of the digits is for testing.
    folder: where the run is written; the folder of the project if None.
    replace: whether an existing run of that name is replaced.
    on_event: is called with what happens, see `mnist_core.events`.

    `config.validation_digits` of the training digits are held out, and the epoch that predicts them best is kept. If
    there are fewer than 25,000 training digits, the usual 5,000 means a fifth of them. The run is written whole or not
    at all. The same settings on the same machine give the same run.

    Raises PictureError and DatasetError for arrays of another shape, type or range, ConfigError if there are too few
    digits to hold some out, and RunError if the run cannot be written.

    >>> config = mnist_core.recipe_config("specified", "mlp", epochs=3)      # doctest: +SKIP
    >>> run = mnist_core.train(config, "mine", images, labels)               # doctest: +SKIP
    >>> print(run.test)                                                      # doctest: +SKIP
    98.13 % (187 incorrect of 10,000, 95 % interval 97.85 to 98.38 %)
    """
    target = None if folder is None else Path(folder)
    store.check_free(name, target, replace=replace)
    digit_set = _digit_set(config, images, labels, test_images, test_labels)
    if digit_set.name == OWN_ARRAYS:
        config = dataclasses.replace(config, data=OWN_ARRAYS, recipe="custom")
    from mnist_core.training import trainer  # TensorFlow takes some seconds to import

    listener: OnEvent = on_event or (lambda event: None)
    return trainer.train(config, name, digit_set, folder=target, replace=replace, on_event=listener)


def as_drawn(digits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Crop, scale and centre each digit, as is done with drawings. digits: (n, 28, 28) float32 in 0..1, as the result.

    >>> line = np.zeros((1, 28, 28), np.float32)
    >>> line[0, 0:10, 0:2] = 1
    >>> rows = np.flatnonzero(as_drawn(line)[0].any(axis=1))
    >>> int(rows[0]), len(rows)
    (4, 20)
    """
    return np.stack([from_ink(digit) for digit in digits]) if len(digits) else digits


def _digit_set(
    config: TrainingConfig,
    images: ArrayLike | None,
    labels: ArrayLike | None,
    test_images: ArrayLike | None,
    test_labels: ArrayLike | None,
) -> DigitSet:
    """The arrays as a data set, or the one that the config names if there are none."""
    if (images is None) != (labels is None) or (test_images is None) != (test_labels is None):
        raise ConfigError("Received images without labels or labels without images; expected both or neither.")
    if images is None or labels is None:
        if test_images is not None:
            raise ConfigError("Received test images without training images; expected both, or only training images.")
        return load_digit_set(config.data)
    train_split = _split(images, labels)
    if test_images is not None and test_labels is not None:
        test_split = _split(test_images, test_labels)
    else:
        train_split, test_split = _divided(train_split)
    if not len(train_split) or not len(test_split):
        raise DatasetError(
            f"Received {len(train_split)} digits to train and {len(test_split)} to test with, expected some of each. "
            "Pass at least 5 images, or test images as well."
        )
    arrays = {
        "x_train": train_split.images,
        "y_train": train_split.labels,
        "x_test": test_split.images,
        "y_test": test_split.labels,
    }
    return DigitSet.from_arrays(arrays, name=OWN_ARRAYS)


def _divided(split: Split) -> tuple[Split, Split]:
    """The digits to train with and those to test with: the same ones as if they came from an .npz file."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(split))
    count = round(len(split) * TEST_FRACTION)
    train, test = np.sort(order[count:]), np.sort(order[:count])
    return Split(split.images[train], split.labels[train]), Split(split.images[test], split.labels[test])


def _split(images: ArrayLike, labels: ArrayLike) -> Split:
    pixels = as_bytes(checked_digits(images))
    return Split(pixels, checked_labels(labels, len(pixels)))


def _classifier(run: Run | str) -> Classifier:
    """The model of a run, opened once and kept."""
    if not isinstance(run, str | Run):
        raise RunError(f"Received {run!r} as a run, expected the name of a run or what load_run returns.")
    run = load_run(run) if isinstance(run, str) else run
    try:
        written = run.model_path.stat().st_mtime_ns
    except OSError:
        written = 0  # the classifier says what is missing
    return _opened(run.model_path, written)


@lru_cache(maxsize=8)
def _opened(path: Path, written: int) -> Classifier:
    """The model in a file. written: when, so that a run that was replaced is opened anew."""
    return Classifier(path)
