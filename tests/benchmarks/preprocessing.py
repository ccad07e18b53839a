"""Compare ways of preparing strokes as 28x28 pixels by the accuracy of the models. The table is in docs/digits.md.

    python -m tests.benchmarks.preprocessing pen_digits.npz

Every way gets the same drawings: each pen digit at a seeded random place and size (30 to 78 %) of a 280x280 canvas.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.data.preprocessing import Digit, Stroke, from_ink, from_strokes, from_whole_canvas
from mnist_core.data.strokes import CANVAS_SIDE, drawn_anywhere, load_pen_digits
from mnist_core.models.classifier import Classifier
from mnist_core.runs.store import load_run

RUNS = ("mlp-specified", "cnn-specified")


def drawn_picture(strokes: list[Stroke], brush: float) -> NDArray[np.float32]:
    """The canvas as it appears, (280, 280) in 0..1.

    It is drawn at four times the size and reduced, because a browser smooths its lines.
    """
    times = 4
    image = Image.new("L", (CANVAS_SIDE * times, CANVAS_SIDE * times))
    draw = ImageDraw.Draw(image)
    radius = brush * times / 2
    for stroke in strokes:
        path = stroke * times
        for x, y in path:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        if len(path) > 1:
            draw.line([tuple(point) for point in path], fill=255, width=round(2 * radius))
    return np.asarray(image.reduce(times), np.float32) / 255


WAYS: dict[str, Callable[[list[Stroke]], Digit]] = {
    "whole canvas to 28x28": lambda strokes: from_whole_canvas(strokes, side=CANVAS_SIDE, brush_width=CANVAS_SIDE / 16),
    "picture, brush 1/24 of the canvas": lambda strokes: from_ink(drawn_picture(strokes, CANVAS_SIDE / 24)),
    "picture, brush 1/16 of the canvas": lambda strokes: from_ink(drawn_picture(strokes, CANVAS_SIDE / 16)),
    **{
        f"strokes, pen {pen} px": (lambda strokes, pen=pen: from_strokes(strokes, pen_width=pen))
        for pen in (1.5, 2.0, 2.5, 3.0, 3.5)
    },
}


def main() -> None:
    """Print the table as Markdown."""
    pen = load_pen_digits(Path(sys.argv[1]))
    classifiers = [Classifier(load_run(name).model_path) for name in RUNS]
    print("| way | " + " | ".join(RUNS) + " | mean ink |\n|---|" + "---|" * (len(RUNS) + 1))
    for title, prepare in WAYS.items():
        digits = np.stack([prepare(strokes) for strokes in drawn_anywhere(pen)])
        fractions = [(model.probabilities(digits).argmax(axis=1) == pen.labels).mean() for model in classifiers]
        print(
            f"| {title} | "
            + " | ".join(f"{fraction:.2%}" for fraction in fractions)
            + f" | {digits.sum(axis=(1, 2)).mean():.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
