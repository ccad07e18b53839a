"""The options by which `train`, `estimate` and `sweep` are told the settings of a training."""

import json
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mnist_core.cli.digit_sources import add_data_option
from mnist_core.errors import ConfigError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.file_format import upgraded_config
from mnist_core.runs.recipes import RECIPES, SETTINGS, USUAL_PEN_FRACTION, TrainingConfig, recipe_config

CHOSEN_OTHERWISE = ("architecture", "recipe", "data")
"""Settings with an option or argument that is written by hand below."""


def add_training_options(parser: ArgumentParser) -> None:
    """Add the architecture, the recipe, --config and an option for each setting."""
    parser.usage = f"{parser.prog} [-h] [{' | '.join(ARCHITECTURES)}] [OPTION ...]"
    parser.add_argument(
        "architecture",
        nargs="?",
        choices=list(ARCHITECTURES),
        help=f"the kind of network: {' or '.join(ARCHITECTURES)}",
    )
    add_recipe_option(parser)
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="a JSON file of settings or a run.json, instead of a recipe; - reads one line from standard input",
    )
    add_setting_options(parser)


def add_recipe_option(parser: ArgumentParser) -> None:
    """Add --recipe."""
    parser.add_argument(
        "--recipe",
        choices=list(RECIPES),
        help="the settings to begin with (default: specified). An option below changes one of them",
    )


def add_setting_options(parser: ArgumentParser, *, without: Collection[str] = ()) -> None:
    """Add an option for each setting. without: names of settings that get none."""
    group = parser.add_argument_group(
        "settings",
        "A change to any setting but the seed makes the recipe 'custom'.\nThe defaults are those of the recipe.",
    )
    add_data_option(group, "the digits to train and test with (default: mnist)")
    for name in SETTINGS:
        if name not in CHOSEN_OTHERWISE and name not in without:
            _add_setting(group, name)


def _add_setting(group: Any, name: str) -> None:
    """Add the option of one setting. Its help has the meaning, the accepted values and the default of each recipe."""
    setting = SETTINGS[name]
    option, text = "--" + _dashed(name), setting.help.rstrip(".")
    if setting.type is bool:
        group.add_argument(
            option, action=BooleanOptionalAction, default=None, help=f"{text} ({_defaults(name)})".replace("%", "%%")
        )
        return
    expected = setting.expected
    group.add_argument(
        option,
        type=setting.type,
        choices=None if setting.file_ending else setting.choices or None,
        metavar={int: "NUMBER", float: "NUMBER"}.get(setting.type, name.rpartition("_")[2].upper()),
        help=f"{text} ({expected}; {_defaults(name)})".replace("%", "%%"),
    )


def _defaults(name: str) -> str:
    """The default of a setting, or those of the recipes where they differ.

    >>> _defaults("dropout")
    'default: 0.0'
    >>> _defaults("optimizer")
    'default: adam; specified cnn rmsprop'
    """
    values = {
        f"{recipe} {architecture}": getattr(config, name)
        for recipe, configs in RECIPES.items()
        for architecture, config in configs.items()
    }
    usual = max(values.values(), key=list(values.values()).count)
    others = "".join(f"; {where} {_text(value)}" for where, value in values.items() if value != usual)
    return f"default: {_text(usual)}{others}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value != "" else "none"


def given_settings(options: Namespace) -> dict[str, Any]:
    """The settings for which the options have a value, by name, without architecture and recipe."""
    names = [name for name in SETTINGS if name not in ("architecture", "recipe")]
    return {name: value for name in names if (value := getattr(options, name, None)) is not None}


def config_of(options: Namespace) -> TrainingConfig:
    """The config that the options describe. Raises ConfigError for settings that do not fit together."""
    changes = given_settings(options)
    if "pens" in changes and "pen_fraction" not in changes and options.architecture:
        recipe = RECIPES[options.recipe or "specified"].get(options.architecture)
        if recipe is not None and not recipe.pen_fraction:  # whoever names pen strokes wants to train with them
            changes["pen_fraction"] = USUAL_PEN_FRACTION
    if options.config:
        if options.architecture or options.recipe or changes:
            given = [options.architecture, options.recipe and "--recipe", *("--" + _dashed(name) for name in changes)]
            raise ConfigError(
                f"Received --config together with {', '.join(filter(None, given))}; expected one or the other. "
                "Change the file instead."
            )
        return TrainingConfig.from_json(upgraded_config(_config_values(options.config)))
    if not options.architecture:
        raise ConfigError(f"Nothing says what to train. Name {' or '.join(ARCHITECTURES)}, or a file with --config.")
    return recipe_config(options.recipe or "specified", options.architecture, **changes)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _config_values(file: str) -> dict[str, Any]:
    """The settings in a JSON file, in a run.json, or in a line on standard input."""
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
        values = json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be read as a config ({error}). Name a JSON file with settings, or a run.json."
        ) from error
    values = values.get("config", values) if isinstance(values, dict) else values
    if not isinstance(values, dict):
        raise ConfigError(f"{file} holds {type(values).__name__}; expected a JSON object with settings.")
    return values
