"""`digit-duel estimate`: time a few batches, and say how fast this machine would train."""

import time
from argparse import ArgumentParser, Namespace

from mnist_core.cli.console import print_json, print_note
from mnist_core.cli.examples import describe
from mnist_core.cli.standard_input import obey_standard_input
from mnist_core.cli.training_options import add_training_options, config_of
from mnist_core.formatting import number
from mnist_core.training.stopping import Stop


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `estimate`."""
    describe(
        parser,
        "Time a few batches, and say how many digits a second this machine trains with. No run is written.",
        examples={
            "estimate cnn": "the specified recipe",
            "estimate cnn --recipe robust --width 2": "the robust recipe with a network twice as wide",
        },
    )
    parser.add_argument(
        "--commands", action="store_true", help="end when standard input closes; for programs that start this one"
    )
    add_training_options(parser)


def estimate_command(options: Namespace) -> None:
    """Measure the speed of a training and print it. Raises DigitDuelError."""
    config = config_of(options)
    if options.commands:
        obey_standard_input(Stop())
    print_note("Starting TensorFlow …", quiet=options.json)
    from mnist_core.training.speed_measurement import measure_speed

    start = time.perf_counter()
    speed = measure_speed(config)
    measuring = time.perf_counter() - start
    if options.json:
        print_json({**speed.to_json(), "measuring": measuring})
        return
    print(f"{number(speed.training)} digits a second in training, {number(speed.validation)} in validation.")
    if config.prepares_digits:
        print(f"{number(speed.preparing)} digits a second are prepared meanwhile.")
