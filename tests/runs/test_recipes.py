"""Training settings are checked at the border and travel as plain data."""

import json
from typing import Any

import pytest

from mnist_core.errors import ConfigError
from mnist_core.runs.recipes import (
    RECIPES,
    TrainingConfig,
    differences,
    fast_precision,
    fitted_to,
    on_this_machine,
    recipe_config,
)


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


@pytest.mark.parametrize(
    "values",
    [
        {"layers": 3},
        {},
        {"epochs": "many", "architecture": "mlp", "optimizer": "adam", "learning_rate": 0.1, "batch_size": 5},
    ],
)
def test_unknown_and_missing_settings_and_those_of_another_type_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        TrainingConfig.from_json(values)


def test_an_unknown_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="specified"):
        recipe_config("secret", "mlp")


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("flags : fpu avx512_bf16 avx2", "mixed_bfloat16"),
        ("amx_bf16", "mixed_bfloat16"),
        ("fpu avx2 avx512_bf16x", "float32"),
        ("", "float32"),
    ],
)
def test_bfloat16_is_used_only_where_the_processor_has_it(
    flags: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fast_precision(flags) == precision
    monkeypatch.setattr("mnist_core.runs.recipes.fast_precision", lambda: precision)
    assert on_this_machine(RECIPES["specified"]["cnn"]).precision == precision
    assert on_this_machine(RECIPES["specified"]["mlp"]).precision == "float32"


def test_differences_name_what_was_changed_and_nothing_else() -> None:
    usual = RECIPES["specified"]["mlp"]
    assert differences(usual, usual) == {}
    assert differences(recipe_config("specified", "mlp", epochs=2, width=2.0), usual) == {
        "epochs": (12, 2),
        "width": (1.0, 2.0),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": "3"},
        {"epochs": 2.5},
        {"seed": True},
        {"normalisation": "yes"},
        {"teacher": None},
        {"fraction": 0},
        {"data": "kmnist"},
    ],
)
def test_a_setting_of_another_type_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(changes))):
        recipe_config("specified", "mlp", **changes)


@pytest.mark.parametrize(
    ("training_digits", "changes", "expected"),
    [
        (60_000, {}, 5000),
        (25_000, {}, 5000),
        (24_995, {}, 4999),
        (3, {}, 1),
        (300, {"validation_digits": 200}, 200),
    ],
)
def test_a_small_data_set_has_fewer_validation_digits_unless_somebody_chose_their_number(
    training_digits: int, changes: dict[str, int], expected: int
) -> None:
    config = recipe_config("specified", "mlp", **changes)
    assert fitted_to(config, training_digits).validation_digits == expected
