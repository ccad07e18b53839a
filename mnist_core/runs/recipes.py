"""What a training may be told, and the named recipes.

    >>> RECIPES["specified"]["mlp"].epochs
    12

A config is plain data: it goes into run.json, over a pipe or to another machine as it is.
"""

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mnist_core.data.datasets import DIGIT_SETS, MNIST, OFFLINE, is_digit_set_name
from mnist_core.errors import ConfigError
from mnist_core.models.architectures import ARCHITECTURES

FASTEST = "fastest"
OPTIMIZERS = ("adam", "rmsprop")
SCHEDULES = ("constant", "cosine")
OFFLINE_VALIDATION = 287
KINDS: dict[Any, str] = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
PRECISIONS = ("float32", "mixed_bfloat16", FASTEST)


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one training. Raises ConfigError for any that is out of its range.

    learning_rate: at the start. schedule: 'constant', or 'cosine' down to a hundredth of it at the last batch.
    validation_digits: held out of the 60,000, the same ones in every training; the epoch that reads them best is kept (with augmentation or
    handwriting: them, bent copies of them and digits that the generator writes with another seed).

    What the robust recipe adds; as they stand here, each is off:
    width: factor on the sizes of the hidden layers.
    augmentation: strength, see `augmentation.augment`; 0 shows each digit as it is.
    handwriting: share of an epoch's digits that our own generator writes, in styles that MNIST lacks.
    scribbles: share of an epoch that is no digit; the network learns to find all ten equally likely there (Hendrycks, Mazeika, Dietterich,
    "Deep anomaly detection with outlier exposure", 2019).
    teacher: name of the run whose probabilities are learned instead of the labels (Hinton, Vinyals, Dean, "Distilling the knowledge in a neural
    network", 2015); empty for none.
    softening: temperature by which the teacher's opinion is made less sure, so that it tells more of the runners-up; 1 leaves it.
    repeats: epochs for which a prepared epoch of digits is used; above 1 for a model that trains faster than digits are prepared.
    label_smoothing: share of the probability that is spread over all ten digits.
    normalisation, dropout: batch normalisation, and the share of features left out; both act in training only.
    weight_decay: share of every weight, times the learning rate, that is taken off it at each step (Loshchilov, Hutter, "Decoupled weight decay", 2019).
    averaging: epochs over which the weights are averaged, exponentially fading; 0 for none.
    calibrated: whether a temperature, fitted on validation digits, goes into the last layer.
    precision: of the arithmetic in training; 'mixed_bfloat16' is 1.6 times as fast for a CNN on processors that have it, and slow on others.
    'fastest' is the one where the processor has it and float32 elsewhere; a run says which it was.
    data: the digit set, one of `datasets.DIGIT_SETS` or the path of an .npz file.
    share: of the training digits that are used, the same ones whatever the seed; the validation digits are not among them.
    early_stopping: epochs without a better one after which the training ends by itself; 0 for never.
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
    width: float = 1.0
    augmentation: float = 0.0
    handwriting: float = 0.0
    out_of_distribution: float = 0.0
    teacher: str = ""
    distillation_temperature: float = 1.0
    repeats: int = 1
    label_smoothing: float = 0.0
    normalisation: bool = False
    dropout: float = 0.0
    weight_decay: float = 0.0
    ema_epochs: float = 0.0
    calibrated: bool = False
    precision: str = "float32"
    data: str = MNIST
    fraction: float = 1.0
    early_stopping: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if field.type in (int, float):
                fits = whole or (field.type is float and isinstance(value, float))
            else:
                fits = isinstance(value, bool if field.type is bool else str)
            _check(fits, field.name, value, KINDS[field.type])
        _check(
            self.architecture in ARCHITECTURES, "architecture", self.architecture, f"one of {', '.join(ARCHITECTURES)}"
        )
        _check(self.optimizer in OPTIMIZERS, "optimizer", self.optimizer, f"one of {', '.join(OPTIMIZERS)}")
        _check(self.schedule in SCHEDULES, "schedule", self.schedule, f"one of {', '.join(SCHEDULES)}")
        _check(0 < self.learning_rate <= 1, "learning_rate", self.learning_rate, "above 0 and at most 1")
        _check(1 <= self.batch_size <= 10_000, "batch_size", self.batch_size, "1 to 10,000")
        _check(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1,000")
        _check(1 <= self.validation_digits <= 30_000, "validation_digits", self.validation_digits, "1 to 30,000")
        _check(0 <= self.seed < 2**32, "seed", self.seed, "0 to 4,294,967,295")
        _check(0.1 <= self.width <= 8, "width", self.width, "0.1 to 8")
        _check(0 <= self.augmentation <= 3, "augmentation", self.augmentation, "0 to 3")
        _check(0 <= self.handwriting < 1, "handwriting", self.handwriting, "0 to below 1")
        _check(
            0 <= self.out_of_distribution < 1 - self.handwriting,
            "out_of_distribution",
            self.out_of_distribution,
            "0 to below 1, together with handwriting",
        )
        _check(
            1 <= self.distillation_temperature <= 100,
            "distillation_temperature",
            self.distillation_temperature,
            "1 to 100",
        )
        _check(1 <= self.repeats <= 1000, "repeats", self.repeats, "1 to 1,000")
        _check(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "0 to below 1")
        _check(0 <= self.dropout < 1, "dropout", self.dropout, "0 to below 1")
        _check(0 <= self.weight_decay < 1, "weight_decay", self.weight_decay, "0 to below 1")
        _check(0 <= self.ema_epochs <= self.epochs, "ema_epochs", self.ema_epochs, "0 to the number of epochs")
        _check(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        data_sets = f"one of {', '.join(DIGIT_SETS)}, or the path of an .npz file"
        _check(is_digit_set_name(self.data), "data", self.data, data_sets)
        _check(0.005 <= self.fraction <= 1, "fraction", self.fraction, "0.005 to 1")
        _check(0 <= self.early_stopping <= 1000, "early_stopping", self.early_stopping, "0 to 1,000")

    @property
    def prepares_digits(self) -> bool:
        """Whether an epoch is more than the labelled digits as they are."""
        return bool(
            self.augmentation or self.handwriting or self.out_of_distribution or self.teacher or self.label_smoothing
        )

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
        "cnn": TrainingConfig(
            "cnn", "rmsprop", 0.001, batch_size=128, epochs=12, schedule="cosine", recipe="specified", precision=FASTEST
        ),
    },
    "robust": {
        "mlp": TrainingConfig(
            "mlp",
            "adam",
            0.003,
            batch_size=500,
            epochs=160,
            schedule="cosine",
            recipe="robust",
            augmentation=0.8,
            handwriting=0.2,
            out_of_distribution=0.02,
            teacher="cnn-robust",
            distillation_temperature=2.0,
            repeats=16,
            calibrated=True,
        ),
        "cnn": TrainingConfig(
            "cnn",
            "adam",
            0.002,
            batch_size=125,
            epochs=12,
            schedule="cosine",
            recipe="robust",
            width=1.5,
            augmentation=0.8,
            handwriting=0.2,
            out_of_distribution=0.05,
            normalisation=True,
            calibrated=True,
            precision=FASTEST,
        ),
    },
}
"""By recipe, then architecture. Learning rates and schedules were chosen on the validation digits, see docs/models.md."""


def recipe_config(recipe: str, architecture: str, **changes: Any) -> TrainingConfig:
    """The recipe's config for that architecture. Any change to it but the seed makes it 'custom'.

    On the offline set a fifth of its training digits is held out unless `validation_digits` says otherwise: 5,000 are more than there are.
    """
    _check(recipe in RECIPES, "recipe", recipe, f"one of {', '.join(RECIPES)}")
    _check(architecture in RECIPES[recipe], "architecture", architecture, f"one of {', '.join(RECIPES[recipe])}")
    config = RECIPES[recipe][architecture]
    if changes.get("data") == OFFLINE:
        changes.setdefault("validation_digits", OFFLINE_VALIDATION)
    changed = replace(config, **changes)
    return changed if replace(changed, seed=config.seed) == config else replace(changed, recipe="custom")


def differences(config: TrainingConfig, reference: TrainingConfig) -> dict[str, tuple[Any, Any]]:
    """The settings in which a config differs from another: name to (reference's value, config's value). The recipe's name is none."""
    return {
        field.name: (getattr(reference, field.name), getattr(config, field.name))
        for field in fields(TrainingConfig)
        if field.name != "recipe" and getattr(config, field.name) != getattr(reference, field.name)
    }


def on_this_machine(config: TrainingConfig) -> TrainingConfig:
    """The config with the arithmetic that 'fastest' stands for here."""
    return replace(config, precision=fast_precision()) if config.precision == FASTEST else config


def fast_precision(cpu_flags: str | None = None) -> str:
    """'mixed_bfloat16' where this machine's processor has bfloat16 arithmetic, else 'float32'. A CNN gains from it, an MLP does not.

    cpu_flags: as in /proc/cpuinfo, which is read unless they are given; elsewhere than on Linux it is float32.
    """
    if cpu_flags is None:
        try:
            cpu_flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            cpu_flags = ""
    return "mixed_bfloat16" if {"avx512_bf16", "amx_bf16"} & set(cpu_flags.split()) else "float32"
