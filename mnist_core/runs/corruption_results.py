"""How well a run predicts corrupted digits, as stored with it in corruptions.json.

>>> from mnist_core.runs.store import load_run
>>> results = load_corruption_results(load_run("cnn-specified"))
>>> results.count, results.incorrect_digits("fog", 3).shape
(10000, (10000,))
>>> results.accuracy("fog", 1).fraction > results.accuracy("fog", 5).fraction
True

The file says which digits are predicted incorrectly at each corruption and strength, a bit each. It belongs to one
model, one description of the corruptions and one set of test digits. It does not count if any of them has changed.
"""

import base64
import binascii
import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.datasets import MNIST_DIGEST
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS, description_digest
from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy, mean_accuracy
from mnist_core.runs.run import Run

FILE = "corruptions.json"
FORMAT = 1
"""Version of the file that is written and read."""

MOST_DIGITS = 1_000_000


@dataclass(frozen=True)
class CorruptionResults:
    """The measurement of one run.

    incorrect: (15, 5, n) bool, whether each of n test digits is predicted incorrectly at each corruption, in the order
    of CORRUPTIONS, and at each strength.
    """

    incorrect: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """The number of test digits."""
        return int(self.incorrect.shape[2])

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many digits are predicted incorrectly: (15, 5)."""
        counts: NDArray[np.int64] = self.incorrect.sum(axis=2, dtype=np.int64)
        return counts

    @cached_property
    def by_digit(self) -> NDArray[np.float64]:
        """The fraction of all 75 versions of each digit that is predicted correctly: (n,), 0..1."""
        correct: NDArray[np.float64] = 1 - self.incorrect.mean(axis=(0, 1))
        return correct

    @cached_property
    def mean(self) -> Accuracy:
        """The mean accuracy over all corruptions and strengths. Its interval takes the digits as the sample, because
        the 75 versions of a digit are not independent of each other.
        """
        return mean_accuracy(self.by_digit, versions=self.incorrect.shape[0] * self.incorrect.shape[1])

    def incorrect_digits(self, key: str, strength: int) -> NDArray[np.bool_]:
        """Whether each digit is predicted incorrectly at that corruption and strength, 1..5: (n,)."""
        digits: NDArray[np.bool_] = self.incorrect[_row(key), strength - 1]
        return digits

    def accuracy(self, key: str, strength: int) -> Accuracy:
        """The accuracy at one corruption and strength, 1..5."""
        return Accuracy.from_counts(int(self.counts[_row(key), strength - 1]), self.count)

    def fraction(self, key: str, strength: int | None = None) -> float:
        """The accuracy at one corruption, 0..1: at one strength, or the mean over all five."""
        row = self.counts[_row(key)]
        return float(1 - (row.mean() if strength is None else row[strength - 1]) / self.count)

    def to_json(self) -> dict[str, Any]:
        """The counts and the mean as plain JSON values."""
        return {
            "description": description_digest(),
            "count": self.count,
            "mean_accuracy": self.mean.fraction,
            "interval_95": [self.mean.low, self.mean.high],
            "incorrect": dict(zip(CORRUPTIONS, self.counts.tolist(), strict=True)),
        }


def load_corruption_results(run: Run) -> CorruptionResults | None:
    """The stored measurement. None if there is none, or if it belongs to another model, description or set of digits.

    Raises RunError if the file is damaged or of a newer version.
    """
    path = run.folder / FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise ValueError(f"format {facts['format']!r}, this version reads {FORMAT}")
        if (facts["description"], facts["digits"], facts["model"]) != _belongs_to(run):
            return None
        return CorruptionResults(_unpacked(facts))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, zlib.error) as error:
        raise RunError(
            f"{FILE} of the run {run.name!r} is damaged ({type(error).__name__}: {error}). Measure it again: "
            f"`digit-duel evaluate {run.name} --data corruptions`."
        ) from error


def write_corruption_results(run: Run, results: CorruptionResults) -> None:
    """Store a measurement with its run, in one step. Raises RunError, and changes nothing, if it cannot be written."""
    description, digits, model = _belongs_to(run)
    facts = {
        "format": FORMAT,
        "description": description,
        "digits": digits,
        "model": model,
        "count": results.count,
        "mean_accuracy": results.mean.fraction,
        "incorrect": dict(zip(CORRUPTIONS, results.counts.tolist(), strict=True)),
        "incorrect_digits": {
            key: [_packed(cell) for cell in row] for key, row in zip(CORRUPTIONS, results.incorrect, strict=True)
        },
    }
    try:
        _replace(run.folder / FILE, json.dumps(facts, indent=1) + "\n")
    except OSError as error:
        raise RunError(
            f"{FILE} of the run {run.name!r} cannot be written to {run.folder} ({error.strerror or error}). Check that "
            "the folder can be written to, and that there is space."
        ) from error


def _belongs_to(run: Run) -> tuple[str, str, str]:
    """The digests of the description, of the digits and of the model to which a measurement belongs."""
    return description_digest(), MNIST_DIGEST, hashlib.sha256(run.model_path.read_bytes()).hexdigest()


def _unpacked(facts: dict[str, Any]) -> NDArray[np.bool_]:
    """The bits of a file, checked against its counts. Raises ValueError and others for impossible content."""
    count = int(facts["count"])
    if not 0 < count <= MOST_DIGITS:
        raise ValueError(f"{count} digits")
    incorrect = np.empty((len(CORRUPTIONS), len(STRENGTHS), count), bool)
    for row, key in enumerate(CORRUPTIONS):
        cells, counts = facts["incorrect_digits"][key], facts["incorrect"][key]
        for column, (cell, told) in enumerate(zip(cells, counts, strict=True)):
            incorrect[row, column] = _bits(cell, count)
            if incorrect[row, column].sum() != told:
                raise ValueError(f"{key} has {incorrect[row, column].sum()} incorrect digits, its count says {told}")
    return incorrect


def _packed(bits: NDArray[np.bool_]) -> str:
    """Bits as text: eight to a byte, compressed, in Base64."""
    return base64.b64encode(zlib.compress(np.packbits(bits).tobytes(), 9)).decode("ascii")


def _bits(text: str, count: int) -> NDArray[np.bool_]:
    """The bits of a text. Raises ValueError or zlib.error if there are not `count` of them."""
    size = -(-count // 8)
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    except binascii.Error as error:
        raise ValueError(f"no Base64: {error}") from error
    if len(content) != size:
        raise ValueError(f"{len(content)} bytes, expected {size}")
    return np.unpackbits(np.frombuffer(content, np.uint8), count=count).astype(bool)


def _row(key: str) -> int:
    return list(CORRUPTIONS).index(key)


def _replace(path: Path, text: str) -> None:
    """Write a text beside its place and rename it, so that no process ever sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
