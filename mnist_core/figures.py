"""Grids of digits and pictures for files, as plain Matplotlib figures. Charts on pages are in charts.py.

>>> figure = mistakes_grid(digits, labels, probabilities)   # doctest: +SKIP
>>> figure.savefig("mistakes.png")                          # doctest: +SKIP
"""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLUMNS = 10
LARGEST = 60
"""Mistakes on one figure."""


def mistakes_grid(digits: NDArray[np.float32], labels: NDArray[np.integer], probabilities: NDArray[np.floating], *, title: str = "") -> Figure:
    """The worst mistakes: wrong digits, the surest first, each with 'true → read' and how sure.

    digits: (n, 28, 28) in 0..1. labels: (n,). probabilities: (n, 10). At most 60 are shown. Without any mistake the figure says so.
    """
    read = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != labels)
    worst = wrong[np.argsort(-probabilities[wrong, read[wrong]], kind="stable")][:LARGEST]
    rows = max(1, -(-len(worst) // COLUMNS))
    figure = Figure(figsize=(COLUMNS, 1.25 * rows + 0.6), dpi=100, layout="constrained")
    figure.suptitle(f"{title}: {len(wrong):,} wrong of {len(labels):,}" if len(wrong) else f"{title}: not one mistake")
    for place, axes in enumerate(figure.subplots(rows, COLUMNS, squeeze=False).flat):
        axes.axis("off")
        if place < len(worst):
            index = worst[place]
            axes.imshow(digits[index], cmap="gray_r", vmin=0, vmax=1)
            axes.set_title(f"{labels[index]} → {read[index]}  {probabilities[index].max():.0%}", fontsize=8)
    return figure
