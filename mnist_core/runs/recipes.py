"""The named recipes: configs of trainings that were chosen with care, for each architecture.

    >>> RECIPES["specified"]["mlp"].epochs
    12
    >>> recipe_config("specified", "cnn", epochs=3).recipe
    'custom'

The recipes belong to the architectures, see `mnist_core.models.architecture`. The module also offers what the settings
consist of, from `training_config` and `precision`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mnist_core.data.datasets import OFFLINE
from mnist_core.errors import ConfigError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.precision import FASTEST, PRECISIONS, fast_precision
from mnist_core.runs.training_config import (
    OPTIMIZERS,
    SCHEDULES,
    SETTINGS,
    USUAL_PEN_FRACTION,
    USUAL_VALIDATION_DIGITS,
    TrainingConfig,
)

__all__ = [
    "FASTEST",
    "OPTIMIZERS",
    "PRECISIONS",
    "RECIPES",
    "SCHEDULES",
    "SETTINGS",
    "USUAL_PEN_FRACTION",
    "TrainingConfig",
    "differences",
    "fast_precision",
    "fitted_to",
    "on_this_machine",
    "recipe_config",
]

VALIDATION_FRACTION = 0.2
"""The fraction of the training digits of a small data set that is held out for validation."""

OFFLINE_VALIDATION = 287
"""Digits held out of the offline set for validation: a fifth of its 1,437 training digits."""


class Recipes(Mapping[str, dict[str, TrainingConfig]]):
    """The configs by recipe, then architecture, of all architectures that are registered at the moment."""

    def __getitem__(self, recipe: str) -> dict[str, TrainingConfig]:
        configs = {
            name: TrainingConfig.from_json({**architecture.recipes[recipe], "architecture": name, "recipe": recipe})
            for name, architecture in ARCHITECTURES.items()
            if recipe in architecture.recipes
        }
        if not configs:
            raise KeyError(recipe)
        return configs

    def __iter__(self) -> Iterator[str]:
        names = [recipe for architecture in ARCHITECTURES.values() for recipe in architecture.recipes]
        return iter(dict.fromkeys(names))  # each once, in the order of the first architecture

    def __len__(self) -> int:
        return len(list(iter(self)))


RECIPES: Mapping[str, Mapping[str, TrainingConfig]] = Recipes()
"""The configs by recipe, then architecture. Not every architecture has every recipe, but each has 'specified'."""


def recipe_config(recipe: str, architecture: str, **changes: Any) -> TrainingConfig:
    """The config of a recipe for an architecture. Any change to it but the seed makes it 'custom'.

    With the offline set, `validation_digits` is 287 unless it is among the changes, because the set has fewer than
    5,000 digits. Raises ConfigError for an unknown recipe or architecture, and for a setting out of its range.

    >>> recipe_config("specified", "mlp", seed=7).recipe, recipe_config("specified", "mlp", epochs=3).recipe
    ('specified', 'custom')
    """
    _check_known(recipe, "recipe", tuple(RECIPES))
    _check_known(architecture, "architecture", tuple(RECIPES[recipe]))
    config = RECIPES[recipe][architecture]
    if changes.get("data") == OFFLINE:
        changes.setdefault("validation_digits", OFFLINE_VALIDATION)
    if unknown := sorted(set(changes) - set(SETTINGS)):
        raise ConfigError(f"Unknown settings {', '.join(unknown)}; expected some of {', '.join(sorted(SETTINGS))}.")
    changed = replace(config, **changes)
    return changed if replace(changed, seed=config.seed) == config else replace(changed, recipe="custom")


def _check_known(name: str, kind: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ConfigError(f"{kind} is {name!r}, expected one of {', '.join(known)}.")


def differences(config: TrainingConfig, reference: TrainingConfig) -> dict[str, tuple[Any, Any]]:
    """The settings in which a config differs from another: name to (reference's value, config's value). The recipe's
    name is left out.
    """
    return {
        name: (getattr(reference, name), getattr(config, name))
        for name in SETTINGS
        if name != "recipe" and getattr(config, name) != getattr(reference, name)
    }


def fitted_to(config: TrainingConfig, training_digits: int) -> TrainingConfig:
    """The config with fewer validation digits for a small data set: a fifth of its training digits.

    A number of validation digits that somebody chose, so any but the usual 5,000, stays as it is.

    >>> config = recipe_config("specified", "mlp")
    >>> fitted_to(config, 60_000).validation_digits, fitted_to(config, 300).validation_digits
    (5000, 60)
    """
    if config.validation_digits != USUAL_VALIDATION_DIGITS:
        return config
    few = max(1, int(training_digits * VALIDATION_FRACTION))
    return replace(config, validation_digits=min(config.validation_digits, few))


def on_this_machine(config: TrainingConfig) -> TrainingConfig:
    """The config with 'fastest' replaced by the fastest precision of this machine."""
    return replace(config, precision=fast_precision()) if config.precision == FASTEST else config
