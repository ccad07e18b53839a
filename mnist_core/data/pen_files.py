"""Read and write files of pen digits: digits as the strokes of a pen, with labels and writers.

>>> pen = PenDigits.of([[[[0, 0], [0, 50]]], [[[0, 0], [30, 0], [10, 40]]]], labels=[1, 7], donors=["ann", "bob"])
>>> len(pen), pen.labels.tolist(), pen.strokes(0)[0].tolist()
(2, [1, 7], [[0.0, 0.0], [0.0, 1000.0]])

The file is an .npz file with five arrays, which `PenDigits` describes. Anybody's digits can be written in this form,
to train with (`digit-duel train --pens FILE.npz`) or to measure runs on (`digit-duel evaluate --data FILE.npz`).
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_core.data.checks import MAX_COORDINATE, Stroke, checked_labels
from mnist_core.data.npz_files import read_npz, write_npz
from mnist_core.errors import DatasetError

PEN_ARRAYS = ("points", "stroke_offsets", "digit_offsets", "labels", "donors")
"""The arrays of a file of pen digits."""

PEN_SIZE = 1000
"""The longer side of each digit, in the file's units."""


@dataclass(frozen=True)
class PenDigits:
    """Digits written with a pen, as strokes.

    points: (p, 2), x to the right and y down. The longer side of each digit spans 0..1000.
    stroke_offsets: (s + 1,). Stroke k is points[stroke_offsets[k]:stroke_offsets[k + 1]].
    digit_offsets: (n + 1,). Digit i consists of the strokes digit_offsets[i]:digit_offsets[i + 1].
    labels: (n,) uint8, 0..9. donors: (n,) str, who wrote each digit.
    """

    points: NDArray[np.int16]
    stroke_offsets: NDArray[np.int64]
    digit_offsets: NDArray[np.int64]
    labels: NDArray[np.uint8]
    donors: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[Stroke]:
        """The strokes of one digit, in the file's units."""
        first, last = self.digit_offsets[index], self.digit_offsets[index + 1]
        return [
            self.points[self.stroke_offsets[k] : self.stroke_offsets[k + 1]].astype(np.float64)
            for k in range(first, last)
        ]

    @classmethod
    def of(
        cls, digits: Sequence[Sequence[ArrayLike]], *, labels: ArrayLike, donors: ArrayLike, y_up: bool = False
    ) -> "PenDigits":
        """Digits in any unit, brought to the file's.

        digits: the strokes of each digit, (points, 2) each, not empty. labels: (n,) 0..9. donors: (n,) names.
        y_up: whether y grows upwards.
        """
        scaled = [scaled_to_file([np.asarray(stroke, np.float64) for stroke in digit], y_up=y_up) for digit in digits]
        strokes = [stroke for digit in scaled for stroke in digit]
        return cls(
            np.concatenate(strokes),
            np.cumsum([0, *(len(stroke) for stroke in strokes)]),
            np.cumsum([0, *(len(digit) for digit in scaled)]),
            np.asarray(labels, np.uint8),
            np.asarray(donors, np.str_),
        )

    def by_donors(self, donors: Collection[str]) -> "PenDigits":
        """The digits of these donors alone, in the same order. Raises DatasetError if there are none."""
        chosen = np.flatnonzero(np.isin(self.donors, list(donors)))
        if not len(chosen):
            raise DatasetError(
                f"No digit is by {', '.join(sorted(donors)[:5]) or 'nobody'}; "
                f"expected some of {', '.join(sorted(set(self.donors.tolist()))[:50])}."
            )
        digits = [self.strokes(index) for index in chosen.tolist()]
        strokes = [stroke.astype(self.points.dtype) for digit in digits for stroke in digit]
        return PenDigits(
            np.concatenate(strokes),
            np.cumsum([0, *(len(stroke) for stroke in strokes)]),
            np.cumsum([0, *(len(digit) for digit in digits)]),
            self.labels[chosen],
            self.donors[chosen],
        )

    def digest(self) -> str:
        """SHA-256 of labels and strokes. The donors' names do not count, and neither does the kind of integers."""
        digest = hashlib.sha256()
        for array in (self.labels, self.digit_offsets, self.stroke_offsets, self.points):
            digest.update(f"{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, "<i8").tobytes())
        return digest.hexdigest()


def scaled_to_file(strokes: Sequence[Stroke], *, y_up: bool = False) -> list[NDArray[np.int16]]:
    """The strokes of one digit in the file's units: its longer side spans 0..1000, its corner is at 0, 0.

    y_up: whether y grows upwards in `strokes`. In the file it grows downwards.

    >>> [stroke.tolist() for stroke in scaled_to_file([np.array([[20.0, 10.0], [21.0, 14.0]])], y_up=True)]
    [[[0, 1000], [250, 0]]]
    """
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    side = max(float(np.ptp(points, axis=0).max()), 1e-9)
    scaled = (points - low) / side * PEN_SIZE
    if y_up:
        scaled[:, 1] = scaled[:, 1].max() - scaled[:, 1]
    rounded = np.rint(scaled).astype(np.int16)
    return np.split(rounded, np.cumsum([len(stroke) for stroke in strokes])[:-1])


def folds_by_donor(donors: NDArray[np.str_], folds: int, *, seed: int = 0) -> list[list[str]]:
    """Divide the donors at random into groups for a cross-validation. No donor is in two groups.

    >>> groups = folds_by_donor(np.array(["a", "b", "b", "c", "d", "e"]), 2)
    >>> sorted(len(group) for group in groups), sorted(sum(groups, []))
    ([2, 3], ['a', 'b', 'c', 'd', 'e'])
    """
    names = np.unique(donors)
    order = np.random.default_rng(seed).permutation(len(names))
    return [sorted(str(name) for name in part) for part in np.array_split(names[order], folds)]


def load_pen_digits(path: Path) -> PenDigits:
    """Load pen digits from an .npz file. Raises DatasetError if arrays are missing or do not fit together."""
    arrays = read_npz(path, PEN_ARRAYS)
    points, stroke_offsets, digit_offsets = arrays["points"], arrays["stroke_offsets"], arrays["digit_offsets"]
    fits = (
        points.ndim == 2
        and points.shape[1] == 2
        and _are_offsets(stroke_offsets, len(points))
        and _are_offsets(digit_offsets, len(stroke_offsets) - 1)
        and len(digit_offsets) == len(arrays["labels"]) + 1 == len(arrays["donors"]) + 1 > 1
    )
    if not fits:
        raise DatasetError(
            f"{path}: the arrays of strokes do not fit together. "
            "Expected offsets that rise from 0 to the number of points and of strokes. Write the file again."
        )
    if not np.issubdtype(points.dtype, np.number) or not np.isfinite(points).all():
        raise DatasetError(f"{path}: the points hold something else than finite numbers. Write the file again.")
    if (largest := float(np.abs(points.astype(np.float64)).max())) > MAX_COORDINATE:
        raise DatasetError(
            f"{path}: a point is at {largest:.3g}, expected at most {MAX_COORDINATE:.0e}. Write the file again."
        )
    try:
        labels = checked_labels(arrays["labels"])
    except DatasetError as error:
        raise DatasetError(f"{path}: {error}") from error
    return PenDigits(
        points,
        stroke_offsets.astype(np.int64),
        digit_offsets.astype(np.int64),
        labels,
        arrays["donors"].astype(np.str_),
    )


def save_pen_digits(pen: PenDigits, path: Path) -> None:
    """Write pen digits as an .npz file, whole or not at all. Raises OSError if it cannot be written."""
    write_npz(path, {name: getattr(pen, name) for name in PEN_ARRAYS})


def _are_offsets(offsets: NDArray[np.generic], end: int) -> bool:
    return (
        offsets.ndim == 1
        and len(offsets) > 1
        and np.issubdtype(offsets.dtype, np.integer)
        and offsets[0] == 0
        and offsets[-1] == end
        and bool((np.diff(offsets.astype(np.int64)) > 0).all())
    )
