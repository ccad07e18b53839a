"""Arrays from outside are accepted in the documented forms and refused in all others."""

import numpy as np
import pytest

from mnist_core.data.checks import checked_digits, checked_labels
from mnist_core.errors import DatasetError, PictureError

BYTES = np.random.default_rng(2).integers(0, 256, (5, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize(
    ("array", "count"),
    [
        (BYTES, 5),
        (BYTES[0], 1),
        (BYTES[..., np.newaxis], 5),
        (BYTES / 255, 5),
        ((BYTES / np.float32(255)).astype(np.float32), 5),
        ((BYTES[2] / 255)[np.newaxis, ..., np.newaxis], 1),
        ((BYTES[:0]), 0),
        ((BYTES / 255).tolist(), 5),
    ],
)
def test_digits_of_every_documented_form_become_float32_in_0_to_1(array: object, count: int) -> None:
    digits = checked_digits(array)
    assert digits.shape == (count, 28, 28)
    assert digits.dtype == np.float32
    if count == 5:
        np.testing.assert_allclose(digits, BYTES / np.float32(255), rtol=1e-6)


def test_bytes_passed_as_floats_are_refused_with_their_range_and_the_remedy() -> None:
    with pytest.raises(PictureError, match=r"from 0 to 255, expected 0 .* to 1 .*divide by 255"):
        checked_digits(np.linspace(0, 255, 784).reshape(28, 28))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((2, 28, 28), np.nan), r"NaN or infinity \(1,568 of 1,568\)"),
        (np.where(np.eye(28), np.inf, 0.5), r"\(28 of 784\)"),
        (np.full((28, 28), -0.5), r"from -0.5 to -0.5.*0 for background to 1"),
        (np.full((28, 28), 1.01), r"from 1.01 to 1.01"),
        (np.zeros((28, 28), np.int64), r"dtype int64, expected uint8.*astype\(np.uint8\)"),
        (np.zeros((28, 28), bool), r"dtype bool"),
        (np.zeros((28, 28), complex), r"dtype complex128"),
        (np.zeros((3, 784), np.uint8), r"shape \(3, 784\), expected \(28, 28\), \(n, 28, 28\)"),
        (np.zeros((3, 28, 28, 3), np.uint8), r"shape \(3, 28, 28, 3\)"),
        (np.zeros((28, 28, 1), np.uint8), r"shape \(28, 28, 1\)"),
        (0.5, r"shape \(\)"),
        ([[1.0], [1.0, 2.0]], r"different shapes"),
        ("seven", r"shape \(\)"),
    ],
)
def test_other_digits_are_refused_with_what_was_found(array: object, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        checked_digits(array)


@pytest.mark.parametrize("labels", [[0, 9], (0, 9), np.array([0, 9], np.int64), np.array([0, 9], np.uint8)])
def test_whole_numbers_from_0_to_9_are_labels(labels: object) -> None:
    checked = checked_labels(labels, count=2)
    assert checked.tolist() == [0, 9]
    assert checked.dtype == np.uint8


def test_no_labels_are_labels_of_no_digits() -> None:
    assert checked_labels([], count=0).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1.0, 2.0], r"dtype float64.*astype\(np.uint8\)"),
        (["1", "2"], "whole numbers from 0 to 9"),
        ([True, False], "dtype bool"),
        ([3, 10], "range from 3 to 10, expected 0 to 9"),
        ([-1, 3], "range from -1 to 3"),
        (np.eye(10), r"shape \(10, 10\).*argmax"),
        (np.zeros((2, 1), int), r"shape \(2, 1\)"),
        ([1, 2, 3], "3 labels for 2 digits"),
        ([[1], [2, 3]], "different shapes"),
    ],
)
def test_other_labels_are_refused_with_what_was_found(labels: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        checked_labels(labels, count=2)
