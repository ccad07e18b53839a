"""The worked example that comes with the project: accuracy against the fraction of the training digits."""

from itertools import pairwise
from pathlib import Path

from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_store import list_sweeps, load_sweep


def test_both_models_are_the_more_accurate_the_more_digits_they_learn_from(tmp_path: Path) -> None:
    sweep = load_sweep("data-fraction", tmp_path)
    assert sweep.is_shipped
    assert sweep.plan.varied[0].values == (0.01, 0.03, 0.1, 0.3, 1.0)
    points = points_of(sweep)
    for architecture in ("mlp", "cnn"):
        own = [point for point in points if point.architecture == architecture]
        assert [point.values[0] for point in own] == [0.01, 0.03, 0.1, 0.3, 1.0]
        assert {point.accuracy.count for point in own} == {10_000}
        assert all(one.accuracy.fraction < other.accuracy.fraction for one, other in pairwise(own))
    mlp, cnn = ([point for point in points if point.architecture == name] for name in ("mlp", "cnn"))
    assert all(one.accuracy.fraction < other.accuracy.fraction for one, other in zip(mlp, cnn, strict=True))


def test_it_is_the_last_of_the_list_and_needs_no_runs(tmp_path: Path) -> None:
    sweeps, damaged = list_sweeps(tmp_path)
    assert ([sweep.name for sweep in sweeps], damaged) == (["data-fraction"], [])
    assert list(tmp_path.iterdir()) == []
