"""Measures how well runs predict corrupted digits.

>>> results = measure_robustness([load_run("cnn-robust")], load_mnist().test)     # doctest: +SKIP
>>> results[0].mean.fraction                                                      # doctest: +SKIP
0.9

Each corrupted digit is made once and predicted by all runs. The test digits decide nothing: no training and no choice
may depend on these figures.
"""

from collections.abc import Callable, Sequence

import numpy as np

from mnist_core.data.datasets import Split
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS, corrupted
from mnist_core.models.classifier import Classifier
from mnist_core.runs.corruption_results import CorruptionResults
from mnist_core.runs.run import Run


def measure_robustness(
    runs: Sequence[Run], test: Split, *, on_cell: Callable[[str, int], None] = lambda key, strength: None
) -> list[CorruptionResults]:
    """Measure runs on all digits of `test` at all corruptions and strengths. The results are in the order of the runs.

    With MNIST's 10,000 test digits it takes some minutes. on_cell: is called after each of the 75 steps.
    Raises RunError if a model cannot be read.
    """
    classifiers = [Classifier(run.model_path) for run in runs]
    indices = np.arange(len(test))
    incorrect = np.empty((len(runs), len(CORRUPTIONS), len(STRENGTHS), len(test)), bool)
    for row, corruption in enumerate(CORRUPTIONS.values()):
        for column, strength in enumerate(STRENGTHS):
            digits = Split(corrupted(test.images, indices, corruption, strength=strength), test.labels)
            for place, classifier in enumerate(classifiers):
                predicted = classifier.probabilities(digits.pixels()).argmax(axis=1)
                incorrect[place, row, column] = predicted != test.labels
            on_cell(corruption.key, strength)
    return [CorruptionResults(each) for each in incorrect]
