"""Cross-validation over the writers of a file of pen digits: train without some of them, and measure on those.

    python -m tests.benchmarks.writers PENS.npz CONFIG.json             three groups of writers, each held out once
    python -m tests.benchmarks.writers PENS.npz CONFIG.json --control   and the same training without any pen strokes
    python -m tests.benchmarks.writers PENS.npz CONFIG.json --groups 1 --epochs 1 --fraction 0.05     a quick trial

CONFIG.json holds the settings of a training, or is a run.json. For each group of writers, a run is trained with the
strokes of the others and measured on the digits of the group, drawn anywhere on the canvas. Beside it stands the run
that the training began with. The last lines are over all groups.

The runs lie in a temporary folder, beside those that the settings name as teacher or initial run. These are looked for
where runs are, or in the folder that the environment variable TRAINED_MODELS names.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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


def drawn(pen: PenDigits) -> NDArray[np.float32]:
    """The pen digits drawn anywhere on the canvas, (n, 28, 28)."""
    return np.stack([from_strokes(s, brush_width=CANVAS_SIDE * BRUSH_FRACTION) for s in drawn_anywhere(pen)])


def accuracy(run: Run, digits: NDArray[np.float32], labels: NDArray[np.uint8]) -> Accuracy:
    """The accuracy of a run on digits, (n, 28, 28)."""
    return Accuracy.of(Classifier(run.model_path).probabilities(digits).argmax(axis=1), labels)


def main() -> None:
    """Print a line for each run and group of writers, and one for each over all groups."""
    from mnist_core.training.trainer import train

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pens", type=Path)
    parser.add_argument("config", type=Path)
    parser.add_argument("--groups", type=int, default=FOLDS, help="hold out the first so many groups only")
    parser.add_argument("--epochs", type=int, help="instead of those of the settings")
    parser.add_argument("--fraction", type=float, help="of MNIST's digits, instead of that of the settings")
    parser.add_argument("--control", action="store_true", help="train without pen strokes too")
    options = parser.parse_args()
    pen = load_pen_digits(options.pens)
    values = json.loads(options.config.read_text(encoding="utf-8"))
    config = TrainingConfig.from_json(upgraded_config(values.get("config", values)))
    config = replace(config, epochs=options.epochs or config.epochs, fraction=options.fraction or config.fraction)
    if not config.pen_fraction:
        parser.error(f"{options.config} has pen_fraction 0, so nothing would be learned from the pens.")
    groups = folds_by_donor(pen.donors, FOLDS)[: options.groups]
    mnist = load_mnist()
    totals: dict[str, list[Accuracy]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in filter(None, {config.teacher, config.initial_run}):
            shutil.copytree(load_run(needed).folder, folder / needed)
        runs = {"at the beginning": load_run(config.initial_run, folder)} if config.initial_run else {}
        if options.control:
            without = replace(config, pen_fraction=0.0)
            runs["without pen strokes"] = train(without, "control", mnist, folder=folder, keras_model=False)
        for number, held_out in enumerate(groups):
            rest = folder / f"pens-{number}.npz"
            save_pen_digits(pen.by_donors(sorted(set(pen.donors.tolist()) - set(held_out))), rest)
            settings = replace(config, pens=str(rest))
            runs["with pen strokes"] = train(settings, f"group-{number}", mnist, folder=folder, keras_model=False)
            own = pen.by_donors(held_out)
            digits = drawn(own)
            print(f"{len(own):,} digits of {', '.join(held_out)}", flush=True)
            for kind, run in runs.items():
                found = accuracy(run, digits, own.labels)
                totals.setdefault(kind, []).append(found)
                print(f"  {kind}: {found}; MNIST's validation digits {run.validation_accuracy:.2%}", flush=True)
    print("over all that were held out")
    for kind, parts in totals.items():
        whole = Accuracy.from_counts(sum(part.incorrect for part in parts), sum(part.count for part in parts))
        print(f"  {kind}: {whole}")


if __name__ == "__main__":
    main()
