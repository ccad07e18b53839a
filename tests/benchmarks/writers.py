"""Cross-validation over the writers of a file of pen digits: train without some of them, and measure on those.

    python -m tests.benchmarks.writers PENS.npz CONFIG.json             three groups of writers, each held out once
    python -m tests.benchmarks.writers PENS.npz CONFIG.json --control   and the same training without any pen strokes

CONFIG.json holds the settings of a training, or is a run.json. For each group of writers, a run is trained with the
strokes of the others and measured on the digits of the group, drawn anywhere on the canvas. Beside it stands the run
that the training began with. The runs lie in a temporary folder, beside those that the settings name as teacher or
initial run.
"""

import argparse
import json
import shutil
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
    """Print a line for each run and group of writers."""
    from mnist_core.training.trainer import train

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pens", type=Path)
    parser.add_argument("config", type=Path)
    parser.add_argument("--groups", type=int, default=FOLDS, help="hold out the first so many groups only")
    parser.add_argument("--epochs", type=int, help="instead of those of the settings")
    parser.add_argument("--control", action="store_true", help="train without pen strokes too")
    options = parser.parse_args()
    pen = load_pen_digits(options.pens)
    values = json.loads(options.config.read_text(encoding="utf-8"))
    config = TrainingConfig.from_json(upgraded_config(values.get("config", values)))
    config = replace(config, epochs=options.epochs or config.epochs)
    groups = folds_by_donor(pen.donors, FOLDS)[: options.groups]
    mnist = load_mnist()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in filter(None, {config.teacher, config.initial_run}):
            shutil.copytree(load_run(needed).folder, folder / needed)
        without = [load_run(config.initial_run, folder)] if config.initial_run else []
        if options.control:
            without.append(train(replace(config, pen_fraction=0.0), "control", mnist, folder=folder))
        for number, held_out in enumerate(groups):
            rest = folder / f"pens-{number}.npz"
            save_pen_digits(pen.by_donors(sorted(set(pen.donors.tolist()) - set(held_out))), rest)
            run = train(replace(config, pens=str(rest)), f"fold-{number}", mnist, folder=folder)
            digits = pen.by_donors(held_out)
            print(f"{len(digits):,} digits of {', '.join(held_out)}", flush=True)
            for each in (*without, run):
                print(f"  {each.name}: {accuracy(each, digits)}; validation {each.validation_accuracy:.2%}", flush=True)


if __name__ == "__main__":
    main()
