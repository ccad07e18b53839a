"""The settings of a training with their meaning, choices and range, for the help of the command line."""

from dataclasses import dataclass, fields
from typing import Any

from mnist_core.runs.recipes import OPTIMIZERS, PRECISIONS, SCHEDULES, TrainingConfig


@dataclass(frozen=True)
class Setting:
    """One setting. help: its meaning. expected: the accepted values in words. choices: all accepted values, if few."""

    name: str
    type: Any
    help: str
    expected: str
    choices: tuple[str, ...] = ()


_HELP: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "optimizer": ("The rule by which the weights are changed.", "", OPTIMIZERS),
    "learning_rate": ("The size of a step of the optimizer, at the start.", "above 0 and at most 1", ()),
    "batch_size": ("The number of digits in one step of the optimizer.", "1 to 10,000", ()),
    "epochs": ("How often the training digits are gone through.", "1 to 1,000", ()),
    "schedule": (
        "How the learning rate changes: 'constant', or 'cosine' for a fall to a hundredth of it at the last batch.",
        "",
        SCHEDULES,
    ),
    "validation_digits": (
        "The number of training digits held out for validation. The epoch that predicts them best is kept.",
        "1 to 30,000",
        (),
    ),
    "seed": ("The start of all random numbers.", "0 to 4,294,967,295", ()),
    "width": ("A factor on the sizes of the hidden layers.", "0.1 to 8", ()),
    "augmentation": (
        "The strength by which each digit is distorted, differently in each epoch. 0 leaves it as it is.",
        "0 to 3",
        (),
    ),
    "handwriting": ("The fraction of an epoch's digits that our own generator writes.", "0 to below 1", ()),
    "out_of_distribution": ("The fraction of an epoch's samples that are no digits.", "0 to below 1", ()),
    "teacher": ("The name of a run whose probabilities are learned instead of the labels.", "text", ()),
    "distillation_temperature": ("The temperature of the teacher's probabilities.", "1 to 100", ()),
    "repeats": ("The number of epochs for which a prepared epoch of digits is used.", "1 to 1,000", ()),
    "label_smoothing": (
        "The fraction of the target probability that is spread over all ten digits.",
        "0 to below 1",
        (),
    ),
    "normalisation": ("Whether batch normalisation acts in training.", "true or false", ()),
    "dropout": ("The fraction of features that are left out at random in training.", "0 to below 1", ()),
    "weight_decay": (
        "The fraction of each weight, times the learning rate, that each step subtracts.",
        "0 to below 1",
        (),
    ),
    "ema_epochs": (
        "The epochs over which an exponential moving average of the weights is taken. 0 for none.",
        "0 to the number of epochs",
        (),
    ),
    "calibrated": (
        "Whether a temperature, fitted on validation digits, is folded into the last layer.",
        "true or false",
        (),
    ),
    "precision": ("The arithmetic in training. 'fastest' suits the processor.", "", PRECISIONS),
    "data": ("The digits to train and test with.", "mnist, offline or FILE.npz", ()),
    "fraction": ("The fraction of the training digits that is used.", "0.005 to 1", ()),
    "early_stopping": (
        "The number of epochs without a better one after which the training ends. 0 for never.",
        "0 to 1,000",
        (),
    ),
}

SETTINGS: dict[str, Setting] = {
    field.name: Setting(
        field.name, field.type, _HELP[field.name][0], _HELP[field.name][1] or "one of its choices", _HELP[field.name][2]
    )
    for field in fields(TrainingConfig)
    if field.name in _HELP
}
"""Each setting by its name."""
