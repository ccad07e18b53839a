"""The picked runs whose predictions for the test digits can be shown."""

from mnist_core.errors import DigitDuelError
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.parts.cached_runs import test_predictions
from pages.parts.messages import show_warning


def with_predictions(picked: list[Run]) -> tuple[dict[str, Run], dict[str, TestPredictions]]:
    """The runs and their predictions, both by name and in the order of picking.

    A run whose file is damaged is named and left out.
    """
    runs, stored = {}, {}
    for run in picked:
        try:
            stored[run.name] = test_predictions(run)
            runs[run.name] = run
        except DigitDuelError as error:
            show_warning(error)
    return runs, stored
