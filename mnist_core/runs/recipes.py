"""The settings of a training, and the named recipes.

    >>> RECIPES["specified"]["mlp"].epochs
    12
    >>> print(SETTINGS["learning_rate"].help_text)
    The size of a step of the optimizer, at the start. Expected: above 0 and at most 1.

A `TrainingConfig` is plain data. It is stored in run.json and can be sent to another process or machine as JSON. The
recipes belong to the architectures, see `mnist_core.models.architecture`.
"""

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mnist_core.data.datasets import DIGIT_SETS, MNIST, OFFLINE
from mnist_core.errors import ConfigError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.settings import Setting, described, setting_of

FASTEST = "fastest"
OPTIMIZERS = ("adam", "rmsprop")
SCHEDULES = ("constant", "cosine")
PRECISIONS = ("float32", "mixed_bfloat16", FASTEST)

OFFLINE_VALIDATION = 287
"""Digits held out of the offline set for validation: a fifth of its 1,437 training digits."""


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of one training. Raises ConfigError for a setting of another type or out of its range.

    `SETTINGS` has the meaning, range and default of each. The settings from `width` on, except `precision`, `data` and
    `fraction`, belong to the robust recipe and are off by default.
    """

    architecture: str = field(metadata=described("The kind of network.", choices=tuple(ARCHITECTURES)))
    optimizer: str = field(metadata=described("The rule by which the weights are changed.", choices=OPTIMIZERS))
    learning_rate: float = field(
        metadata=described("The size of a step of the optimizer, at the start.", low=0, high=1, low_excluded=True)
    )
    batch_size: int = field(
        metadata=described("The number of digits in one step of the optimizer.", unit="digits", low=1, high=10_000)
    )
    epochs: int = field(metadata=described("How often the training digits are gone through.", low=1, high=1000))
    recipe: str = field(
        default="custom", metadata=described("The name of the recipe, or 'custom' if a setting differs from it.")
    )
    schedule: str = field(
        default="constant",
        metadata=described(
            "How the learning rate changes: 'constant', or 'cosine' for a fall to a hundredth of it at the last batch.",
            choices=SCHEDULES,
        ),
    )
    validation_digits: int = field(
        default=5000,
        metadata=described(
            "The number of training digits held out for validation, the same ones in every training. The epoch that "
            "predicts "
            "them best is kept. With augmentation or handwriting, distorted copies of them and digits of our own "
            "generator count as well.",
            unit="digits",
            low=1,
            high=30_000,
        ),
    )
    seed: int = field(
        default=1,
        metadata=described(
            "The start of all random numbers. The same seed gives the same run on the same machine.",
            low=0,
            high=2**32 - 1,
        ),
    )
    width: float = field(
        default=1.0, metadata=described("A factor on the sizes of the hidden layers.", low=0.1, high=8)
    )
    augmentation: float = field(
        default=0.0,
        metadata=described(
            "The strength by which each digit is rotated, slanted, stretched, bent and redrawn, differently in each "
            "epoch. 0 leaves it as it is.",
            low=0,
            high=3,
        ),
    )
    handwriting: float = field(
        default=0.0,
        metadata=described(
            "The fraction of an epoch's digits that our own generator writes, in styles that MNIST lacks.",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    out_of_distribution: float = field(
        default=0.0,
        metadata=described(
            "The fraction of an epoch's samples that are no digits. The network learns to give all ten digits the same "
            "probability there "
            "(Hendrycks, Mazeika, Dietterich, 'Deep anomaly detection with outlier exposure', 2019). Below 1 together "
            "with handwriting.",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    teacher: str = field(
        default="",
        metadata=described(
            "The name of a run whose probabilities are learned instead of the labels (Hinton, Vinyals, Dean, "
            "'Distilling the knowledge in a "
            "neural network', 2015). Empty for none."
        ),
    )
    distillation_temperature: float = field(
        default=1.0,
        metadata=described(
            "The temperature of the teacher's probabilities. Above 1 they are more even, so that they say more about "
            "the second and third digit.",
            low=1,
            high=100,
        ),
    )
    repeats: int = field(
        default=1,
        metadata=described(
            "The number of epochs for which a prepared epoch of digits is used. Above 1 for a model that trains faster "
            "than digits are prepared.",
            unit="epochs",
            low=1,
            high=1000,
        ),
    )
    label_smoothing: float = field(
        default=0.0,
        metadata=described(
            "The fraction of the target probability that is spread over all ten digits.",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    normalisation: bool = field(
        default=False, metadata=described("Whether batch normalisation acts in training. The stored model has none.")
    )
    dropout: float = field(
        default=0.0,
        metadata=described(
            "The fraction of features that are left out at random in training.", low=0, high=1, high_excluded=True
        ),
    )
    weight_decay: float = field(
        default=0.0,
        metadata=described(
            "The fraction of each weight, times the learning rate, that is subtracted from it at each step "
            "(Loshchilov, Hutter, "
            "'Decoupled weight decay regularization', 2019).",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    ema_epochs: float = field(
        default=0.0,
        metadata=described(
            "The number of epochs over which an exponential moving average of the weights is taken. 0 for none. At "
            "most the number of epochs.",
            unit="epochs",
            low=0,
            high=1000,
        ),
    )
    calibrated: bool = field(
        default=False,
        metadata=described("Whether a temperature, fitted on validation digits, is folded into the last layer."),
    )
    precision: str = field(
        default="float32",
        metadata=described(
            "The arithmetic in training. 'mixed_bfloat16' is about 1.6 times as fast for a CNN on processors that have "
            "it, and slow on others. "
            "'fastest' is mixed_bfloat16 on processors that have it, and float32 elsewhere. A run stores which one it "
            "was.",
            choices=PRECISIONS,
        ),
    )
    data: str = field(
        default=MNIST,
        metadata=described(
            f"The digits to learn from and to test with: {MNIST}, {OFFLINE} (small, needs no download), or a file of "
            "your own.",
            choices=tuple(DIGIT_SETS),
            file_ending=".npz",
        ),
    )
    fraction: float = field(
        default=1.0,
        metadata=described(
            "The fraction of the training digits that is used, the same ones for every seed. The validation digits are "
            "not among them.",
            low=0.005,
            high=1,
        ),
    )
    early_stopping: int = field(
        default=0,
        metadata=described(
            "The training ends after this number of epochs without a better one. 0 for never.",
            unit="epochs",
            low=0,
            high=1000,
        ),
    )

    def __post_init__(self) -> None:
        for setting in SETTINGS.values():
            setting.check(getattr(self, setting.name))
        if self.out_of_distribution + self.handwriting >= 1:
            raise ConfigError(
                f"out_of_distribution is {self.out_of_distribution!r} and handwriting is {self.handwriting!r}, "
                "expected "
                "less than 1 together."
            )
        if self.ema_epochs > self.epochs:
            raise ConfigError(
                f"ema_epochs is {self.ema_epochs!r}, expected at most the number of epochs, {self.epochs}."
            )

    @property
    def prepares_digits(self) -> bool:
        """Whether an epoch is more than the labelled digits as they are."""
        return bool(
            self.augmentation or self.handwriting or self.out_of_distribution or self.teacher or self.label_smoothing
        )

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingConfig":
        """The config with these settings. Raises ConfigError for one that is unknown, missing or of another type."""
        if unknown := sorted(set(values) - set(SETTINGS)):
            raise ConfigError(f"Unknown settings {', '.join(unknown)}; expected some of {', '.join(sorted(SETTINGS))}.")
        try:
            return cls(**values)
        except TypeError as error:
            raise ConfigError(f"The settings are incomplete or of another type ({error}).") from error


SETTINGS: dict[str, Setting] = {each.name: setting_of(each) for each in fields(TrainingConfig)}
"""Each setting by its name: meaning, type, range and default. The checks, the command line's help and the form use it.
"""


def _recipes() -> dict[str, dict[str, TrainingConfig]]:
    recipes: dict[str, dict[str, TrainingConfig]] = {}
    for name, architecture in ARCHITECTURES.items():
        for recipe, settings in architecture.recipes.items():
            config = TrainingConfig.from_json({**settings, "architecture": name, "recipe": recipe})
            recipes.setdefault(recipe, {})[name] = config
    return recipes


RECIPES: dict[str, dict[str, TrainingConfig]] = _recipes()
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


def on_this_machine(config: TrainingConfig) -> TrainingConfig:
    """The config with 'fastest' replaced by the fastest precision of this machine."""
    return replace(config, precision=fast_precision()) if config.precision == FASTEST else config


def fast_precision(cpu_flags: str | None = None) -> str:
    """'mixed_bfloat16' where this machine's processor has bfloat16 arithmetic, else 'float32'. A CNN gains from it, an
    MLP does not.

    cpu_flags: in the form of /proc/cpuinfo, which is read if they are not given. Without that file, on macOS and
    Windows, it is 'float32'.

    >>> fast_precision("fpu avx2 avx512_bf16")
    'mixed_bfloat16'
    """
    if cpu_flags is None:
        try:
            cpu_flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            cpu_flags = ""
    return "mixed_bfloat16" if {"avx512_bf16", "amx_bf16"} & set(cpu_flags.split()) else "float32"
