"""The plan of a sweep: which trainings it means, and what it refuses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.errors import ConfigError
from mnist_core.runs.names import checked_name
from mnist_core.sweeps.sweep_plan import SweepPlan, make_plan, parse_varied
from mnist_core.sweeps.varied_setting import VariedSetting
from tests.sweeps.sweeps_on_disk import plan


def test_the_width_is_units_of_the_last_hidden_layer_or_a_factor() -> None:
    units = make_plan(["mlp", "cnn"], [parse_varied("width=64,512")])
    assert [training.config.width for training in units.trainings()] == [0.125, 0.5, 1.0, 4.0]
    assert units.varied[0].counts_units
    factors = make_plan(["mlp", "cnn"], [parse_varied("width=0.5,1.0")])
    assert [training.config.width for training in factors.trainings()] == [0.5, 0.5, 1.0, 1.0]
    assert [training.run for training in factors.trainings()][:2] == ["mlp-width-0.5-seed-1", "cnn-width-0.5-seed-1"]


def test_the_first_seed_comes_first_with_everything() -> None:
    runs = [training.run for training in plan("epochs=1,2", seeds=(1, 7)).trainings()]
    assert runs == ["mlp-epochs-1-seed-1", "mlp-epochs-2-seed-1", "mlp-epochs-1-seed-7", "mlp-epochs-2-seed-7"]


def test_where_worse_trainings_are_ended_the_values_in_the_middle_are_trained_first() -> None:
    made = plan("learning_rate=0.0001,0.001,0.01,0.1,1", seeds=(1, 2), end_worse=True)
    order = [(training.config.seed, *training.values) for training in made.in_order_of_work(made.trainings())]
    assert order[:5] == [(1, 0.01), (1, 0.001), (1, 0.1), (1, 0.0001), (1, 1.0)]
    assert [seed for seed, _ in order] == [1] * 5 + [2] * 5


def test_what_equals_the_recipe_is_called_by_its_name() -> None:
    recipes = {training.run: training.config.recipe for training in plan("epochs=1,12", seeds=(3,)).trainings()}
    assert recipes == {"mlp-epochs-1-seed-3": "custom", "mlp-epochs-12-seed-3": "specified"}


@given(
    varied=st.lists(
        st.sampled_from(["epochs=3,1", "fraction=0.01,1", "width=64,128", "normalisation=yes,no", "optimizer=adam"]),
        min_size=1,
        max_size=2,
        unique=True,
    ),
    seeds=st.sets(st.integers(0, 2**32 - 1), min_size=1, max_size=3),
    keep_models=st.booleans(),
    end_worse=st.booleans(),
)
def test_a_plan_survives_json_and_its_runs_have_names(
    varied: list[str], seeds: set[int], keep_models: bool, end_worse: bool
) -> None:
    is_comparable = not any(text.startswith(("epochs", "fraction")) for text in varied)
    made = make_plan(
        ["mlp", "cnn"],
        [parse_varied(text) for text in varied],
        seeds=tuple(seeds),
        keep_models=keep_models,
        end_worse=end_worse and is_comparable,
    )
    assert SweepPlan.from_json(json.loads(json.dumps(made.to_json()))) == made
    runs = [checked_name(training.run) for training in made.trainings()]
    assert len(set(runs)) == made.count


def test_an_extended_plan_holds_all_of_the_smaller_one() -> None:
    small = plan("epochs=2,8", seeds=(1,))
    large = small.extended({"epochs": (4, 8)}, seeds=(1, 2))
    assert large.varied[0].values == (2, 4, 8)
    assert set(small.trainings()) < set(large.trainings())
    assert large.count == 6
    with pytest.raises(ConfigError, match="varies epochs, not width"):
        small.extended({"width": (64,)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: parse_varied("epochs"), "names no values"),
        (lambda: parse_varied("epochs=ten"), "epochs is 'ten', expected 1 to 1,000"),
        (lambda: parse_varied("seed=1,2"), "cannot be varied"),
        (lambda: parse_varied("colour=red"), "'colour' cannot be varied in a sweep, expected one of"),
        (lambda: parse_varied("epochs=1,1"), "a value twice"),
        (lambda: parse_varied("width=64,0.5"), "whole numbers are units"),
        (lambda: VariedSetting("epochs", (True,)), "epochs is True"),
        (lambda: plan("epochs=0,1"), "epochs is 0"),
        (lambda: plan("learning_rate=inf"), "learning_rate is inf"),
        (lambda: plan("width=5000"), "number of units in the last hidden layer of the MLP, expected 52 to 4,096"),
        (lambda: plan("epochs=" + ",".join(map(str, range(1, 202)))), "201 trainings, expected at most 200"),
        (lambda: plan("epochs=1", "epochs=2"), "expected one setting or two different ones"),
        (lambda: plan("epochs=1", architectures=()), "no architecture"),
        (lambda: make_plan(["mlp"], [parse_varied("epochs=1")], changes={"epochs": 3}), "set and varied at once"),
        (lambda: plan(seeds=(-1,)), "seed is -1"),
        (lambda: plan("epochs=2,4", end_worse=True), "cannot be ended early where epochs varies"),
        (lambda: plan("fraction=0.1,1", end_worse=True), "cannot be ended early where fraction varies"),
        (lambda: plan("optimizer=adam", "augmentation=0,1", end_worse=True), "where augmentation varies: each of its"),
        (
            lambda: make_plan(["mlp"], [parse_varied("width=64")], changes={"epochs": 1}, end_worse=True),
            "if they have one epoch",
        ),
        (lambda: SweepPlan.from_json([]), "no plan of a sweep"),
        (lambda: SweepPlan.from_json({"bases": [{}], "varied": [], "seeds": [1], "keep_models": False}), "incomplete"),
    ],
)
def test_what_is_no_plan_is_a_message(make: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()  # type: ignore[operator]
