"""`digit-duel evaluate`: measure runs on labelled digits."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from mnist_core.api import as_drawn
from mnist_core.cli.console import plain_table, print_json, print_table
from mnist_core.cli.digit_sources import LabelledDigits, add_data_option, load_test_digits
from mnist_core.cli.evaluate_corruptions import CORRUPTED, MOST_COLUMNS, evaluate_corruptions, unmeasured_runs
from mnist_core.cli.examples import describe
from mnist_core.data import datasets
from mnist_core.errors import DatasetError, PictureError, RunError
from mnist_core.formatting import number, percent
from mnist_core.metrics.accuracy import Accuracy, confusion_matrix
from mnist_core.models.classifier import Classifier
from mnist_core.runs.folders import find_run_folder
from mnist_core.runs.names import checked_address
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.sweeps.sweep_store import load_sweep, sweep_names


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `evaluate`."""
    describe(
        parser,
        "Measure runs on labelled digits: accuracy with a 95 % interval, accuracy by digit, and which digits are "
        "predicted instead of which.",
        "FILE.npz holds images and labels (or x and y), or x_test and y_test. Images are (n, 28, 28): uint8 with 255 "
        "for ink, or floats from 0 to 1. Labels are (n,) whole numbers from 0 to 9. The file may also hold pen "
        "strokes, which are drawn at a random place and size.",
        examples={
            "evaluate cnn-robust": "on MNIST's test digits",
            "evaluate mlp-robust cnn-robust --data offline": "on a small data set that needs no download",
            "evaluate cnn-robust --data mine.npz --as-drawn": "on pictures of your own, prepared like drawings",
            "evaluate cnn-robust --data corruptions": "on MNIST's test digits, corrupted; the page Compare shows it",
            "evaluate mlp-cnn-width --data corruptions": "the runs of a sweep that are not measured yet",
            "evaluate cnn-robust --mistakes mistakes.png": "also draws the most confident mistakes",
        },
    )
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="a run to measure, or a sweep for all of its runs; `digit-duel models` lists them",
    )
    add_data_option(
        parser,
        "the digits to measure on (default: mnist). `corruptions` measures how robust runs are: on MNIST's test digits "
        "under fifteen corruptions, with five strengths each, which takes some minutes. The result is stored with the "
        "runs; nothing may be trained or chosen on it",
        default=datasets.MNIST,
    )
    parser.add_argument(
        "--as-drawn",
        action="store_true",
        help="crop, scale and centre each digit first, as is done with drawings and pictures. MNIST's digits stay as "
        "they are, and so do pen strokes, which are drawn that way in any case",
    )
    parser.add_argument(
        "--mistakes",
        metavar="FILE",
        help="draw the most confident mistakes of the first run as a picture: PNG, SVG or PDF, by the file's ending",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="NUMBER",
        help="for the place and size at which pen strokes are drawn (a whole number from 0; default: 0)",
    )


def evaluate_command(options: Namespace) -> int:
    """Measure runs, all of them on the same digits. Raises DigitDuelError. Returns the exit code."""
    is_corrupted = options.data == CORRUPTED
    runs = list({run.name: run for name in options.runs for run in _named(name, only_unmeasured=is_corrupted)}.values())
    if is_corrupted:
        if options.as_drawn or options.mistakes or options.seed:
            raise DatasetError(
                "--as-drawn, --mistakes and --seed do not go with --data corruptions: its digits and their corruptions "
                "are the same for everyone. Leave them out."
            )
        return evaluate_corruptions(runs, as_json=options.json)
    digits = load_test_digits(options.data, seed=options.seed, quiet=options.json)
    pixels = as_drawn(digits.pixels) if options.as_drawn and digits.donors is None else digits.pixels
    results = []
    for run in runs:
        probabilities = Classifier(run.model_path).probabilities(pixels)
        if options.mistakes and run is runs[0]:
            _save_mistakes(
                Path(options.mistakes), pixels, digits.labels, probabilities, f"{run.name} on {options.data}"
            )
        results.append(_result(run, digits, probabilities.argmax(axis=1)))
    if options.json:
        print_json({"data": options.data, "as_drawn": options.as_drawn, "seed": options.seed, "results": results})
    else:
        _print_results(options.data, results)
    return 0


def _named(name: str, *, only_unmeasured: bool) -> list[Run]:
    """The run of that name, or else the finished runs of the sweep of that name. Raises RunError.

    only_unmeasured: leave out those of a sweep that are measured on corrupted digits already.
    """
    if find_run_folder(checked_address(name)) or name not in sweep_names():
        return [load_run(name)]
    sweep = load_sweep(name)
    if sweep.is_shipped:
        raise RunError(f"The sweep {name!r} is part of the project, as figures without models. Name another one.")
    if not sweep.results:
        raise RunError(f"The sweep {name!r} has no finished run yet. Continue it: digit-duel sweep --resume {name}")
    if only_unmeasured:
        return unmeasured_runs(sweep)
    return [load_run(sweep.address(run)) for run in sweep.results]


def _result(run: Run, digits: LabelledDigits, predicted: NDArray[np.intp]) -> dict[str, Any]:
    """The figures of one run as plain JSON values. predicted: (n,)."""
    return {
        "run": run.name,
        **Accuracy.of(predicted, digits.labels).to_json(),
        "per_digit": _by_group(predicted, digits.labels, digits.labels),
        "per_donor": None if digits.donors is None else _by_group(predicted, digits.labels, digits.donors),
        "confusion": confusion_matrix(predicted, digits.labels).tolist(),
    }


def _by_group(predicted: NDArray[np.intp], labels: NDArray[np.uint8], groups: NDArray[Any]) -> dict[str, Any]:
    """The accuracy within each group that occurs, by its name. All three arrays are (n,)."""
    return {
        str(group): Accuracy.of(predicted[groups == group], labels[groups == group]).to_json()
        for group in np.unique(groups)
    }


def _print_results(data: str, results: list[dict[str, Any]]) -> None:
    for result in results:
        print(f"{result['run']} on {data}: {Accuracy.from_counts(result['incorrect'], result['count'])}")
        if len(results) <= MOST_COLUMNS:
            print_table(_confusion_table(result["run"], result["confusion"]))
    if len(results) > MOST_COLUMNS:
        return
    for title, key in (("digit", "per_digit"), ("donor", "per_donor")):
        if results[0][key]:
            print_table(_group_table(title, key, results))


def _confusion_table(run: str, confusion: list[list[int]]) -> Table:
    table = plain_table("true", *map(str, range(10)), title=f"What {run} predicts")
    for digit, row in enumerate(confusion):
        table.add_row(str(digit), *(number(count) if count else "·" for count in row))
    return table


def _group_table(title: str, key: str, results: list[dict[str, Any]]) -> Table:
    """The accuracy of each run by digit or by donor."""
    table = plain_table(title, "count", *(result["run"] for result in results), title=f"Accuracy by {title}")
    for group, figures in results[0][key].items():
        accuracies = [percent(result[key][group]["accuracy"], digits=1) for result in results]
        table.add_row(group, number(figures["count"]), *accuracies)
    return table


def _save_mistakes(
    path: Path, pixels: NDArray[np.float32], labels: NDArray[np.uint8], probabilities: NDArray[np.float32], title: str
) -> None:
    """Draw the most confident mistakes. Raises PictureError if the file cannot be written."""
    from mnist_core.reporting.matplotlib_figures import mistakes_grid  # Matplotlib takes a second to import

    try:
        mistakes_grid(pixels, labels, probabilities, title=title).savefig(path)
    except (OSError, ValueError) as error:
        raise PictureError(
            f"The picture cannot be written to {path} ({error}). Name a PNG, SVG or PDF file in a folder that exists."
        ) from error
