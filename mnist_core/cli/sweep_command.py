"""`digit-duel sweep`: train many models as one question, and answer with a table and a chart.

This command plans, and works through the sweep. Each training is a process of `digit-duel train`, or runs on a cluster.
"""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TextColumn

from mnist_core.cli.console import plain_table, print_json, print_note, print_table, progress_bar
from mnist_core.cli.digit_sources import load_digits
from mnist_core.cli.evaluate_corruptions import measured_and_stored, unmeasured_runs
from mnist_core.cli.examples import describe
from mnist_core.cli.interrupts import INTERRUPTED, second_ends_at_once
from mnist_core.cli.training_options import add_recipe_option, add_setting_options, given_settings
from mnist_core.data.datasets import MNIST
from mnist_core.errors import ClusterError, ConfigError
from mnist_core.events import Event
from mnist_core.formatting import duration, number, percent, plural
from mnist_core.jobs.cluster_launcher import ClusterFacts, ClusterLauncher
from mnist_core.jobs.estimates import Estimate, Estimates
from mnist_core.jobs.launcher import Launcher, LocalTraining
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.sweep_view import ended_early_each, is_measured, table_rows
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_outlook import EstimateOf, outlook_in_words, sweep_outlook
from mnist_core.sweeps.sweep_plan import PlannedTraining, SweepPlan, free_sweep_stem, make_plan
from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_runner import SweepRunner
from mnist_core.sweeps.sweep_store import Sweep
from mnist_core.sweeps.varied_setting import VariedSetting, parse_varied

CHART_FILE = "chart.svg"
"""In the folder of the sweep, unless --chart names another file."""

HERE, RAY = "here", "ray"
"""Where trainings may run."""

SECONDS_BETWEEN_LOOKS = 0.1
"""How often it is checked whether a speed has been measured."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `sweep`."""
    describe(
        parser,
        "Train a model for each value of one or two settings, for each architecture and seed, and show what comes out "
        "as a table and a chart. What is finished is kept whatever happens, and --resume trains the rest.",
        "The values of width are units of the last hidden layer if they are whole numbers, and factors if they have a "
        "decimal point. Ctrl-C ends the sweep; finished runs stay.",
        "Runs of a sweep are named SWEEP/RUN. Every command takes such a name. To save space they have no model.keras, "
        "unless --keep-models is given.",
        examples={
            "sweep mlp cnn --vary width=64,128,256,512 --seeds 3": "how wide must the MLP be to match the CNN?",
            "sweep mlp cnn --vary fraction=0.01,0.1,1 --plan": "only says how many trainings, how long and how large",
            "sweep mlp --vary learning-rate=0.001,0.01 --vary batch-size=100,1000": "two settings, as a heat table",
            "sweep mlp --data offline --vary epochs=1,2,4": "needs no download",
            "sweep --resume mlp-cnn-width": "trains what is missing",
            "sweep --extend mlp-cnn-width --vary width=1024 --seeds 5": "more values and seeds; the rest stays",
            "sweep mlp cnn --vary width=64,128 --on ray": "on the Ray cluster that RAY_ADDRESS names",
            "sweep mlp --vary learning-rate=0.001,0.1,1 --on ray --end-worse": "no time for what others surpass",
        },
    )
    parser.usage = f"{parser.prog} [-h] [{' | '.join(ARCHITECTURES)} ...] --vary SETTING=VALUE,VALUE [OPTION ...]"
    parser.add_argument(
        "architectures", nargs="*", metavar="ARCHITECTURE", help=f"one or more of {', '.join(ARCHITECTURES)}"
    )
    parser.add_argument(
        "--vary",
        action="append",
        type=_varied,
        default=[],
        metavar="SETTING=VALUE,VALUE",
        help="a setting, spelled as its option below, and its values; may be given twice",
    )
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="NUMBER",
        help="how many seeds each value is trained with, from 1 on; or the seeds themselves, such as 4,7 (default: 1)",
    )
    parser.add_argument("--name", help="the name of the sweep (default: from what it varies)")
    parser.add_argument("--plan", action="store_true", help="say what the sweep would take, and train nothing")
    parser.add_argument("--resume", metavar="SWEEP", help="train what is missing of a sweep, and show its results")
    parser.add_argument("--extend", metavar="SWEEP", help="add the given values and seeds to a sweep, and train them")
    parser.add_argument("--keep-models", action="store_true", help="keep model.keras of each run")
    parser.add_argument(
        "--corruptions",
        action="store_true",
        help="measure each run on corrupted digits as well, after all trainings, as `digit-duel evaluate SWEEP --data "
        "corruptions` does; it takes minutes",
    )
    parser.add_argument(
        "--on",
        choices=(HERE, RAY),
        default=HERE,
        help="where to train: here, one training after the other (default); or ray, many at the same time, on the Ray "
        "cluster that RAY_ADDRESS names or else on this machine's cores",
    )
    parser.add_argument(
        "--cores", type=int, metavar="NUMBER", help="with --on ray, the cores that each training is given (default: 1)"
    )
    parser.add_argument(
        "--end-worse",
        action="store_true",
        help="with --on ray, end trainings early: after a quarter of its epochs, and again each time their number has "
        "doubled, a training goes on only if its best validation accuracy so far is at least the median of those that "
        "came so far before it, of the same architecture (ASHA, from Ray Tune)",
    )
    parser.add_argument(
        "--chart", metavar="FILE", help=f"the chart, .svg or .png (default: {CHART_FILE} in the sweep's folder)"
    )
    add_recipe_option(parser)
    add_setting_options(parser, without=("seed",))


def sweep_command(options: Namespace) -> int:
    """Plan a sweep, work through it, and print what came out. Raises DigitDuelError.

    Returns the exit code: 0, 1 if a training failed, 130 after Ctrl-C.
    """
    chart = _checked_chart(options.chart)
    _check_cores(options)
    _check_end_worse(options)
    if options.plan:
        _print_plan(_planned(options), options)
        return 0
    _planned(options)  # what is impossible is said before a cluster is joined
    with _launcher(options) as launch:
        sweep = _written(options)
        if sweep.plan.end_worse and options.on == HERE:
            print_note("Without --on ray, no training is compared with others, and all go to their end.", quiet=False)
        needed = [*(training.config.data for training in sweep.missing), *([MNIST] if options.corruptions else [])]
        for data in dict.fromkeys(needed):
            load_digits(data, quiet=options.json)
        try:
            sweep = _worked_through(sweep, launch, quiet=options.json)
        except KeyboardInterrupt:
            print_note(f"stopped; {_what_is_kept(sweep, options)}", quiet=False)
            return INTERRUPTED
        except ClusterError as error:
            raise ClusterError(f"{error} {_what_is_kept(sweep, options)}") from error
    try:
        is_complete = not options.corruptions or _is_measured(sweep, quiet=options.json)
    finally:  # what the trainings gave is shown in any case
        sweep = sweep_store.load_sweep(sweep.name)
        assert sweep.folder
        _show(sweep, chart or sweep.folder / CHART_FILE, options)
    if not is_complete:
        return INTERRUPTED
    return 1 if sweep.missing else 0


def _is_measured(sweep: Sweep, *, quiet: bool) -> bool:
    """Measure the runs on corrupted digits that are not measured yet. Returns whether nobody interrupted it."""
    try:
        for _ in measured_and_stored(unmeasured_runs(sweep), quiet=quiet):
            pass
    except KeyboardInterrupt:
        command = f"digit-duel evaluate {sweep.name} --data corruptions"
        print_note(f"stopped; all runs are kept. Measure the rest with: {command}", quiet=False)
        return False
    return True


def _what_is_kept(sweep: Sweep, options: Namespace) -> str:
    """How far a sweep is that has ended too early, and how to go on."""
    sweep = sweep_store.load_sweep(sweep.name)
    return (
        f"{number(len(sweep.results))} of {number(sweep.plan.count)} trainings are finished and kept. "
        f"Continue with: {_resume(sweep, options)}"
    )


def _resume(sweep: Sweep, options: Namespace) -> str:
    """The command that goes on with a sweep where it has run."""
    return f"digit-duel sweep --resume {sweep.name}{f' --on {RAY}' if options.on == RAY else ''}"


@contextmanager
def _launcher(options: Namespace) -> Iterator[Launcher]:
    """What starts the trainings, for as long as the block lasts. Raises ClusterError if there is no cluster."""
    if options.on == HERE:
        yield LocalTraining
        return
    print_note("Joining the Ray cluster …", quiet=options.json)
    launcher = ClusterLauncher(cores=options.cores or 1)

    def say() -> None:
        what = "Waiting until the cluster has ended the trainings. Press Ctrl-C again to end at once."
        print_note(what, quiet=options.json)

    with second_ends_at_once(launcher.kill, say=say), launcher:
        print_note(_cluster_in_words(launcher.facts, options), quiet=options.json)
        yield launcher


def _cluster_in_words(facts: ClusterFacts, options: Namespace) -> str:
    """Where trainings will run."""
    return (
        f"The Ray cluster at {facts.address} has {plural(facts.nodes, 'node')} with {plural(facts.cores, 'core')}: "
        f"{plural(_at_once(facts, options), 'training')} at the same time."
    )


def _at_once(facts: ClusterFacts, options: Namespace) -> int:
    """How many trainings a cluster can do at the same time, about: a node may have cores that are left over."""
    return max(1, facts.cores // (options.cores or 1))


def _check_cores(options: Namespace) -> None:
    """Raise ConfigError for a number of cores that no training can be given."""
    if options.cores is None:
        return
    if options.on == HERE:
        raise ConfigError("--cores is for --on ray. On this machine alone, each training uses all cores.")
    if options.cores < 1:
        raise ConfigError(f"--cores is {options.cores}, expected 1 or more.")


def _check_end_worse(options: Namespace) -> None:
    """Raise ConfigError for --end-worse where nothing compares trainings while they run."""
    if options.end_worse and options.on == HERE:
        raise ConfigError(
            "--end-worse is for --on ray. On this machine alone, trainings run one after the other and are not "
            f"compared meanwhile. Add --on {RAY}, which without RAY_ADDRESS uses Ray on this machine, or leave it out."
        )


def _planned(options: Namespace) -> SweepPlan:
    """The plan that the options describe: a new one, or that of a sweep, perhaps larger. Raises DigitDuelError."""
    changes = given_settings(options)
    if options.resume or options.extend:
        _check_alone(options, changes)
        plan = sweep_store.load_sweep(options.resume or options.extend).plan
        further = {varied.setting: varied.values for varied in options.vary}
        return plan.extended(further, options.seeds or ()) if options.extend else plan
    if not options.architectures:
        raise ConfigError(f"Nothing says what to train. Name {' or '.join(ARCHITECTURES)}, or both.")
    return make_plan(
        options.architectures,
        options.vary,
        recipe=options.recipe or "specified",
        changes=changes,
        seeds=options.seeds or (1,),
        keep_models=options.keep_models,
        end_worse=options.end_worse,
    )


def _check_alone(options: Namespace, changes: dict[str, object]) -> None:
    """Raise ConfigError for options that do not go with --resume or --extend, because the sweep has them already."""
    given = [*options.architectures, *("--" + name.replace("_", "-") for name in changes)]
    given += [f"--{name}" for name in ("recipe", "name") if getattr(options, name)]
    given += [f"--{name}" for name in ("keep-models", "end-worse") if getattr(options, name.replace("-", "_"))]
    if options.resume:
        given += ["--extend"] if options.extend else []
        given += [f"--{name}" for name in ("vary", "seeds") if getattr(options, name)]
    elif not options.vary and not options.seeds:
        raise ConfigError("--extend needs values or seeds to add: --vary SETTING=VALUE,VALUE or --seeds NUMBER.")
    if given:
        what = "--resume" if options.resume else "--extend"
        raise ConfigError(f"Received {what} together with {', '.join(given)}. The sweep has its settings already.")


def _written(options: Namespace) -> Sweep:
    """The sweep to work through, on disk."""
    plan = _planned(options)
    if options.resume:
        return sweep_store.load_sweep(options.resume)
    if options.extend:
        return sweep_store.extend_sweep(sweep_store.load_sweep(options.extend), plan)
    name = options.name or sweep_store.free_sweep_name(free_sweep_stem(plan))
    return sweep_store.create_sweep(name, plan, on_cluster=options.on == RAY)


def _worked_through(sweep: Sweep, launch: Launcher, *, quiet: bool) -> Sweep:
    """Train what is missing, and print how it goes. Raises KeyboardInterrupt after the trainings have been ended.

    A cluster is handed everything at once: its scheduler knows best what runs where.
    """
    at_once = 1 if launch is LocalTraining else max(1, len(sweep.missing))
    if quiet:
        _print_event({"event": "sweep", "name": sweep.name, "trainings": sweep.plan.count, "done": len(sweep.runs)})
        return SweepRunner(
            sweep.name,
            launch,
            at_once=at_once,
            on_event=lambda training, event: _print_event({"run": sweep.address(training.run), **event}),
        ).run()
    print_note(
        f"{sweep.name}: {plural(sweep.plan.count, 'training')}, {number(len(sweep.results))} finished before.",
        quiet=False,
    )
    with progress_bar(MofNCompleteColumn(), TextColumn("{task.fields[doing]}")) as progress:
        task = progress.add_task(sweep.name, total=sweep.plan.count, completed=len(sweep.runs), doing="")

        def show(training: PlannedTraining, event: Event) -> None:
            _show_event(progress, training, event)
            if event["event"] == "finished":
                progress.advance(task)
            elif event["event"] == "progress":
                doing = f"{training.run}, epoch {event['epoch']}/{event['epochs']}"
                progress.update(task, doing=doing)

        return SweepRunner(sweep.name, launch, at_once=at_once, on_event=show).run()


def _show_event(progress: Progress, training: PlannedTraining, event: Event) -> None:
    if event["event"] == "finished":
        if event.get("ended_early"):
            progress.console.print(f"{training.run}  ended early, others are better  {duration(event['seconds'])}")
            return
        accuracy = percent(event["accuracy"])
        progress.console.print(f"{training.run}  {accuracy} of the test digits  {duration(event['seconds'])}")
    elif event["event"] == "failed":
        progress.console.print(f"{training.run}  failed: {event['message']}", markup=False)


def _print_plan(plan: SweepPlan, options: Namespace) -> None:
    """Say what a sweep would take. The speed of each kind of training is measured first.

    For a cluster, it is measured with as many cores as a training is given there.
    """
    at_once = cores = None
    with _launcher(options) as launch:
        if isinstance(launch, ClusterLauncher):
            at_once, cores = _at_once(launch.facts, options), options.cores or 1
    print_note("Measuring the speed of this machine …", quiet=options.json)
    trainings = plan.trainings()
    if name := options.resume or options.extend:
        done = sweep_store.load_sweep(name).runs
        trainings = tuple(training for training in trainings if training.run not in done)
    outlook = sweep_outlook(trainings, _measured_by(Estimates(cores=cores)), keep_models=plan.keep_models)
    if options.json:
        print_json(
            {
                "plan": plan.to_json(),
                "trainings": [training.run for training in trainings],
                "seconds": outlook.seconds,
                "at_once": at_once or 1,
                "size_bytes": outlook.size_bytes,
                "free_bytes": outlook.free_bytes,
            }
        )
        return
    for training in trainings:
        print(training.run)
    print(outlook_in_words(outlook, at_once=at_once, end_worse=plan.end_worse and options.on == RAY))


def _measured_by(estimates: Estimates) -> EstimateOf:
    """Asks for an estimate and waits until it is there."""

    def estimate(config: TrainingConfig) -> Estimate:
        while (known := estimates.of(config)).measuring:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return known

    return estimate


def _show(sweep: Sweep, chart: Path, options: Namespace) -> None:
    """Print the results, and write the chart."""
    if sweep.results:
        from mnist_core.reporting.sweep_figure import write_sweep_figure  # Matplotlib takes a second to import

        write_sweep_figure(sweep, chart)
    if options.json:
        _print_event({"event": "sweep finished", **sweep.to_json(), "chart": str(chart) if sweep.results else None})
        return
    _print_results(sweep)
    for run, how in ended_early_each(sweep).items():
        print(f"ended early: {run}: {how}")
    for run, reason in sweep.failures.items():
        print(f"failed: {run}: {reason}")
    if sweep.results:
        print(f"The chart is at {chart}.")
    if sweep.missing:
        print(f"{plural(len(sweep.missing), 'training')} missing. Try again: {_resume(sweep, options)}")


def _print_results(sweep: Sweep) -> None:
    """A row for each architecture and combination of values."""
    points = points_of(sweep)
    names = [varied.setting.replace("_", " ") for varied in sweep.plan.varied]
    names += ["seeds", "test", "95 % interval", "over seeds", "parameters", "time"]
    names += ["corrupted"] if is_measured(points) else []
    table = plain_table("model", *names, gap=1)
    for model, cells in table_rows(sweep):
        table.add_row(model, *cells)
    print_table(table)


def _print_event(event: object) -> None:
    """Print an event as one line of JSON."""
    print(json.dumps(event), flush=True)


def _varied(text: str) -> VariedSetting:
    """For argparse, whose own message for an impossible value would not say why."""
    return parse_varied(text)


def _seeds(text: str) -> Sequence[int]:
    """'3' means the seeds 1, 2 and 3, and '4,7' those two. Raises ConfigError."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts) or (len(parts) == 1 and not 1 <= int(parts[0]) <= 200):
        raise ConfigError(f"--seeds is {text!r}, expected a number of seeds from 1 to 200, or seeds such as 4,7.")
    return tuple(map(int, parts)) if len(parts) > 1 else tuple(range(1, int(parts[0]) + 1))


def _checked_chart(file: str | None) -> Path | None:
    """The file for the chart. Raises ConfigError for a kind of file that it cannot be."""
    if file is None:
        return None
    path = Path(file)
    if path.suffix.lower() not in (".svg", ".png"):
        raise ConfigError(f"--chart is {file!r}, expected a file that ends in .svg or .png.")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"--chart is {file!r}, but there is no folder {path.absolute().parent}. Make it first.")
    return path
