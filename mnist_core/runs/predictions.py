"""What a run read on the test digits, as stored with it: no model and no data set is needed to look at it.

>>> stored = load_test_predictions(load_run("cnn-specified"))      # doctest: +SKIP
>>> int((stored.predicted != stored.labels).sum())                      # doctest: +SKIP
65
"""

import zipfile
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import RunError
from mnist_core.runs.run import Run


@dataclass(frozen=True)
class TestPredictions:
    """probabilities: (n, 10) float32, each row sums to 1. labels: (n,) uint8, the true digits. In the order of the test set."""

    __test__ = False  # no test of pytest's

    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]

    @property
    def predicted(self) -> NDArray[np.intp]:
        """(n,): the digit with the highest probability."""
        predicted: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return predicted


def load_test_predictions(run: Run) -> TestPredictions:
    """The run's test_predictions.npz. Raises RunError if it is damaged or does not fit the run's own figures."""
    try:
        with (run.folder / "test_predictions.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            probabilities, labels = arrays["probabilities"], arrays["labels"]
        if probabilities.shape != (run.test.count, 10) or labels.shape != (run.test.count,):
            raise ValueError(
                f"shapes {probabilities.shape} and {labels.shape}, expected ({run.test.count}, 10) and ({run.test.count},)"
            )
        if (
            probabilities.dtype.kind != "f"
            or labels.dtype.kind not in "iu"
            or not np.isfinite(probabilities).all()
            or not np.isin(labels, range(10)).all()
        ):
            raise ValueError("values that are no probabilities and digits")
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(
            f"test_predictions.npz of the run {run.name!r} is damaged ({error}). Delete {run.folder} and train it again."
        ) from error
    return TestPredictions(probabilities.astype(np.float32, copy=False), labels.astype(np.uint8, copy=False))
