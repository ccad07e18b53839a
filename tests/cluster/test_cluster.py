"""Sweeps on a real Ray cluster of two nodes, which lose workers, nodes and the head."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
import pytest

from mnist_core.data.datasets import DigitSet
from mnist_core.data.pen_files import PenDigits, save_pen_digits
from mnist_core.errors import ClusterError
from mnist_core.events import Event
from mnist_core.jobs.cluster_launcher import ClusterLauncher
from mnist_core.jobs.cores import THREADS
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.models.weights import read_network
from mnist_core.runs import store
from mnist_core.runs.file_format import load_history
from mnist_core.runs.recipes import recipe_config
from mnist_core.runs.started_by import starter_of
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_plan import PlannedTraining, make_plan, parse_varied
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.browser.harness import TOUR_SEEN, browser, chromium_path, served
from tests.cluster.ray_nodes import SECONDS, TwoNodes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),  # a busy machine needs long to start so many processes
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install '.[cluster]'"
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="ends the processes of nodes as Linux does"),
]

LONG = 100
"""Epochs of a training that takes some seconds, so that something can happen in its middle."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[TwoNodes]:
    nodes = TwoNodes()
    yield nodes
    nodes.close()


@pytest.fixture
def cluster(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> TwoNodes:
    """A whole cluster, which RAY_ADDRESS names."""
    nodes.start()
    for name, value in nodes.variables.items():
        monkeypatch.setenv(name, value)
    return nodes


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_mnist: DigitSet) -> Path:
    """A new folder of runs, and digits.npz in the present folder, which is no folder of a worker."""
    train, test = small_mnist.train, small_mnist.test
    np.savez(
        tmp_path / "digits.npz",
        x_train=train.images, y_train=train.labels, x_test=test.images, y_test=test.labels,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs"
    monkeypatch.setenv("TRAINED_MODELS", str(folder))
    return folder


SMALL = {"data": "digits.npz", "width": 0.2, "batch_size": 50}


def new_sweep(name: str, *epochs: int, **changes: object) -> sweep_store.Sweep:
    """A sweep of small MLPs, one for each number of epochs."""
    varied = parse_varied(f"epochs={','.join(map(str, epochs))}")
    return sweep_store.create_sweep(name, make_plan(["mlp"], [varied], changes=SMALL | changes))


def run_of(epochs: int) -> str:
    return f"mlp-epochs-{epochs}-seed-1"


class Heard:
    """Hears the events of a sweep, and calls `then` with the run and the kind of each until it returns True."""

    def __init__(self, then: Callable[[str, str], bool] = lambda run, kind: True) -> None:
        self.events: dict[str, list[Event]] = {}
        self._then, self._is_done = then, False

    def __call__(self, training: PlannedTraining, event: Event) -> None:
        self.events.setdefault(training.run, []).append(event)
        self._is_done = self._is_done or self._then(training.run, event["event"])

    def began_again(self) -> set[str]:
        """The runs whose training was repeated by Ray."""
        return {
            run
            for run, events in self.events.items()
            if any("starting again" in event["what"] for event in events if event["event"] == "preparing")
        }


def worked_through(name: str, launcher: ClusterLauncher, heard: Heard | None = None) -> sweep_store.Sweep:
    return SweepRunner(name, launcher, at_once=9, on_event=heard or Heard()).run()


def eventually(is_so: Callable[[], object]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_killed_worker_is_replaced_and_weights_are_those_of_a_training_without_ray(
    cluster: TwoNodes, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = new_sweep("mine", 3, LONG, 2)  # the last one is trained by a worker that has trained before
    paths: list[str] = []

    def kill_its_worker(run: str, kind: str) -> bool:
        if run != run_of(LONG) or kind != "epoch":
            return False
        for worker in cluster.workers(sweep.address(run)):
            with suppress(psutil.NoSuchProcess):  # it may have ended just now
                path = worker.environ()["PYTHONPATH"]
                worker.kill()
                paths.append(path)
        return bool(paths)

    heard = Heard(kill_its_worker)
    with ClusterLauncher() as launcher:
        assert (launcher.facts.nodes, launcher.facts.cores) == (2, 2)
        sweep = worked_through("mine", launcher, heard)
    assert (sweep.missing, sweep.failures, heard.began_again()) == ((), {}, {run_of(LONG)})
    assert paths[0].startswith(str(cluster.folder))  # the code that the worker runs was brought by Ray
    for variable in THREADS:
        monkeypatch.setenv(variable, "1")
    config = next(each.config for each in sweep.plan.trainings() if each.run == run_of(2))
    local = LocalTraining(config, "local")
    assert list(local.events())[-1]["event"] == "finished", local.failure()
    here, there = store.load_run("local"), store.load_run(sweep.address(run_of(2)))
    for of_here, of_there in zip(read_network(here.model_path), read_network(there.model_path), strict=True):
        for name, weights in of_here.weights.items():
            np.testing.assert_array_equal(of_there.weights[name], weights)
    assert (here.config, here.data, here.test) == (there.config, there.data, there.test)
    files = {path.relative_to(here.folder).as_posix() for path in here.folder.rglob("*")}
    assert {path.relative_to(there.folder).as_posix() for path in there.folder.rglob("*")} == files - {"model.keras"}


def test_two_sweeps_share_the_cluster_and_a_full_disk_fails_only_the_trainings_that_cannot_be_written(
    cluster: TwoNodes, runs: Path, tmp_path: Path
) -> None:
    ring = [[[0, 0], [30, 0], [30, 50], [0, 50], [0, 0]]]
    save_pen_digits(PenDigits.of([ring, ring], labels=[0, 0], donors=["ann", "bob"]), tmp_path / "pens.npz")
    begins = {"teacher": "start", "initial_run": "start", "initial_fraction": 0.99}
    new_sweep("full", 1)
    new_sweep("other", 1, **begins, pens="pens.npz", pen_fraction=0.2)
    with ClusterLauncher() as launcher, ClusterLauncher(started_by="owner anna@example.org") as other:
        begun = launcher(recipe_config("specified", "mlp", **SMALL, epochs=1), "start")
        assert list(begun.events())[-1]["event"] == "finished", begun.failure()
        writer = psutil.Process(launcher.process_id)
        before = writer.rlimit(psutil.RLIMIT_FSIZE)
        writer.rlimit(psutil.RLIMIT_FSIZE, (40_000, before[1]))  # no larger file can be written
        beside = Thread(target=worked_through, args=("other", other))
        beside.start()
        sweep = worked_through("full", launcher)
        beside.join(SECONDS)
        assert not sweep.results
        assert "Free some space" in sweep.failures[run_of(1)]
        assert [path.name for path in (runs / ".sweeps" / "full").iterdir()] == ["sweep.json"]
        other_sweep = sweep_store.load_sweep("other")
        assert (other_sweep.missing, other_sweep.failures) == ((), {})
        start, run = store.load_run("start"), store.load_run(other_sweep.address(run_of(1)))
        assert (starter_of(start.folder).identity, starter_of(run.folder).identity) == ("", "owner anna@example.org")
        assert run.data["pens"]["writers"] == 2
        for of_start, of_run in zip(read_network(start.model_path), read_network(run.model_path), strict=True):
            for name, weights in of_start.weights.items():  # 99 % of the new weights
                np.testing.assert_allclose(of_run.weights[name], weights, atol=0.01)
        writer.rlimit(psutil.RLIMIT_FSIZE, before)
        assert worked_through("full", launcher).missing == ()


def test_a_training_that_is_worse_than_others_is_ended_early_and_not_trained_again(
    cluster: TwoNodes, runs: Path
) -> None:
    # Small batches: an epoch takes far longer than the news of it, so the training is still going on when it is ended.
    changes = {"data": "offline", "width": 0.2, "batch_size": 10, "epochs": 20}
    made = make_plan(["mlp"], [parse_varied("learning_rate=0.001,1")], changes=changes, end_worse=True)
    sweep_store.create_sweep("mine", made)
    good, hopeless = (training.run for training in made.trainings())
    heard = Heard()
    with ClusterLauncher() as launcher:
        # One after the other, so that the hopeless one is sure to come second to the comparison.
        sweep = SweepRunner("mine", launcher, on_event=heard).run()
        assert (list(sweep.results), sweep.missing, sweep.failures) == ([good], (), {})
        ended = sweep.ended_early[hopeless]
        assert ended.ended_after is not None
        assert 5 <= ended.ended_after < 20
        last = {run: events[-1] for run, events in heard.events.items()}
        assert (last[good].get("ended_early"), last[hopeless].get("ended_early")) == (None, True)
        assert len(load_history(store.load_run(sweep.address(hopeless)))["loss"]) == ended.ended_after
        SweepRunner("mine", launcher, on_event=(again := Heard())).run()
        assert again.events == {}


def test_a_sweep_goes_on_after_its_process_was_killed_and_without_a_lost_node(cluster: TwoNodes) -> None:
    command = [sys.executable, "-m", "mnist_core", "sweep", "mlp", "--data", "digits.npz", "--batch-size", "50"]
    command += ["--width", "0.2", "--vary", f"epochs={LONG},{LONG + 1}", "--name", "mine", "--on", "ray", "--json"]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "epoch":
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert sweep_store.load_sweep("mine").worked_on
    process.kill()
    process.wait(SECONDS)
    process.stdout.close()
    eventually(lambda: not psutil.wait_procs(children, timeout=1)[1])
    eventually(lambda: not cluster.workers("mine/"))
    assert not sweep_store.load_sweep("mine").worked_on

    def lose_a_node(run: str, kind: str) -> bool:
        if kind != "epoch" or not any(map(cluster.is_on_second, cluster.workers(f"mine/{run}"))):
            return False
        cluster.lose_second()
        return True

    heard = Heard(lose_a_node)
    with ClusterLauncher() as launcher:
        sweep = worked_through("mine", launcher, heard)
    assert (sweep.missing, sweep.failures, len(heard.began_again())) == ((), {}, 1)


@pytest.mark.browser
@pytest.mark.skipif(chromium_path() is None, reason="there is no Chromium; install it or name one in CHROMIUM")
def test_a_server_that_was_killed_finds_its_sweep_again_and_continues_it_on_the_cluster(
    cluster: TwoNodes, runs: Path
) -> None:
    link = "train?train_mode=Sweep&train_sweep_models=MLP&train_sweep_vary=Epochs&train_sweep_on=the+Ray+cluster"
    link += "&train_sweep_epochs=2%2C3%2C200&train_data=small+offline+set"  # the last one takes long
    with browser() as chrome:
        page = chrome.new_context(viewport={"width": 1280, "height": 1400}).new_page()
        page.add_init_script(TOUR_SEEN)
        page.set_default_timeout(1000 * SECONDS)
        with served() as (address, process):
            page.goto(f"{address}/{link}")
            page.get_by_role("button", name="Start the sweep").click()
            eventually(lambda: list(runs.glob(".sweeps/mlp-epochs/*/run.json")))
            children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
        eventually(lambda: not psutil.wait_procs(children, timeout=1)[1])
        eventually(lambda: not cluster.workers("mlp-epochs/"))
        found = sweep_store.load_sweep("mlp-epochs")
        assert (found.on_cluster, found.worked_on, found.failures) == (True, False, {})
        written = {path: path.stat().st_mtime_ns for path in runs.glob(".sweeps/mlp-epochs/*/run.json")}
        with served() as (address, _):
            # Without a name, the latest sweep is shown. A form with an impossible value has nothing measured.
            page.goto(f"{address}/train?train_mode=Sweep&train_sweep_width=none")
            page.get_by_text(f"{len(found.results)} of 3 trainings finished; not worked on now").wait_for()
            page.get_by_role("button", name="Continue").click()
            eventually(lambda: cluster.workers("mlp-epochs/"))
            page.get_by_text("All 3 trainings finished.").wait_for()
    sweep = sweep_store.load_sweep("mlp-epochs")
    assert (sweep.missing, sweep.failures) == ((), {})
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_a_lost_head_ends_the_sweep_with_a_message_and_the_rest_is_trained_later(
    cluster: TwoNodes, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "3")  # instead of a minute
    new_sweep("mine", 1, 2, LONG)  # one more than there are nodes, so one at least is missing then

    def lose_the_head(run: str, kind: str) -> bool:
        if kind != "finished":
            return False
        cluster.lose_head()
        return True

    with ClusterLauncher() as launcher, pytest.raises(ClusterError, match=f"cluster at {cluster.address} was lost"):
        worked_through("mine", launcher, Heard(lose_the_head))
    sweep = sweep_store.load_sweep("mine")
    assert sweep.results
    assert sweep.missing
    assert not sweep.worked_on
    with pytest.raises(ClusterError, match=f"There is no Ray cluster at {cluster.address}"), ClusterLauncher():
        pass
    for name in cluster.variables:
        monkeypatch.delenv(name)
    with ClusterLauncher(cores=1) as launcher:  # Ray is started on this machine, and ends with the launcher
        assert launcher.facts.nodes == 1
        started = psutil.Process(launcher.process_id).children(recursive=True)
        assert worked_through("mine", launcher).missing == ()
    eventually(lambda: not psutil.wait_procs(started, timeout=1)[1])
    expected = [run_of(1), run_of(LONG), run_of(2), "sweep.json"]
    assert sorted(path.name for path in (runs / ".sweeps" / "mine").iterdir()) == expected
