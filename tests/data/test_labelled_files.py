"""Labelled digits of one's own, to train and to evaluate with."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.digit_set import ARRAYS
from mnist_core.data.labelled_files import load_file_set, load_labelled
from mnist_core.errors import DatasetError


@pytest.mark.parametrize("scale", [1, 255])
def test_labelled_images_may_be_bytes_or_fractions(tmp_path: Path, scale: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    np.savez(
        tmp_path / "some.npz", x=images if scale == 1 else (images / 255).astype(np.float32)[..., None], y=np.arange(5)
    )
    split = load_labelled(tmp_path / "some.npz")
    assert np.array_equal(split.images, images)
    assert split.pixels().max() <= 1


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((2, 27, 28), np.uint8), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, int)),
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, int)),
        (np.full((2, 28, 28), 255.0), np.zeros(2, int)),
        (np.full((2, 28, 28), np.nan), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.int32), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.uint8), np.array([1, 10])),
        (np.zeros((2, 28, 28), np.uint8), np.array([1.0, 2.0])),
    ],
)
def test_labelled_files_that_do_not_fit_are_refused_by_name(tmp_path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savez(tmp_path / "some.npz", x=x, y=y)
    with pytest.raises(DatasetError, match=r"some\.npz"):
        load_labelled(tmp_path / "some.npz")


IMAGES = np.random.default_rng(1).integers(0, 256, (50, 28, 28), dtype=np.uint8)
LABELS = np.arange(50) % 10


@pytest.mark.parametrize("names", [("images", "labels"), ("x", "y")])
def test_a_file_that_is_not_split_keeps_a_fifth_for_testing_the_same_every_time(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, **dict(zip(names, (IMAGES, LABELS), strict=True)))
    first, again = load_file_set(path), load_file_set(path)
    assert (len(first.train), len(first.test)) == (40, 10)
    assert first.name == str(path)
    assert first.digest == again.digest
    assert np.array_equal(first.test.images, again.test.images)
    together = np.concatenate([first.train.images, first.test.images])
    assert np.array_equal(np.unique(together, axis=0), np.unique(IMAGES, axis=0)), "every digit is in one of the two"
    for split in (first.train, first.test):
        for image, label in zip(split.images, split.labels, strict=True):
            (place,) = np.flatnonzero((image == IMAGES).all(axis=(1, 2)))
            assert LABELS[place] == label
    assert len(load_labelled(path)) == 50


def test_a_file_that_is_split_keeps_its_split(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "mine.npz", **dict(zip(ARRAYS, (IMAGES[:30], LABELS[:30], IMAGES[30:], LABELS[30:]), strict=True))
    )
    digits = load_file_set(tmp_path / "mine.npz")
    assert np.array_equal(digits.train.images, IMAGES[:30])
    assert np.array_equal(digits.test.labels, LABELS[30:])
    assert len(load_labelled(tmp_path / "mine.npz")) == 20


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": IMAGES, "labels": LABELS}, r"contains pictures, labels; expected images and labels"),
        ({"images": IMAGES[:2], "labels": LABELS[:2]}, r"holds 2 digits, expected at least 5"),
        ({"images": IMAGES * 1.0, "labels": LABELS}, r"images and labels: .*from 0 to 255.*divide by 255"),
        ({"images": IMAGES, "labels": LABELS[1:]}, r"49 labels for 50 digits"),
        ({"images": IMAGES[0], "labels": LABELS[:1]}, r"one digit of shape \(28, 28\)"),
        ({"x_train": IMAGES, "y_train": LABELS}, r"expected images and labels"),
    ],
)
def test_a_file_that_cannot_be_trained_with_is_refused_with_the_reason(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(DatasetError, match=r"mine\.npz.*" + message):
        load_file_set(tmp_path / "mine.npz")
