"""The rule that ends worse trainings early, told of trainings that nobody runs."""

import importlib.util
import sys
from pathlib import Path

import pytest

from mnist_core.cluster.ending_rule import EndingRule
from mnist_core.errors import ClusterError
from mnist_core.runs.recipes import recipe_config
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.sweeps.sweeps_on_disk import Launches, plan

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install '.[cluster]'"
)

TWELVE_EPOCHS = recipe_config("specified", "mlp")


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    return tmp_path


def ended_after(rule: EndingRule, name: str, *accuracies: float, architecture: str = "mlp") -> int | None:
    """Tell the rule of a training with these validation accuracies. The last one goes on to the last epoch.

    Returns after which epoch it is to end, None if it comes to its end.
    """
    config = recipe_config("specified", architecture)
    for epoch in range(1, config.epochs + 1):
        accuracy = accuracies[min(epoch, len(accuracies)) - 1]
        event = {"event": "epoch", "epoch": epoch, "val_accuracy": accuracy}
        if rule.ends(name, config, event):  # type: ignore[arg-type]
            return epoch
    return None


def test_after_a_quarter_of_the_epochs_and_each_time_they_double_only_the_better_half_goes_on(runs: Path) -> None:
    rule = EndingRule(sweep_store.create_sweep("mine", plan("width=64,128", architectures=("mlp", "cnn"))))
    assert TWELVE_EPOCHS.epochs == 12
    assert ended_after(rule, "the first, which has nobody before it", 0.90) is None
    assert ended_after(rule, "worse at the first comparison", 0.10) == 3
    assert ended_after(rule, "as good as the median", 0.90) is None
    assert ended_after(rule, "better at first", 0.95, 0.5) is None  # the best so far counts
    assert ended_after(rule, "better, but then passed", 0.94) is None
    assert ended_after(rule, "good enough for the first comparison only", 0.91) == 6
    assert ended_after(rule, "another architecture", 0.20, architecture="cnn") is None


def test_a_training_in_its_last_epoch_is_not_ended(runs: Path) -> None:
    rule = EndingRule(sweep_store.create_sweep("mine", plan("width=64,128")))
    assert ended_after(rule, "good at the very end only", *[0.90] * 11, 0.99) is None
    assert ended_after(rule, "passed in the last epoch", 0.95) is None


def test_runs_that_a_continued_sweep_has_already_count_as_far_as_they_came(runs: Path) -> None:
    sweep_store.create_sweep("mine", plan("learning_rate=0.001,1", end_worse=True))
    launches = Launches(runs, "mine/mlp-learning-rate-1.0-seed-1")
    sweep = SweepRunner("mine", launches).run()
    assert len(sweep.results) == 1
    assert ended_after(EndingRule(sweep), "mine/mlp-learning-rate-1.0-seed-1", 0.5) == 3
    (runs / ".sweeps" / "mine" / "mlp-learning-rate-0.001-seed-1" / "history.json").write_text("damaged")
    assert ended_after(EndingRule(sweep), "mine/mlp-learning-rate-1.0-seed-1", 0.5) is None


def test_without_ray_tune_a_message_says_how_to_get_it(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = sweep_store.create_sweep("mine", plan("width=64,128", end_worse=True))
    monkeypatch.setitem(sys.modules, "ray.tune.schedulers", None)
    with pytest.raises(ClusterError, match=r"takes Ray Tune, .* pip install 'digit-duel\[cluster\]'"):
        EndingRule(sweep)
