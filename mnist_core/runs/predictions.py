"""The predictions of a run on its test digits, as stored with it. Neither a model nor a data set is needed.

>>> from mnist_core.runs.store import load_run
>>> stored = load_test_predictions(load_run("cnn-specified"))
>>> len(stored.labels), stored.probabilities.shape
(10000, (10000, 10))
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.npz_files import NPZ_ERRORS
from mnist_core.errors import RunError
from mnist_core.runs.run import Run

MOST_BYTES = 50_000_000
"""Unpacked bytes of test_predictions.npz, at most. The file of MNIST's 10,000 test digits has 0.4 million."""


@dataclass(frozen=True)
class TestPredictions:
    """Predictions in the order of the test set.

    probabilities: (n, 10) float32, and each row sums to 1. labels: (n,) uint8, the true digits.
    """

    __test__ = False  # It is no test of pytest.

    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]

    @property
    def predicted(self) -> NDArray[np.intp]:
        """The digits with the highest probability, (n,)."""
        predicted: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return predicted


def load_test_predictions(run: Run) -> TestPredictions:
    """Load test_predictions.npz. Raises RunError if it is damaged or does not fit the figures in run.json."""
    try:
        with (run.folder / "test_predictions.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            unpacked = sum(part.file_size for part in arrays.zip.infolist())
            if unpacked > MOST_BYTES:
                raise ValueError(f"{unpacked:,} bytes unpacked, expected at most {MOST_BYTES:,}")
            probabilities, labels = arrays["probabilities"], arrays["labels"]
        if probabilities.shape != (run.test.count, 10) or labels.shape != (run.test.count,):
            raise ValueError(
                f"shapes {probabilities.shape} and {labels.shape}, expected ({run.test.count}, 10) and "
                f"({run.test.count},)"
            )
        if (
            probabilities.dtype.kind != "f"
            or labels.dtype.kind not in "iu"
            or not np.isfinite(probabilities).all()
            or not np.isin(labels, range(10)).all()
        ):
            raise ValueError("values that are no probabilities and digits")
    except NPZ_ERRORS as error:
        raise RunError(
            f"test_predictions.npz of the run {run.name!r} is damaged ({error}). Delete {run.folder} and train it "
            "again."
        ) from error
    return TestPredictions(probabilities.astype(np.float32, copy=False), labels.astype(np.uint8, copy=False))
