"""What is measured on this machine is what it says."""

import numpy as np
import pytest
from scipy import ndimage

from mnist_core.models.classifier import Classifier
from mnist_core.runs.measurements import SHIFTS, digits, measure, shift_accuracy, shifted
from mnist_core.runs.store import load_run


def test_pictures_move_by_whole_pixels_as_scipy_moves_them() -> None:
    pictures = np.random.default_rng(0).random((3, 28, 28), dtype=np.float32)
    for down, right in ((0, 0), (3, 0), (-2, 0), (0, 4), (0, -1), (1, -2)):
        expected = ndimage.shift(pictures, (0, down, right), order=0, cval=0)
        np.testing.assert_array_equal(shifted(pictures, down, right), expected)


@pytest.fixture(scope="module")
def mlp() -> Classifier:
    return Classifier(load_run("mlp-specified").model_path)


def test_a_run_is_measured_on_a_thousand_digits_at_each_distance(mlp: Classifier) -> None:
    measured = measure(mlp)
    assert measured.microseconds > 0
    assert [accuracy.count for accuracy in measured.shifted] == [1000] * len(SHIFTS)
    written = digits()
    assert measured.shifted[0].incorrect == (mlp.probabilities(written.digits).argmax(axis=1) != written.labels).sum()
    assert set(measured.to_json()["shifted"]) == {"0", "1", "2", "3", "4"}


def test_the_specified_mlp_depends_on_where_a_digit_stands_far_more_than_the_cnn(mlp: Classifier) -> None:
    cnn = Classifier(load_run("cnn-specified").model_path)
    assert shift_accuracy(mlp, digits(), 3).high < shift_accuracy(cnn, digits(), 3).low - 0.2


def test_the_digits_measured_on_are_the_same_every_time() -> None:
    from mnist_core.handwriting.generator import write
    from mnist_core.runs.measurements import COUNT, SEED

    np.testing.assert_array_equal(digits().digits, write(COUNT, seed=SEED).digits)
    assert SEED >= 2**32  # no training may be given it
