"""The command line: all that the pages offer, without a browser. This module parses, and calls the module of a command.

    digit-duel --help                      lists the commands
    digit-duel predict --help              describes one, with examples

`python -m mnist_core` is the same program. Exit codes: 0 for success; 1 if something cannot be done, with one line on
standard error that says why; 2 if the command is not understood; 130 if it was interrupted. With --json, standard
output holds JSON and nothing else.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from mnist_core import __version__
from mnist_core.cli.console import without_native_messages
from mnist_core.cli.interrupts import INTERRUPTED
from mnist_core.errors import DigitDuelError
from mnist_core.training.stopping import StoppedError

PROGRAM = "digit-duel"


@dataclass(frozen=True)
class Command:
    """One command.

    summary: its line in the list of commands.
    module: the file in this package that has `<name>_command(options)` and `add_<name>_arguments(parser)`, or
    `add_arguments(parser)`. It is imported only when its command is used.
    serves: whether the command starts a server. A server may write to the terminal, and it has no --json.
    """

    name: str
    summary: str
    module: str
    serves: bool = False


GROUPS = {
    "Use the app": [
        Command("run", "Start the app.", "run_command", serves=True),
        Command("audit", "Show who did what on a public server.", "audit_command"),
    ],
    "Predict and measure": [
        Command("predict", "Predict the digit on each picture (PNG, JPEG or WebP).", "predict_command"),
        Command("evaluate", "Measure runs on labelled digits.", "evaluate_command"),
        Command("report", "Compare runs in one HTML file that needs nothing else.", "report_command"),
    ],
    "Train": [
        Command("train", "Train a model and write it as a run.", "train_command"),
        Command("sweep", "Train many models as one question, with a chart as the answer.", "sweep_command"),
        Command("estimate", "Measure how fast this machine would train.", "estimate_command"),
    ],
    "Manage runs": [
        Command("models", "List the trained runs.", "runs_command"),
        Command("runs", "List, rename, delete or promote runs.", "runs_command"),
    ],
    "Prepare data": [
        Command("download", "Download MNIST, once, and check it.", "data_command"),
        Command("statistics", "Compute the figures that the data set page shows.", "data_command"),
    ],
}
"""The commands as --help groups them."""

COMMANDS = {command.name: command for group in GROUPS.values() for command in group}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code.

    arguments: what follows the program's name, from `sys.argv` if None. Raises SystemExit(2) for a command that is not
    understood, and SystemExit(0) after --help and --version.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = build_parser(next((word for word in arguments if word in COMMANDS), None)).parse_args(arguments)
        with nullcontext() if options.serves else without_native_messages():
            return int(options.command(options) or 0)
    except DigitDuelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, StoppedError):
        print("stopped; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the program that reads our output, for example `head`, has ended
        sys.stderr.close()
        return 1


def build_parser(name: str | None = None) -> argparse.ArgumentParser:
    """The parser of the program. Only the named command knows its options: the others' modules are not imported."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-h] [--version] COMMAND ...",
        description="Train an MLP and a CNN on handwritten digits, and compare how they predict.\n\n" + _command_list(),
        epilog=f"`{PROGRAM} COMMAND --help` describes a command, with examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, prog=PROGRAM, metavar="COMMAND", help=argparse.SUPPRESS)
    for command in COMMANDS.values():
        sub = commands.add_parser(
            command.name, description=command.summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        sub.set_defaults(serves=command.serves)
        if command.name == name:
            _add_command(sub, command)
    return parser


def _add_command(parser: argparse.ArgumentParser, command: Command) -> None:
    """Give a command's parser its options, its function and --json."""
    module: ModuleType = import_module(f"mnist_core.cli.{command.module}")
    adds = getattr(module, f"add_{command.name}_arguments", None) or module.add_arguments
    adds(parser)
    parser.set_defaults(command=getattr(module, f"{command.name}_command"))
    if not command.serves:
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def _command_list() -> str:
    """The commands by group, one a line."""
    lines = []
    for title, group in GROUPS.items():
        lines += [f"{title}:", *(f"  {command.name:<12}{command.summary}" for command in group), ""]
    return "\n".join(lines).rstrip()
