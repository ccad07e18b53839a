"""A trained run reads digits, through LiteRT: no TensorFlow, 0.1 s to import and tens of microseconds a digit.

>>> classifier = Classifier(Path("trained_models/cnn-specified/model.tflite"))  # doctest: +SKIP
>>> classifier.read(digit).digit                                                # doctest: +SKIP
3
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mnist_core.data.preprocessing import SIDE, Digit
from mnist_core.errors import RunError

BATCH = 50
"""Digits in one pass of `probabilities`: large enough to be fast, small enough to need little memory."""


TIMED = 3
"""Passes of which the fastest is told: the first after a pause also pays for cold caches, which says nothing of the
model.
"""


@dataclass(frozen=True)
class Prediction:
    """What one model sees in one digit. probabilities: ten, 0..1, index is the digit. milliseconds: of inference alone,
    the fastest of three passes.
    """

    probabilities: tuple[float, ...]
    milliseconds: float

    @property
    def digit(self) -> int:
        """The digit with the highest probability."""
        return max(range(10), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """That probability."""
        return self.probabilities[self.digit]


def check_model(path: Path) -> None:
    """Raise RunError unless that file is a whole LiteRT model. Takes a fraction of a millisecond: nothing is set up to
    read with it.
    """
    with _named_in_errors(path):
        Interpreter(model_path=str(path))


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    """What LiteRT says of that file becomes a RunError."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise RunError(f"{path} is not a LiteRT model ({error}). Train the run again or restore its folder.") from error


class Classifier:
    """One model, ready to read. May be shared between threads: an interpreter has one set of buffers, so they take
    turns.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """path: a LiteRT model that takes (1, 28, 28, 1) float32 and gives (1, 10). Raises RunError for anything else.

        threads: more than one pays for many digits at once only.
        """
        if not path.is_file():
            raise RunError(f"There is no model file {path}. Train the run again or restore its folder.")
        with _named_in_errors(path):
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        shapes = [tuple(part["shape"]) for part in (*inputs, *outputs)]
        if shapes != [(1, SIDE, SIDE, 1), (1, 10)]:
            raise RunError(
                f"{path} takes and gives {shapes}, expected (1, 28, 28, 1) and (1, 10). It is no model of digits."
            )
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]
        self._batch = 1
        self._lock = Lock()

    def predict(self, digit: Digit) -> Prediction:
        """Read one digit, (28, 28) float32 in 0..1, and time it."""
        batch = np.ascontiguousarray(digit, np.float32).reshape(1, SIDE, SIDE, 1)
        with self._lock:
            self._resize(1)
            times = [time.perf_counter()]
            for _ in range(TIMED):
                probabilities = self._invoke(batch)[0]
                times.append(time.perf_counter())
        return Prediction(tuple(float(p) for p in probabilities), min(np.diff(times)) * 1000)

    def probabilities(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 10) float32 for digits (n, 28, 28) float32 in 0..1."""
        digits = np.ascontiguousarray(digits, np.float32).reshape(-1, SIDE, SIDE, 1)
        result = np.empty((len(digits), 10), np.float32)
        with self._lock:
            for start in range(0, len(digits), BATCH):
                part = digits[start : start + BATCH]
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
