"""`digit-duel evaluate --data corruptions`: measures how robust runs are, and stores the result with each."""

from typing import Any

from rich.progress import MofNCompleteColumn
from rich.table import Table

from mnist_core.cli.console import plain_table, print_json, print_note, print_table, progress_bar
from mnist_core.cli.digit_sources import load_digits
from mnist_core.data import datasets
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS
from mnist_core.formatting import percent
from mnist_core.runs.corruption_results import FILE, CorruptionResults, write_corruption_results
from mnist_core.runs.robustness import measure_robustness
from mnist_core.runs.run import Run

CORRUPTED = "corruptions"
"""What --data is called with."""


def evaluate_corruptions(runs: list[Run], *, as_json: bool) -> None:
    """Measure the runs on MNIST's corrupted test digits, print the figures, and store them with the runs.

    If it is interrupted, nothing is written. Raises DigitDuelError.
    """
    test = load_digits(datasets.MNIST, quiet=as_json).test
    names = ", ".join(run.name for run in runs)
    with progress_bar(MofNCompleteColumn(), disable=as_json) as progress:
        task = progress.add_task("Measuring", total=len(CORRUPTIONS) * len(STRENGTHS))

        def advance(key: str, strength: int) -> None:
            progress.update(task, advance=1, description=f"{CORRUPTIONS[key].title}, strength {strength}")

        results = measure_robustness(runs, test, on_cell=advance)
    if as_json:
        print_json({"data": CORRUPTED, "results": [_to_json(*pair) for pair in zip(runs, results, strict=True)]})
    else:
        _print(runs, results)
    for run, result in zip(runs, results, strict=True):
        write_corruption_results(run, result)
    print_note(f"Stored as {FILE} with {names}.", quiet=as_json)


def _to_json(run: Run, result: CorruptionResults) -> dict[str, Any]:
    return {"run": run.name, **result.to_json()}


def _print(runs: list[Run], results: list[CorruptionResults]) -> None:
    for run, result in zip(runs, results, strict=True):
        mean = result.mean
        print(
            f"{run.name}: {percent(mean.fraction)} of the corrupted digits correct "
            f"(95 % interval {percent(mean.low)} to {percent(mean.high)})"
        )
    print_table(_table(runs, results))


def _table(runs: list[Run], results: list[CorruptionResults]) -> Table:
    """The mean accuracy over the five strengths, with a row for each corruption."""
    table = plain_table("corruption", *(run.name for run in runs), title="Accuracy, mean of five strengths")
    for key, corruption in CORRUPTIONS.items():
        table.add_row(corruption.title, *(percent(result.fraction(key), digits=1) for result in results))
    table.add_row("mean", *(percent(result.mean.fraction, digits=1) for result in results))
    return table
