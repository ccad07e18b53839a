"""`digit-duel train`: train a model and write a run. Only this command and `estimate` import TensorFlow."""

import gc
import json
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import current_thread, main_thread
from types import FrameType

from rich.progress import Progress, TextColumn

from mnist_core.cli.console import print_note, progress_bar
from mnist_core.cli.digit_sources import load_digits
from mnist_core.cli.examples import describe
from mnist_core.cli.preparation import Preparation
from mnist_core.cli.standard_input import obey_standard_input
from mnist_core.cli.training_options import add_training_options, config_of
from mnist_core.data.datasets import MNIST, DigitSet, digit_set_title
from mnist_core.errors import DigitDuelError, RunError
from mnist_core.events import EpochEnd, Event, OnEvent
from mnist_core.formatting import duration, percent
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.folders import run_path, runs_folder
from mnist_core.runs.names import sweep_of
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.run import Run
from mnist_core.runs.store import check_free, checked_address, free_name
from mnist_core.sweeps.sweep_store import load_sweep
from mnist_core.training.stopping import Stop


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `train`."""
    describe(
        parser,
        "Train a model and write it as a run. The epoch that predicts the validation digits best is kept, and measured "
        "once on the test digits. Ctrl-C stops the training; nothing is written then, unless --keep is given.",
        "With --json, each event of the training is one line of JSON.",
        "FILE.npz holds images and labels (or x and y), of which a fifth is for testing, or x_train, y_train, x_test "
        "and y_test. Images are (n, 28, 28): uint8 with 255 for ink, or floats from 0 to 1. Labels are (n,) whole "
        "numbers from 0 to 9. A file for --pens holds points, stroke_offsets, digit_offsets, labels and donors, as "
        "docs/digits.md describes.",
        examples={
            "train mlp": "the specified recipe, about 10 seconds",
            "train cnn --recipe robust": "the recipe for digits that people draw, about 10 minutes",
            "train mlp --data offline --epochs 5": "a small data set that needs no download",
            "train cnn --data mine.npz": "digits of your own",
            "train cnn --recipe robust --no-normalisation --initial-run cnn-robust --epochs 4 --pens pens.npz": "more "
            "for a run that exists, with pen strokes of your own",
            "train --config trained_models/mlp-robust/run.json --name again": "the settings of an existing run",
        },
    )
    parser.add_argument("--name", help="the name of the run (default: architecture-recipe, with a number if taken)")
    parser.add_argument("--replace", action="store_true", help="replace the run of that name once the new one is whole")
    parser.add_argument("--keep", action="store_true", help="on Ctrl-C, keep the best epoch so far as the run")
    parser.add_argument(
        "--commands",
        action="store_true",
        help="obey the lines 'stop keep' and 'stop discard' on standard input, and end when it closes; for programs",
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="get ready first, then wait for a line with the run's name on standard input; --config - and --commands "
        "follow it there; for programs",
    )
    add_training_options(parser)


def train_command(options: Namespace) -> None:
    """Train a model and print how it goes. Raises DigitDuelError and StoppedError."""
    mnist = _prepared(options) if options.prepare else None
    config = config_of(options)
    stem = options.name or f"{config.architecture}-{config.recipe}"
    name = checked_address(stem) if options.name or options.replace else free_name(stem)
    stop = Stop()
    if options.commands:
        obey_standard_input(stop, name)
    try:
        # All that can fail early is checked before MNIST is downloaded and TensorFlow started.
        if run_path(runs_folder(), name).exists() and not (options.replace or options.commands):
            raise RunError(f"There is a run {name!r} already. Choose another name, or replace it with --replace.")
        check_free(name, replace=options.replace)
        digit_set = mnist if mnist and config.data == MNIST else load_digits(config.data, quiet=options.json)
        with _kept_on_interrupt(stop, enabled=options.keep):
            run = _train(config, name, digit_set, options=options, stop=stop)
    except DigitDuelError as error:
        if options.json:
            _print_event({"event": "failed", "message": str(error)})
        raise
    if not options.json:
        print(f"Epoch {run.best_epoch} predicts the validation digits best.")
        print(f"Test digits of {digit_set_title(digit_set.name)}: {run.test}")
        print(f"Written to {run.folder} after {duration(run.duration_seconds)} of training.")


def _prepared(options: Namespace) -> DigitSet | None:
    """Get ready, wait for the run's name, and answer it. Returns MNIST, or None if it is not on this machine."""
    preparation = Preparation()
    options.name = preparation.name_from_standard_input()
    if options.json:
        _print_event({"event": "preparing", "what": "Loading the digits"})
    return preparation.mnist


def _train(config: TrainingConfig, name: str, digit_set: DigitSet, *, options: Namespace, stop: Stop) -> Run:
    print_note("Starting TensorFlow …", quiet=options.json)
    from mnist_core.training.trainer import train

    # TensorFlow's converter collects garbage, a quarter of a second if it looks through everything that was imported.
    gc.freeze()
    sweep = sweep_of(name)
    keras_model = load_sweep(sweep).plan.keep_models if sweep else True
    fit = partial(train, config, name, digit_set, replace=options.replace, keras_model=keras_model, stop=stop)
    if options.json:
        printer: OnEvent = _print_event
        return fit(on_event=printer)
    with progress_bar(TextColumn("{task.fields[figures]}")) as progress:
        listener: OnEvent = _shown_on(progress, config)
        return fit(on_event=listener)


@contextmanager
def _kept_on_interrupt(stop: Stop, *, enabled: bool) -> Iterator[None]:
    """In the block, the first Ctrl-C asks the training to end with its best epoch. The second ends the program."""

    def request(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request(keep=True)

    if not enabled or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, request)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print_event(event: Event) -> None:
    """Print an event as one line of JSON."""
    print(json.dumps(event), flush=True)


def _shown_on(progress: Progress, config: TrainingConfig) -> OnEvent:
    """A listener that moves a progress bar and prints a line for each epoch."""
    title = ARCHITECTURES[config.architecture].title
    task = progress.add_task(f"{title} epoch 1/{config.epochs}", total=1.0, figures="")

    def show(event: Event) -> None:
        if event["event"] == "preparing":
            progress.console.print(f"Preparing: {event['what']}")
        elif event["event"] == "progress":
            description = f"{title} epoch {event['epoch']}/{event['epochs']}"
            progress.update(task, completed=event["fraction"], description=description)
        elif event["event"] == "epoch":
            progress.update(task, figures=f"validation {percent(event['val_accuracy'])}")
            progress.console.print(_epoch_line(event))

    return show


def _epoch_line(event: EpochEnd) -> str:
    """One epoch as a line of figures. Losses are in nats."""
    return (
        f"epoch {event['epoch']:3}  loss {event['loss']:.4f}  accuracy {percent(event['accuracy'])}  "
        f"validation loss {event['val_loss']:.4f}  accuracy {percent(event['val_accuracy'])}  "
        f"{duration(event['seconds'])}{'  best so far' if event['best'] else ''}"
    )
