"""Made-up measurements on corrupted digits, for tests."""

import numpy as np

from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS
from mnist_core.runs.corruption_results import CorruptionResults


def made_up_results(count: int, *, fraction: float = 0.2, seed: int = 0) -> CorruptionResults:
    """Results on `count` digits, of which about that fraction is incorrect, more at higher strengths."""
    random = np.random.default_rng(seed).random((len(CORRUPTIONS), len(STRENGTHS), count))
    return CorruptionResults(random < fraction * np.linspace(0.5, 1.5, len(STRENGTHS))[:, None])
