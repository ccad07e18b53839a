"""The settings of a training in the words of the form: labels and values, for tables that compare runs.

>>> label("learning_rate"), label("somebody_s_setting")
('Learning rate', 'Somebody s setting')
>>> shown("teacher", "cnn-robust"), shown("teacher", "")
('taught by cnn-robust', '–')
"""

from typing import Any

from mnist_core.data.datasets import digit_set_title
from mnist_core.formatting import percent, setting

LABELS = {
    "architecture": "Model",
    "recipe": "Recipe",
    "width": "Size of the hidden layers",
    "epochs": "Epochs, at most",
    "optimizer": "Optimizer",
    "schedule": "Learning rate over time",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "augmentation": "Augmentation",
    "fraction": "Fraction of the digits",
    "early_stopping": "Patience, in epochs",
    "data": "Digits to learn from",
    "training digits": "Training digits",
    "validation_digits": "Validation digits",
    "seed": "Seed",
    "teacher": "Teacher",
    "distillation_temperature": "Temperature of the teacher",
    "handwriting": "Generated handwriting",
    "pen_fraction": "Strokes of real pens",
    "pens": "Pen strokes from",
    "initial_run": "Begins with the weights of",
    "initial_fraction": "Of the weights that it began with",
    "out_of_distribution": "Samples that are no digits",
    "repeats": "Epochs that share prepared digits",
    "label_smoothing": "Label smoothing",
    "normalisation": "Batch normalisation",
    "dropout": "Dropout",
    "weight_decay": "Weight decay",
    "ema_epochs": "Epochs of the moving average",
    "calibrated": "Calibrated afterwards",
    "precision": "Arithmetic",
}
"""The form's own labels; the settings that the form lacks have a label alike."""

SCHEDULES = {"cosine": "falling (cosine)", "constant": "constant"}
"""The form's words for what the learning rate does."""

FRACTIONS = (
    "fraction",
    "handwriting",
    "pen_fraction",
    "initial_fraction",
    "out_of_distribution",
    "label_smoothing",
    "dropout",
)


def label(name: str) -> str:
    """The label of a setting. A name that is not known here becomes words."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def shown(name: str, value: Any) -> str:
    """The value of a setting, as the form shows it."""
    if name == "teacher" and isinstance(value, str) and value:
        return f"taught by {value}"
    if name in FRACTIONS and isinstance(value, float) and 0 <= value <= 1:
        return percent(value, digits=0) if value else "none"
    if name == "schedule":
        return SCHEDULES.get(value, setting(value)) if isinstance(value, str) else setting(value)
    if name == "data" and isinstance(value, str):
        return digit_set_title(value)
    return setting(value)
