"""Cross-validation over the writers of a file of pen digits: train without some of them, and measure on those.

    python -m tests.benchmarks.writers PENS.npz CONFIG.json [FOLDS]

CONFIG.json holds the settings of a training, or is a run.json. For each of three groups of writers (or the first FOLDS
of them), a run is trained with the strokes of the other two and measured on the digits of the group, drawn anywhere on
the canvas. The runs lie in a temporary folder, beside those that the settings name as teacher or initial run.
"""

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnist_core.data.datasets import load_mnist
from mnist_core.data.pen_files import PenDigits, folds_by_donor, load_pen_digits, save_pen_digits
from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import BRUSH_FRACTION, CANVAS_SIDE, drawn_anywhere
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.classifier import Classifier
from mnist_core.runs.file_format import upgraded_config
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run

FOLDS = 3


def accuracy(run: Run, pen: PenDigits) -> Accuracy:
    """The accuracy of a run on pen digits, drawn anywhere on the canvas."""
    digits = np.stack([from_strokes(s, brush_width=CANVAS_SIDE * BRUSH_FRACTION) for s in drawn_anywhere(pen)])
    return Accuracy.of(Classifier(run.model_path).probabilities(digits).argmax(axis=1), pen.labels)


def main() -> None:
    """Print a line for each group of writers."""
    from mnist_core.training.trainer import train

    pen = load_pen_digits(Path(sys.argv[1]))
    values = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    config = TrainingConfig.from_json(upgraded_config(values.get("config", values)))
    mnist = load_mnist()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in filter(None, {config.teacher, config.initial_run}):
            shutil.copytree(load_run(needed).folder, folder / needed)
        for number, held_out in enumerate(folds_by_donor(pen.donors, FOLDS)[: int((sys.argv[3:] or [FOLDS])[0])]):
            rest = folder / f"pens-{number}.npz"
            save_pen_digits(pen.by_donors(sorted(set(pen.donors.tolist()) - set(held_out))), rest)
            run = train(replace(config, pens=str(rest)), f"fold-{number}", mnist, folder=folder)
            print(
                f"without {', '.join(held_out)}: {accuracy(run, pen.by_donors(held_out))} on their digits; "
                f"held-out digits of MNIST {run.validation_accuracy:.2%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
