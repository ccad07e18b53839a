"""`digit-duel report`: measure runs, compare them, and write the comparison as one HTML file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from mnist_core.cli.console import print_json, print_note
from mnist_core.cli.examples import describe
from mnist_core.runs.store import load_run
from mnist_core.sweeps.sweep_store import load_sweep

DEFAULT_FILE = "report.html"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `report`."""
    describe(
        parser,
        "Compare runs in one HTML file that needs nothing else: accuracy, speed, learning curves, confusion matrices "
        "and whether the differences are more than chance.",
        examples={
            "report mlp-robust cnn-robust": f"writes {DEFAULT_FILE}",
            "report mlp-robust cnn-robust --out comparison.html": "writes another file",
            "report mlp-robust cnn-robust --sweep data-fraction": "with the chart and figures of a sweep",
            "report mlp-robust cnn-robust --json": "prints the figures and writes no file",
        },
    )
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run to compare; `digit-duel models` lists them")
    parser.add_argument(
        "--sweep", action="append", default=[], metavar="SWEEP", help="a sweep to include; may be given several times"
    )
    parser.add_argument("--out", metavar="FILE", help=f"the file to write (default: {DEFAULT_FILE}; none with --json)")


def report_command(options: Namespace) -> None:
    """Measure runs, compare them, and write or print the comparison. Raises DigitDuelError."""
    from mnist_core.reporting import report  # its charts take a second to import

    path = Path(options.out or DEFAULT_FILE) if options.out or not options.json else None
    sweeps = [load_sweep(name) for name in dict.fromkeys(options.sweep)]
    runs = [load_run(name) for name in dict.fromkeys(options.runs)]
    print_note("Measuring on this machine …", quiet=options.json)
    comparison = report.compare(runs)
    if path:
        report.write(report.build(comparison, sweeps), path)
    if options.json:
        print_json({**comparison.to_json(), "sweeps": [sweep.to_json() for sweep in sweeps]})
    else:
        print(f"Written to {path}.")
