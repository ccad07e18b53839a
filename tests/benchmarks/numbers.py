"""Read numbers of several digits, written by one donor each. The tables are in docs/numbers.md.

    python -m tests.benchmarks.numbers pen_digits.npz                    single digits, and numbers of 2 to 6 digits
    python -m tests.benchmarks.numbers pen_digits.npz --save FILE.png    and a picture of numbers that are read wrongly
    python -m tests.benchmarks.numbers pen_digits.npz --runs mlp-specified cnn-specified

Each number is made of digits that one donor wrote. Their sizes differ by up to a quarter, and their base lines by a
tenth of their size. The spacing between their boxes is 0 to 40 % of the mean width of a digit. Everything comes from a
seed.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_core.data.pen_files import PenDigits, load_pen_digits
from mnist_core.data.preprocessing import Stroke, from_strokes
from mnist_core.models.classifier import Classifier
from mnist_core.models.number_reader import NumberDigit, as_text, read_strokes
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.store import list_runs, load_run

EACH = 200
LENGTHS = (2, 3, 4, 5, 6)
SPACINGS = (0.0, 0.1, 0.2, 0.3, 0.4)
SIZE = 100.0
SIZES = (0.8, 1.25)
BASE_LINE = 0.1


@dataclass(frozen=True)
class Number:
    """strokes: of all digits. owners: of each stroke, which digit it belongs to. label: the digits."""

    strokes: list[Stroke]
    owners: tuple[int, ...]
    label: str


def numbers(
    pen: PenDigits, *, length: int, spacing: float, each: int = EACH, seed: int = 0, lift: float = BASE_LINE
) -> Iterator[Number]:
    """Seeded numbers, the donors in turn. spacing: as a fraction of a digit's mean width. lift: of the base line."""
    random = np.random.default_rng([seed, length, round(1000 + 1000 * spacing)])
    donors = np.unique(pen.donors)
    for number in range(each):
        own = np.flatnonzero(pen.donors == donors[number % len(donors)])
        chosen = random.choice(own, length).tolist()
        digits = [_sized(pen.strokes(index), random.uniform(*SIZES) * SIZE) for index in chosen]
        extents = [np.concatenate(digit).max(axis=0) for digit in digits]
        gap = spacing * float(np.mean([extent[0] for extent in extents]))
        strokes: list[Stroke] = []
        owners: list[int] = []
        left = 0.0
        for place, (digit, (width, height)) in enumerate(zip(digits, extents, strict=True)):
            corner = np.array([left, random.uniform(-lift, lift) * SIZE - height])
            strokes += [stroke + corner for stroke in digit]
            owners += [place] * len(digit)
            left += float(width) + gap
        yield Number(strokes, tuple(owners), "".join(str(pen.labels[index]) for index in chosen))


def _sized(strokes: Sequence[Stroke], side: float) -> list[Stroke]:
    """The strokes at the origin, their longer side so long."""
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    scale = side / max(float(np.ptp(points, axis=0).max()), 1e-6)
    return [(stroke - low) * scale for stroke in strokes]


def is_split_correctly(number: Number, read: Sequence[NumberDigit]) -> bool:
    """Whether each digit got its own strokes."""
    return [sorted(digit.marks) for digit in read] == [
        [stroke for stroke, owner in enumerate(number.owners) if owner == place] for place in range(len(number.label))
    ]


def read_as_written(number: Number, classifiers: Sequence[Classifier]) -> list[str]:
    """What the models read if each digit gets its own strokes: what splitting can reach at best."""
    owned = zip(number.strokes, number.owners, strict=True)
    digits: list[list[Stroke]] = [[] for _ in number.label]
    for stroke, owner in owned:
        digits[owner].append(stroke)
    pixels = np.stack([from_strokes(strokes) for strokes in digits])
    return ["".join(map(str, model.probabilities(pixels).argmax(axis=1).tolist())) for model in classifiers]


def single_digits(pen: PenDigits, classifiers: Sequence[Classifier]) -> tuple[list[float], list[float], int]:
    """The accuracy of each model without and with splitting, and how many digits fall apart."""
    whole = np.stack([from_strokes(pen.strokes(index)) for index in range(len(pen))])
    before = [float((model.probabilities(whole).argmax(axis=1) == pen.labels).mean()) for model in classifiers]
    read = [read_strokes(pen.strokes(index), classifiers) for index in range(len(pen))]
    labels = [str(label) for label in pen.labels]
    after = [
        float(np.mean([as_text(digits, model) == label for digits, label in zip(read, labels, strict=True)]))
        for model in range(len(classifiers))
    ]
    return before, after, sum(len(digits) != 1 for digits in read)


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pen_digits", type=Path)
    parser.add_argument("--each", type=int, default=EACH, help=f"numbers of each length and spacing (default {EACH})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", nargs="+", help="two runs (default: those of the draw page)")
    parser.add_argument("--save", type=Path, help="a PNG file for numbers that a model reads wrongly")
    options = parser.parse_args()
    pen = load_pen_digits(options.pen_digits)
    names = options.runs or default_pair([run.name for run in list_runs()[0]])
    classifiers = [Classifier(load_run(name).model_path) for name in names]
    print(f"| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    before, after, apart = single_digits(pen, classifiers)
    _print_row("single digits, not split", before)
    _print_row("single digits, split as numbers", after)
    print(f"\n{apart} of {len(pen):,} single digits fall apart.\n")
    print(f"| digits | spacing | {' | '.join(names)} | split correctly |\n|---|---|{'---|' * len(names)}---|")
    failures, cells, at_best = [], {}, []
    for length in LENGTHS:
        for spacing in SPACINGS:
            drawn = list(numbers(pen, length=length, spacing=spacing, each=options.each, seed=options.seed))
            read = [read_strokes(number.strokes, classifiers) for number in drawn]
            rows = []
            for number, digits in zip(drawn, read, strict=True):
                answers = [as_text(digits, model) for model in range(len(classifiers))]
                rows.append([*(text == number.label for text in answers), is_split_correctly(number, digits)])
                if length == 3:
                    at_best.append([text == number.label for text in read_as_written(number, classifiers)])
                if set(answers) != {number.label}:
                    failures.append((number, answers))
            cells[length, spacing] = np.array(rows).mean(axis=0)
            _print_row(f"{length} | {spacing:.0%}", cells[length, spacing])
    for length in LENGTHS:
        _print_row(f"{length} | all", np.mean([cells[length, spacing] for spacing in SPACINGS], axis=0))
    for spacing in SPACINGS:
        _print_row(f"all | {spacing:.0%}", np.mean([cells[length, spacing] for length in LENGTHS], axis=0))
    _print_row("3, split as they were written | all", np.mean(at_best, axis=0))
    if options.save:
        chosen = np.random.default_rng(options.seed).permutation(len(failures))[:24].tolist()
        failure_sheet([failures[index] for index in sorted(chosen)]).save(options.save)


def failure_sheet(failures: Sequence[tuple[Number, Sequence[str]]]) -> Image.Image:
    """The numbers with what each model reads, four in a row."""
    width, height = 300, 130
    sheet = Image.new("L", (4 * width, -(-len(failures) // 4) * height), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for place, (number, answers) in enumerate(failures):
        left, top = place % 4 * width, place // 4 * height
        points = np.concatenate(number.strokes)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        scale = min((width - 30) / max(span[0], 1), (height - 50) / max(span[1], 1))
        for stroke in number.strokes:
            path = _path((stroke - low) * scale + (left + 15, top + 10))
            draw.line(path, fill=0, width=4, joint="curve")
        words = f"{number.label} read as {' / '.join(answers)}"
        draw.text((left + 15, top + height - 30), words, fill=0, font=font)
    return sheet


def _path(points: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


def _print_row(name: str, fractions: Sequence[float] | NDArray[np.float64]) -> None:
    print(f"| {name} | " + " | ".join(f"{fraction:.2%}" for fraction in fractions) + " |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
