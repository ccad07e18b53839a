"""The digits that a command works on, by the name given with --data: mnist, offline or FILE.npz."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import DownloadColumn

from mnist_core.cli.console import progress_bar
from mnist_core.data import datasets, strokes
from mnist_core.data.preprocessing import from_strokes

SPELLING = "mnist, offline or FILE.npz"


@dataclass(frozen=True)
class LabelledDigits:
    """Digits to measure runs on.

    pixels: (n, 28, 28) float32 in 0..1. labels: (n,) uint8. donors: (n,), who wrote each; None where that is unknown.
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.uint8]
    donors: NDArray[np.str_] | None = None


def add_data_option(options: Any, help_text: str, *, default: str | None = None) -> None:
    """Add --data, which is spelled the same in every command. options: a parser or a group of options."""
    options.add_argument(
        "--data", type=datasets.canonical_name, default=default, metavar="DATA", help=f"{SPELLING}: {help_text}"
    )


def load_digits(data: str, *, quiet: bool) -> datasets.DigitSet:
    """Training and test digits. MNIST is downloaded first if it is not on this machine. Raises DatasetError.

    data: mnist, offline or the path of an .npz file. quiet: whether to download without a progress bar.
    """
    if data == datasets.MNIST and not datasets.has_mnist() and not datasets.mnist_is_named():
        download_mnist(quiet=quiet)
    return datasets.load_digit_set(data)


def download_mnist(*, quiet: bool) -> None:
    """Download MNIST, with a progress bar unless quiet. Raises DatasetError."""
    if quiet:
        datasets.download_mnist()
        return
    with download_bar("Downloading MNIST") as progress:
        datasets.download_mnist(progress)


@contextmanager
def download_bar(title: str) -> Iterator[datasets.Progress]:
    """In the block, a progress bar that the function moves."""
    with progress_bar(DownloadColumn()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda received, total: bar.update(task, completed=received, total=total or None)


def load_test_digits(data: str, *, seed: int, quiet: bool) -> LabelledDigits:
    """The digits to measure runs on: a set's test digits, all labelled images of a file, or its pen strokes, drawn.

    seed: for the place and size at which pen strokes are drawn. Raises DatasetError.
    """
    path = Path(data).expanduser()
    if data in datasets.DIGIT_SETS or not datasets.is_digit_set_name(data):
        test = load_digits(data, quiet=quiet).test
        return LabelledDigits(test.pixels(), test.labels)
    if "points" in datasets.array_names(path):
        return _drawn(strokes.load_pen_digits(path), seed)
    split = datasets.load_labelled(path)
    return LabelledDigits(split.pixels(), split.labels)


def _drawn(pen: strokes.PenDigits, seed: int) -> LabelledDigits:
    """Pen digits, drawn on the canvas with the default brush."""
    brush_width = strokes.CANVAS_SIDE * strokes.BRUSH_FRACTION
    drawings = strokes.drawn_anywhere(pen, seed=seed)
    pixels = np.stack([from_strokes(drawing, brush_width=brush_width) for drawing in drawings])
    return LabelledDigits(pixels, pen.labels, pen.donors)
