"""What every training needs, whatever its settings: TensorFlow, Keras and MNIST, made ready before anybody asks."""

import os
import sys
from threading import Thread

from mnist_core.cli.standard_input import yield_to_others
from mnist_core.data.datasets import MNIST, DigitSet, has_mnist, load_digit_set
from mnist_core.errors import DatasetError


class Preparation:
    """A process that has got ready and waits for its training.

    mnist: MNIST's digits; None if they are not on this machine.
    """

    def __init__(self) -> None:
        self.mnist: DigitSet | None = None
        self._work = Thread(target=self._prepare, name="preparation", daemon=True)

    def name_from_standard_input(self) -> str:
        """Get ready, and wait for a line with the name of the run.

        If standard input closes first, this process ends: the program that started it is gone, or needs no training.
        """
        yield_to_others()
        self._work.start()
        name = sys.stdin.readline()
        if not name:
            os._exit(0)
        self._work.join()
        return name.strip()

    def _prepare(self) -> None:
        from mnist_core.training.trainer import train  # noqa: F401 the training imports it again, at no cost
        from mnist_core.training.warm_up import warm_up

        if has_mnist():
            try:
                self.mnist = load_digit_set(MNIST)
            except DatasetError:  # the training says so, if it needs them
                self.mnist = None
        warm_up()
