"""The exponential moving average of a network's weights.

The averaged weights usually classify better than the weights after any single batch (B. Polyak, A. Juditsky,
"Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30, 1992).
"""

import numpy as np

from mnist_core.training.backend import keras
from mnist_core.training.validation import Weights


class EMA(keras.callbacks.Callback):  # type: ignore[misc]
    """Averages the weights while Keras trains, so that the average is what is validated and kept.

    At the end of an epoch the model holds the average. The next epoch continues with the weights themselves. So this
    callback must come before the ProgressReporter in the list of callbacks. Keras calls back once in a group of
    batches, which is often enough for the average.
    """

    def __init__(self, batches: float) -> None:
        """batches: the time constant. After so many batches the weight of an old value has fallen by a factor of e."""
        super().__init__()
        self._time_constant = batches
        self._batches_seen = 0
        self._last_batch = -1
        self._average: Weights = []
        self._latest: Weights = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._last_batch = -1
        if self._latest:
            self.model.set_weights(self._latest)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        passed = batch - self._last_batch
        self._last_batch = batch
        self._batches_seen += passed
        # The plain mean of the first batches lets the average forget the random initial weights soon.
        fraction = max(1 - np.exp(-passed / self._time_constant), min(1.0, 2 * passed / self._batches_seen))
        weights = self.model.get_weights()
        self._average = [
            old + np.float32(fraction) * (new - old) for old, new in zip(self._average or weights, weights, strict=True)
        ]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._latest = self.model.get_weights()
        self.model.set_weights(self._average)
