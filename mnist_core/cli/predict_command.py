"""`digit-duel predict`: predict the digit or the number on each picture with one or more runs.

Each result is printed at once.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.cli.digit_files import check_targets, save_digit
from mnist_core.cli.examples import describe
from mnist_core.data.number_pictures import FoundMarks, find_number
from mnist_core.data.pictures import open_picture
from mnist_core.errors import DigitDuelError, PictureError
from mnist_core.formatting import percent_range, probability
from mnist_core.metrics.entropy import common_threshold, normalised_entropy
from mnist_core.models.classifier import Classifier, Prediction
from mnist_core.models.number_reader import read_marks
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from mnist_core.runs.store import list_runs, load_run


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `predict`."""
    describe(
        parser,
        "Predict the digit or the number on each picture. PNG, JPEG and WebP are accepted: a photograph, a scan or a "
        "screenshot, dark on light or light on dark. A number is one line of digits; each is predicted by itself, and "
        "its place is printed too. Each result is printed as soon as it is there.",
        "A picture may be no digit if the predictions of all runs together are uncertain: their normalised entropy is "
        "above a threshold that each robust run stores. Runs without a threshold never say so.",
        "With --json, the output is one array with an object for each picture, one on a line. Its digits have a box: "
        "left, top, right and bottom as fractions of the picture's width and height.",
        examples={
            "predict seven.jpg": "with the two runs that the draw page uses",
            "predict *.png --run cnn-robust --json": "with one run, as JSON",
            "predict 1984.jpg": "a number: the four digits, and where they are",
            "predict seven.jpg --save-digit seven-28x28.png": "also saves the 28 x 28 pixels that the models get",
            "predict - < seven.jpg": "from standard input",
        },
    )
    parser.add_argument("images", nargs="+", metavar="PICTURE", help="a picture file, or - for standard input")
    parser.add_argument(
        "--run",
        action="append",
        dest="runs",
        metavar="RUN",
        help="a run to predict with, may be repeated (default: the promoted runs, else the robust MLP and CNN)",
    )
    parser.add_argument(
        "--save-digit",
        metavar="FILE.png",
        help="save the 28 x 28 digit that the models get, white on black, and the digits of a number side by side; "
        "for several pictures, name a folder",
    )


@dataclass(frozen=True)
class DigitAnswer:
    """What the runs predict for one digit.

    box: left, top, right, bottom as fractions of the picture, 0..1. predictions: by the name of the run. entropy:
    normalised, 0..1, of the mean of their probabilities. threshold: the entropy above which it may be no digit; None if
    a run has no threshold. may_be_two: whether it may be two digits that touch.
    """

    box: tuple[float, float, float, float]
    predictions: Mapping[str, Prediction]
    entropy: float
    threshold: float | None
    may_be_two: bool

    @property
    def may_be_no_digit(self) -> bool | None:
        """Whether it may be no digit, or None if the runs cannot say."""
        return None if self.threshold is None else self.entropy > self.threshold

    def to_json(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {
            "predictions": {
                name: {"digit": prediction.digit, "probabilities": list(prediction.probabilities)}
                for name, prediction in self.predictions.items()
            },
            "entropy": self.entropy,
            "entropy_threshold": self.threshold,
            "may_be_no_digit": self.may_be_no_digit,
            "may_be_two_digits": self.may_be_two,
        }

    def __str__(self) -> str:
        parts = [
            f"{name} predicts {prediction.digit} ({probability(prediction.confidence)})"
            for name, prediction in self.predictions.items()
        ]
        if self.may_be_no_digit:
            parts.append(f"may be no digit (normalised entropy {self.entropy:.2f}, threshold {self.threshold:.2f})")
        if self.may_be_two:
            parts.append("may be two digits that touch")
        return "   ".join(parts)

    def place(self) -> str:
        """Where it is, in words."""
        left, top, right, bottom = self.box
        return f"{percent_range(left, right, digits=0)} across, {percent_range(top, bottom, digits=0)} down"


@dataclass(frozen=True)
class Answer:
    """What the runs predict for one picture. digits: from left to right, at least one. saved: where they were saved."""

    image: str
    digits: Sequence[DigitAnswer]
    saved: Path | None = None

    def numbers(self) -> dict[str, str]:
        """What each run reads, by its name: the digits from left to right."""
        return {
            name: "".join(str(each.predictions[name].digit) for each in self.digits)
            for name in self.digits[0].predictions
        }

    def to_json(self) -> dict[str, Any]:
        """The answer as plain JSON values. A picture of one digit has that digit's values beside its list of digits."""
        return {
            "image": self.image,
            "numbers": self.numbers(),
            **(self.digits[0].to_json() if len(self.digits) == 1 else {}),
            "digits": [{"box": list(each.box), **each.to_json()} for each in self.digits],
            **({"saved": str(self.saved)} if self.saved else {}),
        }

    def __str__(self) -> str:
        if len(self.digits) == 1:
            return f"{self.image}: {self.digits[0]}"
        read = "   ".join(f"{name} predicts {number}" for name, number in self.numbers().items())
        lines = [f"  {each.place()}: {each}" for each in self.digits]
        return "\n".join([f"{self.image}: {read}", *lines])


def predict_command(options: Namespace) -> int:
    """Predict pictures. One that cannot be opened is reported, and the others are predicted. Raises DigitDuelError."""
    names = options.runs or default_pair([run.name for run in list_runs()[0]])
    runs = [load_run(name) for name in dict.fromkeys(names)]
    classifiers = {run.name: Classifier(run.model_path) for run in runs}
    targets = check_targets(options.save_digit, options.images)
    failures = 0
    for number, image in enumerate(options.images):
        try:
            found = find_number(open_picture(_read_bytes(image)))
            target = targets[number] if targets else None
            result: dict[str, Any] | Answer = _answer(image, found, runs, classifiers, target)
        except DigitDuelError as error:
            failures += 1
            print(f"error: {image}: {error}", file=sys.stderr)
            result = {"image": image, "error": str(error)}
        if options.json:
            _print_element(result, first=number == 0)
        elif isinstance(result, Answer):
            print(result, flush=True)
    if options.json:
        print("\n]")
    return 1 if failures else 0


def _answer(
    image: str, found: FoundMarks, runs: list[Run], classifiers: Mapping[str, Classifier], target: Path | None
) -> Answer:
    """target: where the digits are saved, or None."""
    read = read_marks(found, list(classifiers.values()))
    if target is not None:
        save_digit(np.hstack([each.digit for each in read]), target)
    threshold = common_threshold([run.entropy_threshold for run in runs])
    digits = []
    for each in read:
        predictions = dict(zip(classifiers, each.predictions, strict=True))
        entropy = float(normalised_entropy(*(np.array(every.probabilities) for every in each.predictions)))
        corners = found.corners(each.box)
        (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        digits.append(DigitAnswer((left, top, right, bottom), predictions, entropy, threshold, each.may_be_two))
    return Answer(image, digits, target)


def _print_element(result: dict[str, Any] | Answer, *, first: bool) -> None:
    """Print the next element of a JSON array at once. In the end, the whole output is one document."""
    values = result.to_json() if isinstance(result, Answer) else result
    print("[\n" if first else ",\n", json.dumps(values), sep="", end="", flush=True)


def _read_bytes(image: str) -> bytes:
    """The bytes of a file or of standard input. Raises PictureError."""
    if image == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(image).read_bytes()
    except OSError as error:
        raise PictureError(
            f"The file cannot be read ({error.strerror}). Name an existing PNG, JPEG or WebP file."
        ) from error
