"""Predictions of a trained model through LiteRT, which needs no TensorFlow.

>>> classifier = Classifier(Path("trained_models/cnn-specified/model.tflite"))  # doctest: +SKIP
>>> classifier.predict(digit).digit                                             # doctest: +SKIP
3

LiteRT takes 0.1 s to import, and a prediction takes tens of microseconds.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mnist_core.data.preprocessing import SIDE, Digit
from mnist_core.errors import PictureError, RunError
from mnist_core.native_messages import without_native_messages

BATCH = 50
"""The number of digits that `probabilities` gives to LiteRT at once: large enough to be fast, and small in memory."""

TIMED = 2
"""`predict` runs this often and takes the faster time, because the first run after a pause is slower."""

ROUNDING = 1e-3
"""By how much a value may lie outside 0..1, for rounding errors."""


@dataclass(frozen=True)
class Prediction:
    """The answer of one model for one digit.

    probabilities: ten values, 0..1, one for each digit. milliseconds: the time of the inference, the faster of two.

    >>> Prediction((0.0, 0.1, 0.8, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.02).digit
    2
    """

    probabilities: tuple[float, ...]
    milliseconds: float

    @property
    def digit(self) -> int:
        """The digit with the highest probability."""
        return max(range(10), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """The highest probability, 0..1."""
        return self.probabilities[self.digit]


def check_model(path: Path) -> None:
    """Raise RunError unless that file is a whole LiteRT model. It takes a fraction of a millisecond."""
    with _errors_named(path):
        Interpreter(model_path=str(path))


def check_prediction(path: Path) -> None:
    """Raise RunError unless that file is a LiteRT model that predicts a digit. It takes one to three milliseconds."""
    probabilities = Classifier(path).probabilities(np.zeros((1, SIDE, SIDE), np.float32))
    if not abs(float(probabilities.sum()) - 1) < ROUNDING:
        raise RunError(f"{path} gives no probabilities. Train the run again or restore its folder.")


@contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    """Turn LiteRT's errors into a RunError that names the file."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise RunError(f"{path} is not a LiteRT model ({error}). Train the run again or restore its folder.") from error


_silent_starts = iter([True])
"""True once. LiteRT prints its line about XNNPACK when the tensors of a process's first model are allocated."""


def _without_first_message() -> AbstractContextManager[None]:
    """Keep LiteRT's line about XNNPACK off the terminal. Later models leave standard error as it is."""
    return without_native_messages() if next(_silent_starts, False) else nullcontext()


class Classifier:
    """A model that predicts digits. Threads may share it: they take turns, because LiteRT has one set of buffers."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Load the model.

        path: a LiteRT model that takes (1, 28, 28, 1) float32 and gives (1, 10). Raises RunError for any other file.
        threads: of LiteRT. More than one is faster for many digits at once only.
        """
        if not path.is_file():
            raise RunError(f"There is no model file {path}. Train the run again or restore its folder.")
        with _errors_named(path), _without_first_message():
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        shapes = [tuple(part["shape"]) for part in (*inputs, *outputs)]
        if shapes != [(1, SIDE, SIDE, 1), (1, 10)]:
            raise RunError(
                f"{path} takes and gives {shapes}, expected (1, 28, 28, 1) and (1, 10). It is no model of digits."
            )
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]
        self._batch, self._path = 1, path
        self._lock = Lock()

    def predict(self, digit: Digit) -> Prediction:
        """Predict one digit and measure the time.

        digit: (28, 28) of a floating-point type, 0..1, white on black. Raises PictureError for any other array.
        """
        batch = _as_batch(digit, (SIDE, SIDE), expected="(28, 28)")
        with self._lock, _errors_named(self._path):
            self._resize(1)
            times = [time.perf_counter()]
            for _ in range(TIMED):
                probabilities = self._invoke(batch)[0]
                times.append(time.perf_counter())
        return Prediction(tuple(float(p) for p in probabilities), min(np.diff(times)) * 1000)

    def probabilities(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict many digits: (n, 10) float32, and each row sums to 1.

        digits: (n, 28, 28) of a floating-point type, 0..1, white on black. Raises PictureError for any other array.
        """
        batch = _as_batch(digits, (*np.shape(digits)[:1], SIDE, SIDE), expected="(n, 28, 28)")
        result = np.empty((len(batch), 10), np.float32)
        with self._lock, _errors_named(self._path):
            for start in range(0, len(batch), BATCH):
                part = batch[start : start + BATCH]
                self._resize(len(part))
                result[start : start + len(part)] = self._invoke(part)
        return result

    def _resize(self, batch: int) -> None:
        if batch != self._batch:
            self._interpreter.resize_tensor_input(self._input, (batch, SIDE, SIDE, 1))
            self._interpreter.allocate_tensors()
            self._batch = batch

    def _invoke(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        probabilities: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return probabilities


def _as_batch(digits: NDArray[np.float32], shape: tuple[int, ...], *, expected: str) -> NDArray[np.float32]:
    """The digits as LiteRT takes them, (n, 28, 28, 1) float32. The checks take a few microseconds for one digit."""
    digits = np.asarray(digits)
    if digits.shape != shape:
        raise PictureError(f"Received an array of shape {digits.shape}, expected {expected}. Reshape or resize it.")
    if digits.dtype.kind != "f":
        raise PictureError(f"Received an array of {digits.dtype}, expected floats in 0..1. Divide bytes by 255.")
    if digits.size:
        low, high = digits.min(), digits.max()
        if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # This is so for NaN as well.
            raise PictureError(f"Received values from {low:g} to {high:g}, expected 0..1. Divide grey levels by 255.")
    return np.ascontiguousarray(digits, np.float32).reshape(-1, SIDE, SIDE, 1)
