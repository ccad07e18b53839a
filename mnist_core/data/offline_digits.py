"""The digits that scikit-learn brings along, for a machine without MNIST and without a network.

>>> digits = load_offline()
>>> digits.train.images.shape, digits.test.images.shape, digits.name
((1437, 28, 28), (360, 28, 28), 'offline')
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.data.digit_set import DigitSet, as_bytes
from mnist_core.data.preprocessing import from_ink

OFFLINE = "offline"
"""The name of the data set in settings and in runs."""

OFFLINE_TEST = 360
"""The last digits of the set are for testing. They come in the order of their writers, so most have other writers."""


def load_offline() -> DigitSet:
    """Scikit-learn's 1,797 digits of 8 x 8 pixels, brought to 28 x 28 the way MNIST was made.

    They are the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning
    Repository, 1998).
    """
    from sklearn.datasets import load_digits  # takes a second to import, and MNIST does not need it

    images, labels = load_digits(return_X_y=True)
    digits = np.stack([as_bytes(from_ink(_enlarged(image.reshape(8, 8) / 16))) for image in images])
    labels = labels.astype(np.uint8)
    return DigitSet.from_arrays(
        {
            "x_train": digits[:-OFFLINE_TEST],
            "y_train": labels[:-OFFLINE_TEST],
            "x_test": digits[-OFFLINE_TEST:],
            "y_test": labels[-OFFLINE_TEST:],
        },
        name=OFFLINE,
    )


def _enlarged(ink: NDArray[np.float64]) -> NDArray[np.float32]:
    """Five times as large and smooth, so that the old pixels do not show as steps. ink: (8, 8) in 0..1."""
    large = Image.fromarray(ink.astype(np.float32)).resize((40, 40), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32).clip(0, 1)
