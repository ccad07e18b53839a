"""All that the pages do, without a browser. The command line only parses, calls the library and prints.

    python -m mnist_core train cnn                          trains, shows progress and time left, writes a run
    python -m mnist_core models                             lists the runs
    python -m mnist_core predict seven.png                  reads pictures
    python -m mnist_core evaluate cnn-specified --data mnist
    python -m mnist_core report mlp-robust cnn-robust       writes a comparison as one HTML file
    python -m mnist_core download                           fetches MNIST
    python -m mnist_core statistics                         measures it for the data set page

Exit codes: 0 done; 1 it could not be done, with one line on stderr that says why; 2 the command is not understood;
130 interrupted. With --json, standard output holds JSON and nothing else.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from mnist_core import __version__
from mnist_core.cli.console import download, mnist
from mnist_core.cli.training_commands import SETTINGS, SETTINGS_HELP, estimate_command, train_command
from mnist_core.data import datasets, pictures, strokes
from mnist_core.data import preprocessing as digits
from mnist_core.errors import DigitDuelError, PictureError, RunError
from mnist_core.metrics.accuracy import Accuracy, confusion_matrix
from mnist_core.models.classifier import Classifier
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.native_messages import without_native_messages
from mnist_core.runs import file_format, folders, promotion, recipes
from mnist_core.runs import store as runs
from mnist_core.runs.run import Run
from mnist_core.training.stopping import StoppedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except DigitDuelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, StoppedError):
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, `head` say, has gone
        sys.stderr.close()
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar."""
    parser = argparse.ArgumentParser(
        prog="python -m mnist_core", description="Train and compare an MLP and a CNN on handwritten digits."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        sub.add_argument("--json", action="store_true", help="print JSON instead of text")
        return sub

    train = add(
        "train",
        train_command,
        "Train a model and write it as a run. Ctrl-C stops it; nothing is written then, unless --keep.",
    )
    train.add_argument("architecture", nargs="?", choices=list(ARCHITECTURES))
    train.add_argument("--recipe", choices=list(recipes.RECIPES), default="specified")
    train.add_argument("--name", help="name of the run (default: architecture-recipe, numbered if taken)")
    train.add_argument(
        "--replace", action="store_true", help="replace the run of that name when the new one is complete"
    )
    train.add_argument("--keep", action="store_true", help="on Ctrl-C, keep the best epoch so far as the run")
    train.add_argument(
        "--config",
        metavar="FILE",
        help="a config or a run.json to train by instead of a recipe; - for a line on standard input",
    )
    train.add_argument(
        "--commands",
        action="store_true",
        help="obey lines 'stop keep' and 'stop discard' on standard input, and end when it closes",
    )
    train.add_argument("--seed", type=int)
    for setting in SETTINGS:
        train.add_argument("--" + setting.name.replace("_", "-"), type=setting.type, help=SETTINGS_HELP)

    estimate = add("estimate", estimate_command, "Time a few batches: how long an epoch takes on this machine.")
    estimate.add_argument("architecture", nargs="?", choices=list(ARCHITECTURES))
    estimate.add_argument("--recipe", choices=list(recipes.RECIPES), default="specified")
    estimate.add_argument(
        "--config", metavar="FILE", help="a config or a run.json instead of a recipe; - for a line on standard input"
    )
    estimate.add_argument("--commands", action="store_true", help="end when standard input closes")

    predict = add("predict", predict_command, "Read the digit on each picture (PNG, JPEG or WebP).")
    predict.add_argument("images", nargs="+", metavar="IMAGE", help="a file, or - for standard input")
    predict.add_argument(
        "--run",
        action="append",
        dest="runs",
        metavar="RUN",
        help="a run to read with, repeatable (default: the robust MLP and CNN)",
    )

    evaluate = add("evaluate", evaluate_command, "Measure runs on labelled digits.")
    evaluate.add_argument("runs", nargs="+", metavar="RUN")
    evaluate.add_argument(
        "--data",
        default="mnist",
        help="'mnist' for its test set, or an .npz file of labelled images (x, y) or of pen strokes",
    )
    evaluate.add_argument(
        "--mistakes",
        metavar="FILE",
        help="write the surest mistakes as a picture (PNG, SVG or PDF by its ending), the first run's",
    )
    evaluate.add_argument("--seed", type=int, default=0, help="for the place and size at which pen digits are drawn")

    report = add("report", report_command, "Compare runs in one HTML file that needs nothing else.")
    report.add_argument("runs", nargs="+", metavar="RUN")
    report.add_argument("--out", metavar="FILE", help="the file to write (default: report.html; with --json, none)")

    add("models", models_command, "List the trained runs.")
    manage = add("runs", runs_command, "List, rename, delete or promote runs.")
    manage.add_argument("action", nargs="?", choices=["list", "rename", "delete", "promote"], default="list")
    manage.add_argument("names", nargs="*", metavar="RUN", help="the run; for rename, its new name as well")
    manage.add_argument("--yes", action="store_true", help="delete without asking")
    add("download", download_command, "Download MNIST, once, and check it.")
    add("statistics", statistics_command, "Measure MNIST anew and store the figures that the data set page shows.")
    return parser


def predict_command(options: argparse.Namespace) -> int:
    """Read pictures; one that cannot be read is reported and the others go on."""
    classifiers = {
        name: _classifier(runs.load_run(name))
        for name in options.runs or promotion.default_pair([run.name for run in runs.list_runs()[0]])
    }
    results: list[dict[str, Any]] = []
    for image in options.images:
        try:
            digit = pictures.from_picture(pictures.open_picture(_read_bytes(image)))
        except DigitDuelError as error:
            results.append({"image": image, "error": str(error)})
            continue
        predictions = {name: classifier.predict(digit) for name, classifier in classifiers.items()}
        results.append(
            {
                "image": image,
                "predictions": {
                    name: {"digit": r.digit, "probabilities": list(r.probabilities)} for name, r in predictions.items()
                },
            }
        )
    if options.json:
        print(json.dumps(results, indent=1))
    for result in results:
        if "error" in result:
            print(f"error: {result['image']}: {result['error']}", file=sys.stderr)
        elif not options.json:
            predictions_text = "   ".join(
                f"{name} reads {r['digit']} ({max(r['probabilities']):.1%})"
                for name, r in result["predictions"].items()
            )
            print(f"{result['image']}: {predictions_text}")
    return 1 if any("error" in result for result in results) else 0


def evaluate_command(options: argparse.Namespace) -> None:
    """Measure runs, all on the same digits."""
    pixels, labels, donors = _labelled(options.data, options.seed, options.json)
    results = []
    for name in options.runs:
        run = runs.load_run(name)
        probabilities = _classifier(run).probabilities(pixels)
        predicted = probabilities.argmax(axis=1)
        if options.mistakes and name == options.runs[0]:
            _write_mistakes(Path(options.mistakes), pixels, labels, probabilities, f"{run.name} on {options.data}")
        results.append(
            {
                "run": run.name,
                **Accuracy.of(predicted, labels).to_json(),
                "per_digit": _by_group(predicted, labels, labels),
                "per_donor": None if donors is None else _by_group(predicted, labels, donors),
                "confusion": confusion_matrix(predicted, labels).tolist(),
            }
        )
    if options.json:
        print(json.dumps({"data": options.data, "seed": options.seed, "results": results}, indent=1))
        return
    for result in results:
        accuracy = Accuracy.from_counts(result["incorrect"], result["count"])
        print(f"{result['run']} on {options.data}: {accuracy}")
        Console().print(_confusion_table(result["run"], result["confusion"]))
    for title, key in (("digit", "per_digit"), ("donor", "per_donor")):
        if results[0][key]:
            table = _table(title, "count", *(result["run"] for result in results), title=f"Accuracy by {title}")
            for group, figures in results[0][key].items():
                table.add_row(
                    group, f"{figures['count']:,}", *(f"{result[key][group]['accuracy']:.1%}" for result in results)
                )
            Console().print(table)


def report_command(options: argparse.Namespace) -> None:
    """Measure runs, compare them and write that down."""
    from mnist_core.reporting import report  # with its charts it takes a second to import

    out = Path(options.out or "report.html") if options.out or not options.json else None
    compared = [runs.load_run(name) for name in dict.fromkeys(options.runs)]
    if not options.json:
        print("Measuring on this machine …", file=sys.stderr)
    with without_native_messages():
        comparison = report.compare(compared)
    if out:
        report.write(report.build(comparison), out)
    print(json.dumps(comparison.to_json(), indent=1) if options.json else f"Written to {out}.")


def models_command(options: argparse.Namespace) -> None:
    """List runs, and what is damaged among them."""
    found, damaged = runs.list_runs()
    if options.json:
        print(
            json.dumps(
                {
                    "runs": [
                        {"name": run.name, **file_format.describe(run), "size_bytes": run.size_bytes} for run in found
                    ],
                    "damaged": [{"name": run.name, "reason": run.reason} for run in damaged],
                },
                indent=1,
            )
        )
        return
    table = _table("run", "parameters", "test", "incorrect", "95 % interval", "time", "size")
    for run in found:
        accuracy = run.test
        table.add_row(
            run.name,
            f"{run.parameters:,}",
            f"{accuracy.fraction:.2%}",
            f"{accuracy.incorrect:,}/{accuracy.count:,}",
            f"{accuracy.low * 100:.2f}-{accuracy.high:.2%}",
            f"{run.duration_seconds:.0f} s",
            f"{run.size_bytes / 1e6:.1f} MB",
        )
    if found:
        Console().print(table)
    else:
        print(f"No runs in {folders.runs_folder()}. Train one: python -m mnist_core train cnn")
    for broken in damaged:
        print(f"damaged: {broken.name}: {broken.reason}", file=sys.stderr)


def runs_command(options: argparse.Namespace) -> None:
    """Manage the runs; the training page calls the same functions."""
    expected = {"list": 0, "rename": 2, "delete": 1, "promote": 1}[options.action]
    if len(options.names) != expected:
        raise RunError(
            f"`runs {options.action}` takes {expected} names, received {len(options.names)}. See `python -m mnist_core runs --help`."
        )
    if options.action == "list":
        models_command(options)
        return
    if options.action == "delete":
        run = options.names[0]
        if not options.yes and not _confirmed(f"Delete the run {run!r} for good?"):
            raise RunError(f"The run {run!r} was not deleted. Say yes, or pass --yes.")
        runs.delete(run)
        said = f"Deleted {run}."
    elif options.action == "rename":
        runs.rename(*options.names)
        said = f"{options.names[0]} is now {options.names[1]}."
    else:
        run = runs.load_run(options.names[0])
        promotion.promote(run)
        said = f"{run.name} is in use on the draw page."
    print(json.dumps({"action": options.action, "runs": options.names}) if options.json else said)


def _confirmed(question: str) -> bool:
    """Whether a person at a terminal says yes."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def download_command(options: argparse.Namespace) -> None:
    """Fetch MNIST if it is not here yet."""
    if datasets.has_mnist():
        datasets.load_mnist()
    else:
        download(options.json)
    path = datasets.mnist_path()
    print(
        json.dumps({"path": str(path), "digest": datasets.MNIST_DIGEST})
        if options.json
        else f"MNIST is at {path}, complete and checked."
    )


def statistics_command(options: argparse.Namespace) -> None:
    """Measure all of MNIST, which takes some minutes, and store the figures beside the code."""
    from mnist_core.dataset_statistics import statistics

    digit_set = mnist(options.json)
    if not options.json:
        print("Measuring 70,000 digits; this takes some minutes …", file=sys.stderr)
    statistics.save_statistics(statistics.compute_statistics(digit_set), statistics.PATH)
    size = statistics.PATH.stat().st_size
    print(
        json.dumps({"path": str(statistics.PATH), "bytes": size})
        if options.json
        else f"Written to {statistics.PATH}, {size / 1e6:.2f} MB."
    )


def _labelled(
    data: str, seed: int, quiet: bool
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.str_] | None]:
    """Digits (n, 28, 28), labels (n,), and who wrote each where that is known."""
    if data == "mnist":
        test = mnist(quiet).test
        return test.pixels(), test.labels, None
    path = Path(data)
    if "points" in datasets.array_names(path):
        pen = strokes.load_pen_digits(path)
        drawn = strokes.drawn_anywhere(pen, seed=seed)
        brush_width = strokes.CANVAS_SIDE * strokes.BRUSH_FRACTION
        return (
            np.stack([digits.from_strokes(drawing, brush_width=brush_width) for drawing in drawn]),
            pen.labels,
            pen.donors,
        )
    split = datasets.load_labelled(path)
    return split.pixels(), split.labels, None


def _table(*columns: str, title: str | None = None) -> Table:
    """Plain columns, figures to the right, narrow enough for 80 characters."""
    table = Table(title=title, box=None, padding=(0, 2, 0, 0), title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _confusion_table(run: str, confusion: list[list[int]]) -> Table:
    table = _table("true", *map(str, range(10)), title=f"What {run} read")
    for digit, row in enumerate(confusion):
        table.add_row(str(digit), *(f"{count:,}" if count else "·" for count in row))
    return table


def _write_mistakes(
    path: Path, pixels: NDArray[np.float32], labels: NDArray[np.uint8], probabilities: NDArray[np.float32], title: str
) -> None:
    from mnist_core.reporting.matplotlib_figures import (
        mistakes_grid,
    )  # Matplotlib takes a second to import, and most commands need none

    try:
        mistakes_grid(pixels, labels, probabilities, title=title).savefig(path)
    except (OSError, ValueError) as error:
        raise PictureError(
            f"The picture cannot be written to {path} ({error}). Name a PNG, SVG or PDF file in a folder that exists."
        ) from error


def _classifier(run: Run) -> Classifier:
    with without_native_messages():
        return Classifier(run.model_path)


def _by_group(predicted: NDArray[np.intp], labels: NDArray[np.uint8], groups: NDArray[Any]) -> dict[str, Any]:
    """The accuracy within each group that occurs, by its name. All three are (n,)."""
    return {
        str(group): Accuracy.of(predicted[groups == group], labels[groups == group]).to_json()
        for group in np.unique(groups)
    }


def _read_bytes(image: str) -> bytes:
    if image == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(image).read_bytes()
    except OSError as error:
        raise PictureError(
            f"The file cannot be read ({error.strerror}). Name an existing PNG, JPEG or WebP file."
        ) from error
