"""A training from start to end: a config and a data set become an evaluated run on disk.

    >>> run = train(recipe_config("specified", "mlp"), "mlp-specified", load_mnist())   # doctest: +SKIP
    >>> run.test.incorrect, run.test.count                                              # doctest: +SKIP
    (187, 10000)

The training reports what it does as the events of `mnist_core.events`.
"""

import time
from pathlib import Path

from mnist_core.data.datasets import DigitSet
from mnist_core.data.pen_files import PenDigits
from mnist_core.events import OnEvent
from mnist_core.models.keras_blocks import plain_weights
from mnist_core.runs.file_format import KERAS_MODEL, describe
from mnist_core.runs.recipes import TrainingConfig, fitted_to, on_this_machine
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run, writing
from mnist_core.training.backend import keras, tf
from mnist_core.training.finishing import write_best_epoch
from mnist_core.training.fitting import fit, load_initial_weights, plain_model, precision, training_model
from mnist_core.training.progress_reporter import ProgressReporter
from mnist_core.training.saving import write_json, write_logs
from mnist_core.training.sources import load_pens, load_teacher, split_validation, training_sources, validation_set
from mnist_core.training.stopping import Stop, StoppedError
from mnist_core.training.validation import Validator


def train(
    config: TrainingConfig,
    name: str,
    digit_set: DigitSet,
    *,
    folder: Path | None = None,
    replace: bool = False,
    keras_model: bool = True,
    on_event: OnEvent = lambda event: None,
    stop: Stop | None = None,
    pens: PenDigits | None = None,
) -> Run:
    """Train, keep the epoch with the best validation figures, evaluate it once on the test digits, and write the run.

    The same config gives the same weights on the same machine with the same versions. A run is written whole or not at
    all. Any exception, KeyboardInterrupt included, leaves nothing behind.

    name: the run's, or SWEEP/RUN for a run of a sweep that exists. digit_set: the digits, which `config.data` should
    name. From a small set, fewer are held out, see `fitted_to`. folder: where runs are, None for the usual place.
    replace: whether a run of that name may be replaced. keras_model: whether the run gets a model.keras.
    stop: a request to keep makes a run of the best epoch so far. On a request to throw away, or before the first epoch
    has ended, StoppedError is raised.
    pens: the pen strokes that the config names, if somebody has loaded them already.
    Raises RunError if the name is taken, or the teacher or the initial run is missing; ConfigError if there are too few
    digits to hold out validation digits, or the initial run has another shape; DatasetError if a file of pen strokes
    that the config names is missing or damaged.
    """
    stop, config = stop or Stop(), fitted_to(on_this_machine(config), len(digit_set.train))
    training, validation = split_validation(digit_set.train, config.validation_digits, fraction=config.fraction)
    without = () if keras_model else (KERAS_MODEL,)
    with writing(name, folder, replace=replace, without=without) as partial_folder, precision(config.precision):
        validator = Validator(plain_model(config), validation_set(config, validation), stop)
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()
        model = training_model(config)
        load_initial_weights(model, config, folder)
        pens = pens if pens is not None else load_pens(config, on_event)
        sources = training_sources(config, training, on_event, pens=pens)
        teacher = load_teacher(config, folder)
        on_event(
            {
                "event": "started",
                "name": name,
                "architecture": config.architecture,
                "parameters": validator.model.count_params(),
                "epochs": config.epochs,
                "digits": len(training),
                "validation_digits": len(validation),
            }
        )
        on_event(validator.untrained(plain_weights(model), training))
        reporter = ProgressReporter(
            config, validator, on_event=on_event, stop=stop, digits=len(sources), test_digits=len(digit_set.test)
        )
        start = time.perf_counter()
        fit(model, config, sources=sources, teacher=teacher, reporter=reporter, stop=stop)
        seconds = time.perf_counter() - start
        on_event({"event": "measuring", "epoch": reporter.best.epoch})
        run = write_best_epoch(
            reporter.best,
            validator,
            config=config,
            digit_set=digit_set,
            folder=partial_folder,
            name=name,
            training_digits=len(training),
            seconds=seconds,
            pens=pens,
            keras_model=keras_model,
        )
        write_json(partial_folder / "history.json", reporter.history)
        write_logs(partial_folder / "logs", reporter.history)
        write_json(partial_folder / "run.json", describe(run))
        if stop.requested and not stop.keep:
            raise StoppedError
    on_event(
        {
            "event": "finished",
            "name": name,
            "incorrect": run.test.incorrect,
            "count": run.test.count,
            "accuracy": run.test.fraction,
            "interval_95": [run.test.low, run.test.high],
            "seconds": round(seconds, 2),
            "stopped": stop.requested and len(reporter.history["loss"]) < config.epochs,
        }
    )
    return load_run(name, folder)
