"""`digit-duel models` and `digit-duel runs`: list, rename, delete and promote runs."""

import sys
from argparse import ArgumentParser, Namespace

from mnist_core.cli.console import plain_table, print_json, print_table
from mnist_core.cli.examples import describe
from mnist_core.errors import RunError
from mnist_core.formatting import duration, number, percent, percent_range, plural, size
from mnist_core.runs import store
from mnist_core.runs.file_format import describe as describe_run
from mnist_core.runs.folders import find_run_folder, runs_folder
from mnist_core.runs.promotion import promote
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.sweeps.sweep_store import Sweep, delete_sweep, list_sweeps, load_sweep, sweep_names

NAMES_EXPECTED = {"list": 0, "rename": 2, "delete": 1, "promote": 1}
"""The actions of `runs`, with the number of names that each takes."""


def add_models_arguments(parser: ArgumentParser) -> None:
    """The options of `models`."""
    describe(
        parser,
        "List the trained runs with their accuracy on the test digits. Runs that cannot be used are named on standard "
        "error.",
        examples={"models": "a table", "models --json": "all that is known of each run"},
    )


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `runs`."""
    describe(
        parser,
        "List, rename, delete or promote runs. A promoted run is the one of its architecture that the draw page and "
        "`predict` use. The runs that are part of the project can be neither renamed nor deleted. A sweep is one line "
        "of the list; deleting it deletes its runs. One of its runs is named SWEEP/RUN.",
        examples={
            "runs": "the list",
            "runs rename mlp-custom my-first": "another name",
            "runs promote my-first": "the draw page uses it from now on",
            "runs delete my-first --yes": "deletes it without asking",
            "runs delete mlp-cnn-width": "deletes a sweep with all its runs",
        },
    )
    parser.add_argument("action", nargs="?", choices=list(NAMES_EXPECTED), default="list", help="default: list")
    parser.add_argument("names", nargs="*", metavar="RUN", help="the run or sweep; for rename, then its new name")
    parser.add_argument("--yes", action="store_true", help="delete without asking")


def models_command(options: Namespace) -> None:
    """List the runs, and those that are damaged."""
    found, damaged = store.list_runs()
    sweeps, damaged_sweeps = list_sweeps()
    if options.json:
        print_json(
            {
                "runs": [{"name": run.name, **describe_run(run), "size_bytes": run.size_bytes} for run in found],
                "damaged": [{"name": run.name, "reason": run.reason} for run in damaged],
                "sweeps": [sweep.to_json() for sweep in sweeps],
            }
        )
        return
    _print_runs(found, damaged)
    _print_sweeps(sweeps, damaged_sweeps)


def _print_runs(found: list[Run], damaged: list[DamagedRun]) -> None:
    table = plain_table("run", "parameters", "test", "incorrect", "95 % interval", "time", "size", gap=1)
    for run in found:
        table.add_row(
            run.name,
            number(run.parameters),
            percent(run.test.fraction),
            f"{number(run.test.incorrect)}/{number(run.test.count)}",
            percent_range(run.test.low, run.test.high),
            duration(run.duration_seconds),
            size(run.size_bytes),
        )
    if found:
        print_table(table)
    else:
        print(f"There are no runs in {runs_folder()}. Train one: digit-duel train cnn")
    for broken in damaged:
        print(f"damaged: {broken.name}: {broken.reason}", file=sys.stderr)


def _print_sweeps(sweeps: list[Sweep], damaged: list[str]) -> None:
    """A line for each sweep."""
    if sweeps:
        table = plain_table("sweep", "trainings", "finished", "failed", "best test", gap=1)
        for sweep in sweeps:
            best = max((result.accuracy.fraction for result in sweep.results.values()), default=None)
            table.add_row(
                sweep.name,
                number(sweep.plan.count),
                number(len(sweep.results)) + (f" + {len(ended)} ended early" if (ended := sweep.ended_early) else ""),
                number(len(sweep.failures)),
                "–" if best is None else percent(best),
            )
        print()
        print_table(table)
    for reason in damaged:
        print(f"damaged: {reason}", file=sys.stderr)


def runs_command(options: Namespace) -> None:
    """Do something with a run. The training page calls the same functions. Raises RunError."""
    expected = NAMES_EXPECTED[options.action]
    if len(options.names) != expected:
        raise RunError(
            f"`digit-duel runs {options.action}` takes {expected} names, received {len(options.names)}. "
            "See `digit-duel runs --help`."
        )
    if options.action == "list":
        models_command(options)
        return
    message = {"rename": _rename, "delete": _delete, "promote": _promote}[options.action](options)
    if options.json:
        print_json({"action": options.action, "runs": options.names})
    else:
        print(message)


def _rename(options: Namespace) -> str:
    name, new_name = options.names
    store.rename(name, new_name)
    return f"{name} is now {new_name}."


def _delete(options: Namespace) -> str:
    name = options.names[0]
    if is_sweep := find_run_folder(store.checked_address(name)) is None and name in sweep_names():
        what = f"sweep {name!r} with its {plural(len(load_sweep(name).runs), 'run')}"
    else:
        what = f"run {name!r}"
    if not options.yes and not _confirmed(f"Delete the {what} for good?"):
        raise RunError(f"The {what} was not deleted. Answer y, or pass --yes.")
    delete_sweep(name) if is_sweep else store.delete(name)
    return f"Deleted {name}."


def _promote(options: Namespace) -> str:
    run = store.load_run(options.names[0])
    promote(run)
    return f"The draw page uses {run.name} now."


def _confirmed(question: str) -> bool:
    """Whether a person at a terminal answers yes."""
    if not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
