"""`digit-duel evaluate --data corruptions`: measures how robust runs are, and stores the result with each."""

from collections.abc import Iterator

from rich.progress import MofNCompleteColumn
from rich.table import Table

from mnist_core.cli.console import plain_table, print_json, print_note, print_table, progress_bar
from mnist_core.cli.digit_sources import load_digits
from mnist_core.cli.interrupts import INTERRUPTED
from mnist_core.data import datasets
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS
from mnist_core.formatting import number, percent, plural
from mnist_core.runs.corruption_results import FILE, CorruptionResults, write_corruption_results
from mnist_core.runs.robustness import measure_robustness
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.sweeps.sweep_store import Sweep

CORRUPTED = "corruptions"
"""What --data is called with."""

AT_ONCE = 12
"""Runs that predict the same corrupted digits, which are slow to make. All of them are stored together."""

MOST_COLUMNS = 8
"""Runs that a table has room for."""


def evaluate_corruptions(runs: list[Run], *, as_json: bool) -> int:
    """Measure the runs on MNIST's corrupted test digits, store the figures with the runs, and print them.

    Returns the exit code: 0, or 130 if it was interrupted after some runs were stored. Raises KeyboardInterrupt if it
    was before, and DigitDuelError.
    """
    results: dict[str, CorruptionResults] = {}
    if not runs:
        print_note("All of these runs are measured already.", quiet=as_json)
    try:
        for run, result in measured_and_stored(runs, quiet=as_json):
            results[run.name] = result
    except KeyboardInterrupt:
        if not results:
            raise
        print_note(
            f"stopped; {number(len(results))} of {plural(len(runs), 'run')} are measured and stored", quiet=False
        )
        return INTERRUPTED
    if as_json:
        print_json({"data": CORRUPTED, "results": [{"run": name, **its.to_json()} for name, its in results.items()]})
    else:
        _print(results)
    print_note(f"Stored as {FILE} with {', '.join(results)}.", quiet=as_json or not results)
    return 0


def measured_and_stored(runs: list[Run], *, quiet: bool) -> Iterator[tuple[Run, CorruptionResults]]:
    """Measure the runs, a few at a time, and give each when its figures are stored. Raises DigitDuelError.

    quiet: whether no progress is shown.
    """
    if not runs:
        return
    test = load_digits(datasets.MNIST, quiet=quiet).test
    groups = [runs[first : first + AT_ONCE] for first in range(0, len(runs), AT_ONCE)]
    with progress_bar(MofNCompleteColumn(), disable=quiet) as progress:
        task = progress.add_task("Measuring", total=len(CORRUPTIONS) * len(STRENGTHS) * len(groups))

        def advance(key: str, strength: int) -> None:
            progress.update(task, advance=1, description=f"{CORRUPTIONS[key].title}, strength {strength}")

        for group in groups:
            results = measure_robustness(group, test, on_cell=advance)
            for run, result in zip(group, results, strict=True):
                write_corruption_results(run, result)
            yield from zip(group, results, strict=True)


def unmeasured_runs(sweep: Sweep) -> list[Run]:
    """The finished runs of a sweep that have no measurement, or one that no longer counts. Raises RunError."""
    return [load_run(sweep.address(run)) for run, result in sweep.results.items() if result.robustness is None]


def _print(results: dict[str, CorruptionResults]) -> None:
    for name, result in results.items():
        mean = result.mean
        print(
            f"{name}: {percent(mean.fraction)} of the corrupted digits correct "
            f"(95 % interval {percent(mean.low)} to {percent(mean.high)})"
        )
    if 0 < len(results) <= MOST_COLUMNS:
        print_table(_table(results))


def _table(results: dict[str, CorruptionResults]) -> Table:
    """The mean accuracy over the five strengths, with a row for each corruption."""
    table = plain_table("corruption", *results, title="Accuracy, mean of five strengths")
    for key, corruption in CORRUPTIONS.items():
        table.add_row(corruption.title, *(percent(result.fraction(key), digits=1) for result in results.values()))
    table.add_row("mean", *(percent(result.mean.fraction, digits=1) for result in results.values()))
    return table
