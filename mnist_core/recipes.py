"""What a training may be told, and the named recipes.

    >>> RECIPES["specified"]["mlp"].epochs
    12

A config is plain data: it goes into run.json, over a pipe or to another machine as it is.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from mnist_core.architectures import ARCHITECTURES
from mnist_core.errors import ConfigError

OPTIMIZERS = ("adam", "rmsprop")
SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one training. Raises ConfigError for any that is out of its range.

    learning_rate: at the start. schedule: 'constant', or 'cosine' down to a hundredth of it at the last batch.
    validation_digits: held out of the 60,000, the same ones in every training; the epoch that reads them best is kept.
    """

    architecture: str
    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    recipe: str = "custom"
    schedule: str = "constant"
    validation_digits: int = 5000
    seed: int = 1

    def __post_init__(self) -> None:
        _check(self.architecture in ARCHITECTURES, "architecture", self.architecture, f"one of {', '.join(ARCHITECTURES)}")
        _check(self.optimizer in OPTIMIZERS, "optimizer", self.optimizer, f"one of {', '.join(OPTIMIZERS)}")
        _check(self.schedule in SCHEDULES, "schedule", self.schedule, f"one of {', '.join(SCHEDULES)}")
        _check(0 < self.learning_rate <= 1, "learning_rate", self.learning_rate, "above 0 and at most 1")
        _check(1 <= self.batch_size <= 10_000, "batch_size", self.batch_size, "1 to 10,000")
        _check(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1,000")
        _check(1 <= self.validation_digits <= 30_000, "validation_digits", self.validation_digits, "1 to 30,000")
        _check(0 <= self.seed < 2**32, "seed", self.seed, "0 to 4,294,967,295")

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingConfig":
        """The way back. Raises ConfigError for a setting that is unknown or of the wrong type."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ConfigError(f"Unknown settings {', '.join(unknown)}; expected some of {', '.join(sorted(known))}.")
        try:
            return cls(**values)
        except TypeError as error:
            raise ConfigError(f"The settings are incomplete or of a wrong type ({error}).") from error


def _check(holds: bool, name: str, received: object, expected: str) -> None:
    if not holds:
        raise ConfigError(f"{name} is {received!r}, expected {expected}.")


RECIPES: dict[str, dict[str, TrainingConfig]] = {
    "specified": {
        "mlp": TrainingConfig("mlp", "adam", 0.005, batch_size=1000, epochs=12, schedule="cosine", recipe="specified"),
        "cnn": TrainingConfig("cnn", "rmsprop", 0.001, batch_size=128, epochs=12, schedule="cosine", recipe="specified"),
    },
}
"""By recipe, then architecture. Learning rates and schedules were chosen on the validation digits, see docs/models.md."""


def recipe_config(recipe: str, architecture: str, **changes: Any) -> TrainingConfig:
    """The recipe's config for that architecture. Any change to it but the seed makes it 'custom'."""
    _check(recipe in RECIPES, "recipe", recipe, f"one of {', '.join(RECIPES)}")
    _check(architecture in RECIPES[recipe], "architecture", architecture, f"one of {', '.join(RECIPES[recipe])}")
    config = RECIPES[recipe][architecture]
    changed = replace(config, **changes)
    return changed if replace(changed, seed=config.seed) == config else replace(changed, recipe="custom")
