"""Training settings are checked at the border and travel as plain data."""

import json
from typing import Any

import pytest

from mnist_core.errors import ConfigError
from mnist_core.recipes import RECIPES, TrainingConfig, recipe_config


def test_the_specified_recipes_are_the_specification_s() -> None:
    mlp, cnn = RECIPES["specified"]["mlp"], RECIPES["specified"]["cnn"]
    assert (mlp.optimizer, mlp.epochs, mlp.batch_size) == ("adam", 12, 1000)
    assert cnn.optimizer == "rmsprop"


def test_a_config_survives_the_way_through_json() -> None:
    for recipe in RECIPES.values():
        for config in recipe.values():
            assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_changed_recipe_is_called_custom_but_another_seed_is_not_a_change() -> None:
    assert recipe_config("specified", "mlp", seed=7).recipe == "specified"
    assert recipe_config("specified", "mlp", epochs=3).recipe == "custom"


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "rnn"},
        {"optimizer": "sgdd"},
        {"schedule": "steps"},
        {"learning_rate": 0},
        {"learning_rate": 5},
        {"learning_rate": float("nan")},
        {"batch_size": 0},
        {"epochs": 0},
        {"epochs": 10**9},
        {"validation_digits": 0},
        {"seed": -1},
    ],
)
def test_impossible_settings_are_refused_with_what_is_expected(changes: dict[str, Any]) -> None:
    name = next(iter(changes))
    with pytest.raises(ConfigError, match=f"{name} is .*, expected"):
        TrainingConfig.from_json({**RECIPES["specified"]["mlp"].to_json(), **changes})


@pytest.mark.parametrize("values", [{"layers": 3}, {}, {"epochs": "many", "architecture": "mlp", "optimizer": "adam", "learning_rate": 0.1, "batch_size": 5}])
def test_unknown_missing_and_wrongly_typed_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        TrainingConfig.from_json(values)


def test_an_unknown_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="specified"):
        recipe_config("secret", "mlp")
