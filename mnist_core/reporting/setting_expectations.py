"""What to expect from each setting that the form of the page Train offers, in one line.

>>> EXPECTATIONS["learning_rate"]
'Higher learns faster and may not settle; lower is steadier and needs more epochs.'
"""

EXPECTATIONS = {
    "width": "Larger is usually more accurate, slower to train and slower to predict.",
    "epochs": "More epochs help at first. Later the training digits are learned by heart, and validation stands still.",
    "optimizer": "Both end close to each other. Adam is usually quicker in the first epochs.",
    "schedule": "Falling settles better at the end and often gains a tenth of a percent.",
    "learning_rate": "Higher learns faster and may not settle; lower is steadier and needs more epochs.",
    "batch_size": "Smaller learns more in each epoch, but its epochs take longer; larger gives smoother curves.",
    "augmentation": "More copes better with digits that people draw, and needs more epochs. Above 1 learning is hard.",
    "fraction": "Fewer digits train faster and are less accurate: the model learns them by heart.",
    "early_stopping": "Saves time once nothing improves. Too low, it ends before a late gain.",
    "precision": "Faster training; the accuracy changes by no more than with another seed.",
}
"""By the name of the setting, as in `mnist_core.runs.recipes.SETTINGS`."""
