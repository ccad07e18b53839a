"""`digit-duel predict`: predict the digit on each picture with one or more runs, and print each result at once."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.cli.digit_files import check_targets, save_digit
from mnist_core.cli.examples import describe
from mnist_core.data.pictures import from_picture, open_picture
from mnist_core.data.preprocessing import Digit
from mnist_core.errors import DigitDuelError, PictureError
from mnist_core.formatting import probability
from mnist_core.metrics.entropy import common_threshold, normalised_entropy
from mnist_core.models.classifier import Classifier, Prediction
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from mnist_core.runs.store import list_runs, load_run


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `predict`."""
    describe(
        parser,
        "Predict the digit on each picture. PNG, JPEG and WebP are accepted: a photograph, a scan or a screenshot of "
        "one digit, dark on light or light on dark. Each result is printed as soon as it is there.",
        "A picture may be no digit if the predictions of all runs together are uncertain: their normalised entropy is "
        "above a threshold that each robust run stores. Runs without a threshold never say so.",
        "With --json, the output is one array with an object for each picture, one on a line.",
        examples={
            "predict seven.jpg": "with the two runs that the draw page uses",
            "predict *.png --run cnn-robust --json": "with one run, as JSON",
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
        help="save the 28 x 28 digit that the models get, white on black; for several pictures, name a folder",
    )


@dataclass(frozen=True)
class Answer:
    """What the runs predict for one picture.

    predictions: by the name of the run. entropy: normalised, 0..1, of the mean of their probabilities. threshold: the
    entropy above which the picture may be no digit; None if a run has no threshold. saved: where the digit was saved.
    """

    image: str
    predictions: Mapping[str, Prediction]
    entropy: float
    threshold: float | None
    saved: Path | None = None

    @property
    def may_be_no_digit(self) -> bool | None:
        """Whether the picture may be no digit, or None if the runs cannot say."""
        return None if self.threshold is None else self.entropy > self.threshold

    def to_json(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {
            "image": self.image,
            "predictions": {
                name: {"digit": prediction.digit, "probabilities": list(prediction.probabilities)}
                for name, prediction in self.predictions.items()
            },
            "entropy": self.entropy,
            "entropy_threshold": self.threshold,
            "may_be_no_digit": self.may_be_no_digit,
            **({"saved": str(self.saved)} if self.saved else {}),
        }

    def __str__(self) -> str:
        parts = [
            f"{name} predicts {prediction.digit} ({probability(prediction.confidence)})"
            for name, prediction in self.predictions.items()
        ]
        if self.may_be_no_digit:
            parts.append(f"may be no digit (normalised entropy {self.entropy:.2f}, threshold {self.threshold:.2f})")
        return f"{self.image}: {'   '.join(parts)}"


def predict_command(options: Namespace) -> int:
    """Predict pictures. One that cannot be opened is reported, and the others are predicted. Raises DigitDuelError."""
    names = options.runs or default_pair([run.name for run in list_runs()[0]])
    runs = [load_run(name) for name in dict.fromkeys(names)]
    classifiers = {run.name: Classifier(run.model_path) for run in runs}
    targets = check_targets(options.save_digit, options.images)
    failures = 0
    for number, image in enumerate(options.images):
        try:
            digit = from_picture(open_picture(_read_bytes(image)))
            if targets:
                save_digit(digit, targets[number])
            result: dict[str, Any] | Answer = _answer(
                image, digit, runs, classifiers, targets[number] if targets else None
            )
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
    image: str, digit: Digit, runs: list[Run], classifiers: Mapping[str, Classifier], saved: Path | None
) -> Answer:
    predictions = {name: classifier.predict(digit) for name, classifier in classifiers.items()}
    entropy = float(normalised_entropy(*(np.array(prediction.probabilities) for prediction in predictions.values())))
    return Answer(image, predictions, entropy, common_threshold([run.entropy_threshold for run in runs]), saved)


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
