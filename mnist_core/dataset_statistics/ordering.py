"""The order in which digits are shown, and the names of digits in links.

>>> features = np.array([[0.2, 0, 0, 0], [0.1, 0, 0, 0], [0.1, 0, 0, 0]])
>>> arranged(np.array([3, 1, 3]), features, digit=3, order="Least ink").tolist()
[2, 0]
>>> parsed_name("test-947", train=60000, test=10000)
('test', 947)
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.dataset_statistics.features import FEATURES

BY_INDEX = "Number"
ORDERS = {BY_INDEX: None} | {
    word: (number, sign)
    for number, feature in enumerate(FEATURES)
    for word, sign in ((feature.low_word, 1), (feature.high_word, -1))
}
"""For each order the column of its feature, and 1 if the smallest comes first or -1 if the largest does."""


def arranged(
    labels: NDArray[np.integer], features: NDArray[np.floating[Any]], *, digit: int | None = None, order: str = BY_INDEX
) -> NDArray[np.intp]:
    """Indices of the digits to show, in order.

    labels: (n,), 0..9. features: (n, 4), see `features.measured`. digit: if given, only digits with this label.
    order: a key of ORDERS.
    """
    chosen = np.arange(len(labels)) if digit is None else np.flatnonzero(labels == digit)
    by = ORDERS[order]
    if by is None:
        return chosen
    column, sign = by
    return chosen[np.argsort(sign * features[chosen, column].astype(np.float32), kind="stable")]


def name_of(split: str, index: int) -> str:
    """The name of a digit in links: 'train-12' or 'test-947'."""
    return f"{split}-{index}"


def parsed_name(name: str | None, *, train: int, test: int) -> tuple[str, int] | None:
    """The split and the index of a digit by its name, or None if there is no such digit.

    train, test: how many digits each split has.
    """
    found = re.fullmatch(r"\s*(train|test)(?:-|#|\s+#?)(\d{1,6})\s*", name or "", re.IGNORECASE | re.ASCII)
    if not found:
        return None
    split, index = found[1].lower(), int(found[2])
    return (split, index) if index < {"train": train, "test": test}[split] else None
