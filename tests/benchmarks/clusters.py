"""Compare a sweep of eight trainings on this machine with the same sweep on a Ray cluster of two single-core nodes.

Both nodes are on this machine too, so this says what Ray costs, and not what a faster network or more machines would
give. It needs MNIST, Ray and two cores. `python -m tests.benchmarks.clusters` prints this part alone, and
`--epochs 3` shortens its trainings.
"""

import os
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from mnist_core.events import Event
from mnist_core.jobs.cluster_launcher import ClusterLauncher
from mnist_core.jobs.cores import THREADS
from mnist_core.jobs.launcher import Launcher, LocalTraining
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_plan import PlannedTraining, make_plan, parse_varied
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.benchmarks.rows import add
from tests.cluster.ray_nodes import TwoNodes

RATES = "0.001,0.002,0.003,0.004,0.005,0.006,0.007,0.008"
"""The learning rates of the eight trainings of the specified MLP."""

EPOCHS = 12
"""Of each training, as specified."""

TOLD = 200
SECONDS_BETWEEN = 0.05


class Times:
    """When the events of each training came. overheads: what each took besides its epochs, in seconds."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}
        self.overheads: dict[str, float] = {}

    def __call__(self, training: PlannedTraining, event: Event) -> None:
        if event["event"] == "finished":
            self.overheads[training.run] = time.perf_counter() - self.begun[training.run] - event["seconds"]

    def noted(self, launch: Launcher) -> Launcher:
        """The launcher, with the time at which it was asked for each training."""

        def started(config, name):  # type: ignore[no-untyped-def]
            self.begun[name.split("/")[1]] = time.perf_counter()
            return launch(config, name)

        return started


def clusters(table: Table, *, epochs: int = EPOCHS) -> None:
    """Measure all three ways, one after the other, and the delay of events. epochs: of each training."""
    with tempfile.TemporaryDirectory() as folder, variables({"TRAINED_MODELS": folder}):
        _measure(table, epochs=epochs)


def _measure(table: Table, *, epochs: int) -> None:
    both_cores, local = sweep(LocalTraining, epochs=epochs)
    with variables(dict.fromkeys((*THREADS, "OMP_NUM_THREADS"), "1")):
        one_core, one_local = sweep(LocalTraining, epochs=epochs)
    nodes = TwoNodes()
    try:
        nodes.start()
        with variables(nodes.variables):
            start = time.perf_counter()
            with ClusterLauncher() as launcher:
                joining = time.perf_counter() - start
                first, cold = sweep(launcher, epochs=epochs, at_once=2)
                again, warm = sweep(launcher, epochs=epochs, at_once=2)
            delays = event_delays()
    finally:
        nodes.close()
    what = f"8 trainings of the specified MLP, {epochs} epochs, s"
    add(table, f"{what}: two single-core nodes", first, "one after the other, both cores", both_cores, "-")
    add(table, f"{what}: again, with the workers that are there", again, "both cores", both_cores, "-")
    add(table, "the same", first, "one after the other, one core", one_core, "-")
    add(table, "a training besides its epochs, s (median of 8): Ray", middle(cold), "a process", middle(one_local), "-")
    add(table, "the same, with the workers that are there", middle(warm), "a process, both cores", middle(local), "-")
    table.add_row("joining the cluster, s", f"{joining:.1f}", "-", "-", "-")
    worst = sorted(delays)[int(0.99 * len(delays))]
    table.add_row(
        f"delay of an event, ms (median of {TOLD}, 99 %)",
        f"{statistics.median(delays):.1f}, {worst:.1f}",
        "-",
        "-",
        "-",
    )


def middle(times: Times) -> float:
    """The median of what trainings took besides their epochs."""
    return statistics.median(times.overheads.values())


def sweep(launch: Launcher, *, epochs: int, at_once: int = 1) -> tuple[float, Times]:
    """The seconds of the whole sweep, and the times of its trainings."""
    plan = make_plan(["mlp"], [parse_varied(f"learning_rate={RATES}")], changes={"epochs": epochs})
    sweep_store.create_sweep("bench", plan)
    times, start = Times(), time.perf_counter()
    SweepRunner("bench", times.noted(launch), at_once=at_once, on_event=times).run()
    seconds = time.perf_counter() - start
    assert len(sweep_store.load_sweep("bench").results) == 8
    sweep_store.delete_sweep("bench")
    return seconds, times


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables for the processes that are started in the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def event_delays() -> list[float]:
    """The milliseconds from a worker's event to the process that uses the cluster, at the pace of a training."""
    from mnist_core.cluster.cluster_service import connected, new_mailbox

    ray = connected(1)
    mailbox = new_mailbox(ray)

    def told(mailbox):  # type: ignore[no-untyped-def]
        attempt = ray.get(mailbox.begin.remote(1))
        for _ in range(TOLD):
            time.sleep(SECONDS_BETWEEN)
            ray.get(mailbox.tell.remote(1, attempt, {"event": "measuring", "epoch": time.time()}))

    task = ray.remote(num_cpus=1)(told).remote(mailbox)
    delays: list[float] = []
    while len(delays) < TOLD:
        for _, event in ray.get(mailbox.take.remote()):
            delays.append((time.time() - event["epoch"]) * 1000)
    ray.get(task)
    ray.shutdown()
    return delays


if __name__ == "__main__":
    parser = ArgumentParser(description="Compare a sweep on this machine with the same sweep on a Ray cluster.")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of each training (default: %(default)s)")
    rows = Table("figure", "cluster", "compared with", "ratio", "goal")
    clusters(rows, epochs=parser.parse_args().epochs)
    Console(width=150).print(rows)
