"""Lists, loads and tries damaged copies of the shipped runs, in a process of its own: a crash of it is a failure.

    python -m tests.abuse.damaged_run_check FOLDER FIRST COUNT SEED

Prints the number of each case before it is tried, and at the end how many of the runs could still be used.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from mnist_core.errors import DigitDuelError
from mnist_core.models.browser_format import to_browser
from mnist_core.models.classifier import Classifier
from mnist_core.models.weights import read_network
from mnist_core.runs.file_format import load_history
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.run import Run
from mnist_core.runs.store import list_runs
from tests.abuse.mutations import damaged
from tests.pages.runs_on_disk import SHIPPED

FILES = ("model.tflite", "model.tflite", "run.json", "history.json", "test_predictions.npz")
"""The files that are damaged, the model more often."""

USES: tuple[Callable[[Run], object], ...] = (
    lambda run: Classifier(run.model_path).predict(np.zeros((28, 28), np.float32)),
    lambda run: to_browser(read_network(run.model_path)),
    load_history,
    load_test_predictions,
)
"""What the pages do with a run."""


def main() -> None:
    """Try the cases."""
    folder, first, count, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    usable = 0
    for case in range(first, first + count):
        print(case, flush=True)
        random = np.random.default_rng([seed, case])
        source = SHIPPED / str(random.choice(["mlp-specified", "cnn-robust"]))
        file = str(random.choice(FILES))
        # A name of its own for each, because files are remembered by their path.
        run = folder / f"run-{case}"
        run.mkdir()
        for path in source.iterdir():
            if path.is_file() and path.name != file:
                (run / path.name).symlink_to(path)
        (run / file).write_bytes(damaged((source / file).read_bytes(), random))
        whole, broken = list_runs(folder)
        assert len(whole) + len(broken) == 1, "the run is listed neither as whole nor as damaged"
        assert all(each.reason for each in broken)
        for found in whole:
            usable += 1
            for use in USES:
                with suppress(DigitDuelError):
                    use(found)
        for path in run.iterdir():
            path.unlink()
        run.rmdir()
    print("usable", usable)


if __name__ == "__main__":
    main()
