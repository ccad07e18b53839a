"""Each setting says what it means and what it accepts, and refuses everything else in the same words."""

import inspect

import pytest

from mnist_core.errors import ConfigError
from mnist_core.runs.recipes import RECIPES, SETTINGS, TrainingConfig, recipe_config
from mnist_core.runs.settings import Setting


def test_each_setting_of_a_training_has_help_that_says_what_is_accepted_and_usual() -> None:
    assert set(SETTINGS) == set(inspect.signature(TrainingConfig).parameters)
    for setting in SETTINGS.values():
        assert len(setting.help) > 15
        assert setting.help.endswith(".")
        assert setting.expected in setting.help_text
    assert "Default: 5,000." in SETTINGS["validation_digits"].help_text
    assert "Default: false." in SETTINGS["calibrated"].help_text
    assert "In epochs." in SETTINGS["repeats"].help_text
    assert "above 0 and at most 1" in SETTINGS["learning_rate"].help_text


@pytest.mark.parametrize("setting", [each for each in SETTINGS.values() if each.low is not None], ids=lambda s: s.name)
def test_the_limits_that_the_help_names_are_those_of_the_check(setting: Setting) -> None:
    assert setting.low is not None
    assert setting.high is not None
    for limit, excluded, beyond in (
        (setting.low, setting.low_excluded, setting.low - 1),
        (setting.high, setting.high_excluded, setting.high + 1),
    ):
        if excluded:
            with pytest.raises(ConfigError, match=f"{setting.name} is"):
                setting.check(setting.type(limit))
        else:
            setting.check(setting.type(limit))
        with pytest.raises(ConfigError, match=f"{setting.name} is .* expected {setting.expected}"):
            setting.check(setting.type(beyond))


@pytest.mark.parametrize("name", [each.name for each in SETTINGS.values() if each.choices])
def test_each_choice_is_accepted_and_others_are_refused_with_the_choices(name: str) -> None:
    setting = SETTINGS[name]
    for choice in setting.choices:
        setting.check(choice)
    with pytest.raises(ConfigError, match=f"{name} is 'no such', expected one of {next(iter(setting.choices))}"):
        setting.check("no such")


@pytest.mark.parametrize("changes", [{"handwriting": 0.5, "out_of_distribution": 0.5}, {"epochs": 3, "ema_epochs": 4}])
def test_settings_that_exclude_each_other_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"expected (less than 1 together|at most the number of epochs)"):
        recipe_config("specified", "mlp", **changes)


def test_an_unknown_change_of_a_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"Unknown settings layers.*weight_decay"):
        recipe_config("specified", "mlp", layers=3)


def test_data_may_be_a_file_with_digits() -> None:
    assert recipe_config("specified", "mlp", data="mine/digits.npz").data == "mine/digits.npz"


def test_the_recipes_are_those_of_the_architectures() -> None:
    assert list(RECIPES) == ["specified", "robust"]
    for recipe, configs in RECIPES.items():
        assert list(configs) == ["mlp", "cnn"]
        assert all(config.recipe == recipe and config.architecture == name for name, config in configs.items())
