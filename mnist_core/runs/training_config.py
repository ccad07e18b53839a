"""The settings of a training: what each means, which values it takes, and its default.

>>> config = TrainingConfig("mlp", "adam", 0.005, batch_size=1000, epochs=12)
>>> config.schedule, config.validation_digits
('constant', 5000)
>>> print(SETTINGS["learning_rate"].help_text)
The size of a step of the optimizer, at the start. Expected: above 0 and at most 1.

A `TrainingConfig` is plain data. It is stored in run.json and can be sent to another process or machine as JSON.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from mnist_core.data.datasets import DIGIT_SETS, MNIST, OFFLINE, OWN_ARRAYS
from mnist_core.data.pen_sources import UCI_PENS
from mnist_core.errors import ConfigError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.precision import PRECISIONS
from mnist_core.runs.settings import Setting, described, setting_of

OPTIMIZERS = ("adam", "rmsprop")
SCHEDULES = ("constant", "cosine")
USUAL_VALIDATION_DIGITS = 5000
USUAL_PEN_FRACTION = 0.15
"""The fraction of an epoch's digits that come from pen strokes, where somebody names a file of them and no fraction."""


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of one training. Raises ConfigError for a setting of another type or out of its range.

    `SETTINGS` has the meaning, range and default of each. The settings from `width` on, except `precision`, `data` and
    `fraction`, belong to the robust recipe and are off by default.
    """

    architecture: str = field(metadata=described("The kind of network.", choices=ARCHITECTURES.keys()))
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
        default=USUAL_VALIDATION_DIGITS,
        metadata=described(
            "The number of training digits held out for validation, the same ones in every training. The epoch that "
            "predicts them best is kept. With augmentation or handwriting, distorted copies of them and digits of our "
            f"own generator count as well. With fewer than 25,000 training digits, {USUAL_VALIDATION_DIGITS:,} means a "
            "fifth of them.",
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
    pen_fraction: float = field(
        default=0.0,
        metadata=described(
            "The fraction of an epoch's digits that come from the strokes of real pens, each varied as another hand "
            "might write it. Where the file that `pens` means is missing, the training says so and runs without it.",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    pens: str = field(
        default=UCI_PENS,
        metadata=described(
            f"The file of pen strokes: {UCI_PENS} (7,494 digits of 30 writers), or one of your own.",
            choices=(UCI_PENS,),
            file_ending=".npz",
        ),
    )
    out_of_distribution: float = field(
        default=0.0,
        metadata=described(
            "The fraction of an epoch's samples that are no digits. The network learns to give all ten digits the same "
            "probability there (Hendrycks, Mazeika, Dietterich, 'Deep anomaly detection with outlier exposure', 2019). "
            "Below 1 together with handwriting and pen_fraction.",
            low=0,
            high=1,
            high_excluded=True,
        ),
    )
    teacher: str = field(
        default="",
        metadata=described(
            "The name of a run whose probabilities are learned instead of the labels (Hinton, Vinyals, Dean, "
            "'Distilling the knowledge in a neural network', 2015). Empty for none."
        ),
    )
    initial_run: str = field(
        default="",
        metadata=described(
            "The name of a run whose weights the training begins with, so that it learns more instead of anew. Same "
            "architecture and width, without batch normalisation. Empty for random weights."
        ),
    )
    initial_fraction: float = field(
        default=0.0,
        metadata=described(
            "The fraction of the initial run's weights in the weights that are kept; the training made the rest "
            "of them. The mean of both forgets less (Wortsman et al., 'Robust fine-tuning of zero-shot models', 2022).",
            low=0,
            high=1,
            high_excluded=True,
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
            "(Loshchilov, Hutter, 'Decoupled weight decay regularization', 2019).",
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
            "it, and slow on others. 'fastest' is mixed_bfloat16 on processors that have it, and float32 elsewhere. A "
            "run stores which one it was.",
            choices=PRECISIONS,
        ),
    )
    data: str = field(
        default=MNIST,
        metadata=described(
            f"The digits to learn from and to test with: {MNIST}, {OFFLINE} (small, needs no download), or a file of "
            "your own.",
            choices=(*DIGIT_SETS, OWN_ARRAYS),
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
        if self.out_of_distribution + self.handwriting + self.pen_fraction >= 1:
            raise ConfigError(
                f"out_of_distribution is {self.out_of_distribution!r}, handwriting is {self.handwriting!r} and "
                f"pen_fraction is {self.pen_fraction!r}, expected less than 1 together."
            )
        if self.initial_run and self.normalisation:
            raise ConfigError(
                f"initial_run is {self.initial_run!r} together with batch normalisation, expected one or the other: "
                "the weights of a run are those without normalisation. Set normalisation to false."
            )
        if self.initial_fraction and not self.initial_run:
            raise ConfigError(
                f"initial_fraction is {self.initial_fraction!r} without an initial run. Name one with initial_run."
            )
        if self.ema_epochs > self.epochs:
            raise ConfigError(
                f"ema_epochs is {self.ema_epochs!r}, expected at most the number of epochs, {self.epochs}."
            )

    @property
    def prepares_digits(self) -> bool:
        """Whether an epoch is more than the labelled digits as they are."""
        return bool(
            self.augmentation
            or self.handwriting
            or self.pen_fraction
            or self.out_of_distribution
            or self.teacher
            or self.label_smoothing
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
