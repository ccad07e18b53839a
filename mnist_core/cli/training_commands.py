"""The commands that train: `train` and `estimate`. Keras is imported here, when one of them runs, and in no other command."""

import argparse
import gc
import json
import os
import signal
import sys
import time
from dataclasses import fields
from pathlib import Path
from threading import Thread
from typing import Any

from rich.progress import Progress, TextColumn

from mnist_core.cli.console import mnist, progress_bar
from mnist_core.data import datasets
from mnist_core.errors import ConfigError, DigitDuelError, RunError
from mnist_core.events import EpochEnd, Event, OnEvent
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.native_messages import without_native_messages
from mnist_core.runs import folders, recipes
from mnist_core.runs import store as runs
from mnist_core.training.stopping import Stop

SETTINGS = [
    field
    for field in fields(recipes.TrainingConfig)
    if field.name not in ("architecture", "recipe", "seed") and field.type in (int, float, str)
]
SETTINGS_HELP = "other than the recipe's; makes the recipe 'custom'"

NICE = 10
"""How much a training yields to the pages, where it was started by them: 0 not at all, 19 to anything."""


def train_command(options: argparse.Namespace) -> None:
    """Train, telling of it as it goes; Keras is imported here and in no other command."""
    config = config_from(options)
    stem = options.name or f"{config.architecture}-{config.recipe}"
    name = runs.checked_name(stem) if options.name or options.replace else runs.free_name(stem)
    stop = Stop()
    if options.commands:
        os.nice(NICE)  # who asks through a pipe serves pages meanwhile, and pages come first
        Thread(target=_obey, args=(stop, name), daemon=True).start()
    if options.keep:
        signal.signal(
            signal.SIGINT,
            lambda number, frame: (
                stop.request(keep=True) if not stop.requested else signal.default_int_handler(number, frame)
            ),
        )
    try:
        if (folders.runs_folder() / name).exists() and not (options.replace or options.commands):
            raise RunError(f"There is a run {name!r} already. Choose another name, or replace it with --replace.")
        runs.check_free(name, replace=options.replace)  # before MNIST is fetched and TensorFlow started
        digit_set = mnist(options.json) if config.data == datasets.MNIST else datasets.load_digit_set(config.data)
        if not options.json:
            print("Starting TensorFlow …", file=sys.stderr)
        with without_native_messages():
            from mnist_core.training.trainer import train
        gc.freeze()  # TensorFlow's converter collects garbage: a quarter of a second, if it looks through all that was imported
        if options.json:
            train(
                config,
                name,
                digit_set,
                replace=options.replace,
                stop=stop,
                on_event=lambda event: print(json.dumps(event), flush=True),
            )
            return
        with progress_bar(TextColumn("{task.fields[figures]}")) as progress:
            run = train(
                config, name, digit_set, replace=options.replace, stop=stop, on_event=_shown_on(progress, config)
            )
    except DigitDuelError as error:
        if options.json:
            print(json.dumps({"event": "failed", "message": str(error)}), flush=True)
        raise
    print(f"Epoch {run.best_epoch} read the validation digits best. Test digits of {run.data['name']}: {run.test}")
    print(f"Written to {run.folder} after {run.duration_seconds:.0f} s of training.")


def estimate_command(options: argparse.Namespace) -> None:
    """Keras is imported here as well."""
    config = config_from(options)
    if options.commands:
        os.nice(NICE)
        Thread(target=_obey, args=(Stop(),), daemon=True).start()
    with without_native_messages():
        from mnist_core.training.speed import measure_speed

        start = time.perf_counter()
        speed = measure_speed(config)
        measuring = time.perf_counter() - start
    if options.json:
        print(json.dumps({**speed.to_json(), "measuring": measuring}))
        return
    print(f"{speed.training:,.0f} digits a second in training, {speed.validation:,.0f} in validation.")
    if config.prepares_digits:
        print(f"{speed.preparing:,.0f} digits a second are prepared meanwhile.")


def config_from(options: argparse.Namespace) -> recipes.TrainingConfig:
    """From a file, or from a recipe and what was changed of it."""
    changes = {
        setting.name: value for setting in SETTINGS if (value := getattr(options, setting.name, None)) is not None
    }
    seed = getattr(options, "seed", None)
    if options.config:
        if options.architecture or changes or seed is not None:
            raise ConfigError(
                "Received --config together with other settings; expected one or the other. Change the file instead."
            )
        return recipes.TrainingConfig.from_json(_config_values(options.config))
    if not options.architecture:
        raise ConfigError(f"Nothing says what to train. Name {' or '.join(ARCHITECTURES)}, or a file with --config.")
    return recipes.recipe_config(options.recipe, options.architecture, seed=1 if seed is None else seed, **changes)


def _config_values(file: str) -> dict[str, Any]:
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
        values = json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be read as a config ({error}). Name a JSON file with settings, or a run.json."
        ) from error
    values = values.get("config", values) if isinstance(values, dict) else values
    if not isinstance(values, dict):
        raise ConfigError(f"{file} holds {type(values).__name__}; expected a JSON object with settings.")
    return values


def _obey(stop: Stop, name: str = "") -> None:
    """Stop when a line on standard input says so. When it closes, or to throw all away, the process ends here and now, whatever it was at."""
    for line in sys.stdin:
        if line.strip() == "stop keep":
            stop.request(keep=True)
        elif line.strip() == "stop discard":
            break
    if name:
        runs.abandon(name)
    os._exit(130)


def _shown_on(progress: Progress, config: recipes.TrainingConfig) -> OnEvent:
    """A listener that moves a bar and prints a line an epoch."""
    title = ARCHITECTURES[config.architecture].title
    task = progress.add_task(f"{title} epoch 1/{config.epochs}", total=1.0, figures="")

    def show(event: Event) -> None:
        if event["event"] == "progress":
            progress.update(
                task, completed=event["fraction"], description=f"{title} epoch {event['epoch']}/{event['epochs']}"
            )
        elif event["event"] == "epoch":
            progress.update(task, figures=f"validation {event['val_accuracy']:.2%}")
            progress.console.print(_epoch_line(event))

    return show


def _epoch_line(event: EpochEnd) -> str:
    return (
        f"epoch {event['epoch']:3}  loss {event['loss']:.4f}  accuracy {event['accuracy']:.2%}  validation loss {event['val_loss']:.4f}  "
        f"accuracy {event['val_accuracy']:.2%}  {event['seconds']:.1f} s{'  best so far' if event['best'] else ''}"
    )
